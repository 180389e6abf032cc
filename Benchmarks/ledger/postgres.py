"""The peer: PostgreSQL with a synchronous standby on loopback; both have flushed a commit before it counts."""

import os
import pwd
import re
import subprocess
import time
from pathlib import Path

from rig.processes import free_port

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "on",
    # A commit returns when the standby has flushed it too.
    "synchronous_commit": "on",
    "shared_buffers": "256MB",
    "max_connections": "150",
    "max_wal_size": "4GB",
}


class PostgreSQL:
    """A primary and its standby in a folder of their own; both end with `terminate`."""

    def __init__(self, folder):
        self.folder = folder
        self.programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        self.ports = {name: free_port() for name in ("primary", "standby")}
        folder.mkdir()
        if os.getuid() == 0:
            os.chown(folder, pwd.getpwnam("postgres").pw_uid, pwd.getpwnam("postgres").pw_gid)

    def start(self):
        self._run("initdb", "-D", self.folder / "primary", "-U", "postgres", "-A", "trust", "-k")
        self._launch("primary")
        address = f"host=127.0.0.1 port={self.ports['primary']} user=postgres application_name=standby"
        self._run("pg_basebackup", "-D", self.folder / "standby", "-R", "-c", "fast", "-d", address)
        self._launch("standby")
        self._ask("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
        self._ask("SELECT pg_reload_conf()")
        deadline = time.monotonic() + 30
        while self._ask("SELECT sync_state FROM pg_stat_replication") != "sync":
            if time.monotonic() > deadline:
                raise RuntimeError("the standby does not become synchronous")
            time.sleep(0.1)
        self._ask("CREATE TABLE anchors (id bigserial PRIMARY KEY, payload bytea NOT NULL)")
        # As they are: neither compressed nor moved out of the row.
        self._ask("ALTER TABLE anchors ALTER payload SET STORAGE PLAIN")
        return self

    def terminate(self):
        for name in ("standby", "primary"):
            if (self.folder / name / "postmaster.pid").exists():
                self._run("pg_ctl", "-m", "fast", "-w", "-D", self.folder / name, "stop")

    def commits(self, payload, clients, seconds):
        """(commits a second, mean latency in ms) of clients that insert one row of so many bytes in each."""
        script = self.folder / "insert.sql"
        script.write_text("INSERT INTO anchors (payload) VALUES (:payload);\n")
        output = self._run(
            "pgbench", "-h", "127.0.0.1", "-p", self.ports["primary"], "-U", "postgres", "-n", "-M", "prepared",
            "-f", script, "-c", clients, "-j", 2, "-T", seconds,
            "-D", "payload=\\x" + os.urandom(payload).hex(), "postgres",
        )
        rate = float(re.search(r"tps = ([0-9.]+)", output).group(1))
        latency = float(re.search(r"latency average = ([0-9.]+) ms", output).group(1))
        return rate, latency

    # Details

    def _launch(self, name):
        settings = " ".join(f"-c {key}={value}" for key, value in (SETTINGS | {"port": self.ports[name]}).items())
        options = f"-k {self.folder} {settings}"
        self._run("pg_ctl", "-w", "-D", self.folder / name, "-l", self.folder / f"{name}.log", "-o", options, "start")

    def _ask(self, command):
        return self._run(
            "psql", "-h", "127.0.0.1", "-p", self.ports["primary"], "-U", "postgres", "-At", "-c", command, "postgres"
        ).strip()

    def _run(self, name, *words):
        # PostgreSQL refuses to run as root.
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--inh-caps=-all"]
        prefix = user if os.getuid() == 0 else []
        command = [*prefix, str(self.programs / name), *map(str, words)]
        # Servers keep what they inherit: a file, not a pipe that would never end.
        output = self.folder.parent / "postgres.out"
        with open(output, "wb") as file:
            code = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, cwd=self.folder
            ).returncode
        text = output.read_text(errors="replace")
        if code != 0:
            raise RuntimeError(f"{name}: {text[-2000:]}")
        return text

"""Debian's PostgreSQL in a directory of its own, on a Unix socket and nothing else."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from .processes import Process

DATABASE = "wardline"


class PostgreSQL(Process):
    """A server with one empty database, with the settings that a center wants (fsync and full pages, checksums)."""

    def __init__(self, folder):
        """The log is in `folder`; the data are in a directory that the account postgres can reach."""
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(folder / "postgresql.log")
        self.programs = _programs()
        self.folder = Path(tempfile.mkdtemp(prefix="wardline-pg-"))
        self.data = self.folder / "data"
        # initdb and postgres refuse to run as root.
        self.prefix = []
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
            self.prefix = [
                "setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--inh-caps=-all", "--pdeathsig", "INT",
            ]
        self.connection_file = folder / "postgres.conninfo"
        self.connection_file.touch(mode=0o600)
        self.connection_file.write_text(f"host={self.folder} user=postgres dbname={DATABASE}\n")

    def start(self, seconds=60):
        """Makes the database when there is none, starts the server and waits until it takes connections."""
        is_new = not self.data.exists()
        if is_new:
            self._run(self.programs / "initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-k")
        super().start([*self.prefix, self.programs / "postgres", "-D", self.data, "-k", self.folder, "-c", "listen_addresses="])
        deadline = time.monotonic() + seconds
        while self._ask("SELECT 1", "postgres").returncode != 0:
            if not self.is_running() or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL does not start; see {self.log}:\n{self.log_tail()}")
            time.sleep(0.1)
        if is_new:
            self._run(self.programs / "createdb", "-h", self.folder, "-U", "postgres", DATABASE)
        return self

    def terminate(self, seconds=60):
        """Ends it in order, whoever is connected, and takes its directory away."""
        # SIGTERM would wait for every client.
        self.send(signal.SIGINT)
        code = super().terminate(seconds) if self.child else None
        shutil.rmtree(self.folder, ignore_errors=True)
        return code

    def query(self, sql):
        """The lines of a query's answer."""
        result = self._ask(sql, DATABASE)
        if result.returncode != 0:
            raise RuntimeError(f"{sql}: {result.stderr}")
        return result.stdout.splitlines()

    # Details

    def _ask(self, sql, database):
        words = [self.programs / "psql", "-h", self.folder, "-U", "postgres", "-d", database, "-A", "-t", "-X", "-c", sql]
        return subprocess.run([str(word) for word in words], capture_output=True, text=True)

    def _run(self, *words):
        result = subprocess.run([*self.prefix, *map(str, words)], capture_output=True, text=True, cwd="/")
        if result.returncode != 0:
            raise RuntimeError(f"{words[0]}: {result.stderr or result.stdout}")


def _programs():
    """The newest server's programs."""
    folders = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit() and (path / "initdb").exists()]
    if not folders:
        raise SystemExit("PostgreSQL is missing: run scripts/setup first")
    return max(folders, key=lambda path: int(path.parent.name))

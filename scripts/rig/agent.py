"""A `wardline agent` with its own configuration and state directory."""

import http.client
import json
import secrets
import ssl
import subprocess
import time
import urllib.error
import urllib.request

from .paths import DEVICES, program
from .processes import Process, free_port


class Agent(Process):
    """The agent under test; `start` and `kill` may alternate as often as one likes."""

    def __init__(self, folder, broker, client="wardline-agent", sink=None, state=None, bytes_max="10GiB", free_min="64MiB", with_sink=True, uplink="", share_identity=None, devices=DEVICES, name="gw-test", shared_group=None, pseudonym_key=None):
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(folder / "agent.log")
        self.folder = folder
        self.broker = broker
        self.client = client
        self.state = state or folder / "state"
        self.state.mkdir(mode=0o700, exist_ok=True)
        self.sink = sink or folder / "observations.ndjson"
        self.with_sink = with_sink
        self.uplink = uplink
        self.bytes_max = bytes_max
        self.devices = devices
        self.name = name
        self.shared_group = shared_group
        self.pseudonym_key = pseudonym_key or folder / "pseudonym.key"
        self.free_min = free_min
        self.http_port = free_port()
        self.share_identity = share_identity
        self.share_port = free_port() if share_identity else None
        self.configuration = folder / "agent.yaml"
        self._write_keys()
        self.configuration.write_text(self._yaml())

    # Running

    def start(self, hold_normalization=False):
        """Starts the agent and returns at once."""
        command = [program("wardline"), "agent", "--config", self.configuration]
        if hold_normalization:
            command.append("--hold-normalization")
        return super().start(command)

    def wait_until_ready(self, seconds=60):
        """Returns when /readyz says yes."""
        self._wait(lambda: self.http("/readyz")[0] == 200, seconds, "ready")

    def wait_until_unready(self, seconds=120):
        """Returns when /readyz says no, for example because the disk is full."""
        self._wait(lambda: self.http("/readyz")[0] == 503, seconds, "unready")

    def wait_until_drained(self, seconds=600, quiet=3.0):
        """Returns the counters when nothing has come for `quiet` seconds and nothing waits for normalization."""
        deadline = time.monotonic() + seconds
        seen, since = None, time.monotonic()
        while time.monotonic() < deadline:
            self._check_alive()
            stats = self.stats()
            if stats["received"] != seen or stats["backlogMessages"] > 0:
                seen, since = stats["received"], time.monotonic()
            elif time.monotonic() - since >= quiet:
                return stats
            time.sleep(0.25)
        raise RuntimeError(f"the agent is not drained after {seconds} s: {self.stats()}")

    def wait_until_delivered(self, seconds=600):
        """Returns the counters when everything is sealed and the privacy centers have receipted it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._check_alive()
            stats = self.stats()
            if stats["unsealedObservations"] == 0 and stats["outboxEnvelopes"] == 0 and stats["heldObservations"] == 0:
                return stats
            time.sleep(0.25)
        raise RuntimeError(f"the agent has not delivered after {seconds} s: {self.stats()}")

    def wait_until_anchored(self, seconds=60):
        """Returns the counters when no delivered envelope waits for its anchor."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._check_alive()
            stats = self.stats()
            if stats["waitingForAnchor"] == 0:
                return stats
            time.sleep(0.25)
        raise RuntimeError(f"the agent has not anchored after {seconds} s: {self.stats()}\n{self.log_tail()}")

    # Asking

    def http(self, path):
        """(status, text); status 0 while nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.http_port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()
        except OSError:
            return 0, ""

    def share(self, path, body=None):
        """(status, text) of the interface for share requests; status 0 while nobody answers."""
        context = ssl.create_default_context(cafile=str(self.share_identity / "current" / "roots.pem"))
        headers = {"content-type": "application/octet-stream"} if body is not None else {}
        request = urllib.request.Request(f"https://localhost:{self.share_port}{path}", data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, context=context, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, ""

    def share_requests(self):
        """What became of every share request, from the database itself: the agent need not run."""
        return [json.loads(line) for line in self.command("spool", "share-requests", "--json").splitlines()]

    def metric(self, name):
        """The sum of a metric over its labels; None while there is none."""
        values = [
            float(line.rsplit(" ", 1)[1])
            for line in self.http("/metrics")[1].splitlines()
            if line.startswith((name + " ", name + "{"))
        ]
        return sum(values) if values else None

    def stats(self):
        """The spool's counters, from the database itself: the agent need not run."""
        return json.loads(self.command("spool", "stats", "--json"))

    def export(self):
        """The lines of `wardline spool export`."""
        with open(self.log, "ab") as log:
            words = [program("wardline"), "spool", "export", "--config", str(self.configuration)]
            with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log) as child:
                yield from child.stdout
        if child.returncode != 0:
            raise RuntimeError(f"spool export ended with {child.returncode}; see {self.log}")

    def command(self, *words):
        """The output of a `wardline` command on this agent's configuration."""
        full = [program("wardline"), *map(str, words), "--config", str(self.configuration)]
        result = subprocess.run(full, capture_output=True, text=True)
        if result.returncode != 0:
            raise RuntimeError(f"{' '.join(full)}: {result.stderr or result.stdout}")
        return result.stdout

    # Details

    def _wait(self, condition, seconds, what):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._check_alive()
            if condition():
                return
            time.sleep(0.02)
        raise RuntimeError(f"the agent is not {what} after {seconds} s; see {self.log}:\n{self.log_tail()}")

    def _check_alive(self):
        if not self.is_running():
            raise RuntimeError(f"the agent ended with {self.child.returncode}:\n{self.log_tail()}")

    def _write_keys(self):
        for key in (self.folder / "spool.key", self.pseudonym_key):
            if key.parent != self.folder and key.exists():
                # Of all agents of the institution.
                continue
            key.touch(mode=0o600)
            key.write_bytes(secrets.token_bytes(32))

    def _yaml(self):
        return f"""\
version: 1
agent: {{id: {self.name}}}
state_directory: {self.state}
spool:
  master_key_file: {self.folder}/spool.key
  bytes_max: {self.bytes_max}
  free_bytes_min: {self.free_min}
  retention_hours: 72
patients: {{pseudonym_key_file: {self.pseudonym_key}}}
devices: [{self.devices}]
brokers:
  - host: 127.0.0.1
    port: {self.broker.port}
    protocol: 5
    client_id: {self.client}
{self._shared()}\
{self._tls()}\
    subscriptions: [{{filter: "ward/#", qos: 1}}]
    receive_maximum: 1024
{self._sinks()}\
{self.uplink}\
{self._share()}\
http: {{listen: "127.0.0.1:{self.http_port}"}}
log: {{level: info, format: text}}
"""

    def _share(self):
        if not self.share_identity:
            return ""
        return f"share: {{listen: '127.0.0.1:{self.share_port}', identity: {self.share_identity}}}\n"

    def _shared(self):
        return f"    shared_group: {self.shared_group}\n" if self.shared_group else ""

    def _sinks(self):
        return f"sinks: [{{type: ndjson, name: out, path: {self.sink}}}]\n" if self.with_sink else ""

    def _tls(self):
        certificates = self.broker.certificates
        if not certificates:
            return ""
        return f"""\
    tls:
      ca_file: {certificates.authority}
      certificate_file: {certificates.certificate("wardline-agent")}
      key_file: {certificates.key("wardline-agent")}
"""

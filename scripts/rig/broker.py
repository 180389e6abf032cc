"""A real mosquitto on a free loopback port with the shipped queue limits."""

import os
import shutil

from .paths import MOSQUITTO_FILES
from .processes import Process, free_port, wait_for_port


class Broker(Process):
    """Mosquitto with the shipped configuration: TLS and access rules if given certificates, else plain and open."""

    def __init__(self, folder, certificates=None):
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(folder / "mosquitto.log")
        self.folder = folder
        self.port = free_port()
        self.certificates = certificates
        self.configuration = folder / "mosquitto.conf"
        self.configuration.write_text(self._configuration())

    def start(self):
        super().start([_mosquitto(), "-c", self.configuration])
        wait_for_port(self.port, self)
        return self

    def restart(self):
        """A planned restart: mosquitto writes its sessions to disk before it ends."""
        self.terminate()
        self.start()

    def simulator_options(self):
        """How wardline-sim reaches this broker."""
        options = ["--port", self.port]
        if self.certificates:
            options += [
                "--tls-ca", self.certificates.authority,
                "--tls-certificate", self.certificates.certificate("ward-bridge"),
                "--tls-key", self.certificates.key("ward-bridge"),
            ]
        return options

    def _configuration(self):
        queues = (MOSQUITTO_FILES / "10-wardline-queues.conf").read_text()
        user = "user root\n" if os.geteuid() == 0 else ""
        place = f"persistence_location {self.folder}/\nlog_dest stderr\n"
        return user + place + queues + self._listener()

    def _listener(self):
        if not self.certificates:
            return f"\nallow_anonymous true\nlistener {self.port} 127.0.0.1\n"
        rules = self.folder / "wardline.acl"
        shutil.copy(MOSQUITTO_FILES / "wardline.acl", rules)
        rules.chmod(0o600)
        text = (MOSQUITTO_FILES / "20-wardline-listener.conf").read_text()
        for shipped, here in [
            ("listener 8883", f"listener {self.port} 127.0.0.1"),
            ("/etc/mosquitto/certs", str(self.certificates.folder)),
            ("/etc/mosquitto/wardline.acl", str(rules)),
        ]:
            text = text.replace(shipped, here)
        return "\n" + text


def _mosquitto():
    path = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if not path:
        raise SystemExit("mosquitto is missing: run scripts/setup first")
    return path

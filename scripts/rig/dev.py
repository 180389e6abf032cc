"""`wardline dev`: a whole consortium as child processes, and what one asks of it."""

import re

from .consortium import Institution
from .paths import program
from .processes import Process, free_ports


class Server:
    """A party's server as others see it."""

    def __init__(self, name, url, folder):
        self.name = name
        self.url = url
        self.folder = folder


class Dev(Process, Institution):
    """Runs `wardline dev`; every party has a folder of its own below `folder`."""

    organization = "dev"

    def __init__(self, folder, validators=4):
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(folder / "dev.log")
        self.folder = folder / "parties"
        self.validator_count = validators
        self.base_port = free_ports(20 * (validators + 4))
        self.genesis = self.folder / "genesis.wlg"
        self.owner = self.identity("custodian")
        self.custodian_directory = self.folder / "custodian" / "state"
        self.centers = []
        self.validators = []
        self.custodian = None

    def identity(self, party):
        return self.folder / party / "identity"

    def start(self, seconds=120):
        """Starts all parties; returns when each of them serves."""
        self.log.write_bytes(b"")
        options = ["--dir", self.folder, "--validators", self.validator_count, "--base-port", self.base_port]
        super().start([program("wardline"), "dev", *options])
        self._wait_until_up(seconds)
        return self

    # The chain

    def chain_yaml(self):
        """The `chain` section of an agent's configuration."""
        urls = "".join(f"    - '{node.url}'\n" for node in self.validators)
        return f"chain:\n  genesis: {self.genesis}\n  validators:\n{urls}  window_seconds: 2\n"

    def chain(self, *words):
        """The output of `wardline chain …` as the operator asks the validators."""
        options = ["--identity", self.identity("operator-1"), "--genesis", self.genesis]
        for node in self.validators:
            options += ["--validator", node.url]
        return self._wardline("chain", *words, *options)

    # Details

    def _wait_until_up(self, seconds):
        """Reads who serves where from what the command says."""
        self.wait_for_line("All keys are in one hand", seconds)
        servers = re.findall(r"^  (\S+) +(https://\S+) +(\S+)$", self.log.read_text(), re.MULTILINE)
        known = {name: Server(name, url, folder) for name, url, folder in servers}
        self.custodian = known["custodian"]
        self.centers = [server for name, server in known.items() if name.startswith("privacy-center-")]
        self.validators = [server for name, server in known.items() if name.startswith("validator-")]


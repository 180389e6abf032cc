"""`wardline dev`: a whole consortium as child processes, and what one asks of it."""

import json
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

    def __init__(self, folder, validators=4, ceremony=False, names=None, relays=0, relay_chain=False, allies=(), centers=1, cache=None):
        """With `ceremony` the consortium makes keys of policy proofs, which takes minutes of both processors.

        `allies` are consortia whose certificates this chain accepts too; `names` the chain's and those of who runs the
        servers, whose data it is and who asks for it; `relays` gateways and as many attesters are enrolled; a relay chain has
        an authority, validators and three governors only; `cache` is `limits.cache_bytes` of the validators in MiB.
        """
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(folder / "dev.log")
        self.folder = folder / "parties"
        self.validator_count = validators
        self.holds_ceremony = ceremony
        self.relays = relays
        self.is_relay_chain = relay_chain
        self.allies = list(allies)
        names = {"chain": "wardline-dev", "operators": "dev", "hospital": "hospital-a", "institute": "institute-b"} | (names or {})
        self.names = names
        self.center_organization, self.hospital, self.institute = names["operators"], names["hospital"], names["institute"]
        self.base_port = free_ports(20 * (validators + 8 + centers))
        self.center_count = centers
        self.cache = cache
        self.genesis = self.folder / "genesis.wlg"
        self.parameters = self.folder / "parameters.wly"
        self.owner = self.identity("custodian")
        self.custodian_directory = self.folder / "custodian" / "state"
        self.centers = []
        self.validators = []
        self.custodian = None

    def identity(self, party):
        return self.folder / party / "identity"

    @property
    def pseudonym_issuer(self):
        """The public side of the pseudonym authority."""
        return self.folder / "pseudonym-ca" / "state" / "issuer.json"

    def enroll(self):
        """Makes authority and identities, so that others can make this consortium their ally."""
        self.wardline("dev", *self._options(), "--enroll-only")

    def start(self, seconds=120, absent=()):
        """Starts all parties but the `absent`; returns when each of them serves."""
        self.log.write_bytes(b"")
        others = [word for party in absent for word in ("--absent", party)]
        super().start([program("wardline"), "dev", *self._options(), *others])
        self._wait_until_up(seconds)
        return self

    def _options(self):
        options = ["--dir", self.folder, "--validators", self.validator_count, "--base-port", self.base_port]
        for option, name in self.names.items():
            options += [f"--{option}", name]
        options += ["--relays", self.relays, "--centers", self.center_count]
        if self.cache:
            options += ["--validator-cache", self.cache]
        for ally in self.allies:
            options += ["--ally", ally.folder]
        if self.is_relay_chain:
            options.append("--relay-chain")
        elif not self.holds_ceremony:
            options.append("--without-ceremony")
        return options

    # The chain

    def chain_yaml(self):
        """The `chain` section of an agent's configuration."""
        urls = "".join(f"    - '{node.url}'\n" for node in self.validators)
        return f"chain:\n  genesis: {self.genesis}\n  validators:\n{urls}  window_seconds: 2\n"

    def chain(self, *words, party="operator-1"):
        """The output of `wardline chain …` as a party asks the validators."""
        return self.wardline("chain", *words, "--identity", self.identity(party), *self.chain_options())

    def heights(self):
        """Of the channels, as the first validator has them."""
        options = ["--identity", self.identity("operator-1"), "--validator", self.validators[0].url]
        line = self.wardline("chain", "status", "--json", *options).splitlines()[0]
        return {channel["channel"]: channel["height"] for channel in json.loads(line)["status"]["channels"]}

    def chain_options(self):
        """Which chain a command believes, and whom it asks."""
        options = ["--genesis", self.genesis]
        for node in self.validators:
            options += ["--validator", node.url]
        return options

    # Sharing

    def scopes(self):
        """The custodian's scopes of data: digest, epoch and label."""
        words = ["scope", "list", "--identity", self.owner, "--directory", self.custodian_directory, "--json"]
        scopes = [json.loads(line) for line in self.wardline(*words).splitlines()]
        return [scope for scope in scopes if not scope["label"].endswith((".epoch-keys", ".accounts"))]

    def receive_words(self, grant, output, *options, receiver="researcher-1"):
        """The words of `wardline receive`."""
        return ["receive", "--identity", self.identity(receiver), "--grant", grant, "--output", output, *options]

    # Details

    def _wait_until_up(self, seconds):
        """Reads who serves where from what the command says."""
        self.wait_for_line("All keys are in one hand", seconds)
        servers = re.findall(r"^  (\S+) +(https://\S+) +(\S+)$", self.log.read_text(), re.MULTILINE)
        known = {name: Server(name, url, folder) for name, url, folder in servers}
        self.custodian = known.get("custodian")
        self.centers = [server for name, server in known.items() if name.startswith("privacy-center-")]
        self.validators = [server for name, server in known.items() if name.startswith("validator-")]

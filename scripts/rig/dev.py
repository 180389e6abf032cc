"""`wardline dev`: a whole consortium as child processes, and what one asks of it."""

import json
import re
import secrets
import time

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

    # Who runs the servers, whose data it is, and who asks for it.
    center_organization = "dev"
    hospital = "hospital-a"
    institute = "institute-b"

    def __init__(self, folder, validators=4, ceremony=False):
        """With `ceremony` the consortium makes keys of policy proofs, which takes minutes of both processors."""
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(folder / "dev.log")
        self.folder = folder / "parties"
        self.validator_count = validators
        self.holds_ceremony = ceremony
        self.base_port = free_ports(20 * (validators + 9))
        self.genesis = self.folder / "genesis.wlg"
        self.parameters = self.folder / "parameters.wly"
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
        if not self.holds_ceremony:
            options.append("--without-ceremony")
        super().start([program("wardline"), "dev", *options])
        self._wait_until_up(seconds)
        return self

    # The chain

    def chain_yaml(self):
        """The `chain` section of an agent's configuration."""
        urls = "".join(f"    - '{node.url}'\n" for node in self.validators)
        return f"chain:\n  genesis: {self.genesis}\n  validators:\n{urls}  window_seconds: 2\n"

    def chain(self, *words, party="operator-1"):
        """The output of `wardline chain …` as a party asks the validators."""
        return self.wardline("chain", *words, "--identity", self.identity(party), *self._chain_options())

    def _chain_options(self):
        options = ["--genesis", self.genesis]
        for node in self.validators:
            options += ["--validator", node.url]
        return options

    # Sharing

    def scopes(self):
        """The custodian's scopes of data: digest, epoch and label."""
        words = ["scope", "list", "--identity", self.owner, "--directory", self.custodian_directory, "--json"]
        scopes = [json.loads(line) for line in self.wardline(*words).splitlines()]
        return [scope for scope in scopes if not scope["label"].endswith(".epoch-keys")]

    def permit(self, scope, policy, requester="researcher-1", decider="steward-1", days=7):
        """Has a requester ask for a scope and a steward permit it; the permission's identifier.

        Both calls are the contract's canonical bytes: `docs/spec` and the contract's sources say what is in them.
        """
        digest = json.loads(self.wardline("policy", "lint", policy, "--json"))["digest"]
        request, now = secrets.token_hex(32), int(time.time() * 1000)
        asked = request + scope["digest"] + digest + _text(self.hospital) + _text("study")
        asked += secrets.token_hex(32) + f"{now + 3_600_000:016x}"
        self._submit("request", asked, requester)
        permitted = self._submit("permit", request + f"{now + days * 86_400_000:016x}", decider)
        events = json.loads(self.chain("tx", permitted, "--channel", "access", "--raw", "--json"))["events"]
        # The event carries the permission, its identifier first.
        return next(event["data"] for event in events if event["topic"] == "access.permitted")[:64]

    def grant(self, permission, receiver, output):
        """The owner grants what a permission is for; what the command says."""
        certificate = self.identity(receiver) / "current" / "certificate.wlc"
        words = [
            "owner", "grant", "--identity", self.owner, "--directory", self.custodian_directory, "--permission", permission,
            "--receiver-certificate", certificate, "--output", output, *self._chain_options(),
        ]
        for center in self.centers:
            words += ["--privacy-center", center.url]
        return self.wardline(*words)

    def request_key(self, permission, grant, sender, output, requester="researcher-1"):
        """The requester gets the key of the gateway's data in the granted scope from all issuing parties."""
        return self.wardline(
            "ibe", "request", "--identity", self.identity(requester), "--parameters", self.parameters, "--permission",
            permission, "--grant", grant, "--sender", sender, "--output", output,
        )

    def receive_words(self, grant, output, *options, receiver="researcher-1"):
        """The words of `wardline receive`."""
        return ["receive", "--identity", self.identity(receiver), "--grant", grant, "--output", output, *options]

    def _submit(self, method, arguments, party):
        words = ["submit", "--channel", "access", "--contract", "access", "--method", method, "--arguments-hex", arguments]
        return self.chain(*words, party=party).strip()

    # Details

    def _wait_until_up(self, seconds):
        """Reads who serves where from what the command says."""
        self.wait_for_line("All keys are in one hand", seconds)
        servers = re.findall(r"^  (\S+) +(https://\S+) +(\S+)$", self.log.read_text(), re.MULTILINE)
        known = {name: Server(name, url, folder) for name, url, folder in servers}
        self.custodian = known["custodian"]
        self.centers = [server for name, server in known.items() if name.startswith("privacy-center-")]
        self.validators = [server for name, server in known.items() if name.startswith("validator-")]


def _text(text):
    """A text in canonical bytes: its length in 32 bits, then UTF-8."""
    return len(text.encode()).to_bytes(4, "big").hex() + text.encode().hex()


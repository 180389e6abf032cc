"""A chain: its validators as processes of their own, founded and asked with the commands that an operator gives."""

import json
import ssl
import subprocess
import time
import urllib.error
import urllib.request

from .consortium import ORGANIZATION, Consortium, Node
from .paths import program
from .processes import free_port, wait_for_port

CHANNELS = ("access", "index")
GOVERNOR = "governor-1"


class Validator(Node):
    """`wardline node` in the role validator. `prefix` goes before its command, as `ip netns exec NAME` does."""

    def __init__(self, folder, number, identity, host="127.0.0.1"):
        self.number = number
        self.identity = identity
        self.host = host
        self.peer_port = free_port()
        self.directory = folder / "state"
        self.prefix = []
        self.binary = None
        super().__init__(folder, f"validator-{number}", free_port(), "")

    @property
    def party(self):
        return f"{ORGANIZATION}:validator:{self.name}"

    @property
    def url(self):
        return f"https://{'localhost' if self.host == '127.0.0.1' else self.host}:{self.port}"

    def configure(self, genesis, peers, options=""):
        """Writes node.yaml; options are further lines of its section, such as `block_interval_ms: 20`."""
        listed = "".join(
            f"    - {{number: {peer.number}, name: '{peer.party}', address: '{peer.host}:{peer.peer_port}'}}\n"
            for peer in peers
            if peer is not self
        )
        further = "".join(f"  {line}\n" for line in options.splitlines())
        self.configuration.write_text(
            f"version: 1\nvalidator:\n  identity: {self.identity}\n  directory: {self.directory}\n"
            f"  genesis: {genesis}\n  number: {self.number}\n  listen: '{self.host}:{self.port}'\n"
            f"  peers_listen: '{self.host}:{self.peer_port}'\n  peers:\n{listed}{further}"
            "log: {level: info, format: text}\n"
        )

    def launch(self):
        """Starts it and waits for nothing."""
        command = [self.binary or program("wardline"), "node", "run", "--config", self.configuration]
        # Not Node.start, which waits.
        super(Node, self).start([*self.prefix, *command])
        return self

    def start(self):
        """Starts it and waits until its interface listens; it may still be catching up then."""
        self.launch()
        if not self.prefix:
            wait_for_port(self.port, self, seconds=60)
        return self

    def restart(self):
        """Ends it in order and starts it again."""
        self.terminate()
        return self.start()

    def crash(self):
        """kill -9 and a new start."""
        self.kill()
        return self.start()


class Chain:
    """Four or more validators with their genesis, in one folder. The consortium's authority has to run."""

    def __init__(self, consortium, validators=4, name="rig", parameters=(), options="", threshold=None):
        """`parameters` are of the chain, as "block.transactions_max=500"; `options` are lines of node.yaml."""
        self.consortium = consortium
        self.folder = consortium.folder / "chain"
        self.name = name
        self.options = options
        self.genesis = self.folder / "genesis.wlg"
        self.governor = consortium.enroll("operator", GOVERNOR)
        self.validators = [self._validator(number) for number in range(1, validators + 1)]
        self._found(parameters, threshold)
        for validator in self.validators:
            validator.configure(self.genesis, self.validators, options)

    @classmethod
    def alone(cls, folder, **options):
        """A chain with no servers besides, but an authority; `terminate` ends that too."""
        consortium = Consortium(folder, centers=0)
        consortium.authority.start()
        return cls(consortium, **options)

    # Running

    def start(self, seconds=60):
        """Starts all validators and waits until all of them are ready."""
        for validator in self.validators:
            validator.launch()
        for validator in self.validators:
            if not validator.prefix:
                wait_for_port(validator.port, validator, seconds=seconds)
        self.wait_until_ready(seconds=seconds)
        return self

    def terminate(self):
        """Ends the validators, and the authority when nothing else of the consortium runs."""
        for validator in self.validators:
            validator.terminate()
        if self.consortium.custodian is None:
            self.consortium.authority.terminate()

    def validator(self, number):
        return next(validator for validator in self.validators if validator.number == number)

    def add(self, number):
        """One more validator with keys and a configuration, of which the governors do not know yet."""
        validator = self._validator(number)
        self._keygen(validator)
        self.validators.append(validator)
        for each in self.validators:
            each.configure(self.genesis, self.validators, self.options)
        return validator

    @property
    def urls(self):
        return [validator.url for validator in self.validators]

    # Asking

    def request(self, validator, path, identity=None, method="GET", body=None, seconds=40):
        """(status, bytes) of a request under an identity, the governor's without."""
        identity = identity or self.governor
        context = ssl.create_default_context(cafile=str(identity / "current" / "roots.pem"))
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(identity / "current" / "tls.crt", identity / "current" / "tls.key")
        context.check_hostname = validator.host == "127.0.0.1"
        request = urllib.request.Request(validator.url + path, data=body, method=method)
        if body is not None:
            request.add_header("Content-Type", "application/octet-stream")
        try:
            with urllib.request.urlopen(request, context=context, timeout=seconds) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read()

    def status(self, validator):
        """The document of /v1/status; None when it does not answer."""
        try:
            code, body = self.request(validator, "/v1/status", seconds=5)
        except OSError:
            return None
        return json.loads(body) if code == 200 else None

    def channel(self, validator, channel):
        """The part of the status about one channel; None when it does not answer."""
        status = self.status(validator)
        return next((part for part in status["channels"] if part["channel"] == channel), None) if status else None

    def is_ready(self, validator):
        try:
            return self.request(validator, "/readyz", seconds=5)[0] == 200
        except OSError:
            return False

    def heights(self, channel):
        """The last block of every validator by number; None for one that does not answer."""
        parts = {each.number: self.channel(each, channel) for each in self.validators}
        return {number: part["height"] if part else None for number, part in parts.items()}

    def leader(self, channel):
        """The number of the validator that most of them take for the leader."""
        parts = [self.channel(each, channel) for each in self.validators]
        leaders = [part["leader"] for part in parts if part]
        return max(sorted(set(leaders)), key=leaders.count)

    def wait_until(self, condition, what, seconds=60):
        """Asks again until the condition holds; its value."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            value = condition()
            if value:
                return value
            self._require_running()
            time.sleep(0.05)
        raise RuntimeError(f"{what}: not within {seconds} s; {json.dumps([self.status(v) for v in self.validators])}")

    def wait_until_ready(self, validators=None, seconds=60):
        """Returns when these validators are ready, all without."""
        chosen = list(validators or self.validators)
        self.wait_until(lambda: all(map(self.is_ready, chosen)), "the validators are ready", seconds)

    def wait_for_height(self, channel, height, validators=None, seconds=60):
        """Returns when these validators have the block, all without."""
        chosen = list(validators or self.validators)

        def have():
            parts = [self.channel(each, channel) for each in chosen]
            return all(part and part["height"] >= height for part in parts)

        self.wait_until(have, f"block {height} of {channel}", seconds)

    def wait_until_level(self, validators=None, seconds=60):
        """Returns (channel -> height) when these validators have the same last blocks on both channels.

        Only of a chain to which nobody submits."""
        chosen = list(validators or self.validators)

        def level():
            statuses = [self.status(each) for each in chosen]
            if not all(statuses):
                return None
            tips = [{part["channel"]: (part["height"], part["block"]) for part in each["channels"]} for each in statuses]
            return {name: tip[0] for name, tip in tips[0].items()} if all(tip == tips[0] for tip in tips) else None

        return self.wait_until(level, "all have the same last blocks", seconds)

    def require_agreement(self, validators=None):
        """Requires that no two of them have different blocks; the number of blocks compared."""
        chosen = list(validators or self.validators)
        compared = 0
        for channel in CHANNELS:
            lowest = min(self.channel(each, channel)["height"] for each in chosen)
            for height in range(1, lowest + 1):
                path = f"/v1/channels/{channel}/blocks/{height}"
                # A certificate may have other signers elsewhere; the block may not have other bytes.
                found = {first_part(self.request(each, path)) for each in chosen}
                if len(found) != 1:
                    raise RuntimeError(f"block {height} of {channel} differs")
                compared += 1
        return compared

    # Commands

    def wardline(self, *words, identity=None, online=True):
        """What `wardline chain WORDS` prints, with this chain's genesis, and its validators unless offline."""
        full = [program("wardline"), "chain", *map(str, words), "--genesis", str(self.genesis)]
        if online:
            full += ["--identity", str(identity or self.governor)]
            for url in self.urls:
                full += ["--validator", url]
        return _run(full)

    def submit(self, contract, method, arguments=b"", channel="access", identity=None):
        """Calls a method and waits for its block; the transaction's identifier."""
        words = ["submit", "--contract", contract, "--method", method, "--channel", channel]
        return self.wardline(*words, "--arguments-hex", arguments.hex(), identity=identity).strip()

    def post(self, validator, transaction, wait=10_000, identity=None):
        """(status, bytes) of a transaction's own bytes at one validator."""
        return self.request(validator, f"/v1/transactions?wait={wait}", identity, "POST", transaction)

    def export(self, channel, output):
        """Writes a channel to a file and checks all of it offline; the report."""
        self.wardline("export", "--channel", channel, "--output", output)
        return json.loads(self.wardline("verify", output, "--json", online=False))

    def verifies(self, export):
        """Whether `wardline chain verify` finds an exported file good; it must say why not."""
        words = [str(word) for word in (program("wardline"), "chain", "verify", export, "--genesis", self.genesis)]
        result = subprocess.run(words, capture_output=True, text=True)
        if result.returncode not in (0, 1) or result.returncode == 1 and not result.stderr:
            raise RuntimeError(f"{' '.join(words)} ended with {result.returncode}: {result.stderr}")
        return result.returncode == 0

    # Details

    def _validator(self, number):
        identity = self.consortium.enroll("validator", f"validator-{number}", "--host", "localhost")
        return Validator(self.folder / f"validator-{number}", number, identity)

    def _keygen(self, validator):
        _run([
            program("wardline"), "chain", "keygen", "--identity", validator.identity, "--directory",
            validator.directory, "--number", validator.number,
        ])

    def _found(self, parameters, threshold):
        words = [program("wardline"), "chain", "init", "--chain", self.name, "--output", self.genesis]
        for validator in self.validators:
            self._keygen(validator)
            words += ["--member", validator.directory / "member.wlm"]
        words += ["--issuer", self.governor / "current" / "authority.json"]
        words += ["--governor", f"{ORGANIZATION}:operator:{GOVERNOR}"]
        for parameter in parameters:
            words += ["--parameter", parameter]
        if threshold:
            words += ["--threshold", threshold]
        _run(words)

    def _require_running(self):
        for validator in self.validators:
            if validator.has_ended_by_itself():
                raise RuntimeError(f"{validator.name} ended by itself:\n{validator.log_tail()}")


def first_part(answer):
    """The block of an answer with `LP(block) || LP(certificate)`."""
    status, body = answer
    if status != 200:
        raise RuntimeError(f"{status}: {body[:300]!r}")
    return body[4 : 4 + int.from_bytes(body[:4], "big")]


def _run(words):
    words = [str(word) for word in words]
    result = subprocess.run(words, capture_output=True, text=True)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: {result.stderr or result.stdout}")
    return result.stdout

"""An institution whose chain has an EVM: a researcher with an account asks there, an owner of data is asked there."""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rig.alliances import HUB  # noqa: E402
from rig.consortium import Consortium  # noqa: E402
from rig.paths import program  # noqa: E402
from rig.sharing import Sharing  # noqa: E402

from evm.alliance import DEPTH, NAME  # noqa: E402


def account_file(folder, alliances, key):
    """What `wardline` is told of an account on the chain."""
    path = folder / f"{key.path.name}.yaml"
    path.write_text(
        f"version: 1\nhub: {HUB}\nname: {NAME}\nevm:\n  url: '{alliances.evm.url}'\n  chain_id: {alliances.chain_id}\n"
        f"  broker: '{alliances.evm.broker}'\n  depth: {DEPTH}\n  request_seconds: 120\n  key_file: {key.path}\n"
    )
    return path


class AccountVisitor(Sharing):
    """A researcher who asks an alliance over a chain with an EVM, in the name of an account."""

    def __init__(self, alliances, key, certified, chain, folder):
        """`certified`: the alliance that knows her, whose certificates the asked `chain` accepts."""
        super().__init__(chain.dev, folder)
        self.identity = certified.dev.identity("researcher-1")
        self.home = account_file(folder, alliances, key)

    def request(self, name, *words, requester="researcher-1"):
        # By the older name of --chain, which stays good.
        return super().request(name, *words, "--via", self.home, requester=requester)

    def _as(self, requester):
        return ["--consortium", self.consortium, "--identity", self.identity]


class Owner:
    """Somebody with data, a certified key and an account; no server of its own."""

    ORGANIZATION = "demo"

    def __init__(self, alliances, key, folder):
        self.alliances, self.key = alliances, key
        self.west = Consortium(folder)
        self.west.authority.start()
        self.identity = self.west.enroll("custodian", "records", "--host", "localhost")
        self.file = account_file(folder, alliances, key)
        hub = alliances.hub
        hub.dev.wardline(
            "key", "ally", "add", HUB, "--directory", self.identity, "--roots", hub.roots(), "--organization",
            hub.dev.center_organization,
        )
        alliances.offer(key.address.lower())

    @property
    def service(self):
        return f"{HUB}:{NAME}:{self.key.address.lower()}"

    @property
    def certificate(self):
        return self.identity / "current" / "certificate.wlc"

    @property
    def issuer(self):
        return self.identity / "current" / "authority.json"

    def terminate(self):
        self.west.terminate()

    def dataset(self, path):
        return self.west.wardline("share", "account", "dataset", path).strip()

    def _options(self, requesters):
        issuers = [
            word for dev in requesters
            for word in (
                "--issuer", dev.identity("researcher-1") / "current" / "authority.json",
                "--pseudonym-issuer", dev.pseudonym_issuer,
            )
        ]
        return ["--account", self.file, "--identity", self.identity, *issuers, *self.alliances.hub.dev.chain_options()]

    def inbox(self, source, requesters):
        """Requests that wait: exchange, data set, purpose, who, until when."""
        words = ["share", "account", "inbox", "--from", source, *self._options(requesters)]
        return [line.split("\t") for line in self.west.wardline(*words).splitlines()]

    def answer(self, exchange, requesters, *words):
        return self.west.wardline("share", "account", "answer", exchange, *words, *self._options(requesters))


def run(*words):
    """A command that may fail."""
    return subprocess.run([program("wardline"), *map(str, words)], capture_output=True, text=True, check=False)

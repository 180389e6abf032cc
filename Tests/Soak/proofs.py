#!/usr/bin/env python3
"""Policy proofs over a whole consortium of real processes, from the ceremony to a permission, and what must be refused.

`wardline dev` holds its setup ceremony, which takes minutes, and registers the circuit. A researcher gets a credential from
the authority, an owner sets a policy for a scope, the researcher proves it and is permitted. Then the same proof again,
proofs whose parts belong elsewhere, and a revoked credential: each refused, with the reason that the contract has for it. One
line of JSON; exit code 1 if anything was taken that must not be, or refused for another reason.
"""

import argparse
import json
import re
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from rig.dev import Dev  # noqa: E402
from rig.paths import program  # noqa: E402
from rig.processes import exit_on_sigterm  # noqa: E402

POLICY = "role:researcher"


def main():
    exit_on_sigterm()
    parser = argparse.ArgumentParser(prog="scripts/soak --proofs", description=__doc__.splitlines()[0])
    parser.add_argument("--ceremony-seconds", type=int, default=1_800, help="how long the ceremony may take")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wardline-proofs-") as folder:
        dev = Dev(Path(folder), ceremony=True)
        try:
            report = Proofs(dev, Path(folder)).run(arguments.ceremony_seconds)
        finally:
            dev.terminate()
    print(json.dumps(report), flush=True)
    return 0 if report["ok"] else 1


class Proofs:
    """One consortium and what a researcher does with it."""

    def __init__(self, dev, folder):
        self.dev = dev
        self.folder = folder
        self.credential = folder / "researcher.credential"
        self.path = folder / "path.json"
        self.scope = secrets.token_hex(32)
        self.refusals = {}

    def run(self, ceremony_seconds):
        self.dev.start()
        started = time.monotonic()
        self.dev.wait_for_line("policy proofs: keys in", ceremony_seconds)
        seconds = time.monotonic() - started
        self.circuit = re.search(r"policy proofs: keys in \S+, circuit (\S+)", self.dev.log.read_text())[1]
        self.keys = self.dev.folder / "proof-keys"
        self._wardline("credential", "request", "--identity", self._identity, "--output", self.credential)
        self._read_path()
        self._set_policy()
        first, proof, permitted = self._permitted(0)
        _, _, second = self._permitted(1)
        self._refuse_reused(first, proof)
        self._refuse_foreign_parts(proof)
        self._refuse_unsatisfied()
        self._refuse_revoked()
        unexpected = {name: text for name, (text, wanted) in self.refusals.items() if not re.search(wanted, text)}
        return {
            "ceremonySeconds": round(seconds, 1),
            "circuit": self.circuit,
            "permissions": [permitted, second],
            "refusals": {name: text.splitlines()[-1] for name, (text, _) in self.refusals.items()},
            "unexpected": unexpected,
            "ok": bool(permitted and second) and permitted != second and not unexpected,
        }

    # What succeeds

    def _read_path(self):
        self._wardline("credential", "path", "--credential", self.credential, "--output", self.path, *self._as("researcher-1"))

    def _set_policy(self):
        self._wardline(
            "zk", "policy", "set", "--policy", POLICY, "--circuit", self.circuit, "--permission-seconds", 86_400, "--scope",
            self.scope, *self._as("custodian"),
        )

    def _statement(self, slot, scope=None):
        statement = self.folder / f"statement-{secrets.token_hex(4)}.json"
        self._wardline(
            "zk", "statement", "--path", self.path, "--scope", scope or self.scope, "--slot", slot, "--output", statement,
            *self._as("researcher-1"),
        )
        return statement

    def _prove(self, statement, policy=POLICY):
        proof = self.folder / f"proof-{secrets.token_hex(4)}.json"
        digest = json.loads((self.keys / "keys.json").read_text())["proving_key"]
        self._wardline(
            "zk", "prove", "--credential", self.credential, "--path", self.path, "--policy", policy, "--proving-key",
            self.keys / "proving.key", "--proving-key-digest", digest, "--statement", statement, "--output", proof,
        )
        return proof

    def _permitted(self, slot):
        statement = self._statement(slot)
        proof = self._prove(statement)
        return statement, proof, self._wardline(*self._request_words(statement, proof)).strip()

    # What is refused

    def _refuse_reused(self, statement, proof):
        self._refuse("the same proof again", r"\b827\b", *self._request_words(statement, proof))
        statement = self._statement(0)
        self._refuse("a slot again", r"\b827\b", *self._request_words(statement, self._prove(statement)))

    def _refuse_foreign_parts(self, proof):
        """A proof of one request in another, and one with a changed byte."""
        statement = self._statement(2)
        self._refuse("another request's proof", "another request", *self._request_words(statement, proof))
        good = self._prove(statement)
        changed = json.loads(good.read_text())
        digit = changed["proof"][100]
        changed["proof"] = changed["proof"][:100] + ("0" if digit != "0" else "1") + changed["proof"][101:]
        good.write_text(json.dumps(changed))
        self._refuse("a changed proof", r"\b84[0-4]\b", *self._request_words(statement, good))

    def _refuse_unsatisfied(self):
        statement = self._statement(3)
        proof = self.folder / "unsatisfied.json"
        self._refuse(
            "attributes that do not satisfy", "UNSATISFIED", "zk", "prove", "--credential", self.credential, "--path",
            self.path, "--policy", "role:steward", "--proving-key", self.keys / "proving.key", "--statement", statement,
            "--output", proof,
        )

    def _refuse_revoked(self):
        """The leaf is taken out of the tree; a proof under the root before is refused, and there is no other."""
        statement = self._statement(4)
        proof = self._prove(statement)
        state = self.dev.folder / "authority" / "state"
        self._wardline(
            "ca", "credentials", "revoke", "--directory", state, "--party", "institute-b:researcher:researcher-1",
            "--reason", "mistake",
        )
        # The running authority brings the revocation to the chain within seconds.
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            listed = self._wardline("ca", "credentials", "list", "--directory", state)
            if listed.startswith("ended"):
                break
            time.sleep(0.5)
        self._refuse("a revoked credential", r"\b823\b", *self._request_words(statement, proof))

    def _refuse(self, name, wanted, *words):
        """Notes what a command says that must fail; `wanted` is an expression that the reason matches."""
        result = subprocess.run([program("wardline"), *map(str, words)], capture_output=True, text=True)
        said = (result.stderr or result.stdout).strip()
        if result.returncode == 0:
            said = f"taken: {said}"
            wanted = r"\Z\A"
        self.refusals[name] = (said, wanted)

    # Details

    @property
    def _identity(self):
        return self.dev.identity("researcher-1")

    def _request_words(self, statement, proof):
        return [
            "zk", "request", "--statement", statement, "--proof", proof, "--policy", POLICY, "--circuit", self.circuit, "--org",
            "hospital-a", "--purpose", "study", *self._as("researcher-1"),
        ]

    def _as(self, party):
        words = ["--identity", self.dev.identity(party), "--genesis", self.dev.genesis]
        for node in self.dev.validators:
            words += ["--validator", node.url]
        return words

    def _wardline(self, *words):
        return self.dev.wardline(*words)


if __name__ == "__main__":
    sys.exit(main())

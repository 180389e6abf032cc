#!/usr/bin/env python3
"""The demonstration behind scripts/demo."""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from rig.agent import Agent
from rig.broker import Broker
from rig.certificates import Certificates
from rig.consortium import POLICY
from rig.dev import Dev
from rig.paths import ROOT, program
from rig.processes import exit_on_sigterm
from rig.sharing import Sharing, circuit_of
from rig.ward import Ward

WARD = "icu-1"
BEDS = 10
RATE = 40
KILL_AFTER = 8
KEYWORD = "vital-signs"
ONCE_SECONDS = 20
VALIDATOR = [str(ROOT / ".build/venv/bin/python"), str(ROOT / "scripts/validate_fhir.py")]


def main():
    exit_on_sigterm()
    parser = argparse.ArgumentParser(prog="scripts/demo")
    parser.add_argument("--once", action="store_true", help="end after half a minute, with exit code 0 if all is well")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wardline-demo-") as folder, ExitStack() as stack:
        demo = Demo(Path(folder), stack)
        demo.start()
        demo.watch(ONCE_SECONDS if arguments.once else None)
        return 0 if demo.finish() else 1


class Demo:
    """A consortium, a broker, an agent and a ward for as long as the demonstration takes."""

    def __init__(self, folder, stack):
        print(f"Files of this demo: {folder}")
        self.folder = folder
        self.stack = stack
        self.broker = Broker(folder / "broker", Certificates(folder / "certificates"))
        self.consortium = Dev(folder / "consortium", ceremony=True)
        self.sharing = Sharing(self.consortium, folder / "institute-b")
        self.stack.callback(self.consortium.terminate)
        self.consortium.start()
        self.gateway = self.consortium.identity("gateway-1")
        uplink = self.consortium.uplink_yaml(self.gateway, parameters=self.consortium.parameters)
        uplink += self.consortium.chain_yaml()
        self.agent = Agent(folder / "agent", self.broker, uplink=uplink)
        self.ward = Ward(folder, self.broker)
        self.epoch_keys = 0

    def start(self):
        """Starts everything and puts a patient into each bed but the last."""
        self.broker.start()
        self.stack.callback(self.broker.terminate)
        for bed in range(1, BEDS):
            self.agent.command("associate", "add", "--bed", f"{WARD}/{bed}", "--patient", f"demo-patient-{bed}")
        self.agent.start()
        self.stack.callback(self.agent.terminate)
        self.agent.wait_until_ready()
        self.ward.start(
            "--ward", WARD, "--beds", BEDS, "--dialects", "json,csv,hl7,senml,scalar", "--rate", RATE,
            "--broken-every", 100,
        )
        self.stack.callback(self.ward.terminate)
        print(f"Ward: {BEDS} monitors in five dialects on mqtts://127.0.0.1:{self.broker.port}, {RATE} messages/s")
        center = self.consortium.centers[0]
        print(f"Privacy center {center.url}, custodian {self.consortium.custodian.url}, each a process of its own")
        validators = ", ".join(node.url for node in self.consortium.validators)
        print(f"Chain of {len(self.consortium.validators)} validators: {validators}")
        print(f"Agent: http://127.0.0.1:{self.agent.http_port}/metrics, process {self.agent.pid}\n")

    def watch(self, seconds):
        """A line of counts each second; kill -9 once on the way. Until Ctrl-C if `seconds` is None."""
        print("   s  acknowledged    durable  normalized  observations  duplicates  dead letters")
        second = 0
        try:
            while seconds is None or second < seconds:
                time.sleep(1)
                second += 1
                self._show(second)
                if second == KILL_AFTER:
                    self._kill_and_restart()
        except KeyboardInterrupt:
            print()

    def finish(self):
        """Drains, checks the sums, validates every Observation and shows one reading's way."""
        self.ward.stop()
        stats = self.agent.wait_until_drained(120)
        delivered = self.agent.wait_until_delivered(120)
        anchored = self.agent.wait_until_anchored(60)
        self._show("end", stats)
        self.agent.terminate()
        observations = self.folder / "export.ndjson"
        with open(observations, "wb") as file:
            file.writelines(self.agent.export())
        checks = self._check_sums(stats) + [self._validate(observations)]
        checks += self._check_sealed(observations, delivered)
        checks.append(self._check_anchored(anchored))
        checks += self._check_shares()
        checks += self._show_way(observations)
        print()
        for passed, text in checks:
            print(f"{'ok  ' if passed else 'FAIL'} {text}")
        return all(passed for passed, _ in checks)

    def _kill_and_restart(self):
        print(f"      kill -9 {self.agent.pid} (the agent), and start it again")
        self.agent.kill()
        self.agent.start()

    def _acknowledged(self):
        with open(self.ward.ledger) as lines:
            return sum(1 for _ in lines)

    def _show(self, second, stats=None):
        stats = stats or self.agent.stats()
        durable = stats["received"] + stats["backlogMessages"] - stats["redelivered"]
        print(
            f"{second:>4}  {self._acknowledged():>12}  {durable:>9}  {stats['normalized']:>10}"
            f"  {stats['observations']:>12}  {stats['duplicate']:>10}  {stats['deadLettered']:>12}",
            flush=True,
        )

    def _check_sums(self, stats):
        """The equations that have to hold when everything is drained: each message has one fate."""
        acknowledged = self._acknowledged()
        durable = stats["received"] + stats["backlogMessages"] - stats["redelivered"]
        fates = stats["normalized"] + stats["deadLettered"] + stats["duplicate"] + stats["ignored"]
        return [
            (
                acknowledged == durable,
                f"{acknowledged} messages acknowledged to the monitors = {durable} durable in the spool",
            ),
            (
                stats["received"] == fates + stats["redelivered"],
                f"{stats['received']} received = {stats['normalized']} normalized + {stats['deadLettered']} dead letters"
                f" + {stats['duplicate']} duplicates + {stats['ignored']} ignored"
                f" + {stats['redelivered']} delivered again after the kill",
            ),
            (stats["observations"] > 0, f"{stats['observations']} observations"),
        ]

    def _validate(self, observations):
        result = subprocess.run([*VALIDATOR, str(observations)], capture_output=True, text=True)
        print(result.stdout, end="")
        return result.returncode == 0, f"independent validator: {result.stderr.strip()}"

    def _check_sealed(self, observations, delivered):
        """What the privacy center holds opens with the institution's keys alone, and is what was normalized."""
        opened = self.folder / "opened.ndjson"
        summary = self.consortium.open_envelopes(opened)
        # Each was handed to the owner in an envelope of its own, which has a receipt and no anchor.
        self.epoch_keys = summary["epochKeys"]
        with open(observations, "rb") as normalized, open(opened, "rb") as decrypted:
            equal = sorted(normalized) == sorted(decrypted)
        receipts = json.loads(self.agent.command("spool", "receipts", "--verify", "--json"))
        stolen = self._open_with_gateway_keys()
        labels = self.consortium.scope_labels()
        content = opened.read_text()
        return [
            (
                bool(labels) and not any(label.split(".")[0] in content for label in labels),
                f"{len(labels)} scope labels at the privacy center show no pseudonym",
            ),
            (
                equal and summary["observations"] > 0,
                f"{summary['envelopes']} envelopes at the privacy center, opened with the institution's keys:"
                f" {summary['observations']} observations, equal to the normalized ones",
            ),
            (
                receipts["failed"] == 0 and receipts["receipts"] == summary["envelopes"] + self.epoch_keys,
                f"{receipts['receipts']} receipts, all verified, {self.epoch_keys} of them for the owner's copies of"
                f" epoch keys ({delivered['outboxEnvelopes']} envelopes left in the outbox)",
            ),
            (stolen.returncode != 0, f"the gateway's own keys: {stolen.stderr.strip().splitlines()[-1]}"),
        ]

    def _open_with_gateway_keys(self):
        """What a thief of the gateway would try."""
        center = self.consortium.centers[0]
        words = [
            program("wardline"), "owner", "open", "--identity", str(self.gateway), "--directory",
            str(self.folder / "thief"), "--privacy-center", center.url, "--output", str(self.folder / "stolen.ndjson"),
        ]
        return subprocess.run(words, capture_output=True, text=True)

    def _check_anchored(self, anchored):
        expected = anchored["sealedEnvelopes"] - self.epoch_keys
        return (
            anchored["waitingForAnchor"] == 0 and anchored["anchoredEnvelopes"] == expected > 0,
            f"{anchored['anchoredEnvelopes']} envelopes anchored on the chain by {anchored['anchoredWindows']} transactions",
        )

    def _check_shares(self):
        """Hospital A publishes a data set; institute B finds and reads it, everything on the chain."""
        print("\nThe setup ceremony of the policy proofs (it takes a minute or two)", flush=True)
        sharing, circuit = self.sharing, circuit_of(self.consortium)
        dataset = sharing.publish(POLICY, KEYWORD, circuit)
        sharing.wait_for_index_keys(dataset, len(self.consortium.scopes()))
        return self._check_steward() + self._check_proof(dataset)

    def _check_steward(self):
        """A researcher asks in her own name, a steward approves, all parties give; nobody alone can read."""
        consortium, sharing = self.consortium, self.sharing
        scope = consortium.scopes()[0]
        sharing.request("steward", "--scope", scope["digest"], "--purpose", "study", "--identity-signed")
        waiting = json.loads(sharing.steward("queue", "--json"))["items"]
        sharing.steward("approve", waiting[0]["id"])
        fetched = sharing.fetch("steward", "--wait", "60")
        if fetched.returncode != 0:
            return [(False, f"a share that a steward approved: {fetched.stderr}")]
        folder, owned = sharing.folder / "steward", self.folder / "owned.ndjson"
        consortium.open_envelopes(owned, "--label", scope["label"], "--epoch", scope["epoch"])
        received = sharing.observations("steward")
        grant = folder / "scopes" / scope["digest"] / "grant.wlgf"
        without = subprocess.run(
            [program("wardline"), *map(str, consortium.receive_words(grant, self.folder / "locked.ndjson"))],
            capture_output=True, text=True,
        )
        return [
            (
                received == sorted(owned.read_bytes().splitlines()) and len(received) > 0,
                f"the researcher whom a steward permitted received {len(received)} observations of one stream, equal to those"
                " that the owner opened",
            ),
            (
                without.returncode != 0 and "identity key of hospital-a:gateway:gateway-1" in without.stderr
                and not (self.folder / "locked.ndjson").exists(),
                "without the identity's key: " + without.stderr.strip().splitlines()[-1],
            ),
            *self._check_collusion(grant, next((folder / "secrets").glob("identity-*.key"))),
        ]

    def _check_proof(self, dataset):
        """A researcher proves under a pseudonym that she may read, and reads; what she has can be checked offline."""
        sharing = self.sharing
        sharing.pseudonyms()
        credential = sharing.credential()
        print("\nA share between hospital A and institute B (wardline share)")
        found = sharing.catalog(KEYWORD)
        begun = time.monotonic()
        asked = sharing.request("share", "--dataset", dataset, "--purpose", "study", "--credential", credential)
        fetched = sharing.fetch("share", "--wait", "60")
        seconds = time.monotonic() - begun
        print(asked.stdout + asked.stderr + fetched.stdout + fetched.stderr, end="")
        if asked.returncode != 0 or fetched.returncode != 0:
            return [(False, f"the share between hospital and institute: {asked.stderr}{fetched.stderr}")]
        published = self.folder / "published.ndjson"
        self.consortium.open_envelopes(published)
        received = sharing.observations("share")
        trace = subprocess.run(
            [
                program("wardline"), "trace", "--offline", str(sharing.folder / "share"), "--genesis",
                str(self.consortium.genesis),
            ],
            capture_output=True, text=True,
        )
        print(trace.stdout + trace.stderr, end="")
        steps = trace.stdout.count(" verified ")
        seen = [entry for entry in sharing.audit("--seen") if "receiver_party" not in entry]
        return [
            (found == [dataset], f"institute B finds the data set by a keyword that the chain does not show: {dataset[:16]}…"),
            (
                received == sorted(published.read_bytes().splitlines()) and len(received) > 0,
                f"institute B proved its attributes under a pseudonym and received {len(received)} observations in"
                f" {seconds:.1f} s, equal to what hospital A's monitors published",
            ),
            (trace.returncode == 0 and steps > 0, f"wardline trace --offline confirms {steps} steps of the share from files alone"),
            (len(seen) > 0, f"wardline audit --seen: {len(seen)} deliveries to a pseudonym stand on the chain"),
        ]

    def _check_collusion(self, grant, key):
        """What the parties try with each other's secrets, one check for each kind of attempt."""
        command = [
            program("wardline-sim"), "collude", "--dir", self.consortium.folder, "--identity",
            self.consortium.identity("researcher-1"), "--grant", grant, "--identity-key", key,
        ]
        result = subprocess.run(list(map(str, command)), capture_output=True, text=True)
        findings = [json.loads(line) for line in result.stdout.splitlines()]
        names = {finding["name"] for finding in findings}
        tried = {
            "alone-kgc", "alone-issuing-center-1", "alone-issuing-center-2", "all-but-one", "all-issuers",
            "all-without-receiver", "receiver-without-key", "receiver-with-key", "gateway-alone", "validators-files",
            "validators-together", "validators-with-centers", "validators-with-centers-epoch-key",
            "centers-and-receiver-granted-scope", "centers-and-receiver-other-scopes", "centers-and-receiver-other-epoch",
            "centers-and-receiver-other-epoch-keys", "centers-and-receiver-owner", "centers-and-receiver-gateway",
        }
        checks = [(finding["passed"], finding["text"]) for finding in findings]
        if names != tried or (result.returncode == 0) != all(passed for passed, _ in checks):
            checks.append((False, f"attempts of colluding parties: {result.stderr.strip() or sorted(tried ^ names)}"))
        return checks

    def _show_way(self, observations):
        """One reading from its raw message to the Observation, to the chain, and back."""
        with open(observations) as lines:
            chosen = next((line for line in lines if "valueQuantity" in line and "WSM-" in line), None)
        if chosen is None:
            return [(False, "no reading to follow")]
        observation = json.loads(chosen)
        print("\nThe way of one reading: to the Observation")
        for extension in observation.get("extension", []) + observation.get("meta", {}).get("extension", []):
            value = next((v for k, v in extension.items() if k.startswith("value")), extension.get("extension"))
            print(f"  {extension.get('url')}: {json.dumps(value)}")
        print(json.dumps(observation, indent=2))
        print("\nThe way of one reading: to the chain (wardline trace)")
        print(self.agent.command("trace", observation["id"]), end="")
        report = json.loads(self.agent.command("trace", observation["id"], "--json"))
        block = next(step for step in report["steps"] if step["name"] == "block")["facts"]
        return [
            (True, f"the reading's way is proven from its message to block {block['height']} of channel index"),
            *self._check_elsewhere(block),
        ]

    def _check_elsewhere(self, block):
        """Somebody else, with nothing but the genesis, explores the block and checks chain and proof offline."""
        auditor = self.folder / "auditor"
        auditor.mkdir()
        chain = self.consortium.chain
        print("\nIts block (wardline chain block)")
        print(chain("block", block["height"], "--channel", "index"), end="")
        chain("tx", block["transaction"], "--channel", "index", "--proof", auditor / "proof", "--handovers", auditor / "handovers")
        chain("export", "--channel", "index", "--output", auditor / "index.wlx")
        shutil.copy(self.consortium.genesis, auditor / "genesis.wlg")
        self.consortium.terminate()
        return [
            self._verify(auditor, "the exported chain, offline in another directory", "index.wlx"),
            self._verify(
                auditor, "the transaction's proof, offline in another directory", "--proof", "proof", "--handovers", "handovers"
            ),
        ]

    @staticmethod
    def _verify(auditor, what, *words):
        command = [program("wardline"), "chain", "verify", *words, "--genesis", "genesis.wlg"]
        result = subprocess.run(command, cwd=auditor, capture_output=True, text=True)
        lines = (result.stdout + result.stderr).strip().splitlines()
        return result.returncode == 0, f"{what}: {lines[0] if lines else ''}"


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Loses the disk of a validator and of a privacy center, restores both, and verifies the result.

An agent delivers every envelope to two privacy centers. The first one is backed up while it runs, and goes on. Then its disk is
lost: kill -9, store and identity deleted. It is restored from the backup and the copy of its identity, scrubbed, started, and gets
what waited for it. What was delivered between backup and loss is missing there, no more and no less, and is at the second center.

Of four validators under load one loses its disk. A new one with new keys takes its place by a proposal, while the chain runs; both
channels are exported from the new one alone and verified from the genesis on. Then another one is killed: the chain goes on, which
it does only if the new one votes.

One line of JSON; exit code 1 if anything is not as docs/restore.md says.
"""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from rig.agent import Agent
from rig.broker import Broker
from rig.chain import CHANNELS, Chain
from rig.consortium import Consortium
from rig.paths import program
from rig.processes import exit_on_sigterm
from rig.ward import Ward

IDENTIFIER = re.compile(rb'"id":"([^"]+)"')


def main():
    exit_on_sigterm()
    parser = argparse.ArgumentParser(prog="scripts/restore-drill", description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=400, help="messages of each of four phases (default 400)")
    parser.add_argument("--folder", help="keep the files here")
    arguments = parser.parse_args()
    folder = Path(arguments.folder or tempfile.mkdtemp(prefix="wardline-restore-drill-"))
    folder.mkdir(parents=True, exist_ok=True)
    report = {"drill": "restore", "ok": False}
    started = time.monotonic()
    try:
        with ExitStack() as stack:
            consortium = Consortium(folder / "consortium", centers=2)
            stack.callback(consortium.terminate)
            consortium.start()
            report["privacyCenter"] = CenterDrill(folder, stack, consortium, arguments.messages).run()
            report["validator"] = ValidatorDrill(folder, stack, consortium).run()
        report["ok"] = True
    except (RuntimeError, OSError, ValueError, LookupError, subprocess.SubprocessError) as failure:
        report["error"] = f"{type(failure).__name__}: {failure}"
    report["seconds"] = round(time.monotonic() - started, 1)
    print(json.dumps(report), flush=True)
    if report["ok"] and not arguments.folder:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"  files: {folder}", file=sys.stderr)
    return 0 if report["ok"] else 1


def say(text):
    print(f"  {text}", file=sys.stderr, flush=True)


def require(condition, text):
    if not condition:
        raise RuntimeError(text)


def run(*words):
    """A command's result; it may fail."""
    return subprocess.run([program("wardline"), *map(str, words)], capture_output=True, text=True)


def good(*words):
    """The output of a command that must not fail."""
    result = run(*words)
    require(result.returncode == 0, f"wardline {' '.join(map(str, words))}: {result.stderr or result.stdout}")
    return result.stdout


class CenterDrill:
    """The first of two privacy centers loses its disk."""

    def __init__(self, folder, stack, consortium, messages):
        self.folder = folder
        self.consortium = consortium
        self.messages = messages
        self.sent = 0
        self.broker = Broker(folder / "broker")
        stack.callback(self.broker.terminate)
        self.broker.start()
        gateway = consortium.enroll("gateway", "gw-1")
        self.agent = Agent(folder / "agent", self.broker, uplink=consortium.uplink_yaml(gateway, copies=2))
        self.agent.start()
        stack.callback(self.agent.terminate)
        self.agent.wait_until_ready()

    def run(self):
        center = self.consortium.centers[0]
        identity = self.folder / "consortium/identity-cpc-1"
        store = self.folder / "consortium/cpc-1-store"
        apart = self.folder / "apart"
        apart.mkdir(mode=0o700)

        say("readings, and a backup while the center runs")
        self._publish()
        self.agent.wait_until_delivered()
        # docs/restore.md: the identity once, the store every day, on another machine.
        subprocess.run(["cp", "-a", identity, apart / "identity"], check=True)
        backup = apart / "center.wlb"
        good("node", "backup", "--config", center.configuration, backup)
        in_backup = self._opened(0, "backup")
        self._publish()
        self.agent.wait_until_delivered()
        before = self._opened(0, "before")

        say("the disk is lost, and readings go on")
        center.kill()
        shutil.rmtree(store)
        shutil.rmtree(identity)
        self._publish()

        say("restored by the documented steps")
        digest = hashlib.sha256(backup.read_bytes()).hexdigest()
        require(digest in Path(f"{backup}.sha256").read_text(), "the backup is not the one that was written")
        subprocess.run(["cp", "-a", apart / "identity", identity], check=True)
        restored = good("node", "restore", "--config", center.configuration, backup)
        require("nothing is damaged" in restored, restored)
        # Beside the restored copy nothing else may be found: a second restore is refused.
        require(run("node", "restore", "--config", center.configuration, backup).returncode != 0, "restored over a full store")
        center.start()
        self._publish()
        self.agent.wait_until_delivered()
        scrubbed = good("node", "scrub", "--config", center.configuration)
        require("nothing is damaged" in scrubbed, scrubbed)

        say("what is at both centers is counted")
        normalized = set(IDENTIFIER.findall(self.agent.sink.read_bytes()))
        first, second = self._opened(0, "after-1"), self._opened(1, "after-2")
        gap = before - in_backup
        require(gap, "nothing was delivered between backup and loss: the drill shows nothing")
        require(normalized - first == gap, f"at the restored center {len(normalized - first)} are missing, not {len(gap)}")
        require(normalized == second, f"{len(normalized ^ second)} differ at the second center")
        stats = self.agent.stats()
        require(stats["outboxRefused"] == 0, f"{stats['outboxRefused']} envelopes were refused")
        receipts = json.loads(self.agent.command("spool", "receipts", "--verify", "--json"))
        require(receipts["failed"] == 0 and receipts["receipts"] > 0, f"receipts do not verify: {receipts}")
        center.terminate()
        whole = good("node", "scrub", "--config", center.configuration)
        require("nothing is damaged" in whole, whole)
        return {
            "observations": len(normalized), "inBackup": len(in_backup), "missingAfterRestore": len(gap), "lostEverywhere": 0,
            "receipts": receipts["receipts"], "scrub": scrubbed.strip().splitlines()[0], "faultsReported": stats["privacyCenterFaults"],
        }

    def _publish(self):
        """As many messages as the drill's option says, all of them normalized."""
        Ward(self.folder, self.broker, name=f"ward-{self.sent}").run(
            "--ward", "icu-1", "--beds", 4, "--present-only", "--count", self.messages, "--rate", 200, "--first-sequence",
            self.sent + 1, "--client-id", f"ward-{self.sent}",
        )
        self.sent += self.messages
        self.agent.wait_until_drained(quiet=1.0)

    def _opened(self, center, name):
        """The ids of all Observations that the owner can open at a center."""
        output = self.folder / f"opened-{name}.ids"
        self.consortium.open_envelopes(output, "--ids-only", center=center)
        return set(output.read_bytes().split())


class ValidatorDrill:
    """One of four validators loses its disk."""

    LOST = 3
    NEW = 5

    def __init__(self, folder, stack, consortium):
        self.folder = folder
        self.chain = Chain(consortium, name="drill")
        self.gateways = [consortium.enroll("gateway", f"loader-{number}") for number in (1, 2)]
        for validator in self.chain.validators:
            stack.callback(validator.terminate)
        self.stack = stack

    def run(self):
        chain = self.chain
        say("a chain with anchors")
        chain.start(seconds=120)
        first = self._load("before", chain.validators)
        lost = chain.validator(self.LOST)
        others = [each for each in chain.validators if each is not lost]

        say("the disk is lost, and anchors go on")
        lost.kill()
        shutil.rmtree(lost.directory)
        shutil.rmtree(lost.identity)
        during = self._load("during", others)

        say("a new validator with new keys, by a proposal")
        new = chain.add(self.NEW)
        self.stack.callback(new.terminate)
        for each in others:
            each.restart()
            chain.wait_until_ready([each], seconds=120)
        new.launch()
        member = new.directory / "member.wlm"
        words = self._command("propose", "committee", "--add", member, "--remove", self.LOST, asked=others)
        proposal = re.findall(r"\b[0-9a-f]{64}\b", words)
        require(len(proposal) == 1, f"no identifier of a proposal: {words}")
        self._command("approve", proposal[0], asked=others)
        chain.validators.remove(lost)
        chain.wait_until_ready([*others, new], seconds=300)
        after = self._load("after", [*others, new])
        levels = chain.wait_until_level([*others, new], seconds=120)
        compared = chain.require_agreement([*others, new])

        say("both channels from the new one alone, verified from the genesis on")
        verified = {}
        for channel in CHANNELS:
            file = self.folder / f"{channel}.wlcx"
            self._command("export", "--channel", channel, "--output", file, asked=[new])
            verified[channel] = json.loads(good("chain", "verify", file, "--genesis", chain.genesis, "--json"))

        say("one of the old ones fails: the chain goes on with the new one's vote")
        others[0].kill()
        final = self._load("without-another", [*others[1:], new])
        return {
            "anchors": first + during + after + final, "heights": levels, "blocksCompared": compared, "verified": verified,
        }

    def _command(self, *words, asked):
        """`wardline chain …` in the governor's name, asking these validators."""
        options = ["--identity", self.chain.governor]
        for validator in asked:
            options += ["--validator", validator.url]
        return good("chain", *words, *options, "--genesis", self.chain.genesis)

    def _load(self, name, validators):
        """Anchors at these validators, each final in the end; how many."""
        output = self.folder / f"load-{name}.ndjson"
        words = [program("wardline-bench"), "chain-load", "--genesis", self.chain.genesis]
        for identity in self.gateways:
            words += ["--identity", identity]
        for validator in validators:
            words += ["--validator", validator.url]
        words += ["--rate", 20, "--seconds", 5, "--drain", 120, "--output", output]
        result = subprocess.run([str(word) for word in words], capture_output=True, text=True)
        require(result.returncode == 0, f"chain-load {name}: {result.stderr or result.stdout}")
        summary = json.loads(result.stdout.strip().splitlines()[-1])
        require(summary["final"] > 0 and summary["final"] == summary["submitted"], f"chain-load {name}: {summary}")
        return summary["final"]


if __name__ == "__main__":
    sys.exit(main())

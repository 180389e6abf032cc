#!/usr/bin/env python3
"""A fifth validator joins a running chain of four, by the steps of docs/join-chain.md.

Validators 1 to 3 keep few blocks and snapshots for the rest, number 4 keeps all. An anchor's proof is written before its block is
pruned. The newcomer is enrolled, configured with `node init`, admitted by a proposal and begins with a snapshot (or with all blocks).
Then an old validator stops: of five, four must vote, so that the chain goes on only with the newcomer's vote. In the end
`chain verify --directory` judges the newcomer's ledger, and the early anchor's proof still holds.

One line of JSON; exit code 1 if anything is not as docs/join-chain.md says.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from rig.chain import CHANNELS, Chain, Validator
from rig.consortium import ORGANIZATION
from rig.paths import program
from rig.processes import exit_on_sigterm

NEW = 5
NAME = f"validator-{NEW}"
PRUNING = "history: {snapshot_every: 20, snapshots_kept: 2, blocks_kept: 20, block_file_bytes: 64KiB}"
ARCHIVE = "history: {snapshot_every: 20, snapshots_kept: 2}"


def main():
    exit_on_sigterm()
    parser = argparse.ArgumentParser(prog="scripts/join", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--beginning", choices=("snapshot", "blocks"), default="snapshot", help="what the newcomer begins with (default snapshot)"
    )
    parser.add_argument("--folder", help="keep the files here")
    arguments = parser.parse_args()
    folder = Path(arguments.folder or tempfile.mkdtemp(prefix="wardline-join-"))
    folder.mkdir(parents=True, exist_ok=True)
    report = {"drill": "join", "beginning": arguments.beginning, "ok": False}
    started = time.monotonic()
    try:
        with ExitStack() as stack:
            report |= Joining(folder, stack, arguments.beginning == "snapshot").run()
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


class Joining:
    """The chain, and the machine that comes to it."""

    def __init__(self, folder, stack, with_snapshot):
        self.folder = folder
        self.stack = stack
        self.with_snapshot = with_snapshot
        self.chain = Chain.alone(folder / "consortium", name="join")
        self.consortium = self.chain.consortium
        stack.callback(self.consortium.authority.terminate)
        for validator in self.chain.validators:
            stack.callback(validator.terminate)
        self.gateways = [self.consortium.enroll("gateway", f"loader-{number}") for number in (1, 2)]
        self.anchors = 0

    def run(self):
        chain = self.chain
        old = list(chain.validators)
        say("a chain of four with anchors")
        self._configure(old)
        chain.start(seconds=120)
        early = self._load("early", old)
        proof, handovers = self.folder / "early.wlp", self.folder / "early.handovers"
        self._command("tx", early, "--channel", "index", "--proof", proof, "--handovers", handovers, asked=old)
        earliest = self._wait_until_pruned(old[:3]) if self.with_snapshot else 1

        say("a fifth machine: enrolled, with keys and a configuration")
        new = self._new_machine()
        new.launch()
        new.wait_for_line("validator runs", seconds=60)
        require(not chain.is_ready(new), "a validator that nobody admitted calls itself ready")

        say("the others get its address, one after the other, each ready before the next")
        for each in old:
            self._configure([each], peers=[*old, new])
            each.restart()
            chain.wait_until_ready([each], seconds=120)

        say("admitted by the governors")
        member = new.directory / "member.wlm"
        words = self._command("propose", "committee", "--add", member, asked=old)
        proposal = re.findall(r"\b[0-9a-f]{64}\b", words)
        require(len(proposal) == 1, f"no identifier of a proposal: {words}")
        self._command("approve", proposal[0], asked=old)
        chain.validators.append(new)
        begun = time.monotonic()
        chain.wait_until_ready(seconds=300)
        joined = round(time.monotonic() - begun, 2)
        parts = {channel: chain.channel(new, channel) for channel in CHANNELS}
        for channel, part in parts.items():
            require(part["member"] and part["members"] == 5 and part["quorum"] == 4, f"{channel}: {part}")
        if self.with_snapshot:
            require(parts["index"]["earliest_block"] > 1, f"it did not begin with a snapshot: {parts['index']}")
        else:
            require(all(part["earliest_block"] == 1 for part in parts.values()), f"it lacks blocks: {parts}")

        say("an old one stops: four of five must vote, the newcomer among them")
        old[0].terminate()
        self._load("without-one", [*old[1:], new])
        signers = self._signers(old[1:])
        # Whom the genesis does not name is shown by the number.
        require(str(NEW) in signers, f"the newcomer did not sign the newest block: {signers}")
        old[0].start()
        chain.wait_until_ready(seconds=120)
        levels = chain.wait_until_level(seconds=120)

        say("its directory and its blocks prove themselves; the early anchor's proof holds")
        verified = self._verify_exports(new, old, levels)
        new.terminate()
        lines = good("chain", "verify", "--directory", new.directory, "--genesis", chain.genesis, "--json").splitlines()
        directory = {report["channel"]: report for report in map(json.loads, lines)}
        require(all(directory[name]["last"] >= levels[name] for name in CHANNELS), f"{directory} is not up to {levels}")
        require(("snapshot" in directory["index"]) == self.with_snapshot, f"{directory['index']}")
        new.start()
        chain.wait_until_ready(seconds=120)
        self._command("tx", early, "--channel", "index", asked=old)
        if self.with_snapshot:
            refused = self._result("tx", early, "--channel", "index", asked=[old[1]])
            require(refused.returncode != 0, "a validator proves what it has pruned")
        good("chain", "verify", "--proof", proof, "--handovers", handovers, "--genesis", chain.genesis)
        self._load("together", chain.validators)
        return {
            "anchors": self.anchors, "heights": levels, "earliestAtPruned": earliest, "secondsToJoin": joined,
            "beganBehind": directory["index"].get("snapshot", 0), "stateEntries": directory["index"]["entries"], "signers": len(signers),
            "verifiedBlocks": verified,
        }

    # The steps of docs/join-chain.md

    def _new_machine(self):
        """Identity, keys and configuration, as the newcomer's operator makes them; nothing is started."""
        state = self.folder / "machine-5"
        identity, token = state / "identity", self.folder / f"{NAME}.token"
        state.mkdir(mode=0o700)
        good(
            "ca", "token", "--directory", self.consortium.authority_directory, "--role", "validator", "--org", ORGANIZATION, "--name",
            NAME, "--host", "localhost", "--output", token,
        )
        good(
            "enroll", "--authority", self.consortium.authority.url, "--token-file", token, "--directory", identity, "--host", "localhost"
        )
        new = Validator(state, NEW, identity)
        new.directory = state / "validator"
        good("chain", "keygen", "--identity", identity, "--directory", new.directory, "--number", NEW)
        peers = []
        for each in self.chain.validators:
            peers += ["--peer", f"{each.number},{each.party},{each.host}:{each.peer_port}"]
        good(
            "node", "init", "--force", "--yes", "--config", new.configuration, "--role", "validator", "--number", NEW, "--host", "localhost",
            "--address", "127.0.0.1", "--state", state, "--genesis", self.chain.genesis, "--port", f"validator={new.port}", "--port",
            f"peers={new.peer_port}", *peers, *(["--begin-with-snapshot"] if self.with_snapshot else []),
        )
        good("node", "check", "--config", new.configuration)
        self.stack.callback(new.terminate)
        return new

    # Details

    def _configure(self, validators, peers=None):
        """node.yaml of the old ones: all but number 4 keep few blocks, if the newcomer is to begin with a snapshot."""
        for each in validators:
            history = PRUNING if each.number < 4 else ARCHIVE
            each.configure(self.chain.genesis, peers or self.chain.validators, history if self.with_snapshot else "")

    def _wait_until_pruned(self, validators):
        """More anchors until each of them has forgotten its first blocks; the lowest that one still has."""
        for round_ in range(1, 9):
            self._load(f"round-{round_}", self.chain.validators)
            lowest = min(self.chain.channel(each, "index")["earliest_block"] for each in validators)
            if lowest > 1:
                return lowest
        raise RuntimeError("the validators do not prune")

    def _verify_exports(self, new, old, levels):
        """Both channels in files, verified from the genesis on: from the newcomer alone where it has all blocks."""
        verified = {}
        for channel in CHANNELS:
            file = self.folder / f"{channel}.wlcx"
            alone = self.chain.channel(new, channel)["earliest_block"] == 1
            self._command("export", "--channel", channel, "--output", file, asked=[new] if alone else old)
            report = json.loads(good("chain", "verify", file, "--genesis", self.chain.genesis, "--json"))
            require(report["blocks"] >= levels[channel], f"{channel}: {report}")
            verified[channel] = report["blocks"]
        return verified

    def _signers(self, validators):
        block = json.loads(self._command("block", "latest", "--channel", "index", "--json", asked=validators))
        return block["signers"]

    def _result(self, *words, asked):
        """`wardline chain …` in the governor's name, asking these validators; it may fail."""
        options = ["--identity", self.chain.governor]
        for validator in asked:
            options += ["--validator", validator.url]
        return run("chain", *words, *options, "--genesis", self.chain.genesis)

    def _command(self, *words, asked):
        result = self._result(*words, asked=asked)
        require(result.returncode == 0, f"wardline chain {' '.join(map(str, words))}: {result.stderr or result.stdout}")
        return result.stdout

    def _load(self, name, validators):
        """Anchors at these validators, each final in the end; the first one's identifier."""
        output = self.folder / f"load-{name}.ndjson"
        words = [program("wardline-bench"), "chain-load", "--genesis", self.chain.genesis]
        for identity in self.gateways:
            words += ["--identity", identity]
        for validator in validators:
            words += ["--validator", validator.url]
        words += ["--rate", 20, "--seconds", 4, "--drain", 120, "--output", output]
        result = subprocess.run([str(word) for word in words], capture_output=True, text=True)
        require(result.returncode == 0, f"chain-load {name}: {result.stderr or result.stdout}")
        summary = json.loads(result.stdout.strip().splitlines()[-1])
        require(summary["final"] > 0 and summary["final"] == summary["submitted"], f"chain-load {name}: {summary}")
        self.anchors += summary["final"]
        return json.loads(output.read_text().splitlines()[0])["id"]


if __name__ == "__main__":
    sys.exit(main())

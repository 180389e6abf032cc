#!/usr/bin/env python3
"""Four validators under load while they are killed, cut off from each other and lied to by one of them.

Every validator is a process with its own directory and, for root, its own network namespace. Gateways hand in anchors at a
rate and account for each. Meanwhile random validators are killed with -9 and started again, sometimes two at once so that
there is no quorum, links are cut, and with --byzantine one validator runs a build that breaks the protocol. Then comes
calm: both channels must go on within half a minute, all validators must end with the same blocks, which `wardline chain
verify` checks from the genesis on, and every transaction that was handed in must stand in exactly one block, the one that
was proven to its gateway. One line of JSON; exit code 1 otherwise.
"""

import argparse
import json
import os
import random
import secrets
import shutil
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from chain_audit import account, changed, differing, is_other, read_channel  # noqa: E402
from chain_network import Namespaces  # noqa: E402
from rig.chain import CHANNELS, Chain  # noqa: E402
from rig.consortium import Consortium  # noqa: E402
from rig.paths import program  # noqa: E402
from rig.processes import Process, exit_on_sigterm  # noqa: E402

VALIDATORS = 4
PROGRESS_SECONDS = 30
MUST_BE_ZERO = (
    "lost", "open", "refused", "doubled", "unexplained", "elsewhere", "rejected", "differingValidators",
    "otherwiseExported", "changedExportsPassed", "endedByThemselves",
)


def main():
    exit_on_sigterm()
    arguments = parse_arguments()
    seed = arguments.seed if arguments.seed is not None else secrets.randbits(32)
    print(f"chain: seed {seed}", file=sys.stderr, flush=True)
    folder = Path(arguments.folder or tempfile.mkdtemp(prefix="wardline-soak-chain-"))
    report = {"variant": "chain", "ok": False, "seed": seed}
    started = time.monotonic()
    try:
        with ExitStack() as stack:
            report |= ChainSoak(folder, stack, arguments, random.Random(seed)).run()
        report["ok"] = is_good(report, arguments)
    except (RuntimeError, OSError, ValueError, LookupError) as failure:
        report["error"] = f"{type(failure).__name__}: {failure}"
    report["seconds"] = round(time.monotonic() - started, 1)
    print(json.dumps(report), flush=True)
    if report["ok"] and not arguments.folder:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"  files: {folder}", file=sys.stderr)
    return 0 if report["ok"] else 1


def parse_arguments():
    is_root = os.geteuid() == 0
    parser = argparse.ArgumentParser(prog="scripts/soak --chain", description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200, help="how often a validator is killed (default 200)")
    parser.add_argument("--seconds", type=float, help="how long the trouble lasts (default 3 per kill)")
    parser.add_argument("--partitions", type=int, help="how often links are cut (default one per 8 kills; needs root)")
    parser.add_argument("--rate", type=int, default=100, help="anchors per second (default 100)")
    parser.add_argument("--byzantine", action="store_true", help="one validator breaks the protocol")
    parser.add_argument("--behaviour", default="mixed", help="how, see wardline-byzantine --help (default mixed)")
    parser.add_argument("--gateways", type=int, default=8, help="identities that hand in (default 8)")
    parser.add_argument("--timeout-ms", type=int, default=300, help="the validators' progress_timeout_ms (default 300)")
    parser.add_argument("--seed", type=int, help="repeat a run's choices")
    parser.add_argument("--folder", help="keep the files here")
    arguments = parser.parse_args()
    if arguments.seconds is None:
        arguments.seconds = 3.0 * arguments.kills
    if arguments.partitions is None:
        arguments.partitions = max(1, arguments.kills // 8) if is_root else 0
    if arguments.partitions and not is_root:
        parser.error("--partitions needs root: network namespaces")
    return arguments


def is_good(report, arguments):
    return (
        report["final"] > 0
        and not any(report[key] for key in MUST_BE_ZERO)
        and all(seconds <= PROGRESS_SECONDS for seconds in report["progressSeconds"].values())
        and sum(report["kills"].values()) > 0
        and (not arguments.byzantine or sum(report["misdeeds"].values()) > 0)
    )


class ChainSoak:
    """One run."""

    def __init__(self, folder, stack, arguments, chance):
        self.folder = folder
        self.stack = stack
        self.arguments = arguments
        self.random = chance
        self.network = None
        self.liar = chance.randrange(1, VALIDATORS + 1) if arguments.byzantine else None
        self.was_liar = self.liar
        self.ended = []
        self.kills = {"one": 0, "two": 0, "behindCut": 0}
        self.killed_liars = 0
        self.faults = {"isolate": 0, "split": 0, "silence": 0, "flap": 0}

    def run(self):
        self._found()
        for validator in self.chain.validators:
            self._launch(validator)
        honest = [each for each in self.chain.validators if each.number != self.liar]
        self.chain.wait_until_ready(honest, seconds=120)
        loads = self._start_loads()
        self._trouble()
        return self._calm(loads)

    # Setting up

    def _found(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        consortium = Consortium(self.folder / "consortium", centers=0)
        consortium.authority.start()
        self.stack.callback(consortium.authority.terminate)
        if self.arguments.partitions:
            self.network = self.stack.enter_context(Namespaces(VALIDATORS))
            if self.network.can_disturb:
                self.faults["disturb"] = 0
            for number in self.network.numbers:
                address = self.network.address(number)
                consortium.enroll("validator", f"validator-{number}", "--host", "localhost", "--host", address)
        options = f"block_interval_ms: 20\nprogress_timeout_ms: {self.arguments.timeout_ms}"
        self.chain = Chain(consortium, validators=VALIDATORS, name="soak", options=options)
        for validator in self.chain.validators:
            if self.network:
                validator.host = self.network.address(validator.number)
                validator.prefix = self.network.prefix(validator.number)
            self.stack.callback(validator.terminate)
        for validator in self.chain.validators:
            validator.configure(self.chain.genesis, self.chain.validators, options)
        self.gateways = [consortium.enroll("gateway", f"gateway-{n}") for n in range(self.arguments.gateways)]
        self.registrant = consortium.enroll("gateway", "gateway-registrant")
        self.prober = consortium.enroll("gateway", "gateway-prober")

    def _launch(self, validator):
        """Starts it, as a liar where it is one, and waits for nothing."""
        if validator.number != self.liar:
            return validator.launch()
        command = [program("wardline-byzantine"), "--config", validator.configuration]
        command += ["--behaviour", self.arguments.behaviour, "--seed", self.random.getrandbits(32)]
        return Process.start(validator, [*validator.prefix, *command])

    def _load_words(self, identities, *words):
        full = [program("wardline-bench"), "chain-load", "--genesis", self.chain.genesis]
        for identity in identities:
            full += ["--identity", identity]
        # The liar serves nobody, and clients do not know who it is.
        for url in self.chain.urls:
            full += ["--validator", url]
        return [*full, *words]

    def _start_loads(self):
        """Anchors on one channel, and a trickle of registrations on the other; the processes."""
        return [
            self._start_load("index", self.gateways, "--rate", self.arguments.rate, "--probes", 2),
            self._start_load("access", [self.registrant], "--rate", 2),
        ]

    def _start_load(self, channel, identities, *words):
        load = Process(self.folder / f"load-{channel}.log")
        output = self.folder / f"load-{channel}.ndjson"
        forever = ["--channel", channel, "--seconds", 10_000_000, "--drain", 120, "--output", output]
        load.start(self._load_words(identities, *words, *forever))
        self.stack.callback(load.terminate)
        return load

    # Trouble

    def _trouble(self):
        """Kills and cuts at random instants of the time that there is."""
        whole = ["kill"] * self.arguments.kills + ["cut"] * self.arguments.partitions
        self.random.shuffle(whole)
        started = time.monotonic()
        instants = sorted(self.random.uniform(1, max(2, self.arguments.seconds - 2)) for _ in whole)
        for number, (instant, event) in enumerate(zip(instants, whole), start=1):
            time.sleep(max(0, started + instant - time.monotonic()))
            print(f"\r  {event} {number}/{len(whole)} ", end="", file=sys.stderr, flush=True)
            if event == "kill":
                self._kill()
            else:
                self._cut()
            self._revive()
        time.sleep(max(0, started + self.arguments.seconds - time.monotonic()))
        print(file=sys.stderr)

    def _kill(self):
        """Kills one validator, now and then two so that there is no quorum, and starts them again after a while."""
        count = 2 if self.random.random() < 0.2 else 1
        victims = self.random.sample(self.chain.validators, count)
        for victim in victims:
            victim.kill()
            self._notice(victim)
        self.killed_liars += any(victim.number == self.liar for victim in victims)
        self.kills["one" if count == 1 else "two"] += 1
        for victim in victims:
            time.sleep(self.random.uniform(0, 1))
            self._launch(victim)

    def _cut(self):
        """Cuts links for some seconds; at times somebody is killed behind the cut."""
        fault = self.random.choice(list(self.faults))
        self.faults[fault] += 1
        numbers = self.random.sample(list(self.network.numbers), VALIDATORS)
        match fault:
            case "isolate":
                self.network.isolate(numbers[0])
            case "split":
                self.network.split(numbers[:2], numbers[2:])
            case "silence":
                self.network.silence(numbers[0], numbers[1])
                self.network.silence(numbers[2], numbers[0])
            case "flap":
                self.network.flap(numbers[0])
            case "disturb":
                for number in numbers[:2]:
                    self.network.disturb(number, delay=30, loss=5)
        time.sleep(self.random.uniform(0.5, 3))
        if self.random.random() < 0.3:
            victim = self.chain.validator(numbers[1])
            victim.kill()
            self._notice(victim)
            self.kills["behindCut"] += 1
            self._launch(victim)
            time.sleep(self.random.uniform(0.5, 2))
        self.network.heal()

    def _notice(self, validator):
        """A validator that has ended by itself is a failure of the run."""
        if validator.has_ended_by_itself():
            self.ended.append({"number": validator.number, "log": validator.log_tail(5)})

    def _revive(self):
        for validator in self.chain.validators:
            self._notice(validator)
            if not validator.is_running():
                self._launch(validator)

    # Calm

    def _calm(self, loads):
        """Goes on while one still lies, then without lies; everything is counted and compared."""
        progress = {channel: self._progress(channel, "liar") for channel in CHANNELS}
        summaries = dict(zip(("index", "access"), map(self._end_load, loads)))
        misdeeds = self._misdeeds()
        self._convert_the_liar()
        levels = self.chain.wait_until_level(seconds=120)
        for channel in CHANNELS:
            progress[f"{channel}Again"] = self._progress(channel, "calm")
        levels = self.chain.wait_until_level(seconds=60)
        comparison, reports = self._compare()
        accounts = self._account(reports)
        for validator in self.chain.validators:
            self._notice(validator)
        return {
            "kills": self.kills,
            "partitions": self.faults,
            "liar": self.was_liar,
            "liarKilled": self.killed_liars,
            "misdeeds": misdeeds,
            "heights": levels,
            "progressSeconds": progress,
            "endedByThemselves": self.ended,
            "load": summaries,
            **comparison,
            **accounts,
        }

    def _end_load(self, load):
        """What it handed in is final before it ends; its summary."""
        load.send(signal.SIGTERM)
        if load.wait(300) != 0:
            raise RuntimeError(f"the load failed:\n{load.log_tail()}")
        return json.loads(load.log_tail(1))

    def _progress(self, channel, name):
        """Seconds until a new transaction of a gateway that sent nothing before is final."""
        started = time.monotonic()
        output = self.folder / f"progress-{channel}-{name}.ndjson"
        probe = Process(self.folder / f"progress-{channel}-{name}.log")
        words = ["--channel", channel, "--rate", 1, "--seconds", 1, "--drain", PROGRESS_SECONDS, "--output", output]
        probe.start(self._load_words([self.prober], *words))
        self.stack.callback(probe.terminate)
        if probe.wait(PROGRESS_SECONDS + 60) != 0:
            raise RuntimeError(f"no progress could be measured:\n{probe.log_tail()}")
        summary = json.loads(probe.log_tail(1))
        if summary["final"] == 0 or summary["open"] > 0:
            raise RuntimeError(f"no progress on {channel} ({name}): {summary}")
        return round(time.monotonic() - started, 1)

    def _convert_the_liar(self):
        """The liar's directory goes to an honest build. New processes have forgotten who had to be shut out."""
        self.liar = None
        for validator in self.chain.validators:
            validator.terminate()
            self._notice(validator)
            validator.launch()
            self.chain.wait_until(lambda: self.chain.status(validator), f"{validator.name} answers", seconds=60)
        self.chain.wait_until_ready(seconds=120)

    def _misdeeds(self):
        """How often the liar did what, by its own account."""
        total = {}
        if not self.was_liar:
            return total
        with open(self.chain.validator(self.was_liar).log, errors="replace") as log:
            for line in log:
                if not line.startswith('{"misdeeds"'):
                    continue
                for name, count in json.loads(line)["misdeeds"].items():
                    total[name] = total.get(name, 0) + count
        return total

    def _account(self, reports):
        """Every transaction that was handed in against what stands on its channel."""
        total = {}
        for channel in CHANNELS:
            for name, count in self._account_of(channel, reports[channel]).items():
                total[name] = total.get(name, 0) + count
        return total

    def _account_of(self, channel, report):
        known = {}
        for path in [self.folder / f"load-{channel}.ndjson", *sorted(self.folder.glob(f"progress-{channel}-*.ndjson"))]:
            with open(path) as lines:
                known |= {entry["id"]: entry for entry in map(json.loads, lines)}
        blocks = list(read_channel(self.chain, self.chain.validators[0], channel))
        return {**account(known, blocks), "otherwiseExported": is_other(blocks, report)}

    def _compare(self):
        """Each validator's channels, exported and checked from the genesis on, have to be the same; the counts, and the
        first validator's reports."""
        others, rejected, passed, first = 0, 0, 0, {}
        for channel in CHANNELS:
            reports = [self._verify(validator, channel) for validator in self.chain.validators]
            others += differing(reports)
            rejected += sum(report["rejected"] for report in reports) if channel == "index" else 0
            passed += self._passes_when_changed(channel)
            first[channel] = reports[0]
        blocks = {channel: report["blocks"] for channel, report in first.items()}
        counts = {"differingValidators": others, "rejected": rejected, "changedExportsPassed": passed}
        return {"blocks": blocks, **counts}, first

    def _verify(self, validator, channel):
        """An export of one validator's blocks, checked offline."""
        export = self._export_path(validator, channel)
        everybody, self.chain.validators = self.chain.validators, [validator]
        try:
            return self.chain.export(channel, export)
        finally:
            self.chain.validators = everybody
            if validator is not everybody[0]:
                export.unlink(missing_ok=True)

    def _passes_when_changed(self, channel):
        """Whether the check that all this relies on takes an export with one byte changed anywhere."""
        export = self._export_path(self.chain.validators[0], channel)
        data = export.read_bytes()
        place = self.random.randrange(len(data))
        export.write_bytes(changed(data, place, self.random.randrange(1, 256)))
        passes = self.chain.verifies(export)
        if passes:
            print(f"  {channel}: byte {place} of {len(data)} may be another", file=sys.stderr)
        export.unlink()
        return passes

    def _export_path(self, validator, channel):
        return self.folder / f"{validator.name}-{channel}.wlx"


if __name__ == "__main__":
    sys.exit(main())

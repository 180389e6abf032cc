"""The sharing benchmark behind Benchmarks/sharing/run.

A consortium of `wardline dev` with its setup ceremony, an agent, and a researcher who gives the commands that researchers
give. What a command took is the wall clock around it; when each of its steps was done is the time of the file that the step
leaves in the share's folder, so that nothing in the product is there for the benchmark alone.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from rig.dev import Dev  # noqa: E402
from rig.paths import program  # noqa: E402
from rig.processes import Process, exit_on_sigterm  # noqa: E402
from rig.scene import Scene, file_times  # noqa: E402

PARTS = ["cold", "warm", "many"]
GOALS = {
    "cold, request to first plaintext byte, s": (2.0, "at most"),
    "warm, round to first plaintext byte, ms": (300, "at most"),
    "envelopes opened, of re-encrypt and open alone": (0.7, "at least"),
}
# A step, the file that tells when it was done, and those after which it begins; an index key needs an attribute key, and the
# grant is asked for meanwhile.
STEPS = [
    ("start, connections", "folder", ["begin"]),
    ("policy, tree path, proof of the policy", "call", ["folder"]),
    ("transaction, its block, proofs of both", "request", ["call"]),
    ("end of request, start of fetch, connections", "fetch", ["request"]),
    ("attribute key", "attribute key", ["fetch"]),
    ("index keys", "index key", ["attribute key"]),
    ("anchors, their proofs, pages opened", "anchors", ["index key"]),
    ("grant from the custodian, beside keys and pages", "grant record", ["fetch"]),
    ("identity key from all issuing parties", "identity key", ["anchors", "grant record"]),
    ("envelopes, re-encryption, delivery in a block", "deliveries", ["identity key"]),
    ("opening, kept: first plaintext byte", "records", ["deliveries"]),
    ("acknowledgement in a block", "acknowledgements", ["records"]),
    ("data written", "data", ["acknowledgements"]),
    ("hashes, provenance signed", "provenance", ["data"]),
    ("end of fetch", "end", ["provenance"]),
]
REENCRYPT, OPEN = "verify and re-encrypt", "verify, check part, open by the receiver"
OPEN_AGAIN = OPEN + ", S known"


def main():
    exit_on_sigterm()
    parser = argparse.ArgumentParser(prog="Benchmarks/sharing/run")
    parser.add_argument("--rounds", type=int, default=10, help="cold shares (default 10)")
    parser.add_argument("--warm", type=int, default=20, help="envelopes that come one by one (default 20)")
    parser.add_argument("--envelopes", type=int, default=1_000, help="of one scope, fetched at once (default 1000)")
    parser.add_argument("--fetches", type=int, default=3, help="of all of them (default 3)")
    parser.add_argument("--quick", action="store_true", help="3 cold shares, 5 warm rounds, 200 envelopes, one fetch")
    parser.add_argument("--only", default=",".join(PARTS), help=", ".join(PARTS))
    parser.add_argument("--directory", default="/var/tmp", help="on the disk to be measured")
    parser.add_argument("--json", help="write all figures here")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds, arguments.warm, arguments.envelopes, arguments.fetches = 3, 5, 200, 1
    parts = arguments.only.split(",")
    if not set(parts) <= set(PARTS):
        parser.error(f"--only takes {', '.join(PARTS)}")
    folder = Path(tempfile.mkdtemp(prefix="wardline-sharing-", dir=arguments.directory))
    try:
        with ExitStack() as stack:
            dev = Dev(folder / "consortium", ceremony=True)
            stack.callback(dev.terminate)
            dev.start()
            say("The setup ceremony of the policy proofs, which takes minutes")
            measure(Scene(folder, dev, stack), arguments, parts)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(scene, arguments, parts):
    """Runs the parts on a consortium that is up, and prints what they found."""
    scene.prepare(pseudonyms=arguments.rounds + arguments.fetches + 4)
    benchmark = Benchmark(scene, arguments)
    for part in parts:
        getattr(benchmark, part)()
    benchmark.judge()
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(benchmark.figures, indent=1) + "\n")


def say(text):
    print(text, file=sys.stderr, flush=True)


def spread(values):
    """Median and 90th percentile."""
    ordered = sorted(values)
    return statistics.median(ordered), ordered[min(len(ordered) - 1, round(0.9 * (len(ordered) - 1) + 0.499))]


class Benchmark:
    def __init__(self, scene, arguments):
        self.scene = scene
        self.arguments = arguments
        self.figures = {}
        self.reached = {}

    # From nothing to data

    def cold(self):
        """A request with a proof under a pseudonym that was never seen, then a fetch."""
        _, scope = self.scene.scope(4)
        starts = [self.scene.timed([program("wardline"), "--version"]) for _ in range(5)]
        rounds, processor = [], {}
        for number in range(self.arguments.rounds):
            say(f"cold {number + 1}/{self.arguments.rounds}")
            before = self.scene.processor_seconds()
            asked = self.scene.good(self.scene.request(f"cold-{number}", scope))
            fetched = self.scene.good(self.scene.fetch(f"cold-{number}"))
            after = self.scene.processor_seconds()
            rounds.append(cold_times(self.scene.path(f"cold-{number}"), asked, fetched))
            spent = {name: after[name] - before[name] for name in after}
            spent |= {"share request": asked.processor, "share fetch": fetched.processor}
            for name, seconds in spent.items():
                processor.setdefault(name, []).append(seconds)
        self.figures["cold"] = rounds
        show_cold(rounds)
        best = min(run.ended - run.started for run in starts)
        print(f"`wardline --version` alone takes {best * 1e3:.0f} ms (best of 5); twice in the sum above")
        show_processor(processor)
        self.reached["cold, request to first plaintext byte, s"] = spread([r["records"] - r["begin"] for r in rounds])[0]

    # One envelope more

    def warm(self):
        """`share fetch --follow` has all keys and its connections; envelopes come one by one."""
        ward, scope = self.scene.scope(2)
        self.scene.good(self.scene.request("warm", scope))
        self.scene.good(self.scene.fetch("warm"))
        again = [self.scene.good(self.scene.fetch("warm")) for _ in range(5)]
        follower = Process(self.scene.folder / "follow.log")
        samples = []
        try:
            follower.start(self.scene.words("fetch", self.scene.path("warm"), "--follow", "--interval", 1))
            self._next_round("warm", 0)
            for number in range(self.arguments.warm):
                say(f"warm {number + 1}/{self.arguments.warm}")
                samples.append(self._one_more("warm", ward))
        finally:
            follower.terminate()
        alone = [self._fetch_one_more("warm", ward) for _ in range(min(5, self.arguments.warm))]
        self.figures["warm"] = {
            "rounds": samples,
            "fetch with nothing new, s": [run.ended - run.started for run in again],
            "fetch of one new envelope, s": alone,
        }
        show_warm(samples, again, alone)
        self.reached["warm, round to first plaintext byte, ms"] = spread([s["records"] * 1e3 for s in samples])[0]

    def _one_more(self, name, ward):
        """One envelope; how long its round took from its start on, and what came before it."""
        anchored = self.scene.agent.metric("wardline_anchored_envelopes_total")
        folder, begun = self.scene.path(name), time.time()
        self.scene.send(ward, 1)
        seen, ended = None, self._provenance(name)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if seen is None and self.scene.agent.metric("wardline_anchored_envelopes_total") > anchored:
                seen = time.time()
            files = file_times(folder, since=begun)
            if "data" in files:
                # The round began a second after the last one had ended.
                start = ended + 1.0
                steps = ["anchors", "deliveries", "records", "acknowledgements", "data"]
                sample = {step: files[step][1] - start for step in steps if step in files}
                sample["anchored"] = (seen or time.time()) - start
                self._next_round(name, files["data"][1])
                return sample
            ended = self._provenance(name)
            time.sleep(0.004)
        raise RuntimeError(f"the new envelope of {ward} does not come: {self.scene.status(name)}")

    def _fetch_one_more(self, name, ward):
        """Seconds of a whole command that finds one envelope more."""
        self.scene.send(ward, 1)
        self.scene.wait_until_anchored()
        run = self.scene.good(self.scene.fetch(name))
        if "1 new" not in run.text:
            raise RuntimeError(f"the new envelope does not come: {run.text}")
        return run.ended - run.started

    def _next_round(self, name, since):
        deadline = time.monotonic() + 60
        while self._provenance(name) <= since and time.monotonic() < deadline:
            time.sleep(0.004)

    def _provenance(self, name):
        try:
            return (self.scene.path(name) / "provenance.sig").stat().st_mtime
        except FileNotFoundError:
            return 0.0

    # Many envelopes

    def many(self):
        """All envelopes of one scope in one fetch, beside re-encryption and opening alone."""
        count = self.arguments.envelopes
        _, scope = self.scene.scope(count)
        operations = [floor()]
        rounds, processor = [], {}
        for number in range(self.arguments.fetches):
            say(f"{count} envelopes {number + 1}/{self.arguments.fetches}")
            name = f"many-{number}"
            self.scene.good(self.scene.request(name, scope))
            before = self.scene.processor_seconds()
            run = self.scene.good(self.scene.fetch(name))
            after = self.scene.processor_seconds()
            operations.append(floor())
            times = file_times(self.scene.path(name))
            opened = self.scene.status(name)["scopes"][0]["envelopes"]
            if opened != count:
                raise RuntimeError(f"{opened} of {count} envelopes: {run.text}")
            keys = max(times["identity key"][1], times["grant record"][1])
            rounds.append({
                "fetch": run.ended - run.started,
                "deliver": times["records"][1] - keys,
                "data": times["data"][1] - run.started,
                "envelopes_bytes": sum(f.stat().st_size for f in self.scene.path(name).glob("scopes/*/envelopes/*")),
            })
            spent = {kind: after[kind] - before[kind] for kind in after} | {"share fetch": run.processor}
            for kind, seconds in spent.items():
                processor.setdefault(kind, []).append(seconds)
        self.figures["many"] = {"rounds": rounds, "operations": operations, "processor": processor}
        self._show_many(count, rounds, operations)
        show_processor(processor)

    def _show_many(self, count, rounds, operations):
        cost = {name: statistics.median(o[name] for o in operations) for name in (REENCRYPT, OPEN, OPEN_AGAIN)}
        alone = 1e6 / (cost[REENCRYPT] + cost[OPEN_AGAIN])
        rates = {what: [count / r[what] for r in rounds] for what in ("deliver", "data", "fetch")}
        print(f"\n{count} envelopes of one scope in one fetch, {rounds[0]['envelopes_bytes'] // count} bytes each")
        print(f"{'':<72} {'best':>8} {'median':>8} {'/ alone':>8}")
        for what, text in [
            ("deliver", "fetched, re-encrypted, verified, opened, kept; envelopes/s"),
            ("data", "from the start of the command to the data, keys among it; envelopes/s"),
            ("fetch", "the whole command; envelopes/s"),
        ]:
            middle = statistics.median(rates[what])
            print(f"{text:<72} {max(rates[what]):8,.0f} {middle:8,.0f} {middle / alone:8.2f}")
        print(f"alone, one thread: {alone:,.0f}/s ({REENCRYPT} {cost[REENCRYPT]:.0f} µs, {OPEN_AGAIN} {cost[OPEN_AGAIN]:.0f} µs;")
        first = 1e6 / (cost[REENCRYPT] + cost[OPEN])
        print(f"each for the first time, {OPEN} {cost[OPEN]:.0f} µs: {first:,.0f}/s); two threads: {2 * alone:,.0f}/s")
        self.reached["envelopes opened, of re-encrypt and open alone"] = statistics.median(rates["deliver"]) / alone

    # The goals

    def judge(self):
        print(f"\n{'goals':<58} {'reached':>9} {'goal':>16}")
        for name, value in self.reached.items():
            goal, side = GOALS[name]
            missed = value > goal if side == "at most" else value < goal
            print(f"{name:<58} {value:9.2f} {side + ' ' + str(goal):>16}{'  MISSED' if missed else ''}")
        self.figures["reached"] = self.reached


def cold_times(folder, asked, fetched):
    """When each step of a share was done, as seconds since 1970."""
    files = file_times(folder)
    first = {"deliveries", "records"}
    times = {kind: found[0 if kind in first else 1] for kind, found in files.items()}
    return times | {"begin": asked.started, "fetch": fetched.started, "end": fetched.ended}


def show_cold(rounds):
    print(f"\n{'from request to data, ' + str(len(rounds)) + ' shares, ms':<56} {'median':>9} {'p90':>9} {'done at':>9}")
    for text, kind, before in STEPS:
        if not all(kind in r for r in rounds):
            continue
        lasted = spread([(r[kind] - max(r[b] for b in before if b in r)) * 1e3 for r in rounds])
        done = statistics.median((r[kind] - r["begin"]) * 1e3 for r in rounds)
        print(f"{text:<56} {lasted[0]:9.0f} {lasted[1]:9.0f} {done:9.0f}")
    for text, kind in [("to the first plaintext byte", "records"), ("to the data", "data"), ("both commands", "end")]:
        lasted = spread([(r[kind] - r["begin"]) * 1e3 for r in rounds])
        print(f"{text:<56} {lasted[0]:9.0f} {lasted[1]:9.0f}")


def show_warm(samples, again, alone):
    print(f"\n{'one envelope more, ' + str(len(samples)) + ' times, ms since the start of the round':<56} {'median':>9} {'p90':>9}")
    texts = {
        "anchors": "its anchor found, proven, its page opened",
        "deliveries": "fetched, re-encrypted, delivery in a block",
        "records": "opened, kept: first plaintext byte",
        "acknowledgements": "acknowledgement in a block",
        "data": "data written",
    }
    for step, text in texts.items():
        lasted = spread([s[step] * 1e3 for s in samples if step in s])
        print(f"{text:<56} {lasted[0]:9.0f} {lasted[1]:9.0f}")
    lasted = spread([(s["records"] - s["anchored"]) * 1e3 for s in samples])
    print(f"{'from the anchor in a block (a round each second)':<56} {lasted[0]:9.0f} {lasted[1]:9.0f}")
    for text, values in [
        ("a command that finds one envelope more", alone),
        ("a command that finds nothing new", [run.ended - run.started for run in again]),
    ]:
        lasted = spread([value * 1e3 for value in values])
        print(f"{text:<56} {lasted[0]:9.0f} {lasted[1]:9.0f}")


def show_processor(processor):
    """Processor seconds of every kind of server."""
    spent = {name: statistics.median(values) for name, values in processor.items()}
    busiest = sorted(spent.items(), key=lambda entry: -entry[1])
    print("processor time, ms: " + ", ".join(f"{name} {seconds * 1e3:.0f}" for name, seconds in busiest if seconds >= 0.005))


def floor():
    """Microseconds of each operation alone, in one thread."""
    payload = {
        "ts": "2026-11-20T08:00:00.000Z", "seq": 1, "serial": "WSM-0001", "model": "WSM-4", "fw": "1.4.2", "hr": 72.0,
        "spo2": 97, "rr": 14.0, "temp": 36.8, "battery": 87, "leads": {"ecg": "on", "pleth": "on", "resp": "on"}, "alarm": "none",
    }
    with tempfile.NamedTemporaryFile("w", suffix=".ndjson") as payloads:
        payloads.write(json.dumps(payload) + "\n")
        payloads.flush()
        profile = ROOT / "Devices/wardline-sim-monitor/profile.yaml"
        words = [
            program("wardline-bench"), "sealing", str(profile), payloads.name, "--topic", "ward/icu-1/bed/1/monitor/WSM-0001",
        ]
        answer = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
    return {name: operation["us"] for name, operation in answer["operations"].items()}


if __name__ == "__main__":
    main()

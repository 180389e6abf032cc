"""The ledger benchmark behind Benchmarks/ledger/run.

Four validators are processes with directories of their own on one disk; PostgreSQL has a primary and a synchronous
standby on the same disk. Floors, PostgreSQL and the validators are measured in turn, round by round, so that a noisy
machine disturbs all alike. The load is `wardline-bench chain-load`: it signs before the clock starts, hands in over
HTTPS, and counts as final what a block with a valid certificate holds.
"""

import argparse
import csv
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from chart import draw  # noqa: E402
from models import models  # noqa: E402
from postgres import PostgreSQL  # noqa: E402
from rig.chain import Chain  # noqa: E402
from rig.paths import program  # noqa: E402
from rig.processes import exit_on_sigterm  # noqa: E402

PARTS = ["throughput", "idle", "half", "sweep", "intervals", "leader"]
# A signer has at most 32 transactions on their way.
GATEWAYS = 32
# Signature checks after which a validator makes a table of a gateway's key.
PATIENCE = 512
PROCESSORS = 2
CLIENTS = [16, 64]
# What the acceptance of the ledger asks for.
GOALS = {
    "of the signature-check floor": (0.4, "at least"),
    "of PostgreSQL": (0.5, "at least"),
    "anchors a second": (3_000, "at least"),
    "half load, p50 in ms": (60, "at most"),
    "idle commit, floors": (10, "at most"),
    "next commit after the leader's death, s": (1.2, "at most"),
}


def main():
    parser = argparse.ArgumentParser(prog="Benchmarks/ledger/run")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10, help="of load in each measurement")
    parser.add_argument("--kills", type=int, default=5, help="leaders to kill")
    parser.add_argument("--quick", action="store_true", help="one round of three seconds, two kills")
    parser.add_argument("--only", default=",".join(PARTS), help=", ".join(PARTS))
    parser.add_argument("--directory", default="/var/tmp", help="on the disk to be measured")
    parser.add_argument("--csv", default=str(ROOT / ".build/ledger-sweep.csv"), help="what the drawing shows")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds, arguments.seconds, arguments.kills = 1, 3.0, 2
    parts = arguments.only.split(",")
    if not set(parts) <= set(PARTS):
        parser.error(f"--only takes {', '.join(PARTS)}")
    exit_on_sigterm()
    folder = Path(tempfile.mkdtemp(prefix="wardline-ledger-", dir=arguments.directory))
    folder.chmod(0o755)
    try:
        Benchmark(folder, arguments).run(parts)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Benchmark:
    def __init__(self, folder, arguments):
        self.folder = folder
        self.arguments = arguments
        self.floors = []
        self.reached = {}

    def run(self, parts):
        self.describe()
        self.postgres = PostgreSQL(self.folder / "postgres")
        self.chain = Chain.alone(self.folder / "consortium")
        enroll = self.chain.consortium.enroll
        self.gateways = [enroll("gateway", f"load-{number}") for number in range(1, GATEWAYS + 1)]
        try:
            self.chain.start()
            self.warm_up()
            if {"throughput", "half", "sweep"} & set(parts):
                self.settle_in()
                self.throughput(with_peer="throughput" in parts)
            else:
                self.measure_floors()
                self.show_floors()
            for part in PARTS[1:]:
                if part in parts:
                    getattr(self, part)()
        finally:
            self.chain.terminate()
            self.postgres.terminate()
        self.judge()

    def describe(self):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line for line in lines if line.startswith("model name"))
        disk = subprocess.run(["df", "--output=fstype,source", self.folder], capture_output=True, text=True).stdout
        load = os.getloadavg()[0]
        kind = " ".join(disk.split()[2:])
        print(f"{os.cpu_count()} processors: {model.split(': ')[1]}; disk: {kind}; load {load:.1f}")

    # The load

    def load(self, *words, seconds=None, output=None):
        """The summary of a run of chain-load, with what each process cost."""
        command = [program("wardline-bench"), "chain-load", "--genesis", self.chain.genesis]
        for gateway in self.gateways:
            command += ["--identity", gateway]
        for url in self.chain.urls:
            command += ["--validator", url]
        command += ["--seconds", seconds or self.arguments.seconds, "--drain", 20, *words]
        if output:
            command += ["--output", output]
        before, started = processor_time(self.chain.validators), time.monotonic()
        result = subprocess.run([str(word) for word in command], capture_output=True, text=True)
        if result.returncode != 0:
            raise RuntimeError(f"chain-load: {result.stderr or result.stdout}")
        summary = json.loads(result.stdout.splitlines()[-1])
        after = processor_time(self.chain.validators)
        summary["wall"] = time.monotonic() - started
        summary["validator_cpu"] = {name: after[name] - before[name] for name in before if name in after}
        if summary["refused"]:
            raise RuntimeError(f"{summary['refused']} anchors were refused")
        return summary

    def load_at_most(self, seconds=None):
        """As many anchors as fit, signed beforehand."""
        seconds = seconds or self.arguments.seconds
        return self.load("--max", "--presign", int(6_000 * seconds), "--poll-ms", 50, seconds=seconds)

    def warm_up(self):
        self.anchor_bytes = self.load("--rate", 200, seconds=2)["transaction_bytes"]
        print(f"an anchor of 16 pointers is a transaction of {self.anchor_bytes:,} bytes")

    def settle_in(self):
        """As after some hours of work: the validators know the gateways' keys."""
        anchors = GATEWAYS * (PATIENCE + 64)
        self.load("--max", "--presign", anchors, "--poll-ms", 50, seconds=anchors / 1_500)

    # Parts

    def throughput(self, with_peer):
        """Floors, PostgreSQL and the validators, round by round."""
        if with_peer:
            self.postgres.start()
        rounds = []
        for _ in range(self.arguments.rounds):
            floor = self.measure_floors()
            peer = {}
            for clients in CLIENTS if with_peer else []:
                seconds = max(2, round(self.arguments.seconds / 2))
                peer[clients] = self.postgres.commits(self.anchor_bytes, clients, seconds)
            rounds.append((floor, peer, self.load_at_most()))
        self.show_floors()
        self.show_throughput(rounds, with_peer)
        self.maximum = statistics.median(run["final_per_second"] for _, _, run in rounds)

    def measure_floors(self):
        command = [program("wardline-bench"), "ledger-floors", "--directory", str(self.folder)]
        floor = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        self.floors.append(floor)
        return floor

    def show_floors(self):
        print("\nFloors, microseconds (signatures: processor time; disk and network: clock)")
        for name in self.floors[0]:
            best = min(floor[name]["best"] for floor in self.floors)
            median = statistics.median(floor[name]["median"] for floor in self.floors)
            worst = statistics.median(floor[name]["p99"] for floor in self.floors)
            print(f"  {name:20} best {best:9.1f}   median {median:9.1f}   p99 {worst:9.1f}")
        commit = statistics.median(map(commit_floor, self.floors))
        print(f"  {'a commit':20} {commit:.0f} = 5 vote checks + 3 signatures + 4 hops + 1 fdatasync")
        checks = statistics.median(map(check_floor, self.floors))
        print(f"  {'signature checks':20} {checks:,.0f}/s = {PROCESSORS} processors / (4 x one P-256 check)")

    def show_throughput(self, rounds, with_peer):
        print("\nThroughput, a round a line")
        heads = ["anchors/s", "p50 ms", "p99 ms", "of checks"]
        heads += [f"PostgreSQL x{clients}" for clients in CLIENTS] + ["of PostgreSQL"] if with_peer else []
        print("  " + "".join(f"{head:>16}" for head in heads))
        ratios, peers = [], []
        for floor, peer, run in rounds:
            rate = run["final_per_second"]
            ratios.append(rate / check_floor(floor))
            latency = run["latency_ms"]
            row = [f"{rate:,.0f}", f"{latency['p50']:.0f}", f"{latency['p99']:.0f}", f"{ratios[-1]:.2f}"]
            if peer:
                peers.append(rate / max(value for value, _ in peer.values()))
                row += [f"{value:,.0f}/s {mean:.1f} ms" for value, mean in peer.values()]
                row.append(f"{peers[-1]:.2f}")
            print("  " + "".join(f"{word:>16}" for word in row))
        self.show_cost(rounds[-1][2])
        self.reached["anchors a second"] = statistics.median(run["final_per_second"] for _, _, run in rounds)
        self.reached["of the signature-check floor"] = statistics.median(ratios)
        if peers:
            self.reached["of PostgreSQL"] = statistics.median(peers)

    @staticmethod
    def show_cost(run):
        """Where the processors went in the last round."""
        each = {name: seconds / max(run["final"], 1) * 1e6 for name, seconds in run["validator_cpu"].items()}
        words = ", ".join(f"{name} {value:.0f}" for name, value in each.items())
        total = sum(run["validator_cpu"].values())
        print(f"  processor time of an anchor, µs: {words}; all {sum(each.values()):.0f}, without the client")
        size = run["final"] / max(run["blocks"], 1)
        print(f"  {run['blocks']} blocks of {size:.0f} anchors; {total:.1f} s of processor")

    def idle(self):
        """One anchor after the other, each into an empty pool."""
        run = self.load("--rate", 0, "--probes", 8, "--poll-ms", 500, seconds=max(self.arguments.seconds, 5))
        floor = statistics.median(map(commit_floor, self.floors)) / 1_000
        probe = run["probe_ms"]
        print(f"\nIdle commit, from the request to the answer with the proof, {probe['count']} of them")
        print(f"  p50 {probe['p50']:.2f} ms, p90 {probe['p90']:.2f}, p99 {probe['p99']:.2f}; floor {floor:.2f} ms")
        self.reached["idle commit, floors"] = probe["p50"] / floor

    def half(self):
        """Half of what was the most."""
        rate = self.maximum / 2
        words = ["--rate", rate, "--probes", 10, "--presign", int(rate * self.arguments.seconds), "--poll-ms", 50]
        run = self.load(*words)
        probe, latency = run["probe_ms"], run["latency_ms"]
        print(f"\nHalf load, {rate:,.0f} anchors/s offered, {run['final_per_second']:,.0f}/s final")
        print(f"  a client that waits: p50 {probe['p50']:.1f} ms, p90 {probe['p90']:.1f}, p99 {probe['p99']:.1f}")
        print(f"  seen by one that looks for blocks every 50 ms: p50 {latency['p50']:.1f} ms, p99 {latency['p99']:.1f}")
        self.reached["half load, p50 in ms"] = probe["p50"]

    def sweep(self):
        """Block time and time until final as the load grows, beside the models."""
        shares = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0, 1.2]
        seconds = self.arguments.seconds * 0.6
        work = statistics.median(floor["transaction_verify"]["median"] for floor in self.floors) * 2 / 1e6
        peers = models(self.anchor_bytes, work)
        rows = []
        for share in shares:
            rate = max(1, share * self.maximum)
            words = ["--rate", rate, "--presign", int(rate * seconds), "--poll-ms", 20, "--probes", 5]
            run = self.load(*words, seconds=seconds)
            row = {"offered": rate, "final": run["final_per_second"]}
            row["wardline block s"] = seconds / max(run["blocks"], 1)
            row["wardline final s"] = run["latency_ms"]["p50"] / 1_000
            for peer in peers:
                row[f"{peer.name} (model) block s"] = peer.block_time(rate)
                row[f"{peer.name} (model) final s"] = peer.final(rate, seconds)
            rows.append(row)
        self.show_sweep(rows, peers)
        Path(self.arguments.csv).parent.mkdir(parents=True, exist_ok=True)
        with open(self.arguments.csv, "w", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    def show_sweep(self, rows, peers):
        columns = [f"{row['offered']:,.0f}/s" for row in rows]
        for kind, title in [("block", "Seconds between blocks"), ("final", "Seconds until an anchor is final")]:
            series = [("W", [row[f"wardline {kind} s"] for row in rows])]
            series += [(peer.symbol, [row[f"{peer.name} (model) {kind} s"] for row in rows]) for peer in peers]
            draw(f"{title}, as the load grows (W measured here; P, D models)", columns, series)
            print("  W " + "  ".join(f"{row[f'wardline {kind} s']:.3f}" for row in rows))
        for peer in peers:
            room = peer.capacity / peer.interval
            print(f"  {peer.symbol}: {peer.name}, a model: {peer.assumptions}; {room:,.0f} anchors/s")
        print(f"  as CSV: {self.arguments.csv}")

    def intervals(self):
        """The interval between blocks is the operator's; an idle chain waits for none of them."""
        print("\nBlock interval (300 anchors/s, and alone into an empty pool)")
        print(f"  {'configured':>12}{'blocks/s':>12}{'p50 ms':>12}{'idle p50 ms':>14}")
        for interval in [10, 50, 200, 1_000]:
            self.restart(f"block_interval_ms: {interval}")
            seconds = max(3.0, self.arguments.seconds / 2)
            run = self.load("--rate", 300, "--poll-ms", 10, seconds=seconds)
            # Further apart than the interval: the block before must not be the reason to wait.
            idle = self.load("--rate", 0, "--probes", min(8, 800 / interval), seconds=8)
            blocks, p50 = run["blocks"] / seconds, run["latency_ms"]["p50"]
            print(f"  {interval:>9} ms{blocks:>12.1f}{p50:>12.1f}{idle['probe_ms']['p50']:>14.2f}")
        self.restart("")

    def restart(self, options):
        for validator in self.chain.validators:
            validator.terminate()
            validator.configure(self.chain.genesis, self.chain.validators, options)
        self.chain.start()

    def leader(self):
        """Kills the leader under load and waits for the next commit that it has no part in."""
        print("\nLeader killed at a timeout of 300 ms, 300 anchors/s")
        self.restart("progress_timeout_ms: 300")
        gaps = []
        for _ in range(self.arguments.kills):
            gap, victim = self.kill_leader()
            gaps.append(gap)
            print(f"  validator {victim}: the next commit after {gap:.3f} s")
        print(f"  median {statistics.median(gaps):.3f} s, longest {max(gaps):.3f} s")
        self.reached["next commit after the leader's death, s"] = max(gaps)

    def kill_leader(self):
        output = self.folder / "leader.ndjson"
        words = [program("wardline-bench"), "chain-load", "--genesis", self.chain.genesis]
        words += ["--rate", 300, "--seconds", 6]
        for gateway in self.gateways:
            words += ["--identity", gateway]
        for url in self.chain.urls:
            words += ["--validator", url]
        words += ["--drain", 30, "--poll-ms", 5, "--output", output]
        run = subprocess.Popen([str(word) for word in words], stdout=subprocess.DEVNULL)
        time.sleep(2 + random.random())
        victim = self.chain.validator(self.chain.leader("index"))
        killed = time.time() * 1_000
        victim.kill()
        if run.wait() != 0:
            raise RuntimeError("chain-load does not survive the leader")
        commits = sorted({json.loads(line)["committed_ms"] for line in output.read_text().splitlines()})
        victim.start()
        self.chain.wait_until_ready()
        # What was decided before the kill is seen a little later; the pause begins behind that.
        near = [at for at in commits if killed - 200 <= at <= killed + 20_000]
        _, after = max(zip(near, near[1:]), key=lambda pair: pair[1] - pair[0])
        return (after - killed) / 1_000, victim.number

    # The end

    def judge(self):
        print("\nGoals")
        for name, (goal, kind) in GOALS.items():
            if name not in self.reached:
                continue
            value = self.reached[name]
            is_met = value >= goal if kind == "at least" else value <= goal
            print(f"  {name:42} {value:10,.2f}   {kind} {goal:g}   {'met' if is_met else 'MISSED'}")


def commit_floor(floor):
    """Microseconds that one block cannot do without: 5 checks and 3 signatures of votes, 4 hops, 1 fdatasync."""
    signatures = 5 * floor["ed25519_verify"]["median"] + 3 * floor["ed25519_sign"]["median"]
    return signatures + 4 * floor["loopback_64"]["median"] / 2 + floor["fdatasync_4k"]["median"]


def check_floor(floor):
    """Anchors a second when four replicas do nothing but check their signatures."""
    return PROCESSORS / (4 * floor["p256_verify"]["median"] / 1e6)


def processor_time(validators):
    """Seconds of processor time by validator."""
    ticks = os.sysconf("SC_CLK_TCK")
    times = {}
    for validator in validators:
        if validator.is_running():
            fields = Path(f"/proc/{validator.pid}/stat").read_text().rpartition(")")[2].split()
            times[validator.name] = (int(fields[11]) + int(fields[12])) / ticks
    return times


if __name__ == "__main__":
    main()

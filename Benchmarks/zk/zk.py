"""The benchmark of policy proofs behind Benchmarks/zk/run.

Every step runs in a process of its own, product and peers in turn; the tables have the best of all repeats.
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

PEERS = Path(__file__).parent / "peers.py"
# The published prototype of proofs of policies: row, its figure, our goal, unit.
PAPER = {
    "key generation": (14.0, 2.0, "s"),
    "proving": (46.0, 0.5, "s"),
    "verification": (0.516, 0.003, "s"),
    "proving key": (14.7e6, 3e6, "B"),
    "verification key": (105.3e3, 1e3, "B"),
    "proof": (None, 192, "B"),
}
# Another machine (Xeon Cascade Lake, 2.5 GHz): processor seconds of gnark 0.9.1 on BLS12-381 by the chain's domain:
# constraints, key generation, proving.
GNARK = {12: (4089, 3.1, 0.438), 14: (16377, 14.4, 1.231), 16: (65529, 57.7, 4.268)}
# The same machine, processor seconds of peers that this run has too. blst has its field arithmetic in assembly like
# gnark, arkworks has not: the same program gains differently from another processor.
YARDSTICKS = {
    "blst": ("blspy 0", {"sign": 0.00047, "verify": 0.00151}),
    "arkworks": ("groth16py 10000", {"keygen": 1.96, "prove": 1.94}),
}
GOALS = {"keygen": 0.5, "prove": 1.5}
BLOCK_GOAL = 4.0
# zksnake's work beside the sums is Python; longer chains take minutes and show nothing more.
ZKSNAKE_LOGARITHM = 12


def main():
    parser = argparse.ArgumentParser(prog="Benchmarks/zk/run")
    parser.add_argument("--bench", required=True, help="the wardline-bench program")
    parser.add_argument("--rounds", type=int, default=3, help="turns of product and peers")
    parser.add_argument("--quick", action="store_true", help="one round, the chain of 2^12 only, without zksnake")
    parser.add_argument("--json", type=Path, help="write all times here")
    arguments = parser.parse_args()
    rounds = 1 if arguments.quick else arguments.rounds
    logarithms = [12] if arguments.quick else sorted(GNARK)
    show_machine()
    with tempfile.TemporaryDirectory() as folder:
        runs = Runs(arguments.bench, Path(folder))
        for number in range(rounds):
            print(f"round {number + 1} of {rounds}, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
            for circuit in ("policy", "universal"):
                runs.product(circuit)
                runs.block(circuit)
            for logarithm in logarithms:
                runs.product(f"chain-{logarithm}")
                runs.peer("groth16py", GNARK[logarithm][0])
                if logarithm == ZKSNAKE_LOGARITHM and not arguments.quick:
                    runs.peer("zksnake", GNARK[logarithm][0])
            runs.peer("groth16py", 10_000)
            runs.peer("blspy", 0)
    for circuit in ("policy", "universal"):
        show_paper(circuit, runs)
    show_chains(logarithms, runs)
    show_blocks(runs)
    print(f"\nload at the end {os.getloadavg()[0]:.1f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(runs.reports, indent=1))


class Runs:
    """Everything measured, by circuit or peer and step."""

    def __init__(self, bench, folder):
        self.bench, self.folder = bench, folder
        self.reports = {}

    def product(self, circuit):
        key = self.folder / f"{circuit}.key"
        for step in ("keygen", "prove"):
            self.add(circuit, step, [self.bench, "zk", step, circuit, "--key", key])

    def block(self, circuit):
        self.add(circuit, "block", [self.bench, "zk", "block", circuit, "--key", self.folder / f"{circuit}.key"])

    def peer(self, name, constraints):
        # Both measured without helpers: ours has one process as well.
        environment = {**os.environ, "ZKSNAKE_PARALLEL_CPU": "1"}
        self.add(f"{name} {constraints}", "all", [sys.executable, PEERS, name, str(constraints), "3"], environment)

    def add(self, name, process, command, environment=None):
        ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
        self.reports.setdefault(name, {}).setdefault(process, []).append(json.loads(ran.stdout))

    def times(self, name, step, clock="cpu"):
        reports = [report for process in self.reports[name].values() for report in process]
        return [time for report in reports for time in report["steps"].get(step, {}).get(clock, [])]

    def best(self, name, step, clock="cpu"):
        return min(self.times(name, step, clock))

    def median(self, name, step, clock="cpu"):
        return statistics.median(self.times(name, step, clock))

    def figure(self, name, process, figure):
        """The largest: counts and sizes are the same in all rounds, memory need not be."""
        return max(report["figures"][figure] for report in self.reports[name][process])


def show_machine():
    models = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    model = models[0].split(":", 1)[1].strip() if models else "unknown processor"
    print(f"{model}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")


def show_paper(circuit, runs):
    constraints = runs.figure(circuit, "keygen", "constraints")
    print(f"\nThe {circuit} circuit, {constraints} constraints; seconds on the wall\n")
    proving = [sum(parts) for parts in zip(runs.times(circuit, "witness", "wall"), runs.times(circuit, "prove", "wall"))]
    seconds = {
        "key generation": runs.times(circuit, "keygen", "wall"),
        "proving": proving,
        "verification": runs.times(circuit, "verify", "wall"),
    }
    sizes = {
        "proving key": runs.figure(circuit, "keygen", "proving key"),
        "verification key": runs.figure(circuit, "keygen", "verification key"),
        "proof": runs.figure(circuit, "prove", "proof"),
    }
    rows = []
    for name, (published, goal, unit) in PAPER.items():
        values = seconds.get(name, [sizes.get(name)])
        best, median = min(values), statistics.median(values)
        spoken = ["" if value is None else amount(value, unit) for value in (best, median, published, goal)]
        times = f"{published / best:.1f}" if published else ""
        # The universal circuit does more than the paper's: its figures are beside it, the goals are not its own.
        row = [name, *spoken[:3], times, *([spoken[3], verdict(best <= goal)] if circuit == "policy" else [])]
        rows.append(row)
    table(["", "best", "median", "the paper", "times", *(["goal", ""] if circuit == "policy" else [])], rows)
    print(
        f"\nin it, best: synthesis {amount(runs.best(circuit, 'synthesize', 'wall'), 's')}, witness "
        f"{amount(runs.best(circuit, 'witness', 'wall'), 's')}, loading the key "
        f"{amount(runs.best(circuit, 'load', 'wall'), 's')}, verification with a new key "
        f"{amount(runs.best(circuit, 'verify with a new key', 'wall'), 's')};\nprocessor time: key generation "
        f"{amount(runs.best(circuit, 'keygen'), 's')}, proving {amount(runs.best(circuit, 'prove'), 's')}; "
        f"memory at most: key generation {amount(runs.figure(circuit, 'keygen', 'peak'), 'B')}, "
        f"proving {amount(runs.figure(circuit, 'prove', 'peak'), 'B')}"
    )


def show_chains(logarithms, runs):
    scales = {name: machine_scale(runs, name) for name in YARDSTICKS}
    print("\nChains of squarings; processor time, best\n")
    rows = []
    for logarithm in logarithms:
        constraints, *gnark = GNARK[logarithm]
        circuit = f"chain-{logarithm}"
        for step, there in zip(("keygen", "prove"), gnark):
            peers = [f"groth16py {constraints}", f"zksnake {constraints}"]
            measured = [runs.best(peer, step) if peer in runs.reports else None for peer in peers]
            ours = runs.best(circuit, step)
            scaled = [ours / (there * scale) for scale in scales.values()]
            ratios = [ours / peer if peer else None for peer in measured] + [ours / there, *scaled]
            rows.append([
                f"{'key generation' if step == 'keygen' else 'proving'} 2^{logarithm}",
                amount(ours, "s"), amount(runs.median(circuit, step), "s"),
                amount(runs.best(circuit, step, "wall"), "s"),
                f"{ours / constraints * 1e6:.1f}", amount(runs.figure(circuit, step, "peak"), "B"),
                *["" if ratio is None else f"{ratio:.2f}" for ratio in ratios],
                f"{GOALS[step]} {verdict(scaled[0] <= GOALS[step])}",
            ])  # fmt: skip
    head = ["", "best", "median", "wall", "µs/constr.", "memory", "/ groth16py", "/ zksnake", "/ gnark there"]
    table([*head, *(f"/ ~gnark ({name})" for name in scales), "goal"], rows)
    rows = []
    for name in [name for name in runs.reports if name.startswith(("groth16py", "zksnake"))]:
        times = [amount(runs.best(name, step), "s") for step in ("keygen", "prove", "verify")]
        rows.append([name, *times, amount(runs.figure(name, "all", "peak"), "B")])
    print("\nThe peers in this run: processor time, best; groth16py is on BN254, zksnake on BLS12-381\n")
    table(["", "key generation", "proving", "verification", "memory"], rows)
    factors = " and ".join(f"{scale:.2f} by {name}" for name, scale in scales.items())
    print(
        "\ngnark there: processor time on another machine (Xeon Cascade Lake, 2.5 GHz). ~gnark: the same, times what\n"
        f"a peer's work takes here of what it took there: {factors}. Goals are judged by the former."
    )


def machine_scale(runs, name):
    """Time here of time there: the geometric mean over the steps that a peer has on both machines."""
    peer, there = YARDSTICKS[name]
    return math.prod(runs.best(peer, step) / time for step, time in there.items()) ** (1 / len(there))


def show_blocks(runs):
    count = runs.figure("policy", "block", "proofs")
    print(f"\n{count} different proofs one by one and as a batch, {os.cpu_count()} processors\n")
    rows = []
    for circuit in ("policy", "universal"):
        for clock in ("wall", "cpu"):
            single, batch = (runs.best(circuit, step, clock) for step in ("one by one", "batch"))
            medians = [runs.median(circuit, step, clock) for step in ("one by one", "batch")]
            goal = f"{BLOCK_GOAL:.0f} {verdict(single / batch >= BLOCK_GOAL)}" if clock == "wall" else ""
            rows.append([
                f"{circuit}, {clock}", amount(single, "s"), amount(batch, "s"), amount(batch / count, "s"),
                f"{single / batch:.2f}", f"{medians[0] / medians[1]:.2f}", goal,
            ])  # fmt: skip
    table(["", "one by one", "batch", "a proof", "times", "of medians", "goal"], rows)


def verdict(is_met):
    return "met" if is_met else "NOT MET"


def amount(value, unit):
    if unit == "B":
        steps = ((1e6, "MB"), (1e3, "KB"), (1, "B"))
    else:
        steps = ((1, "s"), (1e-3, "ms"), (1e-6, "µs"))
    factor, name = next((step for step in steps if value >= step[0]), steps[-1])
    scaled = value / factor
    return f"{scaled:.0f} {name}" if name == "B" else f"{scaled:.3g} {name}" if scaled < 100 else f"{scaled:.0f} {name}"


def table(head, rows):
    widths = [max(len(row[place]) for row in [head, *rows]) for place in range(len(head))]
    for row in [head, *rows]:
        cells = [cell.rjust(width) for cell, width in zip(row, widths)]
        cells[0] = row[0].ljust(widths[0])
        print("  ".join(cells).rstrip())


if __name__ == "__main__":
    main()

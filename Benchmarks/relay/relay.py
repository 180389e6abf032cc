"""The relay benchmark behind Benchmarks/relay/run.

Two alliances and a relay chain of four validators each, three verification nodes for every chain, one gateway for every
alliance, all processes of this machine. Times are those that blocks carry: when the asking chain's block said a request, and
when the relay chain's block took it. Links and messages between the chains are what the kernel and the servers count.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from rig.alliances import HUB, Alliances  # noqa: E402
from rig.paths import program  # noqa: E402
from rig.processes import exit_on_sigterm  # noqa: E402
from traffic import Traffic  # noqa: E402

CHECKS_PER_MESSAGE = 20
CALLS_AT_ONCE = 32
# Between two exchanges whose traffic is counted; one takes less than a second.
APART_SECONDS = 2


def main():
    exit_on_sigterm()
    parser = argparse.ArgumentParser(prog="Benchmarks/relay/run")
    parser.add_argument("--hops", type=int, default=30, help="single messages, one after the other (default 30)")
    parser.add_argument("--messages", type=int, default=200, help="messages at once (default 200)")
    parser.add_argument("--backlog", type=int, default=10_000, help="pending messages (default 10,000)")
    parser.add_argument("--exchanges", type=int, default=30, help="whole exchanges whose traffic is counted (default 30)")
    parser.add_argument("--directory", default="/var/tmp", help="on the disk to be measured")
    parser.add_argument("--json", type=Path, help="write all figures here")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wardline-relay-", dir=arguments.directory)))
        alliances = Alliances(folder, gateways=1)
        stack.callback(alliances.terminate)
        alliances.start()
        report = Measurement(alliances).run(arguments)
    show(report)
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=2) + "\n")
    return 0


class Measurement:
    """What is measured between two alliances."""

    def __init__(self, alliances):
        self.alliances = alliances
        self.north = alliances.chain("north")

    def run(self, arguments):
        check = self._check_microseconds()
        self._hops(3)
        alone = self._hops(arguments.hops)
        traffic = self._traffic(arguments.exchanges)
        many = self._calls(arguments.messages, CALLS_AT_ONCE)
        interval = self._interval(many)
        backlog, begin, beside, carried = self._beside_backlog(arguments)
        floor = 1_000_000 / (CHECKS_PER_MESSAGE * check)
        rate = self._rate(many)
        return {
            "check_microseconds": check,
            "block_interval_ms": interval,
            "hop_ms": summary(alone),
            "hop_in_block_intervals": statistics.median(alone) / interval,
            "messages_per_second": rate,
            "floor_messages_per_second": floor,
            "rate_of_floor": rate / floor,
            "backlog": backlog,
            "carried_of_backlog_meanwhile": carried,
            "hop_when_backlog_gives_way_ms": summary(begin),
            "hop_beside_backlog_ms": summary(beside),
            "beside_of_alone": statistics.median(beside) / statistics.median(alone),
            "traffic": traffic,
            "without_gateways": without_gateways(self.alliances),
        }

    def _check_microseconds(self):
        """A signature's check: its message hashed to G2, and a product of two pairings."""
        total = 0.0
        for operation in ("pairing product of 2", "hash to G2"):
            output = subprocess.run([program("wardline-bench"), "pairing", operation], capture_output=True, text=True, check=True)
            total += float(output.stdout.split()[-1])
        return total

    def _calls(self, count, at_once, *words, hub=True, service="share"):
        """Opens exchanges with a service of the south; what became of each. Those with share stay open."""
        dev, relay = self.north.dev, self.alliances.hub.dev
        command = [
            program("wardline-sim"), "exchanges", "--genesis", dev.genesis, "--identity", dev.identity("researcher-1"),
            "--to", f"{HUB}:south:{service}", "--count", count, "--concurrency", at_once, "--expiry-seconds", 86_400, *words,
        ]
        for node in dev.validators:
            command += ["--validator", node.url]
        if hub:
            command += ["--hub-genesis", relay.genesis, "--hub-identity", relay.identity("operator-1")]
            command += ["--hub-seconds", 120]
            for node in relay.validators:
                command += ["--hub-validator", node.url]
        result = subprocess.run(list(map(str, command)), capture_output=True, text=True)
        if result.returncode != 0:
            raise RuntimeError(result.stderr)
        return [json.loads(line) for line in result.stdout.splitlines()]

    def _hops(self, count):
        """Times of single messages, each opened when the relay chain has taken the one before, ms."""
        return [report["taken"] - report["time"] for report in self._calls(count, 1, "--until-taken")]

    @staticmethod
    def _rate(reports):
        """Messages that the relay chain took in a second, the first one not counted."""
        times = sorted(report["taken"] for report in reports)
        return (len(times) - 1) * 1_000 / max(1, times[-1] - times[0])

    def _interval(self, reports):
        """The median time between two blocks of the relay chain while it took these messages, ms."""
        first, last = min(report["taken"] for report in reports), max(report["taken"] for report in reports)
        rows = [line.split() for line in self.alliances.hub.dev.chain("blocks", "--channel", "access", "--last", 4_096).splitlines()]
        times = sorted(datetime.fromisoformat(row[1].replace("Z", "+00:00")).timestamp() * 1_000 for row in rows)
        within = [moment for moment in times if first <= moment <= last]
        return statistics.median(after - before for before, after in zip(within, within[1:]))

    def _traffic(self, count):
        """What runs between the chains while single exchanges, one after the other, are carried there and back."""
        # Of a service that answers by itself; nobody but gateways and verification nodes asks the relay chain meanwhile.
        return Traffic(self.alliances).measure(lambda: self._spaced(count))

    def _spaced(self, count):
        """Opens exchanges so far apart that each is over before the next; asking whether it is would be traffic as well."""
        for _ in range(count):
            self._calls(1, 1, hub=False, service="delivery")
            time.sleep(APART_SECONDS)
        return count

    def _beside_backlog(self, arguments):
        gateway = self.north.gateways[0]
        gateway.terminate()
        # Of another service: requests to one run at most 1,024 ahead of what the relay chain has taken.
        self._calls(arguments.backlog, CALLS_AT_ONCE, hub=False, service="delivery")
        gateway.start()
        time.sleep(5)
        # What the backlog had begun before the first of them is not over yet.
        begin = self._hops(arguments.hops)
        beside = self._hops(arguments.hops)
        carried = self._carried()
        return arguments.backlog, begin, beside, carried

    def _carried(self):
        status = json.loads(
            self.alliances.hub.dev.wardline(
                "relay", "status", "--gateway", self.north.gateways[0].url, "--json", "--identity",
                self.alliances.hub.dev.identity("operator-1"),
            )
        )
        return status["accepted"]


def without_gateways(alliances):
    """The model to compare with, computed: every validator of a chain talks to every validator of each other chain."""
    chains = len(alliances.chains)
    validators = len(alliances.hub.dev.validators)
    return {
        "links": chains * (chains - 1) // 2 * validators * validators,
        # A request there and an answer back, from each to each.
        "messages_per_exchange": 2 * validators * validators,
    }


def summary(values):
    ordered = sorted(values)
    return {
        "count": len(ordered), "p50": statistics.median(ordered), "p90": ordered[int(0.9 * (len(ordered) - 1))],
        "max": ordered[-1],
    }


def show(report):
    """The figures beside their goals."""
    rows = [
        ("one hop at rest, block intervals", report["hop_in_block_intervals"], 3.0, False),
        ("messages through one gateway, of the floor", report["rate_of_floor"], 0.3, True),
        ("one hop beside a backlog, of one at rest", report["beside_of_alone"], 1.5, False),
    ]
    for name, value, goal, is_least in rows:
        met = value >= goal if is_least else value <= goal
        print(f"{name:<45} {value:8.2f}   goal {'>=' if is_least else '<='} {goal}{'' if met else '   MISSED'}")
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    sys.exit(main())

"""The memory benchmark behind Benchmarks/memory; README.md says what the figures mean."""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from rig.agent import Agent  # noqa: E402
from rig.broker import Broker  # noqa: E402
from rig.processes import exit_on_sigterm  # noqa: E402
from rig.ward import Ward  # noqa: E402

STARTS = 7
# Lines that the way to the last message is printed in.
SLICES = 20
# The part of the messages after which memory has to be flat: by then all caches are full.
SETTLED = 0.2
# What may come to stay between the two halves of the rest, in MiB: allocators round by pages and arenas.
FLAT_MEBIBYTES = 1.0
# The goal for every single reading: 40 MB.
LARGEST_MEBIBYTES = 40e6 / (1 << 20)


def main():
    exit_on_sigterm()
    parser = argparse.ArgumentParser(prog="Benchmarks/memory")
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--rate", type=int, default=10_000, help="messages per second")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-", dir=ROOT / ".build") as folder:
        broker = Broker(Path(folder) / "broker").start()
        agent = Agent(Path(folder) / "agent", broker)
        ward = Ward(Path(folder), broker)
        try:
            measure_start(agent)
            return 0 if measure_memory(agent, ward, arguments) else 1
        finally:
            ward.terminate()
            agent.terminate()
            broker.terminate()


def measure_start(agent):
    """From the start of the process until /readyz says yes; leaves the agent running."""
    times = []
    for _ in range(STARTS):
        agent.terminate()
        started = time.monotonic()
        agent.start()
        while agent.http("/readyz")[0] != 200:
            if time.monotonic() - started > 60 or not agent.is_running():
                raise SystemExit(f"the agent does not become ready; see {agent.log}:\n{agent.log_tail()}")
            time.sleep(0.001)
        times.append((time.monotonic() - started) * 1000)
    print(f"start to ready: best {min(times):.0f} ms, median {statistics.median(times):.0f} ms")


def measure_memory(agent, ward, arguments):
    """Memory at rest, on the way and when all messages are in the spool.

    Returns whether it is flat.
    """
    time.sleep(5)
    show("idle", [anonymous(agent)], agent)
    ward.start(
        "--beds", 64, "--present-only", "--count", arguments.messages, "--rate", arguments.rate, "--window", 1000
    )
    readings, shown, slices = [], 0, 0
    while (seen := agent.metric("wardline_messages_total") or 0) < arguments.messages:
        if not agent.is_running():
            raise SystemExit(f"the agent ended:\n{agent.log_tail()}")
        readings.append((seen, anonymous(agent)))
        if seen >= (slices + 1) * arguments.messages / SLICES:
            show(f"{seen:,.0f} messages", [memory for _, memory in readings[shown:]], agent)
            shown, slices = len(readings), slices + 1
        time.sleep(0.1)
    ward.wait()
    show(f"{seen:,.0f} messages", [memory for _, memory in readings[shown:]] or [anonymous(agent)], agent)
    time.sleep(5)
    show("5 s later", [anonymous(agent)], agent)
    return judge([reading for reading in readings if reading[0] >= arguments.messages * SETTLED])


def anonymous(agent):
    """RssAnon in MiB."""
    return agent.resident_kilobytes("RssAnon") / 1024


def show(moment, readings, agent):
    """Prints what was read since the last line."""
    total = agent.resident_kilobytes("VmRSS") / 1024
    print(
        f"{moment:<20} RssAnon smallest {min(readings):5.1f}, median {statistics.median(readings):5.1f},"
        f" largest {max(readings):5.1f} MiB of {len(readings):>4}   total RSS {total:5.1f} MiB",
        flush=True,
    )


def judge(readings):
    """Prints how the readings moved once the caches had filled; returns whether that is flat.

    A commit's buffers come and go with the load, so a single reading says little. What stays, be it a leak or a step,
    lifts the smallest reading of the second half over that of the first.
    """
    if len(readings) < 4:
        raise SystemExit("too few messages to say whether memory is flat; give more, such as --messages 100000")
    half = (readings[0][0] + readings[-1][0]) / 2
    first = [memory for messages, memory in readings if messages < half]
    second = [memory for messages, memory in readings if messages >= half]
    for name, values in (("first half", first), ("second half", second)):
        print(
            f"{name + ' after the start':<30} smallest {min(values):5.1f}, median {statistics.median(values):5.1f},"
            f" largest {max(values):5.1f} MiB of {len(values):>4}"
        )
    slope = statistics.linear_regression(*zip(*readings)).slope * 1_000_000
    stays, largest = min(second) - min(first), max(first + second)
    flat = stays <= FLAT_MEBIBYTES and largest <= LARGEST_MEBIBYTES
    print(
        f"{'flat' if flat else 'NOT FLAT'}: from {readings[0][0]:,.0f} to {readings[-1][0]:,.0f} messages {stays:+.2f}"
        f" MiB came to stay (goal: at most {FLAT_MEBIBYTES:+.1f}), largest {largest:.1f} MiB (goal: at most"
        f" {LARGEST_MEBIBYTES:.1f}), line through all readings {slope:+.2f} MiB per million messages"
    )
    return flat


if __name__ == "__main__":
    sys.exit(main())

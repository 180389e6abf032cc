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
            measure_memory(agent, ward, arguments)
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
    """Memory at rest, on the way and when all messages are in the spool."""
    time.sleep(5)
    show("idle", agent)
    ward.start(
        "--beds", 64, "--present-only", "--count", arguments.messages, "--rate", arguments.rate, "--window", 1000
    )
    next_sample = arguments.messages // 10
    while (seen := agent.metric("wardline_messages_total") or 0) < arguments.messages:
        if not agent.is_running():
            raise SystemExit(f"the agent ended:\n{agent.log_tail()}")
        if seen >= next_sample:
            show(f"{seen:,.0f} messages", agent)
            next_sample += arguments.messages // 10
        time.sleep(0.2)
    ward.wait()
    time.sleep(5)
    show(f"{seen:,.0f} messages, 5 s later", agent)


def show(moment, agent):
    anonymous, total = agent.resident_kilobytes("RssAnon"), agent.resident_kilobytes("VmRSS")
    print(f"{moment:<32} RssAnon {anonymous / 1024:6.1f} MiB   total RSS {total / 1024:6.1f} MiB", flush=True)


if __name__ == "__main__":
    main()

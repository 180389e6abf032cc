"""The drain benchmark behind Benchmarks/ingest; README.md says what is compared and why."""

import argparse
import json
import os
import statistics
import subprocess
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

POLL_SECONDS = 0.02
STALL_SECONDS = 120
# The peer that the issue names; ratios are taken to it.
PEER = "mosquitto_sub"


def main():
    exit_on_sigterm()
    arguments = parse_arguments()
    results = {name: [] for name in arguments.only}
    for number in range(1, arguments.repeats + 1):
        print(f"round {number}/{arguments.repeats}", file=sys.stderr)
        # Each round begins with another contender, so that none always has the warmest or the fullest broker.
        turn = (number - 1) % len(arguments.only)
        measure_round(arguments, arguments.only[turn:] + arguments.only[:turn], results)
    print_table(results, arguments)


def parse_arguments():
    parser = argparse.ArgumentParser(prog="Benchmarks/ingest")
    parser.add_argument("--messages", type=int, default=200_000, help="in each session (the paho script gets a tenth)")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", default=",".join(CONTENDERS), help="contenders, separated by commas")
    parser.add_argument("--directory", default=str(ROOT / ".build"), help="where the databases go: a real disk")
    arguments = parser.parse_args()
    arguments.only = arguments.only.split(",")
    return arguments


def measure_round(arguments, names, results):
    """Fills a session for each contender in one fresh broker, then drains them one after the other."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir=arguments.directory) as folder:
        broker = Broker(Path(folder) / "broker").start()
        try:
            messages = prefill(broker, Path(folder), names, arguments.messages)
            for name in names:
                drain = CONTENDERS[name](broker, Path(folder) / name, name, messages[name])
                results[name].append(drain)
                print(f"  {name:<24} {drain.rate:>9,.0f} msg/s", file=sys.stderr)
        finally:
            broker.terminate()


def prefill(broker, folder, names, count):
    """The number of messages that wait for each contender."""
    messages = {name: count // 10 if name == "paho + sqlite" else count for name in names}
    for size in set(messages.values()):
        sharing = [name for name in names if messages[name] == size]
        sessions = [word for name in sharing for word in ("--prefill", session(name))]
        Ward(folder, broker, f"prefill-{size}").run(
            "--ward", f"bench-{size}", "--prefill-filter", f"ward/bench-{size}/#", *sessions,
            "--beds", 64, "--present-only", "--count", size, "--client-id", f"prefill-{size}",
        )
    return messages


def session(name):
    """The MQTT client identifier of a contender."""
    return "bench-" + "".join(letter for letter in name if letter.isalnum())


class Drain:
    """The times of one drain, in seconds of the monotonic clock."""

    def __init__(self, messages, started, first, last):
        self.messages = messages
        self.started = started
        self.first = first
        self.last = last

    @property
    def rate(self):
        """Messages per second from the first message to the last."""
        return self.messages / (self.last - self.first)

    @property
    def rate_from_start(self):
        """Messages per second with the start of the program in it."""
        return self.messages / (self.last - self.started)


# Contenders: each takes (broker, folder, name, number of messages) and gives a Drain.


def mosquitto_sub(broker, folder, name, messages, *options):
    """Acknowledges on arrival and keeps nothing: the ceiling for a client written with care in C."""
    started = time.monotonic()
    subprocess.run(
        ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(broker.port), "-V", "mqttv5", "-q", "1", "-c", "-x", "86400",
         "-i", session(name), "-t", f"ward/bench-{messages}/#", "-C", str(messages), *options],
        stdout=subprocess.DEVNULL, check=True,
    )
    # It starts in a few milliseconds, so start and first message are taken for the same, in its disfavour.
    return Drain(messages, started, started, time.monotonic())


def mosquitto_sub_wide(broker, folder, name, messages):
    """The same with the agent's receive maximum."""
    return mosquitto_sub(broker, folder, name, messages, "-D", "connect", "receive-maximum", "1024")


def agent_stored(broker, folder, name, messages):
    """The agent's durable half: every acknowledgement after the fsync of its burst."""
    return agent_drain(broker, folder, name, messages, "wardline_messages_stored_total", hold=True)


def agent_whole(broker, folder, name, messages):
    """The whole agent: Observations in the spool."""
    return agent_drain(broker, folder, name, messages, "wardline_messages_total", hold=False)


def agent_drain(broker, folder, name, messages, metric, hold):
    agent = Agent(folder, broker, client=session(name), with_sink=False)
    started = time.monotonic()
    agent.start(hold_normalization=hold)
    try:
        first, last = watch(agent, metric, messages)
        stats = agent.stats()
        stored = stats["received"] + stats["backlogMessages"]
    finally:
        agent.terminate()
    if stored != messages:
        raise SystemExit(f"{name}: the spool holds {stored} of {messages} messages")
    return Drain(messages, started, first, last)


def watch(agent, metric, messages):
    """The instants of the first and the last message, to a poll."""
    first = progress = time.monotonic()
    seen = 0
    while seen < messages:
        time.sleep(POLL_SECONDS)
        asked = time.monotonic()
        value = agent.metric(metric) or 0
        if seen == 0:
            # Nothing had come by the poll before this one: the first message is no older than that.
            first = first if value else asked
        if value > seen:
            seen, progress = value, asked
        if asked - progress > STALL_SECONDS or not agent.is_running():
            raise SystemExit(f"{metric} stays at {seen:.0f} of {messages}; see {agent.log}:\n{agent.log_tail()}")
    return first, time.monotonic()


def paho_sqlite(broker, folder, name, messages):
    """The script that one would write in an afternoon, with the agent's guarantee: commit, then acknowledge."""
    folder.mkdir()
    words = [sys.executable, str(ROOT / "Benchmarks/paho_sqlite.py"), str(broker.port), session(name),
             str(folder / "messages.db"), str(messages)]
    result = subprocess.run(words, stdout=subprocess.PIPE, check=True, text=True)
    return Drain(messages, **json.loads(result.stdout))


CONTENDERS = {
    PEER: mosquitto_sub,
    "mosquitto_sub wide": mosquitto_sub_wide,
    "agent stored": agent_stored,
    "agent whole": agent_whole,
    "paho + sqlite": paho_sqlite,
}


# The report


def print_table(results, arguments):
    print(f"{arguments.messages} messages of about 200 bytes and four readings, {arguments.repeats} rounds, "
          f"{os.cpu_count()} cores; messages per second")
    print(f"{'contender':<24}{'best':>12}{'median':>12}{'from start':>12}{'best/peer':>12}{'median/peer':>12}")
    for name, drains in results.items():
        figures = [best(drains), median(drains)]
        start = statistics.median(drain.rate_from_start for drain in drains)
        ratios = ["", ""]
        if results.get(PEER):
            ratios = [f"{figures[0] / best(results[PEER]):.2f}", f"{figures[1] / median(results[PEER]):.2f}"]
        print(f"{name:<24}{figures[0]:>12,.0f}{figures[1]:>12,.0f}{start:>12,.0f}{ratios[0]:>12}{ratios[1]:>12}")
    if results.get("agent stored") and results.get("paho + sqlite"):
        ratio = median(results["agent stored"]) / median(results["paho + sqlite"])
        print(f"agent stored / paho + sqlite, medians: {ratio:.1f}")


def best(drains):
    return max(drain.rate for drain in drains)


def median(drains):
    return statistics.median(drain.rate for drain in drains)


if __name__ == "__main__":
    main()

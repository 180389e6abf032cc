#!/usr/bin/env python3
"""A ward of recorded patients whose monitors lie in six ways at known places, through a real broker and a real agent.

The recordings are looped to a simulated day and replayed at 200 times their speed. Then every Observation of the agent's sink
is held against what was published: every lie caught and marked, no true value altered by a digit, waveforms bit by bit as
their source, and the accounts of `wardline audit devices` balanced to the last message. One line of JSON; exit code 1 if
anything is not so.
"""

import argparse
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

import paho.mqtt.client as mqtt  # noqa: E402
from lying import recordings  # noqa: E402
from lying.check import Check  # noqa: E402
from lying.dialects import GATEWAY_ZONE  # noqa: E402
from lying.ward import Ward  # noqa: E402
from rig.agent import Agent  # noqa: E402
from rig.broker import Broker  # noqa: E402
from rig.paths import program  # noqa: E402
from rig.processes import exit_on_sigterm  # noqa: E402

IN_FLIGHT = 1_000
MUST_BE_ZERO = (
    "missing", "unexplained", "wrongValues", "wrongTimes", "wrongMarks", "wrongBlocks", "wrongOrder", "wrongAccounts", "notBalanced",
    "unexpectedDeadLetters", "unacknowledged",
)


class LanesAgent(Agent):
    """An agent whose waveforms take their own lane, and whose own time zone has no daylight saving."""

    def _yaml(self):
        lanes = (
            '[{filter: "hl7/#", qos: 1}, {filter: "physionet/+/numerics", qos: 1}, '
            '{filter: "physionet/+/blocks", qos: 1, lane: waves}]'
        )
        return super()._yaml().replace('[{filter: "ward/#", qos: 1}]', lanes)


def main():
    exit_on_sigterm()
    arguments = parse_arguments()
    # The agent reads times without a zone as its own zone's, where a profile says so.
    os.environ["TZ"] = GATEWAY_ZONE
    seed = arguments.seed if arguments.seed is not None else secrets.randbits(32)
    print(f"lies: seed {seed}", file=sys.stderr, flush=True)
    folder = Path(tempfile.mkdtemp(prefix="wardline-soak-lies-", dir=arguments.directory))
    report = {"run": "lies", "ok": False, "seed": seed, "hours": arguments.hours, "speed": arguments.speed}
    started = time.monotonic()
    try:
        with ExitStack() as stack:
            report |= run(folder, stack, arguments, seed)
        report["ok"] = not any(report.get(key) for key in MUST_BE_ZERO)
    except (RuntimeError, OSError, ValueError, LookupError) as failure:
        report["error"] = f"{type(failure).__name__}: {failure}"
    report["seconds"] = round(time.monotonic() - started, 1)
    print(json.dumps(report), flush=True)
    print(f"{int(report['ok'])} passed, {int(not report['ok'])} failed", flush=True)
    if report["ok"] and not arguments.keep:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"  files: {folder}", file=sys.stderr)
    return 0 if report["ok"] else 1


def parse_arguments():
    parser = argparse.ArgumentParser(prog="scripts/soak --lies", description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, default=24, help="of the recording (default 24; a week is 168: 51 minutes, some minutes of checking, about 8 GB)")
    parser.add_argument("--speed", type=float, default=200, help="times as fast as it was recorded, at least 20")
    parser.add_argument("--beds", type=int, default=56, help="beds, of seven dialects by turns (default 56)")
    parser.add_argument("--rate", type=float, default=0.05, help="how often each kind of lie is told (default 0.05)")
    parser.add_argument("--recordings", help="folder with *numerics.csv and wave_*.json; those of the repository by default")
    parser.add_argument("--seed", type=int, help="repeat a run's lies")
    parser.add_argument("--directory", help="where the databases go")
    parser.add_argument("--keep", action="store_true", help="keep the files of a run that passed")
    arguments = parser.parse_args()
    if arguments.speed < 20:
        parser.error("slower than 20 times, the old times would rightly be taken for slow clocks and corrected")
    return arguments


def run(folder, stack, arguments, seed):
    numerics, waves = recordings.read(arguments.recordings)
    # All of the simulated time is over when the run begins: nothing is measured in the future.
    begun = (int(time.time()) - round(arguments.hours * 3600) - 3600) // 60 * 60_000
    ward = Ward(numerics, waves, seed, arguments.beds, arguments.hours, begun, arguments.rate)
    broker = Broker(folder / "broker")
    agent = LanesAgent(folder / "agent", broker)
    broker.start()
    stack.callback(broker.terminate)
    agent.start()
    stack.callback(agent.terminate)
    agent.wait_until_ready()
    published = publish(ward, broker, arguments.speed)
    agent.wait_until_drained(900)
    accounts = wait_until_written(agent)
    report = check(ward, agent)
    return report | published | hold_accounts(ward, agent, accounts)


def publish(ward, broker, speed):
    """The whole schedule at its pace; how many messages, and how many the broker did not acknowledge."""
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="lying-ward", protocol=mqtt.MQTTv5)
    acknowledged = [0]
    client.on_publish = lambda *_: acknowledged.__setitem__(0, acknowledged[0] + 1)
    client.max_inflight_messages_set(IN_FLIGHT)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    begun, count, behind, shown, last = time.monotonic(), 0, 0.0, 0, None
    for seconds, topic, payload in ward.schedule():
        wait = begun + seconds / speed - time.monotonic()
        behind = max(behind, -wait)
        if wait > 0.002:
            time.sleep(wait)
        last = client.publish(topic, payload, qos=1)
        count += 1
        while count - acknowledged[0] > 4 * IN_FLIGHT:
            time.sleep(0.01)
        if seconds // 3600 > shown:
            shown = seconds // 3600
            print(f"\r  hour {shown} of the recording ", end="", file=sys.stderr, flush=True)
    took = time.monotonic() - begun
    if last is not None:
        last.wait_for_publish(60)
    deadline = time.monotonic() + 60
    while acknowledged[0] < count and time.monotonic() < deadline:
        time.sleep(0.05)
    client.loop_stop()
    client.disconnect()
    print(file=sys.stderr)
    return {
        "published": count, "unacknowledged": count - acknowledged[0], "publishedPerSecond": round(count / took, 1),
        "secondsBehind": round(behind, 2),
    }


def wait_until_written(agent, seconds=300):
    """The accounts once the sink has everything."""
    deadline = time.monotonic() + seconds
    while True:
        # Exit code 1 says that something does not balance, which the report shall say.
        accounts = read_accounts(agent)
        if not any(line["spooled"] for line in accounts["lines"]) or time.monotonic() > deadline:
            return accounts
        time.sleep(0.5)


def read_accounts(agent):
    words = [program("wardline"), "audit", "devices", "--since", "400d", "--json", "--config", str(agent.configuration)]
    result = subprocess.run(words, capture_output=True, text=True)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    if not rows:
        raise RuntimeError(f"audit devices: {result.stderr}")
    return {"lines": rows[:-1], "balanced": rows[-1]["balanced"] and result.returncode == 0, "problems": rows[-1]["problems"]}


def check(ward, agent):
    census = Check(ward)
    with open(agent.sink, "rb") as sink:
        for line in sink:
            census.add(line)
    return census.finish()


def hold_accounts(ward, agent, accounts):
    """The agent's accounts beside what was published, device by device."""
    found = {}
    for line in accounts["lines"]:
        account = found.setdefault(line["device"], {})
        for key, name in [
            ("received", "received"), ("delivered", "normalized"), ("spooled", "normalized"), ("dead_lettered", "dead"),
            ("merged", "merged"), ("ignored", "ignored"),
        ]:
            account[name] = account.get(name, 0) + line[key]
    wanted = ward.account()
    wrong = []
    for device in sorted(wanted.keys() | found.keys()):
        names = ("received", "normalized", "dead", "merged", "ignored")
        pair = [{name: side.get(device, {}).get(name, 0) for name in names} for side in (found, wanted)]
        if pair[0] != pair[1]:
            wrong.append(f"{device}: {pair[0]} instead of {pair[1]}")
    groups = [line.split("\t") for line in agent.command("deadletter", "list", "--summary").splitlines()]
    strange = sum(int(group[3].split()[0]) for group in groups if group[1] != "code-conflict")
    return {
        "accounts": {name: sum(account.get(name, 0) for account in found.values()) for name in ("received", "normalized", "dead", "merged")},
        "wrongAccounts": len(wrong), "accountExamples": wrong[:5], "notBalanced": int(not accounts["balanced"]),
        "problems": accounts["problems"][:5], "unexpectedDeadLetters": strange,
    }


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""An outage of the privacy center, and kills while the backlog is delivered.

A ward publishes readings stamped over a simulated day while the privacy center is away. Then it comes back, and agent and
privacy center are killed with -9 at random instants while the agent catches up and the ward goes on. In the end every Observation that the agent
normalized has to be in exactly one envelope that the owner can open, and every receipt has to verify.
One line of JSON; exit code 1 if something was lost, doubled or not proven.
"""

import argparse
import json
import random
import re
import secrets
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from rig.agent import Agent  # noqa: E402
from rig.broker import Broker  # noqa: E402
from rig.consortium import Consortium  # noqa: E402
from rig.processes import exit_on_sigterm  # noqa: E402
from rig.ward import Ward  # noqa: E402

IDENTIFIER = re.compile(rb'"id":"([^"]+)"')
READINGS_PER_MESSAGE = 4
MINUTES_OF_A_DAY = 1440


def main():
    exit_on_sigterm()
    parser = argparse.ArgumentParser(prog="scripts/soak --outage", description=__doc__.splitlines()[0])
    parser.add_argument("--readings", type=int, default=2_000_000, help="readings of the day (default 2,000,000)")
    parser.add_argument("--kills", type=int, default=100, help="how often agent or privacy center are killed (default 100)")
    parser.add_argument("--live-rate", type=int, default=40, help="messages per second during the catch-up")
    parser.add_argument("--publish-rate", type=int, default=6000, help="messages per second during the outage")
    parser.add_argument("--seed", type=int, default=None, help="repeat a run's instants")
    parser.add_argument("--centers", type=int, default=1, help="privacy centers (default 1)")
    parser.add_argument("--copies", type=int, default=1, help="centers that must hold each envelope (default 1)")
    parser.add_argument("--rotate", action="store_true", help="rotate and revoke the gateway's key on the way")
    parser.add_argument("--folder", help="keep the files here")
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else secrets.randbits(32)
    print(f"outage: seed {seed}", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="wardline-outage-") as temporary, ExitStack() as stack:
        folder = Path(arguments.folder or temporary)
        report = kind(arguments)(folder, stack, arguments, random.Random(seed)).run()
    report["seed"] = seed
    print(json.dumps(report), flush=True)
    return 0 if report["ok"] else 1


def kind(arguments):
    """What is run; the rotation builds on this module."""
    if not arguments.rotate:
        return Outage
    from rotation import Rotation

    return Rotation


class Outage:
    """One run."""

    def __init__(self, folder, stack, arguments, chance):
        self.arguments = arguments
        self.random = chance
        self.folder = folder
        self.stack = stack
        self.broker = Broker(folder / "broker")
        self.consortium = Consortium(folder / "consortium", centers=arguments.centers)
        self.day = Ward(folder, self.broker, name="day")
        self.live = Ward(folder, self.broker, name="live")

    def run(self):
        started = time.monotonic()
        self._start()
        for center in self.consortium.centers:
            center.terminate()
        self._publish_the_day()
        backlog = self.agent.stats()
        outage_seconds = time.monotonic() - started
        for center in self.consortium.centers:
            center.start()
        kills = self._kill_during_catch_up()
        caught_up = self._finish()
        return self._report(backlog, kills, outage_seconds, caught_up)

    def _start(self):
        self.broker.start()
        self.stack.callback(self.broker.terminate)
        self.stack.callback(self.consortium.terminate)
        self.consortium.start()
        identity = self.gateway = self.consortium.enroll("gateway", "gw-1")
        self.agent = Agent(self.folder / "agent", self.broker, bytes_max="30GiB", uplink=self._uplink(identity))
        self.agent.start()
        self.stack.callback(self.agent.terminate)
        self.agent.wait_until_ready()

    def _uplink(self, identity):
        """The `uplink` section of the agent's configuration."""
        return self.consortium.uplink_yaml(identity, self.arguments.copies)

    def _publish_the_day(self):
        """As many beds as give the wanted number of readings, one message a minute each."""
        messages = self.arguments.readings // READINGS_PER_MESSAGE
        beds = max(1, round(messages / MINUTES_OF_A_DAY))
        self._say(f"{messages} messages of {beds} beds, one a simulated minute, while the privacy center is away")
        self.day.start(
            "--ward", "icu-1", "--beds", beds, "--present-only", "--times", "recorded", "--count", messages, "--rate",
            self.arguments.publish_rate, "--window", 1000,
        )
        self.day.wait()
        self.agent.wait_until_drained(3600)

    def _kill_during_catch_up(self):
        self.live.start("--ward", "icu-2", "--beds", 8, "--present-only", "--rate", self.arguments.live_rate)
        kills = {"agent": 0, "privacyCenter": 0, "both": 0, "whileBacklog": 0}
        for number in range(self.arguments.kills):
            time.sleep(self.random.uniform(0.05, 1.5))
            kills["whileBacklog"] += self.agent.stats()["outboxEnvelopes"] > 0
            victim = self.random.choice(["agent", "privacyCenter", "agent", "privacyCenter", "both"])
            kills[victim] += 1
            center = self.random.choice(self.consortium.centers)
            if victim != "privacyCenter":
                self.agent.kill()
            if victim != "agent":
                center.kill()
            time.sleep(self.random.uniform(0, 0.3))
            if victim != "privacyCenter":
                self.agent.start()
            if victim != "agent":
                center.start()
            self._say(f"kill {number + 1}/{self.arguments.kills}", end="")
        print(file=sys.stderr)
        return kills

    def _finish(self):
        """No new messages; returns the seconds until everything is delivered."""
        started = time.monotonic()
        self.live.stop()
        self.agent.wait_until_ready(120)
        self.agent.wait_until_drained(3600)
        self.agent.wait_until_delivered(7200)
        return time.monotonic() - started

    def _report(self, backlog, kills, outage_seconds, caught_up):
        stats = self.agent.stats()
        self.agent.terminate()
        receipts = json.loads(self.agent.command("spool", "receipts", "--verify", "--json"))
        normalized, twice_normalized = identifiers(self.agent.sink)
        envelopes, delivered, copies, twice_delivered = self._open_everywhere()
        report = {
            "variant": "outage",
            "readings": len(normalized),
            "envelopes": stats["deliveredEnvelopes"],
            "envelopesByCenter": envelopes,
            "backlogObservations": backlog["observations"],
            "lost": len(normalized - delivered),
            "unexplained": len(delivered - normalized),
            "tooFewCopies": copies < self.arguments.copies * len(normalized),
            "double": twice_delivered,
            "doubleNormalized": twice_normalized,
            "receipts": receipts["receipts"],
            "receiptsNotVerified": receipts["failed"],
            "refused": stats["outboxRefused"],
            "kills": kills,
            "outageSeconds": round(outage_seconds),
            "drainSeconds": round(caught_up),
        }
        zero = ("tooFewCopies", "lost", "unexplained", "double", "doubleNormalized", "receiptsNotVerified", "refused")
        report["ok"] = report["readings"] > 0 and receipts["receipts"] > 0 and not any(report[key] for key in zero)
        return report

    def _open_everywhere(self):
        """Envelopes of each center, ids at any of them, ids counted over all, and ids that one center has twice."""
        envelopes, delivered, copies, twice = [], set(), 0, 0
        for number in range(len(self.consortium.centers)):
            opened = self.folder / f"opened-{number}.ndjson"
            envelopes.append(self.consortium.open_envelopes(opened, "--ids-only", center=number)["envelopes"])
            ids, repeated = identifiers(opened, whole_lines=True)
            delivered |= ids
            copies += len(ids)
            twice += repeated
        return envelopes, delivered, copies, twice

    def _say(self, text, end="\n"):
        print(f"\r  {text} ", end=end, file=sys.stderr, flush=True)


def identifiers(path, whole_lines=False):
    """The ids in an NDJSON file of Observations (or of ids alone), and how many lines repeat one."""
    seen, lines = set(), 0
    with open(path, "rb") as file:
        for line in file:
            lines += 1
            seen.add(line.strip() if whole_lines else IDENTIFIER.search(line).group(1))
    return seen, lines - len(seen)


if __name__ == "__main__":
    sys.exit(main())

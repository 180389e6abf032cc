#!/usr/bin/env python3
"""Servers that misbehave without lying: one that takes for ever, one whose disk is full, one that is killed all the time.

  trickle    one of two privacy centers accepts and then answers a byte a second, or nothing; the other has to get
             everything meanwhile, and the slow one its share once it is well again
  full-disk  the privacy center's disk is full now and then: it says so, the agent keeps everything and comes back
  custodian  the custodian is killed with -9 while it makes the scopes of many streams, from its first start on
One line of JSON each; exit code 1 if something was lost, doubled or not as it should be.
"""

import argparse
import json
import os
import random
import secrets
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from outage import READINGS_PER_MESSAGE, identifiers  # noqa: E402
from rig.agent import Agent  # noqa: E402
from rig.broker import Broker  # noqa: E402
from rig.consortium import Consortium  # noqa: E402
from rig.processes import exit_on_sigterm  # noqa: E402
from rig.ward import Ward  # noqa: E402
from slowserver import MODES, SlowServer  # noqa: E402


class Stage:
    """Broker, consortium and agent of one case; leaving `stack` ends them."""

    def __init__(self, folder, stack, arguments, chance, centers=1, copies=1):
        self.folder = folder
        self.stack = stack
        self.arguments = arguments
        self.random = chance
        self.copies = copies
        self.broker = Broker(folder / "broker")
        self.consortium = Consortium(folder / "consortium", centers=centers)
        self.wards = 0

    def start_servers(self):
        self.broker.start()
        self.stack.callback(self.broker.terminate)
        self.stack.callback(self.consortium.terminate)
        self.consortium.start()

    def start_agent(self):
        identity = self.consortium.enroll("gateway", "gw-1")
        self.agent = Agent(self.folder / "agent", self.broker, uplink=self.consortium.uplink_yaml(identity, self.copies))
        self.agent.start()
        self.stack.callback(self.agent.terminate)
        self.agent.wait_until_ready()

    def publish(self, readings, beds=8, rate=1000):
        """So many readings of a ward of their own, until the agent has normalized them."""
        self.ward(readings, beds, rate).wait()
        self.agent.wait_until_drained(600, quiet=1.0)

    def ward(self, readings, beds=8, rate=1000):
        self.wards += 1
        ward = Ward(self.folder, self.broker, name=f"ward-{self.wards}")
        self.stack.callback(ward.terminate)
        return ward.start(
            "--ward", f"icu-{self.wards}", "--beds", beds, "--present-only", "--count", readings // READINGS_PER_MESSAGE,
            "--rate", rate,
        )

    def account(self, centers):
        """Everything that was normalized has to be at the centers once, with receipts; the figures of a report."""
        stats = self.agent.stats()
        self.agent.terminate()
        receipts = json.loads(self.agent.command("spool", "receipts", "--verify", "--json"))
        normalized, twice_normalized = identifiers(self.agent.sink)
        delivered, twice, envelopes = set(), 0, []
        for number in centers:
            opened = self.folder / f"opened-{number}.ndjson"
            envelopes.append(self.consortium.open_envelopes(opened, "--ids-only", center=number)["envelopes"])
            ids, repeated = identifiers(opened, whole_lines=True)
            delivered |= ids
            twice += repeated
        return {
            "readings": len(normalized),
            "envelopesByCenter": envelopes,
            "lost": len(normalized - delivered),
            "unexplained": len(delivered - normalized),
            "double": twice + twice_normalized,
            "receipts": receipts["receipts"],
            "receiptsNotVerified": receipts["failed"],
            "refused": stats["outboxRefused"],
            "held": stats["heldObservations"],
        }

    def say(self, text):
        print(f"  {text}", file=sys.stderr, flush=True)


def trickle(stage):
    """One of two centers is slow in each way in turn; one copy is wanted."""
    stage.start_servers()
    slow = stage.consortium.centers[0]
    stage.start_agent()
    stage.publish(stage.arguments.readings // 10)
    stage.agent.wait_until_delivered(120)
    slow.terminate()
    identity = stage.consortium.enroll("privacy-center", slow.name)
    seconds, requests, up, ready = {}, {}, {}, {}
    for mode in MODES:
        server = SlowServer(slow.port, identity, mode).start()
        started = time.monotonic()
        stage.publish(stage.arguments.readings // 5, rate=2000)
        stage.agent.wait_until_delivered(240)
        seconds[mode] = round(time.monotonic() - started, 1)
        up[mode] = metric(stage.agent, "wardline_privacy_center_up", slow.name)
        ready[mode] = stage.agent.http("/readyz")[0]
        requests[mode] = [server.connections, server.requests]
        stage.say(f"{mode}: delivered after {seconds[mode]} s; connections and requests {requests[mode]}")
        server.stop()
    slow.start()
    stage.publish(stage.arguments.readings // 10)
    stage.agent.wait_until_delivered(240)
    # It is tried again after at most a minute.
    deadline = time.monotonic() + 90
    while metric(stage.agent, "wardline_privacy_center_up", slow.name) != 1 and time.monotonic() < deadline:
        stage.publish(400)
    back = metric(stage.agent, "wardline_privacy_center_up", slow.name) == 1
    stage.agent.wait_until_delivered(120)
    report = stage.account([0, 1])
    return report | {
        "secondsToDeliver": seconds, "slowConnectionsAndRequests": requests, "slowCenterUp": up, "ready": ready,
        "notBack": not back, "notReady": any(status != 200 for status in ready.values()),
        "thoughtUp": any(value != 0 for value in up.values()),
    }


def full_disk(stage):
    """The center's store is a small tmpfs with a filler; kills of the center on the way."""
    if os.geteuid() != 0:
        raise RuntimeError("full-disk mounts a tmpfs and needs root")
    store = stage.folder / "consortium" / "cpc-1-store"
    store.mkdir(parents=True, mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256m,mode=0700", "tmpfs", str(store)], check=True)
    stage.stack.callback(subprocess.run, ["umount", str(store)], check=False)
    stage.start_servers()
    operator = stage.consortium.enroll("operator", "op-1")
    stage.start_agent()
    center, filler = stage.consortium.centers[0], store / "filler"
    answers, shown, unready, waited = {}, 0, 0, 0
    for cycle in range(stage.arguments.cycles):
        ward = stage.ward(stage.arguments.readings // stage.arguments.cycles, rate=1500)
        time.sleep(stage.random.uniform(0, 1))
        fill(store, filler, leave=stage.random.randrange(64 << 10))
        outbox = wait_for(lambda: stage.agent.metric("wardline_outbox_envelopes") or 0, 60)
        text = wait_for(lambda: "507" in stage.agent.http("/readyz")[1], 60)
        shown += bool(text)
        unready += stage.agent.http("/readyz")[0] != 200
        waited += outbox > 0
        for status, count in statuses(stage.consortium, center, operator).items():
            answers[status] = answers.get(status, 0) + count
        if stage.random.random() < 0.5:
            center.kill()
            filler.unlink()
            center.start()
        else:
            filler.unlink()
        ward.wait()
        stage.agent.wait_until_drained(600, quiet=1.0)
        stage.agent.wait_until_delivered(240)
        stage.say(f"cycle {cycle + 1}/{stage.arguments.cycles}: PUT answers so far {answers}")
    report = stage.account([0])
    center.terminate()
    scrub = subprocess.run(
        [*center_command(), "scrub", "--config", str(center.configuration)], capture_output=True, text=True
    )
    return report | {
        "putAnswers": answers, "cyclesShown": shown, "notShown": stage.arguments.cycles - shown,
        "notReady": unready, "cyclesWaited": waited, "no507": answers.get("507", 0) == 0, "scrubFailed": scrub.returncode,
    }


def custodian(stage):
    """Killed while it makes its secret, and then while it makes the scopes of many streams."""
    stage.start_servers()
    node, directory = stage.consortium.custodian, stage.consortium.custodian_directory
    node.kill()
    secrets_seen = set()
    for path in [directory / "owner.secret", *directory.glob("scopes.db*")]:
        path.unlink(missing_ok=True)
    for _ in range(stage.arguments.cycles):
        super(type(node), node).start([*center_command(), "run", "--config", node.configuration])
        time.sleep(stage.random.uniform(0, 0.15))
        node.kill()
        if (directory / "owner.secret").exists():
            secrets_seen.add((directory / "owner.secret").read_text())
    node.start()
    stage.start_agent()
    ward = stage.ward(stage.arguments.readings, beds=stage.arguments.streams, rate=1500)
    kills, growing = 0, 0
    before = 0
    while ward.is_running() or kills < stage.arguments.cycles:
        time.sleep(stage.random.uniform(0.02, 0.8))
        node.kill()
        kills += 1
        after = len(stage.consortium.scope_labels())
        growing += before < after < stage.arguments.streams
        before = after
        node.start()
    secrets_seen.add((directory / "owner.secret").read_text())
    stage.agent.wait_until_drained(600)
    stage.agent.wait_until_delivered(300)
    labels = stage.consortium.scope_labels()
    report = stage.account([0])
    return report | {
        "kills": kills, "killsWhileScopesGrew": growing, "scopes": len(labels), "labelsTwice": len(labels) - len(set(labels)),
        "secretsButOne": len(secrets_seen) - 1, "scopesMissing": stage.arguments.streams - len(set(labels)),
    }


CASES = {"trickle": (trickle, 2), "full-disk": (full_disk, 1), "custodian": (custodian, 1)}
MUST_BE_ZERO = (
    "lost", "unexplained", "double", "receiptsNotVerified", "refused", "held", "notBack", "notReady", "thoughtUp", "notShown",
    "no507", "scrubFailed", "labelsTwice", "secretsButOne", "scopesMissing",
)


def metric(agent, name, center):
    """The value of a metric for a center; None while there is none."""
    for line in agent.http("/metrics")[1].splitlines():
        if line.startswith(f"{name}{{") and f":{center}\"" in line:
            return float(line.rsplit(" ", 1)[1])
    return None


def statuses(consortium, center, operator):
    """How a center answered PUTs of envelopes since its start, by status."""
    counts = {}
    text = consortium.request(center, "/metrics", operator)[1].decode()
    for line in text.splitlines():
        if line.startswith("wardline_http_requests_total") and 'route="/v1/envelopes/{h1}",method="PUT"' in line:
            counts[line.split('status="')[1].split('"')[0]] = int(line.rsplit(" ", 1)[1])
    return counts


def fill(folder, filler, leave):
    """Takes all room of the file system but `leave` bytes."""
    system = os.statvfs(folder)
    with open(filler, "wb") as file:
        try:
            os.posix_fallocate(file.fileno(), 0, max(4096, system.f_bavail * system.f_frsize - leave))
        except OSError:
            # The center was faster: then there is no room left at all, which is wanted.
            pass


def wait_for(question, seconds):
    """The first answer that is true, or the last one."""
    deadline = time.monotonic() + seconds
    while not (answer := question()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return answer


def center_command():
    from rig.paths import program

    return [program("wardline"), "node"]


def main():
    exit_on_sigterm()
    parser = argparse.ArgumentParser(prog="scripts/soak --adversity", description=__doc__.splitlines()[0])
    parser.add_argument("--case", choices=["all", *CASES], default="all")
    parser.add_argument("--readings", type=int, default=40_000, help="readings of a case (default 40,000)")
    parser.add_argument("--cycles", type=int, default=10, help="how often a disk is full or a custodian killed (default 10)")
    parser.add_argument("--streams", type=int, default=200, help="streams that need a scope (default 200)")
    parser.add_argument("--seed", type=int, help="repeat a run's instants")
    parser.add_argument("--folder", help="keep the files here")
    arguments = parser.parse_args()
    names = list(CASES) if arguments.case == "all" else [arguments.case]
    results = [run(name, arguments) for name in names]
    return 0 if all(results) else 1


def run(name, arguments):
    seed = arguments.seed if arguments.seed is not None else secrets.randbits(32)
    print(f"{name}: seed {seed}", file=sys.stderr, flush=True)
    case, centers = CASES[name]
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="wardline-adversity-") as temporary, ExitStack() as stack:
        folder = Path(arguments.folder or temporary) / name
        report = {"case": name} | case(Stage(folder, stack, arguments, random.Random(seed), centers=centers))
    report["seconds"] = round(time.monotonic() - started)
    report["seed"] = seed
    report["ok"] = report["readings"] > 0 and report["receipts"] > 0 and not any(report.get(key) for key in MUST_BE_ZERO)
    print(json.dumps(report), flush=True)
    return report["ok"]


if __name__ == "__main__":
    sys.exit(main())

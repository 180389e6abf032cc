#!/usr/bin/env python3
"""The agent's share outbox over real processes: signed requests by HTTPS and MQTT while the agent is killed all the time.

`wardline dev` with four validators, mosquitto, and one agent. Researchers' requests are signed beforehand; half of them are
posted to the agent, the other half published on `wardline/share/requests`. Each request counts as accepted by its 202 or its
PUBACK. Meanwhile the agent gets kill -9 at random moments, and for some of the time the validators are stopped as well. In the
end every accepted request must be committed, once, on the chain: its proof verifies, the agent reports it, and a second request
of the same identifier was refused by the contract or never came into being. One line of JSON; exit code 1 if not.
"""

import argparse
import json
import os
import random
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from rig.agent import Agent  # noqa: E402
from rig.broker import Broker  # noqa: E402
from rig.dev import Dev  # noqa: E402
from rig.paths import program  # noqa: E402
from rig.processes import exit_on_sigterm  # noqa: E402

TOPIC = "wardline/share/requests"
FINAL = ("committed", "rejected", "expired")


def main():
    exit_on_sigterm()
    parser = argparse.ArgumentParser(prog="scripts/soak --share-outbox", description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=200, help="how many requests, over both ways")
    parser.add_argument("--kills", type=int, default=30, help="how often the agent is killed")
    parser.add_argument("--outage-seconds", type=float, default=10, help="how long the validators stand still meanwhile")
    parser.add_argument("--seed", type=int, default=None, help="of the moments of the kills")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wardline-share-") as folder:
        report = ShareOutbox(Path(folder), arguments).run()
    print(json.dumps(report), flush=True)
    return 0 if report["ok"] else 1


class ShareOutbox:
    """One consortium, one broker, one agent."""

    def __init__(self, folder, arguments):
        self.folder = folder
        self.arguments = arguments
        self.seed = arguments.seed if arguments.seed is not None else secrets.randbelow(1 << 32)
        self.random = random.Random(self.seed)
        self.dev = Dev(folder / "dev")
        self.broker = Broker(folder / "broker")
        self.accepted = {}
        self.failures = []
        self.lock = threading.Lock()

    def run(self):
        try:
            return self._run()
        finally:
            if getattr(self, "agent", None):
                self.agent.kill()
            self.broker.terminate()
            self.dev.terminate()

    def _run(self):
        self.dev.start()
        self.broker.start()
        identity = self.dev.identity("gateway-1")
        self.agent = Agent(
            self.folder / "agent",
            self.broker,
            uplink=self.dev.uplink_yaml(identity) + self.dev.chain_yaml(),
            share_identity=identity,
        )
        self._say(f"signing {self.arguments.requests} requests, seed {self.seed}")
        self.requests = [self._sign(number) for number in range(self.arguments.requests)]
        self.agent.start()
        self.agent.wait_until_ready()
        started = time.monotonic()
        kills = self._hand_in_under_fire()
        if not self.agent.is_running():
            self.agent.start()
        self.agent.wait_until_ready()
        found = self._wait_until_settled()
        return self._judge(found, kills, time.monotonic() - started)

    # What is handed in

    def _sign(self, number):
        """A signed `access.request` in a file; (identifier, file). Ten minutes may go by until it is in a block.

        Each way has a signer of its own: the chain takes a signer's transactions out of order only as far as 32 newer ones.
        """
        path = self.folder / f"request-{number}.wltx"
        now = int(time.time() * 1000)
        body = secrets.token_hex(32) + secrets.token_hex(32) + secrets.token_hex(32) + _text(self.dev.hospital)
        body += _text("study") + secrets.token_hex(32) + f"{now + 3_600_000:016x}"
        identifier = self.dev.chain(
            "submit", "--channel", "access", "--contract", "access", "--method", "request", "--arguments-hex", body,
            "--output-transaction", path, party="researcher-1" if number < self.arguments.requests // 2 else "researcher-2",
        ).strip()
        return identifier, path

    def _hand_in_under_fire(self):
        """Two threads hand in, each its half, while the agent is killed; how often it was."""
        half = len(self.requests) // 2
        ways = [
            threading.Thread(target=self._in_turn, args=(self._post, self.requests[:half])),
            threading.Thread(target=self._in_turn, args=(self._publish, self.requests[half:])),
        ]
        for way in ways:
            way.start()
        kills = 0
        outage_at = self.arguments.kills // 2
        while any(way.is_alive() for way in ways) or kills < self.arguments.kills:
            time.sleep(self.random.uniform(0.02, 1.5))
            if self.agent.has_ended_by_itself():
                self.failures.append(f"the agent ended with {self.agent.child.returncode}: {self.agent.log_tail()}")
                break
            if kills < self.arguments.kills:
                self.agent.kill()
                kills += 1
                self.agent.start()
                if kills == outage_at:
                    self._outage()
                self._say(f"kill {kills}, {len(self.accepted)} accepted")
        for way in ways:
            way.join()
        return kills

    def _outage(self):
        """The validators stand still for a while; requests go on being accepted."""
        pids = self._validators()
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            time.sleep(self.arguments.outage_seconds)
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def _validators(self):
        """Process identifiers of this consortium's validators, and of no other."""
        pids = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                words = (entry / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if str(self.dev.folder) in words and any(f"/{node.name}/" in words for node in self.dev.validators):
                pids.append(int(entry.name))
        return pids

    def _in_turn(self, hand_in, requests):
        try:
            for identifier, path in requests:
                deadline = time.monotonic() + 180
                while not hand_in(path):
                    if time.monotonic() > deadline:
                        raise RuntimeError(f"{identifier} is not accepted within 180 s")
                    time.sleep(0.05)
                with self.lock:
                    self.accepted[identifier] = path
        except Exception as error:  # noqa: BLE001, told in the report
            self.failures.append(f"{hand_in.__name__}: {error}")

    def _post(self, path):
        """Whether the agent took it; every time the same bytes."""
        status, text = self.agent.share("/v1/share-requests", path.read_bytes())
        if status in (0, 429, 503):
            return False
        if status not in (200, 202):
            raise RuntimeError(f"HTTP {status} {text}")
        return True

    def _publish(self, path):
        """Whether the broker took it: it keeps the message while the agent is dead."""
        # The shipped configuration refuses clients without a name.
        words = [
            "mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.broker.port), "-i", f"requests-{secrets.token_hex(4)}", "-q", "1",
            "-t", TOPIC, "-f", str(path),
        ]
        time.sleep(self.random.uniform(0, 0.1))
        return subprocess.run(words, capture_output=True).returncode == 0

    # What became of it

    def _wait_until_settled(self, seconds=300):
        """What the agent reports of every request, by identifier."""
        deadline = time.monotonic() + seconds
        while True:
            found = {entry["id"]: entry for entry in self.agent.share_requests()}
            if all(found.get(one, {}).get("state") in FINAL for one in self.accepted) or time.monotonic() > deadline:
                return found
            time.sleep(0.5)

    def _judge(self, found, kills, seconds):
        lost = [one for one in self.accepted if one not in found]
        others = {one: found[one] for one in self.accepted if one in found and found[one]["state"] != "committed"}
        refused = [one for one in self.accepted if found.get(one, {}).get("code", 0) != 0]
        counted = self._on_chain()
        wrong = [one for one in self.accepted if counted.get(one) != [found.get(one, {}).get("height")]]
        stats = self.agent.stats()
        fates = sum(stats[name] for name in ("normalized", "duplicate", "deadLettered", "ignored", "redelivered", "shareRequests"))
        ok = (
            len(self.accepted) == len(self.requests) and not lost and not others and not refused and not wrong
            and not self.failures and fates == stats["received"] and stats["deadLettered"] == 0
        )
        return {
            "requests": len(self.requests),
            "accepted": len(self.accepted),
            "committed": sum(entry["state"] == "committed" for entry in found.values()),
            "bySource": {way: sum(entry["source"] == way for entry in found.values()) for way in ("http", "mqtt")},
            "lost": lost,
            "notCommitted": others,
            "refusedByContract": refused,
            "notOnceOnChain": wrong,
            "redelivered": stats["redelivered"],
            "duplicate": stats["duplicate"],
            "kills": kills,
            "seconds": round(seconds, 1),
            "seed": self.seed,
            "failures": self.failures,
            "ok": ok,
        }

    def _on_chain(self):
        """The heights of the blocks that hold each accepted transaction, by the blocks themselves."""
        heights = {}
        tip = json.loads(self.dev.chain("block", "latest", "--channel", "access", "--json"))["height"]
        for height in range(1, tip + 1):
            block = json.loads(self.dev.chain("block", height, "--channel", "access", "--json"))
            for transaction in block["transactions"]:
                heights.setdefault(transaction["transaction"], []).append(height)
        return heights

    @staticmethod
    def _say(text):
        print(text, file=sys.stderr, flush=True)


def _text(text):
    """A text in canonical bytes: its length in 32 bits, then UTF-8."""
    return len(text.encode()).to_bytes(4, "big").hex() + text.encode().hex()


if __name__ == "__main__":
    program("wardline")
    sys.exit(main())

"""Rotation and revocation of a live agent's key while the privacy center is away; `scripts/soak --outage --rotate`.

Part of the readings is delivered under the first generation of the gateway's key. Then the privacy center goes away: more
is sealed under the first generation, the key is rotated while readings arrive, more is sealed under the second, and the
first is revoked. When the center is back, agent and center are killed at random instants. In the end every Observation is
either at the center or in an envelope that the center refused because its key was revoked, and in one place only.
"""

import collections
import json
import sqlite3
import subprocess
import time

from outage import READINGS_PER_MESSAGE, Outage, identifiers
from rig.paths import program
from rig.ward import Ward


class Rotation(Outage):
    """One run; each phase is a ward of its own."""

    def run(self):
        started = time.monotonic()
        self._start()
        pid = self.agent.pid
        messages = self.arguments.readings // READINGS_PER_MESSAGE
        self._publish("before", messages // 5)
        self.agent.wait_until_delivered(3600)
        for center in self.consortium.centers:
            center.terminate()
        self._publish("old", messages * 2 // 5)
        self._wait_until_sealed()
        old_in_outbox = self.agent.stats()["outboxEnvelopes"]
        rotation_seconds = self._rotate_while_readings_arrive()
        self._publish("new", messages * 2 // 5)
        self._wait_until_sealed()
        new_in_outbox = self.agent.stats()["outboxEnvelopes"] - old_in_outbox
        restarted = self.agent.pid != pid
        self._key("revoke", "--generation", 1)
        states = [line.split("\t")[1] for line in self._key("list").splitlines()]
        for center in self.consortium.centers:
            center.start()
        kills = self._kill_during_catch_up()
        caught_up = self._finish()
        refused = self._refused()
        retried = int(self.agent.command("spool", "retry-refused").split()[0])
        self._wait_until_refused_again(retried)
        report = self._report({"observations": 0}, kills, time.monotonic() - started - caught_up, caught_up)
        return self._judge(report, refused, {
            "retried": retried,
            "refusedAgain": len(self._refused()),
            "oldInOutbox": old_in_outbox,
            "newInOutbox": new_in_outbox,
            "keyStates": states,
            "agentRestarted": restarted,
            "rotationSeconds": round(rotation_seconds, 1),
        })

    def _uplink(self, identity):
        """Small envelopes, so that there are enough of them to be killed in the middle of."""
        return super()._uplink(identity) + "  envelope: {readings_max: 20}\n"

    def _publish(self, name, messages):
        """A ward of its own that publishes so many messages as fast as an outage's does."""
        self._say(f"{name}: {messages} messages")
        ward = Ward(self.folder, self.broker, name=name)
        # Stamped now: wards of one recording would repeat each other's readings.
        ward.start(
            "--ward", name, "--beds", 64, "--present-only", "--count", messages, "--rate", self.arguments.publish_rate,
            "--window", 1000,
        )
        ward.wait()
        self.agent.wait_until_drained(3600)

    def _rotate_while_readings_arrive(self):
        """Seconds of `key rotate`; the agent is not told and goes on."""
        ward = Ward(self.folder, self.broker, name="during")
        ward.start("--ward", "during", "--beds", 8, "--present-only", "--rate", 200)
        time.sleep(3)
        started = time.monotonic()
        self._key("rotate")
        seconds = time.monotonic() - started
        time.sleep(3)
        ward.stop()
        self.agent.wait_until_drained(600)
        return seconds

    def _wait_until_sealed(self):
        self._wait_for(lambda stats: stats["unsealedObservations"] == 0 and stats["heldObservations"] == 0, "sealed")

    def _wait_until_refused_again(self, count):
        self._wait_for(lambda stats: stats["outboxEnvelopes"] == 0 and stats["outboxRefused"] == count, "refused again")

    def _wait_for(self, condition, what, seconds=3600):
        deadline = time.monotonic() + seconds
        while not condition(self.agent.stats()):
            if time.monotonic() > deadline or not self.agent.is_running():
                raise RuntimeError(f"not {what}: {self.agent.stats()}\n{self.agent.log_tail()}")
            time.sleep(0.5)

    def _key(self, *words):
        full = [program("wardline"), "key", *map(str, words), "--directory", str(self.gateway)]
        return subprocess.run(full, check=True, capture_output=True, text=True).stdout

    def _refused(self):
        return [json.loads(line) for line in self.agent.command("spool", "refused", "--json").splitlines()]

    def _judge(self, report, refused, more):
        """The outage's report, but what was refused for the revoked key is accounted for."""
        digests = [line.split("\t")[4] for line in self._key("list").splitlines()]
        observations = sum(row["observations"] for row in refused)
        by_key = self._envelopes_by_key()
        report |= more | {
            "variant": "rotation",
            "refused": len(refused),
            "refusedObservations": observations,
            "lost": report["lost"] - observations,
            "tooFewCopies": 0,
            "refusedForAnotherReason": sum("certificate-revoked" not in row["reason"] for row in refused),
            "refusedOfAnotherKey": sum(row["sender"] != digests[0] for row in refused),
            "atCenterUnderOldKey": by_key.get(digests[0], 0),
            "atCenterUnderNewKey": by_key.get(digests[1], 0),
        }
        report["readings"] = len(identifiers(self.agent.sink)[0])
        zero = (
            "lost", "unexplained", "double", "doubleNormalized", "receiptsNotVerified", "refusedForAnotherReason",
            "refusedOfAnotherKey", "agentRestarted",
        )
        positive = ("refused", "receipts", "atCenterUnderOldKey", "atCenterUnderNewKey", "newInOutbox")
        report["ok"] = (
            not any(report[key] for key in zero)
            and all(report[key] > 0 for key in positive)
            and report["retried"] == report["refusedAgain"] == report["refused"]
            and report["atCenterUnderNewKey"] >= report["newInOutbox"]
            and report["keyStates"] == ["revoked", "valid"]
        )
        return report

    def _envelopes_by_key(self):
        """How many envelopes stand at any center, by the digest of the certificate that sealed them."""
        found = set()
        for center in self.consortium.centers:
            store = self.folder / "consortium" / f"{center.name}-store" / "store.db"
            with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as db:
                found.update(db.execute("SELECT hex(sender), hex(h1) FROM envelope"))
        return collections.Counter(sender.lower() for sender, _ in found)

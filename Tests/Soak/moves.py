"""Patients who come, move and go while the agent is killed: each Observation is hers who lay in the bed, or nobody's."""

import bisect
import hashlib
import hmac
import json
import struct
from datetime import datetime

from rig.agent import Agent

TOPIC = "hl7/adt/ward"
MOVES_PER_MINUTE = 600
# At the highest rate monitors and movements would share their milliseconds.
RATE_MAX = 1000
# Observations so near to a movement belong to either side: both are told in whole milliseconds.
NEAR = 2
EXAMPLES = 8


class MovingAgent(Agent):
    """An agent that takes movements of patients."""

    def _yaml(self):
        return super()._yaml() + f'adt: {{topics: ["{TOPIC}"], time_zone: utc}}\n'


def moves(bench):
    """`kill -9` at random instants while ten patients a second change beds."""
    ledger = bench.folder / "moves.ledger"
    options = (
        "--adt-topic", TOPIC, "--moves-per-minute", MOVES_PER_MINUTE, "--moves-ledger", ledger, "--moves-seed",
        bench.random.randrange(1 << 32),
    )
    bench.start(make=MovingAgent, rate=min(bench.arguments.rate, RATE_MAX), ward_options=options)
    for _ in bench.cycle_numbers():
        bench.pause(0.02, 2.5)
        bench.agent.kill()
        bench.pause(0, 0.3)
        bench.agent.start()
    report = bench.verify()
    # The ward counts its movements among its messages; the ledger of measurements does not.
    beds = Beds(ledger.read_text(), (bench.agent.folder / "pseudonym.key").read_bytes())
    found = beds.hold(bench.agent.export())
    empty = int(beds.moves == 0 or found["patients"] == 0 or found["nobody"] == 0)
    return report | {"movements": beds.moves, "beds": found, "failures": found["wrong"] + empty}


class Beds:
    """Who lay where and when, from what the ward has told."""

    def __init__(self, ledger, key):
        self.key = key
        # By bed: moments of change, and who is there from then on.
        self.times, self.patients = {}, {}
        self.moves = 0
        for line in ledger.splitlines():
            time, event, patient, bed, prior = line.split()
            self.moves += 1
            if event == "A02":
                self._change(int(prior), int(time), None)
            self._change(int(bed), int(time), None if event == "A03" else self._pseudonym(patient))

    def hold(self, lines):
        counts = dict.fromkeys(("patients", "nobody", "near", "wrong"), 0)
        examples = []
        for line in lines:
            observation = json.loads(line)
            bed = int(observation["device"]["identifier"]["value"].rsplit("-", 1)[1])
            text = observation["effectiveDateTime"]
            time = round(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)
            subject = observation["subject"]["identifier"]
            found = subject["value"] if subject["system"] == "urn:wardline:patient" else None
            times = self.times.get(bed, [])
            place = bisect.bisect_right(times, time)
            wanted = self.patients[bed][place - 1] if place else None
            if any(abs(other - time) <= NEAR for other in times[max(0, place - 1):place + 1]):
                counts["near"] += 1
            elif found != wanted:
                counts["wrong"] += 1
                if len(examples) < EXAMPLES:
                    examples.append(f"bed {bed} at {text}: {found} instead of {wanted}")
            else:
                counts["patients" if found else "nobody"] += 1
        return counts | {"examples": examples}

    def _change(self, bed, time, patient):
        self.times.setdefault(bed, []).append(time)
        self.patients.setdefault(bed, []).append(patient)

    def _pseudonym(self, record):
        fields = b"".join(struct.pack(">I", len(field)) + field for field in (b"PATIENT", b"WARDLINE-SIM", record.encode()))
        return hmac.new(self.key, fields, hashlib.sha256).digest()[:16].hex()

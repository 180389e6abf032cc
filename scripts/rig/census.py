"""Counts every Observation of every message and compares with the ledger of acknowledged messages."""

import json
import re

# The four readings of each message in the simulator's JSON dialect (DIALECTS.md), by LOINC code; the first of the
# alternatives that an Observation carries counts.
EXPECTED = {
    "8867-4": "heart rate",
    "2708-6": "oxygen saturation",
    "9279-1": "respiratory rate",
    "8310-5": "body temperature",
}
SERIAL = re.compile(r"WS[A-Z]-\d{4,}")
LOINC = "http://loinc.org"


class Census:
    """How often each (device, sequence number, code) has been seen."""

    def __init__(self):
        self.counts = {}
        self.observations = 0
        self.unexplained = 0

    def add(self, line):
        """Counts one line of NDJSON."""
        observation = json.loads(line)
        self.observations += 1
        serial, sequence, code = _serial(observation), _sequence(observation), _code(observation)
        if serial is None or sequence is None or code is None:
            self.unexplained += 1
            return
        cells = self.counts.setdefault((serial, code), bytearray())
        if sequence >= len(cells):
            cells.extend(bytes(sequence + 4096 - len(cells)))
        if cells[sequence] < 255:
            cells[sequence] += 1

    def duplicates(self):
        """How many Observations are there more than once (each surplus counts)."""
        return sum(count - 1 for cells in self.counts.values() for count in cells if count > 1)

    def lost(self, ledger):
        """Acknowledged messages of which at least one reading is missing, and how many were acknowledged."""
        missing = total = 0
        with open(ledger) as lines:
            for line in lines:
                _, serial, sequence, kind = line.split()
                if kind == "broken":
                    continue
                total += 1
                missing += not all(self._has(serial, code, int(sequence)) for code in EXPECTED)
        return missing, total

    def _has(self, serial, code, sequence):
        cells = self.counts.get((serial, code), b"")
        return sequence < len(cells) and cells[sequence] > 0


def _serial(observation):
    """The simulator's serial number, wherever the device is named."""
    match = SERIAL.search(json.dumps(observation.get("device", {})))
    return match.group() if match else None


def _sequence(observation):
    """The device's own number of the message, from the extension that carries it."""
    for extension in observation.get("extension", []):
        if not extension.get("url", "").endswith("sequence"):
            continue
        for key, value in extension.items():
            if key.startswith("value"):
                return int(value)
    return None


def _code(observation):
    """The first of the expected codes, else the first code."""
    codes = [c.get("code") for c in observation["code"].get("coding", []) if c.get("system") == LOINC]
    return next((code for code in codes if code in EXPECTED), codes[0] if codes else None)

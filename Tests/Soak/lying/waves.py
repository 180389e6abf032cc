"""Three recorded signals in blocks, with invalid samples, lost and repeated blocks at known places."""

import base64
import json
import random
import struct
from datetime import datetime, timezone

from .recordings import SIGNALS

BLOCK_SECONDS = 4
INVALID = -32768
BED = "wave-bed"


class WaveBed:
    """The blocks of a bed; the same numbers give the same blocks every time."""

    def __init__(self, waves, seed, rate):
        self.waves = waves
        self.seed = seed
        self.lie_rate = rate
        self.length = waves.rate * BLOCK_SECONDS
        self.device = BED

    def is_lost(self, number):
        """Whether a block never comes; never two in a row, and never the first."""
        return number > 1 and self._chance(number, "lost").random() < self.lie_rate / 4 and not self.is_lost(number - 1)

    def is_repeated(self, number):
        return self._chance(number, "repeated").random() < self.lie_rate / 4

    def samples(self, number):
        """The samples of a block by signal, None where the device has none: the lie of a number that is no sample."""
        chance = self._chance(number, "gaps")
        block = {signal: self.waves.block(signal, number * self.length, self.length) for signal in SIGNALS}
        if chance.random() < self.lie_rate:
            signal, first = chance.choice(SIGNALS), chance.randrange(self.length)
            for place in range(first, min(self.length, first + chance.randrange(1, 40))):
                block[signal][place] = None
        return block

    def words(self, number, signal):
        """What must stand in the Observation, digit for digit."""
        return " ".join(
            "E" if sample is None or sample == INVALID else str(sample) for sample in self.samples(number)[signal]
        )

    def invalid(self, number):
        """How many samples of a block were made invalid."""
        return sum(sample is None for samples in self.samples(number).values() for sample in samples)

    def payload(self, number, started):
        """The block as it is published; `started` is the moment of block 0, ms since 1970."""
        block = self.samples(number)
        frames = []
        for place in range(self.length):
            frames += [INVALID if block[signal][place] is None else block[signal][place] for signal in SIGNALS]
        time = datetime.fromtimestamp((started + number * BLOCK_SECONDS * 1000) / 1000, timezone.utc)
        return json.dumps({
            "t0": time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "fs": self.waves.rate, "first_sample": number * self.length, "format": 16,
            "signals": [
                {"index": index, "name": signal, **self.waves.scales[signal]} for index, signal in enumerate(SIGNALS)
            ],
            "dat": base64.b64encode(struct.pack(f"<{len(frames)}h", *frames)).decode(),
        }).encode()

    def _chance(self, number, what):
        return random.Random(f"{self.seed}/{what}/{number}")

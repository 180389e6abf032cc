"""All beds of the run: which message is published at which moment, and how to make it again."""

import random
from collections import Counter

from .dialects import HL7_DIALECTS
from .hl7 import Writer
from .others import EfficiaWriter, LineWriter
from .waves import BLOCK_SECONDS, WaveBed

# How often a gateway sends a message twice.
REPEATED = 0.01


class Ward:
    """Beds of seven dialects by turns, each with one message a minute, and one bed with waveforms."""

    def __init__(self, numerics, waves, seed, beds, hours, started, rate=0.05):
        self.numerics = numerics
        self.seed = seed
        self.rate = rate
        # ms since 1970, a whole minute.
        self.started = started
        self.minutes = round(hours * 60)
        self.writers = [self._writer(bed) for bed in range(beds)]
        self.waves = WaveBed(waves, seed, rate)
        self.blocks = self.minutes * 60 // BLOCK_SECONDS

    def _writer(self, bed):
        kind = bed % (len(HL7_DIALECTS) + 2)
        if kind == len(HL7_DIALECTS):
            return EfficiaWriter(bed)
        if kind == len(HL7_DIALECTS) + 1:
            return LineWriter(bed)
        return Writer(HL7_DIALECTS[kind], bed)

    def message(self, bed, minute):
        """A bed's message of a minute, the same each time."""
        chance = random.Random(f"{self.seed}/{bed}/{minute}")
        # Beds do not all send at the same second.
        time = self.started + minute * 60_000 + bed % 60 * 1000
        return self.writers[bed].message(self.numerics.row(minute, bed), time, minute, chance, self.rate)

    def is_repeated(self, bed, minute):
        return random.Random(f"{self.seed}/repeated/{bed}/{minute}").random() < REPEATED

    def schedule(self):
        """What is published, in order: (seconds of the recording, topic, payload)."""
        for minute in range(self.minutes):
            by_second = {}
            for bed in range(len(self.writers)):
                by_second.setdefault(bed % 60, []).append(bed)
            for second in range(60):
                now = minute * 60 + second
                for bed in by_second.get(second, ()):
                    message = self.message(bed, minute)
                    yield now, message.topic, message.payload
                    if self.is_repeated(bed, minute):
                        yield now, message.topic, message.payload
                if now % BLOCK_SECONDS == 0:
                    yield from self._blocks(now)

    def _blocks(self, now):
        number = now // BLOCK_SECONDS
        if self.waves.is_lost(number):
            return
        payload = self.waves.payload(number, self.started)
        yield now, f"physionet/{self.waves.device}/blocks", payload
        if self.waves.is_repeated(number):
            yield now, f"physionet/{self.waves.device}/blocks", payload

    def account(self):
        """Messages of each device by what must become of them: received, normalized, merged, dead-lettered."""
        accounts = {}
        for bed in range(len(self.writers)):
            for minute in range(self.minutes):
                message = self.message(bed, minute)
                account = accounts.setdefault(message.device, Counter())
                times = 2 if self.is_repeated(bed, minute) else 1
                account["received"] += times
                # What is a dead letter is one however often it comes.
                account["dead" if message.dead else "normalized"] += times if message.dead else 1
                account["merged"] += 0 if message.dead else times - 1
        waves = accounts.setdefault(self.waves.device, Counter())
        for number in range(self.blocks):
            if self.waves.is_lost(number):
                continue
            times = 2 if self.waves.is_repeated(number) else 1
            waves["received"] += times
            waves["normalized"] += 1
            waves["merged"] += times - 1
        return accounts

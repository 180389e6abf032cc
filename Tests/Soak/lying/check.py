"""Holds every Observation of a run against what was published: nothing more, nothing less, no digit changed."""

import hashlib
import json
from collections import Counter
from datetime import datetime

from .expectation import UNITS
from .recordings import SIGNALS

EXTENSION = "urn:wardline:fhir:"
EXAMPLES = 8


class Check:
    """Takes the lines of a sink and counts what is not as it must be."""

    def __init__(self, ward):
        self.ward = ward
        self.places = {}
        # Readings of each message that have not been seen yet; a message goes when it has none left.
        self.open = {}
        self.counts = Counter()
        self.lies = Counter()
        self.blocks = {signal: bytearray(ward.blocks) for signal in SIGNALS}
        self.examples = []
        self.lost = 0
        # The newest minute and block of each device that has come: order within a device is kept.
        self.newest = {}
        for bed in range(len(ward.writers)):
            for minute in range(ward.minutes):
                message = ward.message(bed, minute)
                self.places[hashlib.sha256(message.payload).digest()[:12]] = (bed, minute)
                self.lies.update(message.lies)
                self.counts["messages"] += 1
                self.counts["expected"] += len(message.readings)

    def add(self, line):
        """One line of NDJSON; numbers are compared by their digits."""
        observation = json.loads(line, parse_float=str, parse_int=str)
        extensions = observation.get("extension", [])
        provenance = {part["url"]: part for part in extensions[0]["extension"]}
        if "valueSampledData" in observation:
            return self._add_block(observation, extensions)
        self.counts["observations"] += 1
        key = bytes.fromhex(provenance["rawMessage"]["valueString"])[:12]
        place = self.places.get(key)
        if place is None:
            return self._fail("unexplained", "an Observation of a message that was never published")
        if key not in self.open:
            self._order(place[0], place[1])
            message = self.ward.message(*place)
            self.open[key] = {(each.code, each.channel): each for each in message.readings}
        codes = {coding["code"] for coding in observation["code"]["coding"] if coding["system"] == "http://loinc.org"}
        channel = _text(extensions, "channel")
        wanted = next(
            (self.open[key].pop((code, channel)) for code in sorted(codes) if (code, channel) in self.open[key]), None
        )
        if wanted is None:
            return self._fail("unexplained", f"{place}: {sorted(codes)} on channel {channel} is too much, or double")
        for what, found, expected in self._differences(observation, extensions, wanted):
            self._fail(what, f"{place}, {wanted.code} on {channel}: {found} instead of {expected}")

    def _differences(self, observation, extensions, wanted):
        found = _instant(observation["effectiveDateTime"])
        if found != wanted.time:
            yield "times", observation["effectiveDateTime"], wanted.time
        flags = _flags(extensions)
        if flags != wanted.flags:
            yield "marks", sorted(flags), sorted(wanted.flags)
        if wanted.value:
            yield from _value_differences(observation, wanted.value)
            return
        parts = {_loinc(part, wanted.parts): part for part in observation.get("component", [])}
        if parts.keys() != wanted.parts.keys():
            yield "values", sorted(map(str, parts)), sorted(wanted.parts)
        for code in parts.keys() & wanted.parts.keys():
            yield from _value_differences(parts[code], wanted.parts[code])
            flags = _flags(parts[code].get("extension", []))
            if flags != wanted.parts[code].flags:
                yield "marks", sorted(flags), sorted(wanted.parts[code].flags)

    def _add_block(self, observation, extensions):
        self.counts["blocks"] += 1
        signal, first = _text(extensions, "channel"), int(_text(extensions, "sequence"))
        number, rest = divmod(first, self.ward.waves.length)
        if rest or signal not in self.blocks or number >= self.ward.blocks or self.ward.waves.is_lost(number):
            return self._fail("unexplained", f"a block of {signal} from sample {first}")
        if self.blocks[signal][number]:
            return self._fail("unexplained", f"block {number} of {signal} came twice")
        self.blocks[signal][number] = 1
        self._order(signal, number)
        data = observation["valueSampledData"]
        if data["data"] != self.ward.waves.words(number, signal):
            self._fail("samples", f"block {number} of {signal} differs from the source")
        self.counts["samples"] += self.ward.waves.length
        if _instant(observation["effectiveDateTime"]) != self.ward.started + number * 4000:
            self._fail("times", f"block {number} of {signal}: {observation['effectiveDateTime']}")
        lost = frozenset({"samples-lost"}) if self.ward.waves.is_lost(number - 1) else frozenset()
        flags = _flags(extensions) - {"inexact-scale"}
        if flags != lost:
            self._fail("marks", f"block {number} of {signal}: {sorted(flags)} instead of {sorted(lost)}")

    def _order(self, series, number):
        if self.newest.get(series, -1) > number:
            self._fail("order", f"{series}: {number} behind {self.newest[series]}")
        self.newest[series] = number

    def finish(self):
        """Figures of the report; what has to be zero is zero, or the run has failed."""
        missing = sum(len(left) for left in self.open.values())
        for key, left in self.open.items():
            if left and len(self.examples) < EXAMPLES:
                self.examples.append(f"missing: {self.places[key]}: {sorted(map(str, left))}")
        for key, place in self.places.items():
            if key not in self.open:
                count = len(self.ward.message(*place).readings)
                missing += count
                if count and len(self.examples) < EXAMPLES:
                    self.examples.append(f"missing: {place}: all {count} readings")
        waves = self.ward.waves
        lost_blocks = 0
        for number in range(self.ward.blocks):
            if waves.is_lost(number):
                self.lost += 1
                continue
            self.lies[1] += 1 if waves.invalid(number) else 0
            lost_blocks += sum(not self.blocks[signal][number] for signal in SIGNALS)
        return {
            "numericMessages": self.counts["messages"], "readings": self.counts["expected"],
            "observations": self.counts["observations"], "blocks": self.counts["blocks"],
            "samples": self.counts["samples"],
            "lies": {str(kind): self.lies[kind] for kind in range(1, 7)}, "lostBlocksInjected": self.lost,
            "missing": missing + lost_blocks, "unexplained": self.counts["unexplained"],
            "wrongValues": self.counts["values"], "wrongTimes": self.counts["times"],
            "wrongOrder": self.counts["order"],
            "wrongMarks": self.counts["marks"], "wrongBlocks": self.counts["samples-wrong"],
            "examples": self.examples,
        }

    def _fail(self, what, example):
        self.counts["samples-wrong" if what == "samples" else what] += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(f"{what}: {example}")


def _value_differences(node, wanted):
    quantity = node.get("valueQuantity")
    number = quantity["value"] if quantity else None
    if number != wanted.number:
        yield "values", number, wanted.number
    if quantity and quantity["code"] != UNITS[wanted.code]:
        yield "values", quantity["code"], UNITS[wanted.code]
    reasons = [coding["code"] for coding in node.get("dataAbsentReason", {}).get("coding", [])]
    if reasons != ([wanted.reason] if wanted.reason else []):
        yield "values", reasons, wanted.reason


def _flags(extensions):
    return frozenset(each["valueCode"] for each in extensions if each["url"] == EXTENSION + "quality")


def _text(extensions, name):
    return next((each["valueString"] for each in extensions if each["url"] == EXTENSION + name), None)


def _loinc(part, wanted):
    codes = [coding["code"] for coding in part["code"]["coding"] if coding["system"] == "http://loinc.org"]
    return next((code for code in codes if code in wanted), codes[0] if codes else None)


def _instant(text):
    """Milliseconds since 1970 of a FHIR dateTime."""
    return round(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)

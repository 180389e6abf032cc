"""Waveforms beside a ward while the agent is killed: every block exactly once, bit by bit as its source."""

import json
import threading
import time
from datetime import datetime

import paho.mqtt.client as mqtt
from lying import recordings
from lying.recordings import SIGNALS
from lying.waves import BLOCK_SECONDS, WaveBed
from rig.agent import Agent

BEDS = 6
# Blocks of each bed in a second: 4 s of three signals each, so 32 times as fast as they were recorded.
BLOCKS_PER_SECOND = 8
# How often samples are invalid; blocks are lost, and repeated, a quarter as often.
LIES = 0.2
IN_FLIGHT = 200
SERIES = b'"valueSampledData"'
EXAMPLES = 8


class LanesAgent(Agent):
    """An agent whose waveforms take their own lane."""

    def _yaml(self):
        lanes = '[{filter: "ward/#", qos: 1}, {filter: "physionet/+/blocks", qos: 1, lane: waves}]'
        return super()._yaml().replace('[{filter: "ward/#", qos: 1}]', lanes)


class WaveWard(threading.Thread):
    """Publishes blocks of some beds until it is stopped; what it has published can be made again from the numbers."""

    def __init__(self, broker, seed):
        super().__init__(daemon=True)
        _, waves = recordings.read()
        self.beds = [WaveBed(waves, f"{seed}/{bed}", LIES) for bed in range(BEDS)]
        for number, bed in enumerate(self.beds):
            bed.device = f"wave-{number}"
        # The simulated time is over when the run begins: nothing is measured in the future.
        self.started = (int(time.time()) - 48 * 3600) * 1000
        # Blocks of each bed, lost ones included.
        self.blocks = 0
        self.published = self.acknowledged = 0
        self.failure = None
        self.stopping = threading.Event()
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="wave-ward", protocol=mqtt.MQTTv5)
        self.client.on_publish = self._acknowledge
        self.client.max_inflight_messages_set(IN_FLIGHT)
        self.client.connect("127.0.0.1", broker.port)

    def run(self):
        self.client.loop_start()
        begun = time.monotonic()
        try:
            while not self.stopping.is_set():
                for bed in self.beds:
                    self._publish(bed, self.blocks)
                self.blocks += 1
                while self.published - self.acknowledged > 4 * IN_FLIGHT and not self.stopping.is_set():
                    time.sleep(0.01)
                self.stopping.wait(max(0.0, begun + self.blocks / BLOCKS_PER_SECOND - time.monotonic()))
            deadline = time.monotonic() + 60
            while self.acknowledged < self.published and time.monotonic() < deadline:
                time.sleep(0.05)
        except (OSError, ValueError, RuntimeError) as failure:
            self.failure = failure
        self.client.loop_stop()
        self.client.disconnect()

    def stop(self):
        """Returns when the broker has acknowledged every block."""
        self.stopping.set()
        self.join(120)
        if self.failure or self.is_alive() or self.acknowledged < self.published:
            raise RuntimeError(f"{self.published} blocks published, {self.acknowledged} acknowledged: {self.failure}")

    def _publish(self, bed, number):
        if bed.is_lost(number):
            return
        payload = bed.payload(number, self.started)
        for _ in range(2 if bed.is_repeated(number) else 1):
            self.client.publish(f"physionet/{bed.device}/blocks", payload, qos=1)
            self.published += 1

    def _acknowledge(self, *_):
        self.acknowledged += 1


class Blocks:
    """Holds every series of an export against what was published."""

    def __init__(self, ward):
        self.ward = ward
        self.beds = {bed.device: bed for bed in ward.beds}
        self.seen = {(device, signal): bytearray(ward.blocks) for device in self.beds for signal in SIGNALS}
        self.newest = {}
        self.counts = dict.fromkeys(("series", "samples", "unknown", "twice", "altered", "misplaced", "disordered", "missing"), 0)
        self.examples = []

    def add(self, line):
        observation = json.loads(line)
        extensions = observation["extension"]
        device = observation["device"]["identifier"]["value"]
        signal, first = _text(extensions, "channel"), int(_text(extensions, "sequence"))
        bed = self.beds.get(device)
        number, rest = divmod(first, bed.length) if bed else (0, 1)
        if rest or (device, signal) not in self.seen or number >= self.ward.blocks or bed.is_lost(number):
            return self._fail("unknown", device, signal, number)
        self.counts["series"] += 1
        self.counts["samples"] += bed.length
        seen = self.seen[device, signal]
        if seen[number]:
            return self._fail("twice", device, signal, number)
        seen[number] = 1
        if observation["valueSampledData"]["data"] != bed.words(number, signal):
            self._fail("altered", device, signal, number)
        # What was lost before it is marked, and nothing else: the place in the series survives the kills.
        flags = {each["valueCode"] for each in extensions if each["url"] == "urn:wardline:fhir:quality"}
        wanted = {"samples-lost"} if number > 0 and bed.is_lost(number - 1) else set()
        time_wanted = self.ward.started + number * BLOCK_SECONDS * 1000
        if flags - {"inexact-scale"} != wanted or _milliseconds(observation["effectiveDateTime"]) != time_wanted:
            self._fail("misplaced", device, signal, f"{number} {sorted(flags)} {observation['effectiveDateTime']}")
        if self.newest.get((device, signal), -1) > number:
            self._fail("disordered", device, signal, number)
        self.newest[device, signal] = number

    def finish(self):
        for (device, signal), seen in self.seen.items():
            for number, count in enumerate(seen):
                if not count and not self.beds[device].is_lost(number):
                    self._fail("missing", device, signal, number)
        wrong = sum(self.counts[name] for name in ("unknown", "twice", "altered", "misplaced", "disordered", "missing"))
        return self.counts | {"wrong": wrong, "examples": self.examples}

    def _fail(self, what, device, signal, number):
        self.counts[what] += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(f"{what}: {device} {signal} block {number}")


def waves(bench):
    """`kill -9` at random instants while six beds publish three signals each beside the numerics of the ward."""
    bench.start(make=LanesAgent)
    ward = WaveWard(bench.broker, bench.random.randrange(1 << 32))
    bench.stack.callback(ward.stopping.set)
    ward.start()
    for _ in bench.cycle_numbers():
        bench.pause(0.02, 2.5)
        bench.agent.kill()
        bench.pause(0, 0.3)
        bench.agent.start()
    ward.stop()
    report = bench.verify()
    blocks = Blocks(ward)
    for line in bench.agent.export():
        if SERIES in line:
            blocks.add(line)
    found = blocks.finish()
    injected = sum(bed.is_lost(number) for bed in ward.beds for number in range(ward.blocks))
    # Without a lost block and without blocks at all, the run would show nothing.
    empty = int(injected == 0 or found["series"] == 0)
    return report | {
        "blocksPublished": ward.published, "lostBlocksInjected": injected, "blocks": found,
        "failures": found["wrong"] + empty,
    }


def _text(extensions, name):
    return next(each["valueString"] for each in extensions if each["url"] == f"urn:wardline:fhir:{name}")


def _milliseconds(text):
    """Milliseconds since 1970 of a FHIR dateTime."""
    return round(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)

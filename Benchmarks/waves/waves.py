"""Numerics beside waveforms; README.md says what is measured and why."""

import argparse
import base64
import json
import re
import statistics
import struct
import sys
import tempfile
import threading
import time
from datetime import datetime, timezone
from pathlib import Path

import paho.mqtt.client as mqtt

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from rig.agent import Agent  # noqa: E402
from rig.broker import Broker  # noqa: E402
from rig.processes import exit_on_sigterm  # noqa: E402

SOURCE = ROOT / "Devices/physionet-wave-blocks/testcases/three-signals-format-16/payload.json"
SIGNALS = ("I", "ABP", "PLETH")
RATE = 250
# The acceptance line: p99 with waveforms at most so many times p99 without.
RATIO_MAX = 1.5
EFFECTIVE = re.compile(rb'"effectiveDateTime":"([^"]+)"')


def main():
    exit_on_sigterm()
    arguments = parse_arguments()
    with tempfile.TemporaryDirectory(prefix="waves-", dir=arguments.directory) as folder:
        folder = Path(folder)
        broker = Broker(folder / "broker").start()
        agent = TwoLaneAgent(folder / "agent", broker, arguments.one_lane).start()
        try:
            agent.wait_until_ready()
            results = measure(arguments, broker, agent)
            failures = report(arguments, results)
        finally:
            agent.terminate()
            broker.terminate()
    sys.exit(1 if failures else 0)


def parse_arguments():
    parser = argparse.ArgumentParser(prog="Benchmarks/waves/run")
    parser.add_argument("--beds", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=60, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3, help="measurements without and with waveforms, by turns")
    parser.add_argument("--packets-per-second", type=int, default=4, help="of each waveform")
    parser.add_argument("--numerics-per-second", type=float, default=2, help="messages of each bed, four readings each")
    parser.add_argument("--one-lane", action="store_true", help="waveforms by the numerics' lane, to compare")
    parser.add_argument("--directory", default=str(ROOT / ".build"), help="where the databases go: a real disk")
    return parser.parse_args()


class TwoLaneAgent(Agent):
    """An agent whose waveforms take their own lane, or not."""

    def __init__(self, folder, broker, one_lane):
        self.one_lane = one_lane
        super().__init__(folder, broker)

    def start(self):
        super().start()
        return self

    def _yaml(self):
        lane = "numerics" if self.one_lane else "waves"
        lanes = f'[{{filter: "ward/#", qos: 1}}, {{filter: "physionet/#", qos: 1, lane: {lane}}}]'
        return super()._yaml().replace('[{filter: "ward/#", qos: 1}]', lanes)


class SinkReader(threading.Thread):
    """Reads the sink's file as it grows: when a number came out, and every sample."""

    def __init__(self, path, source):
        super().__init__(daemon=True)
        self.path = path
        self.source = source
        self.latencies = None
        self.wrong = 0
        self.blocks = 0
        self.samples = 0
        self.lost_flags = 0
        self.numbers = 0
        self.ended = threading.Event()

    def run(self):
        while not self.path.exists() and not self.ended.is_set():
            time.sleep(0.01)
        rest = b""
        with open(self.path, "rb") as file:
            while True:
                data = file.read(1 << 20)
                if not data:
                    if self.ended.is_set():
                        return
                    time.sleep(0.001)
                    continue
                now = time.time()
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    self.take(line, now)

    def take(self, line, now):
        if b'"valueSampledData"' in line:
            return self.compare(line)
        self.numbers += 1
        if self.latencies is not None:
            text = EFFECTIVE.search(line).group(1).decode()
            self.latencies.append(now - datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())

    def compare(self, line):
        """The samples must be the source's, digit for digit."""
        observation = json.loads(line)
        extensions = {entry["url"]: entry for entry in observation["extension"]}
        first = int(extensions["urn:wardline:fhir:sequence"]["valueString"])
        signal = extensions["urn:wardline:fhir:channel"]["valueString"]
        bed = int(observation["device"]["identifier"]["value"].removeprefix("bed-"))
        words = observation["valueSampledData"]["data"].split(" ")
        wanted = self.source.words(signal, bed, first, len(words))
        self.blocks += 1
        self.samples += len(words)
        if words != wanted:
            self.wrong += 1
        if b'"samples-lost"' in line:
            self.lost_flags += 1


class Source:
    """A second of recorded samples, for each bed from another place on, over and over."""

    def __init__(self):
        payload = json.loads(SOURCE.read_text())
        raw = base64.b64decode(payload["dat"])
        frames = struct.unpack(f"<{len(raw) // 2}h", raw)
        self.signals = {
            signal["name"]: frames[signal["index"]::len(payload["signals"])] for signal in payload["signals"]
        }
        self.scales = {signal["name"]: signal for signal in payload["signals"]}
        self.texts = {name: [str(sample) for sample in samples] for name, samples in self.signals.items()}

    def samples(self, signal, bed, first, count):
        ring = self.signals[signal]
        return [ring[(first + bed + place) % len(ring)] for place in range(count)]

    def words(self, signal, bed, first, count):
        ring = self.texts[signal]
        return [ring[(first + bed + place) % len(ring)] for place in range(count)]

    def block(self, signal, bed, first, count, started):
        raw = struct.pack(f"<{count}h", *self.samples(signal, bed, first, count))
        scale = self.scales[signal]
        return json.dumps({
            "t0": stamp(started + first / RATE), "fs": RATE, "first_sample": first, "format": 16,
            "signals": [{"index": 0, "name": signal, "gain": scale["gain"], "baseline": scale["baseline"]}],
            "dat": base64.b64encode(raw).decode(),
        })


def stamp(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Publisher(threading.Thread):
    """Publishes at even intervals at QoS 1 over a connection of its own, until its time is over."""

    def __init__(self, broker, name, seconds, interval, actions):
        super().__init__(daemon=True)
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=name, protocol=mqtt.MQTTv5)
        self.client.max_inflight_messages_set(1000)
        self.client.connect("127.0.0.1", broker.port)
        self.client.loop_start()
        self.seconds, self.interval, self.actions = seconds, interval, actions
        self.published = 0
        self.behind = 0.0

    def run(self):
        begun = time.monotonic()
        number = 0
        last = None
        while number * self.interval < self.seconds:
            due = begun + number * self.interval
            self.behind = max(self.behind, time.monotonic() - due)
            time.sleep(max(0, due - time.monotonic()))
            topic, payload = self.actions(number)
            last = self.client.publish(topic, payload, qos=1)
            self.published += 1
            number += 1
        if last is not None:
            last.wait_for_publish(60)
        self.client.loop_stop()
        self.client.disconnect()


def numerics(beds, sequence):
    """The message of one bed after the other; `sequence` runs on from measurement to measurement."""
    def action(number):
        bed = number % beds
        sequence[bed] = sequence.get(bed, 0) + 1
        payload = {
            "ts": stamp(time.time()), "seq": sequence[bed], "hr": 60 + number % 40, "spo2": 97, "rr": 14, "temp": 36.6,
        }
        return f"ward/icu/bed/{bed}/monitor/M{bed}", json.dumps(payload)
    return action


def waveforms(source, beds, packets, positions, started):
    """The block of one waveform after the other; a period that is no whole number of samples alternates."""
    series = [(bed, signal) for bed in range(beds) for signal in SIGNALS]

    def action(number):
        bed, signal = series[number % len(series)]
        turn = positions.get("turn", 0) + number // len(series)
        first, end = turn * RATE // packets, (turn + 1) * RATE // packets
        return f"physionet/bed-{bed}/blocks", source.block(signal, bed, first, end - first, started)
    return action


def measure(arguments, broker, agent):
    source = Source()
    reader = SinkReader(agent.sink, source)
    reader.start()
    sequence, positions = {}, {"turn": 0}
    started = time.time()
    results = {"without": [], "with": [], "blocks": 0, "numbers": 0, "behind": 0.0, "reader": reader}
    # The first messages of every device are not measured: clocks, units and connections are new to the agent.
    rounds = [("warm-up", 5)] + [(kind, arguments.seconds) for _ in range(arguments.rounds) for kind in ("without", "with")]
    for kind, seconds in rounds:
        interval = 1 / (arguments.beds * arguments.numerics_per_second)
        publishers = [Publisher(broker, "numerics", seconds, interval, numerics(arguments.beds, sequence))]
        if kind != "without":
            interval = 1 / (arguments.beds * len(SIGNALS) * arguments.packets_per_second)
            action = waveforms(source, arguments.beds, arguments.packets_per_second, positions, time.time() - positions["turn"] / arguments.packets_per_second)
            publishers.append(Publisher(broker, "waveforms", seconds, interval, action))
        reader.latencies = [] if kind != "warm-up" else None
        for publisher in publishers:
            publisher.start()
        for publisher in publishers:
            publisher.join()
        results["numbers"] += publishers[0].published * 4
        if kind != "without":
            results["blocks"] += publishers[1].published
            positions["turn"] += -(-publishers[1].published // (arguments.beds * len(SIGNALS)))
        results["behind"] = max([results["behind"]] + [publisher.behind for publisher in publishers])
        settle(reader, results)
        if kind != "warm-up":
            results[kind].append(sorted(reader.latencies))
            show(kind, results[kind][-1])
        reader.latencies = None
    results["seconds"] = time.time() - started
    results["metrics"] = agent.stats()
    reader.ended.set()
    reader.join()
    return results


def settle(reader, results):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and (reader.blocks < results["blocks"] or reader.numbers < results["numbers"]):
        time.sleep(0.05)


def quantile(values, share):
    return values[min(len(values) - 1, int(len(values) * share))] if values else float("nan")


def show(kind, values):
    parts = "  ".join(f"p{share * 100:g} {quantile(values, share) * 1000:7.1f} ms" for share in (0.5, 0.9, 0.99, 0.999))
    print(f"{kind:<8} {len(values):>7} readings  {parts}", file=sys.stderr)


def report(arguments, results):
    reader = results["reader"]
    p99 = {kind: statistics.median(quantile(values, 0.99) for values in results[kind]) for kind in ("without", "with")}
    ratio = p99["with"] / p99["without"]
    rate = arguments.beds * len(SIGNALS) * RATE
    print(f"{arguments.beds} beds x {len(SIGNALS)} waveforms x {RATE} Hz = {rate:,} samples/s in "
          f"{arguments.beds * len(SIGNALS) * arguments.packets_per_second} messages/s, beside "
          f"{arguments.beds * arguments.numerics_per_second:g} messages/s of numerics"
          + (", all in one lane" if arguments.one_lane else ""))
    print(f"numerics, published to written by the sink: p99 {p99['without'] * 1000:.1f} ms without, "
          f"{p99['with'] * 1000:.1f} ms with waveforms (medians of {arguments.rounds}): {ratio:.2f} times")
    print(f"blocks published {results['blocks']:,}, written {reader.blocks:,}, samples {reader.samples:,}, "
          f"blocks that differ from the source {reader.wrong}")
    print(f"the publishers were at most {results['behind'] * 1000:.0f} ms behind their times")
    failures = []
    if ratio > RATIO_MAX:
        failures.append(f"p99 is {ratio:.2f} times, more than {RATIO_MAX}")
    if reader.wrong or reader.blocks != results["blocks"]:
        failures.append("samples are missing or differ")
    if reader.numbers != results["numbers"]:
        failures.append(f"{results['numbers'] - reader.numbers} readings of numerics are missing")
    for failure in failures:
        print(f"FAILED: {failure}")
    return failures


if __name__ == "__main__":
    main()

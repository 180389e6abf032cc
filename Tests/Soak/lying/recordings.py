"""Recorded vital signs: one-minute numerics of a patient, and samples of three waveforms."""

import base64
import csv
import json
import struct
from pathlib import Path

from rig.paths import DEVICES, RECORDING

SIGNALS = ("I", "ABP", "PLETH")
COMMITTED_WAVES = DEVICES / "physionet-wave-blocks/testcases/three-signals-format-16/payload.json"


class Numerics:
    """The rows of a numerics record, each value as it is written there; it begins anew at its end."""

    def __init__(self, path):
        with open(path, newline="") as file:
            self.rows = list(csv.DictReader(file))
        if not self.rows:
            raise RuntimeError(f"{path} holds no rows")

    def row(self, minute, bed):
        """The row of a minute; each bed begins at another place."""
        return self.rows[(minute + bed * 97) % len(self.rows)]


class Waves:
    """Samples of the three signals as integers, over and over."""

    def __init__(self, rate, scales, samples):
        self.rate = rate
        self.scales = scales
        self.samples = samples

    def block(self, signal, first, count):
        ring = self.samples[signal]
        return [ring[(first + place) % len(ring)] for place in range(count)]


def read(folder=None):
    """The numerics and waves of a folder (`*numerics.csv`, `wave_*_<signal>.json`), or those of this repository."""
    if folder is None:
        return Numerics(RECORDING), _committed()
    folder = Path(folder)
    numerics = sorted(folder.glob("*numerics.csv"))
    if not numerics:
        raise RuntimeError(f"{folder} has no *numerics.csv")
    return Numerics(numerics[0]), _folder(folder)


def _folder(folder):
    scales, samples, rates = {}, {}, set()
    for signal in SIGNALS:
        files = sorted(folder.glob(f"wave_*_{signal}.json"))
        if not files:
            return _committed()
        recording = json.loads(files[0].read_text())
        scales[signal] = {"gain": recording["gain"], "baseline": recording["baseline"]}
        samples[signal] = recording["adc"]
        rates.add(recording["fs"])
    if len(rates) != 1:
        raise RuntimeError(f"the signals in {folder} have different rates")
    return Waves(rates.pop(), scales, samples)


def _committed():
    payload = json.loads(COMMITTED_WAVES.read_text())
    raw = base64.b64decode(payload["dat"])
    frames = struct.unpack(f"<{len(raw) // 2}h", raw)
    width = len(payload["signals"])
    scales = {entry["name"]: {"gain": entry["gain"], "baseline": entry["baseline"]} for entry in payload["signals"]}
    samples = {entry["name"]: list(frames[entry["index"]::width]) for entry in payload["signals"]}
    return Waves(payload["fs"], scales, samples)

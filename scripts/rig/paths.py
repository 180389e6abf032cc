"""Where things are in a checkout."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RECORDING = ROOT / "Tests/Fixtures/vitals/mimic2_s00001_numerics.csv"
DEVICES = ROOT / "Devices"
MOSQUITTO_FILES = ROOT / "systemd/mosquitto"


def program(name):
    """The path of a built program; WARDLINE_BIN names another folder than .build/release."""
    folder = Path(os.environ.get("WARDLINE_BIN", ROOT / ".build/release"))
    path = folder / name
    if not path.exists():
        raise SystemExit(f"{path} is missing: run scripts/build first")
    return str(path)

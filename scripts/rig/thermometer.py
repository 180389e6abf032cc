"""A thermometer whose profile is not shipped: nothing reads it until somebody installs the profile."""

import json
import subprocess
import time

PROFILE = """\
wardline: device-profile/1
id: rig-thermometer
version: 1.0.0
name: Thermometer that was installed late
topics:
  - ward/late/{device}/reading
payload: {format: json}
device: "{device}"
time: {value: $.ts, format: unix-ms}
readings:
  - {code: body-temperature, value: $.celsius, unit: Cel}
"""


def install(folder):
    """Puts the profile into a folder of profiles."""
    (folder / "late").mkdir(parents=True, exist_ok=True)
    (folder / "late/profile.yaml").write_text(PROFILE)


def topic(device):
    return f"ward/late/{device}/reading"


def reading(celsius=37.4, seconds_off=0):
    """The payload of a reading now, by a clock that is so far off."""
    return json.dumps({"ts": int((time.time() + seconds_off) * 1_000), "celsius": celsius})


def publish(broker, name, payload):
    """Publishes one message and waits for its acknowledgement."""
    words = ["mosquitto_pub", "-i", "thermometer", "-h", "127.0.0.1", "-p", broker.port, "-q", 1, "-t", name, "-m", payload]
    subprocess.run([str(word) for word in words], check=True, capture_output=True, timeout=30)

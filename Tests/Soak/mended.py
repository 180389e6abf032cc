"""A device profile that is broken, mended under load, and replayed while it is killed: acceptance of re-normalization."""

import json
import shutil
import subprocess
import time

from rig.census import EXPECTED
from rig.paths import DEVICES, program

PROFILE = "wardline-sim-monitor"
RIGHT = "code: MDC_RESP_RATE"
# Breaths as premature beats: the unit fits, so that nothing but the code gives it away.
WRONG = "code: MDC_ECG_V_P_C_RATE"
# Messages a second, four readings in each.
RATE_MAX = 400


def mended(bench):
    """Half of the ward's time with a wrong code, then mended, reloaded, and replayed with `kill -9` of both programs."""
    devices = bench.folder / "devices"
    shutil.copytree(DEVICES / PROFILE, devices / PROFILE)
    profile = devices / PROFILE / "profile.yaml"
    right = profile.read_text()
    if RIGHT not in right:
        raise RuntimeError(f"{PROFILE} has no {RIGHT}")
    profile.write_text(right.replace(RIGHT, WRONG))
    # The run ends by reading everything anew while more comes in: at the usual rate it would run after the ward for ever.
    bench.start(devices=devices, rate=min(bench.arguments.rate, RATE_MAX))
    for _ in bench.cycle_numbers():
        bench.pause(0.2, 0.6)
    version = next(line.split()[1] for line in right.splitlines() if line.startswith("version:"))
    mended_version = f"{version.rsplit('.', 1)[0]}.999"
    profile.write_text(right.replace(f"version: {version}", f"version: {mended_version}"))
    deadline = time.monotonic() + 120
    while _version_in_force(bench) != mended_version:
        if time.monotonic() > deadline:
            raise RuntimeError(f"the mended profile was not taken:\n{bench.agent.log_tail()}")
        time.sleep(0.2)
    before = _latest(bench)
    killed = sum(_replay_and_kill(bench) for _ in range(max(1, bench.cycles // 4)))
    bench.agent.kill()
    bench.agent.start()
    bench.agent.wait_until_ready()
    bench.ward.stop()
    bench.agent.wait_until_drained()
    summary = _replay(bench)
    report = bench.verify_latest(_latest)
    again = _replay(bench)
    after = _latest(bench)
    wrong = [line for line in after.values() if _codes(line).isdisjoint(EXPECTED)]
    audit = subprocess.run(
        [program("wardline"), "audit", "devices", "--config", str(bench.agent.configuration)],
        capture_output=True,
        text=True,
    )
    return report | {
        "replaysKilled": killed,
        "correctedLast": summary["corrected"],
        "corrected": sum(line["status"] == "corrected" for line in after.values()),
        "failures": len(wrong)
        + len(before.keys() - after.keys())
        + again["corrected"] + again["withdrawn"] + again["new"]
        + (0 if audit.returncode == 0 else 1)
        + (0 if any(line["status"] == "corrected" for line in after.values()) else 1),
        "audit": audit.stderr.strip(),
    }


def _version_in_force(bench):
    """What the agent itself says that it reads with."""
    status = json.loads((bench.agent.state / "profiles-in-force.json").read_text())
    return next((entry["version"] for entry in status["profiles"] if entry["id"] == PROFILE), None)


def _latest(bench):
    """The last line of each identifier."""
    latest = {}
    for line in bench.agent.export():
        observation = json.loads(line)
        latest[observation["identifier"][0]["value"]] = observation
    return latest


def _codes(observation):
    return {coding.get("code") for coding in observation["code"].get("coding", [])}


def _words(bench):
    return [program("wardline"), "device", "replay", PROFILE, "--json", "--config", str(bench.agent.configuration)]


def _replay(bench):
    result = subprocess.run(_words(bench), capture_output=True, text=True)
    if result.returncode != 0:
        raise RuntimeError(f"device replay ended with {result.returncode}: {result.stderr}")
    return json.loads(result.stdout)


def _replay_and_kill(bench):
    """1 if a replay was killed before its end."""
    child = subprocess.Popen(_words(bench), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    bench.pause(0.05, 4)
    killed = child.poll() is None
    if killed:
        child.kill()
    child.wait()
    return int(killed)

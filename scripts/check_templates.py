#!/usr/bin/env python3
"""Imports the public sample templates of microsoft/iomt-fhir with `wardline device import`, runs what came out, and validates it.

For each pair of templates: the profile that is written loads without a warning, reads the payload to the readings that are
listed here, gives Observations that the independent validator takes, and every wrong code and unit is named with its line.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from rig.paths import ROOT, program

FIXTURES = ROOT / "Tests/Fixtures/iomt-fhir"
BASIC = (
    '{"Body": {"deviceid": "d1", "patientid": "p7", "measurementdatetime": "2026-11-20T10:00:00Z", "heartrate": "78", '
    '"steps": 12, "systolic": 121, "diastolic": 82, "hrv": 40, "deviceWorn": true}, "Properties": {}, "SystemProperties": {}}'
)
LEGACY = (
    '{"Body": {"HeartRate": 61, "BodyTemperature": 36.90}, '
    '"Properties": {"iothub-creation-time-utc": "2026-11-20T10:00:00Z"}, '
    '"SystemProperties": {"iothub-connection-device-id": "ev-1"}}'
)
HEALTHKIT = (
    '{"deviceId": "w1", "endDate": "2026-11-20T10:00:00Z", "measurementdatetime": "2026-11-20T10:00:00Z", '
    '"heartRate": 60, "systolic": 120, "diastolic": 80, "bodyTemperature": 36.6, "oxygenSaturation": 97, '
    '"respiratoryRate": 14, "bodyMass": 71.5}'
)
DIASTOLIC = "diastolic-blood-pressure (LOINC 8462-4)"
# Templates, the payload (text, or a file beside them), LOINC codes that must come out, and what must be found by line.
CASES = (
    (
        "basic", ["basic"], BASIC, {"8867-4", "8480-6", "8462-4"},
        [("fhirmapping.json:80", DIASTOLIC), ("'count/min' is no UCUM code", "/min"), ("'mmHg' is no UCUM code", "mm[Hg]")],
    ),
    (
        "sandbox", ["sandbox"], FIXTURES / "payloads/iot-central.json", {"9279-1", "8480-6", "8462-4"},
        [("fhirmapping.json:100", DIASTOLIC), ("'breaths/minute' is no UCUM code", "/min"), ("no unit", "Cel")],
    ),
    (
        "sandbox-legacy", ["sandbox-legacy/devicecontent.json", "sandbox/fhirmapping.json"], LEGACY, {"8867-4", "8310-5"},
        [("fhirmapping.json:100", DIASTOLIC)],
    ),
    (
        "healthkit", ["healthkit"], HEALTHKIT, {"8867-4", "8480-6", "8462-4", "8310-5", "2708-6", "9279-1", "29463-7"},
        [("fhirmapping.json:240", DIASTOLIC), ("'degC' is no UCUM code", "Cel"), ("'dB(SPL)' is no UCUM code", "dB[SPL]")],
    ),
)


def main():
    failures = 0
    for name, templates, payload, codes, findings in CASES:
        with tempfile.TemporaryDirectory(prefix="templates-") as folder:
            problems = list(check(Path(folder), templates, payload, codes, findings))
        print(f"{name}: {'ok' if not problems else 'FAILED'}")
        for problem in problems:
            print(f"  {problem}")
        failures += bool(problems)
    print(f"{len(CASES) - failures} passed, {failures} failed")
    return 1 if failures else 0


def check(folder, templates, payload, codes, findings):
    """What is not as it must be, as sentences."""
    profile = folder / "imported"
    imported = run("import", *[FIXTURES / template for template in templates], "--out", profile)
    if not (profile / "profile.yaml").exists():
        yield f"no profile was written: {imported.stderr}"
        return
    for what, instead in findings:
        if not any(what in line and instead in line for line in imported.stderr.splitlines()):
            yield f"not reported: {what}, {instead}"
    lint = run("lint", "--strict", profile)
    if lint.returncode != 0:
        yield f"the profile has warnings: {lint.stdout}{lint.stderr}"
    if not isinstance(payload, Path):
        (folder / "payload.json").write_text(payload)
        payload = folder / "payload.json"
    test = run("test", profile, payload, "--topic", "imported/d9/telemetry")
    lines = [line for line in test.stdout.splitlines() if line.startswith("{")]
    missing = sorted(code for code in codes if f'"code":"{code}"' not in test.stdout)
    if missing:
        yield f"no reading of {missing}: {test.stdout[:300]}{test.stderr[:300]}"
    observations = folder / "observations.ndjson"
    observations.write_text("".join(line + "\n" for line in lines))
    validated = subprocess.run(
        [sys.executable, ROOT / "scripts/validate_fhir.py", observations], capture_output=True, text=True
    )
    if validated.returncode != 0:
        yield f"the Observations are not valid: {validated.stdout[-600:]}"


def run(*words):
    return subprocess.run([program("wardline"), "device", *map(str, words)], capture_output=True, text=True)


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""IBTP messages through our codec and through the protobuf library. Ends with "N passed, M failed"."""

import argparse
import collections
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from ibtp.cases import Cases

GOLDEN = Path(__file__).parent.parent / "Tests/Fixtures/ibtp/golden.json"
GOLDEN_SEED = "golden"
SHOWN_MAX = 10


def main():
    parser = argparse.ArgumentParser(prog="scripts/interop-ibtp")
    parser.add_argument("--programs", type=Path, help="the folder of our programs")
    parser.add_argument("--rounds", type=int, default=200, help="rounds of random messages of every kind")
    parser.add_argument("--seed", default="1", help="what the messages are drawn from")
    parser.add_argument("--keep", type=Path, help="keep the vector file here")
    parser.add_argument("--write-golden", action="store_true", help="write the committed vectors anew and end")
    arguments = parser.parse_args()
    golden = Cases(GOLDEN_SEED).cases(1)
    if arguments.write_golden:
        GOLDEN.write_text(vector_file(golden, indent=1))
        print(f"{len(golden)} cases written")
        return 0
    if json.loads(GOLDEN.read_text())["cases"] != golden:
        sys.exit(f"error: {GOLDEN} is not what the protobuf library gives")
    cases = Cases(arguments.seed).cases(arguments.rounds)
    counts = collections.Counter((case["op"], case.get("error", "valid")) for case in cases)
    for (operation, outcome), count in sorted(counts.items()):
        print(f"{operation}: {count} {outcome}")
    with tempfile.TemporaryDirectory() as folder:
        file = arguments.keep or Path(folder) / "ibtp.json"
        file.write_text(vector_file(golden + cases))
        passed, failed = run(arguments.programs / "wardline-conformance", file, len(golden) + len(cases))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def vector_file(cases, indent=None):
    return json.dumps({"suite": "interop", "set": "ibtp", "version": 1, "cases": cases}, indent=indent) + "\n"


def run(runner, file, count):
    """Passed and failed cases of a file; one that was not run failed."""
    result = subprocess.run([runner, file], stdout=subprocess.PIPE, text=True, check=False)
    lines = result.stdout.splitlines()
    for line in [line for line in lines if line.startswith(("FAILED", "skipped"))][:SHOWN_MAX]:
        print(line)
    words = lines[-1].split() if lines else []
    if result.returncode not in (0, 1) or words[1:2] != ["passed,"] or words[3:4] != ["failed"]:
        sys.exit(f"error: {runner} ended with code {result.returncode}")
    return int(words[0]), count - int(words[0])


if __name__ == "__main__":
    sys.exit(main())

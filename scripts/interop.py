#!/usr/bin/env python3
"""The two directions behind scripts/interop. Ends with "N passed, M failed"."""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import nullcontext
from pathlib import Path

# The other implementation's folder stays as it is.
sys.dont_write_bytecode = True

from interop_cases import CaseMaker  # noqa: E402

SHOWN_MAX = 10


def main():
    parser = argparse.ArgumentParser(prog="scripts/interop")
    parser.add_argument("--oracle", type=Path, required=True, help="folder of the other implementation")
    parser.add_argument("--runner", type=Path, required=True, help="the program wardline-conformance")
    parser.add_argument("--cases", type=int, default=20, help="rounds; each has every operation at least once")
    parser.add_argument("--seed", default="1", help="which cases the other implementation makes")
    parser.add_argument("--keep", type=Path, help="keep the vector files in this folder")
    arguments = parser.parse_args()
    sys.path.insert(0, str(arguments.oracle))
    import ops

    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
    with nullcontext(arguments.keep) if arguments.keep else tempfile.TemporaryDirectory() as folder:
        theirs, ours = Path(folder) / "theirs.json", Path(folder) / "ours.json"
        passed, failed = their_cases(ops, arguments, theirs)
        more_passed, more_failed = our_cases(ops, arguments, ours)
    print(f"{passed + more_passed} passed, {failed + more_failed} failed")
    return 1 if failed + more_failed else 0


def their_cases(ops, arguments, file):
    """Cases that the other implementation made, through ours."""
    cases = CaseMaker(ops, arguments.seed).rounds(arguments.cases)
    file.write_text(json.dumps({"suite": "interop", "set": "random", "version": 1, "cases": cases}))
    print(f"theirs: {len(cases)} cases of {summary(cases)}")
    run = subprocess.run([arguments.runner, file], stdout=subprocess.PIPE, text=True, check=False)
    lines = run.stdout.splitlines()
    for line in [line for line in lines if line.startswith(("FAILED", "skipped"))][:SHOWN_MAX]:
        print(line)
    words = lines[-1].split() if lines else []
    if run.returncode not in (0, 1) or words[1:2] != ["passed,"] or words[3:4] != ["failed"]:
        sys.exit(f"error: {arguments.runner} ended with code {run.returncode}")
    passed, failed = int(words[0]), int(words[2])
    if passed + failed != len(cases):
        print(f"FAILED: {len(cases) - passed - failed} cases were not run")
        failed = len(cases) - passed
    print(f"their cases through our implementation: {passed} passed, {failed} failed")
    return passed, failed


def our_cases(ops, arguments, file):
    """Cases that our implementation made, through the other one."""
    subprocess.run([arguments.runner, "--emit", file, "--cases", str(arguments.cases)], check=True)
    cases = json.loads(file.read_text())["cases"]
    print(f"ours: {len(cases)} cases of {summary(cases)}")
    passed = failed = 0
    crashes = Counter()
    for case in cases:
        expected = ("out", case["out"]) if "out" in case else ("error", case["error"])
        try:
            got = ops.run(case["op"], case["in"])
        except Exception as crash:
            # A damaged input of which the other implementation takes no notice until it falls: nothing to compare.
            if case["name"].startswith("damaged"):
                crashes[f"{case['op']}: {type(crash).__name__}"] += 1
                continue
            got = ("crash", repr(crash))
        if got == expected:
            passed += 1
            continue
        failed += 1
        if failed <= SHOWN_MAX:
            print(f"FAILED {case['name']}: {case['op']}: ours {str(expected)[:400]}, theirs {str(got)[:400]}")
    print(f"our cases through the other implementation: {passed} passed, {failed} failed", end="")
    print(f", {crashes.total()} not compared ({dict(crashes)})" if crashes else "")
    return passed, failed


def summary(cases):
    operations = Counter(case["op"] for case in cases)
    refused = sum("error" in case for case in cases)
    return f"{len(operations)} operations, {refused} of them refused"


if __name__ == "__main__":
    sys.exit(main())

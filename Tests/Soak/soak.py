#!/usr/bin/env python3
"""Breaks the agent in ten ways while a ward publishes, and proves that nothing acknowledged is lost or doubled.

Each variant runs a real broker, a real agent and a simulated ward, lets everything drain, and compares what
`wardline spool export` gives with the ledger of messages that the broker acknowledged to the ward. One line of JSON per
variant; exit code 1 if one of them failed. The seed that it prints repeats the choice of instants.
"""

import argparse
import json
import secrets
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from bench import Bench  # noqa: E402
from rig.processes import exit_on_sigterm  # noqa: E402
from variants import VARIANTS  # noqa: E402

MUST_BE_ZERO = ("lost", "duplicates", "unexplained", "deadLetters", "failures")


def main():
    exit_on_sigterm()
    arguments = parse_arguments()
    names = list(VARIANTS) if arguments.variant == "all" else [arguments.variant]
    results = [run(name, arguments) for name in names]
    print(f"{results.count(True)} passed, {results.count(False)} failed", flush=True)
    return 0 if all(results) else 1


def parse_arguments():
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__.splitlines()[0])
    parser.add_argument("--variant", choices=["all", *VARIANTS], default="all")
    parser.add_argument("--cycles", type=int, default=20, help="how often it is broken (default 20)")
    parser.add_argument("--rate", type=int, default=2000, help="messages per second (default 2000)")
    parser.add_argument("--backlog", type=int, default=1_000_000, help="messages behind a slow consumer")
    parser.add_argument("--tmpfs-size", default="512m", help="size of the disk that becomes full")
    parser.add_argument("--seed", type=int, help="repeat a run's instants")
    parser.add_argument("--keep", action="store_true", help="keep the files of runs that passed")
    return parser.parse_args()


def run(name, arguments):
    """One variant in a folder of its own; True if it passed."""
    seed = arguments.seed if arguments.seed is not None else secrets.randbits(32)
    print(f"{name}: seed {seed}", file=sys.stderr, flush=True)
    folder = Path(tempfile.mkdtemp(prefix=f"wardline-soak-{name}-"))
    started = time.monotonic()
    report = {"variant": name, "ok": False, "seed": seed, "cycles": arguments.cycles}
    bench = Bench(folder, arguments, seed)
    try:
        with bench.stack:
            report |= VARIANTS[name](bench)
        report["ok"] = report["acknowledged"] > 0 and not any(report.get(key) for key in MUST_BE_ZERO)
    except (RuntimeError, OSError, ValueError, LookupError) as failure:
        report["error"] = f"{type(failure).__name__}: {failure}"
    report["seconds"] = round(time.monotonic() - started, 1)
    print(json.dumps(report), flush=True)
    if report["ok"] and not arguments.keep:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"  files: {folder}", file=sys.stderr)
    return report["ok"]


if __name__ == "__main__":
    sys.exit(main())

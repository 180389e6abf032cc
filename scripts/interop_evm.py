#!/usr/bin/env python3
"""Our broker contract and adapter on real chains with an EVM. Ends with "N passed, M failed"."""

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from evm import deliveries, reading, reorganisations, services, sets
from evm.rig import LONDON, PRAGUE, Rig

CHAINS = {"london": LONDON, "prague": PRAGUE}


def main():
    parser = argparse.ArgumentParser(prog="scripts/interop-evm")
    parser.add_argument("--programs", type=Path, required=True, help="the folder of our programs")
    parser.add_argument("--chain", choices=CHAINS, help="one of the two only")
    parser.add_argument("--messages", type=int, default=6, help="messages that are sent out")
    parser.add_argument("--part", help="one part only: reading, deliveries, services, sets, reorganisations")
    arguments = parser.parse_args()
    # So that the node ends with the script.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    passed = failed = 0
    for name, kind in CHAINS.items():
        if arguments.chain not in (None, name):
            continue
        print(f"== {name}", flush=True)
        with tempfile.TemporaryDirectory() as folder, Rig(kind, arguments.programs, Path(folder), arguments.messages) as rig:
            rig.set_up()
            parts = [reading, deliveries, services, sets] + ([reorganisations] if kind is LONDON else [])
            for part in parts:
                if arguments.part in (None, part.__name__.removeprefix("evm.")):
                    part.run(rig)
            passed, failed = passed + rig.passed, failed + rig.failed
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

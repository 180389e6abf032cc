#!/usr/bin/env python3
"""The broker contract's code as the compiler gives it, against the committed one."""

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "Sources/Services/EVMAdapter/Contract"
SOURCE = FOLDER / "Broker.vy"
COMMITTED = FOLDER / "BrokerCode.swift"
LINE = 108

HEAD = '''internal import CanonicalBytes

/// The broker contract's code, compiled from `Broker.vy` by vyper 0.4.3 for London and everything later.
///
/// Written by `scripts/evm-contract --write`, which without the flag compares it with what the compiler gives.
enum BrokerCode {
    /// The code that makes the contract; its arguments follow.
    static let creation = [UInt8](hex: Self.digits.filter { $0 != "\\n" }) ?? []

    private static let digits = """
'''


def compiled(source, *options):
    """What the compiler gives for a source, in hexadecimal digits."""
    compiler = Path(sys.executable).parent / "vyper"
    result = subprocess.run([compiler, *options, source], capture_output=True, text=True, check=False)
    if result.returncode:
        sys.exit(f"error: {source.name} does not compile\n{result.stderr}")
    return result.stdout.strip().removeprefix("0x")


def main():
    parser = argparse.ArgumentParser(prog="scripts/evm-contract")
    parser.add_argument("--write", action="store_true", help="commit what the compiler gives")
    arguments = parser.parse_args()
    digits = compiled(SOURCE, "-f", "bytecode")
    lines = [digits[place : place + LINE] for place in range(0, len(digits), LINE)]
    text = HEAD + "".join(f"        {line}\n" for line in lines) + '        """\n}\n'
    if arguments.write:
        COMMITTED.write_text(text)
        print(f"{len(digits) // 2} bytes written")
        return
    runtime = len(compiled(SOURCE, "-f", "bytecode_runtime")) // 2
    if COMMITTED.read_text() != text:
        print("0 passed, 1 failed")
        sys.exit(f"error: {COMMITTED.name} is not what the compiler makes of {SOURCE.name}")
    print(f"{len(digits) // 2} bytes, {runtime} of them on the chain (24576 are allowed)")
    print("1 passed, 0 failed")


if __name__ == "__main__":
    main()

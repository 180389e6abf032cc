#!/usr/bin/env python3
"""Writes Tests/EVMProofsTests/ForeignValues.swift: values of PyPI's rlp, trie, eth-bloom, eth-abi and py-evm.

  .build/venv-evm/bin/python scripts/evm/vectors.py [--check]
"""

import argparse
import sys
from pathlib import Path

import rlp
from eth_abi import encode
from eth_bloom import BloomFilter
from eth_tester import EthereumTester, PyEVMBackend
from eth_utils import keccak, to_checksum_address
from trie import HexaryTrie

TARGET = Path(__file__).parent.parent.parent / "Tests/EVMProofsTests/ForeignValues.swift"
COUNTS = [1, 2, 3, 15, 16, 17, 127, 128, 129, 255, 256, 257, 300]
SOURCE = "1356:evm:0x" + "0a" * 20
DESTINATION = "1356:north:records"


def receipt(place):
    """The same receipts as `SampleReceipts` of the tests."""
    logs = [
        [bytes([place % 256]) * 20, [bytes(31) + bytes([topic + 1]) for topic in range(log + 1)], bytes(range(place % 70))]
        for log in range(place % 3)
    ]
    bloom = BloomFilter()
    for address, topics, _ in logs:
        bloom.extend([address, *topics])
    fields = [1 if place % 7 != 3 else 0, 21_000 * (place + 1), int(bloom).to_bytes(256, "big"), logs]
    kind = place % 5
    return (bytes([kind]) if kind else b"") + rlp.encode(fields)


def root(count):
    trie = HexaryTrie({})
    for place in range(count):
        trie[rlp.encode(place)] = receipt(place)
    return trie.root_hash


def header():
    """A header of Prague, with a transaction in its block."""
    tester = EthereumTester(PyEVMBackend())
    accounts = tester.get_accounts()
    tester.send_transaction({"from": accounts[0], "to": accounts[1], "value": 1, "gas": 21_000})
    return tester.backend.chain.get_canonical_block_header_by_number(1)


def request():
    arguments = [b"first", b"", b"\x00" * 40]
    values = [7, SOURCE, DESTINATION, 100, False, "ask", arguments, keccak(b"ask" + b"".join(arguments)), b"extra"]
    return encode(
        ["uint64", "string", "string", "uint64", "bool", "string", "bytes[]", "bytes32", "bytes"], values
    )


def answer():
    values = [3, DESTINATION, SOURCE, 1, keccak(b"request"), [b"done"], keccak(b"done")]
    return encode(["uint64", "string", "string", "uint64", "bytes32", "bytes[]", "bytes32"], values)


def created(nonce):
    maker = bytes.fromhex("9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f")
    return to_checksum_address(keccak(rlp.encode([maker, nonce]))[12:])


def text(name, value):
    digits = value.hex()
    lines = [digits[place : place + 108] for place in range(0, len(digits), 108)]
    return f'    static let {name} = """\n' + "".join(f"        {line}\n" for line in lines) + '        """\n'


def written(prague):
    lines = ["// Written by scripts/evm/vectors.py.\n\n", "/// What other implementations make of the same values.\n"]
    lines += ["enum ForeignValues {\n", "    /// Roots of the first receipts of `SampleReceipts`, by their number.\n"]
    lines += ["    static let roots: [(count: Int, root: String)] = [\n"]
    lines += [f'        ({count}, "{root(count).hex()}"),\n' for count in COUNTS]
    lines += ["    ]\n\n", f'    static let hash = "{keccak(prague).hex()}"\n\n']
    lines += ["    /// The first contract of 0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F, and that of nonce 300.\n"]
    lines += [f'    static let created = ["{created(0)}", "{created(300)}"]\n\n']
    lines += ["    /// A header of Prague.\n", text("header", prague), "\n"]
    lines += ["    /// Data of `ThrowInterchain` and of `ThrowReceipt`.\n", text("request", request()), "\n"]
    lines += [text("answer", answer()), "}\n"]
    return "".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true", help="compare, but for the header, whose time is its own")
    arguments = parser.parse_args()
    if arguments.check:
        committed = TARGET.read_text()
        parts = committed.split('static let header = """\n')[1].split('"""')[0]
        if written(bytes.fromhex("".join(parts.split()))) != committed:
            print("0 passed, 1 failed")
            sys.exit(f"error: {TARGET.name} is not what the other implementations give")
        print("1 passed, 0 failed")
        return
    TARGET.write_text(written(rlp.encode(header())))


if __name__ == "__main__":
    main()

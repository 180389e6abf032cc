#!/usr/bin/env python3
"""Cases of BLS12-381 made with arkworks, through our implementation. Ends with "N passed, M failed"."""

import argparse
import hashlib
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from py_arkworks_bls12381 import GT, G1Point, G2Point, Scalar

P = 0x1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB
R = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
X = 0xD201000000010000
# Ends of the range, of the digits to the base of the curve's parameter, and of windows.
EDGES = [1, 2, 15, 16, 17, 31, 32, 33, R - 1, R - 2, (R - 1) // 2, (R + 1) // 2, 1 << 254, 1 << 64, (1 << 128) - 1]
EDGES += [edge + change for edge in (X, X**2, X**3) for change in (-1, 0, 1)]
GROUPS = {"g1": (G1Point, 48), "g2": (G2Point, 96)}
# Rounds in one vector file.
BATCH = 50
SHOWN_MAX = 10


def main():
    parser = argparse.ArgumentParser(prog="scripts/interop-bls")
    parser.add_argument("--runner", type=Path, required=True, help="the program wardline-conformance")
    parser.add_argument("--rounds", type=int, default=20, help="rounds; each has every operation at least once")
    parser.add_argument("--seed", default="1", help="which cases are made")
    parser.add_argument("--keep", type=Path, help="keep the last vector file here")
    arguments = parser.parse_args()
    listed = subprocess.run([arguments.runner, "--list-operations"], stdout=subprocess.PIPE, text=True, check=True)
    built = {line for line in listed.stdout.splitlines() if line.startswith("bls.") and "\t" not in line}
    if not built:
        sys.exit(f"error: {arguments.runner} has no operation of BLS12-381")
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        file = arguments.keep or Path(folder) / "bls.json"
        for start in range(0, arguments.rounds, BATCH):
            maker = CaseMaker(arguments.seed)
            for number in range(start, min(start + BATCH, arguments.rounds)):
                maker.round(number)
            cases = [case for case in maker.cases if case["op"] in built]
            for operation in sorted({case["op"] for case in maker.cases} - built) if start == 0 else []:
                print(f"not built, left out: {operation}")
            file.write_text(json.dumps({"suite": "interop", "set": "bls", "version": 1, "cases": cases}))
            counts = run(arguments.runner, file, len(cases))
            passed, failed = passed + counts[0], failed + counts[1]
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


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


def scalar(number):
    return Scalar.from_be_bytes((number % R).to_bytes(32, "big"))


def compressed(point):
    return bytes(point.to_compressed_bytes())


def gt_bytes(element):
    """Twelve coordinates; arkworks writes each with its least significant byte first."""
    text = bytes.fromhex(str(element))
    return b"".join(text[start : start + 48][::-1] for start in range(0, 576, 48))


def gt_power(base, exponent):
    result = GT.one()
    for bit in bin(exponent)[2:]:
        result = result * result
        if bit == "1":
            result = result * base
    return result


def expand(message, domain, length):
    """expand_message_xmd of RFC 9380 section 5.3.1 for domains of up to 255 bytes."""
    suffix = domain + bytes([len(domain)])
    first = hashlib.sha256(bytes(64) + message + length.to_bytes(2, "big") + b"\0" + suffix).digest()
    blocks = [hashlib.sha256(first + b"\1" + suffix).digest()]
    while len(blocks) * 32 < length:
        mixed = bytes(a ^ b for a, b in zip(first, blocks[-1]))
        blocks.append(hashlib.sha256(mixed + bytes([len(blocks) + 1]) + suffix).digest())
    return b"".join(blocks)[:length]


def decoding_failure(group, encoded):
    """The code of the refusal in the order of the specification, None for a point that is accepted."""
    kind, length = GROUPS[group]
    if len(encoded) != length:
        return "FORMAT"
    if not encoded[0] & 0x80:
        return "POINT"
    if encoded[0] & 0x40:
        return "IDENTITY" if encoded == b"\xc0" + bytes(length - 1) else "POINT"
    parts = [bytes([encoded[0] & 0x1F]) + encoded[1:48], encoded[48:]][: length // 48]
    if any(int.from_bytes(part, "big") >= P for part in parts):
        return "POINT"
    try:
        point = kind.from_compressed_bytes_unchecked(encoded)
    except Exception:
        return "POINT"
    return None if point.is_in_subgroup() else "SUBGROUP"


class CaseMaker:
    def __init__(self, seed):
        self.seed = seed
        self.cases = []

    def add(self, operation, given, out=None, error=None):
        case = {"name": f"{operation}-{self.number}-{len(self.cases)}", "op": operation, "in": given}
        self.cases.append({**case, "error": error} if error else {**case, "out": out})

    def round(self, number):
        self.number = number
        self.random = random.Random(f"{self.seed}-{number}")
        for group in GROUPS:
            self.decoding(group)
            self.multiplication(group)
            self.hashing(group)
        self.scalars()
        self.pairing()

    def number_below_r(self):
        return self.random.choice(EDGES) if self.random.random() < 0.3 else self.random.randrange(1, R)

    def point(self, group):
        return GROUPS[group][0]() * scalar(self.number_below_r())

    def decoding(self, group):
        encoded = compressed(self.point(group))
        for case in [encoded, *self.damaged(encoded)]:
            failure = decoding_failure(group, case)
            if failure:
                self.add(f"bls.decode_{group}", {"point": case.hex()}, error=failure)
            else:
                self.add(f"bls.decode_{group}", {"point": case.hex()}, self.coordinates(group, case))

    def coordinates(self, group, encoded):
        both = bytes(GROUPS[group][0].from_compressed_bytes_unchecked(encoded).to_xy_bytes_be())
        if group == "g1":
            return {"xy": both.hex()}
        names = ("x_c0", "x_c1", "y_c0", "y_c1")
        return {name: both[48 * place : 48 * place + 48].hex() for place, name in enumerate(names)}

    def damaged(self, encoded):
        flipped = bytearray(encoded)
        flipped[self.random.randrange(len(encoded))] ^= 1 << self.random.randrange(8)
        yield bytes(flipped)
        yield encoded[:-1] if self.random.random() < 0.5 else encoded + b"\0"
        yield bytes([encoded[0] ^ self.random.choice([0x20, 0x40, 0x60, 0x80])]) + encoded[1:]
        # Some x, seldom one of the subgroup, and some beyond p.
        start = self.random.choice([0x80, 0xA0]) + self.random.randrange(0x1C)
        yield bytes([start]) + self.random.randbytes(len(encoded) - 1)
        beyond = (P + self.random.randrange(3)).to_bytes(48, "big")
        yield encoded[:-48] + (beyond if len(encoded) > 48 else bytes([beyond[0] | 0x80]) + beyond[1:])

    def multiplication(self, group):
        kind = GROUPS[group][0]
        base, factor = self.point(group), self.number_below_r()
        given = {"point": compressed(base).hex(), "k": factor.to_bytes(32, "big").hex()}
        self.add(f"bls.mul_{group}", given, {"point": compressed(base * scalar(factor)).hex()})
        count = self.random.choice([1, 2, 3, 10, 23, 24, 25, 40, 70])
        points = [self.point(group) for _ in range(count)]
        factors = [self.number_below_r() for _ in range(count)]
        for place in range(1, count):
            chance = self.random.random()
            if chance < 0.2:
                points[place] = points[place - 1] if chance < 0.1 else -points[place - 1]
                factors[place] = factors[place - 1]
        total = kind.identity()
        for point, factor in zip(points, factors):
            total = total + point * scalar(factor)
        given = {
            "points": [compressed(point).hex() for point in points],
            "scalars": [factor.to_bytes(32, "big").hex() for factor in factors],
        }
        if total == kind.identity():
            self.add(f"bls.sum_{group}", given, error="IDENTITY")
        else:
            self.add(f"bls.sum_{group}", given, {"point": compressed(total).hex()})

    def hashing(self, group):
        message = self.random.randbytes(self.random.choice([0, 1, 31, 32, 55, 56, 63, 64, 65, 200, 1000]))
        domain = self.random.randbytes(self.random.choice([1, 16, 43, 128, 255]))
        point = GROUPS[group][0].hash_to_curve(message, domain)
        given = {"msg": message.hex(), "dst": domain.hex()}
        self.add(f"bls.hash_to_{group}", given, {"point": compressed(point).hex()})

    def scalars(self):
        for number in (self.number_below_r(), 0, R, R + self.random.randrange(R), self.random.getrandbits(256)):
            given = {"scalar": (number % (1 << 256)).to_bytes(32, "big").hex()}
            self.add("bls.decode_fr", given, {}, "SCALAR" if number % (1 << 256) >= R else None)
        fields = [self.random.randbytes(self.random.randrange(40)) for _ in range(self.random.randrange(4))]
        message = b"".join(len(field).to_bytes(4, "big") + field for field in fields)
        hashed = int.from_bytes(expand(message, b"WARDLINE-V1-INTEROP", 48), "big") % R
        given = {"tag": "INTEROP", "fields": [field.hex() for field in fields]}
        self.add("bls.hash_to_fr", given, {"scalar": hashed.to_bytes(32, "big").hex()})

    def pairing(self):
        p, q = self.point("g1"), self.point("g2")
        element = GT.pairing(p, q)
        given = {"g1": compressed(p).hex(), "g2": compressed(q).hex()}
        self.add("bls.pairing", given, {"gt": gt_bytes(element).hex()})
        exponent = self.number_below_r()
        given = {"gt": gt_bytes(element).hex(), "k": exponent.to_bytes(32, "big").hex()}
        self.add("bls.gt_pow", given, {"gt": gt_bytes(gt_power(element, exponent)).hex()})


if __name__ == "__main__":
    sys.exit(main())

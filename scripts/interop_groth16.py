#!/usr/bin/env python3
"""Groth16 proofs through our verifier and through one on arkworks. Ends with "N passed, M failed".

The verifier here follows the specification of the bytes alone. Both must accept what is valid, and refuse everything
else with the same code.
"""

import argparse
import collections
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from interop_bls import GROUPS, P, R, compressed, decoding_failure, run, scalar
from py_arkworks_bls12381 import GT

PUBLISHED = Path(__file__).parent.parent / "Tests/Fixtures/vectors/G_zk.json"
OPERATION = "groth16.verify"
INPUT_POINTS_MAX = 64
PROOF_LENGTH = 192
# A proof's points, and those of a key before its input points: group and first byte.
PROOF_POINTS = [("g1", 0), ("g2", 48), ("g1", 144)]
KEY_POINTS = [("g1", 4), ("g2", 52), ("g2", 148), ("g2", 244)]
KEY_HEAD = 344
SHOWN_MAX = 10


class Refused(Exception):
    """A verification that fails, with the code of the specification."""


def main():
    parser = argparse.ArgumentParser(prog="scripts/interop-groth16")
    parser.add_argument("--programs", type=Path, required=True, help="the folder of our programs")
    parser.add_argument("--rounds", type=int, default=20, help="rounds of proofs made here")
    parser.add_argument("--tampered", type=int, default=400, help="tampered proofs of each circuit; 0: every position")
    parser.add_argument("--seed", default="1", help="how proofs are tampered with")
    parser.add_argument("--keep", type=Path, help="keep the vector file of the tampered proofs here")
    arguments = parser.parse_args()
    runner = arguments.programs / "wardline-conformance"
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "made.json"
        emit = [runner, "--emit", made, "--only", OPERATION, "--cases", str(arguments.rounds)]
        subprocess.run(emit, stdout=subprocess.DEVNULL, check=True)
        random_proofs = cases_of(made)
        circuits = Path(folder) / "circuits.json"
        bench = [arguments.programs / "wardline-bench", "zk", "cases", circuits]
        subprocess.run(bench, stdout=subprocess.DEVNULL, check=True)
        circuit_proofs = cases_of(circuits)
        published = cases_of(PUBLISHED)
        tally.count("made here, random statements", random_proofs)
        tally.count("made here, circuits of policies", circuit_proofs)
        tally.count("published", published)
        # One valid proof of each circuit.
        first = random_proofs[:1] + circuit_proofs + published
        good = list({case["in"]["vk"]: case for case in reversed(first) if "error" not in case}.values())
        tamperer = Tamperer(arguments.seed)
        tampered = []
        for place, case in enumerate(good):
            donor = good[place - 1]["in"]
            tampered += tamperer.cases(case["name"], case["in"], donor, arguments.tampered)
        file = arguments.keep or Path(folder) / "tampered.json"
        everything = circuit_proofs + published + tampered
        file.write_text(json.dumps({"suite": "interop", "set": "groth16", "version": 1, "cases": everything}))
        codes = collections.Counter(case.get("error", "valid") for case in tampered)
        print("tampered: " + ", ".join(f"{number} {code}" for code, number in sorted(codes.items())))
        passed, failed = run(runner, file, len(everything))
        print(f"by our verifier: {passed} with the same verdict, {failed} with another")
    passed, failed = tally.passed + passed, tally.failed + failed
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def cases_of(path):
    cases = [case for case in json.loads(path.read_text())["cases"] if case["op"] == OPERATION]
    if not cases:
        sys.exit(f"error: {path} has no case of {OPERATION}")
    return cases


class Tally:
    """Cases whose verdict is given, through the verifier below."""

    def __init__(self):
        self.passed = self.failed = 0

    def count(self, kind, cases):
        valid = sum("error" not in case for case in cases)
        wrong = [(case, found) for case in cases if (found := verdict(case["in"])) != case.get("error")]
        for case, found in wrong[:SHOWN_MAX]:
            print(f"FAILED {case['name']}: {case.get('error', 'valid')}, and by arkworks {found or 'valid'}")
        print(f"{kind}: {len(cases)} cases, {valid} valid, {len(wrong)} with another verdict by arkworks")
        self.passed += len(cases) - len(wrong)
        self.failed += len(wrong)


def verdict(given):
    """None for a valid proof, otherwise the code of the first check that fails."""
    try:
        inputs = [bytes.fromhex(text) for text in given["public"]]
        verify(bytes.fromhex(given["vk"]), bytes.fromhex(given["proof"]), inputs)
    except Refused as refused:
        return str(refused)
    return None


def verify(key, proof, inputs):
    alpha, beta, gamma, delta, input_points = parse_key(key)
    if len(proof) != PROOF_LENGTH:
        raise Refused("FORMAT")
    a, b, c = (point(group, proof[start : start + GROUPS[group][1]]) for group, start in PROOF_POINTS)
    if any(len(element) != 32 for element in inputs):
        raise Refused("FORMAT")
    numbers = [int.from_bytes(element, "big") for element in inputs]
    if any(number >= R for number in numbers):
        raise Refused("SCALAR")
    if len(numbers) != len(input_points) - 1:
        raise Refused("CONTEXT")
    statement = input_points[0]
    for number, term in zip(numbers, input_points[1:]):
        statement = statement + term * scalar(number)
    if GT.pairing(a, b) != GT.multi_pairing([alpha, statement, c], [beta, gamma, delta]):
        raise Refused("PROOF")


def parse_key(key):
    """`"WLV1" || α || β || γ || δ || u32 count || count points`, read strictly in order."""
    if key[:4] != b"WLV1":
        raise Refused("FORMAT")
    points = [point(group, key[start : start + GROUPS[group][1]]) for group, start in KEY_POINTS]
    count = int.from_bytes(key[KEY_HEAD - 4 : KEY_HEAD], "big")
    if len(key) < KEY_HEAD or not 1 <= count <= INPUT_POINTS_MAX:
        raise Refused("FORMAT")
    rest = key[KEY_HEAD:]
    input_points = [point("g1", rest[48 * place : 48 * place + 48]) for place in range(count)]
    if len(rest) != 48 * count:
        raise Refused("FORMAT")
    return *points, input_points


def point(group, encoded):
    failure = decoding_failure(group, encoded)
    if failure:
        raise Refused(failure)
    return GROUPS[group][0].from_compressed_bytes_unchecked(encoded)


class Tamperer:
    """Copies of a valid proof with something changed, each with the verdict of the verifier above."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def cases(self, name, given, donor, count):
        copies = [*self.whole(given, donor), *self.flips(given, count)]
        for kind, changed in copies:
            case = {"name": f"{name}-{kind}", "op": OPERATION, "in": changed}
            failure = verdict(changed)
            yield {**case, "error": failure} if failure else {**case, "out": {}}

    def flips(self, given, count):
        """One bit in every byte of proof, key and inputs, or in a sample of these bytes, all of the proof's if it can."""
        fields = {"proof": [given["proof"]], "vk": [given["vk"]], "public": given["public"]}
        places = {
            field: [(field, number, byte) for number, text in enumerate(texts) for byte in range(len(text) // 2)]
            for field, texts in fields.items()
        }
        chosen = sum(places.values(), [])
        if 0 < count < len(chosen):
            others = places["vk"] + places["public"]
            share = min(len(places["proof"]), count * 3 // 4)
            chosen = self.random.sample(places["proof"], share) + self.random.sample(others, count - share)
        for field, number, byte in chosen:
            changed = bytearray.fromhex(fields[field][number])
            changed[byte] ^= 1 << self.random.randrange(8)
            values = [*fields[field]]
            values[number] = changed.hex()
            yield f"{field}-{number}-{byte}", {**given, field: values if field == "public" else values[0]}

    def whole(self, given, donor):
        """Points, inputs and whole parts replaced; re-randomised proofs, which stay valid."""
        proof, key, inputs = bytes.fromhex(given["proof"]), bytes.fromhex(given["vk"]), given["public"]
        for field in ("proof", "vk", "public"):
            yield f"other-{field}", {**given, field: donor[field]}
        for kind, changed in self.proofs(proof, parse_key(key)):
            yield kind, {**given, "proof": changed.hex()}
        for kind, changed in self.keys(key):
            yield kind, {**given, "vk": changed.hex()}
        for kind, changed in self.inputs(inputs):
            yield kind, {**given, "public": changed}

    def proofs(self, proof, key):
        encoded = [proof[start : start + GROUPS[group][1]] for group, start in PROOF_POINTS]
        a, b, c = (point(group, part) for (group, _), part in zip(PROOF_POINTS, encoded))
        delta = key[3]
        factor, shift = self.random.randrange(2, R), self.random.randrange(1, R)
        inverse = scalar(pow(factor, -1, R))
        joined = lambda *points: b"".join(map(compressed, points))
        yield "rerandomised-factor", joined(a * scalar(factor), b * inverse, c)
        yield "rerandomised-shift", joined(a, b + delta * scalar(shift), c + a * scalar(shift))
        yield "factor-in-a-only", joined(a * scalar(factor), b, c)
        yield "negated-a-and-b", joined(-a, -b, c)
        yield "negated-c", joined(a, b, -c)
        yield "swapped-a-and-c", joined(c, b, a)
        for length in (0, 1, 191):
            yield f"cut-to-{length}", proof[:length]
        yield "longer", proof + b"\0"
        for place, (group, start) in enumerate(PROOF_POINTS):
            for kind, changed in self.points(group, encoded[place]):
                yield f"point-{place}-{kind}", proof[:start] + changed + proof[start + len(changed) :]

    def keys(self, key):
        count = (len(key) - KEY_HEAD) // 48
        starts = KEY_POINTS + [("g1", KEY_HEAD + 48 * place) for place in range(count)]
        for place, (group, start) in enumerate(starts):
            length = GROUPS[group][1]
            for kind, changed in self.points(group, key[start : start + length]):
                yield f"key-point-{place}-{kind}", key[:start] + changed + key[start + length :]
        yield "key-cut", key[: self.random.randrange(len(key))]
        yield "key-longer", key + b"\0"
        for number in (0, count - 1, count + 1, INPUT_POINTS_MAX + 1, 1 << 31):
            yield f"key-count-{number}", key[: KEY_HEAD - 4] + number.to_bytes(4, "big") + key[KEY_HEAD:]

    def points(self, group, encoded):
        kind, length = GROUPS[group]
        yield "identity", b"\xc0" + bytes(length - 1)
        yield "identity-with-sign", b"\xe0" + bytes(length - 1)
        yield "other", compressed(kind() * scalar(self.random.randrange(1, R)))
        yield "uncompressed-flag", bytes([encoded[0] & 0x7F]) + encoded[1:]
        yield "beyond-p", bytes([P >> 376 | 0x80]) + (P % (1 << 376)).to_bytes(47, "big") + encoded[48:]
        yield "outside-subgroup", self.with_failure(group, "SUBGROUP")
        yield "off-curve", self.with_failure(group, "POINT")

    def with_failure(self, group, failure):
        """Some small x: nearly none is in the subgroup, and half are not on the curve."""
        length = GROUPS[group][1]
        while True:
            encoded = b"\x80" + bytes(length - 3) + self.random.randbytes(2)
            if decoding_failure(group, encoded) == failure:
                return encoded

    def inputs(self, inputs):
        numbers = [int(text, 16) for text in inputs]
        for place, number in enumerate(numbers):
            above = number + R if number + R < 1 << 256 else R
            for kind, changed in (("plus-r", above), ("r", R), ("zero", 0), ("plus-1", (number + 1) % R)):
                yield f"input-{place}-{kind}", [*inputs[:place], f"{changed:064x}", *inputs[place + 1 :]]
            yield f"input-{place}-short", [*inputs[:place], inputs[place][2:], *inputs[place + 1 :]]
        yield "one-input-more", [*inputs, f"{0:064x}"]
        yield "one-input-less", inputs[:-1]


if __name__ == "__main__":
    sys.exit(main())

"""The pairing benchmark behind Benchmarks/pairing/run.

Every round takes the rows one by one: first wardline-bench in a process of its own, then each library that has the
operation, in this process. Times are processor time of the process, the best of five batches; everything is on one
processor, so that all have one thread.
"""

import argparse
import math
import os
import statistics
import subprocess
import time

import blspy
import pymcl
from py_arkworks_bls12381 import GT, G1Point, G2Point, Scalar

MESSAGE, DOMAIN = b"m" * 32, b"D" * 40
# Microseconds of blst with its assembly (commit dece82e) and of mcl, measured side by side on a Xeon (Cascade Lake,
# 2.5 GHz). What blspy does not reach of blst is scaled by the operations that the run itself has of both.
BLST = {
    "Fp multiplication": 0.043, "pairing": 779.0, "pairing product of 2": 1003.0, "pairing product of 4": 1443.0,
    "pairing product of 8": 2342.0, "G1 multiplication": 102.0, "G2 multiplication": 213.0, "hash to G1": 68.0,
    "hash to G2": 223.0, "G1 sum of 2^10": 18_400.0, "G1 sum of 2^12": 60_800.0, "G1 sum of 2^14": 203_000.0,
    "G2 sum of 2^10": 53_000.0, "G2 sum of 2^12": 171_000.0, "G2 sum of 2^14": 627_000.0, "GT exponentiation": 446.0,
}
# How many times the time of which library a row may take; "blst" is blspy, or scaled where it has no such operation.
GOALS = {
    "pairing": (1.3, "mcl"),
    "pairing product of 2": (1.3, "blst"),
    "pairing product of 4": (1.3, "blst"),
    "pairing product of 8": (1.3, "blst"),
    "G1 multiplication": (1.5, "mcl"),
    "G2 multiplication": (1.5, "mcl"),
    "hash to G2": (1.5, "blst"),
    "G1 sum of 2^14": (0.6, "arkworks"),
}
LIBRARIES = ["blst", "mcl", "arkworks"]


def main():
    parser = argparse.ArgumentParser(prog="Benchmarks/pairing/run")
    parser.add_argument("--bench", required=True, help="the wardline-bench program")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="only rows with this text in their name")
    arguments = parser.parse_args()
    names = subprocess.run([arguments.bench, "pairing"], check=True, capture_output=True, text=True).stdout.splitlines()
    names = [name for name in names if arguments.only in name]
    peers = peer_operations(names)
    overhead = call_overhead()
    ours = {name: [] for name in names}
    theirs = {name: {library: [] for library in peers.get(name, {})} for name in names}
    for _ in range(arguments.rounds):
        for name in names:
            ours[name].append(own_microseconds(arguments.bench, name))
            for library, work in peers.get(name, {}).items():
                theirs[name][library].append(work() - overhead[library])
    scale = add_scaled(theirs, arguments.rounds)
    show(ours, theirs, overhead, scale)


def own_microseconds(bench, name):
    return float(subprocess.run([bench, "pairing", name], check=True, capture_output=True, text=True).stdout)


def microseconds(call, batch=20_000):
    """Processor time of one call, the best of five batches of about 20 ms, as wardline-bench takes it."""
    started = time.process_time()
    call()
    best = (time.process_time() - started) * 1e6
    calls = max(1, int(batch / max(best, 0.1)))
    for _ in range(5):
        started = time.process_time()
        for _ in range(calls):
            call()
        best = min(best, (time.process_time() - started) * 1e6 / calls)
    return best


def timed(call):
    return lambda: microseconds(call)


def call_overhead():
    """A call from Python with an operation of nanoseconds behind it: taken off every figure of the library."""
    key = blspy.PopSchemeMPL.key_gen(bytes(range(32))).get_g1()
    scalar = pymcl.Fr.random()
    ark = random_scalar()
    return {
        "blst": min(microseconds(lambda: key.negate()) for _ in range(3)),
        "mcl": min(microseconds(lambda: scalar + scalar) for _ in range(3)),
        "arkworks": min(microseconds(lambda: ark + ark) for _ in range(3)),
    }


def random_scalar():
    return Scalar.from_be_bytes_mod_order(os.urandom(32))


def peer_operations(names):
    """For each row, what measures a library in it."""
    operations = {**pairings(), **multiplications(), **hashes(), **encodings()}
    for group, start in (("G1", G1Point()), ("G2", G2Point())):
        for logarithm in (10, 12, 14):
            name = f"{group} sum of 2^{logarithm}"
            if name in names:
                operations[name] = {"arkworks": timed(multi_scalar_sum(start * random_scalar(), 1 << logarithm))}
    return operations


def pairings():
    p, q = G1Point() * random_scalar(), G2Point() * random_scalar()
    key = blspy.PopSchemeMPL.key_gen(os.urandom(32)).get_g1()
    point = blspy.G2Element.from_message(MESSAGE, DOMAIN)
    first, second, exponent = pymcl.g1 * pymcl.Fr.random(), pymcl.g2 * pymcl.Fr.random(), pymcl.Fr.random()
    target = pymcl.pairing(first, second)
    rows = {
        "pairing": {
            "blst": timed(lambda: key.pair(point)),
            "mcl": timed(lambda: pymcl.pairing(first, second)),
            "arkworks": timed(lambda: GT.pairing(p, q)),
        },
        "GT exponentiation": {"mcl": timed(lambda: target**exponent)},
    }
    for count in (2, 4, 8):
        left = [G1Point() * random_scalar() for _ in range(count)]
        right = [G2Point() * random_scalar() for _ in range(count)]
        rows[f"pairing product of {count}"] = {
            "arkworks": timed(lambda left=left, right=right: GT.multi_pairing(left, right))
        }
    return rows


def multiplications():
    first, second, scalar = pymcl.g1 * pymcl.Fr.random(), pymcl.g2 * pymcl.Fr.random(), pymcl.Fr.random()
    p, q, factor = G1Point() * random_scalar(), G2Point() * random_scalar(), random_scalar()
    secret = blspy.PopSchemeMPL.key_gen(os.urandom(32))

    def signing_less_hashing():
        """blst's multiplication in G2 by a secret: a signature less the hash that it multiplies."""
        hashing = microseconds(lambda: blspy.G2Element.from_message(MESSAGE, DOMAIN))
        return microseconds(lambda: blspy.PopSchemeMPL.sign(secret, MESSAGE)) - hashing

    return {
        "G1 multiplication": {"mcl": timed(lambda: first * scalar), "arkworks": timed(lambda: p * factor)},
        "G2 multiplication": {
            "blst": signing_less_hashing,
            "mcl": timed(lambda: second * scalar),
            "arkworks": timed(lambda: q * factor),
        },
    }


def hashes():
    return {
        "hash to G1": {
            "blst": timed(lambda: blspy.G1Element.from_message(MESSAGE, DOMAIN)),
            "mcl": timed(lambda: pymcl.G1.hash(MESSAGE)),
            "arkworks": timed(lambda: G1Point.hash_to_curve(MESSAGE, DOMAIN)),
        },
        "hash to G2": {
            "blst": timed(lambda: blspy.G2Element.from_message(MESSAGE, DOMAIN)),
            "mcl": timed(lambda: pymcl.G2.hash(MESSAGE)),
            "arkworks": timed(lambda: G2Point.hash_to_curve(MESSAGE, DOMAIN)),
        },
    }


def encodings():
    """Decompression with the check of the subgroup."""
    p = bytes((G1Point() * random_scalar()).to_compressed_bytes())
    q = bytes((G2Point() * random_scalar()).to_compressed_bytes())
    first, second = (pymcl.g1 * pymcl.Fr.random()).serialize(), (pymcl.g2 * pymcl.Fr.random()).serialize()
    return {
        "G1 decompression": {
            "blst": timed(lambda: blspy.G1Element.from_bytes(p)),
            "mcl": timed(lambda: pymcl.G1.deserialize(first)),
            "arkworks": timed(lambda: G1Point.from_compressed_bytes(p)),
        },
        "G2 decompression": {
            "blst": timed(lambda: blspy.G2Element.from_bytes(q)),
            "mcl": timed(lambda: pymcl.G2.deserialize(second)),
            "arkworks": timed(lambda: G2Point.from_compressed_bytes(q)),
        },
    }


def multi_scalar_sum(step, count):
    points, point = [], step
    for _ in range(count):
        points.append(point)
        point = point + step
    scalars = [random_scalar() for _ in range(count)]
    return lambda: type(step).multiexp_unchecked(points, scalars)


def add_scaled(theirs, rounds):
    """Fills in blst where blspy has no such operation; None where the run has nothing to scale by."""
    measured = [name for name in theirs if name in BLST and theirs[name].get("blst")]
    if not measured:
        return None
    factor = math.exp(statistics.fmean(math.log(min(theirs[name]["blst"]) / BLST[name]) for name in measured))
    for name in theirs:
        if name in BLST and not theirs[name].get("blst"):
            theirs[name]["blst"] = [BLST[name] * factor] * rounds
            theirs[name]["is scaled"] = True
    return factor


def show(ours, theirs, overhead, scale):
    print(f"{'microseconds: best, median':<24} {'wardline':>21}", *(f"{library:>22}" for library in LIBRARIES))
    for name, own in ours.items():
        cells = [f"{name:<24} {spread(own):>21}"]
        for library in LIBRARIES:
            values = theirs[name].get(library)
            marker = "~" if library == "blst" and theirs[name].get("is scaled") else ""
            cells.append(f"{marker + spread(values) if values else '-':>22}")
        print(*cells)
    print(f"\n{'ratio of the best, median ratio':<24}", *(f"{library:>14}" for library in LIBRARIES), "  goal")
    missed = []
    for name, own in ours.items():
        ratios = {library: ratio(own, theirs[name][library]) for library in LIBRARIES if theirs[name].get(library)}
        cells = [f"{best:.2f}, {median:.2f}" for best, median in (ratios.get(l, (0, 0)) for l in LIBRARIES)]
        cells = [cell if library in ratios else "-" for cell, library in zip(cells, LIBRARIES)]
        verdict = ""
        if name in GOALS and GOALS[name][1] in ratios:
            goal, library = GOALS[name]
            is_met = ratios[library][0] <= goal
            marker = "~" if library == "blst" and theirs[name].get("is scaled") else ""
            verdict = f"{goal} of {marker}{library}: {'met' if is_met else 'NOT MET'}"
            missed += [] if is_met else [name]
        print(f"{name:<31}", *(f"{cell:>14}" for cell in cells), f"  {verdict}")
    print(f"\nnot met: {', '.join(missed) if missed else 'none'}")
    print("taken off for the call from Python: " + ", ".join(f"{l} {v:.2f} us" for l, v in overhead.items()))
    if scale is not None:
        print(f"~ blst's figures of another machine, times {scale:.2f}: what blspy's own make of theirs in this run")


def spread(values):
    digits = 4 if min(values) < 1 else 1
    return f"{min(values):,.{digits}f} {statistics.median(values):,.{digits}f}"


def ratio(ours, theirs):
    """The best by the best, and the median of the rounds' ratios."""
    return min(ours) / min(theirs), statistics.median(a / b for a, b in zip(ours, theirs))


if __name__ == "__main__":
    main()

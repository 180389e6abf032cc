"""Provers from PyPI on a chain of squarings, one run to a process; prints JSON as wardline-bench zk does.

    peers.py groth16py CONSTRAINTS REPEATS     arkworks in Rust, on BN254
    peers.py zksnake CONSTRAINTS REPEATS       Python with the sums of arkworks, on BLS12-381
    peers.py blspy 0 REPEATS                   no prover: signatures of blst, to compare machines
"""

import json
import random
import resource
import struct
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

BN254_ORDER = 0x30644E72E131A029B85045B68181585D2833E84879B97091_43E1F593F0000001
BLS12_381_ORDER = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001


def main():
    name, constraints, repeats = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    report = {"groth16py": with_groth16py, "zksnake": with_zksnake, "blspy": with_blspy}[name](constraints, repeats)
    print(json.dumps({**report, "circuit": f"{name} {constraints}"}))


class Steps:
    def __init__(self):
        self.times = {}

    def measure(self, step, work):
        wall, cpu = time.monotonic(), processor_time()
        result = work()
        times = self.times.setdefault(step, {"wall": [], "cpu": []})
        times["wall"].append(time.monotonic() - wall)
        times["cpu"].append(processor_time() - cpu)
        return result


def processor_time():
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def peak_bytes():
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def chain(constraints, order):
    """x, x², x⁴, …: one value more than there are constraints."""
    values = [random.randrange(2, order)]
    for _ in range(constraints):
        values.append(values[-1] * values[-1] % order)
    return values


def variable(place, constraints):
    """Of a value of the chain: 0 is the constant 1, 1 the public last value."""
    return 1 if place == constraints else 2 + place


def with_groth16py(constraints, repeats):
    import groth16py

    values = chain(constraints, BN254_ORDER)
    assignment = [1, values[-1], *values[:-1]]
    steps = Steps()
    with tempfile.TemporaryDirectory() as folder:
        system, witness = Path(folder) / "chain.r1cs", Path(folder) / "chain.wtns"
        system.write_bytes(system_file(constraints, BN254_ORDER))
        witness.write_bytes(witness_file(assignment, BN254_ORDER))
        key, verification_key = steps.measure("keygen", lambda: groth16py.setup(str(system)))
        for _ in range(repeats):
            proof = steps.measure("prove", lambda: groth16py.prove_wtns(key, str(witness)))
        peak = peak_bytes()
    verifier = groth16py.Verifier(verification_key)
    for _ in range(repeats):
        if not steps.measure("verify", lambda: verifier.verify(proof, [values[-1]])):
            sys.exit("error: the peer's proof is not valid")
    return {"steps": steps.times, "figures": {"constraints": constraints, "peak": peak}}


def system_file(constraints, order):
    """The file format .r1cs of iden3, version 1."""
    one = element(1, order)
    rows = []
    for place in range(constraints):
        for index in (place, place, place + 1):
            rows.append(struct.pack("<II", 1, variable(index, constraints)) + one)
    wires = constraints + 2
    header = struct.pack("<I", 32) + order.to_bytes(32, "little")
    # Wires, public outputs, public inputs, private inputs, labels, constraints.
    header += struct.pack("<IIIIQI", wires, 1, 0, 1, wires, constraints)
    labels = b"".join(struct.pack("<Q", wire) for wire in range(wires))
    return file_of(b"r1cs", 1, [(1, header), (2, b"".join(rows)), (3, labels)])


def witness_file(assignment, order):
    """The file format .wtns of iden3, version 2."""
    header = struct.pack("<I", 32) + order.to_bytes(32, "little") + struct.pack("<I", len(assignment))
    return file_of(b"wtns", 2, [(1, header), (2, b"".join(element(value, order) for value in assignment))])


def file_of(magic, version, sections):
    parts = [struct.pack("<IQ", kind, len(content)) + content for kind, content in sections]
    return magic + struct.pack("<II", version, len(sections)) + b"".join(parts)


def element(value, order):
    return (value % order).to_bytes(32, "little")


def with_zksnake(constraints, repeats):
    from zksnake.array import SparseArray
    from zksnake.groth16 import Groth16

    values = chain(constraints, BLS12_381_ORDER)
    matrices = []
    for shift in (0, 0, 1):
        matrix = SparseArray([], constraints, constraints + 2, BLS12_381_ORDER)
        matrix.append([(row, variable(row + shift, constraints), 1) for row in range(constraints)])
        matrices.append(matrix)
    a, b, c = matrices
    steps = Steps()
    prover = Groth16(SimpleNamespace(A=a, B=b, C=c, n_public=2), "BLS12_381")
    steps.measure("keygen", prover.setup)
    for _ in range(repeats):
        proof = steps.measure("prove", lambda: prover.prove([1, values[-1]], values[:-1]))
    peak = peak_bytes()
    for _ in range(repeats):
        if not steps.measure("verify", lambda: prover.verify(proof, [1, values[-1]])):
            sys.exit("error: the peer's proof is not valid")
    return {"steps": steps.times, "figures": {"constraints": constraints, "peak": peak}}


def with_blspy(_, repeats):
    import blspy

    secret, message = blspy.PopSchemeMPL.key_gen(bytes(32)), b"m" * 32
    public, steps = secret.get_g1(), Steps()
    for _ in range(repeats * 20):
        signature = steps.measure("sign", lambda: blspy.PopSchemeMPL.sign(secret, message))
        steps.measure("verify", lambda: blspy.PopSchemeMPL.verify(public, message, signature))
    return {"steps": steps.times, "figures": {"peak": peak_bytes()}}


if __name__ == "__main__":
    main()

"""The sealing benchmark behind Benchmarks/sealing.

Every round runs wardline-bench, which times each step and, in the same process, the operations of OpenSSL that the
scheme specifies for it, and then umbral-pre; so a noisy machine disturbs both alike. Times are of the thread's processor.
"""

import argparse
import json
import random
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import umbral_pre

ROOT = Path(__file__).resolve().parents[1]
DEVICE = ROOT / "Devices/wardline-sim-monitor"
MESSAGE = b"x" * 1024
# Ours, theirs, and how much of theirs ours may take; the work is the same on both sides but for the sender's signature,
# which is part of our envelope and absent from umbral-pre's capsule. A capsule and a fragment that come over the network
# are verified when umbral-pre parses them, so both sides are compared with and without what verifies.
COMPARISONS = [
    ("signcrypt", "encrypt", 0.5),
    ("signcrypt, with the epoch key (mode 1)", "encrypt", 0.5),
    ("re-encryption key", "generate_kfrags, 1 of 1, both keys signed", 0.6),
    ("re-encrypt a verified envelope", "reencrypt", 0.85),
    ("verify and re-encrypt", "parse the capsule, reencrypt", 0.85),
    ("open by the receiver, envelope and part verified", "decrypt_reencrypted", 0.7),
    ("verify, check part, open by the receiver", "parse capsule, verify fragment, decrypt_reencrypted", 0.7),
]


def main():
    parser = argparse.ArgumentParser(prog="Benchmarks/sealing")
    parser.add_argument("--bench", required=True, help="the wardline-bench program")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--messages", type=int, default=1_000, help="messages of four readings each, to be sealed")
    arguments = parser.parse_args()
    ours, theirs = [], []
    peer = umbral_operations()
    with tempfile.NamedTemporaryFile("w", suffix=".ndjson") as payloads:
        write_payloads(payloads, arguments.messages)
        command = [
            arguments.bench, "sealing", str(DEVICE / "profile.yaml"), payloads.name,
            "--topic", "ward/icu-1/bed/1/monitor/WSM-0001",
        ]
        for _ in range(arguments.rounds):
            ours.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
            theirs.append({name: microseconds(work) for name, work in peer.items()})
    show_floors(ours)
    show_peer(ours, theirs)
    show_throughput(ours)


def write_payloads(file, count):
    """Vital signs that wander like a patient's, the same in every run."""
    wander = random.Random(1)
    hr, spo2, rr, temp = 72.0, 97, 14.0, 36.8
    for number in range(count):
        hr = min(140, max(45, hr + wander.gauss(0, 1.5)))
        spo2 = min(100, max(85, spo2 + wander.choice([-1, 0, 0, 0, 1])))
        rr = min(30, max(8, rr + wander.gauss(0, 0.6)))
        temp = min(40, max(35, temp + wander.gauss(0, 0.05)))
        minute, second = divmod(number, 60)
        payload = {
            "ts": f"2026-11-20T08:{minute % 60:02}:{second:02}.{wander.randrange(1000):03}Z", "seq": number,
            "serial": "WSM-0001", "model": "WSM-4", "fw": "1.4.2", "hr": round(hr, 1), "spo2": spo2,
            "rr": round(rr, 1), "temp": round(temp, 1), "battery": 87,
            "leads": {"ecg": "on", "pleth": "on", "resp": "on"}, "alarm": "none",
        }
        file.write(json.dumps(payload, separators=(",", ":")) + "\n")
    file.flush()


def umbral_operations():
    """umbral-pre's side, one share of one; its checks of what came over the network apart from its transformations."""
    owner, receiver = umbral_pre.SecretKey.random(), umbral_pre.SecretKey.random()
    owner_key, receiver_key = owner.public_key(), receiver.public_key()
    signer = umbral_pre.Signer(umbral_pre.SecretKey.random())
    verifying_key = signer.verifying_key()
    capsule, ciphertext = umbral_pre.encrypt(owner_key, MESSAGE)
    capsule_bytes = bytes(capsule)

    def rekey():
        return umbral_pre.generate_kfrags(owner, receiver_key, signer, 1, 1, True, True)

    kfrag = rekey()[0]
    cfrag = umbral_pre.reencrypt(capsule, kfrag)
    cfrag_bytes = bytes(cfrag)

    def transform():
        return umbral_pre.reencrypt(umbral_pre.Capsule.from_bytes(capsule_bytes), kfrag)

    def open_all():
        parsed = umbral_pre.Capsule.from_bytes(capsule_bytes)
        part = umbral_pre.CapsuleFrag.from_bytes(cfrag_bytes).verify(parsed, verifying_key, owner_key, receiver_key)
        return umbral_pre.decrypt_reencrypted(receiver, owner_key, parsed, [part], ciphertext)

    return {
        "encrypt": lambda: umbral_pre.encrypt(owner_key, MESSAGE),
        "generate_kfrags, 1 of 1, both keys signed": rekey,
        "reencrypt": lambda: umbral_pre.reencrypt(capsule, kfrag),
        "parse the capsule, reencrypt": transform,
        "decrypt_reencrypted": lambda: umbral_pre.decrypt_reencrypted(
            receiver, owner_key, capsule, [cfrag], ciphertext
        ),
        "parse capsule, verify fragment, decrypt_reencrypted": open_all,
    }


def microseconds(work, calls=100, batches=5):
    """Processor time of one call: the best of the batches, as wardline-bench takes it."""
    best = float("inf")
    for _ in range(batches):
        started = time.thread_time()
        for _ in range(calls):
            work()
        best = min(best, (time.thread_time() - started) / calls)
    return best * 1e6


def spread(values, digits=1):
    return f"{min(values):9,.{digits}f} {statistics.median(values):9,.{digits}f}"


def ratio(ours, theirs):
    """The best by the best, and the median of the rounds' ratios."""
    return f"{min(ours) / min(theirs):9.2f} {statistics.median(a / b for a, b in zip(ours, theirs)):9.2f}"


def show_floors(ours):
    print(f"{'1 KiB envelope, microseconds of processor time':<62} {'best':>9} {'median':>9}")
    for name in ours[0]["operations"]:
        rounds = [round_["operations"][name] for round_ in ours]
        print(f"{name:<62} {spread([r['us'] for r in rounds])}")
        print(f"{'  its specified operations alone':<62} {spread([r['floor_us'] for r in rounds])}")
        print(f"{'  ratio (goal 1.3)':<62} {ratio([r['us'] for r in rounds], [r['floor_us'] for r in rounds])}")
    primitives = ", ".join(
        f"{name} {statistics.median(r['primitives'][name] for r in ours):.2f}" for name in ours[0]["primitives"] if "_" not in name
    )
    print(f"operations, median: {primitives}\n")


def show_peer(ours, theirs):
    print(f"{'beside umbral-pre':<62} {'best':>9} {'median':>9}")
    for name in theirs[0]:
        print(f"{'umbral-pre ' + name:<62} {spread([round_[name] for round_ in theirs])}")
    for name, peer, goal in COMPARISONS:
        both = ratio([r["operations"][name]["us"] for r in ours], [r[peer] for r in theirs])
        print(f"{name}\n  {'/ ' + peer + f' ({goal})':<60} {both}")
    print()


def show_throughput(ours):
    print(f"{'readings bundled, deflated, padded and sealed in a second':<62} {'best':>9} {'median':>9} {'envelope':>9}")
    for count in ours[0]["throughput"]:
        rounds = [round_["throughput"][count] for round_ in ours]
        rates = [r["readings_per_s"] for r in rounds]
        size = rounds[0]["envelope_bytes"]
        print(f"{count + ' in an envelope':<62} {max(rates):9,.0f} {statistics.median(rates):9,.0f} {size:9,} bytes")


if __name__ == "__main__":
    main()

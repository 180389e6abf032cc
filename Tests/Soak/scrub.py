#!/usr/bin/env python3
"""Flips single bits in the files of a privacy center's store; `wardline node scrub` has to find each.

A real node is filled with envelopes and stopped: once in order, once by kill -9, which leaves a write-ahead log behind. Each
flip is made in a fresh copy. A page of the database that the log replaces holds nothing any more: a flip there counts as
superseded if the file is, bit for bit, what it is without the flip once the log was applied. One line of JSON; exit code 1
if another flip was not found or an untouched copy is not clean.
"""

import argparse
import collections
import hashlib
import http.client
import json
import random
import secrets
import shutil
import ssl
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from flood import index_pointer, read_envelopes, tagged_hash  # noqa: E402
from rig.consortium import Consortium  # noqa: E402
from rig.paths import program  # noqa: E402
from rig.processes import exit_on_sigterm  # noqa: E402


def main():
    exit_on_sigterm()
    parser = argparse.ArgumentParser(prog="scripts/soak --scrub", description=__doc__.splitlines()[0])
    parser.add_argument("--flips", type=int, default=200, help="how many bits (default 200)")
    parser.add_argument("--envelopes", type=int, default=300)
    parser.add_argument("--seed", type=int, default=None)
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else secrets.randbits(32)
    print(f"scrub: seed {seed}", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="wardline-scrub-") as folder:
        report = run(Path(folder), arguments, random.Random(seed))
    report["seed"] = seed
    print(json.dumps(report), flush=True)
    return 0 if report["ok"] else 1


def run(folder, arguments, chance):
    consortium = Consortium(folder / "consortium")
    flips, missed, dirty, superseded = collections.Counter(), [], [], 0
    try:
        consortium.start()
        center = consortium.centers[0]
        for ending in ("stopped", "killed"):
            fill(consortium, folder, arguments.envelopes, first=1 if ending == "stopped" else arguments.envelopes + 1)
            center.terminate() if ending == "stopped" else center.kill()
            store = folder / "consortium/cpc-1-store"
            if scrub(center, store, folder / "copy").returncode != 0:
                dirty.append(ending)
            sound = digest(folder / "copy")
            for _ in range(arguments.flips // 2):
                file, bit = choose_bit(store, chance)
                flips[f"{ending} {file}"] += 1
                if scrub(center, store, folder / "copy", file, bit).returncode != 0:
                    continue
                if ending == "killed" and file == "store.db" and digest(folder / "copy") == sound:
                    superseded += 1
                else:
                    missed.append(f"{ending}: bit {bit} of {file}")
            center.start()
    finally:
        consortium.terminate()
    return {
        "variant": "scrub",
        "envelopes": 2 * arguments.envelopes,
        "flips": dict(sorted(flips.items())),
        "superseded": superseded,
        "missed": missed,
        "untouchedCopiesNotClean": dirty,
        "ok": bool(flips) and not missed and not dirty,
    }


def fill(consortium, folder, count, first):
    """Puts envelopes over one connection."""
    identity = consortium.enroll("gateway", "filler")
    center = consortium.centers[0]
    envelopes = read_envelopes(identity, folder / f"envelopes-{first}", count, 2_048, first)
    context = ssl.create_default_context(cafile=str(identity / "current" / "roots.pem"))
    context.load_cert_chain(identity / "current" / "tls.crt", identity / "current" / "tls.key")
    connection = http.client.HTTPSConnection("localhost", center.port, context=context, timeout=30)
    certificate = (identity / "current" / "certificate.wlc").read_bytes()
    put(connection, f"/v1/certificates/{tagged_hash('ECQV-CERT-ID', certificate).hex()}", certificate)
    for envelope in envelopes:
        put(connection, f"/v1/envelopes/{index_pointer(envelope).hex()}", envelope)
    connection.close()


def put(connection, path, body):
    connection.request("PUT", path, body, {"Content-Type": "application/octet-stream"})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status not in (200, 201, 204):
        raise RuntimeError(f"PUT {path}: {answer.status} {text[:200]}")


def digest(store):
    """Of the database file, after scrub has applied and removed the log."""
    return hashlib.sha256((store / "store.db").read_bytes()).hexdigest()


def choose_bit(store, chance):
    """Any bit of any file with content, in proportion to its size; the log's index is made anew at every start."""
    files = [path for path in sorted(store.iterdir()) if path.stat().st_size > 0 and path.suffix != ".db-shm"]
    file = chance.choices(files, weights=[path.stat().st_size for path in files])[0]
    return file.name, chance.randrange(file.stat().st_size * 8)


def scrub(center, store, copy, file=None, bit=None):
    """Runs scrub on a copy of the store, with a bit flipped if one is named."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(store, copy)
    if file:
        with open(copy / file, "r+b") as damaged:
            damaged.seek(bit // 8)
            byte = damaged.read(1)[0]
            damaged.seek(bit // 8)
            damaged.write(bytes([byte ^ 1 << bit % 8]))
    configuration = copy.with_suffix(".yaml")
    configuration.write_text(center.configuration.read_text().replace(str(store), str(copy)))
    words = [program("wardline"), "node", "scrub", "--config", str(configuration)]
    return subprocess.run(words, capture_output=True, text=True)


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Writes Tests/Fixtures/evm/broker-proofs.json: what our broker has said on py-evm (London) and eth-tester (Prague), proven.

  .build/venv-evm/bin/python scripts/evm/record.py --programs FOLDER

Every entry has what the node itself says of the block, and the message as our program has read it from the log.
"""

import argparse
import json
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from evm.deliveries import ENOUGH, attest, deliver, finish, request  # noqa: E402
from evm.reading import prove, send, verify  # noqa: E402
from evm.rig import DEPTH, LONDON, PRAGUE, Rig  # noqa: E402

TARGET = Path(__file__).resolve().parents[2] / "Tests/Fixtures/evm/broker-proofs.json"


def recorded(kind, rules, programs, folder):
    with Rig(kind, programs, folder, 0) as rig:
        rig.set_up()
        payer = rig.payers[0]
        send(rig, payer, "--argument", "0102", "--timeout-height", 50, "--extra", "abcd")
        send(rig, payer)
        asked = request(rig, 1)
        deliver(rig, asked, "begin", attest(rig, asked, "begin", ENOUGH))
        finish(rig, 1, "--result", "d0d0")
        rig.mine(DEPTH + 1)
        leaves, _ = prove(rig, "leaves")
        return [entry(rig, rules, leaf) for leaf in leaves]


def entry(rig, rules, leaf):
    identifier, kind, height, digest, root, path = leaf
    block = rig.block(hex(int(height)))
    said = verify(rig, leaf).stdout.split()
    return {
        "rules": rules, "chain_id": rig.chain_id, "broker": rig.broker.lower(), "id": identifier, "kind": kind,
        "height": int(height), "block_hash": block["hash"][2:], "receipts_root": block["receiptsRoot"][2:],
        "request_hash": said[3] if kind != "interchain" and len(said) > 3 else "",
        "message": Path(path.replace(".wlep", ".ibtp")).read_bytes().hex(), "proof": Path(path).read_bytes().hex(),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", type=Path, required=True)
    arguments = parser.parse_args()
    entries = []
    for kind, rules in ((LONDON, "London"), (PRAGUE, "Prague")):
        with tempfile.TemporaryDirectory() as folder:
            entries += recorded(kind, rules, arguments.programs, Path(folder))
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    text = {
        "provenance": f"recorded by scripts/evm/record.py from py-evm {version('py-evm')} with London rules and eth-tester "
        f"{version('eth-tester')} with Prague rules",
        "entries": entries,
    }
    TARGET.write_text(json.dumps(text, indent=1) + "\n")
    print(f"{len(entries)} proofs in {TARGET}")


if __name__ == "__main__":
    main()

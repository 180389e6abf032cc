#!/usr/bin/env python3
"""Messages between a chain with an EVM and an alliance, over a relay chain of real validators, both ways.

  .build/venv-evm/bin/python scripts/evm/carrying.py --programs FOLDER [--keep FOLDER]

Runs three `wardline dev` validators' chains' worth of processes: a relay chain, an alliance, verification nodes and gateways
of all three chains, and a py-evm node. Ends with "N passed, M failed"; takes some minutes.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from evm.alliance import DEPTH, HUB, NAME, AlliancesWithEVM, Mining, wait_until  # noqa: E402
from evm.reorganisations import branch  # noqa: E402
from evm.rig import LONDON, Rig  # noqa: E402
from evm.services import read  # noqa: E402

SHARE = f"{HUB}:north:share"
NOWHERE = f"{HUB}:north:nothing"
PATIENCE = 120


def main():
    parser = argparse.ArgumentParser(prog="scripts/evm/carrying.py")
    parser.add_argument("--programs", type=Path, required=True, help="the folder of our programs")
    parser.add_argument("--keep", type=Path, help="keep all files in this new folder")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    os.environ["WARDLINE_BIN"] = str(arguments.programs.resolve())
    with ExitStack() as stack:
        folder = arguments.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wardline-evm-")))
        (folder / "evm").mkdir(parents=True)
        rig = stack.enter_context(Rig(LONDON, arguments.programs, folder / "evm", 0))
        alliances = AlliancesWithEVM(folder)
        stack.callback(alliances.terminate)
        begun = time.monotonic()
        alliances.start()
        alliances.join(rig)
        print(f"all up after {time.monotonic() - begun:.0f} s; files: {folder}", flush=True)
        scene = Scene(rig, alliances)
        with Mining(rig):
            for part in (scene.nodes_are_ready, scene.requests_end, scene.requests_time_out, scene.services_are_asked,
                         scene.gateways_die, scene.blocks_go_away):
                print(f"-- {part.__name__}", flush=True)
                rig.part(lambda _, part=part: part())
        print(f"{rig.passed} passed, {rig.failed} failed")
        return 1 if rig.failed else 0


class Scene:
    def __init__(self, rig, alliances):
        self.rig, self.alliances = rig, alliances
        self.asker = rig.payer(3)
        self.service = rig.contract("Service.vy", rig.broker.lower())
        alliances.offer(self.asker.address.lower())
        alliances.offer(self.service)

    # Steps

    def name(self, address):
        return f"{HUB}:{NAME}:{address.lower()}"

    def send(self, to, *options):
        return self.rig.wardline("send", "--key", self.asker.path, "--to", to, "--function", "ask", *options)[0][0]

    def counters(self, source, destination):
        return {key: int(value) for key, value in self.rig.wardline(
            "status", "--depth", DEPTH, "--from", source, "--to", destination
        ) if key in ("sent", "closed", "received", "undone")}

    def closed(self, to):
        return self.counters(self.name(self.asker.address), to)["closed"]

    def outcomes(self, to, count):
        """How the broker says that exchanges of the asker ended: 2 succeeded, 3 failed."""
        from eth_abi import encode
        from eth_utils import keccak

        pair = keccak(f"{self.name(self.asker.address)}-{to}".encode())
        selector = keccak(b"outboundOutcome(bytes32,uint64)")[:4]
        calls = [
            {"to": self.rig.broker.lower(), "data": "0x" + (selector + encode(["bytes32", "uint64"], [pair, place])).hex()}
            for place in range(1, count + 1)
        ]
        return [int(self.rig.rpc("eth_call", call, "latest"), 16) for call in calls]

    def exchanges(self, count, timeout=0, wait=PATIENCE):
        """The alliance asks the EVM chain's contract."""
        dev = self.alliances.chain("north").dev
        command = [
            self.rig.program.parent / "wardline-sim", "exchanges", "--genesis", dev.genesis, "--identity",
            dev.identity("researcher-1"), "--to", self.name(self.service), "--count", count, "--concurrency", count,
            "--expiry-seconds", 600, "--timeout-blocks", timeout, "--wait", wait,
        ]
        for node in dev.validators:
            command += ["--validator", node.url]
        result = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
        if result.returncode and not result.stdout:
            raise RuntimeError(result.stderr)
        return [json.loads(line) for line in result.stdout.splitlines()]

    # Parts

    def nodes_are_ready(self):
        for node in [*self.alliances.evm_attesters, *self.alliances.evm_carriers]:
            said = self.alliances.check(node)
            self.rig.check("a node's configuration is good", "error" not in said.lower(), said)

    def requests_end(self):
        """The alliance cannot serve what has no share request and says so; a service that there is not fails at once."""
        for to in (SHARE, NOWHERE):
            self.send(to, "--argument", "01")
            took = wait_until(lambda to=to: self.closed(to) == 1, PATIENCE, f"{to} is not closed")
            self.rig.check("a request that cannot be served has failed", self.outcomes(to, 1) == [3], self.outcomes(to, 1))
            print(f"   {to}: closed after {took:.0f} s", flush=True)

    def requests_time_out(self):
        """The alliance would wait for somebody to file the request; the relay chain undoes it."""
        nonce, digest, expiry = os.urandom(32), os.urandom(32), int(time.time()) + 3_600
        extra = extension({1: nonce, 2: expiry.to_bytes(8, "big"), 4: digest})
        self.send(SHARE, "--argument", "02", "--timeout-height", "4", "--extra", extra.hex())
        took = wait_until(lambda: self.closed(SHARE) == 2, PATIENCE, "the exchange is not undone")
        self.rig.check("an exchange without an answer in time has failed", self.outcomes(SHARE, 2) == [3, 3])
        print(f"   undone after {took:.0f} s", flush=True)

    def services_are_asked(self):
        reports = self.exchanges(2)
        self.rig.check("the contract has answered both", statuses(reports) == ["success"] * 2, reports)
        self.rig.check("it was called twice", read(self.rig, self.service, "calls()") == 2)

    def gateways_die(self):
        """kill -9 of the gateway and of attesters while messages are under way in both directions."""
        before = self.closed(SHARE)
        gateway = self.alliances.evm_carriers[0]
        for place in range(4):
            self.send(SHARE, "--argument", f"1{place}")
            attester = self.alliances.evm_attesters[place % len(self.alliances.evm_attesters)]
            for node in (gateway, attester):
                node.kill()
                node.start()
        reports = self.exchanges(3)
        self.rig.check("the contract has answered all", statuses(reports) == ["success"] * 3, reports)
        wait_until(lambda: self.closed(SHARE) == before + 4, 2 * PATIENCE, "requests are left")
        self.rig.check("each exchange has ended once", self.outcomes(SHARE, before + 4) == [3] * (before + 4))
        self.rig.check("the contract was called once for each", read(self.rig, self.service, "calls()") == 5)

    def blocks_go_away(self):
        """Reorganisations below the depth, again and again, while messages are under way in both directions."""
        before, stopping = self.closed(SHARE), threading.Event()

        def reorganise():
            while not stopping.wait(2):
                # Two blocks are replaced by three; what was in them waits again.
                branch(self.rig, self.rig.height() - 2, 3)

        for place in range(3):
            self.send(SHARE, "--argument", f"2{place}")
            branch(self.rig, self.rig.height() - 2, 3)
        thread = threading.Thread(target=reorganise, daemon=True)
        thread.start()
        try:
            reports = self.exchanges(2)
        finally:
            stopping.set()
            thread.join()
        self.rig.check("the contract has answered both", statuses(reports) == ["success"] * 2, reports)
        wait_until(lambda: self.closed(SHARE) == before + 3, 2 * PATIENCE, "requests are left")
        self.rig.check("each exchange has ended once", self.outcomes(SHARE, before + 3) == [3] * (before + 3))
        self.rig.check("the contract was called once for each", read(self.rig, self.service, "calls()") == 7)


def statuses(reports):
    return [report.get("status") for report in reports]


def extension(entries):
    """The bytes of docs/spec/ibtp.md, "Extension"."""
    body = b"".join(bytes([tag]) + len(value).to_bytes(4, "big") + value for tag, value in sorted(entries.items()))
    return b"WLIX" + bytes([1, len(entries)]) + body


if __name__ == "__main__":
    sys.exit(main())

"""A node, a broker on it, and the program that is tested."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import traceback
import urllib.request
from pathlib import Path

from evm.messages import HUB

HERE = Path(__file__).parent
LONDON = "chain_node.py"
PRAGUE = "tester_node.py"
DEPTH = 3
# Attesters: three of the relay's core and two of an ethics board; two and one of them must sign, four in all.
GROUPS = ["core", "core", "core", "ethics", "ethics"]
POLICY = ["--group", "core=2", "--group", "ethics=1", "--threshold", "4"]
SECONDS_MAX = 400


class Rig:
    def __init__(self, kind, programs, folder, messages):
        self.kind, self.program, self.folder, self.messages = kind, programs / "wardline", folder, messages
        self.passed = self.failed = 0
        self.mining = threading.Event()
        self.epoch = 1

    # The node

    def __enter__(self):
        self.port = free_port()
        self.node = subprocess.Popen(
            [sys.executable, HERE / self.kind, "--port", str(self.port)], stdout=subprocess.PIPE, text=True
        )
        if not self.node.stdout.readline().startswith("listening"):
            raise RuntimeError("the node does not start")
        self.stopping = threading.Event()
        self.miner = threading.Thread(target=self.mine_on_and_on, daemon=True)
        self.miner.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.miner.join()
        self.node.terminate()
        self.node.wait(10)

    def mine_on_and_on(self):
        """Blocks for whoever waits for one, while nobody needs the chain to stand still."""
        while not self.stopping.wait(0.1):
            try:
                if self.kind is LONDON and self.mining.is_set() and self.rpc("dev_waiting"):
                    self.rpc("evm_mine")
            except OSError:
                # The node ends, and with it this.
                return

    def rpc(self, method, *parameters):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).encode()
        request = urllib.request.Request(self.url, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=SECONDS_MAX) as response:
            answer = json.loads(response.read())
        if "error" in answer:
            raise RefusedCall(answer["error"]["message"])
        return answer["result"]

    def mine(self, count):
        return [self.rpc("evm_mine") for _ in range(count)]

    def block(self, name="latest"):
        method = "eth_getBlockByHash" if len(name) == 66 else "eth_getBlockByNumber"
        return self.rpc(method, name, False)

    def height(self):
        return int(self.rpc("eth_blockNumber"), 16)

    def mined(self, digest):
        """The receipt of a transaction, when it is in a block."""
        for _ in range(600):
            receipt = self.rpc("eth_getTransactionReceipt", digest)
            if receipt:
                return receipt
            time.sleep(0.1)
        raise RuntimeError("a transaction is in no block")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    # The program

    def run(self, command, *options, node=True, broker=True):
        """Runs a command of ours; its result, whatever it is."""
        arguments = [self.program, "relay", "evm", command, *(["--url", self.url, "--request-seconds", "300"] if node else [])]
        arguments += ["--broker", self.broker] if broker else []
        return subprocess.run(
            [*arguments, *map(str, options)], capture_output=True, text=True, timeout=SECONDS_MAX, check=False
        )

    def wardline(self, command, *options, **where):
        """Runs a command of ours that must succeed; the columns of its lines."""
        result = self.run(command, *options, **where)
        if result.returncode:
            raise RuntimeError(f"{command}: {result.stdout}{result.stderr}")
        return [line.split("\t") for line in result.stdout.splitlines()]

    def set_up(self):
        self.mining.set()
        self.payers = [self.payer(place) for place in range(5 if self.kind is LONDON else 1)]
        self.attesters = [self.key(f"attester{place}") for place in range(7)]
        members = self.members(self.attesters[:5], GROUPS)
        lines = self.wardline(
            "deploy", "--key", self.payers[0].path, "--hub", HUB, "--chain", "evm", *POLICY, *members, broker=False
        )
        self.broker = lines[0][0]
        self.chain_id = int(self.rpc("eth_chainId"), 16)
        status = dict(self.wardline("status", "--depth", DEPTH))
        self.check(
            "the broker is what was deployed",
            status["chain"] == f"{HUB}:evm" and status["epoch"] == "1" and status["subgroups"] == "2 1",
        )

    @staticmethod
    def members(keys, groups):
        return [word for key, group in zip(keys, groups) for word in ("--attester", f"{group}={key.address}")]

    def key(self, name):
        path = self.folder / name
        address = self.wardline("key", path, node=False, broker=False)[0][0]
        if path.stat().st_mode & 0o777 != 0o600:
            raise RuntimeError("others can read a key")
        return Key(path, address)

    def payer(self, place):
        if self.kind is PRAGUE:
            key = self.key(f"payer{place}")
            self.rpc("dev_fund", key.address.lower(), hex(10**20))
            return key
        path = self.folder / f"payer{place}"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(self.rpc("dev_funded")[place].removeprefix("0x") + "\n")
        return Key(path, self.wardline("key", path, node=False, broker=False)[0][0])

    def contract(self, source, *arguments):
        """Compiles a contract and puts it on the chain."""
        from eth_abi import encode
        from evm.contract import compiled

        code = compiled(HERE / source, "-f", "bytecode") + encode(["address"] * len(arguments), arguments).hex()
        return self.mined(self.rpc("dev_create", "0x" + code))["contractAddress"].lower()

    # What was found

    def check(self, what, holds, why=""):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED {what} {why}", flush=True)

    def refused(self, what, result, word):
        """A command must fail, and say so with a word."""
        said = result.stdout + result.stderr
        self.check(what, result.returncode != 0 and re.search(word, said) is not None, said.strip())

    def part(self, function, *arguments):
        """Runs a part; what breaks it counts as one failure."""
        try:
            function(self, *arguments)
        except Exception:  # pylint: disable=broad-except
            self.check(function.__name__, False, traceback.format_exc())


class Key:
    def __init__(self, path, address):
        self.path, self.address = path, address

    @property
    def service(self):
        """The account as a service of the chain."""
        return f"{HUB}:evm:{self.address.lower()}"


class RefusedCall(Exception):
    pass


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]

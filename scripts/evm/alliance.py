"""A chain with an EVM in the midst of alliances: its verification nodes and gateways, as real processes."""

import json
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rig.alliances import HUB, Alliances  # noqa: E402
from rig.consortium import Node  # noqa: E402
from rig.processes import free_port  # noqa: E402

NAME = "evm"
DEPTH = 3
GROUPS = ("core", "core", "ethics")
THRESHOLDS = {"core": 2, "ethics": 1}


class AlliancesWithEVM(Alliances):
    """The relay chain's authority has enough parties for the EVM chain's nodes and gateways, too."""

    def __init__(self, folder, names=("north",), gateways=1, evm_gateways=1, **options):
        self.extra = max(len(GROUPS), evm_gateways)
        self.evm_gateways = evm_gateways
        self.evm_attesters, self.evm_carriers = [], []
        super().__init__(folder, names=names, gateways=gateways, **options)

    def _dev(self, name, relays, **options):
        self.first = relays + 1 if name == HUB else self.first
        return super()._dev(name, relays + (self.extra if name == HUB else 0), **options)

    def join(self, evm):
        """Deploys a broker, registers its chain and starts all that serves it."""
        self.evm = evm
        self._make_keys()
        self._deploy()
        self._register()
        for number in range(len(GROUPS)):
            self.evm_attesters.append(self._attester(number).start())
        for number in range(self.evm_gateways):
            self.evm_carriers.append(self._gateway(number).start())
        return self

    def terminate(self):
        for node in [*self.evm_carriers, *self.evm_attesters]:
            node.terminate()
        super().terminate()

    # Once

    def _folder(self, kind, number):
        return self.hub.dev.folder / f"{kind}-{self.first + number}"

    def node_name(self, number):
        return f"{self.hub.dev.center_organization}:relay:attester-{self.first + number}"

    def _make_keys(self):
        self.accounts = [self.evm.key(f"attester{number}") for number in range(len(GROUPS))]
        nodes = []
        for number, group in enumerate(GROUPS):
            folder = self._folder("attester", number)
            printed = self.hub.dev.wardline("relay", "key", "--output", folder / "node.key", "--json")
            (folder / "node.json").write_text(printed)
            nodes.append({
                # The name of the party at the relay chain, whose deposit answers for the node.
                "name": self.node_name(number), "organization": f"{NAME}-{number + 1}", "subgroup": group,
                "keys": str(folder / "node.json"),
            })
        text = {
            "version": 1, "chain": NAME, "threshold": sum(THRESHOLDS.values()),
            "subgroups": [{"name": name, "threshold": count} for name, count in THRESHOLDS.items()], "nodes": nodes,
        }
        file = self.folder / "evm-list.yaml"
        file.write_text(json.dumps(text))
        self.list = self.folder / "evm-list.wlvn"
        self.hub.dev.wardline("relay", "list", "make", file, "--output", self.list)

    def _deploy(self):
        evm = self.evm
        evm.mining.set()
        policy = [word for name, count in THRESHOLDS.items() for word in ("--group", f"{name}={count}")]
        lines = evm.wardline(
            "deploy", "--key", evm.payer(0).path, "--hub", HUB, "--chain", NAME, *policy,
            "--threshold", sum(THRESHOLDS.values()), *evm.members(self.accounts, GROUPS), broker=False,
        )
        evm.broker = lines[0][0]
        self.chain_id = int(evm.rpc("eth_chainId"), 16)

    def _register(self):
        self._govern(
            self.hub, "register-evm-chain", "--name", NAME, "--operator", self._operator(), "--list", self.list,
            "--chain-id", self.chain_id, "--broker", self.evm.broker, "--depth", DEPTH,
        )

    def offer(self, service):
        """Registers a service of the EVM chain, by its address."""
        self.relay("service", "--name", NAME, "--service", service)

    # Every time

    def _chain(self, key):
        return (
            f"{{url: '{self.evm.url}', chain_id: {self.chain_id}, broker: '{self.evm.broker}', depth: {DEPTH}, "
            f"request_seconds: 120, key_file: {key}}}"
        )

    def _attester(self, number):
        folder, port = self._folder("attester", number), free_port()
        section = (
            f"attester:\n  identity: {folder}/identity\n  directory: {folder}/state\n  key_file: {folder}/node.key\n"
            f"  listen: '127.0.0.1:{port}'\n  node: '{self.node_name(number)}'\n  name: {NAME}\n"
            f"  evm: {self._chain(self.accounts[number].path)}\n  hub: {{{self.hub.reference()}}}\n"
        )
        return Node(folder, "attester", port, section)

    def _gateway(self, number):
        folder, port = self._folder("relay", number), free_port()
        section = (
            f"relay:\n  identity: {folder}/identity\n  directory: {folder}/state\n  listen: '127.0.0.1:{port}'\n"
            f"  name: {NAME}\n  application:\n    evm: {self._chain(self.evm.payer(1 + number).path)}\n"
            f"    attesters: {[node.url for node in self.evm_attesters]}\n"
            f"  hub:\n{self._side(self.hub)}  lease_seconds: 10\n  poll_ms: 500\n"
        )
        return Node(folder, "gateway", port, section)

    def check(self, node):
        """What `wardline node check` says of a node."""
        return self.hub.dev.wardline("node", "check", "--config", node.configuration)


class Mining:
    """A block every moment, as on a chain where others are busy."""

    def __init__(self, evm, seconds=0.4):
        self.evm, self.seconds = evm, seconds
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()

    def _run(self):
        while not self.stopping.wait(self.seconds):
            try:
                self.evm.rpc("evm_mine")
            except OSError:
                return


def wait_until(holds, seconds, what):
    """Waits for something that happens elsewhere; how long it took, in seconds."""
    begun = time.monotonic()
    while not holds():
        if time.monotonic() > begun + seconds:
            raise RuntimeError(f"after {seconds} s: {what}")
        time.sleep(0.5)
    return time.monotonic() - begun

"""Parties that break the protocol between alliances, and what the others make of it."""

import json
import re
import signal
import subprocess
import time

from .alliances import HUB
from .paths import program
from .processes import Process

CREDIT = 1_000_000
DEPOSIT = 100 * CREDIT


class Lies:
    """What `scripts/alliances --byzantine` does to a running scene; every part returns whether it came out right, and what."""

    def __init__(self, scene):
        self.scene, self.alliances = scene, scene.alliances
        self.hub = self.alliances.hub.dev

    @property
    def parts(self):
        return [self.deposits, self.lying_gateway, self.censoring_gateways, self.contradicting_nodes, self.censoring_validator]

    # Parts

    def deposits(self):
        """Governors set what relaying pays; gateways, and the nodes of the EVM chain, put deposits down."""
        self.alliances._govern(self.alliances.hub, "incentives")
        for account in ["north", "south", *self._gateways().values(), *self._nodes()]:
            self.alliances._govern(self.alliances.hub, "credits", "issue", account, 3 * DEPOSIT)
        for account in [*self._gateways().values(), *self._nodes()]:
            self.alliances.relay("deposit", "put", DEPOSIT, party=account.rsplit(":", 1)[1])
        held = [self._account(name)["deposit"] for name in [*self._gateways().values(), *self._nodes()]]
        return set(held) == {DEPOSIT}, f"{len(held)} deposits of {DEPOSIT // CREDIT} credits"

    def lying_gateway(self):
        """With all honest gateways gone, one brings forgeries of a message; each is refused, and the truth is taken once."""
        scene, north = self.scene, self.alliances.chain("north")
        reports = scene.exchanges("north", "south", 1)
        earlier = reports[0]["id"]
        for node in north.gateways:
            node.terminate()
        index = scene.asked["north", "south"] + 1
        exchange = f"{HUB}:north:share-{HUB}:south:share-{index}"
        found = []

        def lie():
            words = [
                program("wardline-byzantine"), "gateway", *self._hub_options("relay-1"), "--genesis", north.dev.genesis,
                "--identity", north.dev.identity("relay-1"), "--exchange", exchange, "--earlier", earlier,
            ]
            for node in north.dev.validators:
                words += ["--validator", node.url]
            for node in north.attesters:
                words += ["--attester", node.url]
            deadline = time.monotonic() + 40
            while True:
                result = self._run(*words)
                if "no block says" not in result.stderr or time.monotonic() > deadline:
                    break
                time.sleep(1)
            found.append(result)
            for node in north.gateways:
                node.start()

        reports = scene.ended_while(lie, "north", "south", 1, expiry=90)
        tried = self._lines(found[0])
        bad = [line for line in tried if not line["as_expected"]]
        passed = found[0].returncode == 0 and len(tried) > 15 and scene._all(reports, "failure")
        text = f"a lying gateway: {len(tried) - 1} forgeries refused, the truth taken; {scene._summary(reports)}"
        return passed, text if passed else f"{text}; {bad} {found[0].stderr}"

    def censoring_gateways(self):
        """Each gateway of the north in turn holds its place and carries nothing: the other one does, and is paid."""
        north, texts, passed = self.alliances.chain("north"), [], True
        for place, node in enumerate(north.gateways):
            silent = self._gateways()["north", place]
            before = self._account(silent)["free"]
            node.send(signal.SIGSTOP)
            try:
                reports = self.scene.exchanges("north", "south", 1)
            finally:
                node.send(signal.SIGCONT)
            earned = self._account(silent)["free"] - before
            passed = passed and self.scene._all(reports, "failure") and earned <= 0
            texts.append(self.scene._summary(reports))
        paid = {name: self._account(name)["free"] - 2 * DEPOSIT for name in self._gateways().values()}
        earned = sum(amount for amount in paid.values() if amount > 0) / CREDIT
        text = f"gateways that hold the lane and carry nothing: {'; '.join(texts)}; those that carried have earned {earned:.1f} credits"
        return passed and earned > 0, text

    def contradicting_nodes(self):
        """A node signs a canary, then all of its chain two requests of one identifier: that is on the chain, deposits are gone."""
        before = [self._account(name)["deposit"] for name in self._nodes()]
        reporter = next(iter(self._gateways().values())).rsplit(":", 1)[1]
        keys = [word for number in range(len(before)) for word in ("--key", self._key(number))]
        result = self._run(
            program("wardline-byzantine"), "nodes", *self._hub_options(reporter), "--chain", "evm", *keys,
        )
        after = [self._account(name)["deposit"] for name in self._nodes()]
        following = self.alliances.relay(
            "list", "next", "--old", self.alliances.list, "--output", self.scene.folder / "next.wlvn"
        )
        jailed = len(re.findall(r"(leaves|should leave)", following))
        passed = result.returncode == 0 and all(late < early for early, late in zip(before, after)) and jailed > 0
        taken = (sum(before) - sum(after)) / CREDIT
        text = f"a node that certifies a canary, {len(before)} that certify two requests: evidence taken once, "
        text += f"{taken:.0f} credits of deposits lost,"
        text += f" {jailed} of them to leave the next list"
        return passed, text if passed else f"{text}; {result.stdout}{result.stderr}{following}"

    def censoring_validator(self):
        """A validator of the relay chain drops half of what it should send, and as leader everything."""
        scene = self.scene
        liar = Process(scene.folder / "liar.log")
        self.hub.terminate()
        self.hub.start(absent=["validator-1"])
        configuration = self.hub.folder / "validator-1" / "node.yaml"
        liar.start([program("wardline-byzantine"), "--config", configuration, "--behaviour", "withhold"])
        try:
            reports = scene.exchanges("south", "north", 2, expiry=30)
        finally:
            liar.terminate()
            self.hub.terminate()
            self.hub.start()
        deeds = sum(sum(map(int, re.findall(r":\s*(\d+)", line))) for line in liar.log.read_text().splitlines() if line[:1] == "{")
        text = f"a validator of the relay chain that withholds, {deeds} times: {scene._summary(reports)}"
        return scene._all(reports, "failure") and deeds > 0, text

    # Details

    def _gateways(self):
        """Their accounts at the relay chain, by alliance and place."""
        each = self.alliances.gateways_each
        return {
            (chain.name, place): f"{self.hub.center_organization}:relay:relay-{number * each + place + 1}"
            for number, chain in enumerate(self.alliances.chains) for place in range(each)
        }

    def _nodes(self):
        return [self.alliances.node_name(number) for number in range(len(self.alliances.evm_attesters))]

    def _key(self, number):
        return self.alliances._folder("attester", number) / "node.key"

    def _account(self, name):
        lines = self.alliances.relay("deposit", "show", name).splitlines()
        return {key: int(value) for key, value in (line.split("\t") for line in lines)}

    def _hub_options(self, party):
        words = ["--hub-genesis", self.hub.genesis, "--hub-identity", self.hub.identity(party)]
        for node in self.hub.validators:
            words += ["--hub-validator", node.url]
        return words

    @staticmethod
    def _run(*words):
        return subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False)

    @staticmethod
    def _lines(result):
        return [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]

"""A consortium that runs already, a relay chain beside it, and a gateway between the two."""

import json
import subprocess

from .alliances import HUB, Alliances, Chain
from .line import Line
from .paths import program

NAME = "home"
NODES = 3
"""Verification nodes of either chain; the consortium has identities for as many."""


class Crossing(Alliances):
    """The smallest thing that carries: one chain asks over a relay chain, which answers that nobody is there."""

    def __init__(self, folder, dev):
        self.folder, self.dashboards, self.gateways_each = folder, False, 1
        self.hub = Chain(HUB, self._dev(HUB, NODES, relay_chain=True))
        self.hubs, self.chains = [self.hub], [Chain(NAME, dev)]
        self.lines = []

    @property
    def home(self):
        return self.chains[0]

    @property
    def gateway(self):
        return self.home.gateways[0]

    @property
    def operator(self):
        """The identity that the relay chain's servers, and the gateway, show their figures to."""
        return self.hub.dev.identity("operator-1")

    def start(self, seconds=120):
        self.hub.dev.start(seconds)
        self._meet()
        for chain in self.all:
            self._start_attesters(chain)
        self._start_gateways(self.home, 0)
        return self

    def terminate(self):
        """Ends what was started here; the consortium runs on."""
        for chain in self.all:
            for node in [*chain.gateways, *chain.attesters]:
                node.terminate()
        for line in self.lines:
            line.close()
        self.hub.dev.terminate()

    def ask(self, wait=60):
        """A request to a chain that is not there, which the relay chain answers; the report of what became of it."""
        dev = self.home.dev
        command = [
            program("wardline-sim"), "exchanges", "--genesis", dev.genesis, "--identity", dev.identity("researcher-1"),
            "--to", f"{HUB}:nobody:share", "--count", 1, "--expiry-seconds", 300, "--wait", wait,
        ]
        for node in dev.validators:
            command += ["--validator", node.url]
        result = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
        if not result.stdout:
            raise RuntimeError(f"an exchange: {result.stderr}")
        report = json.loads(result.stdout.splitlines()[-1])
        if wait and not report.get("ended"):
            raise RuntimeError(f"an exchange has no end after {wait} s: {report}; {self.gateway.log_tail()}")
        return report

    def believe(self, genesis):
        """The consortium's governors say which chain the relay chain is."""
        self._govern(self.home, "connect", "--name", NAME, "--other-genesis", genesis, "--list", self.hub.list)

    def false_genesis(self):
        """One of the relay chain's name, with the validators of another chain."""
        path = self.folder / "false.wlg"
        dev = self.home.dev
        words = ["chain", "init", "--chain", HUB, "--output", path]
        for number in range(1, dev.validator_count + 1):
            words += ["--member", dev.folder / f"validator-{number}" / "state" / "member.wlm"]
        dev.wardline(
            *words, "--issuer", dev.identity("validator-1") / "current" / "authority.json",
            "--governor", f"{dev.center_organization}:operator:operator-1",
        )
        return path

    def lead_over_lines(self):
        """Lets the gateway, which does not run, reach the consortium's validators over lines that can be slow and break."""
        text = self.gateway.configuration.read_text()
        for node in self.home.dev.validators:
            line = Line(int(node.url.rsplit(":", 1)[1]))
            self.lines.append(line)
            text = text.replace(f"'{node.url}'", f"'https://localhost:{line.port}'")
        self.gateway.configuration.write_text(text)

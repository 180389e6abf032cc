"""Alliances that meet on a relay chain: each a `wardline dev` of its own, with verification nodes and gateways between them."""

import json

from .consortium import Node
from .dev import Dev
from .processes import free_port
from .sharing import Sharing

HUB = "hub"
SUBGROUPS = (("core", 2, 2), ("ethics", 1, 1))
"""Of every list: name, signatures, nodes."""
SERVICES = ("share", "delivery")


class Chain:
    """A consortium with its registered name, its verification nodes and, for an alliance, its gateway."""

    def __init__(self, name, dev, credibility=None):
        """`credibility` of each node of its list, in millionths, where it is not to be the usual one."""
        self.name = name
        self.credibility = credibility
        self.dev = dev
        self.attesters = []
        self.gateways = []

    @property
    def list(self):
        return self.dev.folder / "list.wlvn"

    def reference(self):
        """`genesis` and `validators` of a section of node.yaml."""
        return f"genesis: {self.dev.genesis}, validators: {[node.url for node in self.dev.validators]}"

    def roots(self):
        return self.dev.identity("validator-1") / "current" / "roots.pem"


class Alliances:
    """A relay chain, and alliances that are connected to it."""

    def __init__(self, folder, names=("north", "south"), gateways=1, ceremony=(), dashboards=False):
        """`gateways` for every alliance, with a dashboard each if asked for; those in `ceremony` make keys of policy proofs."""
        self.folder = folder
        self.dashboards = dashboards
        self.gateways_each = gateways
        count = sum(number for _, _, number in SUBGROUPS)
        self.hub = Chain(HUB, self._dev(HUB, max(count, gateways * len(names)), relay_chain=True))
        self.hubs = [self.hub]
        self.chains = [Chain(name, self._dev(name, max(count, gateways), ceremony=name in ceremony)) for name in names]

    def _dev(self, name, relays, **options):
        names = {
            "chain": name if options.get("relay_chain") else f"{name}-chain",
            "operators": f"{name}-alliance", "hospital": f"hospital-{name}", "institute": f"institute-{name}",
        }
        return Dev(self.folder / name, names=names, relays=relays, **options)

    @property
    def all(self):
        return [*self.hubs, *self.chains]

    def chain(self, name):
        return next(chain for chain in self.all if chain.name == name)

    def start(self, seconds=120):
        """Starts everything; the first time chains are registered and connected. A chain has `seconds` to come up."""
        if not self.hub.list.exists():
            self._enroll()
        for chain in self.all:
            chain.dev.start(seconds)
        if not self.hub.list.exists():
            self._meet()
        for chain in self.all:
            self._start_attesters(chain)
        for place, chain in enumerate(self.chains):
            self._start_gateways(chain, place)
        return self

    def terminate(self):
        for chain in self.all:
            for node in [*chain.gateways, *chain.attesters]:
                node.terminate()
        for chain in reversed(self.all):
            chain.dev.terminate()

    # Once

    def _enroll(self):
        """Alliances accept each other's certificates, of parties and of pseudonyms, from their genesis on."""
        for chain in self.chains:
            chain.dev.enroll()
        for chain in self.chains:
            others = [other for other in self.chains if other is not chain]
            chain.dev.allies = [other.dev for other in others]
            for other in others:
                # A researcher at the other's servers; servers that strangers may ask read their allies when they start.
                self._believe(chain, "researcher-1", other, other.dev.center_organization, other.dev.hospital)
                self._believe(chain, "custodian", other, other.dev.institute)
                # It also reads which credentials the other chain certifies.
                self._believe(chain, "attribute-authority", other, other.dev.institute, other.dev.center_organization)

    def _meet(self):
        for chain in self.all:
            self._believe_others(chain)
            self._make_list(chain)
        for hub in self.hubs:
            self._meet_at(hub)

    def _meet_at(self, hub):
        self._govern(hub, "register-hub", "--operator", self._operator(hub), "--list", hub.list)
        for chain in self.chains:
            self._govern(
                hub, "register-chain", "--name", chain.name, "--operator", self._operator(hub), "--list", chain.list,
                "--other-genesis", chain.dev.genesis,
            )
            lists = [word for other in [hub, *self.chains] if other is not chain for word in ("--list", other.list)]
            self._govern(chain, "connect", "--name", chain.name, "--other-genesis", hub.dev.genesis, *lists)
            for service in SERVICES:
                self.relay("service", "--name", chain.name, "--service", service, hub=hub)

    def _believe_others(self, chain):
        """Verification nodes and gateways of a chain talk to those of all others."""
        parties = [f"{kind}-{number}" for kind in ("attester", "relay") for number in range(1, chain.dev.relays + 1)]
        for party in parties:
            for other in self.all:
                if other is not chain:
                    self._believe(chain, party, other, other.dev.center_organization)

    @staticmethod
    def _believe(chain, party, other, *organizations):
        words = [word for organization in organizations for word in ("--organization", organization)]
        chain.dev.wardline(
            "key", "ally", "add", other.name, "--directory", chain.dev.identity(party), "--roots", other.roots(), *words,
        )

    def _make_list(self, chain):
        nodes, number = [], 0
        for subgroup, _, count in SUBGROUPS:
            for _ in range(count):
                number += 1
                folder = chain.dev.folder / f"attester-{number}"
                printed = chain.dev.wardline("relay", "key", "--output", folder / "node.key", "--json")
                (folder / "node.json").write_text(printed)
                nodes.append({
                    "name": f"{chain.name}.v{number}", "organization": f"{chain.name}-{number}", "subgroup": subgroup,
                    "keys": str(folder / "node.json"),
                } | ({"credibility": chain.credibility} if chain.credibility else {}))
        text = {
            "version": 1, "chain": chain.name, "threshold": sum(threshold for _, threshold, _ in SUBGROUPS),
            "subgroups": [{"name": name, "threshold": threshold} for name, threshold, _ in SUBGROUPS], "nodes": nodes,
        }
        file = chain.dev.folder / "list.yaml"
        file.write_text(json.dumps(text))
        chain.dev.wardline("relay", "list", "make", file, "--output", chain.list)

    def _govern(self, chain, *words):
        """Proposes a change and lets a majority of the governors approve it."""
        proposal = chain.dev.chain("propose", *words).strip().splitlines()[-1]
        governors = 2 if chain in self.hubs else 1
        for number in range(1, governors + 1):
            chain.dev.chain("approve", proposal, party=f"operator-{number}")

    def _operator(self, hub=None):
        return f"{(hub or self.hub).dev.center_organization}:operator:operator-1"

    def relay(self, *words, party="operator-1", hub=None):
        """The output of `wardline relay …` as a party asks a relay chain's validators."""
        dev = (hub or self.hub).dev
        return dev.wardline("relay", *words, "--identity", dev.identity(party), *dev.chain_options())

    # Every time

    def _start_attesters(self, chain):
        if not chain.attesters:
            for number in range(1, sum(count for _, _, count in SUBGROUPS) + 1):
                folder, port = chain.dev.folder / f"attester-{number}", free_port()
                section = (
                    f"attester:\n  identity: {folder}/identity\n  directory: {folder}/state\n  key_file: {folder}/node.key\n"
                    f"  listen: '127.0.0.1:{port}'\n  node: {chain.name}.v{number}\n  name: {chain.name}\n"
                    f"  chain: {{{chain.reference()}}}\n"
                    + (f"  hub: {{{self.hub.reference()}}}\n" if chain not in self.hubs else "")
                    + (self._other_hubs() if chain not in self.hubs else "")
                )
                chain.attesters.append(Node(folder, "attester", port, section))
        for node in chain.attesters:
            node.start()

    def _other_hubs(self):
        """Of verification nodes, where there is more than one relay chain."""
        others = ", ".join(f"{{{hub.reference()}}}" for hub in self.hubs[1:])
        return f"  other_hubs: [{others}]\n" if others else ""

    def _start_gateways(self, chain, place):
        """A gateway shows each chain a certificate of that chain's own authority; for each relay chain there are some."""
        if not chain.gateways:
            for number in range(1, self.gateways_each * len(self.hubs) + 1):
                hub = self.hubs[(number - 1) // self.gateways_each]
                folder, port = chain.dev.folder / f"relay-{number}", free_port()
                hub_party = f"relay-{place * self.gateways_each + (number - 1) % self.gateways_each + 1}"
                section = (
                    f"relay:\n  directory: {folder}/state\n  listen: '127.0.0.1:{port}'\n  name: {chain.name}\n"
                    f"  application:\n    identity: {folder}/identity\n{self._side(chain)}"
                    f"  hub:\n    identity: {hub.dev.identity(hub_party)}\n{self._side(hub)}"
                    f"  other_attesters: {[node.url for other in self.chains if other is not chain for node in other.attesters]}\n"
                    "  lease_seconds: 10\n  poll_ms: 500\n"
                    + ("  header_seconds: 10\n" if len(self.hubs) > 1 else "")
                )
                board = free_port() if self.dashboards else None
                if board:
                    section += (
                        f"dashboard: {{listen: '127.0.0.1:{board}', identity: {folder}/identity, "
                        f"directory: {folder}/dashboard-tokens}}\n"
                    )
                chain.gateways.append(Node(folder, "gateway", port, section))
                chain.gateways[-1].dashboard_port = board
        for node in chain.gateways:
            node.start()

    @staticmethod
    def _side(chain):
        return (
            f"    genesis: {chain.dev.genesis}\n    validators: {[node.url for node in chain.dev.validators]}\n"
            f"    attesters: {[node.url for node in chain.attesters]}\n"
        )


class Visitor(Sharing):
    """A researcher of one alliance who asks at another one."""

    def __init__(self, home, chain, folder):
        super().__init__(chain.dev, folder)
        self.home = Sharing(home.dev, folder)
        self.identity = home.dev.identity("researcher-1")

    def pseudonyms(self, count=8, requester="researcher-1"):
        return self.home.pseudonyms(count, requester)

    def request(self, name, *words, requester="researcher-1"):
        return super().request(name, *words, "--chain", self.home.consortium, requester=requester)

    def _as(self, requester):
        return ["--consortium", self.consortium, "--identity", self.identity]

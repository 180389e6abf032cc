"""Two relay chains between the same alliances: which of them a request takes, and when another one."""

import json
import time

from .alliances import HUB, SUBGROUPS, Alliances, Chain, Visitor

PORT = "port"
SILENCE_SECONDS = 90
"""For so long no newer header of a relay chain may have come to be passed by."""


class AlliancesAtTwoHubs(Alliances):
    """The hub, whose verification nodes are the more credible ones, and the port."""

    def __init__(self, folder, names=("north", "south"), gateways=1, **options):
        super().__init__(folder, names=names, gateways=gateways, **options)
        relays = max(sum(number for _, _, number in SUBGROUPS), gateways * len(names))
        self.hub.credibility = 900_000
        self.hubs.append(Chain(PORT, self._dev(PORT, relays, relay_chain=True), credibility=700_000))

    @property
    def port(self):
        return self.hubs[1]

    def gateway(self, chain, hub):
        """The first gateway of an alliance at a relay chain."""
        return chain.gateways[self.hubs.index(hub) * self.gateways_each]


class Routes:
    """What `scripts/alliances --routes` does to a running scene; every part returns whether it came out right, and what."""

    def __init__(self, scene):
        self.scene, self.alliances = scene, scene.alliances
        self.north, self.south = self.alliances.chain("north"), self.alliances.chain("south")
        self.exchanges = []

    @property
    def parts(self):
        return [self.best, self.bounded, self.hub_stopped, self.hub_back]

    # Parts

    def best(self):
        """The first request goes over the more credible relay chain, whose data come as ever."""
        passed, text = self.scene._share()
        self.visitor = Visitor(self.south, self.north, self.scene.folder / "researchers")
        exchange = self._exchange("across")
        return passed and exchange.startswith(f"{HUB}:"), f"{text}, over {exchange}"

    def bounded(self):
        """Nothing is sent when no relay chain keeps to the bounds, and the reasons are told."""
        asked = self._request("bounded", "--route-credibility", 950_000)
        said = asked.stdout + asked.stderr
        status = self.visitor.status("bounded")
        said += json.dumps(status)
        passed = asked.returncode != 0 and "low-credibility" in said
        return passed, f"with a bound above both: {'refused with the reasons' if passed else said}"

    def hub_stopped(self):
        """The better relay chain stops; when it has been silent for long enough the next request takes the other."""
        self._wait_until_shown(self.alliances.port)
        self.alliances.hub.dev.terminate()
        time.sleep(SILENCE_SECONDS + 20)
        begun = time.monotonic()
        asked = self._request("beside", "--route-silence", SILENCE_SECONDS, "--chain-wait", 240)
        if asked.returncode not in (0, 3):
            return False, f"a request beside a relay chain that stands still: {asked.stdout}{asked.stderr}"
        self._approve(asked)
        fetched = self.visitor.fetch("beside", "--wait", "120")
        if fetched.returncode != 0:
            return False, f"a share beside a relay chain that stands still: {fetched.stderr}"
        exchange = self._exchange("beside")
        is_whole = self.visitor.observations("beside") == self.scene._owned()
        told = next((line for line in asked.stderr.splitlines() if line.startswith("route over ")), "no route was told")
        passed = is_whole and exchange.startswith(f"{PORT}:") and told.startswith(f"route over {PORT} ")
        text = f"with the hub stopped: {len(self.visitor.observations('beside'))} observations over {exchange}"
        return passed, f"{text} in {time.monotonic() - begun:.1f} s; {told}"

    def hub_back(self):
        """It comes back, and the next request goes over it again, counted on where it was."""
        self.alliances.hub.dev.start()
        self._wait_until_shown(self.alliances.hub)
        asked = self._request("again", "--route-silence", SILENCE_SECONDS, "--chain-wait", 240)
        if asked.returncode not in (0, 3):
            return False, f"a request over the relay chain that came back: {asked.stdout}{asked.stderr}"
        self._approve(asked)
        fetched = self.visitor.fetch("again", "--wait", "120")
        exchanges = [self._exchange(name) for name in ("across", "beside", "again")]
        wanted = [f"{hub}:south:share-{hub}:north:share-{index}" for hub, index in ((HUB, 1), (PORT, 1), (HUB, 2))]
        return fetched.returncode == 0 and exchanges == wanted, f"exchanges in turn: {', '.join(exchanges)}{fetched.stderr}"

    # Details

    def _request(self, name, *words):
        return self.visitor.request(name, "--dataset", self.scene.dataset, "--purpose", "study", *words)

    def _approve(self, asked):
        waiting = []
        self.scene._wait(
            lambda: waiting.extend(json.loads(self.scene.steward.steward("queue", "--json"))["items"]) or waiting, 180,
            f"the request is not in the steward's queue: {asked.stderr}",
        )
        self.scene.steward.steward("approve", waiting[0]["id"])

    def _exchange(self, name):
        """The identifier of a share's exchange, which names its relay chain."""
        found = next((self.scene.folder / "researchers" / name).glob("**/exchange.json"))
        return json.loads(found.read_text())["exchange"]

    def _wait_until_shown(self, hub):
        """Until both alliances' gateways have shown a young header of a relay chain."""
        for chain in (self.north, self.south):
            self.scene._wait(
                lambda chain=chain: self._silence(chain, hub) < 40, 180, f"{chain.name} sees no young header of {hub.name}",
            )

    def _silence(self, chain, hub):
        """Seconds since the newest header of a relay chain that an alliance's chain has seen, as its gateway says."""
        gateway = self.alliances.gateway(chain, hub)
        # A gateway shows what it has from the relay chain's authority, and lets in whom that one has certified.
        shown = self.scene._run(
            "relay", "status", "--gateway", gateway.url, "--identity", hub.dev.identity("operator-1"), "--json",
        )
        if not shown.stdout:
            raise RuntimeError(f"the gateway of {chain.name} at {hub.name} shows nothing: {shown.stderr}")
        routes = json.loads(shown.stdout)["routes"]
        return next((route["silence_s"] for route in routes if route["relay"] == hub.name), 1_000_000)

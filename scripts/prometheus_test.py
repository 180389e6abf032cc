#!/usr/bin/env python3
"""The cases behind scripts/prometheus-test."""

import argparse
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from rig import clock, prometheus, thermometer
from rig.agent import Agent
from rig.alliances import HUB
from rig.broker import Broker
from rig.crossing import NODES, Crossing
from rig.dev import Dev
from rig.disk import SlowDisk, fill
from rig.paths import DEVICES, program
from rig.processes import Process, exit_on_sigterm, free_port, wait_for_port
from rig.prometheus import Prometheus
from rig.sharing import Sharing
from rig.ward import Ward

FIRES_WITHIN = 150
CALM_WITHIN = 240
# So long until every query of the dashboards has to have data: a device's clock, for one, is estimated from some messages.
DRAWN_WITHIN = 60
# Devices that published for a case say nothing after it.
AFTERMATH = {"WardlineDeviceSilent"}
# Disks of their own, so that they can be filled, and by how much they are larger than what is on them.
SMALL_DISKS = {"privacy-center-1": 512, "validator-4": 96}
# Agents that deliver at once, each some dozens of envelopes, and for how many beds.
AGENTS, BEDS = 6, 12
# Of a role that only one case has, which looks at these panels.
CROSSING = "wardline_relay_"
# What an authority certifies, and for how long its list of revocations is good, seconds.
CERTIFICATE_SECONDS, LIST_SECONDS = 90 * 86_400, 7 * 86_400


def main():
    exit_on_sigterm()
    parser = argparse.ArgumentParser(prog="scripts/prometheus-test")
    parser.add_argument("--only", nargs="+", default=[], metavar="CASE", help="names of cases, as they are printed")
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        raise SystemExit("prometheus-test mounts small disks and needs root")
    with tempfile.TemporaryDirectory(prefix="wardline-prometheus-") as folder, ExitStack() as stack:
        stage = Stage(Path(folder), stack)
        return Run(stage, arguments.only).run()


class Server(Process):
    """One party of the consortium as a process of its own."""

    def __init__(self, name, url, folder):
        super().__init__(folder / "server.log")
        self.name, self.url, self.folder = name, url, folder
        self.port = int(url.rsplit(":", 1)[1])
        self.configuration = folder / "node.yaml"

    @property
    def target(self):
        return f"localhost:{self.port}"

    def start(self, configuration=None, prefix=()):
        super().start([*prefix, program("wardline"), "node", "run", "--config", configuration or self.configuration])
        wait_for_port(self.port, self, seconds=60)
        return self


class Gateway(Agent):
    """An agent with a folder for profiles that come later, and perhaps little room, a pipe that nobody reads, an uplink."""

    def __init__(self, folder, broker, client, **options):
        self.later = folder / "profiles"
        self.later.mkdir(parents=True)
        thermometer.install(self.later)
        super().__init__(folder, broker, client=client, devices=f"{DEVICES}, {self.later}", **options)

    @property
    def target(self):
        return f"127.0.0.1:{self.http_port}"


class Stage:
    """Everything that runs: broker, consortium, agent, ward, Prometheus."""

    def __init__(self, folder, stack):
        self.folder, self.stack = folder, stack
        self.broker = Broker(folder / "broker").start()
        stack.callback(self.broker.terminate)
        self.dev = Dev(folder / "consortium", relays=NODES)
        self._make_consortium()
        self.servers = {}
        for name, url, place in self.parties:
            self.servers[name] = Server(name, url, Path(place))
            stack.callback(self.servers[name].terminate)
        for name, megabytes in SMALL_DISKS.items():
            self._give_disk(self.servers[name].folder / "state", megabytes)
        for server in self.servers.values():
            server.start()
        self.operator = self.dev.identity("operator-1")
        self.identity = self.dev.identity("gateway-1")
        uplink = self.dev.uplink_yaml(self.identity, parameters=self.dev.parameters) + self.dev.chain_yaml()
        self.agent = Gateway(folder / "agent", self.broker, "gw-main", uplink=uplink)
        for bed in range(1, 4):
            self.agent.command("associate", "add", "--bed", f"icu/{bed}", "--patient", f"patient-{bed}")
        stack.callback(self.agent.terminate)
        self.agent.start()
        self.agent.wait_until_ready()
        self.ward = self.start_ward("icu", 3, 5)
        self.prometheus = Prometheus(folder / "prometheus", self.operator).start()
        stack.callback(self.prometheus.terminate)
        self.prometheus.add("wardline-agent", self.agent.target)
        for server in self.servers.values():
            self.prometheus.add("wardline-node", server.target)

    def _make_consortium(self):
        """`wardline dev` makes all keys and files; then each party runs by itself, so that each can be stopped."""
        self.dev.start(600)
        text = self.dev.log.read_text()
        self.parties = re.findall(r"^  (\S+) +(https://\S+) +(/\S+)$", text, re.MULTILINE)
        self.dev.terminate()

    def _give_disk(self, state, megabytes):
        """Moves a directory to a small file system of its own."""
        copy = state.with_name("state.copy")
        state.rename(copy)
        state.mkdir(mode=0o700)
        used = int(subprocess.run(["du", "-sm", copy], check=True, capture_output=True, text=True).stdout.split()[0])
        options = f"size={used + megabytes}m,mode=0700"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(state)], check=True)
        self.stack.callback(subprocess.run, ["umount", "-l", str(state)], check=False)
        shutil.copytree(copy, state, dirs_exist_ok=True)
        shutil.rmtree(copy)

    def start_ward(self, name, beds, rate, *options):
        ward = Ward(self.folder, self.broker, name=name)
        ward.start("--ward", name, "--beds", beds, "--dialects", "json", "--rate", rate, *options)
        self.stack.callback(ward.terminate)
        return ward

    def ask(self, server, path, operator=None):
        """What a server answers to the operator, this consortium's or another one's."""
        current = (operator or self.operator) / "current"
        context = ssl.create_default_context(cafile=str(current / "roots.pem"))
        context.load_cert_chain(current / "tls.crt", current / "tls.key")
        with urllib.request.urlopen(f"{server.url}{path}", context=context, timeout=10) as answer:
            return answer.read().decode()

    def metric(self, server, name, over=sum, operator=None):
        """A figure that a server shows, over its labels; 0 where there is none."""
        text = self.ask(server, "/metrics", operator)
        lines = [line for line in text.splitlines() if line.startswith((name + " ", name + "{"))]
        return over([float(line.rsplit(" ", 1)[1]) for line in lines]) if lines else 0

    def uplink(self, identity, *lines):
        """Of an agent beside the first one: it delivers to the same center, and anchors nothing."""
        further = "".join(f"  {line}\n" for line in lines)
        return self.dev.uplink_yaml(identity, parameters=self.dev.parameters) + further

    def token(self, name):
        """For a gateway of the hospital."""
        token = self.folder / f"{name}.token"
        token.unlink(missing_ok=True)
        self.dev.wardline(
            "ca", "token", "--directory", self.servers["authority"].folder / "state", "--org", self.dev.hospital, "--role",
            "gateway", "--name", name, "--host", "localhost", "--output", token,
        )
        return token

    def enroll(self, token, identity):
        authority = self.servers["authority"].url
        self.dev.wardline("enroll", "--authority", authority, "--token-file", token, "--directory", identity, "--host", "localhost")

    def make_blocks(self, channel, identity, *words):
        """Blocks as the chain's other users make them in the course of a day."""
        subprocess.run(self._load(channel, identity, *words), check=True, capture_output=True)

    def keep_making_blocks(self, channel, identity, *words):
        """The same beside what a case does; the process that makes them."""
        load = Process(self.folder / "load.log")
        self.stack.callback(load.terminate)
        return load.start(self._load(channel, identity, *words))

    def _load(self, channel, identity, *words):
        command = [program("wardline-bench"), "chain-load", "--genesis", self.dev.genesis, "--identity", identity]
        for validator in self.dev.validators:
            command += ["--validator", validator.url]
        return list(map(str, [*command, "--channel", channel, *words]))

    def publish(self, device, count=1, **reading):
        for _ in range(count):
            thermometer.publish(self.broker, thermometer.topic(device), thermometer.reading(**reading))


# Cases. Each causes something, says which alerts must fire, and mends it: a generator that yields the names of the alerts.

def unreadable_messages(stage):
    thermometer.publish(stage.broker, "ward/nobody/knows/this", '{"x": 1}')
    thermometer.publish(stage.broker, thermometer.topic("T-1"), "no json")
    yield ["WardlineDeadLetters"]


def wrong_clock(stage):
    # A fast clock shows at once, a slow one after a minute: until then it could be late messages.
    stage.publish("T-early", count=30, seconds_off=600)
    # Afterwards it says nothing any more.
    yield ["WardlineDeviceClock", "WardlineDeviceSilent"]
    stage.left |= {"WardlineDeviceClock"}


def bad_profile(stage):
    bad = stage.agent.later / "bad"
    bad.mkdir()
    (bad / "profile.yaml").write_text("wardline: device-profile/1\nid: bad\nnonsense: true\n")
    stage.agent.send(signal.SIGHUP)
    yield ["WardlineProfileRefused"]
    shutil.rmtree(bad)
    stage.agent.send(signal.SIGHUP)


def broker_away(stage):
    stage.broker.terminate()
    yield ["WardlineBrokerAway", "WardlineAgentNotReady"]
    stage.broker.start()


def small_agent(stage):
    """Little room, and a pipe that nobody reads: nothing is released."""
    pipe = stage.folder / "pipe"
    os.mkfifo(pipe)
    agent = Gateway(stage.folder / "small", stage.broker, "gw-small", sink=pipe, bytes_max="16MiB")
    stage.stack.callback(agent.terminate)
    agent.start()
    stage.prometheus.add("wardline-agent", agent.target)
    ward = stage.start_ward("flood", 8, 3_000)
    yield ["WardlineSinkFailing", "WardlineSpoolFilling", "WardlineNoRoom"]
    ward.terminate()
    agent.terminate()
    yield ["WardlineAgentAway"]
    stage.prometheus.remove("wardline-agent", agent.target)


def slow_agent(stage):
    """Takes messages in and normalizes none."""
    agent = Gateway(stage.folder / "slow", stage.broker, "gw-slow")
    stage.stack.callback(agent.terminate)
    agent.start(hold_normalization=True)
    stage.prometheus.add("wardline-agent", agent.target)
    ward = stage.start_ward("busy", 4, 40)
    yield ["WardlineBacklogGrows"]
    ward.terminate()
    agent.terminate()
    stage.prometheus.remove("wardline-agent", agent.target)


def center_away(stage):
    center = stage.servers["privacy-center-1"]
    center.terminate()
    yield ["WardlineNodeAway", "WardlineUplinkDown", "WardlineOutboxOld"]
    center.start()


def center_without_disk(stage):
    filler = fill(stage.servers["privacy-center-1"].folder / "state")
    yield ["WardlineDiskFilling", "WardlineServerErrors"]
    filler.unlink()


def custodian_away(stage):
    """A patient who is new needs a scope, and nobody makes one."""
    stage.servers["custodian"].terminate()
    stage.agent.command("associate", "add", "--device", "T-new", "--patient", "patient-new")
    stage.publish("T-new", count=3)
    yield ["WardlineCustodianAway", "WardlineBundlesHeld"]
    stage.servers["custodian"].start()


def custodian_rules(stage):
    rules = stage.servers["custodian"].folder / "rules.yaml"
    before = rules.read_text()
    rules.write_text("version: 1\nrules: [{name: broken, action: perhaps}]\n")
    sharing = Sharing(custodian_of(stage), stage.folder / "sharing")
    sharing.steward("queue")
    yield ["WardlineCustodianRules"]
    rules.write_text(before)
    sharing.steward("queue")


def request_waits(stage):
    sharing = Sharing(custodian_of(stage), stage.folder / "sharing")
    dataset = sharing.publish("role:researcher", "vitals", label=sorted(scope["label"] for scope in stage.dev.scopes())[0])
    result = sharing.request("share", "--dataset", dataset, "--purpose", "study", "--identity-signed")
    if result.returncode != 0:
        raise RuntimeError(f"share request: {result.stdout}{result.stderr}")
    yield ["WardlineRequestsWait"]
    for item in json.loads(sharing.steward("queue", "--json"))["items"]:
        sharing.steward("deny", item["id"])


def custodian_of(stage):
    """The consortium as those see it who ask its custodian."""
    stage.dev.custodian = stage.servers["custodian"]
    return stage.dev


def validator_away(stage):
    stage.servers["validator-3"].terminate()
    yield ["WardlineChainNoMargin", "WardlineChainPeerAway"]
    stage.servers["validator-4"].terminate()
    yield ["WardlineChainStandsStill", "WardlineChainStalled", "WardlineChainNotReady", "WardlineAnchoringBehind"]
    stage.servers["validator-3"].start()
    stage.servers["validator-4"].start()


def validator_alone(stage):
    """It lost its log, and reaches nobody."""
    server = stage.servers["validator-4"]
    server.terminate()
    logs = sorted((server.folder / "state").rglob("*.wal"))
    if not logs:
        raise RuntimeError(f"there is no log in {server.folder}/state")
    for log in logs:
        log.unlink()
    text = server.configuration.read_text()
    alone = server.configuration.with_name("alone.yaml")
    alone.write_text(re.sub(r"(address: 'localhost|peers_listen: '127\.0\.0\.1):\d+", lambda match: f"{match[1]}:{free_port()}", text))
    alone.chmod(0o600)
    server.start(alone)
    yield ["WardlineValidatorBehind", "WardlineChainSilent"]
    server.terminate()
    server.start()
    # Until its old votes are far below; then the others open a view for it.
    stage.make_blocks("access", stage.operator, "--rate", 2, "--seconds", 8)


def validator_without_disk(stage):
    filler = fill(stage.servers["validator-4"].folder / "state")
    # More than the four MiB that it has reserved for its log and for blocks.
    stage.make_blocks("index", stage.identity, "--pointers", 200, "--rate", 30, "--seconds", 20)
    yield ["WardlineChainDiskFull", "WardlineDiskFilling"]
    filler.unlink()


def revoked_key(stage):
    """What was sealed under a key that was revoked meanwhile is refused."""
    center = stage.servers["privacy-center-1"]
    center.terminate()
    stage.publish("T-new", count=3)
    wait_until(lambda: (stage.agent.metric("wardline_outbox_envelopes") or 0) > 0, "envelopes wait")
    stage.dev.wardline("key", "rotate", "--directory", stage.identity)
    stage.dev.wardline("key", "revoke", "--directory", stage.identity, "--generation", 1)
    center.start()
    yield ["WardlineEnvelopesRefused"]
    stage.left |= {"WardlineEnvelopesRefused"}


def certificate_ends(stage):
    """The authority's clock was slow when it certified a gateway: the certificate ends while the agent runs, and nothing is sealed."""
    authority, identity = stage.servers["authority"], stage.folder / "identity-ending"
    token, seconds = stage.token("ending"), 25
    authority.terminate()
    with clock.off(seconds - CERTIFICATE_SECONDS) as slow:
        authority.start(prefix=slow)
        stage.enroll(token, identity)
        authority.terminate()
    authority.start()
    agent = Gateway(stage.folder / "ending", stage.broker, "gw-ending", uplink=stage.uplink(identity))
    stage.stack.callback(agent.terminate)
    agent.start()
    stage.prometheus.add("wardline-agent", agent.target)
    yield ["WardlineCertificateEnds"]
    yield ["WardlineCertificateEnded", "WardlineSealerFailing"]
    # An identity that has ended gets new keys, and the agent takes them up.
    stage.enroll(stage.token("ending"), identity)
    ended = {"WardlineCertificateEnds", "WardlineCertificateEnded", "WardlineSealerFailing"}
    wait_until(lambda: not stage.prometheus.firing() & ended, "it is certified again and seals")
    agent.terminate()
    stage.prometheus.remove("wardline-agent", agent.target)


def authority_away(stage):
    """The last list of revocations that a server was given gets old: it was signed under a clock that was slow."""
    authority, server = stage.servers["authority"], stage.servers["custodian"]
    stage.enroll(stage.token("leaving"), stage.folder / "identity-leaving")
    words = ["ca", "revoke", "--directory", authority.folder / "state", "--party", f"{stage.dev.hospital}:gateway:leaving"]
    server.terminate()
    authority.terminate()
    with clock.off(20 - LIST_SECONDS) as slow:
        subprocess.run(list(map(str, [*slow, program("wardline"), *words])), check=True, capture_output=True)
        authority.start(prefix=slow)
        # Everybody may have it; whoever shows a certificate of today is refused by such a clock.
        context = ssl.create_default_context(cafile=str(stage.operator / "current/roots.pem"))
        with urllib.request.urlopen(f"{authority.url}/v1/revocations", context=context, timeout=10) as answer:
            (server.folder / "identity/revocations.wlrl").write_bytes(answer.read())
        authority.terminate()
    server.start()
    yield ["WardlineRevocationsOld"]
    # Servers ask for a newer one when they start, and every few minutes.
    authority.start()
    server.terminate()
    server.start()


def anchors_put_off(stage):
    """Governors put anchors off, and the chain refuses them until then."""
    def decide(height):
        proposal = stage.dev.chain("propose", "activation", "index", height, "--method", "anchor").strip().splitlines()[-1]
        stage.dev.chain("approve", proposal)

    decide(1_000_000_000)
    yield ["WardlineAnchorsRefused"]
    decide(1)
    begun = time.monotonic()
    while stage.agent.metric("wardline_anchor_refused_windows") or time.monotonic() < begun + 3:
        if time.monotonic() > begun + 60:
            raise RuntimeError(f"anchors are still refused: {stage.agent.log_tail()}")
        # What was refused is tried again.
        stage.agent.send(signal.SIGHUP)
        time.sleep(1)


def slow_disk(stage):
    """The center's disk takes seconds for what should take milliseconds, and several agents deliver."""
    center, begun = stage.servers["privacy-center-1"], time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    rows = [f"bed,many/{bed},patient-many-{bed},{begun}\n" for bed in range(1, BEDS + 1)]
    table = stage.folder / "beds.csv"
    table.write_text("".join(["subject,name,patient,from\n", *rows]))
    agents = [busy_agent(stage, f"many-{number}", table) for number in range(1, AGENTS + 1)]
    ward = stage.start_ward("many", BEDS, BEDS)
    for agent in agents:
        wait_until(lambda: (agent.metric("wardline_delivered_envelopes_total") or 0) >= BEDS, "the center takes what they seal")
    slow = SlowDisk(stage.folder / "slow-disk.log")
    stage.stack.callback(slow.terminate)
    slow.start(center, 10)
    yield ["WardlineCenterAppendsWait"]
    slow.terminate()
    ward.terminate()
    for agent in agents:
        agent.terminate()


def busy_agent(stage, name, associations):
    """Seals an envelope for each bed every second."""
    identity = stage.folder / f"identity-{name}"
    stage.enroll(stage.token(name), identity)
    agent = Gateway(stage.folder / name, stage.broker, name, uplink=stage.uplink(identity, "envelope: {age_seconds_max: 1}"))
    stage.stack.callback(agent.terminate)
    agent.command("associate", "import", associations)
    return agent.start()


def lying_validator(stage):
    """It leads, proposes different blocks to different halves, and votes for both."""
    number = leading(stage, 1) % 4 + 1
    server = stage.servers[f"validator-{number}"]
    liar = Process(stage.folder / "liar.log")
    server.terminate()
    stage.stack.callback(liar.terminate)
    words = ["--behaviour", "equivocate", "--behaviour", "double-vote", "--seed", 1]
    liar.start([program("wardline-byzantine"), "--config", server.configuration, *words])
    load = stage.keep_making_blocks("access", stage.operator, "--rate", 4, "--seconds", 600)
    let_lead(stage, number)
    yield ["WardlineChainEvidence"]
    load.terminate()
    liar.terminate()
    server.start()
    # The others have shut it out; new processes have forgotten it.
    for name, each in stage.servers.items():
        if name.startswith("validator-") and each is not server:
            each.terminate()
            each.start()
            wait_until(lambda: stage.metric(each, "wardline_chain_ready", min) == 1, f"{name} is ready")


def let_lead(stage, number):
    """Stops whoever leads until a liar's turn has come; it leads for a moment only, because the others find it out."""
    others = [other for other in range(1, 5) if other != number]
    for _ in range(9):
        leader = leading(stage, others[0])
        witness = next(other for other in others if other != leader)
        server = stage.servers[f"validator-{leader}"]
        if leader != number:
            server.terminate()
        wait_until(lambda: leading(stage, witness) != leader or proves(stage, witness), f"validator-{leader} is replaced")
        if leader != number:
            server.start()
            wait_until(lambda: stage.metric(server, "wardline_chain_ready", min) == 1, f"validator-{leader} is ready")
        if any(proves(stage, other) for other in others):
            return
    raise RuntimeError(f"nobody has proof against validator-{number}")


def proves(stage, number):
    """Whether a validator has reported that another one contradicted itself."""
    return stage.metric(stage.servers[f"validator-{number}"], "wardline_chain_evidence_reported_total") > 0


def leading(stage, number):
    """The leader of the channel `access`, as a validator has it."""
    status = json.loads(stage.ask(stage.servers[f"validator-{number}"], "/v1/status"))
    return next(part["leader"] for part in status["channels"] if part["channel"] == "access")


def crossing(stage):
    """A gateway to a relay chain: a node does not sign, the line to the chain breaks, the chain refuses what is brought."""
    rig = Crossing(stage.folder / "crossing", stage.dev)
    stage.stack.callback(rig.terminate)
    rig.start()
    # A gateway's own certificate is one of the relay chain's.
    stage.prometheus.know(HUB, rig.operator)
    target = f"localhost:{rig.gateway.port}"
    stage.prometheus.add(HUB, target)
    try:
        rig.ask()
        queries = [query for panels in prometheus.dashboards().values() for query in panels if CROSSING in query[1]]
        if empty := stage.prometheus.unanswered(queries, DRAWN_WITHIN):
            raise RuntimeError(f"nothing is drawn: {', '.join(sorted(empty))}")
        yield from silent_node(stage, rig)
        yield from slow_line(stage, rig)
        yield from refused(stage, rig)
    finally:
        stage.prometheus.remove(HUB, target)
        rig.terminate()


def silent_node(stage, rig):
    # Those of the relay chain are asked for nothing, and are not silent for that.
    wait_until(lambda: relay_metric(stage, rig, "attester_silent") == 0, "all verification nodes sign that are asked")
    node = rig.home.attesters[0]
    node.terminate()
    rig.ask(wait=0)
    yield ["WardlineRelayAttesterSilent"]
    silent = {labels["address"] for labels in stage.prometheus.labels("WardlineRelayAttesterSilent")}
    if silent != {node.url}:
        raise RuntimeError(f"of {node.url} alone nothing is heard, the alert is about {silent}")
    node.start()
    rig.ask()


def slow_line(stage, rig):
    """The gateway comes back over lines that are slow, and break as soon as it knows how much it has missed."""
    rig.gateway.terminate()
    rig.lead_over_lines()
    stage.make_blocks("access", stage.operator, "--rate", 30, "--seconds", 10)
    for line in rig.lines:
        line.pause = 1
    rig.gateway.start()
    wait_until(lambda: relay_metric(stage, rig, "blocks_behind") > 100, "the gateway knows how far the chain is")
    for line in rig.lines:
        line.mend(breaks_after=0)
    yield ["WardlineRelayBehind"]
    for line in rig.lines:
        line.pause = 0
        line.mend()
    rig.ask()


def refused(stage, rig):
    """The relay chain is taken for another one of its name: no proof of what it says holds."""
    rig.believe(rig.false_genesis())
    rig.ask(wait=0)
    yield ["WardlineRelayRefused"]
    rig.believe(rig.hub.dev.genesis)
    rig.ask()
    wait_until(lambda: relay_metric(stage, rig, "leaves_refused") == 0, "nothing is refused any more")


def relay_metric(stage, rig, name):
    """Of the gateway, the greatest where there are several."""
    return stage.metric(rig.gateway, f"wardline_relay_{name}", max, rig.operator)


def forked_center(stage):
    """A center that is put back from a copy gives places in its tree a second time."""
    center, copy = stage.servers["privacy-center-1"], stage.folder / "center-copy"
    state = center.folder / "state"
    center.terminate()
    shutil.copytree(state, copy)
    center.start()
    delivered = stage.agent.metric("wardline_receipts_total")
    wait_until(lambda: stage.agent.metric("wardline_receipts_total") > delivered + 1, "the center has given receipts")
    center.terminate()
    for path in state.iterdir():
        path.unlink()
    shutil.copytree(copy, state, dirs_exist_ok=True)
    center.start()
    yield ["WardlineCenterSuspect", "WardlineCenterFault"]
    # Evidence is kept for good.
    stage.left |= {"WardlineCenterSuspect", "WardlineCenterFault"}


def wait_until(condition, what, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"after {seconds} s: not {what}")
        time.sleep(0.2)


CASES = [
    unreadable_messages, wrong_clock, bad_profile, broker_away, small_agent, slow_agent, center_away, center_without_disk,
    custodian_away, custodian_rules, request_waits, validator_away, validator_alone, validator_without_disk, certificate_ends,
    authority_away, anchors_put_off, slow_disk, crossing, lying_validator, revoked_key, forked_center,
]


class Run:
    """All cases on one stage."""

    def __init__(self, stage, only):
        self.stage, self.prometheus = stage, stage.prometheus
        self.cases = [case for case in CASES if not only or case.__name__ in only]
        self.is_whole = not only
        self.fired, self.failures = set(), []
        # Alerts of earlier cases that go on: what was refused stays refused.
        stage.left = set()

    def run(self):
        self._healthy()
        self._dashboards()
        for case in self.cases:
            self._run(case)
        missing = set(prometheus.names(self.prometheus.rules)) - self.fired
        if self.is_whole and missing:
            self._fail(f"rules that no case made fire: {', '.join(sorted(missing))}")
        rules = len(prometheus.names(self.prometheus.rules))
        print(f"{len(self.fired)} of {rules} alerts fired, {len(self.failures)} failures")
        return 1 if self.failures else 0

    def _healthy(self):
        wait_until(lambda: len(self.prometheus.query("up == 1")) == len(self.stage.servers) + 1, "all targets answer")
        self.stage.agent.wait_until_anchored(120)
        ignored = self._ignored()
        rest = self.prometheus.wait_for_calm(ignored, CALM_WITHIN, lasting=30)
        about = [f"{name} {self.prometheus.labels(name)}" for name in rest]
        self._check(not rest, f"a healthy system: nothing fires{self._named(about)}")

    def _ignored(self):
        """The disk of this machine may be full for reasons of its own."""
        usage = shutil.disk_usage(self.stage.folder)
        return {"WardlineDiskFilling"} if usage.free < 0.12 * usage.total else set()

    def _dashboards(self):
        """Every query of the Grafana dashboards is answered, and names metrics that there are."""
        for name, queries in prometheus.dashboards().items():
            here = [query for query in queries if CROSSING not in query[1]]
            empty = self.prometheus.unanswered(here, DRAWN_WITHIN)
            self._check(not empty, f"{name}: {len(here)} queries are answered{self._named(empty)}")

    def _run(self, case):
        name = case.__name__
        steps = case(self.stage)
        try:
            for alerts in steps:
                seconds, missing = self.prometheus.wait_for(alerts, FIRES_WITHIN)
                self.fired |= set(alerts) - missing
                self._check(not missing, f"{name}: {', '.join(alerts)} ({seconds:.0f} s){self._named(missing)}")
            rest = self.prometheus.wait_for_calm(self.stage.left | AFTERMATH | self._ignored(), CALM_WITHIN, lasting=5)
            self._check(not rest, f"{name}: mended, nothing else fires{self._named(rest)}")
        except Exception as failure:  # Whatever it is: the other cases can still be told from it.
            self._fail(f"{name}: {type(failure).__name__}: {failure}")
            self._mend(name, steps)

    def _mend(self, name, steps):
        """What a failed case has not put right, so that the next one does not fail for it."""
        try:
            for _ in steps:
                pass
        except Exception as failure:
            self._fail(f"{name}, mending: {type(failure).__name__}: {failure}")

    def _check(self, passed, text):
        if not passed:
            self._fail(text)
        else:
            print(f"ok   {text}", flush=True)

    def _fail(self, text):
        self.failures.append(text)
        print(f"FAIL {text}", flush=True)

    @staticmethod
    def _named(some):
        return f"; not so: {', '.join(sorted(some))}" if some else ""


if __name__ == "__main__":
    sys.exit(main())

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

from rig import prometheus, thermometer
from rig.agent import Agent
from rig.broker import Broker
from rig.dev import Dev
from rig.paths import DEVICES, program
from rig.processes import Process, exit_on_sigterm, free_port, wait_for_port
from rig.prometheus import MONITORING, Altered, Prometheus
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
# Roles that no server here has.
ELSEWHERE = "wardline_relay_"


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

    def start(self, configuration=None):
        super().start([program("wardline"), "node", "run", "--config", configuration or self.configuration])
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
        self.dev = Dev(folder / "consortium")
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

    def metrics(self, server):
        """What a server says, asked as the operator."""
        context = ssl.create_default_context(cafile=str(self.operator / "current/roots.pem"))
        context.load_cert_chain(self.operator / "current/tls.crt", self.operator / "current/tls.key")
        with urllib.request.urlopen(f"{server.url}/metrics", context=context, timeout=10) as answer:
            return answer.read().decode()

    def make_blocks(self, channel, identity, *words):
        """Blocks as the chain's other users make them in the course of a day."""
        command = [program("wardline-bench"), "chain-load", "--genesis", self.dev.genesis, "--identity", identity]
        for validator in self.dev.validators:
            command += ["--validator", validator.url]
        command += ["--channel", channel, *words]
        subprocess.run(list(map(str, command)), check=True, capture_output=True)

    def publish(self, device, count=1, **reading):
        for _ in range(count):
            thermometer.publish(self.broker, thermometer.topic(device), thermometer.reading(**reading))


def fill(folder):
    """Leaves no room in a file system; the file that takes it."""
    filler = folder / "filler"
    with open(filler, "wb", buffering=0) as file:
        size = 1 << 20
        while size:
            try:
                file.write(bytes(size))
            except OSError:
                size //= 2
    return filler


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


def altered_agent(stage):
    """What a healthy agent cannot be brought to say: its own words, with single values changed."""
    changes = {
        "wardline_sealer_failing": 1, "wardline_privacy_center_suspect": 1, "wardline_privacy_center_faults": 1,
        "wardline_anchor_refused_windows": 1, "wardline_certificate_expires_seconds": int(time.time()) + 3 * 86_400,
    }
    alerts = [
        "WardlineSealerFailing", "WardlineCenterSuspect", "WardlineCenterFault", "WardlineAnchorsRefused",
        "WardlineCertificateEnds",
    ]
    yield from altered(stage, "altered-agent", lambda: stage.agent.http("/metrics")[1], changes, alerts)


def altered_center(stage):
    changes = {
        "wardline_cpc_appends_waiting": 400, "wardline_certificate_expires_seconds": int(time.time()) - 60,
        "wardline_revocations_next_update_seconds": int(time.time()) - 60,
    }
    alerts = ["WardlineCenterAppendsWait", "WardlineCertificateEnded", "WardlineRevocationsOld"]
    yield from altered(stage, "altered-node", lambda: stage.metrics(stage.servers["privacy-center-1"]), changes, alerts)


def altered_validator(stage):
    changes = {
        "wardline_chain_evidence_reported_total": lambda count: 0 if count < 10 else 1, "wardline_relay_blocks_behind": 400,
        "wardline_relay_leaves_refused": 1, "wardline_relay_attester_silent": 1,
    }
    alerts = ["WardlineChainEvidence", "WardlineRelayBehind", "WardlineRelayRefused", "WardlineRelayAttesterSilent"]
    yield from altered(stage, "altered-node", lambda: stage.metrics(stage.servers["validator-1"]), changes, alerts)


def altered(stage, job, read, changes, alerts):
    server = Altered(read, changes)
    server.start()
    stage.prometheus.add(job, server.target)
    yield alerts
    stage.prometheus.remove(job, server.target)
    server.stop()


def wait_until(condition, what, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"after {seconds} s: not {what}")
        time.sleep(0.2)


CASES = [
    unreadable_messages, wrong_clock, bad_profile, broker_away, small_agent, slow_agent, center_away, center_without_disk,
    custodian_away, custodian_rules, request_waits, validator_away, validator_alone, validator_without_disk, altered_agent,
    altered_center, altered_validator, revoked_key,
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
        for path in sorted(MONITORING.glob("wardline-*.json")):
            panels = json.loads(path.read_text())["panels"]
            queries = [(panel["title"], target["expr"]) for panel in panels for target in panel["targets"]]
            empty = [(title, expression) for title, expression in queries if ELSEWHERE not in expression]
            deadline = time.monotonic() + DRAWN_WITHIN
            while empty := [query for query in empty if not self._is_answered(query[1])]:
                if time.monotonic() > deadline:
                    break
                time.sleep(1)
            titles = {title for title, _ in empty}
            self._check(not empty, f"{path.name}: {len(queries)} queries are answered{self._named(titles)}")

    def _is_answered(self, expression):
        return bool(self.prometheus.query(re.sub(r"\$(agent|node)", ".*", expression)))

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

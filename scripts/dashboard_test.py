#!/usr/bin/env python3
"""The walk behind scripts/dashboard-test."""

import argparse
import base64
import json
import struct
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path

import paho.mqtt.client as mqtt
from rig import thermometer
from rig.alliances import Alliances
from rig.agent import Agent
from rig.broker import Broker
from rig.browser import Browser
from rig.dev import Dev
from rig.paths import DEVICES, ROOT
from rig.processes import exit_on_sigterm, free_port, wait_for_port
from rig.sharing import Sharing
from rig.ward import Ward

IMAGES = ROOT / "docs/images/dashboard"
# Those of the documentation; each stands there once.
KEPT = [
    "ward-wide", "ward-narrow", "trace-wide", "dead-letters-wide", "requests-wide", "chain-wide", "consents-wide", "audit-wide",
    "relay-wide",
]
PARTS = ["agent_pages", "chain_pages", "sharing_pages", "record_pages", "relay_pages"]
SIZES = {"wide": (1360, 900), "narrow": (400, 860)}
WARD = "icu-1"
BEDS = 8
WAVES = DEVICES / "physionet-wave-blocks/testcases/three-signals-format-16/payload.json"


def main():
    exit_on_sigterm()
    parser = argparse.ArgumentParser(prog="scripts/dashboard-test")
    parser.add_argument("--images", action="store_true", help="renew the pictures in docs/images/dashboard")
    parser.add_argument("--pictures", type=Path, help="a folder for a picture of every page and size")
    parser.add_argument("--only", nargs="+", choices=PARTS, help="these parts of the walk")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wardline-dashboard-") as folder, ExitStack() as stack:
        walk = Walk(Path(folder), stack, arguments)
        for part in arguments.only or PARTS:
            walk.go(part)
        return walk.report()


class DashboardAgent(Agent):
    """An agent with a dashboard, the lane of waveforms and a folder for profiles that come later."""

    def __init__(self, folder, broker, identity, uplink):
        self.dashboard_port = free_port()
        self.identity = identity
        self.later = folder / "profiles"
        self.later.mkdir(parents=True)
        super().__init__(folder, broker, uplink=uplink)

    @property
    def dashboard(self):
        return f"https://localhost:{self.dashboard_port}"

    def token(self, role):
        return self.command("dashboard", "token", "--role", role, "--name", f"{role}-1").strip()

    def _yaml(self):
        lanes = '[{filter: "ward/#", qos: 1}, {filter: "physionet/#", qos: 1, lane: waves}]'
        text = super()._yaml().replace('[{filter: "ward/#", qos: 1}]', lanes)
        text = text.replace(f"devices: [{DEVICES}]", f"devices: [{DEVICES}, {self.later}]")
        return text + f"dashboard: {{listen: '127.0.0.1:{self.dashboard_port}', identity: {self.identity}}}\n"


class Monitors(threading.Thread):
    """Publishes waveforms of three monitors, a second at a time, until it is stopped."""

    def __init__(self, broker):
        super().__init__(daemon=True)
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="monitors", protocol=mqtt.MQTTv5)
        self.client.connect("127.0.0.1", broker.port)
        self.client.loop_start()
        self.ended = threading.Event()
        payload = json.loads(WAVES.read_text())
        raw = base64.b64decode(payload["dat"])
        frames = struct.unpack(f"<{len(raw) // 2}h", raw)
        self.signals = payload["signals"]
        self.rings = [frames[place::len(self.signals)] for place in range(len(self.signals))]
        self.rate = 125

    def run(self):
        second = 0
        begun = time.time()
        while not self.ended.wait(max(0, begun + second - time.time())):
            for bed in range(1, 4):
                self.client.publish(f"physionet/strip-{bed}/blocks", self._block(bed, second, begun), qos=1)
            second += 1

    def stop(self):
        self.ended.set()
        self.join()
        self.client.loop_stop()
        self.client.disconnect()

    def _block(self, bed, second, begun):
        first = second * self.rate
        samples = []
        for place in range(first, first + self.rate):
            samples += [ring[(place + 40 * bed) % len(ring)] for ring in self.rings]
        moment = datetime.fromtimestamp(begun + second, timezone.utc).isoformat(timespec="milliseconds")
        return json.dumps({
            "t0": moment.replace("+00:00", "Z"), "fs": self.rate, "first_sample": first, "format": 16,
            "signals": self.signals, "dat": base64.b64encode(struct.pack(f"<{len(samples)}h", *samples)).decode(),
        })


class Walk:
    """Everything that runs, and the browser that goes through it."""

    def __init__(self, folder, stack, arguments):
        self.folder = folder
        self.arguments = arguments
        self.checks = []
        self.sharing = None
        self.consortium = Dev(folder / "consortium")
        stack.callback(self.consortium.terminate)
        self.consortium.start(600)
        print(f"consortium: {len(self.consortium.validators)} validators, files in {folder}", flush=True)
        self.broker = Broker(folder / "broker")
        self.broker.start()
        stack.callback(self.broker.terminate)
        gateway = self.consortium.identity("gateway-1")
        uplink = self.consortium.uplink_yaml(gateway, parameters=self.consortium.parameters) + self.consortium.chain_yaml()
        self.agent = DashboardAgent(folder / "agent", self.broker, gateway, uplink)
        for bed in range(1, BEDS):
            self.agent.command("associate", "add", "--bed", f"{WARD}/{bed}", "--patient", f"patient-{bed}")
        for bed in range(1, 4):
            self.agent.command("associate", "add", "--device", f"strip-{bed}", "--patient", f"patient-{bed}")
        self.agent.start()
        stack.callback(self.agent.terminate)
        self.agent.wait_until_ready()
        self.monitors = Monitors(self.broker)
        self.monitors.start()
        stack.callback(self.monitors.stop)
        ward = Ward(folder, self.broker)
        ward.start("--ward", WARD, "--beds", BEDS, "--dialects", "json,csv,hl7,senml,scalar", "--rate", 12, "--broken-every", 60)
        stack.callback(ward.terminate)
        browser_folder = folder / "browser"
        browser_folder.mkdir()
        self.browser = Browser(browser_folder, [gateway / "current/roots.pem"])
        stack.callback(self.browser.close)

    def go(self, part):
        """A part of the walk; when it cannot go on, the next ones do."""
        try:
            getattr(self, part)()
        except Exception as failure:
            self.check(False, f"{part}: {type(failure).__name__}: {failure}")
            if self.arguments.pictures:
                self.browser.picture(self.arguments.pictures / f"failed-{part}.png")
            # The next part signs in by itself.
            self.browser.driver.delete_all_cookies()

    def expect(self, condition, text, seconds=30):
        """A check of something that may take a moment."""
        try:
            self.browser.wait(condition, text, seconds)
        except RuntimeError:
            self.check(False, text)
        else:
            self.check(True, text)

    def check(self, passed, text):
        self.checks.append((bool(passed), text))
        print(f"{'ok  ' if passed else 'FAIL'} {text}", flush=True)

    # Steps that all dashboards have

    def sign_in(self, base, token):
        self.browser.open(base + "/sign-in")
        self.browser.fill("#token", token)
        self.browser.click("form[action='/sign-in/token'] button")
        self.browser.wait(lambda: "/sign-in" not in self.browser.driver.current_url, "the page after signing in")

    def look(self, name, base, path=None, ready=None, picture=True):
        """A page at both sizes, light and dark; `ready` is a CSS selector that must be there before it counts."""
        for size, (width, height) in SIZES.items():
            self.browser.resize(width, height)
            for scheme in ("light", "dark"):
                self.browser.scheme(scheme)
                if path:
                    self.browser.open(base + path)
                if ready:
                    self.browser.wait(lambda: self.browser.count(ready) > 0, f"{ready} on {path}")
                self.browser.examine(f"{name} ({size}, {scheme})", base)
                if picture and (size, scheme) in [("wide", "light"), ("narrow", "dark")]:
                    self._picture(f"{name}-{size}")
        self.browser.scheme("light")

    def _picture(self, name):
        if self.arguments.pictures:
            self.browser.picture(self.arguments.pictures / f"{name}.png")
        if self.arguments.images and name in KEPT:
            self.browser.picture(IMAGES / f"{name}.png")

    def sign_out(self):
        self.browser.click("form[action='/sign-out'] button")
        self.browser.wait(lambda: "/sign-in" in self.browser.driver.current_url, "the page after signing out")

    # The agent

    def agent_pages(self):
        base, browser = self.agent.dashboard, self.browser
        self.look("sign-in", base, "/sign-in", picture=False)
        token = self.agent.token("viewer")
        self.sign_in(base, token)
        self.agent.wait_until_anchored(120)
        browser.wait(lambda: browser.open(base + "/ward").count(".beds .wave") >= 3, "three strips of waveforms", 120)
        self.look("ward", base, "/ward", ".watch.good")
        self._live(base)
        bed = browser.driver.find_element("css selector", ".beds a").get_attribute("href")
        self.look("bed", base, bed.removeprefix(base), ".watch.good")
        self.check("strip" not in bed and WARD not in bed, "no address names a bed or a device")
        self.look("devices", base, "/devices", ".watch.good")
        self.look("pipeline", base, "/pipeline", ".watch.good")
        self._trace(base, bed)
        self.look("dead-letters-viewer", base, "/dead-letters", picture=False)
        self.check(browser.count("main form") == 0, "a viewer is offered no replay")
        self._replay(base)
        browser.open(base + "/sign-in")
        browser.fill("#token", token)
        browser.click("form[action='/sign-in/token'] button")
        self.expect(lambda: "does not sign you in" in browser.text(), "a token that was used signs nobody in")
        browser.driver.get_log("browser")

    def _live(self, base):
        """The page changes without being loaded again; a keyboard reaches and stops it."""
        browser = self.browser
        browser.resize(*SIZES["wide"])
        browser.open(base + "/ward")
        browser.driver.execute_script("window.stays = true")
        before = browser.text(".beds")
        browser.wait(lambda: browser.text(".beds") != before, "a live change")
        self.check(browser.driver.execute_script("return window.stays === true"), "vital signs change without loading the page again")
        browser.click(".watch button")
        self.expect(lambda: "Paused" in browser.text(".watch"), "live updates can be paused")

    def _trace(self, base, bed):
        browser = self.browser
        browser.resize(*SIZES["wide"])
        # The newest reading may not be anchored yet: an older one of the spool is.
        lines = self.agent.export()
        observation = json.loads(next(lines))["id"]
        lines.close()
        self.expect(lambda: self._is_whole(base, observation), "a reading's way is verified to its block", 120)
        self.check(observation not in browser.driver.current_url, "the address does not name the reading")
        for size in SIZES:
            browser.resize(*SIZES[size])
            browser.examine(f"trace ({size})", base)
            self._picture(f"trace-{size}")
        browser.open(bed)
        browser.wait(lambda: browser.count("main form button") > 0, "a reading's button")
        browser.click(".watch button")
        browser.click("main form button")
        browser.wait(lambda: "Trace report" in browser.text(), "the report of a bed's reading")
        self.check("raw" not in browser.driver.current_url, "a bed's reading is traced from its page")

    def _is_whole(self, base, observation):
        """Whether the report of a reading, asked for now, lacks nothing; its window may have to be anchored first."""
        browser = self.browser
        browser.open(base + "/trace")
        browser.fill("#subject", observation)
        browser.click("main form button")
        browser.wait(lambda: "Trace report" in browser.text(), "the report")
        text = browser.text()
        return "Written on the chain" in text and "Nothing is missing" in text

    def _replay(self, base):
        """A message that nothing reads becomes a dead letter; with its profile installed it is replayed."""
        browser = self.browser
        topic = thermometer.topic("T-9")
        thermometer.publish(self.broker, topic, thermometer.reading())
        self.sign_in(base, self.agent.token("engineer"))
        browser.wait(lambda: topic in browser.open(base + "/dead-letters").text(), "the dead letter")
        self.look("dead-letters", base, "/dead-letters")
        browser.resize(*SIZES["wide"])
        thermometer.install(self.agent.later)
        browser.click(f"//tr[td/code[text()='{topic}']]//button")
        browser.wait(lambda: browser.count(".notice[role=status]") > 0, "what the replay brought")
        self.check("1 of one dead letter resolved, one new Observation" in browser.text(".notice"), f"replay: {browser.text('.notice')}")
        self.check(topic not in browser.text(), "the letter is resolved")
        browser.examine("dead-letters after a replay", base)

    # The nodes

    def node_dashboard(self, name):
        """Where a node's dashboard is, and its configuration."""
        servers = {server.name: server for server in [self.consortium.custodian, *self.consortium.validators]}
        # Two ports above its interface, as wardline dev has it.
        port = int(servers[name].url.rsplit(":", 1)[1]) + 2
        return f"https://localhost:{port}", self.consortium.folder / name / "node.yaml"

    def node_token(self, configuration, role, name):
        words = ["dashboard", "token", "--node", configuration, "--role", role, "--name", name]
        return self.consortium.wardline(*words).strip()

    def chain_pages(self):
        browser = self.browser
        base, configuration = self.node_dashboard("validator-2")
        self.look("validator-sign-in", base, "/sign-in", picture=False)
        self.sign_in(base, self.node_token(configuration, "viewer", "viewer-1"))
        self.look("chain", base, "/chain", ".watch.good")
        browser.resize(*SIZES["wide"])
        browser.open(base + "/chain")
        browser.wait(lambda: browser.count("tbody a") > 0, "blocks of the chain")
        before = browser.text("main")
        browser.wait(lambda: browser.text("main") != before, "a live change of the chain")
        self.expect(lambda: "4 of 4" in browser.text(), "the validator reaches all members of its channels")
        browser.fill("#what", "1")
        browser.click("form[action='/chain/find'] button")
        browser.wait(lambda: "/blocks/index/1" in browser.driver.current_url, "the block that was looked for")
        self.look("block", base, "/blocks/index/1")
        transaction = browser.text("tbody th code")
        browser.open(base + "/chain")
        browser.fill("#what", transaction)
        browser.click("form[action='/chain/find'] button")
        browser.wait(lambda: "Block 1 holds it" in browser.text(), "the block of a transaction")
        self.check(transaction not in browser.driver.current_url, "a transaction is found by a form")
        self.sign_out()

    def sharing_pages(self):
        """Two requests: one is approved by two stewards and revoked, the other is refused."""
        browser = self.browser
        base, configuration = self.node_dashboard("custodian")
        first, second = (f"{self.consortium.hospital}:steward:steward-{number}" for number in (1, 2))
        self._ask_for_data()
        self.sign_in(base, self.node_token(configuration, "viewer", "viewer-1"))
        browser.wait(lambda: len(browser.open(base + "/requests").elements("article.card")) == 2, "two requests", 120)
        self.look("requests-viewer", base, "/requests", picture=False)
        self.check(browser.count("main form") == 0, "a viewer is offered no decision")
        self.sign_out()
        try:
            self.node_token(configuration, "steward", f"{self.consortium.hospital}:steward:steward-9")
            self.check(False, "a steward whom the operator did not list gets no token")
        except RuntimeError as refusal:
            self.check("dashboard.people" in str(refusal), "a steward whom the operator did not list gets no token")
        self.sign_in(base, self.node_token(configuration, "steward", first))
        self.look("requests", base, "/requests", "article.card button")
        browser.resize(*SIZES["wide"])
        self._decide("researcher-1", "Approve", "is waiting now")
        self.check(f"1 of 2: {first}" in browser.text(), "the first approval stands under the steward's name")
        self._decide("researcher-1", "Approve", "You have agreed already")
        self.sign_out()
        self.sign_in(base, self.node_token(configuration, "steward", first))
        browser.open(base + "/requests")
        self._decide("researcher-1", "Approve", "You have agreed already")
        self.check(True, "one steward with two tokens is one steward")
        self.sign_out()
        self.sign_in(base, self.node_token(configuration, "steward", second))
        browser.open(base + "/requests")
        self._decide("researcher-1", "Approve", "is permitting now")
        self._decide("researcher-2", "Refuse", "is denying now")
        revoke = "//tr[contains(., 'researcher-1')]//button[text()='Revoke']"
        browser.wait(lambda: browser.open(base + "/requests").elements(revoke), "the permission that can be revoked", 120)
        self.look("requests-decided", base, "/requests")
        self.check("refused by " + second in browser.text(), "the refusal names its steward")
        browser.resize(*SIZES["wide"])
        browser.click(revoke)
        browser.wait(lambda: "is revoking now" in browser.text(), "the revocation")
        browser.wait(lambda: f"revoked-by:{second}" in browser.open(base + "/requests").text(), "who revoked", 60)
        self.check(True, "the revocation names its steward")
        self.look("catalog", base, "/catalog", "tbody tr")
        self.sign_out()

    def _ask_for_data(self):
        """Two researchers ask for a data set of one scope, about which two stewards have to agree."""
        sharing = self.sharing = Sharing(self.consortium, self.folder / "sharing")
        rules = self.consortium.folder / "custodian" / "rules.yaml"
        rules.write_text(
            "version: 1\nrules:\n  - {name: two people decide, kinds: [decided], action: queue, approvals: 2}\n"
            "  - {name: emergencies, kinds: [emergency], action: grant}\n"
        )
        self.shared = sorted((scope["label"], scope["digest"]) for scope in self.consortium.scopes())[0]
        dataset = sharing.publish("role:researcher", "vitals", label=self.shared[0])
        for requester in ("researcher-1", "researcher-2"):
            words = ["--dataset", dataset, "--purpose", "study", "--identity-signed"]
            result = sharing.request(f"share-of-{requester}", *words, requester=requester)
            if result.returncode != 0:
                raise RuntimeError(f"share request: {result.stdout}{result.stderr}")

    def record_pages(self):
        """Consents and the audit, which a validator shows out of its own blocks to auditors and to nobody else."""
        browser = self.browser
        base, configuration = self.node_dashboard("validator-2")
        scope = self._say_about_sharing()
        self.sign_in(base, self.node_token(configuration, "viewer", "viewer-1"))
        hidden = browser.count("nav a[href='/audit']") == 0
        for path in ("/audit", "/consents"):
            hidden = hidden and "may not see this" in browser.open(base + path).text()
        self.check(hidden, "a viewer sees neither consents nor the audit")
        # What is refused stands in the console as well.
        browser.driver.get_log("browser")
        self.sign_out()
        self.sign_in(base, self.node_token(configuration, "auditor", "auditor-1"))
        self._consents(base, scope)
        self._audit(base, scope)
        self.sign_out()

    def _consents(self, base, scope):
        browser = self.browser
        words = ("required", "granted", "offered", "revoked", "break-glass")
        table = ".scroll"
        browser.wait(
            lambda: browser.open(base + "/consents").count(table) and all(word in browser.text(table) for word in words),
            "all kinds of consents", 120,
        )
        self.look("consents", base, "/consents", ".watch.good")
        self.check("patient-1" not in browser.driver.page_source, "the consents name no patient")
        browser.resize(*SIZES["wide"])
        browser.open(base + "/consents").fill("#filter-scope", scope[:16])
        browser.click("form.filter button")
        browser.wait(lambda: "Show everything" in browser.text(), "the consents of a scope")
        rows = browser.elements("tbody tr")
        self.check(rows and all(scope[:16] in row.text for row in rows), "consents are found by the first digits of a scope")
        self.check(scope[:16] not in browser.driver.current_url, "the address does not name the scope")
        self.look("consents-of-a-scope", base, picture=False)
        browser.fill("#filter-scope", "none")
        browser.click("form.filter button")
        browser.wait(lambda: browser.count("[role=alert]") > 0, "the refusal of a scope that is none")
        self.look("consents-refused", base, picture=False)

    def _audit(self, base, scope):
        browser = self.browser
        browser.wait(lambda: "EMERGENCY" in browser.open(base + "/audit").text(), "the emergency in the audit", 120)
        self.look("audit", base, "/audit", ".watch.good")
        text = browser.text()
        self.check("asked" in text and "break-glass" in text, "the audit tells requests and marks emergencies")
        self.check("patient-1" not in browser.driver.page_source, "the audit names no patient")
        browser.resize(*SIZES["wide"])
        known = {entry["transaction"] for entry in self.sharing.audit()}
        browser.wait(lambda: known <= self._events(), "every entry of wardline audit as an AuditEvent", 60)
        self.check(True, f"the validator gives the {len(known)} transactions that wardline audit finds, as AuditEvents")
        browser.fill("#filter-institution", self.consortium.hospital)
        browser.fill("#filter-scope", scope[:16])
        browser.click("form.filter button")
        browser.wait(lambda: "Show everything" in browser.text(), "the audit of an institution's scope")
        rows = [row.text for row in browser.elements("tbody tr")]
        others = [row for row in rows if scope[:16] not in row]
        about = f"; not so: {len(rows)} entries, {others}" if others or not rows else ""
        self.check(not about, f"the audit is selected by institution and scope{about}")
        self.look("audit-of-a-scope", base, picture=False)
        browser.open(base + "/audit")
        browser.click("tbody tr td:last-child a")
        browser.wait(lambda: "/blocks/" in browser.driver.current_url, "the block of an entry")
        self.expect(lambda: "Certificate" in browser.text(), "an entry leads to its block")

    def _events(self):
        """Transactions of the AuditEvents that the audit's page gives away."""
        text = self.browser.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "const form = document.querySelector(\"form[action='/audit/events']\");"
            "fetch(form.action, {method: 'POST', body: new URLSearchParams(new FormData(form))})"
            ".then(answer => answer.text()).then(done, error => done(String(error)));"
        )
        events = [json.loads(line) for line in text.splitlines()]
        return {event["source"]["observer"]["identifier"]["value"].split("/")[-1] for event in events}

    def _say_about_sharing(self):
        """A patient requires and gives consent, and takes an offer back; a clinician takes access in an emergency."""
        if not self.sharing:
            self.agent.wait_until_anchored(120)
            self._ask_for_data()
        label, scope = self.shared
        self.sharing.hold(label)
        self.sharing.consent("require", "--scope", scope)
        self.sharing.consent("allow", "--scope", scope, "--purpose", "study")
        researcher = f"{self.consortium.institute}:researcher:researcher-2"
        offer = self.sharing.consent("offer", "--scope", scope, "--party", researcher, "--purpose", "study").split()[-1]
        self.sharing.consent("withdraw", offer)
        reason = self.folder / "reason.txt"
        reason.write_text("The patient is unconscious; her medication has to be known at once.\n")
        words = ["--scope", scope, "--reason", "2", "--statement", reason, "--output", self.folder / "emergency"]
        result = self.sharing.run("emergency", *words, requester="clinician-1")
        if result.returncode != 0:
            raise RuntimeError(f"share emergency: {result.stdout}{result.stderr}")
        return scope

    # A gateway between chains

    def relay_pages(self):
        """A relay chain with one alliance, its verification nodes and its gateway, in a browser that trusts that alliance."""
        alliances = Alliances(self.folder / "alliances", names=("north",), dashboards=True)
        first = self.browser
        try:
            alliances.start(600)
            chain = alliances.chains[0]
            gateway = chain.gateways[0]
            wait_for_port(gateway.dashboard_port, gateway, seconds=60)
            base = f"https://localhost:{gateway.dashboard_port}"
            folder = self.folder / "relay-browser"
            folder.mkdir()
            self.browser = Browser(folder, [chain.roots()])
            words = ["dashboard", "token", "--node", gateway.configuration, "--role", "viewer", "--name", "viewer-1"]
            self.sign_in(base, chain.dev.wardline(*words).strip())
            self._relay(base, alliances)
        finally:
            if self.browser is not first:
                first.findings += self.browser.findings
                first.pages += self.browser.pages
                self.browser.close()
                self.browser = first
            alliances.terminate()

    def _relay(self, base, alliances):
        browser = self.browser
        browser.open(base + "/relay")
        names = [f"List of {chain.name}, epoch 0" for chain in [*alliances.chains, alliances.hub]]
        browser.wait(lambda: all(name in browser.text() for name in names), "the lists of both chains, without a reload", 90)
        self.look("relay", base, "/relay", ".watch.good")
        text = browser.text()
        nodes = [f"{chain.name}.v{number}" for chain in [*alliances.chains, alliances.hub] for number in (1, 2, 3)]
        self.check(all(node in text for node in nodes), "the page shows every verification node of both chains")
        self.check("80.00 %" in text and "Below 30.00 % a node leaves" in text, "the page shows credibility and its bound")

    def _decide(self, requester, button, outcome):
        """Clicks a button on a requester's card; the page then says what came of it."""
        browser = self.browser
        browser.click(f"//article[contains(., '{requester}')]//button[text()='{button}']")
        browser.wait(lambda: browser.count(".notice[role=status]") and outcome in browser.text(".notice[role=status]"), outcome)

    def report(self):
        for finding in self.browser.findings:
            print(f"FAIL {finding}")
        log = self.agent.log.read_text()
        self.check("patient-1" not in log and "T-9" not in log, "the agent's log names no patient and no device's message")
        good = not self.browser.findings and all(passed for passed, _ in self.checks)
        print(f"{self.browser.pages} examinations of pages, {len(self.browser.findings)} findings, {len(self.checks)} checks")
        return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

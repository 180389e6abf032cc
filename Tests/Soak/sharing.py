#!/usr/bin/env python3
"""Everything that must be refused when data are shared, over a whole consortium of real processes.

A hospital publishes seven beds' scopes, each with a fate of its own: attributes that do not satisfy the policy, a patient
who requires or forbids, for a scope or for its whole label, who withdraws a consent or an offer, a permission that ends by
itself or by a steward, two stewards who must agree, an emergency, an order to trace. Each refusal has to come from the right
party with the right reason, and the chain has to tell it (`wardline audit`). One line of JSON; exit code 1 if anything was
given that must not be, or refused for another reason.
"""

import argparse
import json
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from rig.agent import Agent  # noqa: E402
from rig.broker import Broker  # noqa: E402
from rig.certificates import Certificates  # noqa: E402
from rig.consortium import POLICY  # noqa: E402
from rig.dev import Dev  # noqa: E402
from rig.paths import ROOT, program  # noqa: E402
from rig.processes import exit_on_sigterm  # noqa: E402
from rig.sharing import Sharing, circuit_of  # noqa: E402
from rig.ward import Ward  # noqa: E402

BEDS = 7
SHORT_SECONDS = 45
FHIR_PYTHON = ROOT / ".build/venv/bin/python"
FHIR_CHECK = """
import json, sys
from fhir.resources.R4B.consent import Consent
print(len([Consent.model_validate(json.loads(line)) for line in sys.stdin if line.strip()]))
"""


def main():
    exit_on_sigterm()
    parser = argparse.ArgumentParser(prog="scripts/soak --sharing", description=__doc__.splitlines()[0])
    parser.add_argument("--ceremony-seconds", type=int, default=1_800, help="how long the ceremony may take")
    parser.add_argument("--keep", type=Path, help="keep all files in this new folder")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        folder = arguments.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wardline-sharing-")))
        report = Denials(folder, stack).run(arguments.ceremony_seconds)
    print(json.dumps(report), flush=True)
    return 0 if report["ok"] else 1


class Denials:
    """One consortium, one ward, and what people try."""

    def __init__(self, folder, stack):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.stack = stack
        self.dev = Dev(folder / "consortium", ceremony=True)
        self.sharing = Sharing(self.dev, folder / "shares")
        self.refusals = {}
        self.unexpected = {}
        self.passed = []
        self.datasets = {}
        self.scopes = {}

    def run(self, ceremony_seconds):
        self._start()
        self.circuit = circuit_of(self.dev, ceremony_seconds)
        self._publish()
        before = [
            self._unsatisfied, self._denied_by_rule, self._proven, self._another_requester, self._short, self._two_stewards,
            self._consent_missing, self._forbidden_permission, self._label_required, self._offer, self._offer_to_a_party,
            self._tracing, self._fhir_export,
        ]
        after = [
            self._withdrawn_consent, self._forbidden, self._label_forbidden, self._revoked, self._expired,
            self._withdrawn_offer, self._emergency, self._withdrawn_dataset, self._audit_trail,
        ]
        for part in before:
            self._attempt(part)
        self._end_permissions()
        self._new_data()
        for part in after:
            self._attempt(part)
        return {
            "ok": not self.unexpected,
            "refusals": self.refusals,
            "passed": self.passed,
            "unexpected": self.unexpected,
        }

    # The ward

    def _start(self):
        self.stack.callback(self.dev.terminate)
        self.dev.start()
        self.broker = Broker(self.folder / "broker", Certificates(self.folder / "certificates"))
        self.broker.start()
        self.stack.callback(self.broker.terminate)
        uplink = self.dev.uplink_yaml(self.dev.identity("gateway-1"), parameters=self.dev.parameters) + self.dev.chain_yaml()
        self.agent = Agent(self.folder / "agent", self.broker, uplink=uplink)
        for bed in range(1, BEDS + 1):
            self.agent.command("associate", "add", "--bed", f"icu-1/{bed}", "--patient", f"patient-of-bed-{bed}")
        self.agent.start()
        self.stack.callback(self.agent.terminate)
        self.agent.wait_until_ready()
        self._new_data()

    def _new_data(self, seconds=6):
        """Every bed sends for some seconds; returns when all of it is anchored."""
        ward = Ward(self.folder, self.broker, name=f"ward-{secrets.token_hex(4)}")
        ward.start("--ward", "icu-1", "--beds", BEDS, "--dialects", "json", "--rate", 3 * BEDS)
        self.stack.callback(ward.terminate)
        time.sleep(seconds)
        ward.stop()
        self.agent.wait_until_drained(120)
        self.agent.wait_until_delivered(120)
        self.agent.wait_until_anchored(60)

    def _publish(self):
        """Seven beds, seven data sets: the rules have to know the label of the one for which two stewards are needed."""
        labels = sorted(scope["label"] for scope in self.dev.scopes())
        groups = {}
        for label in labels:
            groups.setdefault(label.partition(".")[2], []).append(label)
        chosen = max(groups.values(), key=len)
        names = ["proven", "consent", "forbid", "short", "two", "offer", "label"]
        if len(chosen) < len(names):
            raise RuntimeError(f"too few scopes of one kind: {labels}")
        self.labels = dict(zip(names, chosen))
        self._write_rules()
        for name in names:
            options = {"circuit": self.circuit, "permission_seconds": SHORT_SECONDS if name == "short" else 86_400}
            if name == "offer":
                options = {}
            self.datasets[name] = self.sharing.publish(POLICY, f"{name}-data", label=self.labels[name], **options)
        digests = {scope["label"]: scope["digest"] for scope in self.dev.scopes()}
        self.scopes = {name: digests[self.labels[name]] for name in names}
        for name in names:
            self.sharing.wait_for_index_keys(self.datasets[name], 1)
        for name in ("consent", "forbid", "offer", "label"):
            self._hold(name)
        self.sharing.pseudonyms(28)
        self.sharing.pseudonyms(4, requester="researcher-2")

    def _write_rules(self):
        path = self.dev.folder / "custodian" / "rules.yaml"
        path.write_text(
            "version: 1\nrules:\n"
            "  - {name: no marketing, purposes: [marketing], action: refuse}\n"
            f"  - {{name: two people, scopes: ['{self.labels['two']}'], kinds: [proven], action: queue, approvals: 2}}\n"
            "  - {name: people decide, kinds: [decided], action: queue}\n"
            "  - {name: proven requests, kinds: [proven], action: grant, days_max: 30}\n"
            "  - {name: emergencies, kinds: [emergency], action: grant}\n"
        )
        self.dev.wardline("steward", "rules", "check", path)

    def _hold(self, name):
        """The custodian names the patient the holder of a scope; waits for the chain."""
        self.sharing.steward("holder", "--patient", "hospital-a:patient:patient-1", "--label-prefix", self.labels[name])
        self._until(lambda: self.scopes[name] in self.sharing.consent("scopes"), f"the chain has the holder of {name}")

    # Policies and rules

    def _unsatisfied(self):
        """The second researcher's attributes prove nothing; a steward says no to the request without a proof."""
        credential = self.sharing.credential("researcher-2")
        dataset = self.datasets["proven"]
        asked = self.sharing.request(
            "unsatisfied", "--dataset", dataset, "--purpose", "study", "--credential", credential, requester="researcher-2"
        )
        self._refused("unsatisfied policy", asked, "UNSATISFIED")
        asked = self.sharing.request("unproven", "--dataset", dataset, "--purpose", "study", requester="researcher-2")
        request = self._request("unproven")
        self._wait_for_item(request, "waiting")
        self._steward("deny", request)
        self._wait_for_item(request, "denied")
        fetched = self.sharing.fetch("unproven", requester="researcher-2")
        self._refused("denied by a steward", fetched, "request-denied")
        self._recorded("denied by a steward: on the chain", request=request, text=r"denied \(owner\)")

    def _denied_by_rule(self):
        self.sharing.request("marketing", "--dataset", self.datasets["proven"], "--purpose", "marketing")
        request = self._request("marketing")
        self._wait_for_item(request, "denied")
        self._refused("denied by a rule", self.sharing.fetch("marketing"), "request-denied")
        self._recorded("denied by a rule: on the chain", request=request, text=r"denied \(owner\)")

    def _proven(self):
        """What is allowed, once under a pseudonym and once in her own name."""
        self._ask("proven", "proven")
        self._ask("named", "proven", "--identity-signed")
        self._get("proven")
        self._get("named")

    # Somebody else

    def _another_requester(self):
        fetched = self.sharing.fetch("proven", requester="researcher-2")
        self._refused("another's pseudonym", fetched, "does not hold the share's pseudonym")
        fetched = self.sharing.fetch("named", requester="researcher-2")
        self._refused("another's share", fetched, "asked for by another identity")
        scope = self._scope_folder("named")
        words = self.dev.receive_words(scope / "grant.wlgf", self.folder / "stolen.ndjson", receiver="researcher-2")
        self._refused("another's grant", self._run(*words), "receiver|another")
        # Issuing parties have to see it for themselves.
        words = [
            "ibe", "request", "--identity", self.dev.identity("researcher-2"), "--parameters", self.dev.parameters,
            "--permission", self._permission("named"), "--grant", scope / "grant.wlgf", "--sender",
            "hospital-a:gateway:gateway-1", "--output", self.folder / "stolen.key",
        ]
        self._refused("another's permission at the issuing parties", self._run(*words), "another-requester|another requester")
        # The share's folder without what is secret gives nobody anything, not even its owner's wallet in other hands.
        stolen = self.sharing.folder / "stolen"
        shutil.copytree(self.sharing.folder / "proven", stolen)
        shutil.rmtree(stolen / "secrets", ignore_errors=True)
        fetched = self.sharing.fetch("stolen", requester="researcher-2")
        self._refused("another's copied folder", fetched, "does not hold the share's pseudonym")

    # Time, stewards

    def _short(self):
        self._ask("short", "short")
        self._get("short")
        scope = self._status("short")
        self._check("a permission's end", 0 < scope["validUntil"] / 1_000 - time.time() <= SHORT_SECONDS, scope["validUntil"])

    def _two_stewards(self):
        self._ask("two", "two")
        permission = self._permission("two")
        self._wait_for_item(permission, "waiting")
        self._refused("no steward yet", self.sharing.fetch("two", "--wait", "1"), "grant-pending")
        self._steward("approve", permission)
        again = self._run(*self._steward_words("approve", permission, steward="steward-1"))
        self._refused("the same steward twice", again, "same-steward")
        self._refused("one of two stewards", self.sharing.fetch("two", "--wait", "1"), "grant-pending")
        outsider = self._run(*self._steward_words("approve", permission, steward="clinician-1"))
        self._refused("somebody who is no steward", outsider, "role-not-allowed|403")
        self._steward("approve", permission, steward="steward-2")
        self._get("two")

    # Consents

    def _consent_missing(self):
        """A patient requires to be asked: neither a proof nor a steward gets past that, her consent to the purpose does."""
        self._state("require", "consent")
        asked = self._ask("consent", "consent", is_permitted=False)
        request = self._request("consent")
        steps = self._steps("consent")
        self._check("missing consent: the request stays open", steps["permission"]["state"] == "waiting", [steps, asked])
        self._wait_for_item(request, "waiting")
        self._steward("approve", request)
        item = self._wait_for_item(request, "waiting", reason="consent .* missing")
        self.refusals["missing consent: a steward's approval"] = item["reason"]
        self._refused("missing consent: no data", self.sharing.fetch("consent", "--wait", "1"), "nobody has decided")
        self._recorded("missing consent: on the chain", request=request, text=r"denied .*307")
        self.allowing = self._state("allow", "consent", "--purpose", "study")
        self._steward("approve", request)
        self._wait_for_item(request, "permitted")
        self._get("consent")

    def _withdrawn_consent(self):
        """The consent was withdrawn meanwhile: center and index channel refuse what the permission allowed."""
        self._refused("withdrawn consent", self.sharing.fetch("consent"), "consent-required")
        status = self._status("consent")
        told = [(refusal["step"], refusal["code"]) for refusal in status["refusals"]]
        self._check("withdrawn consent: the share's status", ("delivery", "consent-required") in told, status)
        permission = self._permission("consent")
        self._recorded("withdrawn consent: on the chain", permission=permission, text="refused .*consent-required")
        grant = next(e["grant"] for e in self.sharing.audit() if e["what"] == "granted" and e.get("permission") == permission)
        receiver = json.loads((self.sharing.folder / "consent" / "share.json").read_text())["requester"]
        arguments = grant + secrets.token_hex(32) + "00000001" + receiver + "00000001"
        submitted = self._run(
            "chain", "submit", "--channel", "index", "--contract", "sharing", "--method", "delivery", "--arguments-hex",
            arguments, *self._chain("privacy-center-1"),
        )
        self._refused("withdrawn consent: on the index channel", submitted, "615")

    def _forbidden_permission(self):
        self._ask("forbid", "forbid")
        self._get("forbid")

    def _forbidden(self):
        """She forbids: what was permitted ends, proofs are refused, stewards do not get past it."""
        self._ended("forbid", "consent-forbids")
        self._recorded("forbidden: on the chain", permission=self._permission("forbid"), text="refused .*consent-forbids")
        asked = self._ask("forbidden", "forbid", is_permitted=False)
        self._refused("forbidden: a proof", asked, "consent-forbids|306")
        self._recorded("forbidden: a proof on the chain", scopes=[self.scopes["forbid"]], text=r"denied .*306")
        self.sharing.request("forbidden-open", "--dataset", self.datasets["forbid"], "--purpose", "study")
        request = self._request("forbidden-open")
        self._wait_for_item(request, "waiting")
        self._steward("approve", request)
        item = self._wait_for_item(request, "waiting", reason="forbids")
        self.refusals["forbidden: a steward's approval"] = item["reason"]
        others = self._run("consent", "forbid", "--scope", self.scopes["proven"], *self._chain("patient-1"))
        self._refused("a consent about somebody else's scope", others, "not-the-holder|314|not .*hold")

    # Whole labels

    def _label(self):
        """The digest of the label that the scope is of, as the patient sees it."""
        lines = [line.split() for line in self.sharing.consent("scopes").splitlines()]
        return next(words[3] for words in lines if words[0] == self.scopes["label"])

    def _label_required(self):
        """Consent is required for a whole label: what is allowed for one of its scopes is enough there."""
        label = self._label()
        self._check("a patient sees her labels", label in self.sharing.consent("labels"), label)
        others = self._run("consent", "forbid", "--label", label, *self._chain("steward-1"))
        self._refused("a consent about a label of somebody who is no patient", others, "only a patient")
        self.sharing.consent("require", "--label", label)
        asked = self._ask("label", "label", is_permitted=False)
        request = self._request("label")
        steps = self._steps("label")
        self._check("label required: the request stays open", steps["permission"]["state"] == "waiting", [steps, asked])
        self._wait_for_item(request, "waiting")
        self._steward("approve", request)
        item = self._wait_for_item(request, "waiting", reason="whole label is missing")
        self.refusals["label required: a steward's approval"] = item["reason"]
        self._recorded("label required: on the chain", request=request, text=r"denied .*328")
        self._state("allow", "label", "--purpose", "study")
        self._steward("approve", request)
        self._wait_for_item(request, "permitted")
        self._get("label")
        self._passed("offline check of a share under a label", self._run(
            "trace", "--offline", self.sharing.folder / "label", "--genesis", self.dev.genesis,
        ))

    def _forbid_label(self):
        self.forbidding = self.sharing.consent("forbid", "--label", self._label()).split()[-1]

    def _label_forbidden(self):
        """What is forbidden for the label outweighs what is allowed for the scope, until it is withdrawn."""
        self._ended("label", "label-forbids")
        permission = self._permission("label")
        self._recorded("label forbidden: on the chain", permission=permission, text="refused .*label-forbids")
        asked = self._ask("label-forbidden", "label", is_permitted=False)
        self._refused("label forbidden: a proof", asked, "label-forbids|327")
        self._recorded("label forbidden: a proof on the chain", scopes=[self.scopes["label"]], text=r"denied .*327")
        told = self.sharing.audit("--scope", self.scopes["label"])
        self._check("label forbidden: told for the scope", any(e["text"] == "consent (forbid)" for e in told), told)
        self._get("proven")
        self.sharing.consent("withdraw", self.forbidding)
        # The index channel hears of it a block or two later.
        self._until(lambda: self.sharing.fetch("label", "--wait", "5").returncode == 0, "the label's data come again")

    def _end_permissions(self):
        """What ends permissions of which data were delivered."""
        self._attempt(lambda: self.sharing.consent("withdraw", self.allowing), "withdraw the consent")
        self._attempt(lambda: self._state("forbid", "forbid"), "forbid")
        self._attempt(self._forbid_label, "forbid a label")
        self._attempt(lambda: self.sharing.consent("withdraw", self.offer), "withdraw the offer")
        self._attempt(lambda: self._steward("revoke", "--permission", self._permission("named")), "revoke")
        self._attempt(lambda: self._wait_for_item(self._permission("named"), "revoked"), "revoked")

    def _revoked(self):
        self._ended("named", "permission-revoked|grant-revoked")
        permission = self._permission("named")
        self._recorded("revoked permission: on the chain", permission=permission, text="permission revoked")
        self._recorded("revoked grant: on the chain", permission=permission, text="grant revoked")
        self._get("proven")

    def _expired(self):
        scope = self._status("short")
        time.sleep(max(0, scope["validUntil"] / 1_000 + 1 - time.time()))
        self._ended("short", "permission-expired|grant-expired")

    # Offers

    def _offer(self):
        """A patient offers to a study: whoever is in it has a permission without anybody's decision."""
        self.offer = self.sharing.consent(
            "offer", "--scope", self.scopes["offer"], "--study", "vitals-1", "--purpose", "study"
        ).split()[-1]
        taken = self.sharing.run(
            "accept", "--offer", self.offer, "--output", self.sharing.folder / "not-mine", "--identity-signed",
            requester="researcher-2",
        )
        self._refused("an offer to others", taken, "not-the-grantee")
        taken = self.sharing.run(
            "accept", "--offer", self.offer, "--output", self.sharing.folder / "offer", "--identity-signed"
        )
        self._passed("an offer is taken", taken)
        self._get("offer")
        item = self._wait_for_item(self._permission("offer"), "recorded")
        self._check("an offer needs no steward", item["kind"] == "offered" and not item["approvals"], item)
        told = self.sharing.audit("--offer", self.offer)
        whats = [entry["what"] for entry in told]
        wanted = {"offered", "asked", "permitted", "granted", "delivered"}
        names_her = told[0]["by"].endswith("patient-1")
        self._check("who allowed an offer's data is on the chain", wanted <= set(whats) and names_her, told)

    def _offer_to_a_party(self):
        """An offer needs no attributes: whoever it names gets the data, although she satisfies no policy."""
        offer = self.sharing.consent(
            "offer", "--scope", self.scopes["offer"], "--party", "institute-b:researcher:researcher-2", "--purpose", "study"
        ).split()[-1]
        taken = self.sharing.run(
            "accept", "--offer", offer, "--output", self.sharing.folder / "personal", "--identity-signed",
            requester="researcher-2",
        )
        self._passed("an offer to a party is taken", taken)
        self._get("personal", requester="researcher-2")

    def _withdrawn_offer(self):
        self._ended("offer", "offer-withdrawn")
        self._recorded("withdrawn offer: on the chain", permission=self._permission("offer"), text="refused .*offer-withdrawn")
        taken = self.sharing.run(
            "accept", "--offer", self.offer, "--output", self.sharing.folder / "offer-again", "--identity-signed"
        )
        self._refused("withdrawn offer: taken again", taken, "offer-withdrawn|no-such-offer|318|withdr")

    # Data sets

    def _withdrawn_dataset(self):
        """Nobody gets a permission by a proof once the data set is withdrawn; what was permitted stays."""
        self._steward("withdraw", self.datasets["proven"])

        def is_withdrawn():
            datasets = json.loads(self._steward("datasets", "--json"))["datasets"]
            return any(each["dataset"] == self.datasets["proven"] and each["state"] == "withdrawn" for each in datasets)

        self._until(is_withdrawn, "the data set is withdrawn")
        self._refused("a withdrawn data set", self._ask("late", "proven", is_permitted=False), "dataset-withdrawn")
        asked = self.sharing.request(
            "late-scope", "--scope", self.scopes["proven"], "--purpose", "study", "--credential", self.sharing.credential()
        )
        self._refused("a scope of a withdrawn data set", asked, "no-policy")
        self._get("proven")

    # Emergencies

    def _emergency(self):
        """A clinician gets what the patient forbids, for an hour, and everybody can see it."""
        statement = self.folder / "reason.txt"
        statement.write_text("The patient of bed 3 is unconscious; her medication has to be known at once.\n")
        words = ["--scope", self.scopes["forbid"], "--reason", "2", "--statement", statement]
        output = self.sharing.folder / "no-clinician"
        taken = self.sharing.run("emergency", *words, "--output", output)
        self._refused("an emergency of a researcher", taken, "clinician|not-allowed|code 5")
        for name in ("silent", "emergency"):
            taken = self.sharing.run("emergency", *words, "--output", self.sharing.folder / name, requester="clinician-1")
            self._passed(f"emergency access ({name})", taken)
        secret = next(path for path in (self.sharing.folder / "silent").rglob("*statement*"))
        secret.unlink()
        fetched = self.sharing.fetch("silent", "--wait", "2", requester="clinician-1")
        self._refused("an emergency without its reason", fetched, "grant-pending")
        secret.write_text("another reason")
        secret.chmod(0o600)
        fetched = self.sharing.fetch("silent", "--wait", "2", requester="clinician-1")
        self._refused("an emergency with another reason", fetched, "another-statement")
        self._get("emergency", requester="clinician-1")
        scope = self._status("emergency", requester="clinician-1")
        self._check(
            "an emergency ends within the hour", 0 < scope["validUntil"] / 1_000 - time.time() <= 3_600, scope["validUntil"]
        )
        entries = [
            entry for entry in self.sharing.audit("--patient", "hospital-a:patient:patient-1")
            if entry["text"].startswith("EMERGENCY") and entry["by"] == "hospital-a:clinician:clinician-1"
            and entry["scopes"] == [self.scopes["forbid"]]
        ]
        self._check("an emergency is told to whoever audits", len(entries) == 2, entries)

    # Tracing

    def _tracing(self):
        certificate = self.sharing.folder / "proven" / "requester.wlc"
        other = self.sharing.folder / "short" / "requester.wlc"
        text = self.folder / "order.txt"
        text.write_text("By order of the court of hospital A: who asked for these data?\n")
        log = self.dev.log.read_text()
        url = {
            name: re.search(rf"^  {name}\S* +(https://\S+)", log, re.MULTILINE)[1]
            for name in ("pseudonym-ca", "registration-autho")
        }

        def open_words(order, about, output):
            return [
                "pseudonym", "trace", "open", "--certificate", about, "--statement-file", text, "--order", order,
                "--pseudonym-authority", url["pseudonym-ca"], "--registration-authority", url["registration-autho"],
                "--output", output, *self._chain("tracing-1"),
            ]

        def order_words(party):
            return [
                "pseudonym", "trace", "order", "--certificate", certificate, "--statement-file", text, "--reason", "court",
                *self._chain(party),
            ]

        no_order = self._run(*open_words(secrets.token_hex(32), certificate, self.folder / "none.wltf"))
        self._refused("a trace without an order", no_order, "no-order|no .*order")
        self._refused("a steward's order", self._run(*order_words("steward-1")), "not-allowed|code 5|tracing")
        order = self.dev.wardline(*order_words("tracing-1")).split()[-1]
        elsewhere = self._run(*open_words(order, other, self.folder / "other.wltf"))
        self._refused("an order about another pseudonym", elsewhere, "another-certificate|another")
        finding = self.folder / "finding.wltf"
        self._passed("a trace under an order", self._run(*open_words(order, certificate, finding)))
        verified = self._run("pseudonym", "trace", "verify", finding, "--genesis", self.dev.genesis)
        self._passed("a finding verifies", verified)
        self._check("a trace finds the researcher", "institute-b:researcher:researcher-1" in verified.stdout, verified.stdout)
        bytes_ = bytearray(finding.read_bytes())
        bytes_[-5] ^= 1
        changed = self.folder / "changed.wltf"
        changed.write_bytes(bytes_)
        verified = self._run("pseudonym", "trace", "verify", changed, "--genesis", self.dev.genesis)
        self._refused("a changed finding", verified, ".")
        entries = [e["text"] for e in self.sharing.audit() if e["text"].startswith("trace")]
        self._check("a trace is on the chain", entries == ["trace ordered", "trace answered", "trace answered"], entries)

    # What remains

    def _fhir_export(self):
        export = self.sharing.consent("export")
        has_validator = FHIR_PYTHON.exists() and (
            subprocess.run([FHIR_PYTHON, "-c", "import fhir.resources.R4B.consent"], capture_output=True).returncode == 0
        )
        if not has_validator:
            self.passed.append("FHIR Consents: not validated, .build/venv has no fhir.resources")
            return
        result = subprocess.run([FHIR_PYTHON, "-c", FHIR_CHECK], input=export, capture_output=True, text=True)
        count = result.stdout.strip()
        self._check("FHIR Consents are valid", result.returncode == 0 and int(count or 0) >= 3, [count, result.stderr])

    def _audit_trail(self):
        """Deliveries are seen with their receivers, and what is good is good from its files alone."""
        listed = self.sharing.consent("list")
        self._check("statements are told with the date of their end", re.search(r"until 20\d\d-\d\d-\d\d", listed), listed)
        seen = self.sharing.audit("--seen")
        self._check("deliveries are on the chain", len(seen) >= 6, len(seen))
        for name, requester in [("proven", "researcher-1"), ("consent", "researcher-1"), ("emergency", "clinician-1")]:
            verified = self._run("trace", "--offline", self.sharing.folder / name, "--genesis", self.dev.genesis)
            self._passed(f"offline check of {name}, of {requester}", verified)

    # Details: asking

    def _ask(self, name, dataset, *words, is_permitted=True):
        asked = self.sharing.request(
            name, "--dataset", self.datasets[dataset], "--purpose", "study", "--credential", self.sharing.credential(), *words
        )
        if is_permitted:
            self._passed(f"request {name}", asked)
        return asked

    def _get(self, name, requester="researcher-1"):
        self._passed(f"data of {name}", self.sharing.fetch(name, "--wait", "30", requester=requester))

    def _record(self, name):
        return json.loads((self.sharing.folder / name / "share.json").read_text())["scopes"][0]

    def _request(self, name):
        return self._record(name)["request"]

    def _scope_folder(self, name):
        return self.sharing.folder / name / "scopes" / self._record(name)["scope"]

    def _status(self, name, requester="researcher-1"):
        status = self.sharing.status(name, requester=requester)
        if "error" in status:
            raise RuntimeError(f"status of {name}: {status['error']}")
        return status["scopes"][0]

    def _steps(self, name):
        return {step["step"]: step for step in self._status(name)["steps"]}

    def _permission(self, name):
        requester = "clinician-1" if name in ("emergency", "silent") else "researcher-1"
        return self._status(name, requester)["permission"]

    def _state(self, verb, name, *words):
        """The identifier of a patient's statement about a scope."""
        return self.sharing.consent(verb, "--scope", self.scopes[name], *words).split()[-1]

    # Details: stewards

    def _steward_words(self, *words, steward="steward-1"):
        return ["steward", *words, "--custodian", self.dev.custodian.url, "--identity", self.dev.identity(steward)]

    def _steward(self, *words, steward="steward-1"):
        return self.sharing.steward(*words, steward=steward)

    def _item(self, identifier):
        result = self._run(*self._steward_words("show", identifier, "--json"))
        return json.loads(result.stdout) if result.returncode == 0 else {"state": "unknown", "said": result.stderr}

    def _wait_for_item(self, identifier, state, reason=""):
        """What the custodian has in this state, and with this reason."""
        found = {}

        def is_there():
            found.update(item := self._item(identifier))
            return item["state"] == state and re.search(reason, item.get("reason", ""))

        self._until(is_there, lambda: f"{identifier[:16]} {state} {reason}: {found}")
        return found

    # Details: judging

    def _run(self, *words):
        return subprocess.run([program("wardline"), *map(str, words)], capture_output=True, text=True)

    def _chain(self, party):
        return ["--identity", self.dev.identity(party), *self.dev.chain_options()]

    def _ended(self, name, wanted):
        """A share that gives nothing new any more: not by waiting either, and its status says why."""
        fetched = self.sharing.fetch(name, "--wait", "2")
        self._refused(f"{name}: no new data", fetched, wanted)
        self._check(f"{name}: there is nothing to wait for", fetched.returncode == 1, f"exit code {fetched.returncode}")
        note = self._steps(name)["permission"]
        self._check(f"{name}: its status says why", re.search(wanted, note.get("code", "")), note)

    def _refused(self, name, result, wanted):
        """A command that must fail, with words that match."""
        said = (result.stderr + result.stdout).strip()
        lines = said.splitlines()
        self.refusals[name] = next((line for line in lines if re.search(wanted, line)), lines[-1] if lines else "")
        if result.returncode == 0:
            self.unexpected[name] = f"given: {said}"
        elif not re.search(wanted, said):
            self.unexpected[name] = f"not for '{wanted}': {said}"

    def _passed(self, name, result):
        self._check(name, result.returncode == 0, f"exit code {result.returncode}: {result.stderr}{result.stdout}")

    def _check(self, name, holds, seen):
        if holds:
            self.passed.append(name)
        else:
            self.unexpected[name] = seen

    def _recorded(self, name, text, **fields):
        """The chain tells it, soon."""
        def entries():
            return [
                entry for entry in self.sharing.audit()
                if all(entry.get(key) == value for key, value in fields.items())
            ]

        try:
            self._until(lambda: any(re.search(text, entry["text"]) for entry in entries()), name, seconds=15)
            self.passed.append(name)
        except RuntimeError:
            self.unexpected[name] = [entry["text"] for entry in entries()]

    def _attempt(self, part, name=None):
        """Goes on with the rest when a part cannot be carried out."""
        begun = time.monotonic()
        try:
            part()
        except Exception as error:  # noqa: BLE001
            self.unexpected[name or part.__name__.strip("_")] = f"{type(error).__name__}: {error}"
        print(f"{name or part.__name__.strip('_')}: {time.monotonic() - begun:.1f} s", file=sys.stderr, flush=True)

    def _until(self, condition, what, seconds=45):
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise RuntimeError(f"not within {seconds} s: {what() if callable(what) else what}")
            time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main())

"""A consortium of four in one Debian, from its packages and by the commands of docs/consortium-of-four.md; used by package-test.

Every party is an instance `wardline-node@NAME` of its own, with a port of its own on loopback. The agent that docs/install.md has
set up seals for the custodian, delivers to the privacy center and anchors on the chain.
"""

import json

from package_parties import CA_PORT, CENTER_PORT, CHAIN, CUSTODIAN_PORT, GENESIS, NUMBERS, STATE, URLS, VALIDATORS, Parties, as_node
from package_sharing import LEFT, PackagedSharing
from package_sharing import UNITS as SHARING_UNITS

ORGANIZATIONS = ("clinic", "lab", "north", "south")
UNITS = ["ca", *(f"v{number}" for number in NUMBERS), "center", "custodian"]


class PackagedConsortium(Parties):
    def __init__(self, machine, check, wait_for):
        super().__init__(machine, check, wait_for)
        self.sharing = PackagedSharing(machine, check, wait_for)

    def start(self):
        self._authority()
        self._validators()
        self._center_and_custodian()
        self._gateway()

    # Parties

    def _authority(self):
        self.init("ca", f"--role authority --port authority={CA_PORT}")
        self.machine.run(as_node(
            f"wardline ca init --directory {STATE}/ca/authority --org consortium --host localhost --port {CA_PORT}"))
        self.unit("ca")

    def _validators(self):
        for number, organization in zip(NUMBERS, ORGANIZATIONS):
            self.enroll(f"v{number}", "validator", organization, f"v{number}")
            self.machine.run(as_node(
                f"wardline chain keygen --identity {STATE}/v{number}/identity --directory {STATE}/v{number}/validator"))
        self.token("chair", "operator", "clinic", "chair")
        self.machine.run(
            f"wardline enroll --authority https://localhost:{CA_PORT} --token-file {STATE}/chair.token --directory /root/governor")
        members = " ".join(f"--member {STATE}/v{number}/validator/member.wlm" for number in NUMBERS)
        self.machine.run(
            f"wardline chain init --chain package-test {members} --issuer /root/governor/current/authority.json "
            f"{self.sharing.make_pseudonym_issuer()} --governor clinic:operator:chair --output {GENESIS} && chmod 644 {GENESIS}")
        for number in NUMBERS:
            peers = " ".join(
                f"--peer {other},{ORGANIZATIONS[other - 1]}:validator:v{other},localhost:{7500 + other}"
                for other in NUMBERS if other != number)
            self.init(
                f"v{number}", f"--role validator --genesis {GENESIS} {peers} --port validator={7510 + number} "
                f"--port peers={7500 + number}")
            self.unit(f"v{number}")
        status = f"wardline chain status --identity /root/governor {VALIDATORS}"
        self.wait_for("four validators are ready", lambda: (
            (d := self.machine.run(status, check=False)).returncode == 0, d.stdout + d.stderr), seconds=180)
        self.check(True, "four validators form a chain")

    def _center_and_custodian(self):
        self.enroll("center", "privacy-center", "center", "store")
        self.init("center", f"--role privacy_center {CHAIN} --port privacy_center={CENTER_PORT}")
        self.unit("center")
        self.enroll("custodian", "custodian", "clinic", "records")
        self.init(
            "custodian", f"--role custodian {CHAIN} --sharing --privacy-center https://localhost:{CENTER_PORT} "
            f"--port custodian={CUSTODIAN_PORT}")
        self.unit("custodian")

    def _gateway(self):
        self.token("gateway", "gateway", "clinic", "ward-1")
        self.machine.run(
            f"install -m 600 -o wardline {STATE}/gateway.token /var/lib/wardline/gateway.token && cd / && "
            f"runuser -u wardline -- wardline enroll --authority https://localhost:{CA_PORT} "
            "--token-file /var/lib/wardline/gateway.token --directory /var/lib/wardline/identity && "
            "rm /var/lib/wardline/gateway.token")
        urls = "".join(f"    - '{url}'\n" for url in URLS)
        self.machine.run(
            "cp -p /etc/wardline/agent.yaml /root/agent.yaml && cat >> /etc/wardline/agent.yaml <<'END'\n"
            "uplink:\n  identity: /var/lib/wardline/identity\n"
            f"  custodian: 'https://localhost:{CUSTODIAN_PORT}'\n"
            f"  privacy_centers: [{{name: 'center:privacy-center:store', url: 'https://localhost:{CENTER_PORT}'}}]\n"
            "  copies: 1\n  policy: 'role:researcher and purpose:study'\n"
            f"chain:\n  genesis: {GENESIS}\n  validators:\n{urls}  window_seconds: 2\nEND\n"
            "systemctl restart wardline-agent")

    # What became of the data

    def wait_until_anchored(self, stats):
        """Returns the agent's counts when nothing of it is under way."""
        return self.wait_for("everything sealed, delivered and anchored", lambda: (
            (s := stats(self.machine))["unsealedObservations"] == 0 and s["outboxEnvelopes"] == 0 and s["heldObservations"] == 0
            and s["waitingForAnchor"] == 0 and s["deliveredEnvelopes"] > 0,
            {k: v for k, v in s.items() if isinstance(v, int)}), seconds=300)

    def require_delivered(self, stats, observations):
        """Everything sealed, receipted and anchored; the owner opens as many Observations as the agent has."""
        done = self.wait_until_anchored(stats)
        self.check(done["outboxRefused"] == 0 and done["privacyCenterFaults"] == 0, "nothing was refused, nobody broke a promise")
        receipts = json.loads(self.machine.run(
            "export CREDENTIALS_DIRECTORY=/run/credentials/wardline-agent.service; wardline spool receipts --verify --json").stdout)
        self.check(receipts["receipts"] > 0 and receipts["failed"] == 0, f"{receipts['receipts']} receipts verify")
        opened = self.opened_by_owner()
        self.check(len(set(opened)) == len(opened) == observations, f"the owner opens {len(opened)} Observations, each once")
        for channel in ("access", "index"):
            self.machine.run(
                f"rm -f /root/{channel}.wlcx; wardline chain export --channel {channel} --output /root/{channel}.wlcx "
                f"--identity /root/governor {CHAIN} && "
                f"wardline chain verify /root/{channel}.wlcx --genesis {GENESIS}", seconds=600)
        self.check(True, "both channels verify from the genesis on")

    def stop(self):
        """Stops all of it and takes away what it wrote, as an operator would before removing the packages; the agent works alone."""
        units = " ".join(f"wardline-node@{name}" for name in UNITS + SHARING_UNITS)
        self.machine.run(
            f"systemctl disable --now {units}; cp -p /root/agent.yaml /etc/wardline/agent.yaml && systemctl restart wardline-agent; "
            f"rm -rf {STATE}/* /etc/wardline/nodes/*.yaml {GENESIS} /root/governor {LEFT}")

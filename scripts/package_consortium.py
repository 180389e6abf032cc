"""A consortium of four in one Debian, from its packages and by the commands of docs/consortium-of-four.md; used by package-test.

Every party is an instance `wardline-node@NAME` of its own, with a port of its own on loopback. The agent that docs/install.md has
set up seals for the custodian, delivers to the privacy center and anchors on the chain.
"""

import json

STATE = "/var/lib/wardline-node"
CA_PORT, CENTER_PORT, CUSTODIAN_PORT = 7500, 7520, 7521
NUMBERS = (1, 2, 3, 4)
ORGANIZATIONS = ("clinic", "lab", "north", "south")
URLS = [f"https://localhost:{7510 + number}" for number in NUMBERS]
UNITS = ["ca", *(f"v{number}" for number in NUMBERS), "center", "custodian"]
VALIDATORS = " ".join(f"--validator {url}" for url in URLS)


def as_node(command):
    return f"cd / && runuser -u wardline-node -- {command}"


class PackagedConsortium:
    def __init__(self, machine, check, wait_for):
        self.machine = machine
        self.check = check
        self.wait_for = wait_for

    def start(self):
        self._authority()
        self._validators()
        self._center_and_custodian()
        self._gateway()

    # Parties

    def _authority(self):
        self._init("ca", f"--role authority --port authority={CA_PORT}")
        self.machine.run(as_node(
            f"wardline ca init --directory {STATE}/ca/authority --org consortium --host localhost --port {CA_PORT}"))
        self._unit("ca")

    def _validators(self):
        for number, organization in zip(NUMBERS, ORGANIZATIONS):
            self._enroll(f"v{number}", "validator", organization, f"v{number}")
            self.machine.run(as_node(
                f"wardline chain keygen --identity {STATE}/v{number}/identity --directory {STATE}/v{number}/validator"))
        self._token("chair", "operator", "clinic", "chair")
        self.machine.run(
            f"wardline enroll --authority https://localhost:{CA_PORT} --token-file {STATE}/chair.token --directory /root/governor")
        members = " ".join(f"--member {STATE}/v{number}/validator/member.wlm" for number in NUMBERS)
        self.machine.run(
            f"wardline chain init --chain package-test {members} --issuer /root/governor/current/authority.json "
            "--governor clinic:operator:chair --output /etc/wardline/genesis.wlg && chmod 644 /etc/wardline/genesis.wlg")
        for number in NUMBERS:
            peers = " ".join(
                f"--peer {other},{ORGANIZATIONS[other - 1]}:validator:v{other},localhost:{7500 + other}"
                for other in NUMBERS if other != number)
            self._init(
                f"v{number}", f"--role validator --genesis /etc/wardline/genesis.wlg {peers} --port validator={7510 + number} "
                f"--port peers={7500 + number}")
            self._unit(f"v{number}")
        status = f"wardline chain status --identity /root/governor {VALIDATORS}"
        self.wait_for("four validators are ready", lambda: (
            (d := self.machine.run(status, check=False)).returncode == 0, d.stdout + d.stderr), seconds=180)
        self.check(True, "four validators form a chain")

    def _center_and_custodian(self):
        chain = f"--genesis /etc/wardline/genesis.wlg {VALIDATORS}"
        self._enroll("center", "privacy-center", "center", "store")
        self._init("center", f"--role privacy_center {chain} --port privacy_center={CENTER_PORT}")
        self._unit("center")
        self._enroll("custodian", "custodian", "clinic", "records")
        self._init(
            "custodian", f"--role custodian {chain} --sharing --privacy-center https://localhost:{CENTER_PORT} "
            f"--port custodian={CUSTODIAN_PORT}")
        self._unit("custodian")

    def _gateway(self):
        self._token("gateway", "gateway", "clinic", "ward-1")
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
            f"chain:\n  genesis: /etc/wardline/genesis.wlg\n  validators:\n{urls}  window_seconds: 2\nEND\n"
            "systemctl restart wardline-agent")

    # What became of the data

    def require_delivered(self, stats, observations):
        """Everything sealed, receipted and anchored; the owner opens as many Observations as the agent has."""
        done = self.wait_for("everything sealed, delivered and anchored", lambda: (
            (s := stats(self.machine))["unsealedObservations"] == 0 and s["outboxEnvelopes"] == 0 and s["heldObservations"] == 0
            and s["waitingForAnchor"] == 0 and s["deliveredEnvelopes"] > 0,
            {k: v for k, v in s.items() if isinstance(v, int)}), seconds=300)
        self.check(done["outboxRefused"] == 0 and done["privacyCenterFaults"] == 0, "nothing was refused, nobody broke a promise")
        receipts = json.loads(self.machine.run(
            "export CREDENTIALS_DIRECTORY=/run/credentials/wardline-agent.service; wardline spool receipts --verify --json").stdout)
        self.check(receipts["receipts"] > 0 and receipts["failed"] == 0, f"{receipts['receipts']} receipts verify")
        opened = self.machine.run(as_node(
            f"wardline owner open --identity {STATE}/custodian/identity --directory {STATE}/custodian/custodian "
            f"--privacy-center https://localhost:{CENTER_PORT} --ids-only")).stdout.split()
        self.check(len(set(opened)) == len(opened) == observations, f"the owner opens {len(opened)} Observations, each once")
        for channel in ("access", "index"):
            self.machine.run(
                f"rm -f /root/{channel}.wlcx; wardline chain export --channel {channel} --output /root/{channel}.wlcx "
                f"--identity /root/governor --genesis /etc/wardline/genesis.wlg {VALIDATORS} && "
                f"wardline chain verify /root/{channel}.wlcx --genesis /etc/wardline/genesis.wlg", seconds=600)
        self.check(True, "both channels verify from the genesis on")

    def stop(self):
        """Stops all of it and takes away what it wrote, as an operator would before removing the packages; the agent works alone."""
        units = " ".join(f"wardline-node@{name}" for name in UNITS)
        self.machine.run(
            f"systemctl disable --now {units}; cp -p /root/agent.yaml /etc/wardline/agent.yaml && systemctl restart wardline-agent; "
            f"rm -rf {STATE}/* /etc/wardline/nodes/*.yaml /etc/wardline/genesis.wlg /root/governor")

    # Details

    def _init(self, name, options):
        self.machine.run(
            f"wardline node init --config /etc/wardline/nodes/{name}.yaml --state {STATE}/{name} --host localhost --yes {options} && "
            f"install -d -m 700 -o wardline-node -g wardline-node {STATE}/{name}")

    def _token(self, file, role, organization, name, host=""):
        self.machine.run(as_node(
            f"wardline ca token --directory {STATE}/ca/authority --role {role} --org {organization} --name {name} "
            f"{host} --output {STATE}/{file}.token"))

    def _enroll(self, folder, role, organization, name):
        self._token(folder, role, organization, name, "--host localhost")
        self.machine.run(
            f"install -d -m 700 -o wardline-node -g wardline-node {STATE}/{folder} && " + as_node(
                f"wardline enroll --authority https://localhost:{CA_PORT} --token-file {STATE}/{folder}.token "
                f"--directory {STATE}/{folder}/identity --host localhost"))

    def _unit(self, name):
        self.machine.run(as_node(f"wardline node check --config /etc/wardline/nodes/{name}.yaml"))
        # Returns when the ports are open.
        self.machine.run(f"systemctl enable --now wardline-node@{name}")

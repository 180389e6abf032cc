"""Sharing in a consortium in one Debian, from its packages and by the commands of docs/turn-on-sharing.md; used by package-test.

Five parties join the consortium of `package_consortium`, each an instance `wardline-node@NAME` of its own: a KGC, a privacy center
that issues keys and stores nothing, an attribute authority, and the two authorities of pseudonyms. Then a steward publishes what
the agent sealed, and a researcher of an institute gets it under a pseudonym.
"""

import json

from package_parties import CA_PORT, CENTER_PORT, CHAIN, CUSTODIAN_PORT, GENESIS, STATE, URLS, Parties, as_node

KGC_PORT, ISSUING_PORT, ATTRIBUTE_PORT, PSEUDONYM_PORT, REGISTRATION_PORT = 7530, 7531, 7532, 7533, 7534
UNITS = ["kgc", "issuing", "attributes", "pseudonyms", "registration"]
PARTIES = [("clinic:kgc:kgc", KGC_PORT), ("lab:privacy-center:issuing", ISSUING_PORT)]
ATTRIBUTE_AUTHORITY = "north:attribute-authority:attributes"
CUSTODIAN = f"https://localhost:{CUSTODIAN_PORT}"
CENTER = f"https://localhost:{CENTER_PORT}"
REGISTRATION_AUTHORITY = "south:registration-authority:registration"
PARAMETERS = "/etc/wardline/parameters.wly"
RULES = "/etc/wardline/rules.yaml"
POLICY = "role:researcher and purpose:study"
KEYWORD = "monitoring"
INSTITUTE = "/root/institute"
SHARE = f"{INSTITUTE}/share"
STEWARD = f"--custodian {CUSTODIAN} --identity /root/steward"
RESEARCHER = f"--consortium {INSTITUTE}/consortium.yaml --identity {INSTITUTE}/identity"
# What the steps leave besides the units' state.
LEFT = f"{PARAMETERS} {RULES} /root/steward /root/ceremony {INSTITUTE}"


class PackagedSharing(Parties):
    """The steps of docs/turn-on-sharing.md, in its order, on from a running `PackagedConsortium`."""

    # 1. Before the genesis

    def make_pseudonym_issuer(self):
        """The issuing key of pseudonyms; the option of `chain init` for it."""
        self.enroll("pseudonyms", "pseudonym-ca", "lab", "pseudonyms")
        key = f"{STATE}/pseudonyms/sealing.key"
        self.machine.run(as_node(f"wardline pseudonym keygen --output {key}"))
        self.machine.run(as_node(
            f"wardline pseudonym authority init --directory {STATE}/pseudonyms/pseudonyms --org lab --name pseudonyms "
            f"--sealing-key-file {key}"))
        return f"--pseudonym-issuer {STATE}/pseudonyms/pseudonyms/issuer.json"

    # 2. to 7. Parties, proofs of policies, whoever has data

    def start(self):
        self._start_parties()
        self.circuit = self._make_proof_keys()
        self._turn_on_authority_and_custodian()
        self._seal_under_dual_control()
        self._enroll_people()
        self.check(True, "key issuers, attribute authority, authorities of pseudonyms serve; the chain has the proofs' circuit")

    def _start_parties(self):
        parties = " ".join(f"--issuing-party {name}=https://localhost:{port}" for name, port in PARTIES)
        self._party("kgc", "kgc", "clinic", "kgc", "ibe", f"--role key_issuing {parties} --port key_issuing={KGC_PORT}")
        self._party(
            "issuing", "privacy-center", "lab", "issuing", "ibe",
            f"--role key_issuing {parties} --port key_issuing={ISSUING_PORT}")
        self._party(
            "attributes", "attribute-authority", "north", "attributes", "abe",
            f"--role attribute_authority --port attribute_authority={ATTRIBUTE_PORT}")
        self.init(
            "pseudonyms", f"--role pseudonym_authority {CHAIN} --registration-authority {REGISTRATION_AUTHORITY} "
            f"--port pseudonym_authority={PSEUDONYM_PORT}")
        self.unit("pseudonyms")
        self._party(
            "registration", "registration-authority", "south", "registration", "pseudonym",
            f"--role registration_authority --pseudonym-authority https://localhost:{PSEUDONYM_PORT} "
            f"--port registration_authority={REGISTRATION_PORT}")
        setup = " ".join(f"--party {name}=https://localhost:{port}" for name, port in PARTIES)
        self.machine.run(
            f"wardline ibe setup --identity /root/governor --genesis {GENESIS} --epoch 0 {setup} --output {PARAMETERS} && "
            f"chmod 644 {PARAMETERS}")

    def _party(self, folder, role, organization, name, keygen, options):
        self.enroll(folder, role, organization, name)
        self.machine.run(as_node(f"wardline {keygen} keygen --output {STATE}/{folder}/sealing.key"))
        self.init(folder, f"{CHAIN} {options}")
        self.unit(folder)

    def _make_proof_keys(self):
        """Holds the ceremony and has the chain take its circuit; the circuit's identifier."""
        members = " ".join(f"--member {name}" for name in ("clinic", "lab"))
        # Takes minutes of both processors.
        self.machine.run(
            f"install -d -m 700 {INSTITUTE} && wardline ceremony rehearse --directory /root/ceremony --circuit universal "
            f"--label package-test {members} --output {INSTITUTE}/proof-keys", seconds=1800)
        governor = f"--identity /root/governor {CHAIN}"
        proposed = self.machine.run(f"wardline chain propose register-circuit {INSTITUTE}/proof-keys {governor}")
        self.machine.run(f"wardline chain approve {proposed.stdout.split()[-1]} {governor}")
        return (proposed.stdout + proposed.stderr).split("circuit ", 1)[1].split()[0]

    def _turn_on_authority_and_custodian(self):
        self.init("ca", f"--force --role authority {CHAIN} --port authority={CA_PORT}")
        self.machine.run(
            f"cat > {RULES} <<'END'\nversion: 1\nrules:\n  - name: proven requests\n    kinds: [proven]\n    action: grant\n"
            f"    days_max: 30\nEND\nchmod 644 {RULES} && wardline steward rules check {RULES}")
        self.init(
            "custodian", f"--force --role custodian {CHAIN} --sharing --rules {RULES} --attribute-authority {ATTRIBUTE_AUTHORITY} "
            f"--privacy-center {CENTER} --port custodian={CUSTODIAN_PORT}")
        for name in ("ca", "custodian"):
            self.machine.run(as_node(f"wardline node check --config /etc/wardline/nodes/{name}.yaml"))
            self.machine.run(f"systemctl restart wardline-node@{name}")

    def _seal_under_dual_control(self):
        self.machine.run(
            f"sed -i 's#^uplink:#&\\n  identity_parameters: {PARAMETERS}#' /etc/wardline/agent.yaml && "
            "systemctl restart wardline-agent")

    def _enroll_people(self):
        for name, role, organization, folder, attributes in (
            ("officer", "steward", "clinic", "/root/steward", ""),
            ("ada", "researcher", "institute", f"{INSTITUTE}/identity", "--attribute purpose:study"),
        ):
            self.token(name, role, organization, name, attributes)
            self.machine.run(
                f"wardline enroll --authority https://localhost:{CA_PORT} --token-file {STATE}/{name}.token --directory {folder}")
        validators = "".join(f"  - '{url}'\n" for url in URLS)
        self.machine.run(
            f"cat > {INSTITUTE}/consortium.yaml <<'END'\nversion: 1\ngenesis: {GENESIS}\nvalidators:\n{validators}"
            f"privacy_centers:\n  - {{name: 'center:privacy-center:store', url: '{CENTER}'}}\n"
            f"custodians:\n  - {{name: 'clinic:custodian:records', url: '{CUSTODIAN}'}}\n"
            f"attribute_authority: {{name: '{ATTRIBUTE_AUTHORITY}', url: 'https://localhost:{ATTRIBUTE_PORT}'}}\n"
            f"registration_authority: {{name: '{REGISTRATION_AUTHORITY}', url: 'https://localhost:{REGISTRATION_PORT}'}}\n"
            f"identity_keys: [{PARAMETERS}]\nproof_keys: proof-keys\nEND")

    # 8. A share

    def share(self):
        """The steward publishes all there is; the researcher finds it, proves that she may, and opens what the owner opens."""
        dataset = self.machine.run(
            f"wardline steward publish {STEWARD} --label '*' --policy '{POLICY}' --circuit {self.circuit} "
            f"--permission-seconds 86400 --keyword {KEYWORD} --wait").stdout.split()[-1]
        # One for each scope: there is one gateway.
        self.wait_for("an index key of each scope", lambda: (min(counts := self._index_keys(dataset), default=0) > 0, counts))
        self.machine.run(
            f"wardline pseudonym request {RESEARCHER} --count 4 && "
            f"wardline credential request --identity {INSTITUTE}/identity --output {INSTITUTE}/ada.credential")
        found = self.machine.run(f"wardline share catalog {RESEARCHER} --keyword {KEYWORD} --json").stdout
        self.check(
            [json.loads(line)["dataset"] for line in found.splitlines()] == [dataset], "the researcher finds the data set by a word")
        self.machine.run(
            f"wardline share request {RESEARCHER} --dataset {dataset} --purpose study "
            f"--credential {INSTITUTE}/ada.credential --output {SHARE}")
        self.require_same_as_owner("under a pseudonym, with a proof of the policy")

    def require_same_as_owner(self, when):
        """Fetches what there is by now; it is what the owner opens, and the folder proves itself."""
        # Exit code 3 says that something is waited for.
        self.wait_for("the share", lambda: (
            (d := self.machine.run(f"wardline share fetch {SHARE} {RESEARCHER} --wait 60", check=False)).returncode == 0,
            d.stdout + d.stderr), seconds=300)
        lines = self.machine.run(f"cat {SHARE}/data/Observation.ndjson").stdout.splitlines()
        received = sorted(json.loads(line)["id"] for line in lines)
        opened = sorted(self.opened_by_owner())
        self.check(received == opened and len(received) > 0, f"the researcher has the owner's {len(received)} Observations, {when}")
        traced = self.machine.run(f"wardline trace --offline {SHARE} --genesis {GENESIS}").stdout
        steps = traced.count(" verified ")
        self.check(steps > 0, f"trace --offline confirms {steps} steps from the share's folder and the genesis alone")

    def require_kept(self):
        """After upgrade and rollback: the share stands as it was, and what came meanwhile follows under the same permission."""
        self.machine.run(f"wardline share verify {SHARE} --genesis {GENESIS}")
        self.machine.run(f"wardline share status {SHARE} {RESEARCHER}")
        self.require_same_as_owner("also those that came during upgrade and rollback")

    def _index_keys(self, dataset):
        """How many gateways' index keys are sealed, for each scope of the data set."""
        answer = json.loads(self.machine.run(f"wardline steward datasets {STEWARD} --json").stdout)
        return [scope["index_keys"] for each in answer["datasets"] if each["dataset"] == dataset for scope in each["scopes"]]

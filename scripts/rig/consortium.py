"""An institution's servers as child processes: authority, custodian, privacy centers, and enrolled identities."""

import json
import ssl
import subprocess
import time
import urllib.error
import urllib.request

from .paths import program
from .processes import Process, free_port, wait_for_port

ORGANIZATION = "demo"
POLICY = "role:researcher and purpose:study"


class Node(Process):
    """`wardline node` with one role; its configuration is one section of node.yaml."""

    def __init__(self, folder, name, port, section):
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(folder / f"{name}.log")
        self.folder = folder
        self.name = name
        self.port = port
        self.configuration = folder / f"{name}.yaml"
        self.configuration.write_text(f"version: 1\n{section}log: {{level: info, format: text}}\n")
        self.configuration.chmod(0o600)

    @property
    def url(self):
        return f"https://localhost:{self.port}"

    def start(self):
        super().start([program("wardline"), "node", "run", "--config", self.configuration])
        wait_for_port(self.port, self, seconds=60)
        return self


class Institution:
    """What is asked of an institution's servers, however they were started: the owner's commands, an agent's settings.

    Whoever derives from it has `center_organization`, `centers`, `custodian`, `owner` (the custodian's identity directory) and
    `custodian_directory`.
    """

    def uplink_yaml(self, identity, copies=1, parameters=None):
        """The `uplink` section of an agent's configuration; under dual control with a file of parameters."""
        centers = "".join(
            f"    - {{name: '{self.center_organization}:privacy-center:{node.name}', url: '{node.url}'}}\n" for node in self.centers
        )
        return (
            f"uplink:\n  identity: {identity}\n  custodian: '{self.custodian.url}'\n"
            f"  privacy_centers:\n{centers}  copies: {copies}\n"
            f"  policy: '{POLICY}'\n"
            + (f"  identity_parameters: {parameters}\n" if parameters else "")
        )

    def open_envelopes(self, output, *options, center=0):
        """Decrypts everything at a privacy center with the owner's keys into an NDJSON file; the summary."""
        words = [
            "owner", "open", "--identity", self.owner, "--directory", self.custodian_directory, "--privacy-center",
            self.centers[center].url, "--output", output, "--json", *options,
        ]
        return json.loads(self.wardline(*words))

    def scope_labels(self):
        """The labels of all scopes of readings, which privacy centers see."""
        words = ["scope", "list", "--identity", self.owner, "--directory", self.custodian_directory, "--json"]
        labels = [json.loads(line)["label"] for line in self.wardline(*words).splitlines()]
        return [label for label in labels if ".accounts" not in label]

    def wardline(self, *words):
        """The output of a `wardline` command."""
        full = [program("wardline"), *map(str, words)]
        result = subprocess.run(full, capture_output=True, text=True)
        if result.returncode != 0:
            raise RuntimeError(f"{' '.join(full)}: {result.stderr or result.stdout}")
        return result.stdout


class Consortium(Institution):
    """One organization with an authority, a custodian and some privacy centers, each a process of its own."""

    center_organization = ORGANIZATION

    def __init__(self, folder, centers=1):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.authority_directory = folder / "authority"
        self._make_authority()
        self.custodian = None
        self.centers = []
        self._center_count = centers

    # Running

    def start(self):
        """Starts the authority, enrols the servers and starts them."""
        self.authority.start()
        names = [f"cpc-{number}" for number in range(1, self._center_count + 1)]
        for name in names:
            self.centers.append(self._privacy_center(name).start())
        self.custodian = self._custodian().start()
        return self

    def terminate(self):
        for node in [self.custodian, *self.centers, self.authority]:
            if node:
                node.terminate()

    # Enrolment

    def enroll(self, role, name, *options):
        """An identity directory with certificates of this role; the same one at a second call."""
        directory = self.folder / f"identity-{name}"
        if directory.exists():
            return directory
        token = self.folder / f"{name}.token"
        self.wardline(
            "ca", "token", "--directory", self.authority_directory, "--org", ORGANIZATION, "--role", role, "--name", name,
            "--output", token, *options,
        )
        self._enroll_when_let("--authority", self.authority.url, "--token-file", token, "--directory", directory, *options)
        return directory

    def _enroll_when_let(self, *words):
        """`wardline enroll`; an authority takes some requests a second, and says so."""
        for attempt in range(20):
            try:
                return self.wardline("enroll", *words)
            except RuntimeError as refusal:
                if "too-many-requests" not in str(refusal) or attempt == 19:
                    raise
                time.sleep(1)

    # Asking

    def request(self, node, path, identity, method="GET", body=None):
        """(status, bytes) of a request to a node under an identity."""
        context = ssl.create_default_context(cafile=str(identity / "current" / "roots.pem"))
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(identity / "current" / "tls.crt", identity / "current" / "tls.key")
        request = urllib.request.Request(node.url + path, data=body, method=method)
        try:
            with urllib.request.urlopen(request, context=context, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read()

    # Details

    def _make_authority(self):
        port = free_port()
        self.wardline(
            "ca", "init", "--directory", self.authority_directory, "--org", ORGANIZATION, "--host", "localhost", "--port",
            port,
        )
        section = f"authority:\n  directory: {self.authority_directory}\n  listen: '127.0.0.1:{port}'\n"
        self.authority = Node(self.folder, "authority", port, section)

    def _privacy_center(self, name):
        identity = self.enroll("privacy-center", name, "--host", "localhost")
        port = free_port()
        store = self.folder / f"{name}-store"
        section = (
            f"privacy_center:\n  identity: {identity}\n  listen: '127.0.0.1:{port}'\n"
            f"  store: {{sqlite: {store}}}\n  chain: none\n"
        )
        return Node(self.folder, name, port, section)

    def _custodian(self):
        self.owner = self.enroll("custodian", "records", "--host", "localhost")
        self.custodian_directory = self.folder / "custodian-state"
        port = free_port()
        centers = "".join(f"    - '{node.url}'\n" for node in self.centers)
        section = (
            f"custodian:\n  identity: {self.owner}\n  directory: {self.custodian_directory}\n"
            f"  listen: '127.0.0.1:{port}'\n  privacy_centers:\n{centers}"
        )
        return Node(self.folder, "custodian", port, section)

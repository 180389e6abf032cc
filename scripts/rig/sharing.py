"""What people do when data are shared: a steward publishes, a requester asks and fetches, a patient consents."""

import json
import re
import subprocess
import time

from .paths import program


class Sharing:
    """The commands of stewards, patients and requesters of a `rig.dev.Dev`."""

    def __init__(self, dev, folder):
        self.dev = dev
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.consortium = dev.folder / "consortium.yaml"

    # The hospital

    def publish(self, policy, keyword, circuit=None, permission_seconds=86_400, label="*", steward="steward-1", **options):
        """Publishes the scopes with these labels; the data set's identifier."""
        words = ["publish", "--label", label, "--policy", policy, "--keyword", keyword, "--wait"]
        if circuit:
            words += ["--circuit", circuit, "--permission-seconds", permission_seconds]
        for name, value in options.items():
            words += [f"--{name.replace('_', '-')}", value]
        return self.steward(*words, steward=steward).split()[-1]

    def steward(self, *words, steward="steward-1"):
        identity = self.dev.identity(steward)
        return self.dev.wardline("steward", *words, "--custodian", self.dev.custodian.url, "--identity", identity)

    def index_keys(self, dataset):
        """How many gateways' index keys are sealed for a data set."""
        answer = json.loads(self.steward("datasets", "--json"))
        found = next(each for each in answer["datasets"] if each["dataset"] == dataset)
        return sum(scope["index_keys"] for scope in found["scopes"])

    def wait_for_index_keys(self, dataset, count, seconds=300):
        deadline = time.monotonic() + seconds
        while self.index_keys(dataset) < count:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.index_keys(dataset)} of {count} index keys of {dataset} are sealed")
            time.sleep(0.5)

    # The institute

    def pseudonyms(self, count=8, requester="researcher-1"):
        """Gets pseudonyms into a requester's wallet."""
        return self.dev.wardline(
            "pseudonym", "request", "--identity", self.dev.identity(requester), "--consortium", self.consortium, "--count", count,
        )

    def credential(self, requester="researcher-1"):
        """The file of a requester's credential, which she gets the first time."""
        path = self.folder / f"{requester}.credential"
        if not path.exists():
            self.dev.wardline("credential", "request", "--identity", self.dev.identity(requester), "--output", path)
        return path

    def catalog(self, keyword, requester="researcher-1"):
        """The identifiers of the data sets with a keyword."""
        words = ["share", "catalog", "--keyword", keyword, "--json", *self._as(requester)]
        return [json.loads(line)["dataset"] for line in self.dev.wardline(*words).splitlines()]

    def request(self, name, *words, requester="researcher-1"):
        """Asks into a new folder; the finished process."""
        return self.run("request", *words, "--output", self.folder / name, requester=requester)

    def fetch(self, name, *words, requester="researcher-1"):
        return self.run("fetch", self.folder / name, *words, requester=requester)

    def status(self, name, requester="researcher-1"):
        result = self.run("status", self.folder / name, "--json", requester=requester)
        return json.loads(result.stdout) if result.returncode == 0 else {"error": result.stderr}

    def observations(self, name):
        """The lines of a share's data."""
        return sorted((self.folder / name / "data" / "Observation.ndjson").read_bytes().splitlines())

    def run(self, verb, *words, requester="researcher-1"):
        """A command `wardline share …` that may fail."""
        full = [program("wardline"), "share", verb, *words, *self._as(requester)]
        return subprocess.run(list(map(str, full)), capture_output=True, text=True)

    # Patients

    def hold(self, label_prefix, patient="patient-1"):
        """The custodian names a patient the holder of a pseudonym's scopes; waits for the chain."""
        name = f"{self.dev.hospital}:patient:{patient}"
        self.steward("holder", "--patient", name, "--label-prefix", label_prefix)
        deadline = time.monotonic() + 60
        while not self.consent("scopes", patient=patient).split():
            if time.monotonic() > deadline:
                raise RuntimeError(f"the chain does not name {name} the holder of {label_prefix}")
            time.sleep(0.5)

    def consent(self, verb, *words, patient="patient-1"):
        """The output of `wardline consent …`, or of `wardline share offer`."""
        command = ["share", verb] if verb == "offer" else ["consent", verb]
        chain = ["--identity", self.dev.identity(patient), *self.dev.chain_options()]
        return self.dev.wardline(*command, *words, *chain)

    # Anybody

    def audit(self, *words, party="operator-1"):
        """The entries of `wardline audit`, read from the validators."""
        chain = ["--identity", self.dev.identity(party), *self.dev.chain_options()]
        return [json.loads(line) for line in self.dev.wardline("audit", "--json", *words, *chain).splitlines()]

    def _as(self, requester):
        return ["--consortium", self.consortium, "--identity", self.dev.identity(requester)]


def circuit_of(dev, seconds=1_800):
    """The circuit that a consortium with a ceremony registers, once it is there, or registered before a restart."""
    line = re.compile(r"policy proofs(?:: keys in|, keys) \S+, circuit (\S+)")
    found = line.search(dev.log.read_text())
    if not found:
        dev.wait_for_line("policy proofs: keys in", seconds)
        found = line.search(dev.log.read_text())
    return found[1]

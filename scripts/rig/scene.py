"""Scopes with many small envelopes, a requester, and what her commands took: for the benchmark and the soak of sharing."""

import json
import os
import resource
import subprocess
import time
from collections import namedtuple

from .agent import Agent
from .broker import Broker
from .consortium import POLICY
from .paths import program
from .servers import processor_seconds, server_processes
from .sharing import Sharing, circuit_of
from .ward import Ward

READINGS_PER_MESSAGE = 4
Run = namedtuple("Run", "started ended processor code text")


class Scene:
    """One hospital with an agent whose every message becomes an envelope, and a researcher with a credential."""

    def __init__(self, folder, dev, stack):
        self.folder = folder
        self.dev = dev
        self.broker = Broker(folder / "broker")
        self.sharing = Sharing(dev, folder / "institute-b")
        envelope = f"  envelope: {{readings_max: {READINGS_PER_MESSAGE}, age_seconds_max: 1}}\n"
        uplink = dev.uplink_yaml(dev.identity("gateway-1"), parameters=dev.parameters) + envelope + dev.chain_yaml()
        # What is timed is from the anchor on: a window is anchored soon.
        uplink = uplink.replace("window_seconds: 2", "window_seconds: 1")
        self.agent = Agent(folder / "agent", self.broker, uplink=uplink)
        self.beds = 0
        self.messages = {}
        self.broker.start()
        stack.callback(self.broker.terminate)
        self.agent.start()
        stack.callback(self.agent.terminate)
        self.agent.wait_until_ready()

    def prepare(self, pseudonyms=0):
        """Waits for the ceremony; so many pseudonyms and a credential for the first researcher, if she is to ask."""
        self.circuit = circuit_of(self.dev)
        if pseudonyms:
            self.sharing.pseudonyms(pseudonyms)
            self.sharing.credential()

    # Data

    def scope(self, messages, rate=200):
        """A patient of her own with so many anchored envelopes; the name of her ward and her published scope."""
        self.beds += 1
        ward = f"ward-{self.beds}"
        self.agent.command("associate", "add", "--bed", f"{ward}/1", "--patient", f"patient-{self.beds}")
        before = {scope["digest"] for scope in self.dev.scopes()}
        self.send(ward, messages, rate)
        self.wait_until_anchored()
        scope = next(scope for scope in self.dev.scopes() if scope["digest"] not in before)
        dataset = self.sharing.publish(POLICY, f"keyword-{self.beds}", self.circuit, label=scope["label"])
        self.sharing.wait_for_index_keys(dataset, 1)
        return ward, scope

    def send(self, ward, messages, rate=200):
        """Publishes messages of the bed of a ward; each makes one envelope."""
        first = self.messages.get(ward, 0) + 1
        self.messages[ward] = first - 1 + messages
        Ward(self.folder, self.broker, name=f"{ward}-{first}").run(
            "--ward", ward, "--beds", 1, "--present-only", "--count", messages, "--rate", rate, "--first-sequence", first,
            "--client-id", ward,
        )

    def wait_until_anchored(self, seconds=300):
        self.agent.wait_until_drained(seconds, quiet=1.0)
        self.agent.wait_until_delivered(seconds)
        self.agent.wait_until_anchored(seconds)

    # The requester

    def words(self, verb, *words, requester="researcher-1"):
        return [program("wardline"), "share", verb, *map(str, words), *map(str, self.sharing._as(requester))]

    def request(self, name, scope, requester="researcher-1"):
        """Asks for a scope with a proof; under a pseudonym that was never used."""
        words = ["--scope", scope["digest"], "--purpose", "study", "--credential", self.sharing.credential(requester)]
        return self.timed(self.words("request", *words, "--output", self.path(name), requester=requester))

    def fetch(self, name, *options):
        return self.timed(self.words("fetch", self.path(name), "--wait", 60, *options))

    def path(self, name):
        return self.sharing.folder / name

    @staticmethod
    def timed(words):
        """Runs a command to its end: wall clock and its own processor time."""
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.time()
        result = subprocess.run(words, capture_output=True, text=True)
        ended, after = time.time(), resource.getrusage(resource.RUSAGE_CHILDREN)
        processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Run(started, ended, processor, result.returncode, result.stdout + result.stderr)

    def good(self, run):
        if run.code != 0:
            raise RuntimeError(f"exit code {run.code}: {run.text}")
        return run

    def status(self, name):
        words = self.words("status", self.path(name), "--offline", "--json")
        return json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)

    # What servers do meanwhile

    def processor_seconds(self):
        """Of each kind of server, those of a kind together."""
        kinds = {}
        for name, pid in server_processes(self.dev).items():
            kind = name.rstrip("0123456789").rstrip("-")
            kinds[kind] = kinds.get(kind, 0) + processor_seconds(pid)
        kinds["agent"] = processor_seconds(self.agent.pid)
        return kinds


def file_times(folder, since=0.0):
    """When the files of a share came, by kind: the first and the last of those since a time.

    Files are written whole under another name, so that their time is that of their last byte.
    """
    times = {}
    for path, _, names in os.walk(folder):
        for name in names:
            kind = kind_of(os.path.relpath(os.path.join(path, name), folder))
            try:
                when = os.stat(os.path.join(path, name)).st_mtime
            except FileNotFoundError:
                continue
            if kind and when >= since:
                first, last = times.get(kind, (when, when))
                times[kind] = (min(first, when), max(last, when))
    return times


def kind_of(name):
    """What a file of a share is; None for one that does not matter."""
    parts = name.split(os.sep)
    if parts[0] == "secrets":
        return parts[1].split("-")[0] + " key"
    if parts[0] == "scopes" and len(parts) == 4:
        return parts[2]
    if parts[0] == "scopes" and len(parts) == 3:
        return parts[2].split(".")[0] + (" record" if parts[2] == "grant.wltp" else "")
    return {"share.json": "folder", "data/Observation.ndjson": "data", "provenance.sig": "provenance"}.get(name)

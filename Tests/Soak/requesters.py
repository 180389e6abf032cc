#!/usr/bin/env python3
"""Many requesters at once over many envelopes, under pseudonyms of a few researchers.

Every requester has proven the policy and has a permission of her own, under a pseudonym of her own, for one of some scopes.
All fetch at the same time, wave after wave, each time from nothing but the request. Most must get exactly what the owner can
open; some had their permission revoked, some try with another's request, some cannot prove the policy: these must get
nothing, and be told why. Memory of all servers has to stay flat. One line of JSON; exit code 1 if something was not as it
should be.
"""

import argparse
import collections
import hashlib
import json
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from rig.dev import Dev  # noqa: E402
from rig.paths import program  # noqa: E402
from rig.processes import exit_on_sigterm  # noqa: E402
from rig.scene import Scene  # noqa: E402
from rig.servers import memory_kilobytes, server_processes  # noqa: E402

# A credential proves 32 times in an epoch; some are left for a repeated request.
PROOFS_PER_RESEARCHER = 28
# Proving takes both processors.
PROVERS = 2
# Transactions a second in either channel, while a chain is made to look old.
AGING_RATE = 150
# Blocks from one snapshot to the next, and what a validator keeps of the state in memory while it sorts it.
SNAPSHOT_EVERY, SNAPSHOT_KIB = 10_000, 32 << 10
# After each wave nobody asks for so long; what a server takes then, it keeps.
RESTING_SECONDS = 10
# Exit code of `wardline share fetch` that waits for somebody.
WAITING = 3
# What the commands of those who must get nothing say.
REFUSALS = {"revoked": "revoked", "foreign": "no (key|certificate)|another certificate|pseudonym", "unsatisfied": "not-provable"}


def main():
    exit_on_sigterm()
    parser = argparse.ArgumentParser(prog="scripts/soak --requesters", description=__doc__.splitlines()[0])
    add_options(parser)
    arguments = parser.parse_args()
    with ExitStack() as stack:
        temporary = tempfile.TemporaryDirectory(prefix="wardline-requesters-", dir="/var/tmp")
        folder = arguments.keep or Path(stack.enter_context(temporary))
        dev = Dev(folder / "consortium", ceremony=True, cache=arguments.cache)
        stack.callback(dev.terminate)
        dev.start()
        report = Requesters(Scene(folder, dev, stack), arguments).run()
    print(json.dumps(report), flush=True)
    return 0 if report["ok"] else 1


def add_options(parser):
    parser.add_argument("--requesters", type=int, default=200, help="requesters (default 200)")
    parser.add_argument("--at-once", type=int, help="of them at the same time (default all)")
    parser.add_argument("--envelopes", type=int, default=10_000, help="envelopes of all scopes (default 10,000)")
    parser.add_argument("--scopes", type=int, default=20, help="scopes, of which each requester wants one (default 20)")
    parser.add_argument("--waves", type=int, default=6, help="how often everybody fetches (default 6)")
    parser.add_argument("--refused", type=int, default=10, help="percent of each kind that must get nothing (default 10)")
    parser.add_argument("--growth", type=int, default=4, help="MiB by which memory may grow in the last third (default 4)")
    parser.add_argument("--cache", metavar="MIB", type=int, help="cache_bytes of the validators: 4 is full soon; what grows is no cache")
    parser.add_argument("--aged", metavar="COUNT", type=int, default=0, help="transactions of either channel before the waves")
    parser.add_argument("--patience", type=int, default=1_800, help="seconds that a fetch may take")
    parser.add_argument("--keep", type=Path, help="keep all files in this folder")


class Requester:
    """One request, and what must become of it."""

    def __init__(self, number, kind, researcher, scope):
        self.name = f"share-{number}"
        self.kind = kind
        self.researcher = researcher
        self.scope = scope
        self.fetches_as = researcher


class Requesters:
    def __init__(self, scene, arguments):
        self.scene = scene
        self.dev = scene.dev
        self.sharing = scene.sharing
        self.arguments = arguments
        self.memory = Memory(self.dev)
        self.wrong = collections.Counter()
        self.examples = {}
        self.repeated = 0
        self.lock = threading.Lock()

    def run(self):
        self.scene.prepare()
        scopes = self._fill()
        requesters = self._requesters(scopes)
        began = time.monotonic()
        with ThreadPoolExecutor(PROVERS) as pool:
            list(pool.map(self._ask_all, self._by_researcher(requesters)))
        asked = time.monotonic() - began
        for requester in requesters:
            if requester.kind == "revoked":
                self._revoke(requester)
        fetching = [requester for requester in requesters if requester.kind != "unsatisfied"]
        self._age(self.arguments.aged)
        seconds = []
        with self.memory:
            for wave in range(self.arguments.waves):
                self._say(f"wave {wave + 1}/{self.arguments.waves}: {len(fetching)} requesters")
                began = time.monotonic()
                with ThreadPoolExecutor(self.arguments.at_once or len(fetching)) as pool:
                    list(pool.map(lambda requester: self._fetch(requester, wave), fetching))
                seconds.append(time.monotonic() - began)
                time.sleep(RESTING_SECONDS)
                self.memory.end_wave()
        return self._report(requesters, asked, seconds)

    # Before

    def _fill(self):
        """Scopes with their envelopes; what the owner reads of each."""
        count = self.arguments.envelopes // self.arguments.scopes
        scopes = []
        for number in range(self.arguments.scopes):
            self._say(f"scope {number + 1}/{self.arguments.scopes}: {count} envelopes")
            _, scope = self.scene.scope(count, rate=400)
            opened = self.scene.folder / "opened.ndjson"
            self.dev.open_envelopes(opened, "--label", scope["label"], "--epoch", scope["epoch"])
            scopes.append(scope | {"content": digest_of(opened)})
            opened.unlink()
        return scopes

    def _requesters(self, scopes):
        """Who asks for what; researchers are enrolled for them."""
        kinds = []
        share = max(1, self.arguments.requesters * self.arguments.refused // 100) if self.arguments.refused else 0
        for kind in REFUSALS:
            kinds += [kind] * share
        kinds += ["served"] * (self.arguments.requesters - len(kinds))
        requesters, proofs, researcher = [], PROOFS_PER_RESEARCHER, ""
        for number, kind in enumerate(kinds):
            scope = scopes[number % len(scopes)]
            if kind == "unsatisfied":
                requesters.append(Requester(number, kind, "researcher-2", scope))
                continue
            if proofs == PROOFS_PER_RESEARCHER:
                researcher, proofs = self._researcher(number), 0
            proofs += 1
            requesters.append(Requester(number, kind, researcher, scope))
            if kind == "foreign":
                requesters[-1].fetches_as = "researcher-2"
        self.sharing.pseudonyms(share + 1, requester="researcher-2")
        self.sharing.credential("researcher-2")
        return requesters

    def _researcher(self, number):
        """Enrols a researcher whose attributes satisfy the policy, with pseudonyms and a credential."""
        name = f"researcher-x{number}-{int(time.time())}"
        authority = re.search(r"^  authority +(https://\S+)", self.dev.log.read_text(), re.MULTILINE)[1]
        token = self.scene.folder / f"{name}.token"
        self.dev.identity(name).parent.mkdir(parents=True, exist_ok=True)
        self.dev.wardline(
            "ca", "token", "--directory", self.dev.folder / "authority" / "state", "--org", self.dev.institute, "--role",
            "researcher", "--name", name, "--output", token, "--attribute", "purpose:study",
        )
        self.dev.wardline("enroll", "--authority", authority, "--token-file", token, "--directory", self.dev.identity(name))
        self.sharing.pseudonyms(PROOFS_PER_RESEARCHER + 2, requester=name)
        self.sharing.credential(name)
        return name

    @staticmethod
    def _by_researcher(requesters):
        """Two requests with one credential at the same time would take the same slot."""
        groups = {}
        for requester in requesters:
            groups.setdefault(requester.researcher, []).append(requester)
        return groups.values()

    def _ask_all(self, requesters):
        for requester in requesters:
            self._ask(requester)

    def _ask(self, requester):
        run = self.scene.request(requester.name, requester.scope, requester.researcher)
        if requester.kind == "unsatisfied":
            self._note_refused(requester, run.code, run.text, has_data=False)
        elif run.code != 0:
            self._note("not permitted", requester, run.text)

    def _revoke(self, requester):
        permission = self.scene.status(requester.name)["scopes"][0]["permission"]
        self.sharing.steward("revoke", "--permission", permission)

    # Fetching

    def _fetch(self, requester, wave):
        """Fetches from a folder in which there is nothing but the request."""
        name = f"{requester.name}-{wave}"
        folder = self.scene.path(name)
        shutil.copytree(self.scene.path(requester.name), folder)
        deadline = time.monotonic() + self.arguments.patience
        words = self.scene.words("fetch", folder, "--wait", 60, requester=requester.fetches_as)
        run = self.scene.timed(words)
        while requester.kind == "served" and run.code == WAITING and time.monotonic() < deadline:
            # Whoever is told to wait gives the command again; it goes on from what is there.
            with self.lock:
                self.repeated += 1
                self.examples.setdefault("waited", run.text[-600:])
            # People do not all come back at once; starting programs would take the processors from those who are served.
            time.sleep(random.uniform(5, 20))
            run = self.scene.timed(words)
        data = folder / "data" / "Observation.ndjson"
        if requester.kind != "served":
            self._note_refused(requester, run.code, run.text, has_data=data.exists() or any(folder.glob("scopes/*/records/*")))
        elif run.code != 0:
            self._note("not served", requester, run.text)
        elif digest_of(data) != requester.scope["content"]:
            self._note("other data than the owner's", requester, run.text)
        shutil.rmtree(folder)

    def _note_refused(self, requester, code, text, has_data):
        if has_data:
            self._note(f"{requester.kind}, and got data", requester, text)
        elif code == 0 or not re.search(REFUSALS[requester.kind], text):
            self._note(f"{requester.kind}, not refused as it should be ({code})", requester, text)

    def _note(self, what, requester, text):
        with self.lock:
            self.wrong[what] += 1
            self.examples.setdefault(what, f"{requester.name}: {text[-600:]}")

    def _age(self, count):
        """What a validator remembers of its last transactions is full then, and grows no more."""
        loads = []
        for channel, party in [("index", "gateway-1"), ("access", "operator-1")] if count else []:
            words = [program("wardline-bench"), "chain-load", *self.dev.chain_options(), "--identity", self.dev.identity(party)]
            words += ["--channel", channel, "--rate", AGING_RATE, "--seconds", count / AGING_RATE]
            loads.append(subprocess.Popen(list(map(str, words)), stdout=subprocess.DEVNULL))
        if any([load.wait() for load in loads]):
            raise SystemExit("the chain could not be loaded")

    # After

    def _report(self, requesters, asked, seconds):
        count = self.arguments.envelopes // self.arguments.scopes
        served = sum(requester.kind == "served" for requester in requesters)
        memory = self.memory.judged(self.arguments.growth * 1_024)
        return {
            "ok": not self.wrong and all(entry["flat"] for entry in memory.values()),
            "requesters": dict(collections.Counter(requester.kind for requester in requesters)),
            "researchers": len({requester.researcher for requester in requesters}),
            "envelopes": count * self.arguments.scopes,
            "asked_seconds": round(asked, 1),
            "wave_seconds": [round(value, 1) for value in seconds],
            "envelopes_per_second": [round(served * count / value) for value in seconds],
            "repeated": self.repeated,
            "wrong": dict(self.wrong),
            "examples": self.examples,
            "heights": self.memory.heights,
            "memory": memory,
        }

    @staticmethod
    def _say(text):
        print(text, file=sys.stderr, flush=True)


class Memory:
    """Samples what all servers of a consortium take, twice a second, wave by wave."""

    def __init__(self, dev):
        self.dev = dev
        self.samples = {}
        self.ends = []
        # Of the channels, before the first wave and after each.
        self.heights = []
        self.ended = threading.Event()

    def __enter__(self):
        self.heights.append(self.dev.heights())
        self.processes = server_processes(self.dev)
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()

    def _watch(self):
        while not self.ended.wait(0.5):
            for name, pid in self.processes.items():
                try:
                    taken = memory_kilobytes(pid, "RssAnon", "VmRSS")
                except (FileNotFoundError, ProcessLookupError):
                    # A server that ended: the requesters tell it.
                    continue
                self.samples.setdefault(name, []).append((taken["RssAnon"], taken["VmRSS"]))

    def end_wave(self):
        """What comes now is of the next wave."""
        self.heights.append(self.dev.heights())
        self.ends.append({name: len(samples) for name, samples in self.samples.items()})

    def _waves(self, name, samples):
        """What was sampled in each wave."""
        borders = [0] + [ends.get(name, 0) for ends in self.ends]
        return [samples[first:last] for first, last in zip(borders, borders[1:]) if first < last]

    def judged(self, growth):
        """Of each server what it took at the end of each wave, at rest, and at most in each wave, KiB.

        In the first third of the waves caches fill. Flat: at rest it takes no more in the last third than in the middle one
        but `growth`. The largest value tells how many transfers happened to meet; it may be larger by a quarter. In a wave
        in which a validator writes a snapshot it may have the sorted state in memory as well, up to `SNAPSHOT_KIB`.
        """
        judged, snapshots = {}, self._snapshots()
        for name, samples in sorted(self.samples.items()):
            waves = self._waves(name, samples)
            rest, largest = [wave[-1][0] for wave in waves], [max(anon for anon, _ in wave) for wave in waves]
            beside = snapshots if name.startswith("validator-") else set()
            others = [kib - (SNAPSHOT_KIB if wave in beside else 0) for wave, kib in enumerate(largest)]
            kept, taken = map(thirds, (rest, others))
            grown = statistics.median(kept[1]) - statistics.median(kept[0])
            judged[name] = {
                "rest": rest,
                "largest": largest,
                "rss": max(rss for _, rss in samples),
                "growth": grown,
                "flat": grown <= growth
                and max(taken[1]) <= max(max(taken[0]) + growth, max(taken[0]) * 5 // 4),
            }
        return judged

    def _snapshots(self):
        """Waves in which a channel came to a height that a snapshot is written of."""
        return {
            wave
            for wave, (before, after) in enumerate(zip(self.heights, self.heights[1:]))
            if any(before[channel] // SNAPSHOT_EVERY != after[channel] // SNAPSHOT_EVERY for channel in after)
        }


def thirds(values):
    """The middle and the last third; all of them twice when there are too few."""
    third = len(values) // 3
    return (values[third : 2 * third], values[2 * third :]) if third else (values, values)


def digest_of(file):
    """Of the lines of a file in any order."""
    if not file.exists():
        return None
    return hashlib.sha256(b"\n".join(sorted(file.read_bytes().splitlines()))).hexdigest()


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Several agents and several privacy centers at one ward, with PostgreSQL, as docs/scale-out.md describes it.

A broker spreads a ward's messages over two agents by a shared subscription. Each seals for the same patients' streams, delivers to two
privacy centers and anchors on a chain of four validators. The first center keeps its store in SQLite, the second in PostgreSQL.

First with `copies: 1`: the centers share the envelopes, none has one that the other has. Then with `copies: 2`: both have all. Counted
are the broker's acknowledgements, the Observations of both spools, what the data's owner opens at each center, and the envelopes that
the anchors in the chain's blocks name.

One line of JSON with the rates; exit code 1 if anything does not add up.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from rig.agent import Agent
from rig.broker import Broker
from rig.census import EXPECTED, Census
from rig.consortium import Node
from rig.dev import Dev, Server
from rig.postgres import PostgreSQL
from rig.processes import exit_on_sigterm
from rig.ward import Ward

WARD = "icu-1"
# Odd, so that each monitor's messages go to both agents by turns.
BEDS = 7
IN_POSTGRES = "privacy-center-2"
IDENTIFIER = re.compile(rb'"id":"([^"]+)"')


def main():
    exit_on_sigterm()
    parser = argparse.ArgumentParser(prog="scripts/scale-out", description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=5_000, help="messages with copies: 1; a fifth of them follow with copies: 2")
    parser.add_argument("--rate", type=int, default=200, help="messages a second (default 200)")
    parser.add_argument("--folder", help="keep the files here")
    arguments = parser.parse_args()
    folder = Path(arguments.folder or tempfile.mkdtemp(prefix="wardline-scale-out-"))
    folder.mkdir(parents=True, exist_ok=True)
    report = {"run": "scale-out", "ok": False}
    started = time.monotonic()
    try:
        with ExitStack() as stack:
            report |= ScaleOut(folder, stack, arguments.rate).run(arguments.messages)
        report["ok"] = True
    except (RuntimeError, OSError, ValueError, LookupError, subprocess.SubprocessError) as failure:
        report["error"] = f"{type(failure).__name__}: {failure}"
    report["seconds"] = round(time.monotonic() - started, 1)
    print(json.dumps(report), flush=True)
    if report["ok"] and not arguments.folder:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"  files: {folder}", file=sys.stderr)
    return 0 if report["ok"] else 1


def say(text):
    print(f"  {text}", file=sys.stderr, flush=True)


def require(condition, text):
    if not condition:
        raise RuntimeError(text)


class ScaleOut:
    """The servers, and what is counted at each of them."""

    def __init__(self, folder, stack, rate):
        self.folder = folder
        self.stack = stack
        self.rate = rate
        say("PostgreSQL, a consortium with two privacy centers, a broker, two agents")
        self.postgres = PostgreSQL(folder / "postgres")
        stack.callback(self.postgres.terminate)
        self.postgres.start()
        self.dev = Dev(folder / "consortium", centers=2)
        stack.callback(self.dev.terminate)
        self.dev.start(absent=[IN_POSTGRES])
        self._start_center()
        self.broker = Broker(folder / "broker")
        stack.callback(self.broker.terminate)
        self.broker.start()
        gateways = [self.dev.identity("gateway-1"), self._enroll("gateway-2")]
        self.agents = [self._agent(number, gateway) for number, gateway in enumerate(gateways, start=1)]

    def run(self, messages):
        alone = self._phase("one", messages, first_sequence=1)
        ids = [self._opened(center) for center in (0, 1)]
        for agent in self.agents:
            agent.terminate()
            agent.configuration.write_text(agent.configuration.read_text().replace("copies: 1", "copies: 2"))
            agent.start()
            agent.wait_until_ready()
        # The simulator numbers each device's messages by itself.
        both = self._phase("two", messages // 5, first_sequence=messages + 1)
        later = [self._opened(center) for center in (0, 1)]

        say("what is where is counted")
        spools = [self._spool(agent) for agent in self.agents]
        require(not spools[0] & spools[1], f"{len(spools[0] & spools[1])} Observations are in both spools")
        everything = spools[0] | spools[1]
        census = self._census()
        total = messages + messages // 5
        require(census["messages"] == total, f"{census['messages']} of {total} messages were acknowledged")
        require(census["lost"] == 0 and census["duplicates"] == 0 and census["unexplained"] == 0, f"{census}")
        require(len(everything) == census["observations"], f"{len(everything)} identifiers of {census['observations']} Observations")
        first = ids[0] | ids[1]
        require(not ids[0] & ids[1], f"with copies: 1 {len(ids[0] & ids[1])} Observations are at both centers")
        require(min(map(len, ids)) > 0, f"with copies: 1 one center has nothing: {[len(part) for part in ids]}")
        require(first <= everything, "a center has what no agent has")
        for before, after in zip(ids, later):
            require(after == before | (everything - first), f"with copies: 2 {len((before | (everything - first)) ^ after)} differ")
        anchors = self._anchors()
        return {
            "messages": total, "observations": len(everything), "copiesOne": alone, "copiesTwo": both,
            "observationsAtAgents": [len(part) for part in spools],
            "observationsAtCenters": {"sqlite": len(later[0]), "postgres": len(later[1]), "ofCopiesOne": [len(part) for part in ids]},
            "anchors": anchors, "postgresMegabytes": self._database_megabytes(),
        }

    # Servers

    def _start_center(self):
        """The second center, as `wardline dev` configured it, but with its store in PostgreSQL."""
        folder = self.dev.folder / IN_POSTGRES
        text = (folder / "node.yaml").read_text()
        changed = re.sub(r"store: \{sqlite: [^}]*\}", f"store: {{postgres_conninfo_file: {self.postgres.connection_file}}}", text)
        require(changed != text, f"{folder}/node.yaml names no store")
        port = int(re.search(r"listen: '127\.0\.0\.1:(\d+)'", changed)[1])
        center = Node(self.folder / IN_POSTGRES, IN_POSTGRES, port, "")
        center.configuration.write_text(changed)
        self.stack.callback(center.terminate)
        center.start()
        self.center = center
        known = {server.name for server in self.dev.centers}
        if IN_POSTGRES not in known:
            self.dev.centers.append(Server(IN_POSTGRES, center.url, folder))
        require([server.name for server in self.dev.centers] == ["privacy-center-1", IN_POSTGRES], f"centers: {known}")

    def _enroll(self, name):
        """One more gateway of the hospital."""
        authority = self.dev.folder / "authority"
        url = re.search(r"^  authority +(https://\S+)", self.dev.log.read_text(), re.MULTILINE)[1]
        token, identity = self.folder / f"{name}.token", self.folder / f"identity-{name}"
        self.dev.wardline(
            "ca", "token", "--directory", authority / "state", "--org", self.dev.hospital, "--role", "gateway", "--name", name,
            "--host", "localhost", "--output", token,
        )
        self.dev.wardline("enroll", "--authority", url, "--token-file", token, "--directory", identity, "--host", "localhost")
        return identity

    def _agent(self, number, gateway):
        """An agent of the group, with the institution's pseudonym key and the same patients as the others."""
        uplink = self.dev.uplink_yaml(gateway, copies=1) + self.dev.chain_yaml()
        agent = Agent(
            self.folder / f"agent-{number}", self.broker, client=f"wardline-agent-{number}", uplink=uplink, name=f"gw-{number}",
            shared_group="wardline", pseudonym_key=self.folder / "pseudonym.key",
        )
        for bed in range(1, BEDS + 1):
            agent.command("associate", "add", "--bed", f"{WARD}/{bed}", "--patient", f"patient-{bed}")
        agent.start()
        self.stack.callback(agent.terminate)
        agent.wait_until_ready()
        return agent

    # Messages

    def _phase(self, name, messages, first_sequence):
        """Publishes so many messages and waits until all of it is normalized, delivered and anchored; the rates."""
        say(f"{messages} messages at {self.rate}/s")
        before = [agent.stats() for agent in self.agents]
        ward = Ward(self.folder, self.broker, name=f"ward-{name}")
        begun = time.monotonic()
        ward.start(
            "--ward", WARD, "--beds", BEDS, "--present-only", "--count", messages, "--rate", self.rate, "--first-sequence",
            first_sequence, "--client-id", f"ward-{name}",
        )
        self.stack.callback(ward.terminate)
        require(ward.wait(60 + 3 * messages / self.rate) == 0, f"the ward failed: {ward.log_tail()}")
        published = time.monotonic() - begun
        for agent in self.agents:
            agent.wait_until_drained(120, quiet=0.5)
        for agent in self.agents:
            agent.wait_until_delivered(120)
        delivered = time.monotonic() - begun
        for agent in self.agents:
            agent.wait_until_anchored(120)
        anchored = time.monotonic() - begun
        parts = [
            {key: after[key] - earlier[key] for key in ("received", "observations", "deliveredEnvelopes", "anchoredEnvelopes")}
            for earlier, after in zip(before, [agent.stats() for agent in self.agents])
        ]
        observations = sum(part["observations"] for part in parts)
        require(min(part["received"] for part in parts) > 0, f"one agent got nothing: {parts}")
        return {
            "messages": messages, "messagesPerSecond": round(messages / published, 1), "agents": parts,
            "secondsUntilDelivered": round(delivered, 1), "secondsUntilAnchored": round(anchored, 1),
            "observationsPerSecondDelivered": round(observations / delivered, 1),
        }

    # What is counted

    def _spool(self, agent):
        """The identifiers of a spool's Observations, each there once."""
        lines = [IDENTIFIER.search(line)[1] for line in agent.export()]
        require(len(lines) == len(set(lines)), f"{agent.name}: {len(lines) - len(set(lines))} are there twice")
        stats = agent.stats()
        require(stats["outboxRefused"] == 0 and stats["privacyCenterFaults"] == 0 and stats["deadLettered"] == 0, f"{stats}")
        return set(lines)

    def _census(self):
        """The Observations of both spools held against what the broker acknowledged to the monitors."""
        census = Census()
        for agent in self.agents:
            for line in agent.export():
                census.add(line)
        lost, messages = 0, 0
        for ledger in sorted(self.folder.glob("ward-*.ledger")):
            missing, total = census.lost(ledger)
            lost, messages = lost + missing, messages + total
        require(census.observations == messages * len(EXPECTED), f"{census.observations} Observations of {messages} messages")
        return {
            "messages": messages, "observations": census.observations, "lost": lost, "duplicates": census.duplicates(),
            "unexplained": census.unexplained,
        }

    def _opened(self, center):
        """The identifiers of all Observations that the owner opens at a center, each there once."""
        output = self.folder / f"opened-{center}-{time.monotonic_ns()}.ids"
        self.dev.open_envelopes(output, "--ids-only", center=center)
        lines = output.read_bytes().split()
        require(len(lines) == len(set(lines)), f"center {center + 1} has {len(lines) - len(set(lines))} Observations twice")
        return set(lines)

    def _anchors(self):
        """The envelopes that the anchors in the chain's blocks name, by gateway: each window once, as many as were delivered."""
        envelopes, windows = Counter(), Counter()
        last = json.loads(self.dev.chain("block", "latest", "--channel", "index", "--json"))["height"]
        for height in range(1, last + 1):
            block = json.loads(self.dev.chain("block", height, "--channel", "index", "--json", "--raw"))
            for transaction in block["transactions"]:
                for event in transaction["events"] if transaction["code"] == 0 else []:
                    if event["topic"] != "index.anchored":
                        continue
                    # LP(gateway) || u64 window || root(32) || u32 count || …
                    data = bytes.fromhex(event["data"])
                    end = 4 + int.from_bytes(data[:4], "big")
                    gateway = data[4:end].decode()
                    windows[gateway, int.from_bytes(data[end : end + 8], "big")] += 1
                    envelopes[gateway] += int.from_bytes(data[end + 40 : end + 44], "big")
        require(max(windows.values()) == 1, f"a window is anchored twice: {windows.most_common(1)}")
        stats = [agent.stats() for agent in self.agents]
        for number, figures in enumerate(stats, start=1):
            gateway = f"{self.dev.hospital}:gateway:gateway-{number}"
            require(
                envelopes[gateway] == figures["anchoredEnvelopes"] == figures["deliveredEnvelopes"],
                f"{gateway}: {envelopes[gateway]} in blocks, {figures['anchoredEnvelopes']} anchored, {figures['deliveredEnvelopes']} delivered",
            )
        return {"blocks": last, "windows": len(windows), "envelopes": sum(envelopes.values())}

    def _database_megabytes(self):
        return round(int(self.postgres.query("SELECT pg_database_size(current_database())")[0]) / 1e6, 1)


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""What scripts/alliances shows: exchanges between two alliances over a relay chain, and what happens when processes die."""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from evm.alliance import AlliancesWithEVM, Mining
from evm.owner import AccountVisitor, Owner
from evm.rig import LONDON, Rig
from rig.agent import Agent
from rig.alliances import HUB, Alliances, Visitor
from rig.broker import Broker
from rig.certificates import Certificates
from rig.consortium import POLICY
from rig.lies import Lies
from rig.line import Line
from rig.paths import program
from rig.processes import exit_on_sigterm
from rig.routes import AlliancesAtTwoHubs, Routes
from rig.sharing import Sharing, circuit_of
from rig.ward import Ward

EXPIRY_SECONDS = 15
WARD, BEDS = "icu-1", 2


def main():
    exit_on_sigterm()
    parser = argparse.ArgumentParser(prog="scripts/alliances", description=__doc__)
    parser.add_argument("--gateways", type=int, default=2, help="of every alliance")
    parser.add_argument(
        "--proof", action="store_true", help="with a share by a proof in zero knowledge; its setup ceremony takes minutes",
    )
    parser.add_argument("--short", action="store_true", help="the shares alone")
    parser.add_argument("--two", action="store_true", help="a share between the two alliances alone, without the EVM chain")
    parser.add_argument("--byzantine", action="store_true", help="parties that lie, and what the others make of it")
    parser.add_argument(
        "--routes", action="store_true", help="two relay chains, and which of them requests take, without the EVM chain",
    )
    parser.add_argument("--keep", type=Path, help="keep all files in this new folder")
    arguments = parser.parse_args()
    if (arguments.two or arguments.routes) and arguments.byzantine:
        parser.error("--byzantine needs the chain with an EVM")
    with ExitStack() as stack:
        folder = arguments.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wardline-alliances-")))
        scene = Scene(folder, stack, arguments.gateways, arguments)
        passed = scene.run()
    return 0 if passed else 1


class Scene:
    """Two alliances, and what is done to them."""

    def __init__(self, folder, stack, gateways, arguments):
        self.arguments = arguments
        folder.mkdir(parents=True, exist_ok=True)
        print(f"Files: {folder}", flush=True)
        self.folder = folder
        self.stack = stack
        ceremony = ("north",) if arguments.proof else ()
        options = {"names": ("north", "south"), "gateways": gateways, "ceremony": ceremony}
        if arguments.routes:
            self.evm, self.alliances = None, AlliancesAtTwoHubs(folder, **options | {"gateways": 1})
        elif arguments.two:
            self.evm, self.alliances = None, Alliances(folder, **options)
        else:
            self.evm = stack.enter_context(Rig(LONDON, Path(program("wardline")).parent, self._made("evm"), 0))
            self.alliances = AlliancesWithEVM(folder, **options)
        stack.callback(self.alliances.terminate)
        self.checks = []
        self.asked = {}

    def run(self):
        begun = time.monotonic()
        self.alliances.start()
        if self.evm:
            self.alliances.join(self.evm)
            self.stack.enter_context(Mining(self.evm))
        for chain in self.alliances.all:
            servers = len(chain.attesters) + len(chain.gateways)
            print(f"{chain.name}: {len(chain.dev.validators)} validators, {servers} verification nodes and gateways", flush=True)
        if self.evm:
            servers = len(self.alliances.evm_attesters) + len(self.alliances.evm_carriers)
            print(f"evm: py-evm, {servers} verification nodes and gateways", flush=True)
        print(f"all up and connected after {time.monotonic() - begun:.0f} s\n", flush=True)
        parts = [self._share, *([self._prove] if self.arguments.proof else []), self._recorded, self._conducted]
        if self.evm:
            parts += [self._account_asks, self._account_is_asked]
        if self.arguments.routes:
            parts = Routes(self).parts
        elif self.arguments.byzantine:
            parts = Lies(self).parts
        elif not (self.arguments.short or self.arguments.two):
            parts += [self._transfer_breaks, self._both_ways, self._undone, self._gateway_dies, self._hub_dies]
        for part in parts:
            self._check(part)
        print()
        for passed, text in self.checks:
            print(f"{'ok  ' if passed else 'FAIL'} {text}")
        return all(passed for passed, _ in self.checks)

    def _made(self, name):
        path = self.folder / name
        path.mkdir()
        return path

    def _check(self, part):
        try:
            passed, text = part()
        except (RuntimeError, subprocess.SubprocessError) as error:
            passed, text = False, f"{part.__name__}: {error}"
        print(f"{'ok  ' if passed else 'FAIL'} {text}", flush=True)
        self.checks.append((passed, text))

    # What is tried

    def _share(self):
        """A researcher of the south asks for data of the north, a steward approves, and she reads what the monitors said."""
        north, south = self.alliances.chain("north"), self.alliances.chain("south")
        self._fill(north)
        self.steward = Sharing(north.dev, self.folder / "stewards")
        self.dataset = self.steward.publish(POLICY, "vital-signs", label=self._scope()["label"])
        self.steward.wait_for_index_keys(self.dataset, 1)
        visitor = Visitor(south, north, self.folder / "researchers")
        visitor.pseudonyms()
        return self._shared(visitor, "across", "a researcher of the south received {} of the north")

    def _account_asks(self):
        """Somebody asks the north by an account of the EVM chain, and gets the same."""
        south, north = self.alliances.chain("south"), self.alliances.chain("north")
        key = self.evm.payer(3)
        self.alliances.offer(key.address.lower())
        folder = self._made("accounts")
        visitor = AccountVisitor(self.alliances, key, south, north, folder)
        passed, text = self._shared(visitor, "by-account", "an account of the EVM chain received {} of the north")
        exchange = json.loads(next(folder.glob("by-account/**/exchange.json")).read_text())["exchange"]
        name = f"{HUB}:evm:{key.address.lower()}"
        counters = dict(self.evm.wardline("status", "--depth", 3, "--from", name, "--to", f"{HUB}:north:share"))
        self._wait(
            lambda: dict(
                self.evm.wardline("status", "--depth", 3, "--from", name, "--to", f"{HUB}:north:share")
            )["closed"] == "1",
            180, f"the broker has not closed {exchange}: {counters}",
        )
        return self._traced(passed, text, exchange, north)

    def _account_is_asked(self):
        """A researcher of the south asks the owner of data on the EVM chain, who reads the request, and gives the data."""
        south = self.alliances.chain("south")
        owner = Owner(self.alliances, self.evm.payer(4), self._made("west"))
        self.stack.callback(owner.terminate)
        data = self.folder / "west" / "observations.ndjson"
        files = sorted(Path(__file__).resolve().parents[1].glob("Devices/*/testcases/*/expected.ndjson"))[:40]
        data.write_bytes(b"".join(path.read_bytes() for path in files))
        asker = Sharing(south.dev, self.folder / "askers")
        person = ["--consortium", asker.consortium, "--identity", south.dev.identity("researcher-1")]
        folder = self.folder / "askers" / "west"
        begun = time.monotonic()
        exchange = south.dev.wardline(
            "share", "account", "request", "--to", owner.service, "--dataset", owner.dataset(data), "--organization",
            owner.ORGANIZATION, "--owner-certificate", owner.certificate, "--owner-issuer", owner.issuer, "--purpose", "study",
            "--output", folder, *person,
        ).strip()
        waiting = []
        self._wait(
            lambda: waiting.extend(owner.inbox(f"{HUB}:south:share", [south.dev])) or waiting, 180,
            f"{exchange} has not come to its owner",
        )
        if waiting[0][0] != exchange or waiting[0][1] != owner.dataset(data):
            return False, f"the owner reads another request: {waiting}"
        sealed = self.folder / "west" / "delivery.wlsd"
        owner.answer(exchange, [south.dev], "--data", data, "--output", sealed)
        opened = []

        def is_opened():
            result = self._run("share", "account", "open", folder, "--delivery", sealed, *person)
            if result.returncode not in (0, 3):
                raise RuntimeError(result.stderr)
            opened.append(result.returncode)
            return result.returncode == 0

        self._wait(is_opened, 240, f"the answer to {exchange} has not come back")
        seconds = time.monotonic() - begun
        verified = self._run("share", "account", "verify", folder, "--genesis", south.dev.genesis)
        if verified.returncode != 0:
            return False, f"the request's proofs: {verified.stdout}{verified.stderr}"
        received = (folder / "data").read_bytes()
        passed = received == data.read_bytes()
        text = f"a researcher of the south received {len(received.splitlines())} observations of the EVM chain's in {seconds:.1f} s"
        return self._traced(passed, text, exchange, south)

    # Parts of shares

    def _scope(self):
        return self.alliances.chain("north").dev.scopes()[0]

    def _shared(self, visitor, name, text):
        """A request, a steward's word, and the data; all of it judged again from the files."""
        north = self.alliances.chain("north")
        begun = time.monotonic()
        self._approved(visitor, name)
        fetched = visitor.fetch(name, "--wait", "120")
        seconds = time.monotonic() - begun
        if fetched.returncode != 0:
            return False, f"a share across chains: {fetched.stderr}"
        received = visitor.observations(name)
        trace = self._run("trace", "--offline", visitor.folder / name, "--genesis", north.dev.genesis)
        if trace.returncode != 0:
            return False, f"the share's proofs: {trace.stdout}{trace.stderr}"
        is_whole = received == self._owned() and len(received) > 0
        steps = trace.stdout.count(" verified ")
        what = text.format(f"{len(received)} observations")
        return is_whole, f"{what} in {seconds:.1f} s, equal to what its monitors published; {steps} steps confirmed offline"

    def _approved(self, visitor, name):
        """A request for the data set, and a steward's word for it."""
        asked = visitor.request(name, "--dataset", self.dataset, "--purpose", "study", "--chain-wait", "240")
        if asked.returncode not in (0, 3):
            raise RuntimeError(f"a request across chains: {asked.stderr}")
        self._count(visitor)
        waiting = []
        self._wait(
            lambda: waiting.extend(json.loads(self.steward.steward("queue", "--json"))["items"]) or waiting, 180,
            f"the request is not in the steward's queue: {asked.stderr}",
        )
        self.steward.steward("approve", waiting[0]["id"])

    def _count(self, visitor):
        """Requests from chain to chain have numbers, by which the later parts name theirs."""
        if isinstance(visitor, AccountVisitor):
            return
        self.asked["south", "north"] = self.asked.get(("south", "north"), 0) + 1

    def _owned(self):
        """The data set's observations, as the custodian opens them."""
        owned, scope = self.folder / "owned.ndjson", self._scope()
        owned.unlink(missing_ok=True)
        self.alliances.chain("north").dev.open_envelopes(owned, "--label", scope["label"], "--epoch", scope["epoch"])
        return sorted(owned.read_bytes().splitlines())

    def _traced(self, passed, text, exchange, chain):
        """The way between the chains, judged from the proofs alone."""
        proofs = self.folder / f"proofs-{len(self.checks)}"
        words = ["relay", "trace", exchange, "--config", chain.gateways[0].configuration, "--output", proofs]
        found = self._run(*words)
        again = self._run("relay", "trace", "--offline", proofs)
        shown = found.stdout + found.stderr + again.stdout + again.stderr
        if found.returncode or again.returncode or "not judged" in again.stdout:
            return False, f"{text}; the trace: {shown}"
        count = len(list(proofs.glob("step-*.wltp")))
        return passed, f"{text}; {count} blocks' steps of the exchange confirmed offline"

    @staticmethod
    def _run(*words):
        return subprocess.run(list(map(str, [program("wardline"), *words])), capture_output=True, text=True, check=False)

    @staticmethod
    def _wait(holds, seconds, what):
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                raise RuntimeError(f"after {seconds} s: {what}")
            time.sleep(1)

    def _prove(self):
        """The researcher proves to the north's chain that her attributes, certified at home, satisfy the policy."""
        north, south = self.alliances.chain("north"), self.alliances.chain("south")
        circuit = circuit_of(north.dev)
        steward, visitor = Sharing(north.dev, self.folder / "stewards"), Visitor(south, north, self.folder / "researchers")
        scope = north.dev.scopes()[1]
        dataset = steward.publish(POLICY, "proven", circuit, label=scope["label"])
        steward.wait_for_index_keys(dataset, 1)
        credential = visitor.home.credential()
        leaf = json.loads(south.dev.wardline("credential", "show", credential, "--json"))["leaf"]
        north.dev.wardline(
            "credential", "admit", "--from", visitor.home.consortium, "--organization", south.dev.center_organization,
            "--leaf", leaf, "--identity", north.dev.identity("attribute-authority"), *north.dev.chain_options(),
        )
        begun = time.monotonic()
        asked = visitor.request("proven", "--dataset", dataset, "--purpose", "study", "--credential", credential)
        self._count(visitor)
        fetched = visitor.fetch("proven", "--wait", "120")
        seconds = time.monotonic() - begun
        if fetched.returncode != 0:
            return False, f"a share by proof across chains: {asked.stderr}{fetched.stderr}"
        received, opened = visitor.observations("proven"), self.folder / "proven.ndjson"
        north.dev.open_envelopes(opened, "--label", scope["label"], "--epoch", scope["epoch"])
        is_whole = received == sorted(opened.read_bytes().splitlines()) and len(received) > 0
        return is_whole, (
            f"with a proof in zero knowledge and nobody's decision: {len(received)} observations of the north in {seconds:.1f} s"
        )

    def _recorded(self):
        """Request, permission and delivery stand in the books of both chains."""
        south, north = self.alliances.chain("south"), self.alliances.chain("north")
        books = {chain.name: Sharing(chain.dev, self.folder / "books") for chain in (south, north)}
        wanted = {
            "south": {"asked-across", "exchange-closed", "delivery-told"},
            "north": {"exchange-received", "asked", "permitted", "delivered", "exchange-answered"},
        }
        deadline = time.monotonic() + 60
        while True:
            seen = {name: {entry["what"] for entry in book.audit()} for name, book in books.items()}
            missing = {name: sorted(wanted[name] - seen[name]) for name in wanted if wanted[name] - seen[name]}
            if not missing:
                return True, "request, permission and delivery are in the books of both chains"
            if time.monotonic() > deadline:
                return False, f"not in the books: {missing}; there: {seen}"
            time.sleep(1)

    def _conducted(self):
        """The relay chain counts who certified what went across, which the next list is made of; a node gives notice."""
        south = self.alliances.chain("south")
        self.alliances.relay("list", "leave", "--old", south.list, "--key-file", south.dev.folder / "attester-1" / "node.key")
        table = self.alliances.relay("list", "conduct", "--old", south.list)
        rows = [line.split() for line in table.splitlines()[1:]]
        gained = [row[0] for row in rows if int(row[1]) > 0 and int(row[6]) > int(row[5])]
        leaving = [row[0] for row in rows if row[4] == "yes"]
        passed = len(gained) >= 3 and leaving == [rows[0][0]] and all(row[3] == "0" for row in rows)
        return passed, f"{len(gained)} verification nodes of the south gained by what they certified, {len(leaving)} gave notice: {rows}"

    def _fill(self, chain):
        """Some seconds of monitors, sealed and anchored."""
        broker = Broker(self.folder / "broker", Certificates(self.folder / "certificates"))
        broker.start()
        self.stack.callback(broker.terminate)
        dev = chain.dev
        uplink = dev.uplink_yaml(dev.identity("gateway-1"), parameters=dev.parameters) + dev.chain_yaml()
        agent = Agent(self.folder / "agent", broker, uplink=uplink)
        for bed in range(1, BEDS + 1):
            agent.command("associate", "add", "--bed", f"{WARD}/{bed}", "--patient", f"patient-{bed}")
        agent.start()
        self.stack.callback(agent.terminate)
        agent.wait_until_ready()
        ward = Ward(self.folder, broker)
        ward.start("--ward", WARD, "--beds", BEDS, "--dialects", "json", "--rate", 3 * BEDS)
        self.stack.callback(ward.terminate)
        time.sleep(6)
        ward.stop()
        agent.wait_until_drained(120)
        agent.wait_until_delivered(120)
        agent.wait_until_anchored(60)

    def _transfer_breaks(self):
        """The line to the privacy center breaks when 70 % of the bytes have come; the same command takes up the rest."""
        north, south = self.alliances.chain("north"), self.alliances.chain("south")
        center = north.dev.centers[0]
        line = Line(urlsplit(center.url).port)
        self.stack.callback(line.close)
        visitor = Visitor(south, north, self.folder / "researchers")
        # Beside the file that it replaces, because the paths in it are relative.
        consortium = visitor.consortium.with_name("consortium-over-line.yaml")
        consortium.write_text(visitor.consortium.read_text().replace(center.url, f"https://localhost:{line.port}"))
        visitor.consortium = consortium
        self._approved(visitor, "unbroken")
        line.mend()
        fetched = visitor.fetch("unbroken", "--wait", "120")
        whole = line.carried
        if fetched.returncode != 0 or whole == 0:
            return False, f"a transfer over the line, {whole} bytes: {fetched.stderr}"
        self._approved(visitor, "broken")
        line.mend(breaks_after=whole * 7 // 10)
        broken = visitor.fetch("broken")
        if broken.returncode == 0 or not line.is_broken:
            return False, f"the transfer did not break at 70 % of {whole} bytes"
        line.mend()
        resumed = visitor.fetch("broken", "--wait", "120")
        rest = line.carried
        verified = self._run("trace", "--offline", visitor.folder / "broken", "--genesis", north.dev.genesis)
        if resumed.returncode or verified.returncode:
            return False, f"a transfer that was broken off: {resumed.stderr}{verified.stdout}{verified.stderr}"
        is_whole = visitor.observations("broken") == self._owned()
        return is_whole, f"a transfer broken at 70 % of {whole} bytes came to its end with {rest} more, each hash checked"

    def _both_ways(self):
        """Requests that nobody files have failed when their time is over, which both chains learn."""
        reports = self.exchanges("north", "south", 3) + self.exchanges("south", "north", 3)
        return self._all(reports, "failure"), f"requests in both directions: {self._summary(reports)}"

    def _undone(self):
        """A timeout by blocks of the relay chain comes before the destination's answer."""
        reports = self.exchanges("north", "south", 2, expiry=600, timeout=4)
        return self._all(reports, "beginRollback", "rollback"), f"requests that time out: {self._summary(reports)}"

    def _gateway_dies(self):
        """kill -9 of every gateway in turn, while requests are under way; those that are left or come back carry on."""
        gateways = [node for chain in self.alliances.chains for node in chain.gateways]

        def kill():
            for node in gateways:
                time.sleep(4)
                node.kill()
                node.start()

        reports = self.ended_while(kill, "north", "south", 4)
        return self._all(reports, "failure"), f"kill -9 of {len(gateways)} gateways in turn: {self._summary(reports)}"

    def _hub_dies(self):
        """The relay chain stops and comes back."""
        hub = self.alliances.hub.dev

        def restart():
            time.sleep(2)
            hub.terminate()
            time.sleep(5)
            hub.start()

        reports = self.ended_while(restart, "south", "north", 3)
        return self._all(reports, "failure"), f"the relay chain restarted on the way: {self._summary(reports)}"

    # Details

    def exchanges(self, source, destination, count, expiry=EXPIRY_SECONDS, timeout=0, wait=240):
        """Opens exchanges, all at a time, and waits for their ends."""
        dev = self.alliances.chain(source).dev
        command = [
            program("wardline-sim"), "exchanges", "--genesis", dev.genesis, "--identity", dev.identity("researcher-1"),
            "--to", f"{HUB}:{destination}:share", "--count", count, "--concurrency", count, "--expiry-seconds", expiry,
            "--timeout-blocks", timeout, "--wait", wait,
        ]
        for node in dev.validators:
            command += ["--validator", node.url]
        asking = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        first = self.asked.get((source, destination), 0) + 1
        self.asked[source, destination] = first + count - 1
        if not timeout:
            time.sleep(expiry + 3)
            for index in range(first, first + count):
                self._finish(source, destination, index)
        output, errors = asking.communicate(timeout=wait + 60)
        if asking.returncode != 0 and not output:
            raise RuntimeError(errors)
        return [json.loads(line) for line in output.splitlines()]

    def _finish(self, source, destination, index, seconds=60):
        """Somebody tells the asked chain that the time of a request is over; its custodian does so for requests it could read."""
        dev = self.alliances.chain(destination).dev
        exchange = f"{HUB}:{source}:share-{HUB}:{destination}:share-{index}"
        words = ["relay", "finish", exchange, "--identity", dev.identity("operator-1"), *dev.chain_options()]
        deadline = time.monotonic() + seconds
        while True:
            try:
                return dev.wardline(*words)
            except RuntimeError:
                # It has not come yet.
                if time.monotonic() > deadline:
                    raise
                time.sleep(1)

    def ended_while(self, work, *words, **options):
        """Exchanges while something happens here: what a thread starts ends with it."""
        with ThreadPoolExecutor(1) as pool:
            reports = pool.submit(self.exchanges, *words, **options)
            work()
            return reports.result()

    @staticmethod
    def _all(reports, *statuses):
        return bool(reports) and all(report.get("status") in statuses for report in reports)

    @staticmethod
    def _summary(reports):
        ends = [report["ended"] / 1_000 for report in reports if report.get("ended")]
        states = sorted({report.get("status") or "open" for report in reports})
        return f"{len(reports)} exchanges, {', '.join(states)}" + (f", median {statistics.median(ends):.1f} s" if ends else "")


if __name__ == "__main__":
    sys.exit(main())

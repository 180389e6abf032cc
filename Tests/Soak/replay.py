#!/usr/bin/env python3
"""`wardline owner replay` as an institution runs it: sealed raw messages are read again with a mended profile.

A ward is read with a profile whose code for the respiration rate is wrong, everything is sealed and delivered, and the
gateway goes away with its spool. Then the command line is tried with the owner's keys: each wrong Observation has to come
corrected, once, under its identifier, with nothing else in it changed, and whatever must be refused is refused.
One line of JSON; exit code 1 if something was not as it must be.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from mended import PROFILE, RIGHT, WRONG  # noqa: E402
from rig.agent import Agent  # noqa: E402
from rig.broker import Broker  # noqa: E402
from rig.consortium import Consortium  # noqa: E402
from rig.paths import DEVICES, program  # noqa: E402
from rig.processes import exit_on_sigterm  # noqa: E402
from rig.ward import Ward  # noqa: E402

WARD = "icu-1"
USAGE = 64
# The same two by their numbers in ISO/IEEE 11073-10101, which stand in Observations.
MEANT, TAKEN = "151562", "148066"


def main():
    exit_on_sigterm()
    parser = argparse.ArgumentParser(prog="scripts/soak --replay", description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=120, help="messages of the ward (default 120)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wardline-replay-") as folder, ExitStack() as stack:
        report = Replay(Path(folder), stack, arguments.messages).run()
    print(json.dumps(report), flush=True)
    return 0 if report["ok"] else 1


class Replay:
    """One run."""

    def __init__(self, folder, stack, messages):
        self.folder = folder
        self.stack = stack
        self.messages = messages
        self.wrong = []
        self.profiles = {name: self._profile(name) for name in ("broken", "mended", "unreadable")}

    def run(self):
        started = time.monotonic()
        issued = self._seal()
        self._hold(issued)
        report = {"variant": "replay", "ok": not self.wrong and len(issued) > 0, "observations": len(issued)}
        return report | {"wrong": self.wrong, "seconds": round(time.monotonic() - started, 1)}

    # The ward

    def _profile(self, name):
        """A folder with the ward's profile as it was, as it should have been, or as nobody could have meant it."""
        target = self.folder / name / PROFILE
        shutil.copytree(DEVICES / PROFILE, target)
        text = (target / "profile.yaml").read_text()
        edits = {
            "broken": (RIGHT, WRONG),
            "mended": ("version: 1.0.0", "version: 1.0.1"),
            "unreadable": ("format: json", "format: cbor"),
        }
        before, after = edits[name]
        if before not in text:
            raise RuntimeError(f"{PROFILE} has no '{before}'")
        (target / "profile.yaml").write_text(text.replace(before, after))
        return target

    def _seal(self):
        """What the gateway made of the ward's messages, by identifier; it is sealed, delivered, and gone from the gateway."""
        broker = Broker(self.folder / "broker")
        self.consortium = Consortium(self.folder / "consortium")
        self.stack.callback(self.consortium.terminate)
        self.consortium.start()
        self.gateway = self.consortium.enroll("gateway", "gw-1")
        uplink = self.consortium.uplink_yaml(self.gateway) + "  envelope: {age_seconds_max: 1}\n"
        agent = Agent(self.folder / "agent", broker, uplink=uplink, devices=self.profiles["broken"].parent)
        broker.start()
        self.stack.callback(broker.terminate)
        # Beside beds of nobody: who a reading belongs to is not in its message, and has to stay.
        agent.command("associate", "add", "--bed", f"{WARD}/1", "--patient", "replay-patient")
        agent.start()
        self.stack.callback(agent.terminate)
        agent.wait_until_ready()
        ward = Ward(self.folder, broker)
        ward.start("--ward", WARD, "--beds", 4, "--present-only", "--count", self.messages, "--rate", 200)
        ward.wait()
        agent.wait_until_drained(60, quiet=1)
        agent.wait_until_delivered(60)
        agent.terminate()
        issued = by_identifier(agent.sink.read_bytes())
        shutil.rmtree(agent.state)
        return issued

    # The command

    def _replay(self, *options, identity=None, profile="mended"):
        """The ended `wardline owner replay`."""
        words = [
            program("wardline"), "owner", "replay", "--identity", identity or self.consortium.owner, "--directory",
            self.consortium.custodian_directory, "--privacy-center", self.consortium.centers[0].url, "--json",
            *options, self.profiles[profile],
        ]
        return subprocess.run(list(map(str, words)), capture_output=True, text=True, timeout=120)

    def _hold(self, issued):
        """Runs the command in every way and holds what it writes against what the gateway had issued."""
        meant = {name for name, line in issued.items() if TAKEN in codes(line)}
        subjects = {line["subject"]["identifier"]["system"] for line in issued.values()}
        self._check(f"readings of a patient and of nobody: {subjects}", len(subjects) == 2)
        output = self.folder / "corrected.ndjson"

        tried = self._replay("--dry-run")
        self._expect("a dry run", tried, 0, corrected=len(meant), dry_run=True)
        self._expect_usage("a dry run with an output", self._replay("--dry-run", "--output", output))
        self._check("a dry run writes nothing", not output.exists())

        self._expect("a replay", self._replay("--output", output), 0, corrected=len(meant), dry_run=False)
        corrected = by_identifier(output.read_bytes())
        self._check("each wrong Observation is corrected, and no other one", corrected.keys() == meant)
        changed = [name for name in corrected.keys() & meant if not is_correction(issued[name], corrected[name])]
        self._check(f"nothing else in them is changed, but in {len(changed)}: {sorted(changed)[:1]}", not changed)
        self._check("each comes once", output.read_bytes().count(b"\n") == len(meant))

        shown = self._replay()
        self._check("without an output the Observations go to standard output, as they are in the file",
                    shown.returncode == 0 and shown.stdout == output.read_text())
        self._check("and the summary beside them", last_object(shown.stderr).get("corrected") == len(meant))

        before = output.read_bytes()
        self._check("a file that is there is not written over", self._replay("--output", output).returncode != 0)
        self._check("and stays as it was", output.read_bytes() == before)

        self._expect("a replay that is told of the one before", self._replay("--dry-run", "--issued", output), 0)
        self._expect("a replay of other days", self._replay("--dry-run", "--until", "1d"), 0, messages=0, unchanged=0)
        self._expect("a replay since then", self._replay("--dry-run", "--since", "1d"), 0, corrected=len(meant))
        self._expect("the profile as it was", self._replay("--dry-run", profile="broken"), 0, unchanged=len(issued))

        unreadable = self._replay("--dry-run", profile="unreadable")
        self._expect("a profile that reads nothing", unreadable, 1, failing=self.messages, kept=len(issued))
        thief = self._replay("--output", self.folder / "stolen.ndjson", identity=self.gateway)
        self._check("a gateway's keys open nothing", thief.returncode != 0 and "identity of a gateway" in thief.stderr)
        self._check("and nothing is written for them", not (self.folder / "stolen.ndjson").exists())

    def _expect(self, what, result, code, **figures):
        """Exit code and summary; what is not named has to be 0, but for messages and unchanged ones."""
        summary = last_object(result.stdout)
        zero = dict.fromkeys(("corrected", "withdrawn", "new", "known", "failing", "kept", "unnamed"), 0)
        wanted = zero | {"messages": self.messages, "profile": PROFILE} | figures
        found = {name: summary.get(name) for name in wanted}
        self._check(f"{what}: {result.returncode}, {found} instead of {code}, {wanted}: {result.stderr[-500:]}",
                    (result.returncode, found) == (code, wanted))

    def _expect_usage(self, what, result):
        self._check(f"{what} is refused: {result.returncode}", result.returncode == USAGE and not result.stdout)

    def _check(self, what, holds):
        if not holds:
            self.wrong.append(what)


def by_identifier(content):
    """Observations by identifier."""
    lines = [json.loads(line) for line in content.splitlines()]
    return {line["identifier"][0]["value"]: line for line in lines}


def codes(observation):
    return {coding.get("code") for coding in observation["code"]["coding"]}


def is_correction(before, after):
    """Whether nothing differs but the status and what follows from the code: patient, time, value and device are as they were."""
    follows = ("status", "code", "category", "meta", "extension")
    rest = [{key: value for key, value in line.items() if key not in follows} for line in (before, after)]
    was, made = provenance(before), provenance(after)
    return (
        after["status"] == "corrected" and MEANT in codes(after) and TAKEN not in codes(after) and rest[0] == rest[1]
        and made["rawMessage"] == was["rawMessage"] and made["ordinal"] == was["ordinal"]
        and (made["profile"], made["replaces"]) == (f"{PROFILE}@1.0.1", was["profile"])
    )


def provenance(observation):
    """What the Observation tells of how it was made."""
    parts = next(part for part in observation["extension"] if part["url"].endswith(":provenance"))["extension"]
    return {part["url"]: part.get("valueString", part.get("valueInteger")) for part in parts}


def last_object(text):
    """The summary, which is the last line."""
    lines = text.strip().splitlines()
    try:
        return json.loads(lines[-1]) if lines else {}
    except ValueError:
        return {}


if __name__ == "__main__":
    sys.exit(main())

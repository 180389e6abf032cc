"""The audit of the chain's soak must fail where something is wrong: what it reads, counts, compares and notices."""

import argparse
import contextlib
import hashlib
import io
import os
import signal
import struct
import sys
import tempfile
import unittest
import unittest.mock
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parent))

import chain  # noqa: E402
from chain_audit import account, changed, differing, is_other, read_blocks, read_channel, tree_root  # noqa: E402
from rig.chain import Chain  # noqa: E402
from rig.processes import Process  # noqa: E402


def lengthened(data):
    return struct.pack(">I", len(data)) + data


def name_of(tag, data):
    return hashlib.sha256(lengthened(f"WARDLINE-V1-{tag}".encode()) + lengthened(data)).digest()


def transaction(number, contract=b"index"):
    body = b"WLTX" + lengthened(b"soak") + b"\x02" + bytes(32) + struct.pack(">QQ", number, 0) + lengthened(contract)
    return lengthened(body) + b"\x01"


def header(height, parent, transactions):
    root = tree_root([name_of("TX-ID", each) for each in transactions])
    start = b"WLBH\x01" + lengthened(b"soak") + b"\x02" + struct.pack(">QQ", 0, height)
    return start + parent + root + bytes(6 * 32) + struct.pack(">Q", height)


def block(height, parent, transactions, named=None):
    """A block; `named` are the transactions that the header names, if they are others."""
    head = header(height, parent, transactions if named is None else named)
    listed = b"".join(map(lengthened, transactions))
    data = b"WLBK" + lengthened(head) + struct.pack(">I", len(transactions)) + listed + lengthened(b"")
    return data, name_of("BLOCK", head)


def page(*lists, first=1, parent=bytes(32)):
    """What a validator answers when its blocks have these transactions."""
    answer = b""
    for height, transactions in enumerate(lists, start=first):
        data, parent = block(height, parent, transactions)
        answer += lengthened(data) + lengthened(b"certificate")
    return answer


def known(places):
    """What gateways say of their anchors: (number, height) each."""
    return {
        name_of("TX-ID", transaction(number)).hex(): {"outcome": "final", "height": height}
        for number, height in places
    }


GOOD = page([transaction(1), transaction(2)], [], [transaction(3), transaction(4, b"evidence")])
HANDED_IN = known([(1, 1), (2, 1), (3, 3)])


def report(**others):
    """The report of a good run, but for these fields."""
    fine = dict.fromkeys(chain.MUST_BE_ZERO, 0) | {"endedByThemselves": []}
    return fine | {"final": 3, "progressSeconds": {"index": 1}, "kills": {"one": 1}, "misdeeds": {}} | others


def is_good(**others):
    return chain.is_good(report(**others), argparse.Namespace(byzantine=False))


def counted(answer, handed_in=HANDED_IN):
    """The counts that a run's report would have."""
    counts = account(handed_in, list(read_blocks(answer)))
    return counts, is_good(**counts)


class AccountTests(unittest.TestCase):
    def test_an_honest_chain_is_good(self):
        counts, good = counted(GOOD)
        self.assertTrue(good)
        self.assertEqual((counts["final"], counts["evidence"], counts["doubled"], counts["lost"]), (3, 1, 0, 0))

    def test_a_doubled_transaction_is_found(self):
        counts, good = counted(page([transaction(1), transaction(2)], [transaction(1)], [transaction(3)]))
        self.assertFalse(good)
        self.assertEqual((counts["doubled"], counts["elsewhere"]), (1, 1))
        counts, good = counted(page([transaction(1), transaction(2), transaction(2)], [], [transaction(3)]))
        self.assertFalse(good)
        self.assertEqual((counts["doubled"], counts["elsewhere"]), (1, 0))

    def test_a_missing_transaction_is_found(self):
        counts, good = counted(page([transaction(1)], [], [transaction(3)]))
        self.assertFalse(good)
        self.assertEqual(counts["lost"], 1)

    def test_a_transaction_of_another_block_than_was_proven_is_found(self):
        counts, good = counted(page([transaction(1)], [transaction(2)], [transaction(3)]))
        self.assertFalse(good)
        self.assertEqual((counts["elsewhere"], counts["lost"]), (1, 0))

    def test_an_anchor_that_nobody_handed_in_is_found(self):
        counts, good = counted(page([transaction(1), transaction(2)], [transaction(9)], [transaction(3)]))
        self.assertFalse(good)
        self.assertEqual(counts["unexplained"], 1)

    def test_open_and_refused_ones_are_found(self):
        for outcome in ("open", "refused"):
            handed_in = HANDED_IN | {"0a": {"outcome": outcome, "height": 0}}
            counts, good = counted(GOOD, handed_in)
            self.assertFalse(good)
            self.assertEqual(counts[outcome], 1)


class ReadingTests(unittest.TestCase):
    def assert_refused(self, answer, words):
        with self.assertRaisesRegex(ValueError, words):
            list(read_blocks(answer))

    def test_blocks_come_with_height_name_and_transactions(self):
        blocks = list(read_blocks(GOOD))
        self.assertEqual([each.height for each in blocks], [1, 2, 3])
        self.assertEqual(blocks[2].parent, blocks[1].name)
        self.assertEqual([contract for _, contract in blocks[2].transactions], ["index", "evidence"])

    def test_two_blocks_of_one_height_are_refused(self):
        data, parent = block(1, bytes(32), [])
        other, _ = block(1, parent, [transaction(1)])
        self.assert_refused(lengthened(data) + lengthened(b"") + lengthened(other) + lengthened(b""), "where block 2")

    def test_a_gap_is_refused(self):
        self.assert_refused(page([], first=2), "block 2 where block 1")

    def test_a_block_that_follows_another_one_is_refused(self):
        data, _ = block(1, bytes(32), [])
        other, _ = block(2, bytes(31) + b"\x01", [])
        self.assert_refused(lengthened(data) + lengthened(b"") + lengthened(other) + lengthened(b""), "follows another")

    def test_transactions_that_the_header_does_not_name_are_refused(self):
        both = [transaction(1), transaction(2)]
        for shown in ([both[0]], both[::-1], both + both[:1], []):
            data, _ = block(1, bytes(32), shown, named=both)
            self.assert_refused(lengthened(data) + lengthened(b""), "other transactions")

    def test_no_byte_of_a_block_may_be_another(self):
        name = list(read_blocks(GOOD))[-1].name
        for place in range(len(GOOD)):
            try:
                blocks = list(read_blocks(changed(GOOD, place, 1)))
            except ValueError:
                continue
            # Certificates are the export's to check.
            other = is_other(blocks, {"blocks": 3, "block": name})
            start = GOOD.rfind(b"certificate", 0, place + len(b"certificate"))
            in_certificate = start != -1 and place < start + len(b"certificate")
            self.assertTrue(other or in_certificate, f"byte {place}")

    def test_pages_are_joined_and_an_error_is_one(self):
        first = list(read_blocks(GOOD))
        rest = page([transaction(7)], first=4, parent=bytes.fromhex(first[-1].name))

        class Served:
            def request(self, validator, path):
                return {"1": (200, GOOD), "4": (200, rest), "5": (200, b"")}[path.rsplit("=", 1)[1]]

        class Broken:
            def request(self, validator, path):
                return (503, b"")

        self.assertEqual([each.height for each in read_channel(Served(), None, "index")], [1, 2, 3, 4])
        with self.assertRaises(RuntimeError):
            list(read_channel(Broken(), argparse.Namespace(name="v"), "index"))


class ComparisonTests(unittest.TestCase):
    GOOD = {"blocks": 3, "block": "aa", "state_root": "cc"}

    def test_validators_with_the_same_end_do_not_differ(self):
        self.assertEqual(differing([self.GOOD] * 4), 0)

    def test_another_block_state_or_height_is_found(self):
        for other in ({"block": "bb"}, {"state_root": "dd"}, {"blocks": 2}):
            count = differing([self.GOOD] * 3 + [self.GOOD | other])
            self.assertEqual(count, 1)
            self.assertFalse(is_good(differingValidators=count))

    def test_counted_blocks_that_are_not_the_exported_ones_are_found(self):
        blocks = list(read_blocks(GOOD))
        self.assertFalse(is_other(blocks, {"blocks": 3, "block": blocks[2].name}))
        self.assertFalse(is_other(blocks, {"blocks": 2, "block": blocks[1].name}))
        self.assertTrue(is_other(blocks, {"blocks": 3, "block": blocks[1].name}))
        self.assertTrue(is_other(blocks[:2], {"blocks": 3, "block": blocks[2].name}))
        self.assertFalse(is_good(otherwiseExported=1))


class ExportTests(unittest.TestCase):
    """`wardline chain verify` is asked about a changed export in every run; this is about what is made of its answer."""

    def passes(self, verifies):
        with tempfile.TemporaryDirectory() as folder:
            soak = Soak(Path(folder), verifies=verifies)
            (soak.folder / "validator-1-index.wlx").write_bytes(GOOD)
            with contextlib.redirect_stderr(io.StringIO()):
                return soak._passes_when_changed("index")

    def test_one_byte_is_changed_and_the_check_has_to_refuse_it(self):
        seen = []

        def refuses(export):
            data = export.read_bytes()
            seen.append(sum(one != other for one, other in zip(data, GOOD, strict=True)))
            return False

        self.assertFalse(self.passes(refuses))
        self.assertEqual(seen, [1])

    def test_a_check_that_takes_anything_fails_the_run(self):
        passed = self.passes(lambda export: True)
        self.assertTrue(passed)
        self.assertFalse(is_good(changedExportsPassed=int(passed)))

    def test_a_change_that_is_none_is_refused(self):
        for flip in (0, 256):
            with self.assertRaises(ValueError):
                changed(GOOD, 0, flip)

    def test_a_crashing_verify_is_no_refusal(self):
        with tempfile.TemporaryDirectory() as folder:
            script = Path(folder) / "wardline"
            asked = argparse.Namespace(genesis="genesis")
            answers = {"exit 0": True, "echo 'block 3 is wrong' >&2; exit 1": False, "exit 1": None, "kill -SEGV $$": None}
            for answer, expected in answers.items():
                script.write_text(f"#!/bin/sh\n{answer}\n")
                script.chmod(0o755)
                with unittest.mock.patch("rig.chain.program", lambda name: script):
                    if expected is None:
                        with self.assertRaises(RuntimeError):
                            Chain.verifies(asked, "export")
                    else:
                        self.assertEqual(Chain.verifies(asked, "export"), expected)


class EndingTests(unittest.TestCase):
    """A validator that ends by itself fails the run; one that was killed does not."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.soak = Soak(Path(folder.name))
        sleeping = unittest.mock.patch("chain.time.sleep")
        sleeping.start()
        self.addCleanup(sleeping.stop)
        for validator in self.soak.chain.validators:
            self.addCleanup(validator.kill)
            validator.launch()

    def ended(self):
        numbers = [entry["number"] for entry in self.soak.ended]
        self.assertEqual(is_good(endedByThemselves=self.soak.ended), not numbers)
        return numbers

    def test_nobody_has_ended_and_nobody_is_started_twice(self):
        before = [validator.pid for validator in self.soak.chain.validators]
        self.soak._revive()
        self.assertEqual(self.ended(), [])
        self.assertEqual([validator.pid for validator in self.soak.chain.validators], before)

    def test_a_signal_that_ends_nobody_excuses_nobody(self):
        victim = self.soak.chain.validators[3]
        victim.send(signal.SIGCONT)
        # Not over the rig.
        os.kill(victim.pid, signal.SIGKILL)
        victim.wait(10)
        self.soak._revive()
        self.assertEqual(self.ended(), [4])

    def test_a_crash_an_error_and_a_clean_exit_are_noticed_once_and_revived(self):
        for end in ("kill -SEGV $$", "echo out of disk; exit 3", "exit 0"):
            victim = self.soak.chain.validators[1]
            victim.kill()
            victim.launch(end)
            victim.wait(10)
            before = len(self.soak.ended)
            self.soak._revive()
            self.assertTrue(victim.is_running())
            self.soak._revive()
            self.assertEqual(self.ended()[before:], [2], end)
        self.assertIn("out of disk", self.soak.ended[1]["log"])

    def test_the_rigs_own_kills_are_not(self):
        self.soak.random = Random(1)
        for _ in range(3):
            self.soak._kill()
        self.soak.chain.validators[0].terminate()
        self.soak._revive()
        self.assertEqual(self.ended(), [])
        self.assertEqual(sum(self.soak.kills.values()), 3)

    def test_one_that_ended_before_its_kill_is_noticed(self):
        for victim in self.soak.chain.validators:
            victim.kill()
            victim.launch("exit 4")
            victim.wait(10)
        self.soak._kill()
        self.assertNotEqual(self.ended(), [])

    def test_waiting_for_one_that_ended_fails_at_once(self):
        victim = self.soak.chain.validators[2]
        victim.kill()
        Chain._require_running(self.soak.chain)
        victim.launch("echo no genesis; exit 1")
        victim.wait(10)
        # However often somebody has asked before.
        self.assertFalse(victim.is_running())
        with self.assertRaisesRegex(RuntimeError, "validator-3 ended by itself:\nno genesis"):
            Chain._require_running(self.soak.chain)


class Sleeper(Process):
    """A child that sleeps, or does what it is told, in the place of a validator."""

    def __init__(self, folder, number):
        super().__init__(folder / f"validator-{number}.log")
        self.number = number
        self.name = f"validator-{number}"

    def launch(self, command="exec sleep 1000"):
        return self.start(["/bin/sh", "-c", command])


class Soak(chain.ChainSoak):
    """A run whose validators are sleepers."""

    def __init__(self, folder, verifies=None):
        super().__init__(folder, None, argparse.Namespace(byzantine=False), Random(1))
        validators = [Sleeper(folder, number) for number in range(1, chain.VALIDATORS + 1)]
        self.chain = argparse.Namespace(validators=validators, verifies=verifies)


if __name__ == "__main__":
    unittest.main()

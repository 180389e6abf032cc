"""Cost models of the chains that the medical data papers build on. Nothing of them is measured: they are arithmetic.

Proof of work is an Ethereum before its change of consensus, as MedRec used it; delegated proof of stake is an EOS-like
chain, as MDSM assumes one. Both execute an anchor at this machine's measured cost.
"""

from dataclasses import dataclass


@dataclass
class Model:
    """A chain whose blocks come at their own pace, whatever waits."""

    name: str
    symbol: str
    # Seconds between two blocks.
    interval: float
    # Anchors that a block holds.
    capacity: float
    # Seconds from the block that holds a transaction until nobody can take it back.
    settling: float
    # Seconds of one processor that an anchor costs whoever makes the block.
    work: float
    assumptions: str

    def block_time(self, rate):
        """Seconds to the next block at so many anchors a second."""
        return self.interval + min(rate * self.interval, self.capacity) * self.work

    def final(self, rate, seconds):
        """Mean seconds until an anchor is final, when the load has lasted for so many seconds."""
        block = self.block_time(rate)
        room = self.capacity / block
        backlog = max(0.0, rate - room) * seconds / 2 / room
        # Whoever comes between two blocks of a steady chain waits for half an interval, and for a whole one of a
        # memoryless chain; the difference is nothing beside the settling.
        return block + backlog + self.settling


def models(payload, work):
    """The models for anchors of so many bytes, and so many seconds to check and execute one."""
    # 21,000 a transaction, 16 a byte of it, 22,100 for each of six new words of storage; 15 million a block.
    gas = 21_000 + 16 * payload + 6 * 22_100
    proof_of_work = Model(
        "proof of work", "P", 13.0, 15e6 / gas, 12 * 13.0, work,
        f"13 s a block, 15 M gas, {gas:,} gas an anchor, final after 12 more blocks",
    )
    # Half a second a block, 12 blocks in a row of each of 21 producers, two rounds of two thirds of them until final;
    # a block may take 200 ms of processor time.
    stake = Model(
        "delegated proof of stake", "D", 0.5, 0.2 / work, 2 * 15 * 12 * 0.5, work,
        "0.5 s a block, 0.2 s of processor a block, 21 producers of 12 blocks, final after two rounds of 15",
    )
    return [proof_of_work, stake]

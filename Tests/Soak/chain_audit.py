"""What stands in a chain, read with nothing but the specification, and whether it is what has to stand there.

Reading refuses what no honest chain has: a gap, a block that does not follow from the one before, transactions that the
header does not name. Counting compares with what was handed in.
"""

import hashlib
import struct
from dataclasses import dataclass


class Fields:
    """Canonical bytes, from the front."""

    def __init__(self, data):
        self.data = data
        self.place = 0

    def take(self, count):
        if self.place + count > len(self.data):
            raise ValueError("the bytes end early")
        self.place += count
        return self.data[self.place - count : self.place]

    def number(self, count):
        return int.from_bytes(self.take(count), "big")

    def lengthened(self):
        return self.take(self.number(4))

    def is_empty(self):
        return self.place == len(self.data)


def tagged_hash(tag, field):
    """H(tag, field) of the specification's section 1.3."""
    digest = hashlib.sha256()
    for part in (f"WARDLINE-V1-{tag}".encode(), field):
        digest.update(struct.pack(">I", len(part)))
        digest.update(part)
    return digest.hexdigest()


def tree_root(leaves):
    """The root of RFC 9162 section 2.1.1 over the leaves' data."""
    hashes = [hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves]
    if not hashes:
        return hashlib.sha256(b"").digest()
    while len(hashes) > 1:
        pairs = [hashlib.sha256(b"\1" + b"".join(pair)).digest() for pair in zip(hashes[::2], hashes[1::2])]
        # A last one without a neighbour goes up as it is.
        hashes = pairs + hashes[len(pairs) * 2 :]
    return hashes[0]


@dataclass
class Block:
    """A block as its bytes say; `transactions` are (id, contract), in order."""

    height: int
    name: str
    parent: str
    transactions: list


def read_block(data):
    """A block whose header names the transactions that it has; ValueError otherwise."""
    fields = Fields(data)
    if fields.take(4) != b"WLBK":
        raise ValueError("not a block")
    header = fields.lengthened()
    found = [_transaction(fields.lengthened()) for _ in range(fields.number(4))]
    fields.lengthened()
    if not fields.is_empty():
        raise ValueError("bytes behind a block's last field")
    height, parent, root = _header(header)
    if tree_root([bytes.fromhex(identifier) for identifier, _ in found]) != root:
        raise ValueError(f"block {height} has other transactions than its header names")
    return Block(height, tagged_hash("BLOCK", header), parent.hex(), found)


def _header(data):
    fields = Fields(data)
    if fields.take(4) != b"WLBH":
        raise ValueError("not a header")
    fields.take(1)
    fields.lengthened()
    fields.take(1 + 8)
    return fields.number(8), fields.take(32), fields.take(32)


def _transaction(data):
    body = Fields(Fields(data).lengthened())
    if body.take(4) != b"WLTX":
        raise ValueError("not a transaction")
    body.lengthened()
    body.take(1 + 32 + 8 + 8)
    return tagged_hash("TX-ID", data), body.lengthened().decode()


def read_blocks(page, last=None):
    """Yields the blocks of an answer, `LP(block) || LP(certificate)` each, which follow from the last one."""
    fields = Fields(page)
    while not fields.is_empty():
        block = read_block(fields.lengthened())
        fields.lengthened()
        expected = last.height + 1 if last else 1
        if block.height != expected:
            raise ValueError(f"block {block.height} where block {expected} belongs")
        if last and block.parent != last.name:
            raise ValueError(f"block {block.height} follows another block than {last.name}")
        last = block
        yield block


def read_channel(chain, validator, channel):
    """Yields all blocks that a validator serves."""
    last = None
    while True:
        start = last.height + 1 if last else 1
        status, page = chain.request(validator, f"/v1/channels/{channel}/blocks?from={start}")
        if status != 200:
            raise RuntimeError(f"{validator.name}: {status} for the blocks of {channel} from {start} on")
        if not page:
            return
        for last in read_blocks(page, last):
            yield last


def account(known, blocks):
    """What was handed in, by id as the load tells it, against the blocks of its channel."""
    places, doubled, unexplained, evidence = {}, 0, 0, 0
    for block in blocks:
        for identifier, contract in block.transactions:
            doubled += identifier in places
            places[identifier] = block.height
            evidence += contract == "evidence"
            # Validators hand in transactions of their own, but no anchors.
            unexplained += contract == "index" and identifier not in known
    final = {name: entry for name, entry in known.items() if entry["outcome"] == "final"}
    return {
        "handedIn": len(known),
        "final": len(final),
        "open": sum(entry["outcome"] == "open" for entry in known.values()),
        "refused": sum(entry["outcome"] == "refused" for entry in known.values()),
        "lost": sum(name not in places for name in final),
        "elsewhere": sum(places.get(name, entry["height"]) != entry["height"] for name, entry in final.items()),
        "doubled": doubled,
        "unexplained": unexplained,
        "evidence": evidence,
    }


def differing(reports):
    """How many other ends a channel has, by the reports of `wardline chain verify` about every validator's export: each
    block's hash follows from all before it."""
    return len({(report["blocks"], report["block"], report["state_root"]) for report in reports}) - 1


def is_other(blocks, report):
    """Whether blocks that were counted are not those of a verified export."""
    return report["block"] not in {block.name for block in blocks if block.height == report["blocks"]}


def changed(export, place, flip):
    """An export with one byte that is another."""
    if not 0 < flip < 256:
        raise ValueError("nothing is changed")
    return export[:place] + bytes([export[place] ^ flip]) + export[place + 1 :]

"""What stands in a chain, read with nothing but the specification: transactions by block."""

import hashlib
import struct


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


def transactions(block):
    """(id, contract) of a block's transactions, in order."""
    fields = Fields(block)
    if fields.take(4) != b"WLBK":
        raise ValueError("not a block")
    fields.lengthened()
    return [_transaction(fields.lengthened()) for _ in range(fields.number(4))]


def _transaction(data):
    body = Fields(Fields(data).lengthened())
    if body.take(4) != b"WLTX":
        raise ValueError("not a transaction")
    body.lengthened()
    body.take(1 + 32 + 8 + 8)
    return tagged_hash("TX-ID", data), body.lengthened().decode()


def read_channel(chain, validator, channel):
    """Yields (height, block hash by header, [(id, contract)]) of all blocks that a validator serves."""
    height = 0
    while True:
        status, page = chain.request(validator, f"/v1/channels/{channel}/blocks?from={height + 1}")
        if status != 200:
            raise RuntimeError(f"{validator.name}: {status} for the blocks of {channel} from {height + 1} on")
        fields = Fields(page)
        if fields.is_empty():
            return
        while not fields.is_empty():
            block = fields.lengthened()
            fields.lengthened()
            height += 1
            header = Fields(block[4:]).lengthened()
            yield height, tagged_hash("BLOCK", header), transactions(block)

"""IBTP messages as another implementation writes and reads them: protobuf by hand, from the published field list."""

import hashlib
from dataclasses import dataclass, field

from eth_utils import keccak

HUB = "1356"
NORTH = f"{HUB}:north:records"
STATUS = {"begin": 0, "begin-failure": 1, "begin-rollback": 2, "success": 3, "failure": 4, "rollback": 5}


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def number(tag, value):
    return varint(tag << 3) + varint(value) if value else b""


def data(tag, value, always=False):
    return varint(tag << 3 | 2) + varint(len(value)) + value if value or always else b""


@dataclass
class Message:
    source: str
    destination: str
    index: int
    kind: int = 0
    function: str = "do"
    arguments: list = field(default_factory=lambda: [b"first", b"second"])
    results: list = field(default_factory=list)
    extra: bytes = b""

    @property
    def payload(self):
        if self.kind == 0:
            content = data(1, self.function.encode()) + b"".join(data(2, a, True) for a in self.arguments)
        else:
            content = data(2, b"".join(data(1, r, True) for r in self.results), True)
            content += data(3, bytes([self.kind == 1]))
        return data(2, content) + data(3, self.payload_hash)

    @property
    def payload_hash(self):
        plain = b"".join(self.results) if self.kind else self.function.encode() + b"".join(self.arguments)
        return keccak(plain)

    @property
    def bytes(self):
        names = data(1, self.source.encode()) + data(2, self.destination.encode())
        return names + number(3, self.index) + number(4, self.kind) + data(7, self.payload) + data(10, self.extra)

    @property
    def hash(self):
        """Of from, to, index, type, timeoutHeight, payload and extra: here these are all."""
        return hashlib.sha256(self.bytes).digest()

    def write(self, folder):
        path = folder / f"{self.source[-8:]}-{self.index}-{self.kind}-{self.hash.hex()[:8]}.ibtp".replace(":", "_")
        path.write_bytes(self.bytes)
        return path


def fields(encoded):
    """The fields of a message by their numbers; the last of several counts."""
    found, place = {}, 0

    def take():
        nonlocal place
        value = shift = 0
        while True:
            byte = encoded[place]
            place += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while place < len(encoded):
        tag = take()
        value = take()
        if tag & 7 == 2:
            value, place = encoded[place : place + value], place + value
        found[tag >> 3] = value
    return found

"""Random cases of IBTP messages, with what the protobuf library and pycryptodome give for them."""

import random

from Crypto.Hash import keccak
from google.protobuf.message import DecodeError

from ibtp.messages import ENUMS, FIELDS, KINDS, decode, encode, group_id, message_hash

SERVICE_LETTERS = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789_.@#&<>/"
# Bytes of texts, by field of IBTP; the two names in a map have the bound of "from".
TEXT_MAX = {1: 194, 2: 194, 9: 32}
LENGTHS = [0, 1, 2, 20, 31, 32, 127, 128, 300]
# Around the block of 136 bytes.
KECCAK_LENGTHS = [0, 1, 135, 136, 137, 271, 272, 273]


def keccak256(data):
    return keccak.new(digest_bits=256, data=data).hexdigest()


class Cases:
    """Draws messages from a seed."""

    def __init__(self, seed):
        self.random = random.Random(f"ibtp {seed}")

    def cases(self, rounds):
        """One case of every kind a round, and the lengths at which Keccak's blocks end."""
        cases = [self.keccak(length) for length in KECCAK_LENGTHS]
        for _ in range(rounds):
            for kind in KINDS:
                cases += self.codec(kind)
            cases += [self.hash(), self.group(), self.digest()]
            cases += [self.request_hash(), self.receipt_hash(), self.damaged()]
            cases.append(self.keccak(self.random.randrange(1_000)))
        for number, case in enumerate(cases):
            case["name"] = f"{case['op']} {number + 1}"
        return cases

    def codec(self, kind):
        fields = getattr(self, kind)()
        data = encode(kind, fields)
        read = decode(kind, data)
        foreign = self.foreign(data)
        return [
            case("ibtp.encode", {"kind": kind, "message": fields}, {"bytes": data.hex()}),
            case("ibtp.decode", {"kind": kind, "bytes": data.hex(), "reading": "canonical"}, {"message": read}),
            case(
                "ibtp.decode",
                {"kind": kind, "bytes": foreign.hex(), "reading": "tolerant"},
                {"message": decode(kind, foreign)},
            ),
            {
                "op": "ibtp.decode",
                "in": {"kind": kind, "bytes": foreign.hex(), "reading": "canonical"},
                "error": "FORMAT",
            },
        ]

    def foreign(self, data):
        """The same message with fields that the published list does not have, before and after the others."""
        number = self.random.randrange(200, 2_000)
        return varint(number << 3) + varint(self.number()) + data + varint(number << 3 | 2) + b"\x03abc"

    def damaged(self):
        """A message cut off, or with bytes changed: refused, or read as protobuf reads it."""
        data = bytearray(encode("message", self.message()))
        if self.random.random() < 0.5:
            data = data[: self.random.randrange(len(data))]
        else:
            data[self.random.randrange(len(data))] ^= 1 << self.random.randrange(8)
        given = {"kind": "message", "bytes": bytes(data).hex(), "reading": "tolerant"}
        try:
            read = decode("message", bytes(data))
            check("IBTP", bytes(data))
        except (DecodeError, Refused):
            return {"op": "ibtp.decode", "in": given, "error": "FORMAT"}
        return case("ibtp.decode", given, {"message": read})

    def hash(self):
        fields = self.message()
        return case("ibtp.hash", {"message": fields}, {"hash": message_hash(fields)})

    def group(self):
        source, group = self.service(), self.indices()
        return case("ibtp.group", {"from": source, "group": group}, {"id": group_id(source, group)})

    def digest(self):
        fields = self.message() | {"index": self.random.randrange(1, 1 << 64)}
        payload = self.payload() | {"hash": self.random.randbytes(32).hex()}
        fields["payload"] = encode("payload", payload).hex()
        status = self.random.randrange(6)
        packed = fields["from"].encode() + fields["to"].encode()
        packed += fields["index"].to_bytes(8, "big") + fields["type"].to_bytes(8, "big")
        packed += bytes.fromhex(payload["hash"]) + status.to_bytes(8, "big")
        return case("ibtp.digest", {"message": fields, "status": status}, {"digest": keccak256(packed)})

    def request_hash(self):
        content = self.content()
        packed = content["func"].encode() + b"".join(map(bytes.fromhex, content["args"]))
        return case("ibtp.request_hash", {"message": content}, {"hash": keccak256(packed)})

    def receipt_hash(self):
        result = self.result()
        packed = b"".join(bytes.fromhex(value) for values in result["data"] for value in values)
        return case("ibtp.receipt_hash", {"message": result}, {"hash": keccak256(packed)})

    def keccak(self, length):
        data = self.random.randbytes(length)
        return case("keccak256", {"bytes": data.hex()}, {"hash": keccak256(data)})

    # Messages.

    def message(self):
        fields = {
            "from": self.service(),
            "to": self.service(),
            "index": self.number(),
            "type": self.random.randrange(5),
            "timeout_height": self.signed(),
            "proof": self.bytes(),
            "payload": self.bytes(),
            "version": self.random.choice(["", "1.28.0", "2.8.0"]),
            "extra": self.bytes(),
            "timestamp": self.signed(),
            "debug": self.random.random() < 0.5,
        }
        if self.random.random() < 0.5:
            fields["group"] = self.indices()
        return fields

    def batch(self):
        return {"ibtps": [self.message() for _ in range(self.random.randrange(4))]}

    def indices(self):
        keys = sorted({self.service() for _ in range(self.random.randrange(5))})
        self.random.shuffle(keys)
        return {"keys": keys, "vals": [self.number() for _ in keys]}

    def payload(self):
        return {"encrypted": self.random.random() < 0.5, "content": self.bytes(), "hash": self.bytes()}

    def content(self):
        name = self.random.choice(["", "set", "interchainCharge", "überweisen"])
        return {"func": name, "args": [self.bytes() for _ in range(self.random.randrange(4))]}

    def result(self):
        count = self.random.randrange(4)
        return {
            "data": [[self.bytes() for _ in range(self.random.randrange(3))] for _ in range(count)],
            "multi_status": [self.random.randrange(2) for _ in range(count)],
        }

    def attestation(self):
        signatures = [self.random.randbytes(65).hex() for _ in range(self.random.randrange(5))]
        return {"tx_status": self.random.randrange(6), "multi_sign": signatures}

    def record(self):
        return {"height": self.number(), "status": self.random.randrange(6)}

    # Values.

    def service(self):
        parts = ["".join(self.random.choices(SERVICE_LETTERS, k=self.random.randrange(1, 20))) for _ in range(3)]
        return ":".join(parts)

    def number(self):
        return self.random.getrandbits(self.random.choice([0, 1, 7, 8, 14, 32, 63, 64]))

    def signed(self):
        small = self.random.randrange(1_000)
        return str(self.random.getrandbits(64) - (1 << 63) if self.random.random() < 0.3 else small)

    def bytes(self):
        return self.random.randbytes(self.random.choice(LENGTHS)).hex()


class Refused(Exception):
    """What the protobuf library reads and our codec does not, by its documentation."""


def check(name, data):
    """Refuses wrong wire types, numbers of more than 64 bits, unknown values of enumerations, and out of bounds."""
    known = {number: kind for number, kind, _ in FIELDS[name]}
    place, counts = 0, {}
    while place < len(data):
        tag, place = read_varint(data, place)
        number, wire_type = tag >> 3, tag & 7
        kind = known.get(number)
        base = kind.rstrip("*") if kind else None
        value = None
        if wire_type == 0:
            value, place = read_varint(data, place)
        elif wire_type == 2:
            length, place = read_varint(data, place)
            value, place = data[place : place + length], place + length
        elif wire_type in (1, 5):
            place += 8 if wire_type == 1 else 4
        else:
            raise Refused
        if kind is None:
            continue
        is_number = base in ("bool", "int64", "uint64") or base in ENUMS
        if is_number and kind.endswith("*") and wire_type == 2:
            values, inner = [], 0
            while inner < len(value):
                item, inner = read_varint(value, inner)
                values.append(item)
        elif wire_type != (0 if is_number else 2):
            raise Refused
        else:
            values = [value]
        counts[number] = counts.get(number, 0) + len(values)
        if base in ENUMS and value >= len(ENUMS[base]) or base == "string" and len(value) > TEXT_MAX[number]:
            raise Refused
        if base in FIELDS:
            check(base, value)
    if name == "StringUint64Map" and counts.get(1, 0) != counts.get(2, 0):
        raise Refused


def read_varint(data, place):
    number = 0
    for shift in range(0, 70, 7):
        if place >= len(data):
            raise Refused
        byte, place = data[place], place + 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            if number >= 1 << 64:
                raise Refused
            return number, place
    raise Refused


def varint(number):
    data = b""
    while number > 0x7F:
        data += bytes([number & 0x7F | 0x80])
        number >>= 7
    return data + bytes([number])


def case(operation, given, out):
    return {"op": operation, "in": given, "out": out}

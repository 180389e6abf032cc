"""The messages of IBTP version 2, built from the published field list with the protobuf library: no generated code.

A message in a vector file is a JSON object: bytes are hexadecimal, 64-bit signed numbers are texts.
"""

import hashlib
import json

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

Field = descriptor_pb2.FieldDescriptorProto
TYPES = {
    "string": Field.TYPE_STRING,
    "bytes": Field.TYPE_BYTES,
    "bool": Field.TYPE_BOOL,
    "int64": Field.TYPE_INT64,
    "uint64": Field.TYPE_UINT64,
}
ENUMS = {
    "Type": ["INTERCHAIN", "RECEIPT_SUCCESS", "RECEIPT_FAILURE", "RECEIPT_ROLLBACK", "RECEIPT_ROLLBACK_END"],
    "TransactionStatus": ["BEGIN", "BEGIN_FAILURE", "BEGIN_ROLLBACK", "SUCCESS", "FAILURE", "ROLLBACK"],
}
# Message: (number, type, name); a star marks a repeated field.
FIELDS = {
    "StringUint64Map": [(1, "string*", "keys"), (2, "uint64*", "vals")],
    "IBTP": [
        (1, "string", "from"),
        (2, "string", "to"),
        (3, "uint64", "index"),
        (4, "Type", "type"),
        (5, "int64", "timeoutHeight"),
        (6, "bytes", "proof"),
        (7, "bytes", "payload"),
        (8, "StringUint64Map", "group"),
        (9, "string", "version"),
        (10, "bytes", "extra"),
        (11, "int64", "timestamp"),
        (12, "bool", "debug"),
    ],
    "payload": [(1, "bool", "encrypted"), (2, "bytes", "content"), (3, "bytes", "hash")],
    "content": [(1, "string", "func"), (2, "bytes*", "args")],
    "res": [(1, "bytes*", "data")],
    "result": [(2, "res*", "data"), (3, "bool*", "MultiStatus")],
    "IBTPs": [(1, "IBTP*", "ibtps")],
    "bxhProof": [(1, "TransactionStatus", "txStatus"), (2, "bytes*", "multiSign")],
    "TransactionRecord": [(1, "uint64", "height"), (2, "TransactionStatus", "status")],
}
KINDS = {
    "message": "IBTP",
    "batch": "IBTPs",
    "indices": "StringUint64Map",
    "payload": "payload",
    "content": "content",
    "result": "result",
    "attestation": "bxhProof",
    "record": "TransactionRecord",
}
# Names in vector files that differ from the published ones.
SPELLINGS = {
    "timeoutHeight": "timeout_height",
    "MultiStatus": "multi_status",
    "txStatus": "tx_status",
    "multiSign": "multi_sign",
}


def build():
    """Message classes by name."""
    file = descriptor_pb2.FileDescriptorProto(name="ibtp.proto", package="pb", syntax="proto3")
    for name, values in ENUMS.items():
        enum = file.enum_type.add(name=name)
        for number, value in enumerate(values):
            enum.value.add(name=f"{name}_{value}", number=number)
    for name, fields in FIELDS.items():
        message = file.message_type.add(name=name)
        for number, kind, field_name in fields:
            repeated = kind.endswith("*")
            kind = kind.rstrip("*")
            field = message.field.add(name=field_name, number=number)
            field.label = Field.LABEL_REPEATED if repeated else Field.LABEL_OPTIONAL
            if kind in TYPES:
                field.type = TYPES[kind]
            else:
                field.type = Field.TYPE_ENUM if kind in ENUMS else Field.TYPE_MESSAGE
                field.type_name = f".pb.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"pb.{name}")) for name in FIELDS}


CLASSES = build()


def to_protobuf(kind, fields):
    return fill(CLASSES[KINDS[kind]](), fields)


def fill(message, fields):
    name = message.DESCRIPTOR.name
    for _, kind, field in FIELDS[name]:
        value = fields.get(SPELLINGS.get(field, field))
        if value is None:
            continue
        base, repeated = kind.rstrip("*"), kind.endswith("*")
        if base in FIELDS and not repeated:
            getattr(message, field).SetInParent()
            fill(getattr(message, field), value)
        elif base in FIELDS:
            for item in value:
                fill(getattr(message, field).add(), {"data": item} if base == "res" else item)
        elif repeated:
            getattr(message, field).extend(plain(base, item) for item in value)
        else:
            setattr(message, field, plain(base, value))
    return message


def plain(kind, value):
    if kind == "bytes":
        return bytes.fromhex(value)
    return int(value) if kind == "int64" else value


def to_fields(message):
    """The message as a vector file has it, with every field but an absent group."""
    fields = {}
    for _, kind, field in FIELDS[message.DESCRIPTOR.name]:
        base, repeated = kind.rstrip("*"), kind.endswith("*")
        value = getattr(message, field)
        if base == "res":
            value = [[data.hex() for data in item.data] for item in value]
        elif base in FIELDS and repeated:
            value = [to_fields(item) for item in value]
        elif base in FIELDS:
            if not message.HasField(field):
                continue
            value = to_fields(value)
        elif repeated:
            value = [shown(base, item) for item in value]
            if base == "bool":
                value = [int(item) for item in value]
        else:
            value = shown(base, value)
        fields[SPELLINGS.get(field, field)] = value
    return fields


def shown(kind, value):
    if kind == "bytes":
        return value.hex()
    return str(value) if kind == "int64" else value


def encode(kind, fields):
    return to_protobuf(kind, fields).SerializeToString(deterministic=True)


def decode(kind, data):
    message = CLASSES[KINDS[kind]]()
    message.ParseFromString(data)
    return to_fields(message)


def message_hash(fields):
    """SHA-256 of the seven fields that are covered."""
    covered = {name: fields[name] for name in ("from", "to", "index", "type", "timeout_height", "payload", "extra")}
    return hashlib.sha256(encode("message", covered)).hexdigest()


def group_id(source, group):
    """SHA-256 of the source and the map as Go's encoding/json writes it."""
    text = json.dumps(dict(zip(group["keys"], group["vals"])), sort_keys=True, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return hashlib.sha256((source + text).encode()).hexdigest()

internal import CanonicalBytes
internal import IBTP
internal import Records

/// Messages between chains: the published protobuf messages of IBTP version 2, their hashes and digests.
enum InterchainOperations {
    static let all = [
        Operation("ibtp.encode") { ["bytes": .hex(try bytes(of: $0.object("message"), $0.text("kind")))] },
        Operation("ibtp.decode") { input in
            let bytes = try input.bytes("bytes")
            let reading = try reading(input)
            return ["message": .object(try fields(of: bytes, input.text("kind"), reading))]
        },
        Operation("ibtp.hash") { ["hash": .hex(try message(try $0.object("message")).hash.bytes)] },
        Operation("ibtp.id") { ["id": .string(try MessageID(try $0.text("id")).description)] },
        Operation("ibtp.group") { input in
            let source = try ServiceID(input.text("from"))
            return ["id": .hex(try indices(input.object("group")).groupID(from: source).bytes)]
        },
        Operation("ibtp.digest") { input in
            let status = try status(input, "status")
            return ["digest": .hex(try RelayDigest.digest(of: message(input.object("message")), status: status))]
        },
        Operation("ibtp.request_hash") { ["hash": .hex(PayloadHash.request(try content(try $0.object("message"))))] },
        Operation("ibtp.receipt_hash") { ["hash": .hex(PayloadHash.receipt(try result(try $0.object("message"))))] },
        Operation("keccak256") { ["hash": .hex(Keccak256.digest(try $0.bytes("bytes")))] },
    ]

    private static func reading(_ input: CaseInput) throws -> WireReading {
        switch try input.text("reading") {
        case "canonical": .canonical
        case "tolerant": .tolerant
        default: throw MalformedInput("`reading` is canonical or tolerant")
        }
    }

    private static func bytes(of input: CaseInput, _ kind: String) throws -> [UInt8] {
        switch kind {
        case "message": try self.message(input).bytes
        case "batch": MessageBatch(messages: try input.objects("ibtps").map(self.message)).bytes
        case "indices": try self.indices(input).bytes
        case "payload": try self.payload(input).bytes
        case "content": try self.content(input).bytes
        case "result": try self.result(input).bytes
        case "attestation":
            RelayAttestation(
                status: try self.status(input, "tx_status"),
                signatures: try input.byteLists("multi_sign")
            ).bytes
        case "record":
            TransactionRecord(height: try input.u64("height"), status: try self.status(input, "status")).bytes
        default: throw MalformedInput("`kind` names no message")
        }
    }

    private static func fields(of bytes: [UInt8], _ kind: String, _ reading: WireReading) throws -> JSONObject {
        switch kind {
        case "message": return self.fields(of: try InterchainMessage(bytes: bytes, reading))
        case "batch":
            let messages = try MessageBatch(bytes: bytes, reading).messages
            return ["ibtps": .array(messages.map { .object(self.fields(of: $0)) })]
        case "indices": return self.fields(of: try ServiceIndices(bytes: bytes, reading))
        case "payload":
            let payload = try InterchainPayload(bytes: bytes, reading)
            return [
                "encrypted": .bool(payload.isEncrypted), "content": .hex(payload.content), "hash": .hex(payload.hash),
            ]
        case "content":
            let content = try InterchainContent(bytes: bytes, reading)
            return ["func": .string(content.function), "args": .array(content.arguments.map(JSONValue.hex))]
        case "result":
            let result = try InterchainResult(bytes: bytes, reading)
            return [
                "data": .array(result.data.map { .array($0.map(JSONValue.hex)) }),
                "multi_status": .array(result.statuses.map { .integer($0 ? 1 : 0) }),
            ]
        case "attestation":
            let attestation = try RelayAttestation(bytes: bytes, reading)
            return [
                "tx_status": .integer(UInt64(attestation.status.rawValue)),
                "multi_sign": .array(attestation.signatures.map(JSONValue.hex)),
            ]
        case "record":
            let record = try TransactionRecord(bytes: bytes, reading)
            return ["height": .integer(record.height), "status": .integer(UInt64(record.status.rawValue))]
        default: throw MalformedInput("`kind` names no message")
        }
    }
}

/// The fields of messages as vector files have them; signed numbers are texts.
extension InterchainOperations {
    private static func message(_ input: CaseInput) throws -> InterchainMessage {
        guard let type = MessageType(rawValue: try input.integer("type", as: UInt8.self)) else {
            throw MalformedInput("`type` is none")
        }
        return InterchainMessage(
            from: try input.text("from"),
            to: try input.text("to"),
            index: try input.u64("index"),
            type: type,
            timeoutHeight: try self.signed(input, "timeout_height"),
            proof: try input.bytes("proof"),
            payload: try input.bytes("payload"),
            group: input.has("group") ? try self.indices(input.object("group")) : nil,
            version: try input.text("version"),
            extra: try input.bytes("extra"),
            timestamp: try self.signed(input, "timestamp"),
            debug: input.isTrue("debug")
        )
    }

    private static func fields(of message: InterchainMessage) -> JSONObject {
        var fields: JSONObject = [
            "from": .string(message.from), "to": .string(message.to), "index": .integer(message.index),
            "type": .integer(UInt64(message.type.rawValue)),
            "timeout_height": .string(String(message.timeoutHeight)),
            "proof": .hex(message.proof), "payload": .hex(message.payload), "version": .string(message.version),
            "extra": .hex(message.extra), "timestamp": .string(String(message.timestamp)),
            "debug": .bool(message.debug),
        ]
        if let group = message.group { fields["group"] = .object(self.fields(of: group)) }
        return fields
    }

    private static func indices(_ input: CaseInput) throws -> ServiceIndices {
        let keys = try input.texts("keys")
        let values = try input.integers("vals", as: UInt64.self)
        guard keys.count == values.count else { throw MalformedInput("`keys` and `vals` are of different lengths") }
        return try ServiceIndices(zip(keys, values).map { ServiceIndices.Entry(service: $0, index: $1) })
    }

    private static func fields(of indices: ServiceIndices) -> JSONObject {
        [
            "keys": .strings(indices.entries.map(\.service)),
            "vals": .array(indices.entries.map { .integer($0.index) }),
        ]
    }

    private static func payload(_ input: CaseInput) throws -> InterchainPayload {
        InterchainPayload(
            isEncrypted: input.isTrue("encrypted"),
            content: try input.bytes("content"),
            hash: try input.bytes("hash")
        )
    }

    private static func content(_ input: CaseInput) throws -> InterchainContent {
        InterchainContent(function: try input.text("func"), arguments: try input.byteLists("args"))
    }

    private static func result(_ input: CaseInput) throws -> InterchainResult {
        InterchainResult(
            data: try input.byteListLists("data"),
            statuses: try input.integers("multi_status", as: UInt8.self).map { $0 == 1 }
        )
    }

    private static func status(_ input: CaseInput, _ name: String) throws -> TransactionStatus {
        guard let status = TransactionStatus(rawValue: try input.integer(name, as: UInt8.self)) else {
            throw MalformedInput("`\(name)` is no status")
        }
        return status
    }

    private static func signed(_ input: CaseInput, _ name: String) throws -> Int64 {
        guard let number = Int64(try input.text(name)) else { throw MalformedInput("`\(name)` is no number") }
        return number
    }
}

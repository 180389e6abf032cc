import CanonicalBytes
import IBTP
import Records
import Testing
import VectorFiles

/// What PyPI's protobuf and pycryptodome give (`scripts/interop-ibtp`).
@Suite struct GoldenTests {
    private static func cases(_ operation: String) throws -> [VectorCase] {
        try VectorFile.cases("../ibtp/golden", operation)
    }

    @Test func everyMessageHasTheBytesOfTheProtobufLibrary() throws {
        for vector in try Self.cases("ibtp.encode") {
            let fields = try vector.object("message")
            let message = try Self.encoding(of: fields, try vector.text("kind"))
            #expect(vector.expected == .output(["bytes": .text(message.hex)]), "\(vector)")
        }
    }

    @Test func bytesOfTheProtobufLibraryAreReadAndGivenBack() throws {
        for vector in try Self.cases("ibtp.decode") {
            let reading: WireReading = try vector.text("reading") == "canonical" ? .canonical : .tolerant
            let bytes = try vector.bytes("bytes")
            let kind = try vector.text("kind")
            switch vector.expected {
            case .failure(let code):
                #expect(try refusal { try Self.read(bytes, kind, reading) }?.rawValue == code, "\(vector)")
            case .output(let output):
                guard case .object(let fields)? = output["message"] else {
                    throw VectorError(description: "no message")
                }
                // The fields' own encoding is compared with the library's elsewhere.
                let expected = try Self.encoding(of: VectorInput(fields), kind)
                #expect(try Self.read(bytes, kind, reading) == expected, "\(vector)")
                if reading == .canonical { #expect(expected == bytes, "\(vector)") }
            }
        }
    }

    @Test func hashesAndDigestsAreThoseOfAnIndependentImplementation() throws {
        for vector in try Self.cases("ibtp.hash") {
            let hash = try Self.message(vector.object("message")).hash
            #expect(vector.expected == .output(["hash": .text(hash.description)]))
        }
        for vector in try Self.cases("ibtp.group") {
            let id = try Self.indices(vector.object("group")).groupID(from: ServiceID(vector.text("from")))
            #expect(vector.expected == .output(["id": .text(id.description)]))
        }
        for vector in try Self.cases("ibtp.digest") {
            let message = try Self.message(vector.object("message"))
            let digest = try RelayDigest.digest(of: message, status: Self.status(vector.number("status")))
            #expect(vector.expected == .output(["digest": .text(digest.hex)]))
        }
        for vector in try Self.cases("ibtp.request_hash") {
            let hash = PayloadHash.request(try Self.content(vector.object("message")))
            #expect(vector.expected == .output(["hash": .text(hash.hex)]))
        }
        for vector in try Self.cases("ibtp.receipt_hash") {
            let hash = PayloadHash.receipt(try Self.result(vector.object("message")))
            #expect(vector.expected == .output(["hash": .text(hash.hex)]))
        }
        for vector in try Self.cases("keccak256") {
            let hash = Keccak256.digest(try vector.bytes("bytes"))
            #expect(vector.expected == .output(["hash": .text(hash.hex)]))
        }
    }
}

/// Messages as the vector file has them.
extension GoldenTests {
    private static func encoding(of fields: VectorInput, _ kind: String) throws -> [UInt8] {
        switch kind {
        case "message": try self.message(fields).bytes
        case "batch": MessageBatch(messages: try fields.objects("ibtps").map(self.message)).bytes
        case "indices": try self.indices(fields).bytes
        case "payload":
            InterchainPayload(
                isEncrypted: fields.isTrue("encrypted"),
                content: try fields.bytes("content"),
                hash: try fields.bytes("hash")
            ).bytes
        case "content": try self.content(fields).bytes
        case "result": try self.result(fields).bytes
        case "attestation":
            RelayAttestation(
                status: try self.status(fields.number("tx_status")),
                signatures: try fields.bytesList("multi_sign")
            ).bytes
        case "record":
            TransactionRecord(height: try fields.number("height"), status: try self.status(fields.number("status")))
                .bytes
        default: throw VectorError(description: "no kind \(kind)")
        }
    }

    /// What is read, encoded anew.
    private static func read(_ bytes: [UInt8], _ kind: String, _ reading: WireReading) throws -> [UInt8] {
        switch kind {
        case "message": try InterchainMessage(bytes: bytes, reading).bytes
        case "batch": try MessageBatch(bytes: bytes, reading).bytes
        case "indices": try ServiceIndices(bytes: bytes, reading).bytes
        case "payload": try InterchainPayload(bytes: bytes, reading).bytes
        case "content": try InterchainContent(bytes: bytes, reading).bytes
        case "result": try InterchainResult(bytes: bytes, reading).bytes
        case "attestation": try RelayAttestation(bytes: bytes, reading).bytes
        case "record": try TransactionRecord(bytes: bytes, reading).bytes
        default: throw VectorError(description: "no kind \(kind)")
        }
    }

    private static func message(_ fields: VectorInput) throws -> InterchainMessage {
        InterchainMessage(
            from: try fields.text("from"),
            to: try fields.text("to"),
            index: try fields.number("index"),
            type: try #require(MessageType(rawValue: fields.number("type"))),
            timeoutHeight: try #require(Int64(fields.text("timeout_height"))),
            proof: try fields.bytes("proof"),
            payload: try fields.bytes("payload"),
            group: fields.has("group") ? try self.indices(fields.object("group")) : nil,
            version: try fields.text("version"),
            extra: try fields.bytes("extra"),
            timestamp: try #require(Int64(fields.text("timestamp"))),
            debug: fields.isTrue("debug")
        )
    }

    private static func indices(_ fields: VectorInput) throws -> ServiceIndices {
        guard case .list(let values)? = fields.fields["vals"] else { throw VectorError(description: "no numbers") }
        let numbers = values.map { if case .number(let number) = $0 { number } else { 0 as UInt64 } }
        let keys = try fields.texts("keys")
        try #require(keys.count == numbers.count)
        return try ServiceIndices(zip(keys, numbers).map { ServiceIndices.Entry(service: $0, index: $1) })
    }

    private static func content(_ fields: VectorInput) throws -> InterchainContent {
        InterchainContent(function: try fields.text("func"), arguments: try fields.bytesList("args"))
    }

    private static func result(_ fields: VectorInput) throws -> InterchainResult {
        guard case .list(let lists)? = fields.fields["data"], case .list(let statuses)? = fields.fields["multi_status"]
        else { throw VectorError(description: "no lists") }
        let data = try lists.map { try VectorInput(["values": $0]).bytesList("values") }
        return InterchainResult(data: data, statuses: statuses.map { $0 == .number(1) })
    }

    private static func status(_ number: UInt8) throws -> TransactionStatus {
        try #require(TransactionStatus(rawValue: number))
    }
}

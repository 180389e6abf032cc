package import CanonicalBytes
internal import IBTP

/// A block's header as a chain with an EVM hashes it: an RLP list whose length tells the fork.
///
/// 16 fields from London on (EIP-1559), 17 from Shanghai (EIP-4895), 20 from Cancun (EIP-4844, EIP-4788), 21 from
/// Prague (EIP-7685). Nothing older is read.
package struct EVMBlockHeader: Hashable, Sendable {
    /// Bytes of the longest header: proof-of-authority chains keep lists of signers in one.
    package static let bytesMax = 16_384
    /// Fields that a header may have.
    package static let fieldCounts = [16, 17, 20, 21]

    /// The encoding, of which the hash is.
    package let rlp: [UInt8]
    /// Keccak-256 of the encoding, 32 bytes.
    package let hash: [UInt8]
    package let parentHash: [UInt8]
    package let stateRoot: [UInt8]
    package let receiptsRoot: [UInt8]
    /// 256 bytes.
    package let logsBloom: [UInt8]
    package let number: UInt64
    /// Seconds since 1970.
    package let timestamp: UInt64
    /// Wei for a unit of gas.
    package let baseFee: UInt64

    /// Reads a header.
    ///
    /// - Throws: `FORMAT`.
    package init(rlp: [UInt8]) throws(ProtocolFailure) {
        try require(rlp.count <= Self.bytesMax, .format, "a header of \(rlp.count) bytes")
        try self.init(fields: RLPItem(encoded: rlp).list("a header"))
    }

    /// Forms a header of its fields in their order.
    ///
    /// - Throws: `FORMAT` for another number of fields than a fork has, and for a field of another shape.
    package init(fields: [RLPItem]) throws(ProtocolFailure) {
        try require(Self.fieldCounts.contains(fields.count), .format, "no fork has headers of \(fields.count) fields")
        for (field, place) in zip(Field.allCases, fields.indices) { try field.check(fields[place]) }
        self.parentHash = try fields[Field.parentHash.rawValue].bytes("parentHash")
        self.stateRoot = try fields[Field.stateRoot.rawValue].bytes("stateRoot")
        self.receiptsRoot = try fields[Field.receiptsRoot.rawValue].bytes("receiptsRoot")
        self.logsBloom = try fields[Field.logsBloom.rawValue].bytes("logsBloom")
        self.number = try fields[Field.number.rawValue].number("number")
        self.timestamp = try fields[Field.timestamp.rawValue].number("timestamp")
        self.baseFee = try fields[Field.baseFeePerGas.rawValue].number("baseFeePerGas")
        self.rlp = RLPItem.list(fields).encoded
        try require(self.rlp.count <= Self.bytesMax, .format, "a header of \(self.rlp.count) bytes")
        self.hash = Keccak256.digest(self.rlp)
    }

    /// The fields, by the names of JSON-RPC.
    package enum Field: Int, CaseIterable, Sendable {
        case parentHash, sha3Uncles, miner, stateRoot, transactionsRoot, receiptsRoot, logsBloom, difficulty, number
        case gasLimit, gasUsed, timestamp, extraData, mixHash, nonce, baseFeePerGas
        case withdrawalsRoot
        case blobGasUsed, excessBlobGas, parentBeaconBlockRoot
        case requestsHash

        /// How a field is written.
        package enum Shape: Hashable, Sendable {
            case bytes(Int)
            case anyBytes
            /// An integer of at most so many bytes.
            case number(Int)
        }

        package var shape: Shape {
            switch self {
            case .miner: .bytes(20)
            case .logsBloom: .bytes(EVMBloom.byteCount)
            case .nonce: .bytes(8)
            case .extraData: .anyBytes
            case .difficulty: .number(32)
            case .number, .gasLimit, .gasUsed, .timestamp, .baseFeePerGas, .blobGasUsed, .excessBlobGas: .number(8)
            case .parentHash, .sha3Uncles, .stateRoot, .transactionsRoot, .receiptsRoot, .mixHash, .withdrawalsRoot,
                .parentBeaconBlockRoot, .requestsHash:
                .bytes(32)
            }
        }

        fileprivate func check(_ item: RLPItem) throws(ProtocolFailure) {
            switch self.shape {
            case .bytes(let count): _ = try item.bytes(count, "\(self)")
            case .anyBytes: _ = try item.bytes("\(self)")
            case .number(let bytesMax): _ = try item.quantity(bytesMax: bytesMax, "\(self)")
            }
        }
    }

    package static func == (a: EVMBlockHeader, b: EVMBlockHeader) -> Bool { a.hash == b.hash }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.hash) }
}

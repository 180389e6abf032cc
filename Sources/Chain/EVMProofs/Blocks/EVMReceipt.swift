package import CanonicalBytes

/// What a contract has said while it ran.
package struct EVMLog: Hashable, Sendable {
    package static let topicsMax = 4

    package let address: EVMAddress
    /// At most ``topicsMax``, 32 bytes each; the first is the digest of an event's signature.
    package let topics: [[UInt8]]
    package let data: [UInt8]

    /// - Throws: `FORMAT` for topics of another number or length.
    package init(address: EVMAddress, topics: [[UInt8]], data: [UInt8]) throws(ProtocolFailure) {
        let isGood = topics.count <= Self.topicsMax && topics.allSatisfy { $0.count == 32 }
        try require(isGood, .format, "a log has at most \(Self.topicsMax) topics of 32 bytes")
        self.address = address
        self.topics = topics
        self.data = data
    }

    var item: RLPItem {
        .list([.bytes(self.address.bytes), .list(self.topics.map(RLPItem.bytes)), .bytes(self.data)])
    }

    init(item: RLPItem) throws(ProtocolFailure) {
        let fields = try item.list("a log")
        try require(fields.count == 3, .format, "a log of \(fields.count) fields")
        var topics: [[UInt8]] = []
        for topic in try fields[1].list("topics") { topics.append(try topic.bytes(32, "a topic")) }
        try self.init(
            address: EVMAddress(fields[0].bytes("an address")),
            topics: topics,
            data: fields[2].bytes("a log's data")
        )
    }
}

/// What came of a transaction, as a block's tree of receipts holds it (EIP-658, EIP-2718).
package struct EVMReceipt: Hashable, Sendable {
    /// Legacy, and the types of EIP-2930, 1559, 4844 and 7702.
    package static let types: ClosedRange<UInt8> = 0...4

    package let type: UInt8
    /// A transaction that did not succeed has no logs.
    package let isSuccess: Bool
    /// Of this and all earlier transactions of the block.
    package let cumulativeGasUsed: UInt64
    package let logsBloom: [UInt8]
    package let logs: [EVMLog]

    /// A receipt with the filter that its logs have.
    ///
    /// - Throws: `FORMAT` for a type that there is not.
    package init(
        type: UInt8,
        isSuccess: Bool,
        cumulativeGasUsed: UInt64,
        logs: [EVMLog]
    ) throws(ProtocolFailure) {
        try require(Self.types.contains(type), .format, "no receipts are of type \(type)")
        self.type = type
        self.isSuccess = isSuccess
        self.cumulativeGasUsed = cumulativeGasUsed
        self.logs = logs
        self.logsBloom = EVMBloom.filter(logs)
    }

    /// `rlp` of a legacy receipt, `u8 type || rlp` of every other.
    package var encoded: [UInt8] {
        let body = RLPItem.list([
            .number(self.isSuccess ? 1 : 0), .number(self.cumulativeGasUsed), .bytes(self.logsBloom),
            .list(self.logs.map(\.item)),
        ])
        return (self.type == 0 ? [] : [self.type]) + body.encoded
    }

    /// Reads a receipt.
    ///
    /// - Throws: `FORMAT`, also for the receipts of before Byzantium and for a filter of other logs.
    package init(encoded: [UInt8]) throws(ProtocolFailure) {
        let first = encoded.first ?? 0
        try require(first >= 0xC0 || (1...Self.types.upperBound).contains(first), .format, "no type of receipts")
        let type = first >= 0xC0 ? 0 : first
        let fields = try RLPItem(encoded: type == 0 ? encoded : Array(encoded.dropFirst())).list("a receipt")
        try require(fields.count == 4, .format, "a receipt of \(fields.count) fields")
        let status = try fields[0].number("a receipt's status")
        try require(status <= 1, .format, "a receipt's status is 0 or 1")
        var logs: [EVMLog] = []
        for log in try fields[3].list("logs") { logs.append(try EVMLog(item: log)) }
        try self.init(
            type: type,
            isSuccess: status == 1,
            cumulativeGasUsed: fields[1].number("a receipt's gas"),
            logs: logs
        )
        let bloom = try fields[2].bytes(EVMBloom.byteCount, "a receipt's filter")
        try require(bloom == self.logsBloom, .format, "a receipt with the filter of other logs")
    }
}

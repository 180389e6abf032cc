package import CanonicalBytes
package import Consensus

/// A whole block: header, transactions, and the next committee when it changes.
///
/// `"WLBK" || LP(header) || u32 n || n × LP(transaction) || LP(committee or nothing)`.
package struct LedgerBlock: Hashable, Sendable {
    /// Bytes that a block may have at most, whatever a chain's parameters say.
    package static let bytesMax = 16 << 20
    package static let transactionsMax = 65_536

    package let header: BlockHeader
    package let transactions: [Transaction]
    /// The committee of the next epoch, when this block ends its own.
    package let nextCommittee: Committee?

    package init(header: BlockHeader, transactions: [Transaction], nextCommittee: Committee?) {
        self.header = header
        self.transactions = transactions
        self.nextCommittee = nextCommittee
    }

    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 512 + self.transactions.reduce(0) { $0 + $1.bytes.count + 4 })
        writer.magic("WLBK")
        writer.lengthPrefixed(self.header.bytes)
        writer.u32(UInt32(self.transactions.count))
        for transaction in self.transactions { writer.lengthPrefixed(transaction.bytes) }
        if let committee = self.nextCommittee {
            var inner = CanonicalWriter(capacity: 512)
            committee.write(to: &inner)
            writer.lengthPrefixed(inner.bytes)
        } else {
            writer.lengthPrefixed([UInt8]())
        }
        return writer.bytes
    }

    /// Reads a block strictly; its roots, signatures and effects are another question.
    ///
    /// - Parameters:
    ///   - bytes: the canonical encoding.
    ///   - known: gives a transaction that is decoded already, by its id, so that there is one copy of it.
    /// - Throws: `FORMAT`, or `CONTEXT` for a next committee that the header does not name.
    package init(
        bytes: [UInt8],
        known: ((_ id: [UInt8]) -> Transaction?)? = nil
    ) throws(ProtocolFailure) {
        try require(bytes.count <= Self.bytesMax, .format, "the block is too long")
        var reader = CanonicalReader(bytes)
        try reader.magic("WLBK")
        self.header = try BlockHeader(bytes: try reader.lengthPrefixed())
        let count = Int(try reader.u32())
        try require(count <= Self.transactionsMax && count <= reader.remaining / 4, .format, "too many transactions")
        var transactions: [Transaction] = []
        transactions.reserveCapacity(count)
        for _ in 0..<count {
            let encoded = try reader.lengthPrefixed()
            let id = Transaction.id(of: encoded)
            if let transaction = known?(id) {
                transactions.append(transaction)
            } else {
                transactions.append(try Transaction(bytes: encoded, id: id))
            }
        }
        self.transactions = transactions
        let committee = try reader.lengthPrefixed()
        try reader.finish()
        self.nextCommittee = committee.isEmpty ? nil : try Self.committee(committee, of: self.header)
    }

    private static func committee(_ bytes: [UInt8], of header: BlockHeader) throws(ProtocolFailure) -> Committee {
        var reader = CanonicalReader(bytes)
        let committee = try Committee(from: &reader)
        try reader.finish()
        let isNamed = CommitteeDigest.of(committee) == header.validatorsRoot && committee.epoch == header.epoch + 1
        try require(isNamed, .context, "a committee that the header does not name")
        return committee
    }

    /// Requires that the header, over which hash and certificate go, names what follows it: else anybody could put another
    /// body under a certified header.
    ///
    /// - Parameter committee: the current one; nil when it is not known. That a committee is missing shows only beside the one
    ///   that decides the block.
    /// - Throws: `CONTEXT`.
    package func requireNamedBody(under committee: Committee?) throws(ProtocolFailure) {
        let isNamed = BlockTrees.root(self.transactions.map(\.id)) == self.header.transactionRoot
        try require(isNamed, .context, "transactions that the header does not name")
        guard self.nextCommittee == nil, let committee, committee.epoch == self.header.epoch else { return }
        let isUnchanged = CommitteeDigest.of(committee) == self.header.validatorsRoot
        try require(isUnchanged, .context, "without the committee that the header names")
    }

    package static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }

    package func hash(into hasher: inout Hasher) { hasher.combine(self.header.hash) }
}

/// Shows consensus what it needs of a block's bytes.
package struct LedgerBlockReader: BlockReader {
    private let chain: [UInt8]
    private let channel: Channel

    package init(chain: [UInt8], channel: Channel) {
        self.chain = chain
        self.channel = channel
    }

    package func block(of payload: [UInt8]) throws(ProtocolFailure) -> Block {
        let block = try LedgerBlock(bytes: payload)
        try require(
            block.header.chain == self.chain && block.header.channel == self.channel,
            .context,
            "a block of another chain or channel"
        )
        return block.description(payload: payload)
    }
}

extension LedgerBlock {
    /// The block as consensus sees it; the payload is this block's ``bytes``.
    package func description(payload: [UInt8]) -> Block {
        Block(
            height: self.header.height,
            parent: self.header.parent,
            hash: self.header.hash,
            nextCommittee: self.nextCommittee,
            payload: payload
        )
    }
}

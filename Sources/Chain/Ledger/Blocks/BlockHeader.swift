package import CanonicalBytes
package import Consensus
internal import Transcripts

/// What a quorum certificate proves of a block.
///
/// `"WLBH" || u8 version || LP(chain) || u8 channel || u64 epoch || u64 height || parent || transactions || receipts
/// || state || validators || ibtp_out || ibtp_timeout || evidence || u64 time`, the roots 32 bytes each. It names no
/// view, so that a block can be proposed again unchanged; the view stands in votes and certificate.
package struct BlockHeader: Hashable, Sendable {
    package static let currentVersion: UInt8 = 1
    /// In the place of roots of what a block has none of.
    package static let noRoot = [UInt8](repeating: 0, count: 32)

    package let version: UInt8
    /// The chain's identifier.
    package let chain: [UInt8]
    package let channel: Channel
    /// Of the committee that decides this block.
    package let epoch: CommitteeEpoch
    package let height: Height
    package let parent: BlockHash
    /// RFC 9162 tree over the transactions' ids, in the order of the block.
    package let transactionRoot: [UInt8]
    /// RFC 9162 tree over the receipts' bytes, in the same order.
    package let receiptRoot: [UInt8]
    /// The state after this block.
    package let stateRoot: [UInt8]
    /// ``CommitteeDigest`` of the committee that decides the next block.
    package let validatorsRoot: [UInt8]
    /// Of ``OutboundTree/out``.
    package let crossChainOutRoot: [UInt8]
    /// Of ``OutboundTree/timeout``.
    package let crossChainTimeoutRoot: [UInt8]
    /// RFC 9162 tree over the ids of the block's evidence transactions; zero when there are none.
    package let evidenceRoot: [UInt8]
    /// Milliseconds since 1970, greater than the parent's.
    package let time: UInt64

    package init(
        chain: [UInt8],
        channel: Channel,
        epoch: CommitteeEpoch,
        height: Height,
        parent: BlockHash,
        transactionRoot: [UInt8],
        receiptRoot: [UInt8],
        stateRoot: [UInt8],
        validatorsRoot: [UInt8],
        crossChainOutRoot: [UInt8] = Self.noRoot,
        crossChainTimeoutRoot: [UInt8] = Self.noRoot,
        evidenceRoot: [UInt8],
        time: UInt64
    ) {
        self.version = Self.currentVersion
        self.chain = chain
        self.channel = channel
        self.epoch = epoch
        self.height = height
        self.parent = parent
        self.transactionRoot = transactionRoot
        self.receiptRoot = receiptRoot
        self.stateRoot = stateRoot
        self.validatorsRoot = validatorsRoot
        self.crossChainOutRoot = crossChainOutRoot
        self.crossChainTimeoutRoot = crossChainTimeoutRoot
        self.evidenceRoot = evidenceRoot
        self.time = time
    }

    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 320)
        writer.magic("WLBH")
        writer.u8(self.version)
        writer.lengthPrefixed(self.chain)
        writer.u8(self.channel.rawValue)
        writer.u64(self.epoch)
        writer.u64(self.height)
        self.parent.write(to: &writer)
        writer.raw(self.transactionRoot)
        writer.raw(self.receiptRoot)
        writer.raw(self.stateRoot)
        writer.raw(self.validatorsRoot)
        writer.raw(self.crossChainOutRoot)
        writer.raw(self.crossChainTimeoutRoot)
        writer.raw(self.evidenceRoot)
        writer.u64(self.time)
        return writer.bytes
    }

    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLBH")
        self.version = try reader.u8()
        try require(self.version == Self.currentVersion, .format, "a block of another version")
        self.chain = try reader.lengthPrefixed()
        guard let channel = Channel(rawValue: try reader.u8()) else {
            throw ProtocolFailure(.format, "no such channel")
        }
        self.channel = channel
        self.epoch = try reader.u64()
        self.height = try reader.u64()
        self.parent = try reader.blockHash()
        self.transactionRoot = try reader.take(32)
        self.receiptRoot = try reader.take(32)
        self.stateRoot = try reader.take(32)
        self.validatorsRoot = try reader.take(32)
        self.crossChainOutRoot = try reader.take(32)
        self.crossChainTimeoutRoot = try reader.take(32)
        self.evidenceRoot = try reader.take(32)
        self.time = try reader.u64()
        try reader.finish()
    }

    /// `H("BLOCK", bytes)`: the block's name, and what votes sign.
    package var hash: BlockHash {
        // Tagged hashes have 32 bytes.
        BlockHash(TaggedHash.digest("BLOCK", self.bytes)) ?? .zero
    }
}

/// Names a committee in headers.
package enum CommitteeDigest {
    /// `H("COMMITTEE", canonical bytes)`.
    package static func of(_ committee: Committee) -> [UInt8] {
        var writer = CanonicalWriter(capacity: 512)
        committee.write(to: &writer)
        return TaggedHash.digest("COMMITTEE", writer.bytes)
    }
}

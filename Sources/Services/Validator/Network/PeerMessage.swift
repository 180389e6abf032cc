package import CanonicalBytes
package import Consensus
package import Ledger
internal import PeerTransport

/// The kinds of frames that validators send each other.
enum FrameKind {
    /// `u8 channel || message`: votes, status and questions.
    static let vote: UInt8 = 1
    /// `u8 channel || message`: proposals and bodies.
    static let proposal: UInt8 = 2
    /// `u8 channel || message`: certified blocks.
    static let blocks: UInt8 = 3
    /// `u16 n || n × LP(transaction)`.
    static let transactions: UInt8 = 4
    /// See ``SnapshotMessage``.
    static let snapshot: UInt8 = 5

    /// Bytes that frames of each kind may have.
    static let limits = FrameLimits(
        bytesMax: 0,
        kinds: [
            // A new view holds a quorum of view changes, each with a window of certificates.
            vote: 16 << 20,
            proposal: LedgerBlock.bytesMax + (64 << 10),
            blocks: 2 * LedgerBlock.bytesMax + (1 << 20),
            transactions: TransactionBatch.bytesMax + Transaction.bytesMax + 1_024,
            snapshot: 4 << 20,
        ]
    )
}

/// A consensus message of one channel on the wire.
package enum PeerMessage {
    /// `u8 channel || message`.
    package static func bytes(_ message: Message, in channel: Channel) -> [UInt8] { [channel.rawValue] + message.bytes }

    /// Reads a frame's content.
    ///
    /// - Throws: `FORMAT`, or what the reader throws.
    package static func read(
        _ bytes: [UInt8],
        blocks: (Channel) -> any BlockReader
    ) throws(ProtocolFailure) -> (Channel, Message) {
        var reader = CanonicalReader(bytes)
        guard let channel = Channel(rawValue: try reader.u8()) else {
            throw ProtocolFailure(.format, "no such channel")
        }
        return (channel, try Message(rest: &reader, blocks: blocks(channel)))
    }
}

extension Message {
    /// How the message travels.
    var frame: (kind: UInt8, frameClass: FrameClass) {
        switch self {
        case .prePrepare, .body: (FrameKind.proposal, .proposals)
        case .blocks: (FrameKind.blocks, .sync)
        case .prepare, .commit, .viewChange, .newView, .status, .blockRequest, .bodyRequest: (FrameKind.vote, .votes)
        }
    }
}

/// Transactions that one validator passes on to the others.
package enum TransactionBatch {
    /// Bytes after which a batch takes no more.
    static let bytesMax = 256 << 10
    package static let countMax = 512

    /// Cuts transactions into frames.
    package static func frames(_ transactions: [[UInt8]]) -> [[UInt8]] {
        var frames: [[UInt8]] = []
        var batch: [[UInt8]] = []
        var bytes = 0
        for transaction in transactions {
            batch.append(transaction)
            bytes += transaction.count
            guard bytes >= self.bytesMax || batch.count == self.countMax else { continue }
            frames.append(self.frame(batch))
            (batch, bytes) = ([], 0)
        }
        if !batch.isEmpty { frames.append(self.frame(batch)) }
        return frames
    }

    private static func frame(_ batch: [[UInt8]]) -> [UInt8] {
        var writer = CanonicalWriter(capacity: batch.reduce(2) { $0 + $1.count + 4 })
        writer.u16(UInt16(batch.count))
        for transaction in batch { writer.lengthPrefixed(transaction) }
        return writer.bytes
    }

    /// Reads a batch strictly.
    ///
    /// - Throws: `FORMAT`.
    package static func read(_ bytes: [UInt8]) throws(ProtocolFailure) -> [Transaction] {
        var reader = CanonicalReader(bytes)
        let count = Int(try reader.u16())
        try require(count <= self.countMax, .format, "\(count) transactions in a batch")
        var transactions: [Transaction] = []
        for _ in 0..<count { transactions.append(try Transaction(bytes: try reader.lengthPrefixed())) }
        try reader.finish()
        return transactions
    }
}

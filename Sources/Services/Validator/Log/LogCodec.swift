package import CanonicalBytes
package import Consensus
package import Ledger

/// Records of both channels as entries of one log.
///
/// A block's bytes are written once in each segment, as an entry of their own; records name the block by its hash. The
/// kind of an entry is the channel's number, plus 128 for a block's bytes.
package struct LogCodec {
    private static let bodyFlag: UInt8 = 128
    /// Blocks whose bytes the current segment holds, by channel.
    private var written: [Channel: Set<BlockHash>] = [:]

    /// Of a log that holds nothing yet.
    package init() {}

    /// The entries that a record needs, in order, and notes what they hold.
    package mutating func entries(of record: LogRecord, in channel: Channel) -> [(kind: UInt8, bytes: [UInt8])] {
        var entries: [(kind: UInt8, bytes: [UInt8])] = []
        if let block = record.block, self.written[channel, default: []].insert(block.hash).inserted {
            entries.append((channel.rawValue | Self.bodyFlag, block.payload))
        }
        entries.append((channel.rawValue, record.naming.bytes))
        return entries
    }

    /// The entries of a new segment, which takes the place of all others.
    mutating func segment(_ records: [(Channel, [LogRecord])]) -> [(kind: UInt8, bytes: [UInt8])] {
        self.written = [:]
        return records.flatMap { channel, records in records.flatMap { self.entries(of: $0, in: channel) } }
    }

    /// Reads back what a log holds of one channel.
    ///
    /// - Throws: ``ProtocolFailure`` for entries that this program did not write.
    package mutating func records(
        _ entries: some Sequence<(kind: UInt8, bytes: [UInt8])>,
        of channel: Channel,
        reader: any BlockReader
    ) throws(ProtocolFailure) -> [LogRecord] {
        var blocks: [BlockHash: Block] = [:]
        for entry in entries where entry.kind == channel.rawValue | Self.bodyFlag {
            let block = try reader.block(of: entry.bytes)
            blocks[block.hash] = block
            self.written[channel, default: []].insert(block.hash)
        }
        let resolver = BlockResolver(blocks: blocks)
        var records: [LogRecord] = []
        for entry in entries where entry.kind == channel.rawValue {
            records.append(try LogRecord(bytes: entry.bytes, blocks: resolver))
        }
        return records
    }
}

/// Finds a block by the hash that stands in the place of its bytes.
private struct BlockResolver: BlockReader {
    let blocks: [BlockHash: Block]

    func block(of payload: [UInt8]) throws(ProtocolFailure) -> Block {
        guard let hash = BlockHash(payload), let block = self.blocks[hash] else {
            throw ProtocolFailure(.context, "the log names a block that it does not hold")
        }
        return block
    }
}

extension LogRecord {
    /// The block that the record is about.
    fileprivate var block: Block? {
        switch self {
        case .prepared(let proposal, _): proposal.block
        case .committing(_, let block, _): block
        case .committed(let certified): certified.block
        case .viewChange, .newView: nil
        }
    }

    /// The record with the block's hash in the place of its bytes.
    fileprivate var naming: LogRecord {
        switch self {
        case .prepared(let proposal, let own):
            .prepared(PrePrepare(vote: proposal.vote, block: proposal.block.name), own: own)
        case .committing(let certificate, let block, let own): .committing(certificate, block.name, own: own)
        case .committed(let certified):
            .committed(CertifiedBlock(block: certified.block.name, certificate: certified.certificate))
        case .viewChange, .newView: self
        }
    }
}

extension Block {
    fileprivate var name: Block {
        Block(height: self.height, parent: self.parent, hash: self.hash, payload: self.hash.bytes)
    }
}

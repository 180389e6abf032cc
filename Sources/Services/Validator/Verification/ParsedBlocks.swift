package import CanonicalBytes
package import Consensus
package import Ledger
internal import Synchronization

/// Blocks that were decoded lately: consensus hands bytes around, and the ledger needs what is in them.
package final class ParsedBlocks: Sendable {
    private struct Parsed {
        let payload: [UInt8]
        let content: LedgerBlock
    }

    private let blocks: Mutex<BoundedHistory<BlockHash, Parsed>>

    /// - Parameters:
    ///   - countMax: blocks that are kept at most.
    ///   - bytesMax: of their encodings, together.
    package init(countMax: Int = 256, bytesMax: Int = 16 << 20) {
        self.blocks = Mutex(BoundedHistory(countMax: countMax, bytesMax: bytesMax))
    }

    func insert(_ content: LedgerBlock, of block: Block) {
        let parsed = Parsed(payload: block.payload, content: content)
        self.blocks.withLock { _ = $0.insert(parsed, for: block.hash, bytes: block.payload.count) }
    }

    /// Forgets a block that is final: what is in it is executed and stored.
    func forget(_ hash: BlockHash) { self.blocks.withLock { $0.remove(hash) } }

    /// The content of a block, decoded again when it was forgotten.
    ///
    /// - Throws: what ``LedgerBlock/init(bytes:)`` throws.
    package func content(of block: Block) throws(ProtocolFailure) -> LedgerBlock {
        // The hash goes over the header alone.
        if let known = self.blocks.withLock({ $0[block.hash] }), known.payload == block.payload { return known.content }
        return try LedgerBlock(bytes: block.payload)
    }
}

/// Decodes blocks for consensus, and keeps their content for the ledger.
package struct RememberingBlockReader: BlockReader {
    let chain: [UInt8]
    let channel: Channel
    let parsed: ParsedBlocks
    let known: VerifiedTransactions?
    /// The channel's current committee, as far as it is known.
    let committee: @Sendable () -> Committee?

    /// - Parameters:
    ///   - chain: blocks of others are refused, as are those of other channels.
    ///   - channel: of the blocks.
    ///   - parsed: takes their content.
    package init(chain: [UInt8], channel: Channel, parsed: ParsedBlocks) {
        self.init(chain: chain, channel: channel, parsed: parsed, known: nil) { nil }
    }

    /// Takes transactions that are decoded already from those whose signatures were checked.
    init(
        chain: [UInt8],
        channel: Channel,
        parsed: ParsedBlocks,
        known: VerifiedTransactions?,
        committee: @escaping @Sendable () -> Committee?
    ) {
        self.chain = chain
        self.channel = channel
        self.parsed = parsed
        self.known = known
        self.committee = committee
    }

    package func block(of payload: [UInt8]) throws(ProtocolFailure) -> Block {
        let content = try LedgerBlock(bytes: payload) { self.known?[$0]?.transaction }
        try require(
            content.header.chain == self.chain && content.header.channel == self.channel,
            .context,
            "a block of another chain or channel"
        )
        try content.requireNamedBody(under: self.committee())
        let block = content.description(payload: payload)
        self.parsed.insert(content, of: block)
        return block
    }
}

package import CanonicalBytes
package import Consensus
package import Ledger
internal import Synchronization

/// Blocks that were decoded lately: consensus hands bytes around, and the ledger needs what is in them.
package final class ParsedBlocks: Sendable {
    private let blocks: Mutex<BoundedHistory<BlockHash, LedgerBlock>>

    /// - Parameters:
    ///   - countMax: blocks that are kept at most.
    ///   - bytesMax: of their encodings, together.
    package init(countMax: Int = 256, bytesMax: Int = 16 << 20) {
        self.blocks = Mutex(BoundedHistory(countMax: countMax, bytesMax: bytesMax))
    }

    func insert(_ block: LedgerBlock, hash: BlockHash, bytes: Int) {
        self.blocks.withLock { _ = $0.insert(block, for: hash, bytes: bytes) }
    }

    /// Forgets a block that is final: what is in it is executed and stored.
    func forget(_ hash: BlockHash) { self.blocks.withLock { $0.remove(hash) } }

    /// The content of a block, decoded again when it was forgotten.
    ///
    /// - Throws: what ``LedgerBlock/init(bytes:)`` throws.
    package func content(of block: Block) throws(ProtocolFailure) -> LedgerBlock {
        if let known = self.blocks.withLock({ $0[block.hash] }) { return known }
        return try LedgerBlock(bytes: block.payload)
    }
}

/// Decodes blocks for consensus, and keeps their content for the ledger.
package struct RememberingBlockReader: BlockReader {
    let chain: [UInt8]
    let channel: Channel
    let parsed: ParsedBlocks
    let known: VerifiedTransactions?

    /// - Parameters:
    ///   - chain: blocks of others are refused, as are those of other channels.
    ///   - channel: of the blocks.
    ///   - parsed: takes their content.
    package init(chain: [UInt8], channel: Channel, parsed: ParsedBlocks) {
        self.init(chain: chain, channel: channel, parsed: parsed, known: nil)
    }

    /// Takes transactions that are decoded already from those whose signatures were checked.
    init(chain: [UInt8], channel: Channel, parsed: ParsedBlocks, known: VerifiedTransactions?) {
        self.chain = chain
        self.channel = channel
        self.parsed = parsed
        self.known = known
    }

    package func block(of payload: [UInt8]) throws(ProtocolFailure) -> Block {
        let content = try LedgerBlock(bytes: payload) { self.known?[$0]?.transaction }
        try require(
            content.header.chain == self.chain && content.header.channel == self.channel,
            .context,
            "a block of another chain or channel"
        )
        let block = content.description(payload: payload)
        self.parsed.insert(content, hash: block.hash, bytes: payload.count)
        return block
    }
}

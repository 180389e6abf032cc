internal import CanonicalBytes

/// A leader's proposal: the block, and the leader's prepare vote for it.
package struct PrePrepare: Hashable, Sendable {
    package let vote: Prepare
    package let block: Block

    package init(vote: Prepare, block: Block) {
        self.vote = vote
        self.block = block
    }

    package var slot: Slot { self.vote.slot }

    /// Whether the block is the one that the vote names.
    var isConsistent: Bool {
        self.block.height == self.slot.height && self.block.hash == self.slot.block
            && self.block.parent == self.slot.parent
    }

    func write(to writer: inout CanonicalWriter) {
        self.vote.write(to: &writer)
        writer.lengthPrefixed(self.block.payload)
    }

    init(from reader: inout CanonicalReader, blocks: any BlockReader) throws(ProtocolFailure) {
        self.vote = try Prepare(from: &reader)
        self.block = try blocks.block(of: try reader.lengthPrefixed())
    }
}

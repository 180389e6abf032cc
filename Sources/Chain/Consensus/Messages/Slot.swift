internal import CanonicalBytes

/// What a vote is about: one block at one height, in one view of one committee.
///
/// The parent is part of it, so that a prepared certificate alone shows how blocks hang together.
package struct Slot: Hashable, Sendable {
    package let epoch: CommitteeEpoch
    package let view: View
    package let height: Height
    package let block: BlockHash
    package let parent: BlockHash

    package init(epoch: CommitteeEpoch, view: View, height: Height, block: BlockHash, parent: BlockHash) {
        self.epoch = epoch
        self.view = view
        self.height = height
        self.block = block
        self.parent = parent
    }

    func write(to writer: inout CanonicalWriter) {
        writer.u64(self.epoch)
        writer.u64(self.view)
        writer.u64(self.height)
        self.block.write(to: &writer)
        self.parent.write(to: &writer)
    }

    init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.epoch = try reader.u64()
        self.view = try reader.u64()
        self.height = try reader.u64()
        self.block = try reader.blockHash()
        self.parent = try reader.blockHash()
    }

    var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 88)
        self.write(to: &writer)
        return writer.bytes
    }
}

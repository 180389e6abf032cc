internal import Consensus
internal import Ledger
internal import Synchronization

/// The last final blocks, which most questions are about.
final class RecentBlocks: Sendable {
    private let blocks: Mutex<BoundedHistory<Height, FinalBlock>>

    init(countMax: Int = 64, bytesMax: Int = 8 << 20) {
        self.blocks = Mutex(BoundedHistory(countMax: countMax, bytesMax: bytesMax))
    }

    subscript(height: Height) -> FinalBlock? { self.blocks.withLock { $0[height] } }

    func insert(_ block: FinalBlock) {
        self.blocks.withLock { _ = $0.insert(block, for: block.block.header.height, bytes: block.bytes.count) }
    }
}

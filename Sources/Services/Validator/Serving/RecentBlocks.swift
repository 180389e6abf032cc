internal import Consensus
internal import Ledger
internal import Synchronization

/// The last final blocks, which most questions are about.
final class RecentBlocks: Sendable {
    private struct Contents {
        var blocks: [Height: FinalBlock] = [:]
        var order = Queue<(height: Height, bytes: Int)>()
        var bytes = 0
    }

    private let countMax: Int
    private let bytesMax: Int
    private let contents = Mutex(Contents())

    init(countMax: Int = 64, bytesMax: Int = 32 << 20) {
        self.countMax = countMax
        self.bytesMax = bytesMax
    }

    subscript(height: Height) -> FinalBlock? { self.contents.withLock { $0.blocks[height] } }

    func insert(_ block: FinalBlock) {
        let height = block.block.header.height
        self.contents.withLock { contents in
            guard contents.blocks.updateValue(block, forKey: height) == nil else { return }
            contents.order.append((height, block.bytes.count))
            contents.bytes += block.bytes.count
            while contents.order.count > self.countMax || contents.bytes > self.bytesMax {
                guard let oldest = contents.order.removeFirst() else { return }
                contents.blocks[oldest.height] = nil
                contents.bytes -= oldest.bytes
            }
        }
    }
}

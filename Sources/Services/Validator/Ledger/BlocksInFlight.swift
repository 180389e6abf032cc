internal import CanonicalBytes
internal import Consensus
internal import Ledger
internal import StateTree

/// Executed blocks above the last final one: a tree, since views may leave blocks behind.
struct BlocksInFlight {
    /// One executed block.
    struct Entry {
        let executed: ExecutedBlock
        let values: ValueLayer
        let nodes: NodeLayer
        let identifiers: Set<ByteKey>

        init(_ executed: ExecutedBlock) {
            self.executed = executed
            self.values = ValueLayer(executed.changes)
            self.nodes = NodeLayer(executed.update)
            self.identifiers = Set(executed.block.transactions.map { ByteKey($0.id) })
        }

        var height: Height { self.executed.block.header.height }
        var parent: BlockHash { self.executed.block.header.parent }
    }

    /// Blocks that are kept at most; those of the highest heights go first, and are executed again when they are needed.
    static let countMax = 256

    private var entries: [BlockHash: Entry] = [:]

    var count: Int { self.entries.count }

    subscript(hash: BlockHash) -> Entry? { self.entries[hash] }

    mutating func insert(_ executed: ExecutedBlock) {
        if self.entries.count >= Self.countMax, let top = self.entries.values.map(\.height).max() {
            self.entries = self.entries.filter { $0.value.height < top }
        }
        self.entries[executed.hash] = Entry(executed)
    }

    /// The blocks from the one above `base` up to `tip`, oldest first; nil when they do not lead there.
    func path(from base: BlockHash, to tip: BlockHash) -> [Entry]? {
        var path: [Entry] = []
        var hash = tip
        while hash != base {
            guard let entry = self.entries[hash] else { return nil }
            path.append(entry)
            hash = entry.parent
        }
        return path.reversed()
    }

    /// Forgets the blocks up to a final height.
    mutating func forget(upTo height: Height) {
        self.entries = self.entries.filter { $0.value.height > height }
    }
}

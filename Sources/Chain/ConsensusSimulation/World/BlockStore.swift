internal import Consensus

/// What of the ledger is on the disk: the certified blocks above the pruned ones, and the latest snapshots.
struct BlockStore: Sendable {
    /// A snapshot's file with the height in its name.
    struct SnapshotFile: Sendable {
        let height: Height
        let bytes: [UInt8]
    }

    /// The height of the last pruned block.
    private(set) var base: Height = 0
    private(set) var blocks: [CertifiedBlock] = []
    /// Ascending by height; a crash leaves half a file as the last one.
    private(set) var snapshots: [SnapshotFile] = []
    /// The file that is being written.
    private var unfinished: SnapshotFile?

    var isWritingSnapshot: Bool { self.unfinished != nil }

    mutating func append(_ certified: CertifiedBlock) { self.blocks.append(certified) }

    /// Blocks from this height upwards, at most so many; none when the first one is pruned.
    func blocks(from height: Height, max count: Int) -> [CertifiedBlock] {
        guard height > self.base, height <= self.base + Height(self.blocks.count) else { return [] }
        return Array(self.blocks[Int(height - self.base - 1)...].prefix(count))
    }

    mutating func beginSnapshot(_ snapshot: Snapshot) {
        guard let bytes = snapshot.bytes else { return }
        self.unfinished = SnapshotFile(height: snapshot.state.height, bytes: bytes)
    }

    /// The file is durable: of the older ones one is kept, and the blocks up to that one go.
    mutating func finishSnapshot() {
        guard let file = self.unfinished else { return }
        self.unfinished = nil
        self.snapshots.append(file)
        self.snapshots = self.snapshots.suffix(2)
        guard self.snapshots.count == 2, self.snapshots[0].height > self.base else { return }
        self.blocks.removeFirst(Int(self.snapshots[0].height - self.base))
        self.base = self.snapshots[0].height
    }

    /// The machine stops; of a file that is being written `share` thousandths are there.
    mutating func crash(share: Int) {
        guard let file = self.unfinished else { return }
        self.unfinished = nil
        let half = Array(file.bytes.prefix(min(file.bytes.count - 1, file.bytes.count * share / 1_000)))
        self.snapshots.append(SnapshotFile(height: file.height, bytes: half))
    }

    /// Puts a peer's snapshot in place of everything.
    mutating func replace(by snapshot: Snapshot) {
        guard let bytes = snapshot.bytes else { return }
        self.unfinished = nil
        self.base = snapshot.state.height
        self.blocks = []
        self.snapshots = [SnapshotFile(height: self.base, bytes: bytes)]
    }

    /// Rebuilds the state at a start: from the newest snapshot that is whole, and the blocks above it.
    ///
    /// Files that are not whole are deleted.
    ///
    /// - Returns: the state, and how many files were ignored; no state when even the previous file is unreadable and
    ///   the blocks below are pruned.
    mutating func recover(blocks reader: any BlockReader) -> (state: SimulatedState?, ignored: Int) {
        var ignored = 0
        var state = SimulatedState()
        while let file = self.snapshots.last {
            if let snapshot = try? Snapshot(bytes: file.bytes, blocks: reader) {
                state = snapshot.state
                break
            }
            self.snapshots.removeLast()
            ignored += 1
        }
        guard state.height >= self.base else { return (nil, ignored) }
        for certified in self.blocks where certified.block.height > state.height { state.execute(certified) }
        return (state, ignored)
    }
}

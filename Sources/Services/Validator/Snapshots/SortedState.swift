internal import CanonicalBytes
internal import LedgerStore
internal import StateTree

/// All entries of a state in the order of their keys' hashes, which is not the one that they are stored in: sorted in
/// files, since they need not fit into memory.
final class SortedState {
    private static let depth = 2

    private let files: SpillFiles
    /// Bytes of all entries.
    private(set) var byteCount = 0

    /// Reads and sorts.
    ///
    /// - Parameters:
    ///   - export: to be read to its end.
    ///   - directory: for files that mean nothing after a crash.
    /// - Throws: the failures of the disk.
    init(_ export: StateExport, directory: String) throws(LedgerStoreFailure) {
        let count = StateTree.partCount(depth: Self.depth)
        self.files = try SpillFiles(directory: directory, count: count)
        while let chunk = try export.nextChunk() {
            for entry in try Self.entries(chunk) {
                var writer = CanonicalWriter(capacity: 8 + entry.key.count + entry.value.count)
                writer.lengthPrefixed(entry.key)
                writer.lengthPrefixed(entry.value)
                let bucket = StateTree.partIndex(of: StateTree.keyHash(of: entry.key), depth: Self.depth)
                try self.files.append(writer.bytes, to: bucket)
                self.byteCount += writer.bytes.count
            }
        }
        for bucket in 0..<count { try self.sort(bucket) }
    }

    private static func entries(_ chunk: [UInt8]) throws(LedgerStoreFailure) -> [StateEntry] {
        do throws(ProtocolFailure) { return try EntryChunk.entries(chunk) } catch {
            throw .refused("the state cannot be read: \(error)")
        }
    }

    private func sort(_ bucket: Int) throws(LedgerStoreFailure) {
        let sorted = try self.read(bucket).sorted { $0.leaf.keyHash.lexicographicallyPrecedes($1.leaf.keyHash) }
        var writer = CanonicalWriter(capacity: 1 << 16)
        for (_, entry) in sorted {
            writer.lengthPrefixed(entry.key)
            writer.lengthPrefixed(entry.value)
        }
        try self.files.replace(bucket, by: writer.bytes)
    }

    private func read(_ bucket: Int) throws(LedgerStoreFailure) -> [(leaf: StateLeaf, entry: StateEntry)] {
        let bytes = try self.files.read(bucket)
        do throws(ProtocolFailure) {
            var reader = CanonicalReader(bytes)
            var entries: [(leaf: StateLeaf, entry: StateEntry)] = []
            while reader.remaining > 0 {
                let entry = StateEntry(key: try reader.lengthPrefixed(), value: try reader.lengthPrefixed())
                entries.append((StateLeaf(key: entry.key, value: entry.value), entry))
            }
            return entries
        } catch { throw .ioError("a file for sorting is not what was written: \(error)") }
    }

    /// Deletes the files.
    func remove() throws(LedgerStoreFailure) { try self.files.remove() }

    /// The parts of one depth, one after the other.
    func parts(depth: Int) -> Parts { Parts(state: self, depth: depth) }

    /// A walk over the parts.
    struct Parts {
        private let state: SortedState
        private let depth: Int
        private var index = 0
        private var bucket = 0
        private var entries: [(leaf: StateLeaf, entry: StateEntry)] = []
        private var place = 0

        fileprivate init(state: SortedState, depth: Int) {
            self.state = state
            self.depth = depth
        }

        /// The entries of the next part; nil behind the last one.
        mutating func next() throws(LedgerStoreFailure) -> SnapshotChunk? {
            guard self.index < StateTree.partCount(depth: self.depth) else { return nil }
            var own: [(leaf: StateLeaf, entry: StateEntry)] = []
            while true {
                if self.place == self.entries.count {
                    guard self.bucket < self.state.files.count else { break }
                    self.entries = try self.state.read(self.bucket)
                    self.place = 0
                    self.bucket += 1
                    continue
                }
                let candidate = self.entries[self.place]
                guard StateTree.partIndex(of: candidate.leaf.keyHash, depth: self.depth) == self.index else { break }
                own.append(candidate)
                self.place += 1
            }
            self.index += 1
            return SnapshotChunk(sorted: own)
        }
    }
}

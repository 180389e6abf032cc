package import CanonicalBytes
package import LedgerStore
package import StateTree

/// The entries of one part of a state: `u32 n || n × (LP(key) || LP(value))`, ascending by the keys' hashes.
package struct SnapshotChunk: Sendable {
    /// What fits into a frame.
    static let bytesMax = (4 << 20) - 1_024

    package let entries: [StateEntry]
    let leaves: [StateLeaf]

    /// - Parameter sorted: by key hash.
    package init(sorted: [(leaf: StateLeaf, entry: StateEntry)]) {
        self.entries = sorted.map(\.entry)
        self.leaves = sorted.map(\.leaf)
    }

    /// Reads what claims to be a chunk.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        let count = Int(try reader.u32())
        try require(count <= reader.remaining / 8, .format, "\(count) entries do not fit into a chunk")
        var entries: [StateEntry] = []
        entries.reserveCapacity(count)
        for _ in 0..<count {
            entries.append(StateEntry(key: try reader.lengthPrefixed(), value: try reader.lengthPrefixed()))
        }
        try reader.finish()
        self.entries = entries
        self.leaves = entries.map { StateLeaf(key: $0.key, value: $0.value) }
    }

    /// The chunk's encoding.
    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: self.entries.reduce(4) { $0 + 8 + $1.key.count + $1.value.count })
        writer.u32(UInt32(self.entries.count))
        for entry in self.entries {
            writer.lengthPrefixed(entry.key)
            writer.lengthPrefixed(entry.value)
        }
        return writer.bytes
    }

    /// What stands for the entries in the state's tree.
    ///
    /// - Throws: `FORMAT` for entries that do not ascend or belong to another part.
    package func part(_ index: Int, depth: Int) throws(ProtocolFailure) -> StatePart {
        try StateTree.part(of: self.leaves, index: index, depth: depth)
    }
}

package import CanonicalBytes

/// What the tree holds below one prefix of the key hashes: with all its neighbours it proves a part of the state against
/// the whole's root.
package enum StatePart: Hashable, Sendable {
    case empty
    /// A single entry; its own hash stands for it, however high.
    case entry(StateLeaf)
    /// 32 bytes over two entries or more.
    case entries(hash: [UInt8])

    /// Nibbles that a prefix may have: 65,536 parts.
    package static let depthMax = 4
}

extension StateTree {
    /// How many parts the key space has at a depth.
    ///
    /// - Parameter depth: nibbles of each prefix, `0...StatePart.depthMax`.
    /// - Returns: a power of 16.
    package static func partCount(depth: Int) -> Int { 1 << (4 * depth) }

    /// The part of the key space that a key hash belongs to.
    ///
    /// - Parameters:
    ///   - keyHash: 32 bytes.
    ///   - depth: nibbles of each prefix, `0...StatePart.depthMax`.
    /// - Returns: its place among those of the depth.
    package static func partIndex(of keyHash: [UInt8], depth: Int) -> Int {
        keyHash.prefix(2).reduce(0) { $0 << 8 | Int($1) } >> (16 - 4 * depth)
    }

    /// Computes what stands for entries below a prefix.
    ///
    /// - Parameters:
    ///   - leaves: ascending by key hash.
    ///   - index: of the part, among those of the depth.
    ///   - depth: nibbles of each prefix, `0...StatePart.depthMax`.
    /// - Returns: the part.
    /// - Throws: `FORMAT` for hashes of another length, that do not ascend or belong to another part.
    package static func part(
        of leaves: [StateLeaf],
        index: Int,
        depth: Int
    ) throws(ProtocolFailure) -> StatePart {
        let hasher = TreeHasher()
        var known: [Leaf] = []
        known.reserveCapacity(leaves.count)
        for leaf in leaves {
            let (key, value) = (try self.treeHash(leaf.keyHash), try self.treeHash(leaf.valueHash))
            try require(self.partIndex(of: leaf.keyHash, depth: depth) == index, .format, "an entry of another part")
            try require(known.last.map { $0.key < key } ?? true, .format, "the entries of a part do not ascend")
            known.append(Leaf(key: key, value: value, hasher: hasher))
        }
        switch self.subtree(known[...], below: 4 * depth, hasher) {
        case .empty: return .empty
        case .leaf: return leaves.first.map { .entry($0) } ?? .empty
        case .branch(let hash): return .entries(hash: hash.bytes)
        }
    }

    /// The root of a state from all its parts.
    ///
    /// - Parameter parts: of one depth, in order.
    /// - Returns: 32 bytes.
    /// - Throws: `FORMAT` for another number of parts than a depth has, or an entry that belongs to another part.
    package static func root(of parts: [StatePart]) throws(ProtocolFailure) -> [UInt8] {
        let depth = (0...StatePart.depthMax).first { self.partCount(depth: $0) == parts.count }
        guard let depth else { throw ProtocolFailure(.format, "\(parts.count) parts of a state") }
        let hasher = TreeHasher()
        var row: [Subtree] = []
        row.reserveCapacity(parts.count)
        for (index, part) in parts.enumerated() {
            switch part {
            case .empty: row.append(.empty)
            case .entry(let leaf):
                let (key, value) = (try self.treeHash(leaf.keyHash), try self.treeHash(leaf.valueHash))
                try require(
                    self.partIndex(of: leaf.keyHash, depth: depth) == index,
                    .format,
                    "an entry of another part"
                )
                row.append(.leaf(Leaf(key: key, value: value, hasher: hasher)))
            case .entries(let hash): row.append(.branch(try self.treeHash(hash)))
            }
        }
        while row.count > 1 {
            row = stride(from: 0, to: row.count, by: 2).map { Subtree.join(row[$0], row[$0 + 1], hasher) }
        }
        return row[0].hash.bytes
    }

    /// Recursion goes as deep as neighbours have bits in common, at most 256.
    private static func subtree(_ leaves: ArraySlice<Leaf>, below bit: Int, _ hasher: borrowing TreeHasher) -> Subtree {
        guard leaves.count > 1 else { return leaves.first.map { .leaf($0) } ?? .empty }
        var (low, high) = (leaves.startIndex, leaves.endIndex)
        while low < high {
            let middle = (low + high) / 2
            if leaves[middle].key.bit(bit) { high = middle } else { low = middle + 1 }
        }
        let left = self.subtree(leaves[..<low], below: bit + 1, hasher)
        return Subtree.join(left, self.subtree(leaves[low...], below: bit + 1, hasher), hasher)
    }
}

extension StateLeaf {
    /// A leaf by hashes that somebody sent; of another length they are refused where they are used.
    package init(hashedKey: [UInt8], hashedValue: [UInt8]) { self.init(keyHash: hashedKey, valueHash: hashedValue) }

    /// The leaf of an entry.
    package init(key: [UInt8], value: [UInt8]) {
        self.init(keyHash: StateTree.keyHash(of: key), valueHash: StateTree.valueHash(of: value))
    }
}

package import CanonicalBytes

/// An entry of the state by its hashes.
package struct StateLeaf: Hashable, Sendable {
    /// 32 bytes, as ``StateTree/keyHash(of:)`` makes them.
    package let keyHash: [UInt8]
    /// 32 bytes, as ``StateTree/valueHash(of:)`` makes them.
    package let valueHash: [UInt8]
}

/// What a walk through the tree found.
package struct StateCensus: Hashable, Sendable {
    /// The root of the whole tree, to be compared with a certified header.
    package let root: [UInt8]
    /// Entries whose key hash begins with the prefix.
    package fileprivate(set) var leaves = 0
    /// Nodes whose path begins with the prefix; a store with more rows keeps some that belong to nothing.
    package fileprivate(set) var nodes = 0
}

extension StateTree {
    /// Walks the tree, or the part of it below a prefix, and checks every hash on the way from the root.
    ///
    /// Reads nodes in the order of a table sorted by path, and keeps at most 64 of them in memory.
    ///
    /// - Parameters:
    ///   - base: the nodes.
    ///   - prefix: nibbles that key hashes begin with, at most 64; none for the whole tree.
    ///   - visit: is called for each entry by ascending key hash, to compare it with the table of entries; what it
    ///     throws ends the walk.
    /// - Returns: the root, and how many entries and nodes there are below the prefix.
    /// - Throws: ``ProtocolFailure`` `CONTEXT` for a damaged node, `FORMAT` for a prefix that is none.
    package static func check(
        _ base: some StateNodes,
        below prefix: [UInt8] = [],
        visit: (StateLeaf) throws(ProtocolFailure) -> Void = { _ throws(ProtocolFailure) in }
    ) throws(ProtocolFailure) -> StateCensus {
        try require(prefix.count <= 64 && prefix.allSatisfy { $0 < 16 }, .format, "not a prefix of key hashes")
        let reader = NodeReader(base)
        guard let root = try reader.root() else { return StateCensus(root: self.emptyRoot) }
        var walk = Walk(prefix: prefix, census: StateCensus(root: root.whole.hash.bytes))
        try walk.enter(root, reader, visit)
        return walk.census
    }
}

private struct Walk {
    let prefix: [UInt8]
    var census: StateCensus

    /// Recursion goes as deep as paths are long, at most 64.
    mutating func enter(
        _ node: OpenNode,
        _ reader: borrowing NodeReader,
        _ visit: (StateLeaf) throws(ProtocolFailure) -> Void
    ) throws(ProtocolFailure) {
        let path = node.node.path
        if path.count >= self.prefix.count { self.census.nodes += 1 }
        for quarter in 0..<4 {
            let slots = try node.slots(of: quarter, reader.hasher)
            for index in 0..<4 where self.leads(path.count, UInt8(4 * quarter + index)) {
                switch slots[index] {
                case .empty: break
                case .leaf(let leaf): try self.count(leaf, visit)
                case .branch(let hash):
                    let below = path + [UInt8(4 * quarter + index)]
                    try self.enter(try reader.node(at: below, expecting: hash), reader, visit)
                }
            }
        }
    }

    private mutating func count(
        _ leaf: Leaf,
        _ visit: (StateLeaf) throws(ProtocolFailure) -> Void
    ) throws(ProtocolFailure) {
        guard leaf.key.begins(with: self.prefix) else { return }
        self.census.leaves += 1
        try visit(StateLeaf(keyHash: leaf.key.bytes, valueHash: leaf.value.bytes))
    }

    /// Whether a slot at a depth is on the way to the prefix or below it.
    private func leads(_ depth: Int, _ slot: UInt8) -> Bool {
        depth >= self.prefix.count || self.prefix[depth] == slot
    }
}

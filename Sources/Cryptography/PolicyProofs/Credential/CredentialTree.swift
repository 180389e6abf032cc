package import CanonicalBytes
internal import ConstraintSystems
package import FiniteFields

/// The Merkle tree of credentials: leaves in the order of issuing, zero where a credential was revoked or none was
/// issued yet (specification section 8.2).
///
/// Memory grows with the leaves, two nodes for each; a change costs one hash a level.
package struct CredentialTree: Sendable, Equatable {
    /// Levels above the leaves.
    package static let depth = 20

    package let depth: Int
    /// Of each level the nodes above leaves that there are, from the leaves upwards; the last level is the root.
    private var levels: [[Fr]]

    /// An empty tree.
    ///
    /// - Precondition: the depth is from 1 to 32.
    package init(depth: Int = Self.depth) {
        precondition((1...32).contains(depth))
        self.depth = depth
        self.levels = Array(repeating: [], count: depth + 1)
    }

    /// A tree of these leaves.
    ///
    /// - Throws: `CONTEXT` for more leaves than fit.
    package init(leaves: [Fr], depth: Int = Self.depth) throws(ProtocolFailure) {
        self.init(depth: depth)
        try require(leaves.count <= 1 << depth, .context, "the credential tree is full")
        self.levels[0] = leaves
        for level in 0..<depth {
            self.levels[level + 1] = stride(from: 0, to: self.levels[level].count, by: 2).map {
                self.parent(ofPairAt: $0, level: level)
            }
        }
    }

    /// Leaves issued so far, those that were revoked included.
    package var count: Int { self.levels[0].count }

    package var leaves: [Fr] { self.levels[0] }

    package var root: Fr { self.levels[self.depth].first ?? EmptyNodes.nodes[self.depth] }

    /// Adds a leaf behind all others.
    ///
    /// - Returns: its index.
    /// - Throws: `CONTEXT` when the tree is full.
    @discardableResult
    package mutating func append(_ leaf: Fr) throws(ProtocolFailure) -> Int {
        try require(self.count < 1 << self.depth, .context, "the credential tree is full")
        self.levels[0].append(leaf)
        self.update(above: self.count - 1)
        return self.count - 1
    }

    /// Replaces a leaf; zero revokes.
    ///
    /// - Throws: `CONTEXT` for an index without leaf.
    package mutating func replace(at index: Int, with leaf: Fr) throws(ProtocolFailure) {
        try self.requireLeaf(at: index)
        self.levels[0][index] = leaf
        self.update(above: index)
    }

    /// The path from a leaf to the root.
    ///
    /// - Throws: `CONTEXT` for an index without leaf.
    package func path(of index: Int) throws(ProtocolFailure) -> CredentialPath {
        try self.requireLeaf(at: index)
        return CredentialPath(
            siblings: (0..<self.depth).map { self.node(at: index >> $0 ^ 1, level: $0) },
            isRight: (0..<self.depth).map { index >> $0 & 1 == 1 }
        )
    }

    private func requireLeaf(at index: Int) throws(ProtocolFailure) {
        try require(self.levels[0].indices.contains(index), .context, "there is no leaf \(index)")
    }

    private func node(at index: Int, level: Int) -> Fr {
        index < self.levels[level].count ? self.levels[level][index] : EmptyNodes.nodes[level]
    }

    private func parent(ofPairAt left: Int, level: Int) -> Fr {
        Poseidon.hash(.node, [self.node(at: left, level: level), self.node(at: left + 1, level: level)])
    }

    private mutating func update(above leaf: Int) {
        for level in 0..<self.depth {
            let index = leaf >> (level + 1)
            let node = self.parent(ofPairAt: index << 1, level: level)
            if index < self.levels[level + 1].count {
                self.levels[level + 1][index] = node
            } else {
                self.levels[level + 1].append(node)
            }
        }
    }
}

/// The roots of trees without leaves, by depth.
private enum EmptyNodes {
    static let nodes = (0..<32).reduce(into: [Fr.zero]) { nodes, level in
        nodes.append(Poseidon.hash(.node, [nodes[level], nodes[level]]))
    }
}

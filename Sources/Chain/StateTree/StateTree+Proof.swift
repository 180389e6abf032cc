package import CanonicalBytes

extension StateTree {
    /// Proves the value of a key or its absence.
    ///
    /// - Throws: ``ProtocolFailure`` `CONTEXT` for a damaged node on the way, and what the base throws.
    package static func prove(_ key: [UInt8], in base: some StateNodes) throws(ProtocolFailure) -> StateProof {
        try self.prove(TreeHasher().key(key), in: base)
    }

    static func prove(_ key: TreeHash, in base: any StateNodes) throws(ProtocolFailure) -> StateProof {
        let reader = NodeReader(base)
        guard var node = try reader.root() else { return StateProof(end: .nothing, siblings: []) }
        var way = Way(key: key)
        var path: [UInt8] = []
        while true {
            try way.descend(through: node, depth: path.count, reader.hasher)
            guard case .branch(let hash) = way.place else { break }
            path.append(UInt8(key.nibble(path.count)))
            node = try reader.node(at: path, expecting: hash)
        }
        return StateProof(end: way.end, siblings: way.siblings)
    }
}

/// The way from the root towards a key.
private struct Way {
    let key: TreeHash
    /// Where the way has got to.
    private(set) var place: Subtree = .empty
    private(set) var siblings: [TreeHash] = []

    init(key: TreeHash) { self.key = key }

    /// Goes down through a stored node's four levels, or to where the way ends before.
    mutating func descend(
        through node: OpenNode,
        depth: Int,
        _ hasher: borrowing TreeHasher
    ) throws(ProtocolFailure) {
        self.place = node.whole
        let nibble = self.key.nibble(depth)
        guard self.place.isBranch else { return }
        self.descend(from: node.quarters, towards: nibble >> 2)
        guard self.place.isBranch else { return }
        self.descend(from: try node.slots(of: nibble >> 2, hasher), towards: nibble & 3)
    }

    /// Goes down two levels, or one where the first step ends the way.
    private mutating func descend(from four: Quartet, towards index: Int) {
        self.step(to: four.half(index >> 1), beside: four.half(index >> 1 ^ 1))
        guard self.place.isBranch else { return }
        self.step(to: four[index], beside: four[index ^ 1])
    }

    private mutating func step(to place: Subtree, beside sibling: Subtree) {
        self.place = place
        self.siblings.append(sibling.hash)
    }

    var end: StateProof.End {
        guard case .leaf(let leaf) = self.place else { return .nothing }
        return leaf.key == self.key ? .ownLeaf : .otherLeaf(key: leaf.key, value: leaf.value)
    }
}

package import Records

/// A complete subtree: the one over the leaves `position << level ..< (position + 1) << level`.
///
/// Its hash never changes again, so that a database may keep it: 2n hashes at most for n leaves.
package struct MerkleNode: Hashable, Sendable {
    /// 0 for a leaf, at most 63.
    package let level: Int
    /// Which subtree of its level, from the left, from 0.
    package let position: UInt64

    package init(level: Int, position: UInt64) {
        self.level = level
        self.position = position
    }

    /// The complete subtrees over the first `size` leaves, the largest first.
    package static func peaks(ofSize size: UInt64) -> [MerkleNode] {
        self.subtrees(of: 0..<size)
    }

    /// The complete subtrees that make up a range of leaves as RFC 9162 §2.1.1 splits it, left to right.
    ///
    /// The range must be one that splitting a whole tree yields: only then its parts are aligned.
    static func subtrees(of leaves: Range<UInt64>) -> [MerkleNode] {
        var nodes: [MerkleNode] = []
        var start = leaves.lowerBound
        while start < leaves.upperBound {
            let level = 63 - (leaves.upperBound - start).leadingZeroBitCount
            nodes.append(MerkleNode(level: level, position: start >> UInt64(level)))
            start += 1 << UInt64(level)
        }
        return nodes
    }
}

/// Gives the hashes of complete subtrees, for example from a database.
package protocol MerkleNodeSource {
    /// What can go wrong; `Never` for memory.
    associatedtype Failure: Error

    /// The hashes of the given subtrees, in the same order.
    ///
    /// One call serves a whole proof, so that a database needs one query for it.
    func hashes(of nodes: [MerkleNode]) throws(Failure) -> [Digest]
}

extension MerkleNodeSource {
    /// The root of the tree over the first `size` leaves.
    ///
    /// - Throws: what the source throws.
    package func root(ofSize size: UInt64) throws(Failure) -> Digest {
        guard size > 0 else { return MerkleHash.emptyRoot }
        return try self.hashes(ofRanges: [0..<size])[0]
    }

    /// The Merkle tree hashes of ranges of leaves, none of them empty.
    func hashes(ofRanges ranges: [Range<UInt64>]) throws(Failure) -> [Digest] {
        let parts = ranges.map(MerkleNode.subtrees(of:))
        let nodes = Array(parts.joined())
        let hashes = nodes.isEmpty ? [] : try self.hashes(of: nodes)
        precondition(hashes.count == nodes.count, "a node source answers every node")
        var start = 0
        return parts.map { part in
            defer { start += part.count }
            return MerkleNode.fold(hashes[start..<start + part.count])
        }
    }
}

extension MerkleNode {
    /// The root over neighbouring complete subtrees of falling size; the empty root for none.
    static func fold(_ hashes: some BidirectionalCollection<Digest>) -> Digest {
        guard let last = hashes.last else { return MerkleHash.emptyRoot }
        return hashes.dropLast().reversed().reduce(last) { right, left in MerkleHash.node(left, right) }
    }
}

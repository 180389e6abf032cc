package import CanonicalBytes
package import Merkle
internal import Records

/// The trees of RFC 9162 whose roots stand in headers.
package enum BlockTrees {
    /// The root over the leaves' data; of no leaves the hash of nothing.
    package static func root(_ leaves: [[UInt8]]) -> [UInt8] {
        var frontier = MerkleFrontier()
        for leaf in leaves { _ = frontier.append(MerkleHash.leaf(leaf)) }
        return frontier.root.bytes
    }

    /// Proves that a leaf is in the tree.
    ///
    /// - Returns: nil when there is no such leaf.
    package static func prove(_ index: Int, of leaves: [[UInt8]]) -> InclusionProof? {
        guard leaves.indices.contains(index) else { return nil }
        var frontier = MerkleFrontier()
        var nodes = CompleteSubtrees()
        for leaf in leaves {
            for completed in frontier.append(MerkleHash.leaf(leaf)) { nodes.hashes[completed.node] = completed.hash }
        }
        return InclusionProof(leafIndex: UInt64(index), treeSize: UInt64(leaves.count), from: nodes)
    }
}

/// The hashes of one block's tree.
private struct CompleteSubtrees: MerkleNodeSource {
    var hashes: [MerkleNode: Digest] = [:]

    func hashes(of nodes: [MerkleNode]) throws(Never) -> [Digest] {
        // Every complete subtree of the tree was noted while it grew.
        nodes.map { self.hashes[$0] ?? MerkleHash.emptyRoot }
    }
}

extension InclusionProof {
    /// `u64 leaf index || u64 tree size || u8 k || k × 32 bytes`.
    package func write(to writer: inout CanonicalWriter) {
        writer.u64(self.leafIndex)
        writer.u64(self.treeSize)
        writer.u8(UInt8(self.path.count))
        for digest in self.path { writer.raw(digest.bytes) }
    }

    /// - Throws: `FORMAT`.
    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        let index = try reader.u64()
        let size = try reader.u64()
        let count = Int(try reader.u8())
        try require(count <= 64, .format, "a path of more than 64 hashes")
        var path: [Digest] = []
        for _ in 0..<count {
            guard let digest = Digest(bytes: try reader.take(32)) else {
                throw ProtocolFailure(.format, "not a hash")
            }
            path.append(digest)
        }
        self.init(leafIndex: index, treeSize: size, path: path)
    }
}

package import CanonicalBytes
package import Consensus
internal import Merkle
internal import Records

/// That a chain says something to another one: a leaf of a certified block's ``OutboundTree``.
///
/// `"WLXP" || LP(header) || LP(certificate) || u8 tree || LP(leaf) || u8 k || k × (u8 side || hash(32))`: the hashes
/// beside the way from the leaf up to the root, side 0 for one that stands left of the way and 1 for one right of it.
/// The header holds no size of the tree. With index and size in place of sides a proof would have several encodings.
package struct OutboundProof: Hashable, Sendable {
    /// No proof has more bytes.
    package static let bytesMax = TransactionBody.argumentBytesMax
    /// Hashes of a path, at most.
    package static let pathMax = 64

    /// A hash beside the way up.
    private struct Step: Hashable, Sendable {
        let isLeft: Bool
        let hash: Digest
    }

    package let header: BlockHeader
    package let certificate: QuorumCertificate
    package let tree: OutboundTree
    package let leaf: [UInt8]
    private let path: [Step]

    /// Proves what a block says; nil when the tree has no such leaf, or the receipts are of another block.
    ///
    /// - Parameters:
    ///   - index: the leaf's place in its tree, from 0.
    ///   - tree: of the block.
    ///   - header: of the block.
    ///   - receipts: of all of the block's transactions.
    ///   - certificate: of the block.
    package init?(
        _ index: Int,
        of tree: OutboundTree,
        header: BlockHeader,
        receipts: [TransactionReceipt],
        certificate: QuorumCertificate
    ) {
        let leaves = tree.leaves(of: receipts)
        guard leaves.indices.contains(index), BlockTrees.root(leaves) == header.root(of: tree),
            let place = BlockTrees.prove(index, of: leaves)
        else { return nil }
        self.header = header
        self.certificate = certificate
        self.tree = tree
        self.leaf = leaves[index]
        self.path = Self.steps(of: place)
    }

    /// The sides of a proof's hashes (RFC 9162 §2.1.3.2).
    private static func steps(of place: InclusionProof) -> [Step] {
        var (node, last) = (place.leafIndex, place.treeSize - 1)
        return place.path.map { hash in
            // The last node of a level goes up alone until it is a right child.
            while node % 2 == 0, node == last, node > 0 { (node, last) = (node / 2, last / 2) }
            let step = Step(isLeft: node % 2 == 1, hash: hash)
            (node, last) = (node / 2, last / 2)
            return step
        }
    }

    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 1_024 + self.leaf.count)
        writer.magic("WLXP")
        writer.lengthPrefixed(self.header.bytes)
        writer.lengthPrefixed(self.certificate.bytes)
        writer.u8(self.tree.rawValue)
        writer.lengthPrefixed(self.leaf)
        writer.u8(UInt8(self.path.count))
        for step in self.path {
            writer.u8(step.isLeft ? 0 : 1)
            writer.raw(step.hash.bytes)
        }
        return writer.bytes
    }

    /// Reads a proof strictly; ``verify(by:)`` judges it.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        try require(bytes.count <= Self.bytesMax, .format, "a proof of \(bytes.count) bytes")
        var reader = CanonicalReader(bytes)
        try reader.magic("WLXP")
        self.header = try BlockHeader(bytes: try reader.lengthPrefixed())
        self.certificate = try QuorumCertificate(bytes: try reader.lengthPrefixed())
        guard let tree = OutboundTree(rawValue: try reader.u8()) else {
            throw ProtocolFailure(.format, "no such tree")
        }
        self.tree = tree
        self.leaf = try reader.lengthPrefixed()
        let count = Int(try reader.u8())
        try require(count <= Self.pathMax, .format, "a path of more than \(Self.pathMax) hashes")
        var path: [Step] = []
        for _ in 0..<count {
            let side = try reader.u8()
            guard side <= 1, let hash = Digest(bytes: try reader.take(Digest.byteCount)) else {
                throw ProtocolFailure(.format, "no step of a path")
            }
            path.append(Step(isLeft: side == 0, hash: hash))
        }
        self.path = path
        try reader.finish()
    }

    /// Requires that the path leads from the leaf to the header's root.
    ///
    /// - Throws: `PROOF`.
    package func verifyPlace() throws(ProtocolFailure) {
        var hash = MerkleHash.leaf(self.leaf)
        for step in self.path {
            hash = step.isLeft ? MerkleHash.node(step.hash, hash) : MerkleHash.node(hash, step.hash)
        }
        try require(hash.bytes == self.header.root(of: self.tree), .proof, "the path leads to another root")
    }

    /// Requires that the committee certified the block, and that it says this.
    ///
    /// - Throws: as ``CommitteeView/check(_:_:)``; `PROOF` for a path that leads to another root.
    package func verify(by view: CommitteeView) throws(ProtocolFailure) {
        try self.verifyPlace()
        try view.check(self.header, self.certificate)
    }

    package static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }

    package func hash(into hasher: inout Hasher) { hasher.combine(self.leaf) }
}

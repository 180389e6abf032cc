internal import CanonicalBytes
internal import Merkle
package import Records

/// Size and root of a tree, as a center states them.
package struct TreeClaim: Sendable, Hashable {
    /// Number of leaves.
    package let size: UInt64
    package let root: Digest

    package init(size: UInt64, root: Digest) {
        self.size = size
        self.root = root
    }
}

/// That an envelope is a leaf of a tree, as a center states it.
package struct EnvelopeClaim: Sendable, Hashable {
    package let h1: Digest
    /// When the envelope arrived, ms since 1970.
    package let receivedMilliseconds: UInt64
    /// From 0.
    package let leafIndex: UInt64
    package let tree: TreeClaim

    package init(h1: Digest, receivedMilliseconds: UInt64, leafIndex: UInt64, tree: TreeClaim) {
        self.h1 = h1
        self.receivedMilliseconds = receivedMilliseconds
        self.leafIndex = leafIndex
        self.tree = tree
    }

    /// The hash of the leaf, which is `H1 || u64 received_ms`.
    package var leafHash: Digest { MerkleHash.leaf(self.h1.bytes + self.receivedMilliseconds.bigEndianBytes) }
}

extension CanonicalReader {
    mutating func digest() throws(ProtocolFailure) -> Digest {
        guard let digest = Digest(bytes: try self.take(Digest.byteCount)) else {
            throw ProtocolFailure(.format, "a digest has 32 bytes")
        }
        return digest
    }

    /// A `u16` count and so many digests.
    mutating func digests(countMax: Int) throws(ProtocolFailure) -> [Digest] {
        let count = Int(try self.u16())
        try require(count <= countMax, .format, "more than \(countMax) hashes")
        var digests: [Digest] = []
        for _ in 0..<count { digests.append(try self.digest()) }
        return digests
    }

    /// Name and certificate digest of the center.
    mutating func centerFields() throws(ProtocolFailure) -> (center: String, certificate: Digest) {
        let center = try self.text()
        let fits = (1...CenterSignature.nameBytesMax).contains(center.utf8.count)
        try require(fits, .format, "a center's name has 1 to \(CenterSignature.nameBytesMax) bytes")
        return (center, try self.digest())
    }
}

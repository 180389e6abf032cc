package import CanonicalBytes
internal import FiniteFields
package import PolicyProofs

/// The leaves of a credential tree, public: `"WLCL" || u32 n || n × leaf (32)`.
package enum CredentialTreeFile {
    /// Bytes of the longest file: all leaves of the tree.
    package static let bytesMax = 8 + Fr.byteCount << CredentialTree.depth

    /// Decodes the leaves and computes the tree.
    ///
    /// - Throws: `FORMAT`, `SCALAR`.
    package static func tree(_ bytes: [UInt8]) throws(ProtocolFailure) -> CredentialTree {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLCL")
        let count = Int(try reader.u32())
        try require(
            count <= 1 << CredentialTree.depth && reader.remaining == count * Fr.byteCount,
            .format,
            "\(count) leaves in \(reader.remaining) bytes"
        )
        var leaves: [Fr] = []
        leaves.reserveCapacity(count)
        for _ in 0..<count { leaves.append(try Fr(reader.take(Fr.byteCount))) }
        try reader.finish()
        return try CredentialTree(leaves: leaves)
    }

    package static func bytes(_ tree: CredentialTree) -> [UInt8] {
        var writer = CanonicalWriter(capacity: 8 + tree.count * Fr.byteCount)
        writer.magic("WLCL")
        writer.u32(UInt32(tree.count))
        for leaf in tree.leaves { writer.raw(leaf.bytes) }
        return writer.bytes
    }
}

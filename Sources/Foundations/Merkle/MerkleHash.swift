package import Records

/// The hashes of a Merkle tree (RFC 9162 §2.1.1): SHA-256 with one byte before leaves and another before nodes.
package enum MerkleHash {
    /// The root of the tree without leaves.
    package static let emptyRoot = Digest.sha256(of: [UInt8]())

    /// The hash of a leaf, whose content may have any length.
    package static func leaf(_ data: [UInt8]) -> Digest {
        Digest.sha256(of: [0] + data)
    }

    /// The hash of an inner node.
    package static func node(_ left: Digest, _ right: Digest) -> Digest {
        var input: [UInt8] = []
        input.reserveCapacity(1 + 2 * Digest.byteCount)
        input.append(1)
        input.append(contentsOf: left.bytes)
        input.append(contentsOf: right.bytes)
        return Digest.sha256(of: input)
    }
}

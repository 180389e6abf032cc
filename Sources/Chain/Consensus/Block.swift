package import CanonicalBytes

/// What consensus needs to know of a block; the ledger fills it and consensus never looks inside the payload.
///
/// A block names no view: the same block can be proposed again, unchanged, in a later view.
package struct Block: Hashable, Sendable {
    package let height: Height
    package let parent: BlockHash
    package let hash: BlockHash
    /// The committee of the next epoch, when this block changes the membership.
    package let nextCommittee: Committee?
    /// The ledger's canonical bytes of the whole block.
    package let payload: [UInt8]

    /// Describes a block that the ledger has decoded.
    ///
    /// - Parameters:
    ///   - height: its place in the chain.
    ///   - parent: the hash of the block below.
    ///   - hash: the ledger's hash over the payload's header; whoever makes a `Block` vouches for it.
    ///   - nextCommittee: when it changes the membership.
    ///   - payload: the ledger's canonical bytes, from which a ``BlockReader`` reads the very same description.
    package init(
        height: Height,
        parent: BlockHash,
        hash: BlockHash,
        nextCommittee: Committee? = nil,
        payload: [UInt8]
    ) {
        self.height = height
        self.parent = parent
        self.hash = hash
        self.nextCommittee = nextCommittee
        self.payload = payload
    }

    package static func == (left: Self, right: Self) -> Bool { left.hash == right.hash }

    package func hash(into hasher: inout Hasher) { hasher.combine(self.hash) }
}

/// Reads a block's description out of its bytes: the boundary that the ledger implements.
package protocol BlockReader: Sendable {
    /// Decodes the payload strictly and computes the block's hash.
    ///
    /// - Throws: ``ProtocolFailure`` for bytes that are no canonical block.
    func block(of payload: [UInt8]) throws(ProtocolFailure) -> Block
}

/// A point of the chain that a quorum certificate (or the genesis) makes final.
package struct StablePoint: Hashable, Sendable {
    package let height: Height
    package let hash: BlockHash
    /// The proof; nil only for the genesis, which everybody knows.
    package let certificate: QuorumCertificate?

    /// The start of a chain.
    package init(genesis hash: BlockHash) {
        self.height = 0
        self.hash = hash
        self.certificate = nil
    }

    package init(certificate: QuorumCertificate) {
        self.height = certificate.height
        self.hash = certificate.block
        self.certificate = certificate
    }
}

/// A block with the certificate that makes it final.
package struct CertifiedBlock: Hashable, Sendable {
    package let block: Block
    package let certificate: QuorumCertificate

    package init(block: Block, certificate: QuorumCertificate) {
        self.block = block
        self.certificate = certificate
    }
}

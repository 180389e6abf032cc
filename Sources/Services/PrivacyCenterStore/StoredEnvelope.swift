package import Merkle
package import Records

/// An envelope that was verified and is to be stored.
package struct NewEnvelope: Sendable, Equatable {
    /// H1, the envelope's address.
    package let h1: Digest
    /// The canonical encoding.
    package let bytes: [UInt8]
    /// Digest of the sender's certificate.
    package let sender: Digest
    package let scope: Digest
    /// Never used twice by one sender in one scope.
    package let sequence: UInt64
    /// When the sender made it, s since 1970.
    package let created: UInt64
    /// When it arrived here, ms since 1970.
    package let receivedMilliseconds: UInt64

    package init(
        h1: Digest,
        bytes: [UInt8],
        sender: Digest,
        scope: Digest,
        sequence: UInt64,
        created: UInt64,
        receivedMilliseconds: UInt64
    ) {
        self.h1 = h1
        self.bytes = bytes
        self.sender = sender
        self.scope = scope
        self.sequence = sequence
        self.created = created
        self.receivedMilliseconds = receivedMilliseconds
    }

    /// The hash of its leaf: of `H1 || u64 received_ms`, most significant byte first.
    package var leafHash: Digest {
        Self.leafHash(h1: self.h1, receivedMilliseconds: self.receivedMilliseconds)
    }

    /// The hash of the leaf of an envelope that was received at the given time, ms since 1970.
    package static func leafHash(h1: Digest, receivedMilliseconds: UInt64) -> Digest {
        MerkleHash.leaf(h1.bytes + withUnsafeBytes(of: receivedMilliseconds.bigEndian) { Array($0) })
    }
}

/// An envelope with its place in the tree.
package struct StoredEnvelope: Sendable, Equatable {
    package let leafIndex: UInt64
    package let envelope: NewEnvelope
}

/// What a listing says of an envelope: everything but its bytes.
package struct EnvelopeListing: Sendable, Equatable {
    package let leafIndex: UInt64
    package let h1: Digest
    package let sender: Digest
    package let sequence: UInt64
    /// When the sender made it, s since 1970.
    package let created: UInt64
    /// When it arrived here, ms since 1970.
    package let receivedMilliseconds: UInt64
    package let byteCount: Int
}

/// Size and root of the tree over all stored envelopes.
package struct TreeHead: Sendable, Equatable {
    /// Number of leaves.
    package let size: UInt64
    package let root: Digest
}

/// What became of one envelope of a batch; the proof leads to the root after the batch.
package enum AppendOutcome: Sendable, Equatable {
    /// It is durable, at the proof's leaf index.
    case stored(InclusionProof)
    /// It was stored earlier with these bytes, received at the given time, ms since 1970.
    case alreadyStored(InclusionProof, receivedMilliseconds: UInt64)
    /// Its sender used the sequence number for another envelope of the scope.
    case sequenceRepeated
    /// Its sender's certificate has not been put.
    case certificateUnknown
}

/// A batch after its transaction: one outcome per envelope, in order, and the tree with all of them.
package struct AppendedBatch: Sendable, Equatable {
    package let outcomes: [AppendOutcome]
    package let head: TreeHead
}

/// Where an envelope stands in a tree of a given size.
package struct Inclusion: Sendable, Equatable {
    package let h1: Digest
    /// When it arrived here, ms since 1970.
    package let receivedMilliseconds: UInt64
    package let proof: InclusionProof
    /// Size and root of the tree that the proof leads to.
    package let head: TreeHead
}

/// A certificate, or another object of its kind, under its digest.
package struct StoredCertificate: Sendable, Hashable {
    package let digest: Digest
    package let bytes: [UInt8]
}

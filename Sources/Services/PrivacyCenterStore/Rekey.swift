package import Records

/// A grant with this center's share of the re-encryption key.
package struct Rekey: Sendable, Equatable {
    /// The rekey's address.
    package let grantDigest: Digest
    package let scope: Digest
    /// Digest of the certificate of the receiver.
    package let receiver: Digest
    /// Digest of the certificate of the scope's owner.
    package let owner: Digest
    /// The canonical grant.
    package let grant: [UInt8]
    /// The canonical scope descriptor.
    package let descriptor: [UInt8]
    /// Which share of the key this center holds, from 1.
    package let index: UInt8
    /// The share, sealed by the caller: the store never sees it in the clear.
    package let sealedShare: [UInt8]
    /// First moment of the grant, s since 1970.
    package let notBefore: UInt64
    /// Last moment of the grant, s since 1970.
    package let notAfter: UInt64
    package var isRevoked: Bool

    package init(
        grantDigest: Digest,
        scope: Digest,
        receiver: Digest,
        owner: Digest,
        grant: [UInt8],
        descriptor: [UInt8],
        index: UInt8,
        sealedShare: [UInt8],
        notBefore: UInt64,
        notAfter: UInt64,
        isRevoked: Bool = false
    ) {
        self.grantDigest = grantDigest
        self.scope = scope
        self.receiver = receiver
        self.owner = owner
        self.grant = grant
        self.descriptor = descriptor
        self.index = index
        self.sealedShare = sealedShare
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.isRevoked = isRevoked
    }
}

/// What became of an object that is put under its digest.
package enum PutOutcome: Sendable, Equatable {
    case stored
    /// The same object was put before; nothing changed.
    case alreadyStored
    /// Another object has the digest; it stays.
    case conflict
}

/// Which rekeys to list.
package enum RekeyFilter: Sendable, Equatable {
    case all
    case scope(Digest)
    case receiver(Digest)
    case owner(Digest)
}

/// What a store holds, for metrics.
package struct StoreStatistics: Sendable, Equatable {
    package let envelopes: UInt64
    /// Bytes of the envelopes' encodings.
    package let envelopeBytes: UInt64
    package let certificates: UInt64
    package let rekeys: UInt64
    /// Bytes on the disk, indexes and logs included.
    package let storageBytes: UInt64
}

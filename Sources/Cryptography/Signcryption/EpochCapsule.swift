package import CanonicalBytes
internal import Transcripts

/// The capsule that carries an epoch key under the identity of the data, as far as an envelope's receiver checks it
/// (specification section 6.4).
package struct EpochCapsule: Sendable, Hashable {
    package let bytes: [UInt8]
    /// `capsule_digest`, 32 bytes.
    package let digest: [UInt8]

    /// Takes the bytes as they are; ``identity()`` reads them.
    package init(bytes: [UInt8]) {
        self.bytes = bytes
        self.digest = TaggedHash.digest("IBE-CAPSULE", bytes)
    }

    /// The identity under which the epoch key was encapsulated.
    ///
    /// - Throws: `FORMAT`.
    package func identity() throws(ProtocolFailure) -> [UInt8] {
        var reader = CanonicalReader(self.bytes)
        try reader.magic("WLK1")
        let identity = try reader.lengthPrefixed()
        _ = try reader.take(32 + 128)
        try reader.finish()
        return identity
    }

    /// The bytes of the identity of what one sender seals to one scope in one epoch.
    package static func dataIdentity(owner: String, label: String, epoch: UInt64, sender: String) -> [UInt8] {
        transcript(
            Array("DATA".utf8),
            Array(owner.utf8),
            Array(label.utf8),
            epoch.bigEndianBytes,
            Array(sender.utf8)
        )
    }
}

extension EnvelopeHeader {
    /// Requires that the capsule is the one that this header names, for this sender and the scope's owner, label and
    /// epoch; in mode 0 that there is none.
    ///
    /// - Throws: `CONTEXT`; `FORMAT` for a capsule that this header does name.
    func requireCapsule(_ capsule: EpochCapsule?, of scope: ScopeDescriptor) throws(ProtocolFailure) {
        guard self.mode == .scopeAndEpochKey else {
            try require(capsule == nil, .context, "an envelope of mode 0 has no capsule")
            return
        }
        guard let capsule, capsule.digest == self.capsuleDigest else {
            throw ProtocolFailure(.context, "the envelope names another capsule")
        }
        let expected = EpochCapsule.dataIdentity(
            owner: scope.owner,
            label: scope.label,
            epoch: scope.epoch,
            sender: self.sender
        )
        try require(capsule.identity() == expected, .context, "the capsule is of other data")
    }
}

/// Whose data an epoch key seals: `id = T("DATA", owner_id, label, u64 epoch, sender_id)` (specification section 6).
package struct CapsuleIdentity: Sendable, Hashable {
    package let owner: String
    package let label: String
    package let epoch: UInt64
    package let sender: String

    /// Reads the identity of a capsule.
    ///
    /// - Throws: `FORMAT`.
    package init(_ bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        let isData = try reader.lengthPrefixed().elementsEqual("DATA".utf8)
        try require(isData, .format, "the identity is of something else than data")
        self.owner = try reader.text()
        self.label = try reader.text()
        try require(reader.u32() == 8, .format, "an epoch has eight bytes")
        self.epoch = try reader.u64()
        self.sender = try reader.text()
        try reader.finish()
    }

    /// Whether the data are those of a scope, whoever sent them.
    package func isOfData(in scope: ScopeDescriptor) -> Bool {
        self.owner.utf8.elementsEqual(scope.owner.utf8) && self.label.utf8.elementsEqual(scope.label.utf8)
            && self.epoch == scope.epoch
    }
}

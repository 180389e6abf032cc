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

    /// The identity of what one sender seals to one scope in one epoch.
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

package import CanonicalBytes

/// What opens an envelope (specification section 5.2).
package enum EnvelopeMode: UInt8, Sendable, CaseIterable {
    /// The owner's scope key, or its grant, alone.
    case scopeKey = 0
    /// The epoch key of the identity-based scheme as well.
    case scopeAndEpochKey = 1

    /// - Throws: `FORMAT` for an unknown mode.
    package init(code: UInt8) throws(ProtocolFailure) {
        guard let mode = EnvelopeMode(rawValue: code) else { throw ProtocolFailure(.format, "mode \(code) is unknown") }
        self = mode
    }
}

/// The part of an envelope that everybody reads.
package struct EnvelopeHeader: Sendable, Hashable {
    package let mode: EnvelopeMode
    /// Subject of the sender's certificate.
    package let sender: String
    package let senderCertificateDigest: [UInt8]
    package let scopeDigest: [UInt8]
    /// `E(Q_scope)`; 33 bytes that verification does not look at.
    package let scopeKey: [UInt8]
    /// 32 bytes in mode 1, empty in mode 0.
    package let capsuleDigest: [UInt8]
    /// Seconds since 1970, as the sender claims.
    package let created: UInt64
    /// Strictly increasing for a sender and scope.
    package let sequence: UInt64
    /// Digest of the policy that protects the index pointer, 32 bytes.
    package let policyDigest: [UInt8]
    /// Records in the envelope, padding included; at least 1.
    package let recordCount: UInt32
    /// The canonical encoding.
    package let bytes: [UInt8]

    /// - Throws: `FORMAT` for a field out of range.
    package init(
        mode: EnvelopeMode,
        sender: String,
        senderCertificateDigest: [UInt8],
        scopeDigest: [UInt8],
        scopeKey: [UInt8],
        capsuleDigest: [UInt8] = [],
        created: UInt64,
        sequence: UInt64,
        policyDigest: [UInt8],
        recordCount: UInt32
    ) throws(ProtocolFailure) {
        try require(recordCount >= 1, .format, "an envelope without records")
        let capsuleLength = mode == .scopeAndEpochKey ? 32 : 0
        try require(capsuleDigest.count == capsuleLength, .format, "the capsule digest does not fit the mode")
        let digestsFit = [senderCertificateDigest, scopeDigest, policyDigest].allSatisfy { $0.count == 32 }
        try require(digestsFit && scopeKey.count == 33, .format, "a digest or key of another length")
        self.mode = mode
        self.sender = sender
        self.senderCertificateDigest = senderCertificateDigest
        self.scopeDigest = scopeDigest
        self.scopeKey = scopeKey
        self.capsuleDigest = capsuleDigest
        self.created = created
        self.sequence = sequence
        self.policyDigest = policyDigest
        self.recordCount = recordCount

        var writer = CanonicalWriter(capacity: 194 + sender.utf8.count)
        writer.magic("WLH1")
        writer.u8(mode.rawValue)
        writer.lengthPrefixed(sender)
        writer.raw(senderCertificateDigest)
        writer.raw(scopeDigest)
        writer.raw(scopeKey)
        writer.lengthPrefixed(capsuleDigest)
        writer.u64(created)
        writer.u64(sequence)
        writer.raw(policyDigest)
        writer.u32(recordCount)
        self.bytes = writer.bytes
    }

    /// Parses a header.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLH1")
        try self.init(
            mode: EnvelopeMode(code: reader.u8()),
            sender: reader.text(),
            senderCertificateDigest: reader.take(32),
            scopeDigest: reader.take(32),
            scopeKey: reader.take(33),
            capsuleDigest: reader.lengthPrefixed(),
            created: reader.u64(),
            sequence: reader.u64(),
            policyDigest: reader.take(32),
            recordCount: reader.u32()
        )
        try reader.finish()
        try require(self.bytes == bytes, .format, "a header that is not canonical")
    }
}

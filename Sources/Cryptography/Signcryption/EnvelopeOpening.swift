package import CanonicalBytes
package import P256Group
internal import Transcripts

extension VerifiedEnvelope {
    /// Opens the envelope as the owner of its scope (specification section 5.4).
    ///
    /// - Parameters:
    ///   - scopeKey: the key pair `d_scope`.
    ///   - descriptorDigest: of the scope's descriptor.
    ///   - epochKey: 32 bytes in mode 1, nil in mode 0.
    /// - Returns: all records, padding included.
    /// - Throws: `CONTEXT` for another scope or an epoch key that does not fit the mode; `AEAD`, `FO`; `FORMAT` for a
    ///   malformed batch.
    package func open(
        with scopeKey: P256KeyPair,
        descriptorDigest: [UInt8],
        epochKey: [UInt8]? = nil
    ) throws(ProtocolFailure) -> [EnvelopeRecord] {
        try require(descriptorDigest == self.header.scopeDigest, .context, "the envelope is of another scope")
        let isOurs = scopeKey.publicKey.encoded == self.header.scopeKey
        try require(isOurs, .context, "the envelope is sealed to another key")
        let shared = scopeKey.withSecret { $0 * self.envelope.commitment.point }
        return try self.open(shared: shared, epochKey: epochKey)
    }

    /// Opens with `K = r·Q_scope`, however it was come by; nothing is released before all checks.
    ///
    /// - Throws: `CONTEXT` for an epoch key that does not fit the mode; `IDENTITY`, `AEAD`, `FO`; `FORMAT` for a
    ///   malformed batch.
    package func open(shared: P256Point, epochKey: [UInt8]?) throws(ProtocolFailure) -> [EnvelopeRecord] {
        try self.content(shared: shared, epochKey: epochKey).records()
    }

    /// Opens like ``open(shared:epochKey:)``, for who wants to show others what the envelope held.
    ///
    /// - Throws: as there.
    package func content(shared: P256Point, epochKey: [UInt8]?) throws(ProtocolFailure) -> EnvelopeContent {
        let commitment = self.envelope.commitment.encoded
        var key = try ContentKey.derive(
            from: shared,
            epochKey: epochKey,
            header: self.header,
            commitment: commitment
        )
        defer { key.wipe() }
        var plaintext = try AuthenticatedEncryption.open(
            key,
            associated: ContentKey.associatedData(self.header, commitment: commitment),
            ciphertext: self.envelope.ciphertext
        )
        defer { plaintext.wipe() }
        try require(plaintext.count >= 32, .format, "the plaintext is too short")
        let content = EnvelopeContent(eta: Array(plaintext[..<32]), batch: Array(plaintext[32...]))
        try content.requireContained(in: self.envelope)
        return content
    }
}

extension ProtocolFailure {
    /// The failure as a remote party may see it.
    ///
    /// Which check of a decryption failed helps an attacker, so `AEAD`, `FO`, `KEY` and `UNSATISFIED` become one and
    /// the same failure (specification section 1.2); others stay as they are.
    package var asSeenByRemoteParty: ProtocolFailure {
        switch self.code {
        case .aead, .fo, .key, .unsatisfied: ProtocolFailure(.aead, "decryption failed")
        default: self
        }
    }
}

package import AccessPolicies
package import CanonicalBytes
internal import Transcripts

/// Bytes sealed under a policy: `LP(ct) || AEAD(…)` (specification section 7.5).
extension AttributePublicKey {
    /// Seals bytes, for example an index key, for all who satisfy a policy.
    ///
    /// - Parameters:
    ///   - plaintext: what is sealed.
    ///   - policy: who may open it; for an index key ``IndexPolicy``.
    ///   - associated: what it is bound to; for an index key the scope's digest.
    ///   - seed: 32 random bytes, which serve once.
    /// - Returns: the sealed bytes.
    /// - Throws: `FORMAT` for a seed of another length.
    package func seal(
        _ plaintext: [UInt8],
        under policy: AccessPolicy,
        associated: [UInt8],
        seed: [UInt8] = SecureRandom.bytes(32)
    ) throws(ProtocolFailure) -> [UInt8] {
        let encapsulation = try self.encapsulate(under: policy, associated: associated, seed: seed)
        var key = encapsulation.key
        defer { key.wipe() }
        var key44 = SealedBlob.key(key, associated: associated)
        defer { key44.wipe() }
        var writer = CanonicalWriter()
        writer.lengthPrefixed(encapsulation.ciphertext)
        writer.raw(
            AuthenticatedEncryption.seal(
                key44,
                associated: transcript(encapsulation.ciphertext, associated),
                plaintext: plaintext
            )
        )
        return writer.bytes
    }
}

extension AttributeDecryptor {
    /// Opens what ``AttributePublicKey/seal(_:under:associated:seed:)`` made.
    ///
    /// - Throws: `FORMAT`, as ``decapsulate(_:associated:)``, `AEAD`.
    package func open(_ blob: [UInt8], associated: [UInt8]) throws(ProtocolFailure) -> [UInt8] {
        var reader = CanonicalReader(blob)
        let ciphertext = try reader.lengthPrefixed()
        let body = try reader.take(reader.remaining)
        var key = try self.decapsulate(ciphertext, associated: associated)
        defer { key.wipe() }
        var key44 = SealedBlob.key(key, associated: associated)
        defer { key44.wipe() }
        return try AuthenticatedEncryption.open(
            key44,
            associated: transcript(ciphertext, associated),
            ciphertext: body
        )
    }
}

private enum SealedBlob {
    static func key(_ key: [UInt8], associated: [UInt8]) -> [UInt8] {
        KeyDerivation.hkdf(
            "ABE-DEM",
            secret: key,
            info: transcript(associated),
            length: AuthenticatedEncryption.keyAndNonceLength
        )
    }
}

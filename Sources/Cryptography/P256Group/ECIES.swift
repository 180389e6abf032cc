package import CanonicalBytes
internal import Transcripts

/// Encryption to a P-256 key: `E(E0) || AEAD` (specification section 2.6).
package enum ECIES {
    /// Encrypts to `receiver`.
    ///
    /// - Parameters:
    ///   - receiver: whose key opens it.
    ///   - associated: what the plaintext is bound to.
    ///   - plaintext: what is encrypted.
    ///   - ephemeral: random, used for this plaintext only.
    /// - Returns: `E(E0) || AEAD`, 49 bytes more than the plaintext.
    /// - Throws: `IDENTITY` for an ephemeral that is zero.
    package static func seal(
        to receiver: P256PublicKey,
        associated: [UInt8],
        plaintext: [UInt8],
        ephemeral: P256Scalar = .random()
    ) throws(ProtocolFailure) -> [UInt8] {
        let header = try P256Point.base(times: ephemeral).encoded()
        var key = try self.key(ephemeral * receiver.point, header: header, receiver: receiver, associated: associated)
        defer { key.wipe() }
        return header + AuthenticatedEncryption.seal(key, associated: associated, plaintext: plaintext)
    }

    /// - Throws: `FORMAT` when it is too short, `IDENTITY` or `POINT` for a bad ephemeral key, `AEAD`.
    package static func open(
        _ key: P256KeyPair,
        associated: [UInt8],
        ciphertext: [UInt8]
    ) throws(ProtocolFailure) -> [UInt8] {
        try require(ciphertext.count >= 49, .format, "an ECIES ciphertext has at least 49 bytes")
        let header = try P256PublicKey(Array(ciphertext[..<33]))
        let shared = key.withSecret { $0 * header.point }
        var content = try self.key(shared, header: header.encoded, receiver: key.publicKey, associated: associated)
        defer { content.wipe() }
        return try AuthenticatedEncryption.open(
            content,
            associated: associated,
            ciphertext: Array(ciphertext[33...])
        )
    }

    private static func key(
        _ shared: P256Point,
        header: [UInt8],
        receiver: P256PublicKey,
        associated: [UInt8]
    ) throws(ProtocolFailure) -> [UInt8] {
        var secret = try shared.encoded()
        defer { secret.wipe() }
        return KeyDerivation.hkdf(
            "ECIES",
            secret: secret,
            info: transcript(header, receiver.encoded, associated),
            length: AuthenticatedEncryption.keyAndNonceLength
        )
    }
}

package import CanonicalBytes
internal import Transcripts

/// Schnorr signatures over P-256 with prefixed keys, 64 bytes `c || z` (specification section 2.4).
package enum Schnorr {
    package static let signatureLength = 64

    /// Signs a message.
    ///
    /// - Parameters:
    ///   - key: the signer's key pair.
    ///   - context: a fixed label per use.
    ///   - message: what is signed.
    ///   - aux: 32 random bytes that hedge the deterministic nonce; used once, then forgotten.
    /// - Returns: 64 bytes `c || z`.
    /// - Throws: `SCALAR` when other randomness is needed, which does not happen in practice.
    package static func sign(
        _ key: P256KeyPair,
        context: String,
        message: [UInt8],
        aux: [UInt8] = SecureRandom.bytes(32)
    ) throws(ProtocolFailure) -> [UInt8] {
        try self.sign(key, context: Array(context.utf8), message: message, aux: aux)
    }

    /// Signs a message under a context of any bytes.
    package static func sign(
        _ key: P256KeyPair,
        context: [UInt8],
        message: [UInt8],
        aux: [UInt8]
    ) throws(ProtocolFailure) -> [UInt8] {
        let publicKey = key.publicKey.encoded
        return try key.withSecret { (d) throws(ProtocolFailure) in
            var secret = d.bytes
            defer { secret.wipe() }
            var k = try P256Scalar.hash("SCHNORR-NONCE", secret, aux, publicKey, context, message)
            defer { k.wipe() }
            let c = try self.challenge(P256Point.base(times: k).encoded(), publicKey, context, message)
            return c.bytes + (k - c * d).bytes
        }
    }

    /// Verifies a signature.
    ///
    /// - Throws: `FORMAT` for another length than 64, `SCALAR` for parts out of range, `SIGNATURE`.
    package static func verify(
        _ key: P256PublicKey,
        context: String,
        message: [UInt8],
        signature: [UInt8]
    ) throws(ProtocolFailure) {
        try self.verify(key, context: Array(context.utf8), message: message, signature: signature)
    }

    /// Verifies a signature under a context of any bytes.
    package static func verify(
        _ key: P256PublicKey,
        context: [UInt8],
        message: [UInt8],
        signature: [UInt8]
    ) throws(ProtocolFailure) {
        try self.verify(signature, under: key, context, message) {
            try? P256Point.base(times: $0, plus: $1, times: key.point).encoded()
        }
    }

    /// Verifies; the closure computes `E(z·G + c·Q)` of the scalars `z` and `c`, nil for the identity.
    static func verify(
        _ signature: [UInt8],
        under key: P256PublicKey,
        _ context: [UInt8],
        _ message: [UInt8],
        commitment: (P256Scalar, P256Scalar) -> [UInt8]?
    ) throws(ProtocolFailure) {
        try require(signature.count == self.signatureLength, .format, "a signature has 64 bytes")
        let c = try P256Scalar(Array(signature[..<32]))
        let z = try P256Scalar(Array(signature[32...]))
        guard let commitment = commitment(z, c) else {
            throw ProtocolFailure(.signature, "the commitment is the identity")
        }
        let expected = try self.challenge(commitment, key.encoded, context, message)
        try require(expected == c, .signature, "the signature does not fit")
    }

    private static func challenge(
        _ commitment: [UInt8],
        _ publicKey: [UInt8],
        _ context: [UInt8],
        _ message: [UInt8]
    ) throws(ProtocolFailure) -> P256Scalar {
        try P256Scalar.hash("SCHNORR-CHAL", commitment, publicKey, context, message)
    }
}

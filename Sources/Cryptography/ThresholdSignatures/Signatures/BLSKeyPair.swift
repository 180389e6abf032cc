internal import BLS12381
package import CanonicalBytes
internal import FiniteFields
package import SecretSharing

/// A secret signing key with its public key; the secret is wiped when the last user lets go of it.
package final class BLSKeyPair: Sendable {
    package let publicKey: BLSPublicKey
    private let secret: SecretFr

    /// - Throws: nothing in practice: a secret scalar is not zero.
    package init(secret: SecretFr) throws(ProtocolFailure) {
        self.publicKey = try BLSPublicKey(secret.withValue { G1Point.generator(times: $0) })
        self.secret = secret
    }

    /// A new random key.
    package static func generate() -> BLSKeyPair {
        while true {
            if let key = try? BLSKeyPair(secret: .random()) { return key }
        }
    }

    /// Signs a message, which should be `T(DST(tag), …)`: the suite has one domain for all of them.
    ///
    /// - Throws: `IDENTITY`, which does not happen in practice.
    package func sign(_ message: [UInt8]) throws(ProtocolFailure) -> BLSSignature {
        try self.sign(HashedMessage(message))
    }

    /// Signs a message that is hashed already.
    ///
    /// - Throws: `IDENTITY`, which does not happen in practice.
    package func sign(_ message: HashedMessage) throws(ProtocolFailure) -> BLSSignature {
        try self.multiply(message.point)
    }

    /// Proves possession of the secret, as keys need that shall be aggregated.
    ///
    /// - Throws: `IDENTITY`, which does not happen in practice.
    package func proofOfPossession() throws(ProtocolFailure) -> BLSSignature {
        try self.multiply(SignatureSuite.hash(possessionOf: self.publicKey.encoded))
    }

    /// Takes part in a proof that members of a group possess its key, which is the sum of their shares' proofs.
    ///
    /// - Throws: `IDENTITY`, which does not happen in practice.
    package func partialProofOfPossession(of group: BLSPublicKey) throws(ProtocolFailure) -> BLSSignature {
        try self.multiply(SignatureSuite.hash(possessionOf: group.encoded))
    }

    /// The secret key, 32 bytes, to store it sealed; the caller wipes it.
    package func secretBytes() -> [UInt8] { self.secret.secretBytes() }

    private func multiply(_ point: G2Point) throws(ProtocolFailure) -> BLSSignature {
        try BLSSignature(self.secret.withValue { $0 * point })
    }
}

package import CanonicalBytes
package import P256Group
internal import Transcripts

/// A member's statement that a signature key is its own in a committee (specification section 9).
package struct MemberRegistration: Sendable {
    /// Name of the committee.
    package let committee: String
    /// `E(pk)`, 48 bytes.
    package let key: [UInt8]
    /// Proof of possession, 96 bytes.
    package let possession: [UInt8]

    package init(committee: String, key: [UInt8], possession: [UInt8]) {
        self.committee = committee
        self.key = key
        self.possession = possession
    }

    /// Signs the registration with the member's identity key.
    ///
    /// - Throws: `SCALAR` when other randomness is needed, which does not happen in practice.
    package func sign(
        _ identity: P256KeyPair,
        aux: [UInt8] = SecureRandom.bytes(32)
    ) throws(ProtocolFailure) -> [UInt8] {
        try Schnorr.sign(identity, context: Self.context, message: self.message, aux: aux)
    }

    /// Verifies possession, then the identity's signature.
    ///
    /// - Returns: the key, which may enter the committee.
    /// - Throws: as decoding a key and ``BLSPublicKey/verifyPossession(_:)`` do, then as Schnorr's verification.
    package func verified(
        by identity: P256PublicKey,
        signature: [UInt8]
    ) throws(ProtocolFailure) -> BLSPublicKey {
        let key = try BLSPublicKey(self.key)
        try key.verifyPossession(self.possession)
        try Schnorr.verify(identity, context: Self.context, message: self.message, signature: signature)
        return key
    }

    private static let context = "XBLS-REG"

    private var message: [UInt8] { transcript(Array(self.committee.utf8), self.key, self.possession) }
}

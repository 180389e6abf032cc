internal import BLS12381

/// The ciphersuite of all signatures here, public keys in G1 and signatures in G2 (draft-irtf-cfrg-bls-signature, with
/// proofs of possession; specification section 9).
enum SignatureSuite {
    static func hash(_ message: [UInt8]) -> G2Point {
        G2Point.hash(message, domain: self.messageDomain)
    }

    /// The point that a proof of possession multiplies; its message is the key's 48 bytes.
    static func hash(possessionOf key: [UInt8]) -> G2Point {
        G2Point.hash(key, domain: self.possessionDomain)
    }

    private static let messageDomain = Array("BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_".utf8)
    private static let possessionDomain = Array("BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_".utf8)
}

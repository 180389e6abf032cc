package import AccessPolicies
internal import BLS12381
package import CanonicalBytes

/// A ciphertext of a key encapsulation, parsed (specification section 7.5).
package struct AttributeCiphertext: Sendable {
    /// What stands at a leaf of the policy.
    struct Leaf: Sendable {
        /// `C_y = q·P2`.
        let c: G2Point
        /// `C'_y = q·H(att)`.
        let cPrime: G1Point
    }

    /// Name of the authority whose attributes the policy names.
    package let authority: String
    /// `pk_digest`, 32 bytes.
    package let publicKeyDigest: [UInt8]
    /// Who may open it, as the ciphertext has it.
    package let policyText: String
    /// The bytes before the masked seed.
    let head: [UInt8]
    /// `C = s·h`.
    let c: G2Point
    let leaves: [Leaf]
    let maskedSeed: [UInt8]
    let bytes: [UInt8]

    /// Parses bytes of any origin.
    ///
    /// - Throws: `FORMAT`; `POINT`, `IDENTITY` or `SUBGROUP` for a point.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLX1")
        self.authority = try reader.text()
        self.publicKeyDigest = try reader.take(32)
        self.policyText = try reader.text()
        self.c = try G2Point(reader.take(G2Point.byteCount))
        var leaves: [Leaf] = []
        for _ in 0..<(try reader.u16()) {
            leaves.append(
                Leaf(
                    c: try G2Point(reader.take(G2Point.byteCount)),
                    cPrime: try G1Point(reader.take(G1Point.byteCount))
                )
            )
        }
        self.leaves = leaves
        self.head = reader.consumed
        self.maskedSeed = try reader.take(AttributeEncapsulation.seedLength)
        try reader.finish()
        self.bytes = bytes
    }

    /// Who may open it.
    ///
    /// - Throws: `POLICY` for no policy or one that is not in its canonical text, `FORMAT` when leaves are missing or
    ///   left over.
    package func policy() throws(ProtocolFailure) -> AccessPolicy {
        let policy = try AccessPolicy(canonical: self.policyText)
        let isComplete = policy.tree.leaves.count == self.leaves.count
        try require(isComplete, .format, "another number of leaves than the policy's")
        return policy
    }
}

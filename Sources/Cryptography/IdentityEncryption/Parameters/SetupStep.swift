internal import BLS12381
package import CanonicalBytes
internal import FiniteFields
package import SecretSharing
internal import Transcripts

/// What one party publishes in the joint setup (specification section 6.1).
package struct SetupStep: Sendable, Hashable {
    /// `E(P_i)` of `P_i = s_i·P2`, 96 bytes.
    package let point: [UInt8]
    /// `E(Y_i)` of `Y_i = s_i·Y_{i-1}`, 96 bytes.
    package let product: [UInt8]
    /// That both have one exponent, 64 bytes.
    package let proof: [UInt8]

    package init(point: [UInt8], product: [UInt8], proof: [UInt8]) {
        self.point = point
        self.product = product
        self.proof = proof
    }

    /// A party's step.
    ///
    /// - Parameters:
    ///   - secret: the party's share `s_i`.
    ///   - party: 0 for the KGC, then the privacy centers.
    ///   - previous: `E(Y_{i-1})`; of no account for party 0, which begins with `P2`.
    ///   - context: names the parameters.
    ///   - aux: 32 random bytes that hedge the proof's nonce.
    /// - Throws: `FORMAT`, `POINT`, `IDENTITY` or `SUBGROUP` for the previous product.
    package init(
        _ secret: SecretFr,
        party: UInt8,
        previous: [UInt8],
        context: [UInt8],
        aux: [UInt8] = SecureRandom.bytes(32)
    ) throws(ProtocolFailure) {
        let previous = party == 0 ? G2Point.generator : try G2Point(previous)
        let point = secret.withValue { G2Point.generator(times: $0) }
        let product = party == 0 ? point : secret.withValue { $0 * previous }
        let statement = try ExponentProof(
            bases: [.generator, previous],
            values: [point, product],
            context: Self.context(context, party)
        )
        self.init(
            point: try point.encoded(),
            product: try product.encoded(),
            proof: try statement.prove(secret, aux: aux)
        )
    }

    /// `E(P_i)` of a share.
    ///
    /// - Throws: nothing in practice: the point is not the identity.
    package static func point(of secret: SecretFr) throws(ProtocolFailure) -> [UInt8] {
        try secret.withValue { G2Point.generator(times: $0) }.encoded()
    }

    /// `H("IBE-COMMIT", u8 i, E(P_i))`, which every party publishes before any publishes its step.
    package static func commitment(party: UInt8, point: [UInt8]) -> [UInt8] {
        TaggedHash.digest("IBE-COMMIT", [party], point)
    }

    static func context(_ context: [UInt8], _ party: UInt8) -> [UInt8] {
        transcript(Array("IBE-SETUP".utf8), context, [party])
    }
}

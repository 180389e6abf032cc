package import AccessPolicies
internal import BLS12381
package import CanonicalBytes
internal import FiniteFields
internal import SecretSharing
internal import Transcripts

/// What the holder of a key does with it besides decrypting.
extension AttributeKey {
    /// Requires that an authority issued this key as it must: all parts share one ρ, which fits `D`.
    ///
    /// The equations `e(D_j, P2) = τ·e(H(j), D'_j)` with `τ = e(D, h) / A` hold when a sum of them does whose factors
    /// nobody could foresee, but for one chance in 2^128. The factors are hashed from the key.
    ///
    /// - Throws: `CONTEXT` for another authority, `KEY`.
    package func check(under publicKey: AttributePublicKey) throws(ProtocolFailure) {
        try require(publicKey.isOf(self.authority), .context, "the key is of another authority")
        let factors = try self.checkFactors(publicKey)
        let sum = factors.reduce(Fr.zero, +)
        var pairs = [
            (G1Point.sum(publicScalars: factors, self.components.map(\.d)), G2Point.generator),
            (-self.d.multiplied(byPublic: sum), publicKey.h),
        ]
        for (component, factor) in zip(self.components, factors) {
            let hash = AttributeHash.point(component.attribute, authority: self.authority)
            pairs.append((-hash.multiplied(byPublic: factor), component.dPrime))
        }
        let isKey = (Pairing.product(pairs) * publicKey.a.power(public: sum)).isOne
        try require(isKey, .key, "the parts of the key do not fit together")
    }

    private func checkFactors(_ publicKey: AttributePublicKey) throws(ProtocolFailure) -> [Fr] {
        var bytes = try self.secretBytes()
        defer { bytes.wipe() }
        let seed = TaggedHash.digest("ABE-KEY-CHECK", publicKey.digest, bytes)
        return self.components.indices.map { index in
            let hash = TaggedHash.digest("ABE-KEY-CHECK-FACTOR", seed, UInt32(index).bigEndianBytes)
            return Fr(reducing: Array(hash[..<16]))
        }
    }

    /// A key for some of the attributes, which nobody can tell from one that the authority issued.
    ///
    /// - Parameters:
    ///   - attributes: some of this key's.
    ///   - publicKey: of the authority.
    ///   - randomness: for as many attributes.
    /// - Returns: the new key.
    /// - Throws: `CONTEXT` for another authority, `UNSATISFIED` for attributes that this key does not have or randomness
    ///   for another number of them, `FORMAT` for no attributes.
    package func delegated(
        _ attributes: AttributeSet,
        under publicKey: AttributePublicKey,
        randomness: KeyRandomness? = nil
    ) throws(ProtocolFailure) -> AttributeKey {
        try require(publicKey.isOf(self.authority), .context, "the key is of another authority")
        let places = attributes.attributes.compactMap(self.place)
        let randomness = randomness ?? KeyRandomness(attributeCount: places.count)
        let isSubset = places.count == attributes.attributes.count && randomness.attributes.count == places.count
        try require(isSubset, .unsatisfied, "the key does not have these attributes")
        let shared = randomness.key.withValue { G1Point.generator(times: $0) }
        var components: [Component] = []
        for (place, factor) in zip(places, randomness.attributes) {
            let old = self.components[place]
            let hash = AttributeHash.point(old.attribute, authority: self.authority)
            components.append(
                Component(
                    attribute: old.attribute,
                    d: old.d + shared + factor.withValue { $0 * hash },
                    dPrime: old.dPrime + factor.withValue { G2Point.generator(times: $0) }
                )
            )
        }
        return try AttributeKey(
            authority: self.authority,
            d: self.d + randomness.key.withValue { $0 * publicKey.f },
            components: components
        )
    }
}

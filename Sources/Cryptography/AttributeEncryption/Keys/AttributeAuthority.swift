package import AccessPolicies
internal import BLS12381
package import CanonicalBytes
internal import FiniteFields
package import SecretSharing

/// An attribute authority: its master key `(β, α·P1)`, wiped when the last user lets go of it (specification section 7.4).
///
/// It opens everything encrypted under its public key.
package final class AttributeAuthority: Sendable {
    package let name: String
    private let beta: SecretFr
    private let alphaPoint: SecretCell<G1Point>

    /// A new authority.
    ///
    /// - Parameters:
    ///   - name: of the authority.
    ///   - alpha: random; forgotten afterwards.
    ///   - beta: random.
    package init(name: String, alpha: SecretFr = .random(), beta: SecretFr = .random()) {
        self.name = name
        self.beta = beta
        self.alphaPoint = SecretCell(alpha.withValue { G1Point.generator(times: $0) })
    }

    /// Takes a master key from storage.
    ///
    /// - Parameters:
    ///   - name: of the authority.
    ///   - alphaPoint: `E(α·P1)`.
    ///   - beta: β.
    /// - Throws: `FORMAT`, `POINT`, `IDENTITY` or `SUBGROUP` for the point.
    package init(name: String, alphaPoint: [UInt8], beta: SecretFr) throws(ProtocolFailure) {
        self.name = name
        self.beta = beta
        self.alphaPoint = SecretCell(try G1Point(alphaPoint))
    }

    /// `E(α·P1)`, to store it sealed; the caller wipes it.
    ///
    /// - Throws: nothing in practice: the point is not the identity.
    package func secretAlphaPoint() throws(ProtocolFailure) -> [UInt8] {
        try self.alphaPoint.withValue { (point) throws(ProtocolFailure) in try point.encoded() }
    }

    /// β, to store it sealed; the caller wipes it.
    package func secretBeta() -> [UInt8] { self.beta.secretBytes() }

    /// The authority's public key.
    ///
    /// - Throws: nothing in practice.
    package func publicKey() throws(ProtocolFailure) -> AttributePublicKey {
        try AttributePublicKey(
            authority: self.name,
            h: self.beta.withValue { G2Point.generator(times: $0) },
            f: self.beta.withValue { G1Point.generator(times: $0.inverse()) },
            a: self.alphaPoint.withValue { Pairing.pair($0, .generator) }
        )
    }

    /// Issues a key for attributes that were proven to the authority.
    ///
    /// - Parameters:
    ///   - attributes: at least one.
    ///   - randomness: by which this key's parts fit no other key's.
    /// - Returns: the key, which its holder should check.
    /// - Throws: `FORMAT` for no attributes or randomness for another number of them.
    package func issue(
        _ attributes: AttributeSet,
        randomness: KeyRandomness? = nil
    ) throws(ProtocolFailure) -> AttributeKey {
        let names = attributes.attributes
        let randomness = randomness ?? KeyRandomness(attributeCount: names.count)
        try require(!names.isEmpty, .format, "a key needs an attribute")
        try require(randomness.attributes.count == names.count, .format, "randomness for other attributes")
        let shared = randomness.key.withValue { G1Point.generator(times: $0) }
        let sum = self.alphaPoint.withValue { $0 + shared }
        var components: [AttributeKey.Component] = []
        for (name, factor) in zip(names, randomness.attributes) {
            let hash = AttributeHash.point(name, authority: self.name)
            components.append(
                AttributeKey.Component(
                    attribute: name,
                    d: shared + factor.withValue { $0 * hash },
                    dPrime: factor.withValue { G2Point.generator(times: $0) }
                )
            )
        }
        return try AttributeKey(
            authority: self.name,
            d: self.beta.withValue { $0.inverse() * sum },
            components: components
        )
    }
}

/// The random scalars of a key.
package struct KeyRandomness: Sendable {
    /// ρ.
    package let key: SecretFr
    /// ρ_j, in the order of the attributes.
    package let attributes: [SecretFr]

    package init(key: SecretFr, attributes: [SecretFr]) {
        self.key = key
        self.attributes = attributes
    }

    /// New random scalars.
    package init(attributeCount: Int) {
        self.init(key: .random(), attributes: (0..<attributeCount).map { _ in .random() })
    }
}

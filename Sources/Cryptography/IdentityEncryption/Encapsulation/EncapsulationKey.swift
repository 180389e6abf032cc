internal import BLS12381
package import CanonicalBytes
internal import FiniteFields
package import Signcryption
internal import Transcripts

/// An epoch key with the capsule that carries it.
package struct EncapsulatedKey: Sendable {
    /// 128 bytes, inside the capsule too.
    package let ciphertext: [UInt8]
    package let capsule: EpochCapsule
    /// The epoch key, 32 bytes; whoever keeps it wipes it.
    package let key: [UInt8]
}

/// What epoch keys are encapsulated with: an identity under parameters (specification section 6.3).
package struct EncapsulationKey: Sendable {
    package let identity: [UInt8]
    package let parameters: IdentityParameters
    /// Powers of `e(Q_ID, Y)`; nil where one encapsulation does not pay for the table.
    private let powers: GTPowers?

    /// For one encapsulation, or few.
    package init(identity: [UInt8], parameters: IdentityParameters) {
        self.init(identity, parameters, powers: nil)
    }

    /// For many encapsulations: computes the pairing of the identity and a table of its powers, half a megabyte.
    package static func cached(identity: [UInt8], parameters: IdentityParameters) -> EncapsulationKey {
        let pairing = Pairing.product([(IdentityPoint.point(identity), parameters.prepared)])
        return EncapsulationKey(identity, parameters, powers: GTPowers(pairing))
    }

    private init(_ identity: [UInt8], _ parameters: IdentityParameters, powers: GTPowers?) {
        self.identity = identity
        self.parameters = parameters
        self.powers = powers
    }

    /// Encapsulates a new epoch key.
    ///
    /// - Parameter seed: 32 random bytes, which serve once.
    /// - Returns: the key with its capsule.
    /// - Throws: `FORMAT` for a seed of another length.
    package func encapsulate(
        seed: [UInt8] = SecureRandom.bytes(32)
    ) throws(ProtocolFailure) -> EncapsulatedKey {
        let coding = Encapsulation(identity: self.identity, key: self.parameters.encoded)
        let (ciphertext, key) = try coding.encapsulate(seed, power: self.sharedElement)
        let capsule = EpochCapsule(identity: self.identity, parameters: self.parameters, ciphertext: ciphertext)
        return EncapsulatedKey(ciphertext: ciphertext, capsule: capsule, key: key)
    }

    /// `e(Q_ID, Y)` to a secret power, in constant time.
    private func sharedElement(_ exponent: Fr) -> GT {
        if let powers = self.powers { return powers.power(exponent) }
        return Pairing.product([(exponent * IdentityPoint.point(self.identity), self.parameters.prepared)])
    }
}

internal import AccessPolicies
internal import BLS12381
package import CanonicalBytes
internal import FiniteFields
internal import Synchronization
internal import Transcripts

/// Opens what was sealed for the holder of a key.
///
/// Keeps the lines of the key's points of G2 and its attributes' points once they were used, some 20 KB each.
package final class AttributeDecryptor: Sendable {
    package let key: AttributeKey
    package let publicKey: AttributePublicKey
    private let prepared: Mutex<[PreparedG2?]>
    private let hashes: Mutex<[G1Point?]>

    package init(_ key: AttributeKey, publicKey: AttributePublicKey) {
        self.key = key
        self.publicKey = publicKey
        self.prepared = Mutex([PreparedG2?](repeating: nil, count: key.components.count))
        self.hashes = Mutex([G1Point?](repeating: nil, count: key.components.count))
    }

    /// The key that a ciphertext encapsulates (specification section 7.5).
    ///
    /// To others than the holder all failures must look alike.
    ///
    /// - Parameters:
    ///   - ciphertext: bytes of any origin.
    ///   - associated: what it is bound to.
    /// - Returns: 32 bytes; the caller wipes them.
    /// - Throws: as ``AttributeCiphertext/init(bytes:)``, `CONTEXT` for another authority or public key, as
    ///   ``AttributeCiphertext/policy()``, `UNSATISFIED`, `FO` for what was not encapsulated as it must.
    package func decapsulate(_ ciphertext: [UInt8], associated: [UInt8]) throws(ProtocolFailure) -> [UInt8] {
        let parsed = try AttributeCiphertext(bytes: ciphertext)
        let isOurs = self.publicKey.isOf(parsed.authority) && self.publicKey.isOf(self.key.authority)
        let isForKey = isOurs && parsed.publicKeyDigest == self.publicKey.digest
        try require(isForKey, .context, "the ciphertext is of another authority or public key")
        let policy = try parsed.policy()
        guard let selection = LeafSelection(policy.tree, has: { self.key.place(of: $0) != nil }) else {
            throw ProtocolFailure(.unsatisfied, "the attributes do not satisfy the policy")
        }
        let shared = self.shared(parsed, selection, leaves: policy.tree.leaves)
        var seed = SealedSeed.mask(parsed.maskedSeed, shared: shared, head: parsed.head, associated: associated)
        defer { seed.wipe() }
        let expected = try SealedSeed(
            seed,
            policy: policy,
            associated: associated,
            publicKey: self.publicKey,
            attributePoint: self.point
        )
        let isSealed = expected.head.equalsInConstantTime(parsed.head) && expected.shared == shared
        try require(isSealed, .fo, "the ciphertext is of another seed")
        return SealedSeed.key(seed, ciphertext: ciphertext, associated: associated)
    }

    /// `A^s = e(D, C) · Π e(-λ_y·D_j, C_y) · e(λ_y·C'_y, D'_j)`, in one product of pairings.
    private func shared(
        _ ciphertext: AttributeCiphertext,
        _ selection: LeafSelection,
        leaves: [String]
    ) -> GT {
        var pairs = [(self.key.d, PreparedG2(ciphertext.c))]
        pairs.reserveCapacity(1 + 2 * selection.choices.count)
        for choice in selection.choices {
            guard let place = self.key.place(of: leaves[choice.leaf]) else { continue }
            let leaf = ciphertext.leaves[choice.leaf]
            let component = self.key.components[place]
            pairs.append((-component.d.multiplied(bySigned: choice.factor), PreparedG2(leaf.c)))
            pairs.append((leaf.cPrime.multiplied(bySigned: choice.factor), self.lines(of: place)))
        }
        return Pairing.product(pairs)
    }

    /// `H(j)` of any attribute, kept for those of the key.
    private func point(of attribute: String) -> G1Point {
        guard let place = self.key.place(of: attribute) else {
            return AttributeHash.point(attribute, authority: self.publicKey.authority)
        }
        return self.hashes.withLock { hashes in
            if let point = hashes[place] { return point }
            let point = AttributeHash.point(attribute, authority: self.publicKey.authority)
            hashes[place] = point
            return point
        }
    }

    private func lines(of place: Int) -> PreparedG2 {
        self.prepared.withLock { prepared in
            if let lines = prepared[place] { return lines }
            let lines = PreparedG2(self.key.components[place].dPrime)
            prepared[place] = lines
            return lines
        }
    }
}

extension G1Point {
    /// The product with a public scalar, of which the scalar or its negative may be a small integer.
    ///
    /// Lagrange factors of small policies are.
    fileprivate func multiplied(bySigned scalar: Fr) -> G1Point {
        if scalar == .one { return self }
        let negated = -scalar
        let isNegative = negated.bytes.lexicographicallyPrecedes(scalar.bytes)
        return isNegative ? -self.multiplied(byPublic: negated) : self.multiplied(byPublic: scalar)
    }
}

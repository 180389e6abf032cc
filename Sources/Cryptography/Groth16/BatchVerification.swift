internal import BLS12381
package import CanonicalBytes
internal import FiniteFields
internal import Transcripts

/// A proof and the statement that it is said to prove.
package struct ProofClaim: Sendable {
    package let key: PreparedVerificationKey
    /// Public inputs of 32 bytes.
    package let inputs: [[UInt8]]
    /// 192 bytes.
    package let proof: [UInt8]

    package init(key: PreparedVerificationKey, inputs: [[UInt8]], proof: [UInt8]) {
        self.key = key
        self.inputs = inputs
        self.proof = proof
    }
}

/// Verifies many proofs of one or several circuits at once.
///
/// With weights `w_i`, all equations hold if
/// `Π e(w_i A_i, B_i) = Π_k e(α_k, β_k)^(Σ w_i) · e(Σ w_i X_i, γ_k) · e(Σ w_i C_i, δ_k)`, where k runs over the keys.
/// A proof so costs one Miller loop instead of three and shares the final exponentiation.
///
/// **Why it is sound.** Say proof j is wrong: its equation is off by a factor other than one of the group of prime
/// order r, as all points are checked to be in their subgroups. For whatever weights the others have, the product then
/// holds for at most one `w_j` modulo r. Weights are `a + b·x²` for independent 64-bit `a` and `b` and the curve's
/// parameter x, which are 2^128 different scalars, so it holds with probability 2^-128 at most. They come from a hash
/// of all keys, inputs and proofs, in their order: who wants to choose proofs that cancel must choose them before the
/// weights are known, and changing any byte changes all weights, so each attempt succeeds with that probability
/// (random oracle model). No randomness of the verifier is involved, hence all validators come to the same result; and
/// since a batch that fails is verified proof by proof, the result is that of single verifications.
package enum BatchVerification {
    /// Proofs whose pairings are computed together.
    private static let partSize = 16

    /// For each claim nil, or the failure that ``PreparedVerificationKey/verify(_:inputs:)-([UInt8],_)`` throws.
    ///
    /// On all cores. If a well-formed proof is wrong, all are verified a second time one by one: some three times the
    /// work of a batch of valid ones is the most that an adversary can cause.
    package static func failures(_ claims: [ProofClaim]) -> [ProtocolFailure?] {
        let parsed = Cores.map(claims.count) { index in
            Result { () throws(ProtocolFailure) in try ParsedClaim(claims[index]) }
        }
        let wellFormed = parsed.compactMap { try? $0.get() }
        let allHold = wellFormed.count > 1 && self.allHold(wellFormed, seed: self.seed(claims))
        return Cores.map(parsed.count) { index in
            do throws(ProtocolFailure) {
                let claim = try parsed[index].get()
                if !allHold { try claim.key.verify(claim.proof, inputs: claim.inputs) }
                return nil
            } catch {
                return error
            }
        }
    }

    private static func seed(_ claims: [ProofClaim]) -> [UInt8] {
        TaggedHash.digest("G16-BATCH", list: claims.map { transcript([$0.key.digest, $0.proof] + $0.inputs) })
    }

    /// Weight of a claim; never zero.
    static func weight(_ seed: [UInt8], _ index: Int) -> Fr {
        let hash = TaggedHash.digest("G16-BATCH-WEIGHT", seed, UInt32(index).bigEndianBytes)
        let (low, high) = (self.integer(hash[0..<8]), self.integer(hash[8..<16]))
        return Fr(low == 0 && high == 0 ? 1 : low) + Fr(high) * self.parameterSquared
    }

    private static let parameterSquared = Fr(0xd201_0000_0001_0000).squared()

    private static func integer(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }

    private static func allHold(_ claims: [ParsedClaim], seed: [UInt8]) -> Bool {
        let weights = claims.indices.map { self.weight(seed, $0) }
        let groups = self.groups(claims)
        let parts = groups.flatMap { group in
            stride(from: 0, to: group.count, by: self.partSize).map {
                Array(group[$0..<min($0 + self.partSize, group.count)])
            }
        }
        let pieces = Cores.map(parts.count + groups.count) { index in
            index < parts.count
                ? Self.proofs(parts[index], claims, weights)
                : Self.statements(groups[index - parts.count], claims, weights)
        }
        let pairings = pieces.dropFirst().reduce(pieces[0].pairings) { $0 * $1.pairings }
        return pairings.finished() == pieces.reduce(GT.one) { $0 * $1.expected }
    }

    /// Some factors of the equation.
    private struct Piece: Sendable {
        let pairings: PartialPairing
        let expected: GT
    }

    /// The places of the claims of each key, in the order of appearance.
    private static func groups(_ claims: [ParsedClaim]) -> [[Int]] {
        var places: [[UInt8]: Int] = [:]
        var groups: [[Int]] = []
        for (index, claim) in claims.enumerated() {
            let place = places[claim.key.digest] ?? groups.count
            if place == groups.count {
                places[claim.key.digest] = place
                groups.append([])
            }
            groups[place].append(index)
        }
        return groups
    }

    /// `Π e(w_i A_i, B_i) · e(Σ w_i C_i, -δ)` for some claims of one key.
    private static func proofs(_ part: [Int], _ claims: [ParsedClaim], _ weights: [Fr]) -> Piece {
        var pairs = part.map { index in
            let proof = claims[index].proof
            return (proof.a.multiplied(byPublic: weights[index]), PreparedG2(proof.b))
        }
        let sum = G1Point.sum(publicScalars: part.map { weights[$0] }, part.map { claims[$0].proof.c })
        pairs.append((sum, claims[part[0]].key.negatedDelta))
        return Piece(pairings: PartialPairing(pairs), expected: .one)
    }

    /// `e(Σ w_i X_i, -γ) = e(α, β)^(Σ w_i)` for all claims of one key.
    private static func statements(_ group: [Int], _ claims: [ParsedClaim], _ weights: [Fr]) -> Piece {
        let key = claims[group[0]].key
        var factors = [Fr](repeating: .zero, count: key.key.inputs.count)
        for index in group {
            factors[0] = factors[0] + weights[index]
            for (place, input) in claims[index].inputs.enumerated() {
                factors[place + 1] = factors[place + 1] + weights[index] * input
            }
        }
        let sum = G1Point.sum(publicScalars: factors, key.key.inputs)
        return Piece(
            pairings: PartialPairing([(sum, key.negatedGamma)]),
            expected: key.alphaBeta.power(public: factors[0])
        )
    }
}

/// A claim whose parts are well-formed.
private struct ParsedClaim: Sendable {
    let key: PreparedVerificationKey
    let inputs: [Fr]
    let proof: Proof

    init(_ claim: ProofClaim) throws(ProtocolFailure) {
        self.proof = try Proof(claim.proof)
        self.inputs = try PreparedVerificationKey.inputs(claim.inputs)
        self.key = claim.key
        try self.key.checkCount(self.inputs.count)
    }
}

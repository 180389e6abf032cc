package import BLS12381
package import CanonicalBytes

/// What the prover of one circuit needs.
///
/// With the trapdoor's values in brackets for their multiples of the generators.
package struct ProvingKey: Sendable {
    package let verificationKey: VerificationKey
    /// Of the constraint system (specification section 8.4).
    package let systemDigest: [UInt8]
    /// [β] in G1.
    package let beta: G1Point
    /// [δ] in G1.
    package let delta: G1Point
    /// [A_i(τ)], for every variable.
    package let a: G1Points
    /// [B_i(τ)] in G1.
    package let b1: G1Points
    /// [B_i(τ)] in G2.
    package let b2: G2Points
    /// [(β A_i + α B_i + C_i)(τ) / δ], for every private variable.
    package let l: G1Points
    /// [τ^j Z(τ) / δ], one fewer than the domain has points.
    package let h: G1Points

    package var variables: Int { self.a.count }
    package var publicInputs: Int { self.verificationKey.publicInputs }

    /// - Throws: `CONTEXT` for lists whose lengths do not fit.
    package init(
        verificationKey: VerificationKey,
        systemDigest: [UInt8],
        beta: G1Point,
        delta: G1Point,
        a: G1Points,
        b1: G1Points,
        b2: G2Points,
        l: G1Points,
        h: G1Points
    ) throws(ProtocolFailure) {
        let isConsistent =
            b1.count == a.count && b2.count == a.count && l.count == a.count - verificationKey.inputs.count
            && (h.count + 1).nonzeroBitCount == 1
        try require(isConsistent, .context, "the lists of a proving key do not fit")
        self.verificationKey = verificationKey
        self.systemDigest = systemDigest
        self.beta = beta
        self.delta = delta
        self.a = a
        self.b1 = b1
        self.b2 = b2
        self.l = l
        self.h = h
    }
}

internal import BLS12381
package import CanonicalBytes
package import FiniteFields

/// A verification key with everything computed that is the same for all proofs.
package struct PreparedVerificationKey: Sendable {
    package let key: VerificationKey
    /// `e(α, β)`.
    let alphaBeta: GT
    /// The lines of -γ and -δ.
    let negatedGamma: PreparedG2
    let negatedDelta: PreparedG2
    let digest: [UInt8]

    /// Takes about as long as a pairing.
    package init(_ key: VerificationKey) {
        self.key = key
        self.alphaBeta = Pairing.pair(key.alpha, key.beta)
        self.negatedGamma = PreparedG2(-key.gamma)
        self.negatedDelta = PreparedG2(-key.delta)
        self.digest = key.digest
    }

    /// Verifies a proof: `e(A, B) = e(α, β)·e(IC_0 + Σ x_i IC_i, γ)·e(C, δ)`.
    ///
    /// - Throws: `CONTEXT` for another count of inputs than the key has, `PROOF` for a proof that is not valid.
    package func verify(_ proof: Proof, inputs: [Fr]) throws(ProtocolFailure) {
        try self.checkCount(inputs.count)
        let product = Pairing.product([
            (proof.a, PreparedG2(proof.b)),
            (self.statement(inputs), self.negatedGamma),
            (proof.c, self.negatedDelta),
        ])
        try require(product == self.alphaBeta, .proof, "the proof is not valid for these inputs")
    }

    /// Decodes and verifies.
    ///
    /// - Parameters:
    ///   - proof: 192 bytes.
    ///   - inputs: 32 bytes each.
    /// - Throws: `FORMAT`, `POINT`, `IDENTITY` or `SUBGROUP` for the proof, `FORMAT` or `SCALAR` for an input, then as
    ///   ``verify(_:inputs:)-(Proof,_)``.
    package func verify(_ proof: [UInt8], inputs: [[UInt8]]) throws(ProtocolFailure) {
        let proof = try Proof(proof)
        try self.verify(proof, inputs: Self.inputs(inputs))
    }

    static func inputs(_ encoded: [[UInt8]]) throws(ProtocolFailure) -> [Fr] {
        var inputs: [Fr] = []
        for input in encoded { inputs.append(try Fr(input)) }
        return inputs
    }

    func checkCount(_ count: Int) throws(ProtocolFailure) {
        let expected = self.key.publicInputs
        try require(count == expected, .context, "\(count) public inputs, and the key has \(expected)")
    }

    /// `IC_0 + Σ x_i IC_i`.
    private func statement(_ inputs: [Fr]) -> G1Point {
        self.key.inputs[0] + G1Point.sum(publicScalars: inputs, Array(self.key.inputs[1...]))
    }
}

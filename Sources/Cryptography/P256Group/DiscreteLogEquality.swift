package import CanonicalBytes
internal import Transcripts

/// Proofs that `log_B1 V1 = log_B2 V2`, 64 bytes `c || z` (specification section 2.5).
package struct DiscreteLogEquality: Sendable {
    private let points: (base1: P256PublicKey, value1: P256PublicKey, base2: P256PublicKey, value2: P256PublicKey)

    /// The statement to prove or verify.
    package init(base1: P256PublicKey, value1: P256PublicKey, base2: P256PublicKey, value2: P256PublicKey) {
        self.points = (base1, value1, base2, value2)
    }

    /// Proves the statement for the witness `w` with `V1 = w·B1` and `V2 = w·B2`.
    ///
    /// - Parameters:
    ///   - w: the witness.
    ///   - context: what the proof is bound to.
    ///   - aux: 32 random bytes that hedge the nonce.
    /// - Returns: the proof.
    /// - Throws: `SCALAR` or `IDENTITY` when other randomness is needed, which does not happen in practice.
    package func prove(
        witness w: P256Scalar,
        context: [UInt8],
        aux: [UInt8] = SecureRandom.bytes(32)
    ) throws(ProtocolFailure) -> [UInt8] {
        let p = self.points
        var secret = w.bytes
        defer { secret.wipe() }
        var k = try P256Scalar.hash(
            "DLEQ-P256-NONCE",
            secret,
            aux,
            p.base1.encoded,
            p.value1.encoded,
            p.base2.encoded,
            p.value2.encoded,
            context
        )
        defer { k.wipe() }
        let first = p.base1 == .generator ? P256Point.base(times: k) : k * p.base1.point
        let c = try self.challenge(first, k * p.base2.point, context)
        return c.bytes + (k - c * w).bytes
    }

    /// - Throws: `FORMAT` for another length than 64, `SCALAR` for parts out of range, `PROOF`.
    package func verify(_ proof: [UInt8], context: [UInt8]) throws(ProtocolFailure) {
        try require(proof.count == 64, .format, "a proof has 64 bytes")
        let c = try P256Scalar(Array(proof[..<32]))
        let z = try P256Scalar(Array(proof[32...]))
        let p = self.points
        let first =
            p.base1 == .generator
            ? P256Point.base(times: z, plus: c, times: p.value1.point)
            : z * p.base1.point + c * p.value1.point
        let second = z * p.base2.point + c * p.value2.point
        try require(!first.isIdentity && !second.isIdentity, .proof, "a commitment is the identity")
        try require(self.challenge(first, second, context) == c, .proof, "the proof does not fit")
    }

    private func challenge(
        _ first: P256Point,
        _ second: P256Point,
        _ context: [UInt8]
    ) throws(ProtocolFailure) -> P256Scalar {
        let p = self.points
        return try P256Scalar.hash(
            "DLEQ-P256-CHAL",
            p.base1.encoded,
            p.value1.encoded,
            p.base2.encoded,
            p.value2.encoded,
            first.encoded(),
            second.encoded(),
            context
        )
    }
}

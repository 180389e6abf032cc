internal import BLS12381
package import CanonicalBytes
package import FiniteFields
package import SecretSharing
internal import Transcripts

/// A group in which proofs of equal exponents are made.
package protocol ProvablePoint: Equatable, Sendable {
    static var generator: Self { get }
    static func + (a: Self, b: Self) -> Self
    /// In constant time.
    static func * (scalar: Fr, point: Self) -> Self
    /// In constant time.
    static func generator(times scalar: Fr) -> Self
    /// In time that depends on the scalars.
    static func sum(publicScalars scalars: [Fr], _ points: [Self]) -> Self
    func encoded() throws(ProtocolFailure) -> [UInt8]
    var isIdentity: Bool { get }
}

extension G1Point: ProvablePoint {}
extension G2Point: ProvablePoint {}

/// Proofs that `V_i = w·B_i` for one exponent `w`, 64 bytes `c || z` (specification section 3.5).
package struct ExponentProof<Point: ProvablePoint>: Sendable {
    private let bases: [Point]
    private let values: [Point]
    private let context: [UInt8]
    /// `E(B_1)…E(B_k), E(V_1)…E(V_k)`.
    private let encoded: [[UInt8]]

    /// The statement to prove or verify.
    ///
    /// - Parameters:
    ///   - bases: one or more, with as many values.
    ///   - values: the bases' products with the exponent.
    ///   - context: what the proof is bound to.
    /// - Throws: `IDENTITY` for a base or value that is the identity.
    package init(bases: [Point], values: [Point], context: [UInt8]) throws(ProtocolFailure) {
        precondition(bases.count == values.count)
        self.bases = bases
        self.values = values
        self.context = context
        var encoded: [[UInt8]] = []
        for point in bases + values { encoded.append(try point.encoded()) }
        self.encoded = encoded
    }

    /// Proves the statement.
    ///
    /// - Parameters:
    ///   - secret: the exponent.
    ///   - aux: 32 random bytes that hedge the nonce.
    /// - Returns: 64 bytes.
    /// - Throws: `SCALAR` or `IDENTITY` when other randomness is needed, which does not happen in practice.
    package func prove(_ secret: SecretFr, aux: [UInt8]) throws(ProtocolFailure) -> [UInt8] {
        var witness = secret.secretBytes()
        defer { witness.wipe() }
        var nonce = try Fr.hash("DLEQ-BLS-NONCE", [witness, aux] + self.encoded + [self.context])
        defer { nonce.wipe() }
        let challenge = try self.challenge(
            self.bases.map { $0 == Point.generator ? Point.generator(times: nonce) : nonce * $0 }
        )
        let response = secret.withValue { nonce - challenge * $0 }
        return challenge.bytes + response.bytes
    }

    /// Verifies a proof of the statement.
    ///
    /// - Throws: `FORMAT` for another length than 64, `SCALAR` for parts out of range, `PROOF`.
    package func verify(_ proof: [UInt8]) throws(ProtocolFailure) {
        try require(proof.count == 64, .format, "a proof has 64 bytes")
        let challenge = try Fr(nonzero: Array(proof[..<32]))
        let response = try Fr(nonzero: Array(proof[32...]))
        let commitments = zip(self.bases, self.values).map {
            Point.sum(publicScalars: [response, challenge], [$0, $1])
        }
        try require(!commitments.contains(where: \.isIdentity), .proof, "a commitment is the identity")
        try require(self.challenge(commitments) == challenge, .proof, "the proof does not fit")
    }

    private func challenge(_ commitments: [Point]) throws(ProtocolFailure) -> Fr {
        var fields = self.encoded
        for point in commitments { fields.append(try point.encoded()) }
        fields.append(self.context)
        return try Fr.hash("DLEQ-BLS-CHAL", fields)
    }
}

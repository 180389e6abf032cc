internal import BLS12381
package import CanonicalBytes
package import FiniteFields
package import SecretSharing
internal import Transcripts

/// A dealer's Feldman commitments `A_j = a_j·P1` to the coefficients of its polynomial (specification section 9.2).
package struct DealerCommitments: Sendable, Hashable {
    /// `E(A_j)`, the secret's first.
    package let encoded: [[UInt8]]
    let points: [G1Point]

    /// Decodes commitments to a polynomial of which `threshold` shares determine the secret.
    ///
    /// - Throws: `FORMAT` for another number of them; `FORMAT`, `POINT`, `IDENTITY` or `SUBGROUP` for one.
    package init(_ encoded: [[UInt8]], threshold: Int) throws(ProtocolFailure) {
        let isOfDegree = encoded.count == threshold && threshold > 0
        try require(isOfDegree, .format, "commitments to a polynomial of another degree")
        var points: [G1Point] = []
        for point in encoded { points.append(try G1Point(point)) }
        self.encoded = encoded
        self.points = points
    }

    /// Commits to a polynomial.
    ///
    /// - Throws: `IDENTITY` for a coefficient that is zero.
    package init(to polynomial: SharingPolynomial) throws(ProtocolFailure) {
        self.points = polynomial.map { G1Point.generator(times: $0) }
        var encoded: [[UInt8]] = []
        for point in self.points { encoded.append(try point.encoded()) }
        self.encoded = encoded
    }

    /// Requires that the share of a member, from 1 on, lies on the polynomial.
    ///
    /// - Throws: `PROOF`, which is what a member complains of.
    package func check(share: Fr, of member: UInt16) throws(ProtocolFailure) {
        let isShare = G1Point.generator(times: share) == Feldman.value(of: self.points, at: member)
        try require(isShare, .proof, "the share does not lie on the dealer's polynomial")
    }

    /// Verifies that the dealer knows the secret that it shares, in this session.
    ///
    /// - Throws: as decoding a signature does, `PROOF`.
    package func verifyPossession(
        _ proof: [UInt8],
        session: [UInt8],
        dealer: UInt16
    ) throws(ProtocolFailure) {
        try Self.verifyPossession(proof, of: self.encoded[0], session: session, dealer: dealer)
    }

    /// Verifies a proof for the first commitment `E(A_0)` alone.
    ///
    /// - Throws: as decoding a key and a signature does, `PROOF`.
    package static func verifyPossession(
        _ proof: [UInt8],
        of commitment: [UInt8],
        session: [UInt8],
        dealer: UInt16
    ) throws(ProtocolFailure) {
        let key = try BLSPublicKey(commitment)
        do throws(ProtocolFailure) {
            try key.verify(proof, of: self.possessionMessage(commitment, session: session, dealer: dealer))
        } catch {
            guard error.code == .signature else { throw error }
            throw ProtocolFailure(.proof, "the dealer's proof of possession does not fit")
        }
    }

    /// Proves knowledge of the secret behind the first commitment.
    ///
    /// - Throws: `IDENTITY`, which does not happen in practice.
    package static func provePossession(
        of secret: BLSKeyPair,
        session: [UInt8],
        dealer: UInt16
    ) throws(ProtocolFailure) -> [UInt8] {
        let message = self.possessionMessage(secret.publicKey.encoded, session: session, dealer: dealer)
        return try secret.sign(message).encoded
    }

    private static func possessionMessage(_ commitment: [UInt8], session: [UInt8], dealer: UInt16) -> [UInt8] {
        transcript(domainSeparationTag("DKG-POP"), session, dealer.bigEndianBytes, commitment)
    }

    package static func == (a: DealerCommitments, b: DealerCommitments) -> Bool { a.encoded == b.encoded }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.encoded) }
}

/// Polynomials in the exponent.
enum Feldman {
    /// `Σ k^j A_j`, for a public place k.
    static func value(of points: [G1Point], at place: UInt16) -> G1Point {
        let place = Fr(UInt64(place))
        return points.reversed().reduce(G1Point.identity) { $0.multiplied(byPublic: place) + $1 }
    }
}

internal import BLS12381
internal import CanonicalBytes
internal import FiniteFields
internal import Transcripts

/// What a secret of a contribution is multiplied into.
enum CeremonySecret: UInt8, Sendable {
    case tau = 1
    case alpha = 2
    case beta = 3
    case delta = 4
}

/// A proof that the author of a contribution knows the secret s behind `S = s·P2`: `s·Q` for a point Q of G1 that is
/// hashed from the contribution's place, its author and S.
///
/// After Kohlweiss, Maller, Siim and Volkhov, "Snarky Ceremonies" (ASIACRYPT 2021): the secret can be extracted without
/// rewinding, so a ceremony is as good as its best member although anyone may contribute last.
struct KnowledgeProof: Sendable {
    /// `s·P2`.
    let commitment: G2Point
    let response: G1Point

    /// Proves knowledge, in constant time in the secret.
    ///
    /// - Throws: `IDENTITY` for zero.
    init(_ secret: Fr, _ kind: CeremonySecret, _ header: ContributionHeader) throws(ProtocolFailure) {
        self.commitment = .generator(times: secret)
        self.response = secret * (try Self.base(kind, header, self.commitment))
    }

    /// Reads `E(S) || E(s·Q)`.
    ///
    /// - Throws: `FORMAT`, `POINT`, `IDENTITY` or `SUBGROUP`.
    init(_ reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.commitment = try G2Point(reader.take(G2Point.byteCount))
        self.response = try G1Point(reader.take(G1Point.byteCount))
    }

    func write(_ writer: inout CanonicalWriter) throws(ProtocolFailure) {
        writer.raw(try self.commitment.encoded())
        writer.raw(try self.response.encoded())
    }

    /// Checks the proof, and where everybody knows the secret of a beacon that it is this one.
    ///
    /// - Throws: `DUPLICATE` for the secret 1, which changes nothing, `PROOF` when knowledge is not proved, `CONTEXT` for
    ///   a beacon with another secret than follows from its value.
    func check(_ kind: CeremonySecret, _ header: ContributionHeader, beaconSecret: Fr?) throws(ProtocolFailure) {
        try require(self.commitment != .generator, .duplicate, "the contribution changes nothing")
        let base = try Self.base(kind, header, self.commitment)
        try require(
            Pairing.productIsOne([(self.response, .generator), (-base, self.commitment)]),
            .proof,
            "no proof that the author knows the secret of \(kind)"
        )
        if let beaconSecret {
            try require(
                self.commitment == .generator(times: beaconSecret),
                .context,
                "the secret of \(kind) does not follow from the beacon"
            )
        }
    }

    private static func base(
        _ kind: CeremonySecret,
        _ header: ContributionHeader,
        _ commitment: G2Point
    ) throws(ProtocolFailure) -> G1Point {
        .hash(tag: "CEREMONY-KNOWLEDGE", header.bytes, [kind.rawValue], try commitment.encoded())
    }
}

extension ContributionHeader {
    /// The secrets of a beacon, which anyone can compute; nil for a member.
    ///
    /// - Throws: `SCALAR` for a hash of zero, which does not happen.
    func beaconSecrets(_ kinds: [CeremonySecret]) throws(ProtocolFailure) -> [Fr]? {
        guard let seed = self.beaconSeed else { return nil }
        var secrets: [Fr] = []
        for kind in kinds { secrets.append(try Fr.hash("CEREMONY-BEACON-SECRET", seed, [kind.rawValue])) }
        return secrets
    }
}

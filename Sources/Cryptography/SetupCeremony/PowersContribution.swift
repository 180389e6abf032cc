internal import BLS12381
internal import CanonicalBytes
internal import Transcripts

/// A contribution to the powers of τ:
/// `"WLC1" || header || knowledge of τ, α and β (144 each) || powers`.
struct PowersContribution: Sendable {
    let header: ContributionHeader
    let tau: KnowledgeProof
    let alpha: KnowledgeProof
    let beta: KnowledgeProof
    let powers: PowersOfTau

    static let magic: StaticString = "WLC1"

    /// The contribution for powers into which the secrets are multiplied.
    ///
    /// - Throws: `IDENTITY` for a secret that is zero.
    init(_ header: ContributionHeader, _ secrets: PowersSecrets, _ powers: PowersOfTau) throws(ProtocolFailure) {
        self.header = header
        self.tau = try KnowledgeProof(secrets.tau, .tau, header)
        self.alpha = try KnowledgeProof(secrets.alpha, .alpha, header)
        self.beta = try KnowledgeProof(secrets.beta, .beta, header)
        self.powers = powers
    }

    /// Reads what follows the header, to the end.
    init(
        _ header: ContributionHeader,
        _ reader: inout CanonicalReader,
        logarithm: Int
    ) throws(ProtocolFailure) {
        self.header = header
        self.tau = try KnowledgeProof(&reader)
        self.alpha = try KnowledgeProof(&reader)
        self.beta = try KnowledgeProof(&reader)
        self.powers = try PowersOfTau(&reader, logarithm: logarithm)
        try reader.finish()
    }

    func encoded() throws(ProtocolFailure) -> [UInt8] {
        var writer = CanonicalWriter()
        writer.magic(Self.magic)
        writer.raw(self.header.bytes)
        for proof in [self.tau, self.alpha, self.beta] { try proof.write(&writer) }
        try self.powers.write(&writer)
        return writer.bytes
    }

    static func digest(_ bytes: [UInt8]) -> [UInt8] { TaggedHash.digest("CEREMONY-POWERS", bytes) }

    /// Checks that these are the powers before with secrets multiplied in that the author knows.
    ///
    /// - Throws: `DUPLICATE` or `PROOF`, with the equation that does not hold; `CONTEXT` for a wrong beacon.
    func check(after previous: PowersOfTau, digest: [UInt8]) throws(ProtocolFailure) {
        let secrets = try self.header.beaconSecrets(PowersSecrets.kinds)
        try self.tau.check(.tau, self.header, beaconSecret: secrets?[0])
        try self.alpha.check(.alpha, self.header, beaconSecret: secrets?[1])
        try self.beta.check(.beta, self.header, beaconSecret: secrets?[2])
        try Self.checkStep(previous.tau[1], self.powers.tau[1], self.tau, .tau)
        try Self.checkStep(previous.alpha[0], self.powers.alpha[0], self.alpha, .alpha)
        try Self.checkStep(previous.beta[0], self.powers.beta[0], self.beta, .beta)
        try self.powers.check(digest)
    }

    /// Whether the new multiple is the old one times the secret that is known.
    static func checkStep(
        _ old: G1Point,
        _ new: G1Point,
        _ knowledge: KnowledgeProof,
        _ kind: CeremonySecret
    ) throws(ProtocolFailure) {
        try require(
            Pairing.productIsOne([(new, .generator), (-old, knowledge.commitment)]),
            .proof,
            "\(kind) is not the one before times the secret"
        )
    }
}

extension PowersOfTau {
    /// Checks that all lists are powers of the same τ in both groups, and β the same in both.
    ///
    /// - Throws: `PROOF` with the list that is wrong.
    func check(_ digest: [UInt8]) throws(ProtocolFailure) {
        var weights = Weights(digest)
        for (name, list) in [("τ", self.tau), ("α τ", self.alpha), ("β τ", self.beta)] {
            let factors = weights.next(list.count - 1)
            let low = list[0..<list.count - 1].sum(times: factors)
            let high = list[1..<list.count].sum(times: factors)
            try require(
                Pairing.productIsOne([(high, .generator), (-low, self.tauInG2[1])]),
                .proof,
                "the powers of \(name) in G1 are not those of the τ in G2"
            )
        }
        let factors = weights.next(self.count - 1)
        let low = self.tauInG2[0..<self.count - 1].sum(times: factors)
        let high = self.tauInG2[1..<self.count].sum(times: factors)
        try require(
            Pairing.productIsOne([(.generator, high), (-self.tau[1], low)]),
            .proof,
            "the powers of τ in G2 are not those of the τ in G1"
        )
        try require(
            Pairing.productIsOne([(self.beta[0], .generator), (-.generator, self.betaInG2)]),
            .proof,
            "β is not the same in G1 and in G2"
        )
    }
}

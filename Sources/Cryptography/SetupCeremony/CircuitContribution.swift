internal import BLS12381
internal import CanonicalBytes
internal import FiniteFields
internal import SecretSharing
internal import Transcripts

/// The part of a circuit's keys that δ is in.
struct CircuitParameters: Sendable {
    /// `δ·P1`.
    let delta: G1Point
    /// `δ·P2`.
    let deltaInG2: G2Point
    /// `(β A_i + α B_i + C_i)(τ) / δ·P1`, for every private variable.
    let l: G1Points
    /// `τ^j Z(τ) / δ·P1`.
    let h: G1Points

    init(delta: G1Point, deltaInG2: G2Point, l: G1Points, h: G1Points) {
        self.delta = delta
        self.deltaInG2 = deltaInG2
        self.l = l
        self.h = h
    }

    /// What the first member starts from: δ = 1.
    init(_ basis: CircuitBasis, publicInputs: Int) {
        self.init(
            delta: .generator,
            deltaInG2: .generator,
            l: basis.combined[publicInputs + 1..<basis.combined.count],
            h: basis.h
        )
    }

    /// The parameters with a secret multiplied into δ, in constant time.
    func multiplied(by secret: Fr) -> CircuitParameters {
        var inverse = secret.inverse()
        defer { inverse.wipe() }
        return CircuitParameters(
            delta: secret * self.delta,
            deltaInG2: secret * self.deltaInG2,
            l: self.l.multiplied(by: [Fr](repeating: inverse, count: self.l.count)),
            h: self.h.multiplied(by: [Fr](repeating: inverse, count: self.h.count))
        )
    }
}

/// A contribution to the keys of one circuit:
/// `"WLC2" || header || knowledge of δ (144) || δ·P1 || δ·P2 || L || H`.
struct CircuitContribution: Sendable {
    let header: ContributionHeader
    let knowledge: KnowledgeProof
    let parameters: CircuitParameters

    static let magic: StaticString = "WLC2"

    /// The contribution for parameters into which the secret is multiplied.
    ///
    /// - Throws: `IDENTITY` for a secret that is zero.
    init(_ header: ContributionHeader, _ secret: Fr, _ parameters: CircuitParameters) throws(ProtocolFailure) {
        self.header = header
        self.knowledge = try KnowledgeProof(secret, .delta, header)
        self.parameters = parameters
    }

    /// Reads what follows the header, to the end.
    ///
    /// - Throws: `FORMAT`, `POINT`, `IDENTITY` or `SUBGROUP`. A variable in no constraint has the identity in L, and
    ///   only such a one may have it.
    init(
        _ header: ContributionHeader,
        _ reader: inout CanonicalReader,
        after previous: CircuitParameters
    ) throws(ProtocolFailure) {
        self.header = header
        self.knowledge = try KnowledgeProof(&reader)
        let delta = try G1Point(reader.take(G1Point.byteCount))
        let deltaInG2 = try G2Point(reader.take(G2Point.byteCount))
        let (l, h) = (previous.l.count, previous.h.count)
        self.parameters = CircuitParameters(
            delta: delta,
            deltaInG2: deltaInG2,
            l: try G1Points(reader.take(l * G1Point.byteCount), count: l, .compressed, .inSubgroup),
            h: try G1Points(reader.take(h * G1Point.byteCount), count: h, .compressed, .inSubgroupNotIdentity)
        )
        try reader.finish()
        for index in 0..<l {
            let isIdentity = self.parameters.l.isIdentity(at: index)
            try require(isIdentity == previous.l.isIdentity(at: index), .identity, "point \(index) of L")
        }
    }

    func encoded() throws(ProtocolFailure) -> [UInt8] {
        var writer = CanonicalWriter()
        writer.magic(Self.magic)
        writer.raw(self.header.bytes)
        try self.knowledge.write(&writer)
        writer.raw(try self.parameters.delta.encoded())
        writer.raw(try self.parameters.deltaInG2.encoded())
        writer.raw(self.parameters.l.encoded(.compressed))
        writer.raw(self.parameters.h.encoded(.compressed))
        return writer.bytes
    }

    static func digest(_ bytes: [UInt8]) -> [UInt8] { TaggedHash.digest("CEREMONY-CIRCUIT", bytes) }

    /// Checks that these are the parameters before with a secret in δ that the author knows.
    ///
    /// - Throws: `DUPLICATE` or `PROOF`, with the equation that does not hold; `CONTEXT` for a wrong beacon.
    func check(after previous: CircuitParameters, digest: [UInt8]) throws(ProtocolFailure) {
        let secrets = try self.header.beaconSecrets([.delta])
        try self.knowledge.check(.delta, self.header, beaconSecret: secrets?[0])
        let new = self.parameters
        try PowersContribution.checkStep(previous.delta, new.delta, self.knowledge, .delta)
        try require(
            Pairing.productIsOne([(new.delta, .generator), (-.generator, new.deltaInG2)]),
            .proof,
            "δ is not the same in G1 and in G2"
        )
        var weights = Weights(digest)
        for (name, old, new) in [("L", previous.l, new.l), ("H", previous.h, new.h)] {
            let factors = weights.next(old.count)
            try require(
                Pairing.productIsOne([
                    (new.sum(times: factors), self.parameters.deltaInG2),
                    (-old.sum(times: factors), previous.deltaInG2),
                ]),
                .proof,
                "the points of \(name) are not those before divided by the secret"
            )
        }
    }
}

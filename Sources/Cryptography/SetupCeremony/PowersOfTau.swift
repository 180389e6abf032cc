package import BLS12381
internal import CanonicalBytes
internal import FiniteFields
internal import SecretSharing

/// The common part of the keys of all circuits up to a size N, a power of two, for a τ, an α and a β that nobody knows.
package struct PowersOfTau: Sendable {
    /// `τ^i·P1`, i < 2N - 1; the first is the generator.
    package let tau: G1Points
    /// `α τ^i·P1`, i < N.
    package let alpha: G1Points
    /// `β τ^i·P1`, i < N.
    package let beta: G1Points
    /// `τ^i·P2`, i < N; the first is the generator.
    package let tauInG2: G2Points
    /// `β·P2`.
    package let betaInG2: G2Point

    /// N.
    package var count: Int { self.alpha.count }

    /// What the first member starts from: τ = α = β = 1.
    init(logarithm: Int) {
        let count = 1 << logarithm
        self.tau = G1Points([G1Point](repeating: .generator, count: 2 * count - 1))
        self.alpha = G1Points([G1Point](repeating: .generator, count: count))
        self.beta = self.alpha
        self.tauInG2 = G2Points([G2Point](repeating: .generator, count: count))
        self.betaInG2 = .generator
    }

    init(tau: G1Points, alpha: G1Points, beta: G1Points, tauInG2: G2Points, betaInG2: G2Point) {
        self.tau = tau
        self.alpha = alpha
        self.beta = beta
        self.tauInG2 = tauInG2
        self.betaInG2 = betaInG2
    }

    /// All powers with the secrets multiplied in, in constant time.
    func multiplied(by secrets: PowersSecrets) -> PowersOfTau {
        var powers = secrets.powersOfTau(self.tau.count)
        defer { powers.wipe() }
        var alpha = powers[..<self.count].map { secrets.alpha * $0 }
        defer { alpha.wipe() }
        var beta = powers[..<self.count].map { secrets.beta * $0 }
        defer { beta.wipe() }
        return PowersOfTau(
            tau: self.tau.multiplied(by: powers),
            alpha: self.alpha.multiplied(by: alpha),
            beta: self.beta.multiplied(by: beta),
            tauInG2: self.tauInG2.multiplied(by: Array(powers[..<self.count])),
            betaInG2: secrets.beta * self.betaInG2
        )
    }
}

extension PowersOfTau {
    /// `τ^1…τ^(2N-2) || α τ^0…α τ^(N-1) || β τ^0…β τ^(N-1)` in G1, `τ^1…τ^(N-1) || β` in G2, all compressed.
    func write(_ writer: inout CanonicalWriter) throws(ProtocolFailure) {
        writer.raw(self.tau[1..<self.tau.count].encoded(.compressed))
        writer.raw(self.alpha.encoded(.compressed))
        writer.raw(self.beta.encoded(.compressed))
        writer.raw(self.tauInG2[1..<self.count].encoded(.compressed))
        writer.raw(try self.betaInG2.encoded())
    }

    /// Reads the powers of 2^logarithm; all are in their subgroups and none is the identity.
    ///
    /// - Throws: `FORMAT`, `POINT`, `IDENTITY` or `SUBGROUP`.
    init(_ reader: inout CanonicalReader, logarithm: Int) throws(ProtocolFailure) {
        let count = 1 << logarithm
        let tau = try Self.list(&reader, 2 * count - 2)
        self.alpha = try Self.list(&reader, count)
        self.beta = try Self.list(&reader, count)
        let tauInG2 = try G2Points(
            reader.take((count - 1) * G2Point.byteCount),
            count: count - 1,
            .compressed,
            .inSubgroupNotIdentity
        )
        self.tau = G1Points([.generator]) + tau
        self.tauInG2 = G2Points([.generator]) + tauInG2
        self.betaInG2 = try G2Point(reader.take(G2Point.byteCount))
    }

    private static func list(_ reader: inout CanonicalReader, _ count: Int) throws(ProtocolFailure) -> G1Points {
        try G1Points(reader.take(count * G1Point.byteCount), count: count, .compressed, .inSubgroupNotIdentity)
    }
}

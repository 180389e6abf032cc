internal import BLS12381
package import CanonicalBytes
internal import FiniteFields
package import SecretSharing
internal import Transcripts

/// Which shares are refreshed, and when.
package struct RefreshPair: Sendable, Hashable {
    /// The party that chooses the factor.
    package let giver: UInt8
    /// The party that divides by it.
    package let taker: UInt8
    /// Counts the refreshes under one public key, so that a step of an earlier one is not taken again.
    package let round: UInt64

    package init(giver: UInt8, taker: UInt8, round: UInt64) {
        self.giver = giver
        self.taker = taker
        self.round = round
    }

    func context(_ context: [UInt8], _ role: StaticString) -> [UInt8] {
        let label = role.withUTF8Buffer { Array($0) }
        return transcript(
            Array("IBE-REFRESH".utf8),
            context,
            label,
            [self.giver, self.taker],
            self.round.bigEndianBytes
        )
    }
}

/// What a party publishes when it refreshes its share.
package struct RefreshStep: Sendable, Hashable {
    /// `E(P')` of the party's new point, 96 bytes.
    package let point: [UInt8]
    /// That the new share is the old one times, or divided by, the factor; 64 bytes.
    package let proof: [UInt8]

    package init(point: [UInt8], proof: [UInt8]) {
        self.point = point
        self.proof = proof
    }
}

/// New shares for two parties under the same public key.
///
/// `Y` is `P2` times the product of all secrets. The giver chooses ρ, sends it to the taker alone, and multiplies its
/// share by it; the taker divides its own: `s_i' = ρ·s_i`, `s_j' = s_j / ρ`. The product, hence `Y` and every key issued
/// under it, stays as it was. The giver publishes `R = ρ·P2` and `P_i'` with a proof that `log_P2 R = log_{P_i} P_i'`,
/// the taker `P_j'` with a proof that `log_P2 R = log_{P_j'} P_j`: with both, anybody sees from the old points that
/// the product is unchanged, and who is to blame if it is not. A share stolen before is of no use with the others' new
/// ones, unless the thief also had ρ: both parties forget it and their old shares. Going round all parties in pairs
/// refreshes every share.
package struct ShareRefresh: Sendable, Hashable {
    /// `E(R)`, 96 bytes.
    package let factor: [UInt8]
    package let giverStep: RefreshStep

    package init(factor: [UInt8], giverStep: RefreshStep) {
        self.factor = factor
        self.giverStep = giverStep
    }

    /// The giver's part.
    ///
    /// - Parameters:
    ///   - share: the giver's old share.
    ///   - factor: ρ, random, which goes to the taker alone.
    ///   - pair: who refreshes.
    ///   - context: names the parameters.
    ///   - aux: 32 random bytes that hedge the proof's nonce.
    /// - Returns: what is published, and the giver's new share.
    /// - Throws: nothing in practice.
    package static func give(
        _ share: SecretFr,
        factor: SecretFr,
        pair: RefreshPair,
        context: [UInt8],
        aux: [UInt8] = SecureRandom.bytes(32)
    ) throws(ProtocolFailure) -> (refresh: ShareRefresh, share: SecretFr) {
        let old = share.withValue { G2Point.generator(times: $0) }
        let new = try share.multiplied(by: factor)
        let statement = try ExponentProof(
            bases: [.generator, old],
            values: [
                factor.withValue { G2Point.generator(times: $0) }, new.withValue { G2Point.generator(times: $0) },
            ],
            context: pair.context(context, "GIVE")
        )
        let refresh = ShareRefresh(
            factor: try factor.withValue { G2Point.generator(times: $0) }.encoded(),
            giverStep: RefreshStep(
                point: try new.withValue { G2Point.generator(times: $0) }.encoded(),
                proof: try statement.prove(factor, aux: aux)
            )
        )
        return (refresh, new)
    }

    /// The taker's part.
    ///
    /// - Returns: what is published, and the taker's new share.
    /// - Throws: `KEY` when the factor is not the one that the giver published.
    package func take(
        _ share: SecretFr,
        factor: SecretFr,
        pair: RefreshPair,
        context: [UInt8],
        aux: [UInt8] = SecureRandom.bytes(32)
    ) throws(ProtocolFailure) -> (step: RefreshStep, share: SecretFr) {
        let point = factor.withValue { G2Point.generator(times: $0) }
        try require(point.encoded() == self.factor, .key, "the giver published another factor")
        let new = try share.multiplied(by: factor.inverse())
        let newPoint = new.withValue { G2Point.generator(times: $0) }
        let statement = try ExponentProof(
            bases: [.generator, newPoint],
            values: [point, share.withValue { G2Point.generator(times: $0) }],
            context: pair.context(context, "TAKE")
        )
        let step = RefreshStep(point: try newPoint.encoded(), proof: try statement.prove(factor, aux: aux))
        return (step, new)
    }
}

extension JointParameters {
    /// The parameters after a refresh: the same public key, with two parties' points replaced.
    ///
    /// - Parameters:
    ///   - refresh: what the giver published.
    ///   - answer: what the taker published.
    ///   - pair: who refreshed; the caller sees that its round is new.
    ///   - context: names the parameters.
    /// - Returns: parameters with the same key.
    /// - Throws: `CONTEXT` for parties that there are not; then, naming the party, `FORMAT`, `POINT`, `IDENTITY` or
    ///   `SUBGROUP` for a point, `SCALAR` for a factor or share of 1, `PROOF`; `DUPLICATE` for two parties with one point.
    package func refreshed(
        by refresh: ShareRefresh,
        answer: RefreshStep,
        pair: RefreshPair,
        context: [UInt8]
    ) throws(PartyFailure) -> JointParameters {
        let (giver, taker) = (Int(pair.giver), Int(pair.taker))
        let areParties = giver != taker && max(giver, taker) < self.parties.count
        try charging(nil) { () throws(ProtocolFailure) in
            try require(areParties, .context, "not two parties of these parameters")
        }
        let given = try charging(giver) { () throws(ProtocolFailure) in
            let factor = try Self.factor(refresh.factor)
            let new = try Self.factor(refresh.giverStep.point)
            let statement = try ExponentProof(
                bases: [.generator, self.parties.points[giver]],
                values: [factor, new],
                context: pair.context(context, "GIVE")
            )
            try statement.verify(refresh.giverStep.proof)
            return (factor: factor, point: new)
        }
        let taken = try charging(taker) { () throws(ProtocolFailure) in
            let new = try Self.factor(answer.point)
            let statement = try ExponentProof(
                bases: [.generator, new],
                values: [given.factor, self.parties.points[taker]],
                context: pair.context(context, "TAKE")
            )
            try statement.verify(answer.proof)
            return new
        }
        var (encoded, points) = (self.parties.encoded, self.parties.points)
        (encoded[giver], points[giver]) = (refresh.giverStep.point, given.point)
        (encoded[taker], points[taker]) = (answer.point, taken)
        let isDistinct = Set(encoded).count == encoded.count
        try charging(nil) { () throws(ProtocolFailure) in
            try require(isDistinct, .duplicate, "two parties have one point")
        }
        return JointParameters(key: self.key, parties: PartyPoints(encoded: encoded, points: points))
    }

    private static func factor(_ encoded: [UInt8]) throws(ProtocolFailure) -> G2Point {
        let point = try G2Point(encoded)
        try require(point != .generator, .scalar, "a factor or share that is 1")
        return point
    }
}

extension SecretFr {
    fileprivate func multiplied(by other: SecretFr) throws(ProtocolFailure) -> SecretFr {
        var product = self.withValue { a in other.withValue { a * $0 } }
        defer { product.wipe() }
        return try SecretFr(product)
    }

    func inverse() throws(ProtocolFailure) -> SecretFr {
        var inverse = self.withValue { $0.inverse() }
        defer { inverse.wipe() }
        return try SecretFr(inverse)
    }
}

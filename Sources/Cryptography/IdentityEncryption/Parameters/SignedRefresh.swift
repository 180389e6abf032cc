package import CanonicalBytes
package import Certificates
internal import Transcripts

/// One refresh as its two parties signed it.
package struct SignedRefresh: Sendable, Hashable {
    package let give: PartyStatement
    package let take: PartyStatement

    package init(give: PartyStatement, take: PartyStatement) {
        self.give = give
        self.take = take
    }

    /// `H("IBE-REFRESH-DIGEST", context, both payloads)`.
    package var digest: [UInt8] {
        TaggedHash.digest(
            "IBE-REFRESH-DIGEST",
            self.give.context,
            [self.give.place],
            self.give.payload,
            [self.take.place],
            self.take.payload
        )
    }

    /// Who refreshes in which round, as the giver states it.
    ///
    /// - Throws: `FORMAT`.
    package static func pair(_ give: PartyStatement) throws(ProtocolFailure) -> RefreshPair {
        try self.read(give).pair
    }

    /// What the giver published.
    ///
    /// - Throws: `FORMAT`.
    package static func refresh(_ give: PartyStatement) throws(ProtocolFailure) -> ShareRefresh {
        try self.read(give).refresh
    }

    /// Requires that the giver said this; the step itself is verified with its answer.
    ///
    /// - Throws: as ``PartyStatement/verify(_:of:in:issuer:at:)``.
    package static func verify(
        _ give: PartyStatement,
        in plan: IssuingPlan,
        issuer: CertificateIssuer,
        at now: UInt64?
    ) throws(PartyFailure) {
        try charging(nil) { () throws(ProtocolFailure) in
            try give.verify(.give, of: Int(give.place), in: plan, issuer: issuer, at: now)
        }
    }

    package static func payload(of refresh: ShareRefresh, _ pair: RefreshPair) -> [UInt8] {
        pair.round.bigEndianBytes + [pair.taker] + refresh.factor + refresh.giverStep.point + refresh.giverStep.proof
    }

    package static func payload(of answer: RefreshStep, _ pair: RefreshPair) -> [UInt8] {
        pair.round.bigEndianBytes + [pair.giver] + answer.point + answer.proof
    }

    package static func readyPayload(_ refresh: SignedRefresh, round: UInt64) -> [UInt8] {
        round.bigEndianBytes + refresh.digest
    }

    /// The parameters after this refresh, which must be the next one.
    ///
    /// - Parameters:
    ///   - current: the parameters after the refresh before.
    ///   - round: the number that this one must have.
    ///   - plan: names the parties.
    ///   - issuer: of their certificates.
    ///   - now: seconds since 1970, during the refresh; nil later.
    /// - Returns: the same public key with two parties' new points.
    /// - Throws: as ``PartyStatement/verify(_:of:in:issuer:at:)`` and
    ///   ``JointParameters/refreshed(by:answer:pair:context:)``, `CONTEXT` for another round or another's answer.
    package func apply(
        to current: JointParameters,
        round: UInt64,
        plan: IssuingPlan,
        issuer: CertificateIssuer,
        at now: UInt64?
    ) throws(PartyFailure) -> JointParameters {
        try charging(nil) { () throws(ProtocolFailure) in
            try self.give.verify(.give, of: Int(self.give.place), in: plan, issuer: issuer, at: now)
            try self.take.verify(.take, of: Int(self.take.place), in: plan, issuer: issuer, at: now)
        }
        let (pair, refresh) = try charging(Int(self.give.place)) { () throws(ProtocolFailure) in
            try Self.read(self.give)
        }
        let (answered, answer) = try charging(Int(self.take.place)) { () throws(ProtocolFailure) in
            try Self.readAnswer(self.take)
        }
        try charging(nil) { () throws(ProtocolFailure) in
            try require(answered == pair, .context, "an answer to another refresh")
            try require(pair.round == round, .context, "refresh \(pair.round) where \(round) is due")
        }
        return try current.refreshed(by: refresh, answer: answer, pair: pair, context: plan.context)
    }

    private static func read(
        _ give: PartyStatement
    ) throws(ProtocolFailure) -> (pair: RefreshPair, refresh: ShareRefresh) {
        var reader = CanonicalReader(give.payload)
        let round = try reader.u64()
        let pair = RefreshPair(giver: give.place, taker: try reader.u8(), round: round)
        let factor = try reader.take(96)
        let step = RefreshStep(point: try reader.take(96), proof: try reader.take(64))
        try reader.finish()
        return (pair, ShareRefresh(factor: factor, giverStep: step))
    }

    private static func readAnswer(
        _ take: PartyStatement
    ) throws(ProtocolFailure) -> (pair: RefreshPair, answer: RefreshStep) {
        var reader = CanonicalReader(take.payload)
        let round = try reader.u64()
        let pair = RefreshPair(giver: try reader.u8(), taker: take.place, round: round)
        let answer = RefreshStep(point: try reader.take(96), proof: try reader.take(64))
        try reader.finish()
        return (pair, answer)
    }
}

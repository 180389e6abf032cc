internal import BLS12381
package import CanonicalBytes
internal import Transcripts

/// The outcome of a joint setup: the public key and the points of the parties that issue under it (specification
/// section 6.1).
package struct JointParameters: Sendable, Hashable {
    package let key: IdentityParameters
    package let parties: PartyPoints

    /// Takes parameters whose setup was verified before, as a party stores them.
    ///
    /// - Throws: `FORMAT`, `POINT`, `IDENTITY` or `SUBGROUP` for a point.
    package init(key: [UInt8], parties: [[UInt8]]) throws(ProtocolFailure) {
        self.init(key: try IdentityParameters(key), parties: try PartyPoints(parties))
    }

    init(key: IdentityParameters, parties: PartyPoints) {
        self.key = key
        self.parties = parties
    }

    /// Verifies a joint setup.
    ///
    /// - Parameters:
    ///   - steps: of all parties, the KGC's first.
    ///   - context: names the parameters.
    ///   - commitments: what the parties published before.
    /// - Throws: `FORMAT` for fewer than two parties, `DUPLICATE` for two with one point; then, naming the party,
    ///   `CONTEXT` for a commitment, `FORMAT`, `POINT`, `IDENTITY` or `SUBGROUP` for a point, `SCALAR` for a secret of 1,
    ///   and as ``ExponentProof/verify(_:)``.
    package init(
        verifying steps: [SetupStep],
        context: [UInt8],
        commitments: [[UInt8]]
    ) throws(PartyFailure) {
        try charging(nil) { () throws(ProtocolFailure) in
            try require((2...256).contains(steps.count), .format, "a KGC and at least one privacy center are needed")
            try require(Set(steps.map(\.point)).count == steps.count, .duplicate, "two parties have one point")
        }
        let (points, product) = try Self.follow(steps, context: context, commitments: commitments)
        guard let last = steps.last else { throw PartyFailure(party: nil, ProtocolFailure(.format, "no party")) }
        self.init(
            key: IdentityParameters(point: product, encoded: last.product),
            parties: PartyPoints(encoded: steps.map(\.point), points: points)
        )
    }

    /// Verifies the steps of the parties before one's own.
    ///
    /// - Parameters:
    ///   - steps: the first ones, the KGC's first; none for the KGC itself.
    ///   - context: names the parameters.
    ///   - commitments: of all parties.
    /// - Throws: naming the party, as ``init(verifying:context:commitments:)``.
    package static func verify(
        beginning steps: [SetupStep],
        context: [UInt8],
        commitments: [[UInt8]]
    ) throws(PartyFailure) {
        _ = try self.follow(steps, context: context, commitments: commitments)
    }

    private static func follow(
        _ steps: [SetupStep],
        context: [UInt8],
        commitments: [[UInt8]]
    ) throws(PartyFailure) -> (points: [G2Point], product: G2Point) {
        var previous = G2Point.generator
        var points: [G2Point] = []
        for (party, step) in steps.enumerated() {
            let commitment = party < commitments.count ? commitments[party] : []
            let verified = try charging(party) { () throws(ProtocolFailure) in
                try step.verify(UInt8(party), previous: previous, context: context, commitment: commitment)
            }
            points.append(verified.point)
            previous = verified.product
        }
        return (points, previous)
    }

    package static func == (a: JointParameters, b: JointParameters) -> Bool {
        a.key == b.key && a.parties == b.parties
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(self.key) }
}

extension SetupStep {
    fileprivate func verify(
        _ party: UInt8,
        previous: G2Point,
        context: [UInt8],
        commitment: [UInt8]
    ) throws(ProtocolFailure) -> (point: G2Point, product: G2Point) {
        let isCommitted = commitment == Self.commitment(party: party, point: self.point)
        try require(isCommitted, .context, "not the point that was committed to")
        let point = try G2Point(self.point)
        let product = try G2Point(self.product)
        try require(point != .generator, .scalar, "a secret that is 1 contributes nothing")
        let statement = try ExponentProof(
            bases: [.generator, previous],
            values: [point, product],
            context: Self.context(context, party)
        )
        try statement.verify(self.proof)
        return (point, product)
    }
}

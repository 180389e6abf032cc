package import CanonicalBytes
package import Certificates

/// The public parameters of an epoch with everything that proves them: the file `parameters.wly`.
///
/// ```
/// "WLY1" || LP(plan) || n × LP(commitment) || n × LP(step) || n × LP(endorsement) || u16 r || r × (LP(give) || LP(take))
/// ```
///
/// n parties, r refreshes. Gateways need ``parameters``; requesters and issuing parties also need the parties' points,
/// which ``verify(issuer:)`` gives.
package struct ParametersFile: Sendable, Hashable {
    /// Refreshes of one epoch at most.
    package static let refreshesMax = 1_024
    /// Bytes of a file at most.
    package static let bytesMax = 4 << 20

    package let setup: JointSetup
    /// Every party's word that it verified the setup and keeps its share.
    package let endorsements: [PartyStatement]
    package let refreshes: [SignedRefresh]
    /// The public key, as the file states it.
    ///
    /// It is that of the parties named in ``plan`` only after ``verify(issuer:)``.
    package let parameters: IdentityParameters

    package var plan: IssuingPlan { self.setup.plan }
    package var parties: [IssuingPlan.Party] { self.plan.parties }
    /// The data epoch from which on these parameters are used.
    package var epoch: UInt64 { self.plan.epoch }
    /// How often a share was refreshed; requests for keys name it, because all parties must use shares of one round.
    package var round: UInt64 { UInt64(self.refreshes.count) }

    /// Puts a file together; nothing is verified.
    ///
    /// - Throws: `FORMAT`, `POINT`, `IDENTITY` or `SUBGROUP` for the stated key, `FORMAT` for too many refreshes.
    package init(
        setup: JointSetup,
        endorsements: [PartyStatement],
        refreshes: [SignedRefresh] = []
    ) throws(ProtocolFailure) {
        try require(refreshes.count <= Self.refreshesMax, .format, "more than \(Self.refreshesMax) refreshes")
        self.setup = setup
        self.endorsements = endorsements
        self.refreshes = refreshes
        self.parameters = try IdentityParameters(setup.statedKey)
    }

    /// Parses a file of any origin.
    ///
    /// - Throws: `FORMAT`; as the other initializer.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        try require(bytes.count <= Self.bytesMax, .format, "more than \(Self.bytesMax) bytes")
        var reader = CanonicalReader(bytes)
        try reader.magic("WLY1")
        let plan = try IssuingPlan(bytes: try reader.lengthPrefixed())
        let count = plan.parties.count
        let commitments = try reader.statements(count)
        let steps = try reader.statements(count)
        let endorsements = try reader.statements(count)
        var refreshes: [SignedRefresh] = []
        for _ in 0..<(try reader.u16()) {
            refreshes.append(
                SignedRefresh(
                    give: try PartyStatement(bytes: try reader.lengthPrefixed()),
                    take: try PartyStatement(bytes: try reader.lengthPrefixed())
                )
            )
        }
        try reader.finish()
        try self.init(
            setup: JointSetup(plan: plan, commitments: commitments, steps: steps),
            endorsements: endorsements,
            refreshes: refreshes
        )
    }

    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 8_192)
        writer.magic("WLY1")
        writer.lengthPrefixed(self.plan.bytes)
        for statement in self.setup.commitments + self.setup.steps + self.endorsements {
            writer.lengthPrefixed(statement.bytes)
        }
        writer.u16(UInt16(self.refreshes.count))
        for refresh in self.refreshes {
            writer.lengthPrefixed(refresh.give.bytes)
            writer.lengthPrefixed(refresh.take.bytes)
        }
        return writer.bytes
    }

    /// Verifies the whole file offline: setup, endorsements and refreshes, each under the signature of its party.
    ///
    /// - Parameter issuer: of the parties' certificates.
    /// - Returns: the public key with the points that the parties have now.
    /// - Throws: as ``JointSetup/verify(issuer:at:)`` and ``SignedRefresh/apply(to:round:plan:issuer:at:)``; `CONTEXT`
    ///   for an endorsement of another setup.
    package func verify(issuer: CertificateIssuer) throws(PartyFailure) -> JointParameters {
        var current = try self.setup.verify(issuer: issuer, at: nil)
        try self.endorsements.verify(.endorsement, in: self.plan, issuer: issuer, at: nil)
        let digest = self.setup.digest
        for (party, endorsement) in self.endorsements.enumerated() where endorsement.payload != digest {
            throw PartyFailure(party: party, ProtocolFailure(.context, "an endorsement of another setup"))
        }
        for (index, refresh) in self.refreshes.enumerated() {
            current = try refresh.apply(
                to: current,
                round: UInt64(index) + 1,
                plan: self.plan,
                issuer: issuer,
                at: nil
            )
        }
        return current
    }

    /// The file with one more refresh, which the caller verified.
    ///
    /// - Throws: `FORMAT` for too many.
    package func appending(_ refresh: SignedRefresh) throws(ProtocolFailure) -> ParametersFile {
        try ParametersFile(
            setup: self.setup,
            endorsements: self.endorsements,
            refreshes: self.refreshes + [refresh]
        )
    }

    package static func == (a: ParametersFile, b: ParametersFile) -> Bool { a.bytes == b.bytes }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.parameters) }
}

extension CanonicalReader {
    fileprivate mutating func statements(_ count: Int) throws(ProtocolFailure) -> [PartyStatement] {
        var statements: [PartyStatement] = []
        for _ in 0..<count { statements.append(try PartyStatement(bytes: try self.lengthPrefixed())) }
        return statements
    }
}

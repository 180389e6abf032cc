internal import CanonicalBytes
package import Certificates
internal import Transcripts

/// The transcript of a joint setup: what every party signed, in the order of the plan.
package struct JointSetup: Sendable, Hashable {
    package let plan: IssuingPlan
    package let commitments: [PartyStatement]
    package let steps: [PartyStatement]

    package init(plan: IssuingPlan, commitments: [PartyStatement], steps: [PartyStatement]) {
        self.plan = plan
        self.commitments = commitments
        self.steps = steps
    }

    /// Verifies every signature and every step; nothing else is needed to believe the parameters.
    ///
    /// - Parameters:
    ///   - issuer: of the parties' certificates.
    ///   - now: seconds since 1970, during the setup; nil later.
    /// - Returns: the public key with the parties' points.
    /// - Throws: as ``JointParameters/init(verifying:context:commitments:)``; `CONTEXT` for a statement that another
    ///   party made or a step that answers other commitments.
    package func verify(issuer: CertificateIssuer, at now: UInt64?) throws(PartyFailure) -> JointParameters {
        try self.commitments.verify(.commitment, in: self.plan, issuer: issuer, at: now)
        try self.steps.verify(.step, in: self.plan, issuer: issuer, at: now)
        return try JointParameters(
            verifying: try Self.setupSteps(self.steps, answering: self.commitments),
            context: self.plan.context,
            commitments: self.commitments.map(\.payload)
        )
    }

    /// Verifies what a party needs before its own step: all commitments and the steps before.
    ///
    /// - Returns: `E(Y)` of the step before; empty when there is none.
    /// - Throws: as ``verify(issuer:at:)``; `CONTEXT` for another number of steps.
    package func verify(
        before place: UInt8,
        issuer: CertificateIssuer,
        at now: UInt64
    ) throws(PartyFailure) -> [UInt8] {
        try self.commitments.verify(.commitment, in: self.plan, issuer: issuer, at: now)
        guard self.steps.count == Int(place) else {
            throw PartyFailure(party: nil, ProtocolFailure(.context, "another number of steps than parties before"))
        }
        for (party, statement) in self.steps.enumerated() {
            try charging(nil) { () throws(ProtocolFailure) in
                try statement.verify(.step, of: party, in: self.plan, issuer: issuer, at: now)
            }
        }
        let steps = try Self.setupSteps(self.steps, answering: self.commitments)
        try JointParameters.verify(
            beginning: steps,
            context: self.plan.context,
            commitments: self.commitments.map(\.payload)
        )
        return steps.last?.product ?? []
    }

    /// `H("IBE-SETUP-DIGEST", plan, payload of each commitment, payload of each step)`: what parties endorse.
    package var digest: [UInt8] {
        TaggedHash.digest(
            "IBE-SETUP-DIGEST",
            list: [self.plan.bytes] + self.commitments.map(\.payload) + self.steps.map(\.payload)
        )
    }

    /// The payload of a step that answers these commitments.
    package static func payload(of step: SetupStep, answering commitments: [PartyStatement]) -> [UInt8] {
        step.point + step.product + step.proof + self.digest(of: commitments)
    }

    /// The `E(Y)` of the last step, as stated.
    var statedKey: [UInt8] { Array((self.steps.last?.payload ?? []).dropFirst(96).prefix(96)) }

    private static func digest(of commitments: [PartyStatement]) -> [UInt8] {
        TaggedHash.digest("IBE-COMMITMENTS", list: commitments.map(\.payload))
    }

    private static func setupSteps(
        _ statements: [PartyStatement],
        answering commitments: [PartyStatement]
    ) throws(PartyFailure) -> [SetupStep] {
        let digest = self.digest(of: commitments)
        var steps: [SetupStep] = []
        for (party, statement) in statements.enumerated() {
            let (step, answered) = try charging(party) { () throws(ProtocolFailure) in
                var reader = CanonicalReader(statement.payload)
                let step = SetupStep(
                    point: try reader.take(96),
                    product: try reader.take(96),
                    proof: try reader.take(64)
                )
                let answered = try reader.take(32)
                try reader.finish()
                return (step, answered)
            }
            // Whoever committed twice is to blame, with whoever carried both commitments; not who answered one of them.
            try charging(nil) { () throws(ProtocolFailure) in
                try require(answered == digest, .context, "the step of party \(party) answers other commitments")
            }
            steps.append(step)
        }
        return steps
    }
}

internal import CanonicalBytes
package import Certificates
package import IdentityEncryption
internal import Uplink

/// Carries the statements of a joint setup from party to party.
///
/// Nobody has to trust it: it holds no secret, and every statement is signed by its party. It may be ended and started
/// again at any point, on any machine, because each party answers a repeated question as it did before.
package struct SetupDriver: Sendable {
    private let parties: PartyDirectory
    private let issuer: CertificateIssuer
    private let report: @Sendable (String) -> Void

    /// - Parameters:
    ///   - parties: as all of them configured the set.
    ///   - issuer: of their certificates.
    ///   - report: gets a line about each round.
    package init(
        _ parties: PartyDirectory,
        issuer: CertificateIssuer,
        report: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.parties = parties
        self.issuer = issuer
        self.report = report
    }

    /// Does what is left to do.
    ///
    /// - Returns: the parameters, which all parties have.
    /// - Throws: ``DrivingFailure``, which names the party that does not answer or is at fault.
    package func run() async throws -> ParametersFile {
        let plan = self.parties.plan
        var commitments: [PartyStatement] = []
        for place in plan.parties.indices {
            let statement = try await self.parties.ask(place) { try await $0.commitment(plan: plan.bytes) }
            commitments.append(try self.verified(statement, .commitment, place))
        }
        self.report("all \(commitments.count) parties have committed to their secrets")
        let committed = commitments.map(\.bytes)
        var steps: [PartyStatement] = []
        for place in plan.parties.indices {
            let before = steps.map(\.bytes)
            let statement = try await self.parties.ask(place) {
                try await $0.step(commitments: committed, steps: before)
            }
            steps.append(try self.verified(statement, .step, place))
        }
        let setup = JointSetup(plan: plan, commitments: commitments, steps: steps)
        let joint: JointParameters
        do throws(PartyFailure) { joint = try setup.verify(issuer: self.issuer, at: nil) } catch {
            throw DrivingFailure(error, in: plan, what: "the setup")
        }
        self.report("the steps make the public key \(joint.key.digest.hex)")
        return try await self.conclude(setup)
    }

    private func conclude(_ setup: JointSetup) async throws -> ParametersFile {
        let (committed, stepped) = (setup.commitments.map(\.bytes), setup.steps.map(\.bytes))
        var endorsements: [PartyStatement] = []
        for place in setup.plan.parties.indices {
            let statement = try await self.parties.ask(place) {
                try await $0.endorsement(commitments: committed, steps: stepped)
            }
            endorsements.append(try self.verified(statement, .endorsement, place))
        }
        let file = try ParametersFile(setup: setup, endorsements: endorsements)
        do throws(PartyFailure) { _ = try file.verify(issuer: self.issuer) } catch {
            throw DrivingFailure(error, in: setup.plan, what: "the parameters")
        }
        let bytes = file.bytes
        for place in setup.plan.parties.indices { try await self.parties.ask(place) { try await $0.complete(bytes) } }
        self.report("every party has verified and stored the parameters")
        return file
    }

    private func verified(
        _ bytes: [UInt8],
        _ kind: PartyStatement.Kind,
        _ place: Int
    ) throws -> PartyStatement {
        do throws(ProtocolFailure) {
            let statement = try PartyStatement(bytes: bytes)
            try statement.verify(kind, of: place, in: self.parties.plan, issuer: self.issuer, at: nil)
            return statement
        } catch {
            throw DrivingFailure(PartyFailure(party: place, error), in: self.parties.plan, what: "its answer")
        }
    }
}

internal import CanonicalBytes
internal import Credentials
package import IdentityEncryption
internal import SecretSharing

/// The joint setup, round by round; each may be repeated and gives the same answer.
extension SetKeeper {
    /// Makes the secret, unless it was made before, and commits to it.
    ///
    /// - Parameter plan: must be the configured one to the byte.
    /// - Returns: the same statement each time.
    /// - Throws: ``IssuingRefusal``, `CredentialsError`.
    package func commitment(_ plan: [UInt8]) throws -> PartyStatement {
        guard plan == self.plan.bytes else {
            throw IssuingRefusal.refused(
                .anotherPlan,
                "consortium, epoch, names or addresses are not those of this party's configuration"
            )
        }
        if let known = try self.folder.statement(.commitment) { return known }
        try self.folder.write(plan, to: .plan)
        let share: SecretFr
        if let known = try self.folder.share(0) {
            share = known
        } else {
            share = .random()
            try self.folder.write(share, of: 0)
        }
        let payload = SetupStep.commitment(party: self.place, point: try SetupStep.point(of: share))
        let statement = try self.context.sign(.commitment, payload, self.plan, place: self.place)
        try self.folder.write(statement.bytes, to: .commitment)
        return statement
    }

    /// Releases the own step, once all commitments have been seen and stored and the steps before verify.
    ///
    /// - Throws: ``IssuingRefusal``, naming whose step is wrong; `CredentialsError`.
    package func step(commitments: [[UInt8]], steps: [[UInt8]]) throws -> PartyStatement {
        let setup = JointSetup(plan: self.plan, commitments: try parsed(commitments), steps: try parsed(steps))
        try self.keep(setup)
        if let known = try self.folder.statement(.step) { return known }
        let previous = try blaming(self.plan) { () throws(PartyFailure) in
            try setup.verify(before: self.place, issuer: self.context.issuer, at: self.context.clock())
        }
        try self.context.requireUnrevoked(setup.steps)
        let step = try SetupStep(
            self.setupShare(),
            party: self.place,
            previous: previous,
            context: self.plan.context
        )
        let payload = JointSetup.payload(of: step, answering: setup.commitments)
        let statement = try self.context.sign(.step, payload, self.plan, place: self.place)
        try self.folder.write(statement.bytes, to: .step)
        return statement
    }

    /// Verifies the whole transcript and vouches for it.
    ///
    /// - Throws: as ``step(commitments:steps:)``.
    package func endorsement(commitments: [[UInt8]], steps: [[UInt8]]) throws -> PartyStatement {
        let setup = JointSetup(plan: self.plan, commitments: try parsed(commitments), steps: try parsed(steps))
        try self.keep(setup)
        if let known = try self.folder.statement(.endorsement) {
            guard known.payload == setup.digest else { throw Self.another("steps") }
            return known
        }
        let own = try self.folder.statement(.step)
        guard let own, setup.steps.indices.contains(Int(self.place)), setup.steps[Int(self.place)] == own else {
            throw Self.another("step of this party")
        }
        let joint = try blaming(self.plan) { () throws(PartyFailure) in
            try setup.verify(issuer: self.context.issuer, at: self.context.clock())
        }
        try self.context.requireUnrevoked(setup.steps)
        _ = try Self.share(0, of: joint, in: self.folder, self.place)
        let statement = try self.context.sign(.endorsement, setup.digest, self.plan, place: self.place)
        try self.folder.write(setup.steps, to: .steps)
        try self.folder.write(statement.bytes, to: .endorsement)
        return statement
    }

    /// Stores the complete parameters, from when on keys are issued.
    ///
    /// - Returns: false when they were there.
    /// - Throws: as ``step(commitments:steps:)``.
    package func complete(_ bytes: [UInt8]) throws -> Bool {
        let file = try refusing { () throws(ProtocolFailure) in try ParametersFile(bytes: bytes) }
        if let installed = self.installed {
            guard installed.file.setup.digest == file.setup.digest else { throw Self.another("setup") }
            return false
        }
        guard file.plan.bytes == self.plan.bytes, file.round == 0 else { throw Self.another("setup") }
        guard let own = try self.folder.statement(.endorsement), own.payload == file.setup.digest else {
            throw Self.another("setup than this party vouched for")
        }
        _ = try blaming(self.plan) { () throws(PartyFailure) in try file.verify(issuer: self.context.issuer) }
        let installed = try Self.open(file, in: self.folder, self.place, self.context)
        try self.folder.write(file.bytes, to: .parameters)
        self.installed = installed
        return true
    }

    /// Stores the commitments that the party saw, or requires that they are the ones that it stored.
    private func keep(_ setup: JointSetup) throws {
        let place = Int(self.place)
        guard let own = try self.folder.statement(.commitment), setup.commitments.indices.contains(place),
            setup.commitments[place] == own
        else { throw Self.another("commitment of this party") }
        if let known = try self.folder.statements(.commitments) {
            guard known == setup.commitments else { throw Self.another("commitments") }
            return
        }
        try blaming(self.plan) { () throws(PartyFailure) in
            try setup.commitments.verify(
                .commitment,
                in: self.plan,
                issuer: self.context.issuer,
                at: self.context.clock()
            )
        }
        try self.context.requireUnrevoked(setup.commitments)
        try self.folder.write(setup.commitments, to: .commitments)
    }

    private func setupShare() throws -> SecretFr {
        guard let share = try self.folder.share(0) else {
            throw CredentialsError.malformed("\(self.folder.path)/share.0 is missing")
        }
        return share
    }

    private static func another(_ what: String) -> IssuingRefusal {
        .refused(.anotherSetup, "another \(what): this party keeps to what it stored for this epoch")
    }
}

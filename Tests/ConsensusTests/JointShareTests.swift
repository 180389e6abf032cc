import Testing

@testable import Consensus

/// Shares that are checked when they are joined.
@Suite struct JointShareTests {
    /// Ed25519 whose shares are checked as those of aggregated signatures are.
    private struct JointScheme: SignatureScheme {
        let real = Ed25519Scheme()

        var certificateVersion: CertificateVersion { self.real.certificateVersion }
        var checksSharesJointly: Bool { true }

        func accepts(keysOf member: Member) -> Bool { self.real.accepts(keysOf: member) }

        func verify(_ signature: [UInt8], of bytes: [UInt8], by member: Member) -> Bool {
            self.real.verify(signature, of: bytes, by: member)
        }

        func verifyShare(_ share: [UInt8], of bytes: [UInt8], by member: Member) -> Bool {
            self.real.verifyShare(share, of: bytes, by: member)
        }

        func combine(_ shares: [[UInt8]]) -> [UInt8] { self.real.combine(shares) }

        func verifyCertificate(_ proof: [UInt8], of bytes: [UInt8], by members: [Member]) -> Bool {
            self.real.verifyCertificate(proof, of: bytes, by: members)
        }
    }

    private func wrongCommit(_ slot: Slot, by index: Int, _ consortium: TestConsortium) -> Commit {
        Commit(
            signing: slot,
            share: [UInt8](repeating: 7, count: 64),
            as: ReplicaID(UInt16(index)),
            in: TestConsortium.chain,
            with: consortium.signers[index]
        )
    }

    /// Replica 1 of four holds the proposal of height 1, and a quorum of prepares.
    private func prepared() throws -> (TestConsortium, Slot) {
        var consortium = try TestConsortium(scheme: JointScheme())
        let block = try TestReader.block(height: 1)
        let slot = consortium.slot(block)
        let proposal = PrePrepare(vote: consortium.prepare(slot, by: 0), block: block)
        try consortium.hand(.prePrepare(proposal), to: 1, from: 0)
        for index in [2, 3] { try consortium.hand(.prepare(consortium.prepare(slot, by: index)), to: 1, from: index) }
        return (consortium, slot)
    }

    @Test("a wrong share does not keep three right ones from deciding, and its sender is named")
    func excluded() throws {
        var (consortium, slot) = try self.prepared()
        try consortium.hand(.commit(self.wrongCommit(slot, by: 2, consortium)), to: 1, from: 2)
        try consortium.hand(.commit(consortium.commit(slot, by: 0)), to: 1, from: 0)
        #expect(consortium.delivered[1].isEmpty)
        #expect(consortium.alarms == [.wrongShare(ReplicaID(2), 1)])
        try consortium.hand(.commit(consortium.commit(slot, by: 3)), to: 1, from: 3)
        let certificate = try #require(consortium.delivered[1].first?.certificate)
        #expect(consortium.verifier.isValid(certificate))
        #expect(certificate.signers == [0b1011])
    }

    @Test("the sender's second commit for another block is still evidence")
    func evidence() throws {
        var (consortium, slot) = try self.prepared()
        try consortium.hand(.commit(self.wrongCommit(slot, by: 2, consortium)), to: 1, from: 2)
        try consortium.hand(.commit(consortium.commit(slot, by: 0)), to: 1, from: 0)
        let other = consortium.slot(try TestReader.block(height: 1, salt: 1))
        try consortium.hand(.commit(consortium.commit(other, by: 2)), to: 1, from: 2)
        #expect(consortium.evidence.map(\.culprit).contains(ReplicaID(2)))
    }

    @Test("blocks are committed as with shares that are checked one by one")
    func sameBlocks() throws {
        var consortium = try TestConsortium(scheme: JointScheme())
        try consortium.commitThreeBlocks()
        #expect(consortium.delivered.map(\.count) == [3, 3, 3, 3])
        #expect(consortium.alarms.isEmpty)
    }

    @Test("a scheme that checks each share refuses the message")
    func oneByOne() throws {
        var consortium = try TestConsortium()
        let slot = consortium.slot(try TestReader.block(height: 1))
        let wrong = self.wrongCommit(slot, by: 2, consortium)
        #expect(throws: VerificationFailure.badSignature(ReplicaID(2))) {
            try consortium.hand(.commit(wrong), to: 1, from: 2)
        }
    }
}

import Testing

@testable import Consensus

@Suite struct MessageVerifierTests {
    private let consortium: TestConsortium
    private let slot: Slot

    init() throws {
        self.consortium = try TestConsortium()
        self.slot = self.consortium.slot(try TestReader.block(height: 1))
    }

    private func refusal(_ message: Message) -> VerificationFailure? {
        do throws(VerificationFailure) {
            _ = try self.consortium.verifier.verify(message, from: ReplicaID(0))
            return nil
        } catch { return error }
    }

    @Test("a vote in another's name is refused")
    func forgedSender() {
        let vote = self.consortium.prepare(self.slot, by: 1)
        let forged = Prepare(slot: self.slot, replica: ReplicaID(2), signature: vote.signature)
        #expect(self.refusal(.prepare(vote)) == nil)
        #expect(self.refusal(.prepare(forged)) == .badSignature(ReplicaID(2)))
        let stranger = Prepare(slot: self.slot, replica: ReplicaID(9), signature: vote.signature)
        #expect(self.refusal(.prepare(stranger)) == .notAMember(ReplicaID(9)))
    }

    @Test("a prepare's signature does not serve as a commit's")
    func kinds() {
        let prepare = self.consortium.prepare(self.slot, by: 1)
        let commit = self.consortium.commit(self.slot, by: 1)
        let mixed = Commit(slot: self.slot, replica: prepare.replica, share: commit.share, signature: prepare.signature)
        #expect(self.refusal(.commit(mixed)) == .badSignature(ReplicaID(1)))
    }

    @Test("a vote of another epoch is told apart: the replica may be behind")
    func otherEpoch() {
        let slot = Slot(epoch: 1, view: 0, height: 1, block: self.slot.block, parent: self.slot.parent)
        #expect(self.refusal(.prepare(self.consortium.prepare(slot, by: 1))) == .otherEpoch(1))
    }

    @Test("a proposal must carry the block that its vote names")
    func proposal() throws {
        let other = try TestReader.block(height: 1, salt: 1)
        let proposal = PrePrepare(vote: self.consortium.prepare(self.slot, by: 0), block: other)
        #expect(self.refusal(.prePrepare(proposal)) != nil)
    }

    @Test("a view change with a forged or a late prepared certificate is refused")
    func viewChanges() {
        let forged = self.consortium.certificate(self.slot, by: [0, 1])
        #expect(
            self.refusal(.viewChange(self.consortium.viewChange(to: 1, prepared: [forged], by: 2))) == .badCertificate
        )
        let good = self.consortium.certificate(self.slot, by: [0, 1, 2])
        #expect(self.refusal(.viewChange(self.consortium.viewChange(to: 1, prepared: [good], by: 2))) == nil)
        #expect(self.refusal(.viewChange(self.consortium.viewChange(to: 0, prepared: [good], by: 2))) != nil)
        #expect(self.refusal(.viewChange(self.consortium.viewChange(to: 1, prepared: [good, good], by: 2))) != nil)
    }

    @Test("a view is opened by its coordinator with a quorum of distinct view changes of that view")
    func newViews() {
        let changes = [1, 2, 3].map { self.consortium.viewChange(to: 1, by: $0) }
        #expect(self.refusal(.newView(self.consortium.newView(1, changes, by: 1))) == nil)
        #expect(self.refusal(.newView(self.consortium.newView(1, changes, by: 2))) != nil)
        #expect(self.refusal(.newView(self.consortium.newView(1, Array(changes.dropLast()), by: 1))) != nil)
        let repeated = [changes[0], changes[0], changes[1]]
        #expect(self.refusal(.newView(self.consortium.newView(1, repeated, by: 1))) != nil)
        let mixed = [changes[0], changes[1], self.consortium.viewChange(to: 5, by: 3)]
        #expect(self.refusal(.newView(self.consortium.newView(1, mixed, by: 1))) != nil)
    }

    @Test("of transferred blocks only the proven beginning is let in")
    func transfer() throws {
        let first = try TestReader.block(height: 1)
        let second = try TestReader.block(height: 2, parent: first.hash)
        let good = CertifiedBlock(block: first, certificate: self.consortium.quorumCertificate(self.slot))
        let weak = self.consortium.quorumCertificate(self.consortium.slot(second), by: [0, 1])
        let bad = CertifiedBlock(block: second, certificate: weak)
        let verified = try self.consortium.verifier.verify(.blocks([good, bad]), from: ReplicaID(3))
        #expect(verified.message == .blocks([good]))
    }
}

import Testing

@testable import Consensus

@Suite struct RuleTests {
    private let consortium: TestConsortium

    init() throws { self.consortium = try TestConsortium() }

    @Test("votes add up only for the same slot, once for each replica")
    func tally() throws {
        let slot = self.consortium.slot(try TestReader.block(height: 1))
        let other = self.consortium.slot(try TestReader.block(height: 1, salt: 1))
        var tally = VoteTally<Prepare>()
        let vote = self.consortium.prepare(slot, by: 1)
        #expect(tally.record(vote) == .counted)
        #expect(tally.record(vote) == .repeated)
        #expect(tally.record(self.consortium.prepare(other, by: 1)) == .contradicts(vote))
        #expect(tally.record(self.consortium.prepare(other, by: 2)) == .counted)
        #expect(tally.count(for: slot) == 1)
        #expect(tally.count(for: other) == 1)
    }

    @Test("a view is joined only when f + 1 replicas want it, and then the lowest that they all want")
    func join() {
        var table = ViewChangeTable()
        _ = table.record(self.consortium.viewChange(to: 1 << 63, by: 3))
        #expect(table.viewToJoin(above: 0, needed: 2) == nil)
        _ = table.record(self.consortium.viewChange(to: 4, by: 1))
        #expect(table.viewToJoin(above: 0, needed: 2) == 4)
        #expect(table.viewToJoin(above: 4, needed: 2) == nil)
        #expect(table.count(atLeast: 4) == 2)
    }

    @Test("a view change of the same view with other content is evidence")
    func twoViewChanges() throws {
        let slot = self.consortium.slot(try TestReader.block(height: 1))
        let honest = self.consortium.viewChange(
            to: 1,
            prepared: [self.consortium.certificate(slot, by: [0, 1, 2])],
            by: 2
        )
        let lie = self.consortium.viewChange(to: 1, by: 2)
        var table = ViewChangeTable()
        #expect(table.record(honest) == .recorded)
        #expect(table.record(lie) == .contradicts(honest))
        #expect(Evidence.viewChanges(honest, lie).holds(under: self.consortium.verifier))
        #expect(!Evidence.viewChanges(honest, honest).holds(under: self.consortium.verifier))
    }

    @Test("the guard refuses another block at a height, and every lower view")
    func voteGuard() throws {
        let first = self.consortium.slot(try TestReader.block(height: 1), view: 3)
        let second = self.consortium.slot(try TestReader.block(height: 1, salt: 1), view: 3)
        var guardian = VoteGuard()
        let below = self.consortium.slot(try TestReader.block(height: 2), view: 2)
        let verdicts = [
            guardian.permits(.prepare, first), guardian.permits(.prepare, first), guardian.permits(.prepare, second),
            guardian.permits(.commit, first), guardian.permits(.prepare, below),
        ]
        #expect(verdicts == [true, true, false, true, false])
        guardian.enter(0, 5)
        let afterwards = guardian.permits(.commit, first)
        #expect(!afterwards)
    }

    @Test("a replica without its log waits for a window of blocks and a higher view")
    func silence() {
        var silence = Silence(window: 4)
        silence.hear(self.status(10, 2), from: ReplicaID(1), quorum: 3)
        silence.hear(self.status(8, 0), from: ReplicaID(3), quorum: 3)
        #expect(!silence.isOver(quorum: 3, committed: 100, epoch: 0, view: 9))
        silence.hear(self.status(12, 1), from: ReplicaID(2), quorum: 3)
        #expect(!silence.isOver(quorum: 3, committed: 16, epoch: 0, view: 3))
        #expect(!silence.isOver(quorum: 3, committed: 17, epoch: 0, view: 2))
        #expect(silence.isOver(quorum: 3, committed: 17, epoch: 0, view: 3))
        #expect(silence.isOver(quorum: 3, committed: 17, epoch: 1, view: 0))
    }

    @Test("a liar and one who was left behind do not end the silence: it takes a quorum of others, in every epoch")
    func silenceNeedsQuorumOfOthers() {
        var silence = Silence(window: 4)
        silence.hear(self.status(0, 0), from: ReplicaID(2), quorum: 3)
        silence.hear(self.status(0, 0), from: ReplicaID(3), quorum: 3)
        silence.hear(self.status(0, 0), from: ReplicaID(3), quorum: 3)
        #expect(!silence.isOver(quorum: 3, committed: 20, epoch: 0, view: 1))
        silence.hear(self.status(1_000, 7), from: ReplicaID(1), quorum: 3)
        #expect(!silence.isOver(quorum: 3, committed: 1_004, epoch: 0, view: 8))
        #expect(silence.isOver(quorum: 3, committed: 1_005, epoch: 0, view: 8))
        silence.enterEpoch()
        #expect(!silence.isOver(quorum: 3, committed: 1_005, epoch: 1, view: 0))
        for peer in 4...6 as ClosedRange<UInt16> { silence.hear(self.status(3, 0), from: ReplicaID(peer), quorum: 3) }
        #expect(!silence.isOver(quorum: 3, committed: 1_004, epoch: 1, view: 0))
        #expect(silence.isOver(quorum: 3, committed: 1_005, epoch: 1, view: 0))
    }

    private func status(_ committed: Height, _ view: View) -> Status {
        Status(epoch: 0, view: view, isChangingView: false, committed: committed, earliest: 1)
    }

    @Test("early messages are bounded for each sender, and only those of the highest view are kept")
    func earlyMessages() throws {
        let slot = self.consortium.slot(try TestReader.block(height: 1), view: 5)
        let message = Message.prepare(self.consortium.prepare(slot, by: 1))
        let verified = try self.consortium.verifier.verify(message, from: ReplicaID(1))
        var early = EarlyMessages(limit: 3)
        for _ in 0..<10 { early.keep(verified, view: 5) }
        #expect(early.count == 3)
        early.keep(verified, view: 6)
        #expect(early.count == 1)
        #expect(early.take(for: 5).isEmpty)
        #expect(early.take(for: 6).count == 1)
    }
}

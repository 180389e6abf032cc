import Testing

@testable import Consensus

@Suite struct RecoveryTests {
    private func recovered(
        _ consortium: TestConsortium,
        _ index: Int,
        _ records: [LogRecord],
        tip: StablePoint? = nil,
        isLogLost: Bool = false,
        window: Int = ReplicaConfiguration().window
    ) -> Replica {
        var configuration = ReplicaConfiguration()
        configuration.window = window
        var replica = consortium.fresh(index, configuration)
        let recovery = Recovery(
            tip: tip ?? StablePoint(genesis: TestReader.genesis),
            committees: CommitteeHistory(genesis: consortium.committee),
            records: records,
            isLogLost: isLogLost
        )
        replica.recover(recovery)
        return replica
    }

    @Test("from every prefix of the log the replica never votes otherwise than it did")
    func everyPrefix() throws {
        var consortium = try TestConsortium()
        try consortium.commitThreeBlocks()
        let log = consortium.logs[1]
        #expect(log.count > 6)
        for length in 0...log.count {
            var replica = self.recovered(consortium, 1, Array(log.prefix(length)))
            _ = replica.step(.start)
            let voted = log.prefix(length).compactMap { record -> Slot? in
                if case .prepared(_, let own) = record { own.slot } else { nil }
            }
            for slot in voted where slot.height > replica.committed.height {
                let rival = try TestReader.block(height: slot.height, parent: slot.parent, salt: 7)
                let isPermitted = replica.guardian.permits(.prepare, consortium.slot(rival))
                #expect(!isPermitted)
            }
            let committed = log.prefix(length).count { if case .committed = $0 { true } else { false } }
            #expect(replica.committed.height == Height(committed))
        }
    }

    @Test("after a restart the same vote is sent again to a peer that stands still")
    func sameVoteAgain() throws {
        var consortium = try TestConsortium()
        let block = try TestReader.block(height: 1)
        let vote = consortium.prepare(consortium.slot(block), by: 0)
        try consortium.hand(.prePrepare(PrePrepare(vote: vote, block: block)), to: 1, from: 0)
        var replica = self.recovered(consortium, 1, consortium.logs[1])
        let own = consortium.prepare(consortium.slot(block), by: 1)
        let status = Status(epoch: 0, view: 0, isChangingView: false, committed: 0, earliest: 1)
        var effects: [Effect] = []
        for _ in 0..<2 {
            effects += replica.step(.message(try replica.verifier.verify(.status(status), from: ReplicaID(2))))
        }
        #expect(effects.contains(.send(.prepare(own), to: ReplicaID(2))))
    }

    @Test("a replica that has left a view comes back between views and accepts nothing of the old one")
    func leftView() throws {
        var consortium = try TestConsortium()
        try consortium.step(1, .complaint)
        var replica = self.recovered(consortium, 1, consortium.logs[1])
        #expect(replica.view == 1)
        #expect(replica.isChangingView)
        let block = try TestReader.block(height: 1)
        let vote = consortium.prepare(consortium.slot(block), by: 0)
        let proposal = Message.prePrepare(PrePrepare(vote: vote, block: block))
        #expect(replica.step(.message(try replica.verifier.verify(proposal, from: ReplicaID(0)))).isEmpty)
    }

    @Test("the short form of a log leads to the same replica as the whole log")
    func compactLog() throws {
        var consortium = try TestConsortium()
        try consortium.commitThreeBlocks()
        for index in 1...3 { try consortium.step(index, .complaint) }
        try consortium.settle()
        let block = try TestReader.block(height: 4, parent: consortium.replicas[1].committed.hash)
        let vote = consortium.prepare(consortium.slot(block, view: 1), by: 1)
        try consortium.hand(.prePrepare(PrePrepare(vote: vote, block: block)), to: 2, from: 1)
        let tip = consortium.replicas[2].committed
        let whole = self.recovered(consortium, 2, consortium.logs[2])
        let short = self.recovered(consortium, 2, consortium.replicas[2].compactLog, tip: tip)
        #expect(whole.status == short.status)
        #expect(whole.compactLog == short.compactLog)
        #expect(whole.window[4].ownPrepare == short.window[4].ownPrepare)
        #expect(short.window[4].ownPrepare != nil)
    }

    @Test("a replica without its log says nothing of its own")
    func lostLog() throws {
        let consortium = try TestConsortium()
        var replica = self.recovered(consortium, 1, [], isLogLost: true)
        #expect(replica.step(.start).contains(.alarm(.silent)))
        let block = try TestReader.block(height: 1)
        let vote = consortium.prepare(consortium.slot(block), by: 0)
        let proposal = Message.prePrepare(PrePrepare(vote: vote, block: block))
        #expect(replica.step(.message(try replica.verifier.verify(proposal, from: ReplicaID(0)))).isEmpty)
        #expect(replica.step(.complaint).isEmpty)
        #expect(replica.isSilent)
    }

    @Test("what a replica votes for after its silence, the next start knows")
    func voteAfterSilence() throws {
        let consortium = try TestConsortium()
        var replica = self.recovered(consortium, 1, [], isLogLost: true, window: 1)
        var log: [LogRecord] = []
        func hear(_ message: Message, from peer: UInt16) throws {
            var events = [Event.message(try replica.verifier.verify(message, from: ReplicaID(peer)))]
            while let event = events.popLast() {
                for effect in replica.step(event) {
                    if case .persist(let record) = effect { log.append(record) }
                    if case .validate(let block) = effect { events.append(.validated(block.hash, isValid: true)) }
                }
            }
        }
        let status = Status(epoch: 0, view: 0, isChangingView: false, committed: 0, earliest: 1)
        for peer in [0, 2, 3] as [UInt16] { try hear(.status(status), from: peer) }
        let first = try TestReader.block(height: 1)
        let second = try TestReader.block(height: 2, parent: first.hash)
        let certified = [first, second].map {
            CertifiedBlock(block: $0, certificate: consortium.quorumCertificate(consortium.slot($0), by: [0, 2, 3]))
        }
        let opening = consortium.newView(2, [0, 2, 3].map { consortium.viewChange(to: 2, by: $0) }, by: 2)
        try hear(.newView(opening), from: 2)
        #expect(replica.isSilent)
        try hear(.blocks(certified), from: 0)
        #expect(!replica.isSilent)
        let third = try TestReader.block(height: 3, parent: second.hash)
        let slot = consortium.slot(third, view: 2)
        try hear(.prePrepare(PrePrepare(vote: consortium.prepare(slot, by: 2), block: third)), from: 2)
        #expect(replica.window[3].ownPrepare?.slot == slot)

        var again = self.recovered(consortium, 1, log, window: 1)
        #expect(again.view == 2)
        #expect(again.window[3].ownPrepare?.slot == slot)
        let rival = try TestReader.block(height: 3, parent: second.hash, salt: 1)
        let permitted = again.guardian.permits(.prepare, consortium.slot(rival, view: 2))
        #expect(!permitted)
    }
}

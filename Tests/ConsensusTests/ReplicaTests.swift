import Testing

@testable import Consensus

@Suite struct ReplicaTests {
    @Test("three blocks are committed by four replicas, the same everywhere", arguments: [4, 5, 7])
    func normalCase(size: Int) throws {
        var consortium = try TestConsortium(size: size)
        try consortium.commitThreeBlocks()
        for index in 0..<size {
            #expect(consortium.delivered[index].map(\.block.height) == [1, 2, 3])
            #expect(consortium.delivered[index].map(\.block.hash) == consortium.delivered[0].map(\.block.hash))
        }
    }

    @Test("every vote leaves after its record, in the same step")
    func persistBeforeSend() throws {
        var consortium = try TestConsortium()
        let block = try TestReader.block(height: 1)
        let vote = consortium.prepare(consortium.slot(block), by: 0)
        try consortium.hand(.prePrepare(PrePrepare(vote: vote, block: block)), to: 1, from: 0)
        let effects = consortium.replicas[1].step(.validated(block.hash, isValid: true))
        #expect(effects.isEmpty, "the verdict was given already; a second one changes nothing")
        guard case .prepared(let proposal, let own)? = consortium.logs[1].first else {
            Issue.record("nothing was logged")
            return
        }
        #expect(proposal.block == block)
        #expect(consortium.sent.contains { $0.from == 1 && $0.message == .prepare(own) })
    }

    @Test("a block is not voted for before the ledger has found it valid, and a bad one removes the leader")
    func invalidBlock() throws {
        let consortium = try TestConsortium()
        var replica = consortium.replicas[1]
        let block = try TestReader.block(height: 1)
        let proposal = PrePrepare(vote: consortium.prepare(consortium.slot(block), by: 0), block: block)
        let verified = try replica.verifier.verify(.prePrepare(proposal), from: ReplicaID(0))
        let first = replica.step(.message(verified))
        #expect(first.contains(.validate(block)))
        #expect(!first.contains { if case .persist = $0 { true } else { false } })
        let second = replica.step(.validated(block.hash, isValid: false))
        #expect(second.contains(.alarm(.badProposal(0, 1))))
        #expect(replica.isChangingView)
        #expect(replica.view == 1)
    }

    @Test("a leader that proposes two blocks at one height leaves evidence, and only the first is voted for")
    func equivocation() throws {
        var consortium = try TestConsortium()
        for salt in [0, 1] as [UInt8] {
            let block = try TestReader.block(height: 1, salt: salt)
            let vote = consortium.prepare(consortium.slot(block), by: 0)
            try consortium.hand(.prePrepare(PrePrepare(vote: vote, block: block)), to: 1, from: 0)
        }
        #expect(consortium.evidence.count == 1)
        #expect(consortium.evidence.allSatisfy { $0.culprit == ReplicaID(0) && $0.holds(under: consortium.verifier) })
        #expect(consortium.logs[1].count == 1)
    }

    @Test("a follower that was told another block gets the leader's vote, so that evidence comes about")
    func evidenceIsBroughtTogether() throws {
        var consortium = try TestConsortium()
        let blocks = [try TestReader.block(height: 1), try TestReader.block(height: 1, salt: 1)]
        for (index, block) in [(1, blocks[0]), (2, blocks[1])] {
            let vote = consortium.prepare(consortium.slot(block), by: 0)
            try consortium.hand(.prePrepare(PrePrepare(vote: vote, block: block)), to: index, from: 0)
        }
        try consortium.settle()
        #expect(consortium.evidence.contains { $0.culprit == ReplicaID(0) })
        #expect(consortium.evidence.allSatisfy { $0.culprit == ReplicaID(0) })
    }

    @Test("a dead leader is replaced, and its prepared block is proposed again unchanged")
    func viewChange() throws {
        var consortium = try TestConsortium()
        let block = try TestReader.block(height: 1, salt: 9)
        let proposal = PrePrepare(vote: consortium.prepare(consortium.slot(block), by: 0), block: block)
        // All commits are lost: everybody has prepared, nobody has committed.
        for index in 1...3 {
            try consortium.hand(.prePrepare(proposal), to: index, from: 0)
            for voter in 1...3 where voter != index {
                let vote = consortium.prepare(proposal.slot, by: voter)
                try consortium.hand(.prepare(vote), to: index, from: voter)
            }
        }
        consortium.isolated = [0]
        #expect(consortium.replicas[1].window[1].prepared != nil)
        consortium.loseMessages()
        for index in 1...3 { try consortium.fire(.progress, at: index) }
        try consortium.settle()
        for index in 1...3 {
            #expect(consortium.replicas[index].view == 1)
            #expect(consortium.delivered[index].first?.block == block)
            #expect(consortium.delivered[index].first?.certificate.view == 1)
        }
    }

    @Test("one replica's view change moves nobody; f + 1 move everybody")
    func joinRule() throws {
        var consortium = try TestConsortium()
        try consortium.hand(.viewChange(consortium.viewChange(to: 1 << 63, by: 3)), to: 1, from: 3)
        #expect(consortium.replicas[1].view == 0)
        try consortium.hand(.viewChange(consortium.viewChange(to: 2, by: 2)), to: 1, from: 2)
        #expect(consortium.replicas[1].view == 2)
        #expect(consortium.replicas[1].isChangingView)
    }

    @Test("time-outs double with every view change and go back after a commit")
    func backOff() throws {
        var consortium = try TestConsortium()
        let base = consortium.replicas[1].configuration.progressTimeout
        #expect(consortium.replicas[1].patience == base)
        consortium.replicas[1].changeView(to: 1)
        consortium.replicas[1].changeView(to: 2)
        #expect(consortium.replicas[1].patience == base * 4)
        for view in 3...40 as ClosedRange<View> { consortium.replicas[1].changeView(to: view) }
        #expect(consortium.replicas[1].patience == base << 6)
    }

    @Test("a complaint about a censored transaction removes the leader")
    func complaint() throws {
        var consortium = try TestConsortium()
        for index in 1...3 { try consortium.step(index, .complaint) }
        try consortium.settle()
        #expect(consortium.replicas.allSatisfy { $0.view == 1 && !$0.isChangingView })
    }

    @Test("a silent leader is suspected after some ticks although no work waits")
    func heartbeats() throws {
        var consortium = try TestConsortium()
        try consortium.step(1, .start)
        for _ in 0...consortium.replicas[1].configuration.silentTicks { try consortium.fire(.tick, at: 1) }
        #expect(consortium.replicas[1].isChangingView)
    }

    @Test("a replica that missed blocks asks for them and proves each one")
    func catchUp() throws {
        var consortium = try TestConsortium()
        try consortium.step(3, .start)
        consortium.isolated = [3]
        try consortium.commitThreeBlocks()
        consortium.isolated = []
        try consortium.hand(.status(consortium.replicas[0].status), to: 3, from: 0)
        // Votes that are on their way may bring these few blocks: it waits for the second tick.
        try consortium.fire(.tick, at: 3)
        try consortium.settle()
        #expect(consortium.delivered[3].isEmpty)
        try consortium.fire(.tick, at: 3)
        try consortium.settle()
        #expect(consortium.delivered[3].map(\.block.height) == [1, 2, 3])
    }

    @Test("a replica that is far behind asks at once")
    func farBehind() throws {
        var consortium = try TestConsortium()
        let status = Status(epoch: 0, view: 0, isChangingView: false, committed: 9, earliest: 1)
        let effects = try consortium.hand(.status(status), to: 3, from: 0)
        #expect(effects.contains(.send(.blockRequest(from: 1), to: ReplicaID(0))))
    }

    @Test("a liar who claims the highest chain is asked in its turn only")
    func liarInTurn() throws {
        var consortium = try TestConsortium()
        try consortium.step(3, .start)
        func status(_ height: Height) -> Message {
            .status(Status(epoch: 0, view: 0, isChangingView: false, committed: height, earliest: 1))
        }
        try consortium.hand(status(.max), to: 3, from: 0)
        try consortium.hand(status(9), to: 3, from: 1)
        var asked: [ReplicaID] = []
        for _ in 0..<5 {
            let token = try #require(consortium.timers[3].first { $0.kind == .tick })
            for effect in try consortium.step(3, .timer(token)) {
                if case .send(.blockRequest(from: 1), let peer) = effect { asked.append(peer) }
            }
            try consortium.hand(status(.max), to: 3, from: 0)
        }
        #expect(asked == [ReplicaID(1), ReplicaID(0), ReplicaID(1), ReplicaID(0)])
    }

    @Test("a pruned peer is asked for a snapshot, after which the chain goes on from there")
    func snapshot() throws {
        var consortium = try TestConsortium()
        consortium.isolated = [3]
        try consortium.commitThreeBlocks()
        consortium.replicas[0].holdsBlocks(from: 3)
        let effects = try consortium.hand(.status(consortium.replicas[0].status), to: 3, from: 0)
        #expect(effects.contains(.fetchSnapshot(from: ReplicaID(0))))
        let stable = consortium.replicas[0].committed
        let committees = consortium.replicas[0].committees
        try consortium.step(3, .snapshotInstalled(stable, committees: committees))
        #expect(consortium.replicas[3].committed == stable)
        #expect(consortium.replicas[3].status.earliest == 4)
    }
}

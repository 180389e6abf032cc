import Testing

@testable import Consensus

/// What a member with a valid key can do to another one's memory and numbers.
@Suite struct FloodTests {
    @Test("votes for views to come, from one member, take a bounded place")
    func earlyVotes() throws {
        var consortium = try TestConsortium()
        for view in 1...40 as ClosedRange<View> {
            for salt in 0..<20 as Range<UInt8> {
                let slot = consortium.slot(try TestReader.block(height: 1, salt: salt), view: view)
                try consortium.hand(.prepare(consortium.prepare(slot, by: 3)), to: 0, from: 3)
            }
        }
        let replica = consortium.replicas[0]
        #expect(replica.bufferedMessages == 20)
        for salt in 0..<200 as Range<UInt8> {
            let slot = consortium.slot(try TestReader.block(height: 1, salt: salt), view: 40)
            try consortium.hand(.prepare(consortium.prepare(slot, by: 3)), to: 0, from: 3)
        }
        #expect(consortium.replicas[0].bufferedMessages == replica.configuration.window * 6)
        #expect(consortium.replicas[0].heldObjects <= replica.heldObjectsMax(senders: 3))
    }

    @Test("votes for many blocks at one height count once and are reported once")
    func manyVotes() throws {
        var consortium = try TestConsortium()
        for salt in 0..<100 as Range<UInt8> {
            let slot = consortium.slot(try TestReader.block(height: 1, salt: salt))
            try consortium.hand(.prepare(consortium.prepare(slot, by: 3)), to: 0, from: 3)
            try consortium.hand(.commit(consortium.commit(slot, by: 3)), to: 0, from: 3)
        }
        #expect(consortium.replicas[0].heldObjects < 10)
        #expect(consortium.evidence.count == 3)
        #expect(consortium.evidence.allSatisfy { $0.culprit == ReplicaID(3) })
    }

    @Test("statuses of strangers are kept of 512 of them")
    func strangers() throws {
        var consortium = try TestConsortium()
        let status = Status(epoch: 0, view: 0, isChangingView: false, committed: 0, earliest: 1)
        for stranger in 10..<2_000 { try consortium.hand(.status(status), to: 0, from: stranger) }
        #expect(consortium.replicas[0].heldObjects == 512)
    }

    @Test("a certified block that breaks the rules of membership is not followed")
    func unlawfulChange() throws {
        var consortium = try TestConsortium()
        let again = Committee(epoch: 0, members: consortium.committee.members)
        let block = try TestReader.block(height: 1)
        let unlawful = Block(height: 1, parent: block.parent, hash: block.hash, nextCommittee: again, payload: [])
        let certificate = consortium.quorumCertificate(consortium.slot(block))
        let certified = CertifiedBlock(block: unlawful, certificate: certificate)
        let effects = try consortium.hand(.blocks([certified]), to: 0, from: 1)
        #expect(effects.isEmpty)
        #expect(consortium.replicas[0].committed.height == 0)
        let lawful = CertifiedBlock(block: block, certificate: certificate)
        try consortium.hand(.blocks([lawful]), to: 0, from: 1)
        #expect(consortium.replicas[0].committed.height == 1)
    }

    @Test("more liars than the committee bears can lead into the last view, but bring nobody down")
    func lastView() throws {
        var consortium = try TestConsortium()
        for index in [1, 2, 3] {
            let viewChange = consortium.viewChange(to: .max, by: index)
            try consortium.hand(.viewChange(viewChange), to: 0, from: index)
        }
        #expect(consortium.replicas[0].view == .max)
        try consortium.fire(.newView, at: 0)
        try consortium.step(0, .complaint)
        #expect(consortium.replicas[0].view == .max)
        #expect(consortium.replicas[0].isChangingView)
    }
}

import Testing

@testable import Consensus

@Suite struct WaitingMemberTests {
    private static let configuration: ReplicaConfiguration = {
        var configuration = ReplicaConfiguration()
        configuration.window = 1
        configuration.silentTicks = 1_000
        configuration.waitingTicks = 3
        configuration.favourTicks = 10
        return configuration
    }()

    private static func waiting(for view: View) -> Message {
        .status(Status(epoch: 0, view: view, isChangingView: true, committed: 0, earliest: 1))
    }

    /// One tick everywhere but at the last member, which says what it is made to say.
    private func tick(_ consortium: inout TestConsortium, _ word: Message?) throws {
        for index in 0..<3 {
            if let word { try consortium.hand(word, to: index, from: 3) }
            try consortium.fire(.tick, at: index)
        }
        try consortium.settle()
    }

    private func started() throws -> TestConsortium {
        var consortium = try TestConsortium(configuration: Self.configuration)
        for index in consortium.replicas.indices { try consortium.step(index, .start) }
        try consortium.settle()
        consortium.isolated = [3]
        return consortium
    }

    @Test("a member that waits for the next view gets it, once the present one is old enough")
    func favour() throws {
        var consortium = try self.started()
        for _ in 0..<10 { try self.tick(&consortium, Self.waiting(for: 1)) }
        #expect(consortium.replicas[0...2].allSatisfy { $0.view == 0 })
        try self.tick(&consortium, Self.waiting(for: 1))
        #expect(consortium.replicas[0...2].allSatisfy { $0.view == 1 && !$0.isChangingView })
    }

    @Test("it has to wait for a while, and says so with every word")
    func patience() throws {
        var consortium = try self.started()
        for _ in 0..<20 { try self.tick(&consortium, nil) }
        let here = Message.status(Status(epoch: 0, view: 0, isChangingView: false, committed: 0, earliest: 1))
        for word in [Self.waiting(for: 1), Self.waiting(for: 1), here, Self.waiting(for: 1), Self.waiting(for: 1)] {
            try self.tick(&consortium, word)
        }
        #expect(consortium.replicas[0...2].allSatisfy { $0.view == 0 })
        try self.tick(&consortium, Self.waiting(for: 1))
        #expect(consortium.replicas[0...2].allSatisfy { $0.view == 1 })
    }

    @Test("a liar gets a view for each span of ticks, no more, and none that is far away")
    func liar() throws {
        var consortium = try self.started()
        for _ in 0..<50 {
            let next = consortium.replicas[0].view + 1
            try self.tick(&consortium, Self.waiting(for: next))
        }
        #expect((2...5).contains(consortium.replicas[0].view))
        let view = consortium.replicas[0].view
        for _ in 0..<50 { try self.tick(&consortium, Self.waiting(for: view + 2)) }
        #expect(consortium.replicas[0].view == view)
    }

    @Test("a member that lost its log votes again while the leader does its work")
    func afterLoss() throws {
        var consortium = try TestConsortium(configuration: Self.configuration)
        for index in consortium.replicas.indices { try consortium.step(index, .start) }
        try consortium.settle()
        let recovery = Recovery(
            tip: StablePoint(genesis: TestReader.genesis),
            committees: CommitteeHistory(genesis: consortium.committee),
            records: [],
            isLogLost: true
        )
        consortium.replicas[3] = consortium.fresh(3, Self.configuration)
        consortium.replicas[3].recover(recovery)
        consortium.timers[3] = []
        try consortium.step(3, .start)
        try consortium.settle()
        for index in 0..<3 { try consortium.fire(.tick, at: index) }
        try consortium.settle()
        #expect(!consortium.replicas[3].status.isChangingView, "blocks are missing as well")
        for index in 0..<3 { try consortium.step(index, .work(isPending: true)) }
        try consortium.settle()
        #expect(consortium.replicas[3].committed.height == 3)
        #expect(consortium.replicas[3].isSilent)
        #expect(consortium.replicas[3].status.view == 1 && consortium.replicas[3].status.isChangingView)
        for index in 0..<3 { try consortium.step(index, .work(isPending: false)) }
        for _ in 0..<12 {
            for index in consortium.replicas.indices { try consortium.fire(.tick, at: index) }
            try consortium.settle()
        }
        #expect(consortium.replicas.allSatisfy { $0.view == 1 && !$0.isChangingView })
        #expect(!consortium.replicas[3].isSilent)
    }
}

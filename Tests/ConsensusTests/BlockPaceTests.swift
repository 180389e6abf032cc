import Testing

@testable import Consensus

/// Replica 3 is behind, and asks others for blocks that do not come.
@Suite struct BlockPaceTests {
    /// A question for blocks: in which tick, counted from 0, and whom.
    struct Question: Equatable {
        let tick: Int
        let peer: Int
    }

    /// A height that is ahead, but near enough that votes could still lead there.
    private static let ahead: Height = 5

    @Test(
        "The first questions are a tick apart, one to each server; then the pause doubles with every round, up to a bound",
        arguments: [
            (1, [1, 1, 1, 2, 4, 8, 8]), (2, [1, 1, 1, 2, 2, 4, 4, 8, 8]),
            (3, [1, 1, 1, 2, 2, 2, 4, 4, 4, 8, 8]), (5, [1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 4]), (0, [1, 1, 1, 2]),
        ]
    )
    func pauses(servers: Int, expected: [Int]) {
        #expect(expected.indices.map { BlockPace.pause(after: $0 + 1, servers: servers) } == expected)
        #expect(BlockPace.pause(after: .max, servers: servers) == BlockPace.pauseMax)
        #expect(BlockPace.pause(after: 1_000, servers: 1_024) == 1)
    }

    @Test("A server that speaks and sends no block is asked ever more rarely")
    func slowServer() throws {
        var consortium = try Self.consortium(hearing: [0])
        let asked = try Self.run(&consortium, ticks: 0..<40, hearing: [0])
        #expect(asked.map(\.tick) == [1, 2, 3, 4, 6, 10, 18, 26, 34])
    }

    @Test("Several servers are asked in turns, each once before any is asked again")
    func turns() throws {
        var consortium = try Self.consortium(size: 7, hearing: [0, 1, 2, 4, 5])
        let asked = try Self.run(&consortium, ticks: 0..<9, hearing: [0, 1, 2, 4, 5])
        #expect(asked.map(\.peer) == [0, 1, 2, 4, 5, 0, 1])
        #expect(asked.map(\.tick) == [1, 2, 3, 4, 5, 6, 8])
    }

    @Test("Another server that is ahead is asked at once, however long the pause for the others is")
    func anotherServer() throws {
        var consortium = try Self.consortium(hearing: [0])
        _ = try Self.run(&consortium, ticks: 0..<12, hearing: [0])
        // Heard after tick 11, it is taken for ahead by the second tick from then on.
        try consortium.hand(Self.status(Self.ahead), to: 3, from: 1)
        let asked = try Self.run(&consortium, ticks: 12..<17, hearing: [0, 1])
        #expect(asked == [Question(tick: 13, peer: 1)])
    }

    @Test("A server far ahead is asked between two ticks when it was not asked yet, and else at the same pace")
    func farAhead() throws {
        var consortium = try TestConsortium()
        try consortium.step(3, .start)
        let first = try consortium.hand(Self.status(50), to: 3, from: 0)
        #expect(first.contains(.send(.blockRequest(from: 1), to: ReplicaID(0))))
        try consortium.hand(Self.status(50), to: 3, from: 1)
        try consortium.hand(Self.status(50), to: 3, from: 2)
        let asked = try Self.run(&consortium, ticks: 0..<40, hearing: [0, 1, 2], height: 50)
        #expect(asked.map(\.tick) == [0, 1, 2, 3, 5, 7, 9, 13, 17, 21, 29, 37])
        #expect(asked.map(\.peer) == [1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0])
    }

    @Test("Blocks that come, from a server or in a snapshot, end the pause", arguments: [false, true])
    func progress(isSnapshot: Bool) throws {
        var consortium = try Self.consortium(hearing: [0])
        consortium.isolated = [3]
        try consortium.commitThreeBlocks()
        let before = try Self.run(&consortium, ticks: 0..<20, hearing: [0])
        #expect(before.last?.tick == 18)
        if isSnapshot {
            let snapshot = (consortium.replicas[0].committed, consortium.replicas[0].committees)
            try consortium.step(3, .snapshotInstalled(snapshot.0, committees: snapshot.1))
        } else {
            let effects = try consortium.hand(.blocks(consortium.delivered[0]), to: 3, from: 0)
            // Who was of use is asked for more at once.
            #expect(effects.contains(.send(.blockRequest(from: 4), to: ReplicaID(0))))
        }
        #expect(consortium.replicas[3].committed.height == 3)
        let after = try Self.run(&consortium, ticks: 20..<26, hearing: [0])
        #expect(after.map(\.tick) == [20, 21, 22, 23, 25])
    }

    @Test(
        "A question to somebody who says nothing any more is most likely lost: the next one follows with the next tick"
    )
    func lostConnection() throws {
        var consortium = try Self.consortium(hearing: [0])
        let asked = try Self.run(&consortium, ticks: 0..<20, hearing: [])
        #expect(asked.map(\.tick) == Array(1..<20))
    }

    // MARK: - Details

    private static func status(_ height: Height) -> Message {
        .status(Status(epoch: 0, view: 0, isChangingView: false, committed: height, earliest: 1))
    }

    private static func consortium(size: Int = 4, hearing peers: [Int]) throws -> TestConsortium {
        var consortium = try TestConsortium(size: size)
        try consortium.step(3, .start)
        for peer in peers { try consortium.hand(Self.status(Self.ahead), to: 3, from: peer) }
        return consortium
    }

    /// Ticks of replica 3, each followed by a status of everybody whom it hears.
    private static func run(
        _ consortium: inout TestConsortium,
        ticks: Range<Int>,
        hearing peers: [Int],
        height: Height = Self.ahead
    ) throws -> [Question] {
        var asked: [Question] = []
        func note(_ effects: [Effect], _ tick: Int) {
            for effect in effects {
                guard case .send(.blockRequest, let peer) = effect else { continue }
                asked.append(Question(tick: tick, peer: Int(peer.number)))
            }
        }
        for tick in ticks {
            let token = try #require(consortium.timers[3].first { $0.kind == .tick })
            note(try consortium.step(3, .timer(token)), tick)
            for peer in peers { note(try consortium.hand(Self.status(height), to: 3, from: peer), tick) }
        }
        return asked
    }
}

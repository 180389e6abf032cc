import Logging
import Relaying
import Synchronization
import Testing

@testable import Gateway

/// A chain whose validators tell of some heights, once they are listened to.
private final class TellingChain: GatewayWorking {
    struct Seen {
        var listenedAfter: [UInt64] = []
        /// Heights above which the newest block was asked for.
        var askedAbove: [UInt64] = []
        var isShown = false
    }

    let board = GatewayBoard(logger: Logger(label: "telling") { _ in SwiftLogNoOpLogHandler() }) { 0 }
    let seen = Mutex(Seen())
    private let told: [UInt64]

    init(told: [UInt64]) { self.told = told }

    func carryOut(_ action: PlanAction) async -> [PlanEvent] { [] }
    func name(of shore: Shore) -> String { "telling" }
    func start(of shore: Shore) -> UInt64 { 0 }
    func settled(_ height: UInt64, of shore: Shore) -> UInt64 { height }

    func tip(of shore: Shore) async throws -> UInt64 {
        // Long enough for whoever listens too early to be seen.
        while !self.seen.withLock({ $0.isShown }) { try await Task.sleep(for: .milliseconds(5)) }
        return 5
    }

    func newest(of shore: Shore, above height: UInt64) async throws -> UInt64? {
        self.seen.withLock { $0.askedAbove.append(height) }
        return height < 8 ? 8 : nil
    }

    func listen(
        to shore: Shore,
        after height: UInt64,
        _ heard: @escaping @Sendable (UInt64) async -> Void
    ) async throws {
        self.seen.withLock { $0.listenedAfter.append(height) }
        for height in self.told { await heard(height) }
        try await Task.sleep(for: .seconds(60))
    }
}

@Suite("How far a chain has come", .timeLimit(.minutes(1))) struct HeightWatchTests {
    @Test("who starts listens from where the chain stands, and looks once for all that a block says")
    func listens() async throws {
        let chain = TellingChain(told: [3, 5, 6, 6, 6, 7, 8])
        let (events, line) = AsyncStream.makeStream(of: PlanEvent.self)
        let watch = HeightWatch(
            worker: chain,
            shore: .application,
            cursor: 2,
            tickMilliseconds: 10,
            pollMilliseconds: 60_000
        ) { line.yield($0) }
        var heights: [UInt64] = []
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await watch.look() }
            group.addTask { await watch.listen() }
            try? await Task.sleep(for: .milliseconds(100))
            #expect(chain.seen.withLock { $0.listenedAfter.isEmpty })
            chain.seen.withLock { $0.isShown = true }
            for await event in events {
                switch event {
                case .started(.application, cursor: 2, height: let height), .height(.application, let height):
                    heights.append(height)
                default: Issue.record("\(event)")
                }
                if heights.last == 8 { break }
            }
            group.cancelAll()
        }
        #expect(heights == [5, 8])
        let seen = chain.seen.withLock { $0 }
        #expect(seen.listenedAfter == [5])
        // The hint of block 6 showed block 8; those of blocks up to there had nothing new.
        #expect(seen.askedAbove == [5])
    }
}

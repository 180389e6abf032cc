import Foundation
import Testing

@testable import Spool

@Suite struct SinkTests {
    @Test(
        "observations go on after any sequence, within a chunk and at its ends",
        arguments: 0...7 as ClosedRange<Int64>
    )
    func resume(after sequence: Int64) throws {
        let spool = try TestStore().spool()
        _ = try spool.commit(batch(source: 1, [[1, 2, 3]]))
        _ = try spool.commit(batch(source: 2, [[4], [5, 6]]))
        let chunks = try spool.observations(after: sequence, chunksMax: 9)
        #expect(chunks.first?.firstSequence == (sequence < 6 ? sequence + 1 : nil))
        #expect(chunks.reduce(0) { $0 + $1.count } == max(0, 6 - Int(sequence)))
        #expect(try spool.allLines(after: sequence) == lines((1...7).dropFirst(Int(sequence)).dropLast()))
    }

    @Test("a sink's position is durable, and only goes forward to what exists")
    func positions() throws {
        let store = try TestStore()
        let spool = try store.spool()
        _ = try spool.commit(batch(source: 1, [[1, 2, 3]]))
        #expect(try spool.sinkPosition("file") == nil)
        #expect(throws: StoreRefusal.self) { try spool.advanceSink("file", to: 1, fileOffset: 10) }
        #expect(try spool.registerSink("file").sequence == 0)
        try spool.advanceSink("file", to: 2, fileOffset: 40)
        let expected = SinkPosition(name: "file", sequence: 2, fileOffset: 40)
        #expect(try store.copyOfFiles().spool().sinkPosition("file") == expected)
        #expect(try spool.registerSink("file") == expected)
        #expect(throws: StoreRefusal.self) { try spool.advanceSink("file", to: 1, fileOffset: 20) }
        #expect(throws: StoreRefusal.self) { try spool.advanceSink("file", to: 4, fileOffset: 80) }
        #expect(try spool.sinks() == [expected])
    }

    @Test("observations stay until every sink has them and they are old")
    func pruning() throws {
        let store = try TestStore()
        let (inbox, spool) = (try store.inbox(), try store.spool())
        for source in 1...4 {
            let time = TestStore.start + Int64(source) * 1000
            _ = try spool.commit(batch(source: Int64(source), [[source * 2, source * 2 + 1]], receivedAt: time))
        }
        let retention = SpoolRetention(observations: 10_000)
        store.advance(milliseconds: 13_000)
        #expect(try spool.prune(retention).chunks == 0, "no sink has anything yet")
        for name in ["a", "b"] { try spool.registerSink(name) }
        try spool.advanceSink("a", to: 8, fileOffset: 0)
        try spool.advanceSink("b", to: 3, fileOffset: 0)
        #expect(try spool.prune(retention).chunks == 1)
        #expect(try spool.statistics(inbox: inbox).oldestUndelivered == TestStore.start + 2000)
        try spool.advanceSink("b", to: 8, fileOffset: 0)
        #expect(try spool.statistics(inbox: inbox).oldestUndelivered == nil)
        #expect(try spool.prune(retention).observations == 2)
        #expect(try spool.prune(retention).isEmpty)
        #expect(try spool.allLines() == lines(6..<10))
        try spool.removeSink("b")
        store.advance(milliseconds: 10_000)
        #expect(try spool.prune(retention, rowsMax: 256).chunks == 1, "one call is bounded")
        #expect(try spool.prune(retention).chunks == 1)
        #expect(try spool.commit(batch(source: 5, [[100]])).lastSequence == 9)
        #expect(try spool.allLines() == lines([100]))
    }

    @Test("dedup keys go when they are beyond the horizon, also those of clocks that are years off")
    func keyPruning() throws {
        let store = try TestStore()
        let spool = try store.spool()
        let day: Int64 = 86_400_000
        let far = Int(20 * 365 * day)
        _ = try spool.commit(batch(source: 1, [[1, -far, far]]))
        #expect(try spool.prune(SpoolRetention()).dedupKeys == 0)
        store.advance(milliseconds: 6 * day)
        #expect(try spool.prune(SpoolRetention()).dedupKeys == 0)
        _ = try spool.commit(batch(source: 2, [[2, -far - 1]]))
        store.advance(milliseconds: 3 * day)
        #expect(try spool.prune(SpoolRetention(), rowsMax: 2).dedupKeys == 2)
        #expect(try spool.prune(SpoolRetention()).dedupKeys == 1, "what was seen lately stays")
        #expect(try spool.commit(batch(source: 3, [[-far - 1]])).observationsSuppressed == 1)
    }

    @Test("resolved dead letters go after their retention, open ones never")
    func letterPruning() throws {
        let store = try TestStore()
        let spool = try store.spool()
        let letters = [letter("1"), letter("2", message: 1)]
        _ = try spool.commit(batch(source: 1, [[], []], deadLetters: letters))
        try spool.markReplayed(1, outcome: "done")
        store.advance(milliseconds: 365 * 86_400_000)
        #expect(try spool.prune(SpoolRetention()).deadLetters == 1)
        #expect(try spool.deadLetters().map(\.id) == [2])
    }
}

import Foundation
import Records
import Testing

@testable import Spool

@Suite struct CommitTests {
    @Test("a commit stores new observations in order and counts every message once")
    func dispositions() throws {
        let store = try TestStore()
        let (inbox, spool) = (try store.inbox(), try store.spool())
        _ = try spool.commit(batch(source: 1, [[1, 2], [3]]))
        let outcome = try spool.commit(
            batch(
                source: 2,
                [[4, 5], [1, 2], [2, 6], [], [], [], [7]],
                deadLetters: [letter("bad", message: 3), letter("half bad", message: 6)],
                ignored: 1,
                redelivered: 1
            )
        )
        #expect(outcome.observationsStored == 4)
        #expect(outcome.observationsSuppressed == 3)
        #expect(outcome.lastSequence == 7)
        #expect(outcome.messages.normalized == 2)
        #expect(outcome.messages.duplicate == 1)
        #expect(outcome.messages.deadLettered == 2)
        #expect(outcome.messages.accounted == 7)
        #expect(try spool.allLines() == lines([1, 2, 3, 4, 5, 6, 7]))
        let statistics = try spool.statistics(inbox: inbox)
        #expect(statistics.messages.received == 9)
        #expect(statistics.messages.accounted == 9)
        #expect(statistics.observationsStored == 7)
        #expect(statistics.observationsSuppressed == 3)
        #expect(statistics.deadLettersOpen == 2)
    }

    @Test("a reading is stored once within a batch, across batches and across a reopening")
    func deduplication() throws {
        let store = try TestStore()
        _ = try store.spool().commit(batch(source: 1, [[1, 1, 2], [2, 1]]))
        let outcome = try store.spool().commit(batch(source: 2, [[2, 1], [3]]))
        #expect(outcome.messages.duplicate == 1)
        #expect(try store.spool().allLines() == lines([1, 2, 3]))
    }

    @Test("one time with two hashes, and one hash at two times, are different readings")
    func keys() throws {
        var batch = batch(source: 1, [[1, 2, 3]])
        let keys = [
            DedupKey(timeMilliseconds: -5, hash: .max), DedupKey(timeMilliseconds: -5, hash: 0),
            DedupKey(timeMilliseconds: .max, hash: .max),
        ]
        batch.items = zip(batch.items, keys).map { .init(key: $1, lineEnd: $0.lineEnd, message: 0) }
        #expect(try TestStore().spool().commit(batch).observationsStored == 3)
    }

    @Test(
        "a batch that does not add up is refused whole",
        arguments: [
            { (batch: inout NormalizedBatch) in batch.messageCount += 1 },
            { (batch: inout NormalizedBatch) in batch.ignored = 1 },
            { (batch: inout NormalizedBatch) in batch.lines.append(0x7B) },
            { (batch: inout NormalizedBatch) in batch.items.removeLast() },
            { (batch: inout NormalizedBatch) in batch.items.swapAt(0, 1) },
            { (batch: inout NormalizedBatch) in batch.deadLetters = [letter("x", message: 5)] },
            { (batch: inout NormalizedBatch) in batch.sourceBatch = 1 },
            { (batch: inout NormalizedBatch) in batch.replayed = [99: "no such letter"] },
        ] as [@Sendable (inout NormalizedBatch) -> Void]
    )
    func shape(spoil: @Sendable (inout NormalizedBatch) -> Void) throws {
        let store = try TestStore()
        let (inbox, spool) = (try store.inbox(), try store.spool())
        _ = try spool.commit(batch(source: 1, [[1]]))
        let before = try spool.statistics(inbox: inbox)
        var bad = batch(source: 2, [[2], [3]])
        spoil(&bad)
        #expect(throws: StoreRefusal.self) { try spool.commit(bad) }
        var after = try spool.statistics(inbox: inbox)
        after.sizes = before.sizes
        #expect(after == before)
        #expect(try spool.cursor == 1)
        #expect(try spool.commit(batch(source: 2, [[2], [3]])).observationsStored == 2)
    }

    @Test(
        "a commit that fails half-way leaves no key, line, count or cursor behind",
        arguments: [0, 4, 16, 64] as [Int64]
    )
    func torn(pages: Int64) throws {
        let store = try TestStore()
        let (inbox, spool) = (try store.inbox(), try store.spool())
        _ = try spool.commit(batch(source: 1, [[0]]))
        var large = batch(source: 2, [Array(1..<20_000)])
        large.state["clock"] = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 167) }
        let before = try spool.statistics(inbox: inbox)
        try spool.file.limitGrowth(pages: pages)
        #expect(throws: StoreRefusal.diskFull) { try spool.commit(large) }
        var after = try spool.statistics(inbox: inbox)
        after.sizes = before.sizes
        #expect(after == before)
        #expect(try store.copyOfFiles().spool().cursor == 1)
        #expect(try spool.states().isEmpty)
        try spool.file.liftLimit()
        #expect(try spool.commit(large).observationsStored == 19_999)
        #expect(try spool.allLines() == lines(0..<20_000))
    }

    @Test("a backlog of many chunks survives a reopening with exact counts")
    func backlog() throws {
        let store = try TestStore()
        let filler = String(repeating: "y", count: 1000)
        let spool = try store.spool()
        var total = 0
        for source in 1...5 {
            var batch = batch(source: Int64(source), [[]])
            for number in 0..<2500 {
                batch.lines.append(contentsOf: "{\"n\":\(total + number),\"filler\":\"\(filler)\"}\n".utf8)
                let key = DedupKey(timeMilliseconds: Int64(total + number), hash: 1)
                batch.items.append(.init(key: key, lineEnd: batch.lines.count, message: 0))
            }
            total += 2500
            _ = try spool.commit(batch)
        }
        let reopened = try store.copyOfFiles().spool()
        let chunks = try reopened.observations(after: 0, chunksMax: 1000)
        #expect(chunks.count == 15)
        #expect(chunks.allSatisfy { $0.lines.count <= KeptLines.chunkBytes })
        let read = try reopened.allLines()
        #expect(read.count == total)
        #expect(read.enumerated().allSatisfy { $1.hasPrefix("{\"n\":\($0),") })
    }

    @Test("state is replaced, kept and deleted by name")
    func state() throws {
        let store = try TestStore()
        let spool = try store.spool()
        var first = batch(source: 1, [[]], ignored: 1)
        first.state = ["clock/a": [1], "clock/b": [2], "sparkplug": Array(repeating: 7, count: 100_000)]
        _ = try spool.commit(first)
        var second = batch(source: 2, [[]], ignored: 1)
        second.state = ["clock/a": [3], "clock/b": []]
        _ = try spool.commit(second)
        #expect(try store.spool().states() == ["clock/a": [3], "sparkplug": Array(repeating: 7, count: 100_000)])
    }

    @Test("a batch emptied for use again is as new")
    func reuse() {
        var used = batch(source: 1, [[1]], deadLetters: [letter("x")], ignored: 1, redelivered: 1)
        used.state["a"] = [1]
        used.replayed[1] = "x"
        used.removeAll()
        #expect("\(used)" == "\(NormalizedBatch())")
    }

    @Test("recovery counts what is not normalized, and notices another inbox")
    func recovery() throws {
        let store = try TestStore()
        var inbox: Inbox? = try store.inbox()
        let spool = try store.spool()
        for _ in 0..<4 { try inbox?.append(burst(["a", "b"])) }
        _ = try spool.recover(from: try #require(inbox))
        _ = try spool.commit(batch(source: 1, [[1], [2]]))
        #expect(
            try store.spool().recover(from: try #require(inbox))
                == RecoveryReport(cursor: 1, batchesToNormalize: 3, messages: 6, inboxReplaced: false)
        )
        inbox = nil
        for name in ["inbox.db", "inbox.db-wal", "inbox.db-shm"] {
            try? FileManager.default.removeItem(atPath: "\(store.directory)/\(name)")
        }
        let fresh = try store.inbox()
        try fresh.append(burst(["c"]))
        #expect(
            try spool.recover(from: fresh)
                == RecoveryReport(cursor: 0, batchesToNormalize: 1, messages: 1, inboxReplaced: true)
        )
    }
}

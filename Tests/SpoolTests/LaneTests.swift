import Foundation
import GRDB
import Testing

@testable import Spool

@Suite struct LaneTests {
    private static func waves(_ store: TestStore) throws -> Inbox {
        try Inbox(directory: store.directory, masterKey: store.masterKey, limits: store.limits, lane: .waves) {
            store.now
        }
    }

    @Test("each lane has an inbox and a cursor of its own, and both end in one sequence")
    func cursors() throws {
        let store = try TestStore()
        #expect(!Inbox.exists(.waves, in: store.directory))
        let (inbox, waves, spool) = (try store.inbox(), try Self.waves(store), try store.spool())
        #expect(Inbox.exists(.waves, in: store.directory))
        for number in 0..<3 { try inbox.append(burst(["n\(number)"])) }
        for number in 0..<2 { try waves.append(burst(["w\(number)"])) }
        var blocks = batch(source: 2, [[101], [102]])
        blocks.lane = .waves
        _ = try spool.commit(blocks)
        _ = try spool.commit(batch(source: 1, [[1]]))
        #expect(try spool.cursor == 1 && spool.cursor(of: .waves) == 2)
        #expect(try spool.allLines() == lines([101, 102, 1]))
        let statistics = try spool.statistics(inbox: inbox, waves: waves)
        #expect(statistics.backlog.batches == 2)
        #expect(statistics.waveBacklog?.batches == 0)
        #expect(statistics.messages.received == 3)
        #expect(throws: StoreRefusal.self, "a batch behind its lane's cursor") { try spool.commit(blocks) }
        var next = batch(source: 2, [[2]])
        _ = try spool.commit(next)
        next.removeAll()
        #expect(try store.spool().cursor(of: .waves) == 2, "after a reopening")
    }

    @Test("a waveforms' inbox that was made anew starts its own cursor anew")
    func replaced() throws {
        let store = try TestStore()
        let spool = try store.spool()
        var inbox: Inbox? = try store.inbox()
        var waves: Inbox? = try Self.waves(store)
        for lane in [inbox, waves] { #expect(try spool.recover(from: try #require(lane)).inboxReplaced == false) }
        for (lane, source) in [(SpoolLane.waves, Int64(7)), (.numerics, 5)] {
            var output = batch(source: source, [[Int(source)]])
            output.lane = lane
            _ = try spool.commit(output)
        }
        waves = nil
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: "\(store.directory)/waves.db\(suffix)")
        }
        waves = try Self.waves(store)
        #expect(try spool.recover(from: try #require(waves)).inboxReplaced)
        #expect(try spool.recover(from: try #require(inbox)).inboxReplaced == false)
        #expect(try spool.cursor(of: .waves) == 0 && spool.cursor == 5)
        inbox = nil
    }

    @Test("waveforms leave half of the room to everything else")
    func limits() throws {
        let store = try TestStore(limits: SpoolLimits(bytesMax: 2 << 20, freeDiskReserve: 0))
        let (inbox, waves) = (try store.inbox(), try Self.waves(store))
        let block = String(repeating: "x", count: 100_000)
        var stored = 0
        #expect(throws: StoreRefusal.self) {
            while stored < 100 {
                try waves.append(burst([block]))
                stored += 1
            }
        }
        #expect((1..<12).contains(stored))
        #expect(throws: StoreRefusal.self) { try waves.append(burst([block])) }
        try inbox.append(burst([block]))
    }

    @Test("an envelope keeps its lane through refusal and retry")
    func envelopes() throws {
        let store = try TestStore()
        let spool = try store.spool()
        try spool.file.writer.inDatabase { db in
            for (id, waves) in [(1, true), (2, false), (3, true)] {
                try db.execute(
                    sql: """
                        INSERT INTO outbox (id, h1, scope, sender, sequence, created, observations, envelope, anchored, waves)
                        VALUES (?, ?, x'00', x'00', ?, 0, 1, x'00', 0, ?)
                        """,
                    arguments: [id, Data([UInt8(id)]), id, waves]
                )
            }
        }
        func ids(_ lane: SpoolLane?) throws -> [Int64] { try spool.outbox(.oldestFirst, of: lane, max: 9).map(\.id) }
        #expect(try ids(nil) == [1, 2, 3] && ids(.waves) == [1, 3] && ids(.numerics) == [2])
        for id in try ids(nil) { try spool.refuse(id, center: "a", reason: "no") }
        #expect(try ids(nil).isEmpty)
        #expect(try spool.retryRefused() == 3)
        #expect(try ids(.waves) == [1, 3] && ids(.numerics) == [2])
        #expect(try spool.outbox(.newestFirst, of: .waves, max: 1).map(\.id) == [3])
    }
}

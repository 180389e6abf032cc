import Foundation
import GRDB
import Testing

@testable import Spool

@Suite struct SealingTests {
    private static func filled() throws -> TestStore {
        let store = try TestStore()
        let (inbox, spool) = (try store.inbox(), try store.spool())
        for number in 0..<3 {
            let id = try inbox.append(burst(["message \(number)"]))
            var batch = batch(source: id, [[number], []], deadLetters: [letter("bad \(number)", message: 1)])
            batch.state = ["clock/\(number)": [UInt8(number + 1)]]
            _ = try spool.commit(batch)
        }
        return store
    }

    @Test("a wrong master key is refused at open and the data stays")
    func wrongKey() throws {
        let store = try Self.filled()
        let other = try MasterKey(bytes: Array(repeating: 1, count: 32))
        #expect(throws: SpoolError.wrongMasterKey(file: "\(store.directory)/inbox.db")) {
            try Inbox(directory: store.directory, masterKey: other)
        }
        #expect(throws: SpoolError.wrongMasterKey(file: "\(store.directory)/spool.db")) {
            try Spool(directory: store.directory, masterKey: other)
        }
        #expect(try store.inbox().messageCount == 3)
        #expect(try store.spool().allLines() == lines(0..<3))
    }

    @Test(
        "rows that change places no longer open",
        arguments: [
            "UPDATE chunk SET sealed = (SELECT sealed FROM chunk WHERE first_sequence = 2) WHERE first_sequence = 1",
            "UPDATE chunk SET observations = 2 WHERE first_sequence = 1",
            "UPDATE chunk SET sealed = zeroblob(length(sealed)) WHERE first_sequence = 1",
        ]
    )
    func chunks(sql: String) throws {
        let spool = try Self.filled().spool()
        try spool.file.writer.inDatabase { try $0.execute(sql: sql) }
        #expect(throws: SpoolError.self) { try spool.observations(after: 0) }
    }

    @Test("inbox rows that change places no longer open")
    func batches() throws {
        let inbox = try Self.filled().inbox()
        try inbox.file.writer.inDatabase {
            try $0.execute(sql: "UPDATE batch SET sealed = (SELECT sealed FROM batch WHERE id = 2) WHERE id = 1")
        }
        #expect(throws: SpoolError.damagedRow("batch/1/1")) { try inbox.nextBatch(after: 0) }
        #expect(try inbox.nextBatch(after: 1)?.burst == burst(["message 1"]))
    }

    @Test("dead letters and states that change places no longer open")
    func others() throws {
        let spool = try Self.filled().spool()
        try spool.file.writer.inDatabase {
            try $0.execute(sql: "UPDATE dead_letter SET sealed = (SELECT sealed FROM dead_letter WHERE id = 2)")
            try $0.execute(sql: "UPDATE state SET sealed = (SELECT sealed FROM state LIMIT 1)")
        }
        #expect(throws: SpoolError.self) { try spool.deadLetter(1) }
        #expect(try spool.deadLetter(2)?.letter.payload == Array("bad 1".utf8))
        #expect(throws: SpoolError.self) { try spool.states() }
    }

    @Test("keys of one database open nothing in another")
    func databases() throws {
        let (first, second) = (try Self.filled(), try Self.filled())
        let wrapped = try first.inbox().file.writer.inDatabase {
            try Data.fetchOne($0, sql: "SELECT wrapped FROM epoch_key")
        }
        try second.inbox().file.writer.inDatabase {
            try $0.execute(sql: "UPDATE epoch_key SET wrapped = ?", arguments: [wrapped])
        }
        #expect(throws: SpoolError.self) { try second.inbox().nextBatch(after: 0) }
    }

    @Test("each epoch has a key of its own, and a destroyed one opens nothing any more")
    func epochs() throws {
        let store = try TestStore(limits: SpoolLimits(freeDiskReserve: 0, keyRotationSeconds: 3600))
        var inbox = try store.inbox()
        try inbox.append(burst(["first hour"]))
        store.advance(milliseconds: 3_600_000)
        try inbox.append(burst(["second hour"]))
        #expect(try inbox.destroyEpochs(before: .max, now: store.now) == 0, "a stored batch needs its key")
        #expect(try inbox.deleteBatches(through: 1, olderThan: .max) == 1)
        #expect(try inbox.destroyEpochs(before: store.now, now: store.now) == 1)
        inbox = try store.inbox()
        #expect(try inbox.nextBatch(after: 0)?.burst == burst(["second hour"]))
        let wrapped = try inbox.file.writer.inDatabase {
            try Int64.fetchAll($0, sql: "SELECT wrapped IS NULL FROM epoch_key ORDER BY epoch")
        }
        #expect(wrapped == [1, 0])
        store.advance(milliseconds: -3_600_000)
        try inbox.append(burst(["clock set back"]))
        #expect(try store.inbox().nextBatch(after: 2)?.burst == burst(["clock set back"]))
    }

    @Test("state, associations, movements and names of devices outlive the epoch that sealed them")
    func resealing() throws {
        let store = try TestStore(limits: SpoolLimits(freeDiskReserve: 0, keyRotationSeconds: 3600))
        let spool = try store.spool()
        var first = batch(source: 1, [[]], ignored: 1)
        first.state = ["clock": [9], "decoder": [1, 2]]
        first.movements.added = [1, 2].map { StoredMovement(content: [$0], encoded: [$0, 7]) }
        let notes = ["pump-1", "pump-2"].map { Self.note(of: $0) }
        first.clockNotes = notes
        _ = try spool.commit(first)
        try spool.associate(.bed("3/12"), with: String(repeating: "a", count: 32), from: 0)
        store.advance(milliseconds: 7_200_000)
        #expect(try spool.destroyEpochs(before: store.now) == 1)
        let reopened = try store.spool()
        #expect(try reopened.states() == ["clock": [9], "decoder": [1, 2]])
        #expect(try reopened.associations().map(\.subject) == [.bed("3/12")])
        #expect(try reopened.movements().map(\.encoded) == [[1, 7], [2, 7]])
        #expect(try reopened.clockHistory() == notes)
        // The same name and the same movement are still recognised.
        var second = batch(source: 2, [[]], ignored: 1)
        second.movements.added = first.movements.added
        second.clockNotes = [notes[0]]
        _ = try reopened.commit(second)
        #expect(try reopened.movements().count == 2)
        #expect(try reopened.clockHistory(of: "pump-1") == [notes[0], notes[0]])
    }

    private static func note(of device: String) -> ClockNote {
        ClockNote(
            device: device,
            profile: "pump",
            kind: "established",
            at: TestStore.start,
            offsetBeforeNs: nil,
            offsetNs: 5,
            drift: nil,
            samples: 1,
            corrections: 0,
            jumps: 0
        )
    }

    @Test("a file of a later release is refused")
    func newerSchema() throws {
        let store = try Self.filled()
        try store.spool().file.writer.inDatabase {
            try $0.execute(sql: "UPDATE meta SET value = 12 WHERE name = 'schema_version'")
        }
        #expect(throws: SpoolError.newerSchema(file: "\(store.directory)/spool.db", found: 12, supported: 11)) {
            try store.spool()
        }
    }

    @Test("a file that is no database is refused and left alone")
    func notADatabase() throws {
        let store = try TestStore()
        try FileManager.default.createDirectory(atPath: store.directory, withIntermediateDirectories: true)
        let path = "\(store.directory)/spool.db"
        let text = String(repeating: "not a database ", count: 100)
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        #expect(throws: SpoolError.self) { try store.spool() }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }
}

import GRDB
import Testing

@testable import Spool

@Suite struct DeadLetterTests {
    private static func spool(_ letters: [DeadLetter], limits: SpoolLimits = SpoolLimits(freeDiskReserve: 0)) throws
        -> Spool
    {
        let spool = try TestStore(limits: limits).spool()
        for (index, letter) in letters.enumerated() {
            _ = try spool.commit(batch(source: Int64(index + 1), [[]], deadLetters: [letter]))
        }
        return spool
    }

    @Test("a dead letter comes back whole")
    func roundTrip() throws {
        let spool = try Self.spool([letter("{\"hr\":")])
        let stored = try #require(try spool.deadLetter(1))
        #expect(stored.letter == letter("{\"hr\":"))
        #expect(stored.count == 1)
        #expect(stored.firstSeen == TestStore.start)
        #expect(stored.outcome == nil)
        #expect(try spool.deadLetter(2) == nil)
    }

    @Test("the same message with the same reason is counted, not stored again")
    func repetition() throws {
        let later = letter("bad", receivedAt: TestStore.start + 500)
        let spool = try Self.spool([letter("bad"), later, letter("bad", reason: "unit"), letter("worse")])
        let stored = try spool.deadLetters()
        #expect(stored.map(\.count) == [2, 1, 1])
        #expect(stored[0].lastSeen == TestStore.start + 500)
        let statistics = try spool.file.reader.read { db in
            try Int64.fetchAll(db, sql: "SELECT dead_lettered FROM ledger UNION ALL SELECT open_letters FROM ledger")
        }
        #expect(statistics == [4, 3])
    }

    @Test("lists are filtered by profile, reason and time, and continue where they ended")
    func filters() throws {
        let spool = try Self.spool([
            letter("1"), letter("2", reason: "unit"), letter("3", profile: nil),
            letter("4", receivedAt: TestStore.start + 9),
        ])
        func ids(_ change: (inout DeadLetterFilter) -> Void) throws -> [Int64] {
            var filter = DeadLetterFilter()
            change(&filter)
            return try spool.deadLetters(filter).map(\.id)
        }
        #expect(try ids { $0.profile = "acme-m100" } == [1, 2, 4])
        #expect(try ids { $0.reasonCode = "unit" } == [2])
        #expect(try ids { $0.since = TestStore.start + 1 } == [4])
        #expect(try ids { $0.limit = 2 } == [1, 2])
        #expect(
            try ids {
                $0.limit = 2
                $0.after = 2
            } == [3, 4]
        )
        #expect(
            try spool.deadLetterGroups() == [
                DeadLetterGroup(profile: "acme-m100", reasonCode: "json-syntax", letters: 2, messages: 2),
                DeadLetterGroup(profile: nil, reasonCode: "json-syntax", letters: 1, messages: 1),
                DeadLetterGroup(profile: "acme-m100", reasonCode: "unit", letters: 1, messages: 1),
            ]
        )
    }

    @Test("a replay stores its observations and resolves the letter in one commit, counting no message twice")
    func replay() throws {
        let store = try TestStore()
        let (inbox, spool) = (try store.inbox(), try store.spool())
        _ = try spool.commit(batch(source: 1, [[1], []], deadLetters: [letter("bad", message: 1)]))
        var replay = batch(source: nil, [[1, 2]])
        replay.replayed = [1: "1 observation"]
        #expect(try spool.commit(replay).observationsStored == 1)
        #expect(throws: StoreRefusal.self) { try spool.commit(replay) }
        let statistics = try spool.statistics(inbox: inbox)
        #expect(statistics.messages.received == 2)
        #expect(statistics.messages.accounted == 2)
        #expect(statistics.deadLettersOpen == 0)
        #expect(statistics.deadLettersReplayed == 1)
        #expect(try spool.cursor == 1)
        #expect(try spool.deadLetters().isEmpty)
        #expect(try spool.deadLetter(1)?.outcome == "1 observation")
    }

    @Test("a resolved letter that comes again is open again")
    func reopened() throws {
        let spool = try Self.spool([letter("bad")])
        try spool.markReplayed(1, outcome: "nothing to store")
        #expect(try spool.deadLetters().isEmpty)
        _ = try spool.commit(batch(source: 9, [[]], deadLetters: [letter("bad")]))
        #expect(try spool.deadLetters().map(\.count) == [2])
    }

    @Test("at the bound the spool refuses and keeps everything; room lets it go on")
    func bound() throws {
        let limits = SpoolLimits(freeDiskReserve: 0, deadLettersMax: 2)
        let spool = try Self.spool([letter("1"), letter("2")], limits: limits)
        let third = batch(source: 3, [[7], []], deadLetters: [letter("3", message: 1)])
        #expect { try spool.commit(third) } throws: {
            if case StoreRefusal.deadLettersFull(letters: 2, bytes: _) = $0 { true } else { false }
        }
        #expect(try spool.deadLetters().map(\.id) == [1, 2])
        #expect(try spool.allLines().isEmpty)
        _ = try spool.commit(batch(source: 3, [[]], deadLetters: [letter("1")]))
        #expect(try spool.deleteDeadLetter(1))
        #expect(try !spool.deleteDeadLetter(1))
        _ = try spool.commit(batch(source: 4, [[7], []], deadLetters: [letter("3", message: 1)]))
        #expect(try spool.deadLetters().map(\.letter.payload) == [Array("2".utf8), Array("3".utf8)])
    }

    @Test("bytes are bounded too")
    func byteBound() throws {
        let limits = SpoolLimits(freeDiskReserve: 0, deadLetterBytesMax: 2000)
        let spool = try Self.spool([letter(String(repeating: "1", count: 1000))], limits: limits)
        let large = batch(source: 2, [[]], deadLetters: [letter(String(repeating: "2", count: 1000))])
        #expect(throws: StoreRefusal.self) { try spool.commit(large) }
        try spool.markReplayed(1, outcome: "done")
        _ = try spool.commit(large)
    }
}

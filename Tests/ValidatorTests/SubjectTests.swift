import Consensus
import Foundation
import Ledger
import LedgerStore
import Testing

@testable import Validator

@Suite("Events of a subject", .serialized)
struct SubjectTests {
    /// The subject of `counter.added`: its argument, filled with zeros.
    private static func subject(_ argument: [UInt8]) -> [UInt8] {
        argument + [UInt8](repeating: 0, count: max(0, 32 - argument.count))
    }

    private static func consortium(
        _ change: @escaping @Sendable (inout ValidatorConfiguration) -> Void = { _ in }
    ) throws -> TestConsortium {
        let site = try TestConsortium(.ed25519, change)
        site.subjects = { event in event.topic == "counter.added" ? [Self.subject(event.data)] : [] }
        return site
    }

    /// Commits `count` events of one subject at a validator.
    private static func commit(
        _ count: Int,
        of argument: [UInt8],
        _ client: TestClient,
        _ site: TestConsortium,
        at number: UInt16
    ) async throws -> [[UInt8]] {
        var ids: [[UInt8]] = []
        for _ in 0..<count {
            let transaction = try client.transaction(argument)
            _ = try await site.commit(transaction, at: [number])
            ids.append(transaction.id)
        }
        return ids
    }

    private static func events(
        _ site: TestConsortium,
        _ number: UInt16,
        of argument: [UInt8],
        after cursor: EventCursor? = nil,
        limit: Int = 100
    ) async throws -> [FoundEvent] {
        try await site[number].events(of: Self.subject(argument), after: cursor, limit: limit, channel: .index)
    }

    private static func remove(_ names: [String], of number: UInt16, _ site: TestConsortium) {
        for name in names {
            try? FileManager.default.removeItem(atPath: "\(site.folder(number))/ledger/index/\(name)")
        }
    }

    private static let files = ["subjects.sqlite", "subjects.sqlite-wal", "subjects.sqlite-shm"]

    @Test("What is confirmed is found at once, in order, at the places of the event stream")
    func found() async throws {
        try await Self.consortium().run { site in
            try site.startAll()
            let client = try site.client()
            let ids = try await Self.commit(5, of: [1], client, site, at: 1)
            let other = try await Self.commit(1, of: [2], client, site, at: 1)
            let found = try await Self.events(site, 1, of: [1])
            #expect(found.map(\.transaction) == ids)
            #expect(found.allSatisfy { $0.topic == "counter.added" })
            #expect(try await Self.events(site, 1, of: [2]).map(\.transaction) == other)
            #expect(try await Self.events(site, 1, of: [3]).isEmpty)
            var seen: [EventCursor: [UInt8]] = [:]
            let last = try #require(found.last?.cursor)
            for try await event in try site[1].events(channel: .index, from: .start) {
                if case .contract(let transaction, _) = event.content { seen[event.cursor] = transaction }
                if event.cursor >= last { break }
            }
            for event in found { #expect(seen[event.cursor] == event.transaction) }
            let rest = try await Self.events(site, 1, of: [1], after: found[1].cursor, limit: 2)
            #expect(rest == Array(found[2...3]))
            try await site.wait(4, for: last.height)
            #expect(try await Self.events(site, 4, of: [1]) == found)
        }
    }

    @Test("After a kill the index has all that the blocks have")
    func kill() async throws {
        try await Self.consortium().run { site in
            try site.startAll()
            let client = try site.client()
            var ids: [[UInt8]] = []
            for _ in 0..<3 {
                ids += try await Self.commit(4, of: [1], client, site, at: 1)
                // It has not been written yet: the rows are fewer and younger than what makes it be.
                await site.kill(1)
                try site.start(1)
                let before = try await Self.events(site, 1, of: [1])
                #expect(before.map(\.transaction) == Array(ids.prefix(before.count)))
            }
            let last = try await Self.commit(1, of: [1], client, site, at: 1)
            #expect(try await Self.events(site, 1, of: [1]).map(\.transaction) == ids + last)
        }
    }

    @Test("A directory without the index gets one while the validator serves; a foreign file is not touched")
    func older() async throws {
        try await Self.consortium().run { site in
            try site.startAll()
            let client = try site.client()
            let ids = try await Self.commit(5, of: [1], client, site, at: 4)
            await site.stop(4)
            Self.remove(Self.files, of: 4, site)
            try site.start(4)
            #expect(try await Self.events(site, 4, of: [1]).map(\.transaction) == ids)
            await site.stop(4)
            // With the log that a last connection may leave for a moment, SQLite would mend the file.
            Self.remove(Self.files, of: 4, site)
            let path = "\(site.folder(4))/ledger/index/subjects.sqlite"
            try Data(repeating: 0x5a, count: 8_192).write(to: URL(fileURLWithPath: path))
            #expect(throws: (any Error).self) { try site.start(4) }
            Self.remove(Self.files, of: 4, site)
            try site.start(4)
            #expect(try await Self.events(site, 4, of: [1]).map(\.transaction) == ids)
        }
    }

    @Test("An index that knows more than the blocks is made anew")
    func ahead() async throws {
        try await Self.consortium().run { site in
            try site.startAll()
            let client = try site.client()
            let ids = try await Self.commit(4, of: [1], client, site, at: 4)
            await site.stop(4)
            try FileManager.default.removeItem(atPath: "\(site.folder(4))/ledger/index/blocks")
            Self.remove(["state.sqlite", "state.sqlite-wal", "state.sqlite-shm"], of: 4, site)
            try site.start(4)
            let place = try await site.commit(try client.transaction([1]), at: [1])
            try await site.wait(4, for: place.height)
            let found = try await Self.events(site, 4, of: [1])
            #expect(found.dropLast().map(\.transaction) == ids && found.count == 5)
        }
    }

    @Test(
        "Pruned blocks take their events along, and a state from a snapshot begins with none",
        .timeLimit(.minutes(10))
    )
    func pruned() async throws {
        let site = try Self.consortium { configuration in
            configuration.limits.snapshotInterval = 10
            configuration.limits.snapshotChunkBytes = 300
            configuration.limits.blocksKept = 5
            configuration.limits.blockFileBytes = 4_096
            configuration.limits.snapshotPatience = 300
        }
        try await site.run { site in
            for number in UInt16(1)...3 { try site.start(number) }
            let client = try site.client()
            var ids: [[UInt8]] = []
            while try await Self.earliest(site, [1, 2, 3]) < 12 {
                ids += try await Self.commit(1, of: [1], client, site, at: 1)
                try #require(ids.count < 200)
            }
            let (earliest, rest) = try await Self.kept(site, 1)
            #expect(!rest.isEmpty && rest.count < ids.count && rest.map(\.transaction) == ids.suffix(rest.count))
            #expect(rest.allSatisfy { $0.cursor.height >= earliest })

            try site.start(4)
            let last = try #require(rest.last?.cursor)
            while try site[4].height(of: .index) < last.height { await Task.yield() }
            let more = try await Self.commit(1, of: [1], client, site, at: 1)
            let newest = try #require(try await Self.events(site, 1, of: [1], after: last).last)
            #expect(newest.transaction == more[0])
            try await site.wait(4, for: newest.cursor.height)
            let (here, found) = try await Self.kept(site, 4)
            #expect(here > 1)
            #expect(found.last == newest)
        }
    }

    /// The lowest block whose events a validator tells, and all events from there on.
    ///
    /// Older blocks may go between the two questions.
    private static func kept(
        _ site: TestConsortium,
        _ number: UInt16
    ) async throws -> (earliest: Height, events: [FoundEvent]) {
        for _ in 0..<100 {
            let earliest = try await Self.earliest(site, [number])
            let start = EventCursor(height: earliest - 1, index: .max)
            do { return (earliest, try await Self.events(site, number, of: [1], after: start)) } catch {
                guard case .pruned? = error as? QueryFailure else { throw error }
            }
        }
        throw QueryFailure.pruned(earliest: 0)
    }

    /// The lowest block whose events all of some validators tell.
    private static func earliest(_ site: TestConsortium, _ numbers: [UInt16]) async throws -> Height {
        var lowest = Height.max
        for number in numbers {
            do throws(QueryFailure) {
                _ = try await (try? site[number])?.events(of: self.subject([1]), after: nil, limit: 1, channel: .index)
                return 1
            } catch {
                guard case .pruned(let earliest) = error else { throw error }
                lowest = min(lowest, earliest)
            }
        }
        return lowest
    }

    @Test("A rejected transaction has a place and no event")
    func rejected() async throws {
        try await Self.consortium().run { site in
            try site.startAll()
            let client = try site.client()
            _ = try await site.commit(try client.transaction("refuse", [1]), at: [1])
            let ids = try await Self.commit(1, of: [1], client, site, at: 1)
            #expect(try await Self.events(site, 1, of: [1]).map(\.transaction) == ids)
        }
    }

    @Test("Before it runs, and after it has stopped, a validator does not answer for its index")
    func notRunning() async throws {
        try await Self.consortium().run { site in
            try site.startAll()
            let client = try site.client()
            _ = try await Self.commit(2, of: [1], client, site, at: 4)
            await site.stop(4)
            Self.remove(Self.files, of: 4, site)
            let idle = try site.open(4)
            let subject = Self.subject([1])
            let question = Task<QueryFailure?, Never> {
                do throws(QueryFailure) {
                    _ = try await idle.events(of: subject, after: nil, limit: 9, channel: .index)
                    return nil
                } catch { return error }
            }
            guard case .notReady(let text) = await question.value else {
                Issue.record("an index that is not made answers")
                return
            }
            #expect(text.contains("block 0 of"))
        }
    }
}

import Bundles
import CanonicalBytes
import Credentials
import Foundation
import Testing

@testable import Agent
@testable import Spool

@Suite("Accounts in the envelope stream", .timeLimit(.minutes(5)))
struct AccountStatementTests {
    private static let hourMs: Int64 = 3_600_000
    private let site: UplinkSite
    private let store: AgentStore
    /// Now, well within an hour.
    private let now: Int64

    init() throws {
        self.site = try UplinkSite()
        self.store = try AgentStore(configuration: try self.site.configuration())
        try self.store.spool.registerSealer()
        self.now = Int64(Date().timeIntervalSince1970 * 1_000)
    }

    private func work(_ book: ScopeBook) throws -> SealerWork {
        try SealerWork(
            spool: self.store.spool,
            scopes: book,
            identity: self.site.gateway,
            parameters: .none,
            policyDigest: [UInt8](repeating: 3, count: 32),
            limits: EnvelopeLimits(ageMillisecondsMax: 1_000, readingsMax: 50, bytesMax: 1 << 20)
        )
    }

    /// Steps until nothing more is to be done, answering what is asked for.
    private func drain(_ work: inout SealerWork, _ book: ScopeBook, now: Int64) throws {
        repeat {
            while try work.step(now: now).hasMore {}
            try self.site.answer(book, now: now / 1_000)
        } while try work.step(now: now).hasMore
    }

    private func hour(_ time: Int64) -> Int64 { time / Self.hourMs }

    @Test("an hour that is over is stated once, with every device and what became of its messages")
    func statesAnHour() throws {
        let book = ScopeBook(spool: self.store.spool)
        var work = try self.work(book)
        let earlier = self.now - Self.hourMs
        try self.site.ingest(devices: ["A", "B"], values: 0..<3, receivedMs: earlier, self.store)
        try self.drain(&work, book, now: self.now + Self.hourMs)
        let record = try #require(try self.site.accounts(self.store.spool).first)
        #expect(record.number == 1)
        #expect(record.previous == [UInt8](repeating: 0, count: 32))
        #expect(record.fromHour == self.hour(earlier))
        #expect(record.lines.map(\.device) == ["A", "B"])
        #expect(record.lines.map(\.received) == [3, 3])
        #expect(record.lines.map(\.observations) == [3, 3])
        #expect(record.lines.allSatisfy { $0.balance == 0 && $0.hour == self.hour(earlier) })
        #expect(try self.site.opened(self.store.spool).flatMap(\.bundle.observations).count == 6)
        // Nothing new: nothing is stated, also by a sealer that starts afresh.
        var again = try self.work(book)
        try self.drain(&again, book, now: self.now + Self.hourMs)
        #expect(try self.site.accounts(self.store.spool).count == 1)
    }

    @Test("the present hour is not stated, and an hour that changes is stated again in a record that follows the first")
    func statesAgain() throws {
        let book = ScopeBook(spool: self.store.spool)
        var work = try self.work(book)
        try self.site.ingest(devices: ["A"], values: 0..<2, receivedMs: self.now, self.store)
        try self.drain(&work, book, now: self.now + 2_000)
        #expect(try self.site.accounts(self.store.spool).isEmpty)
        try self.drain(&work, book, now: self.now + 2 * Self.hourMs)
        // The backlog of the same hour comes late.
        try self.site.ingest(devices: ["A"], values: 2..<3, receivedMs: self.now, self.store)
        try self.drain(&work, book, now: self.now + 3 * Self.hourMs)
        let records = try self.site.accounts(self.store.spool).sorted { $0.number < $1.number }
        #expect(records.map(\.number) == [1, 2])
        #expect(records[1].previous == records[0].digest)
        #expect(records[1].fromHour == records[0].toHour)
        #expect(records.map { $0.lines.map(\.received) } == [[2], [3]])
        #expect(records[1].lines[0].hour < records[1].fromHour)
    }

    @Test("an uplink that begins in a used spool does not state hours that it did not seal")
    func beginsLate() throws {
        let site = try UplinkSite()
        let store = try AgentStore(configuration: try site.configuration())
        let moment = Int64(Date().timeIntervalSince1970 * 1_000)
        try site.ingest(devices: ["A"], values: 0..<2, receivedMs: moment, store)
        try store.spool.registerSealer()
        let unsealed = try store.spool.unsealedAccounts(before: moment / Self.hourMs + 1, linesMax: 10)
        #expect(unsealed == nil)
        try site.ingest(devices: ["A"], values: 3..<4, receivedMs: moment + Self.hourMs, store)
        let later = try #require(try store.spool.unsealedAccounts(before: moment / Self.hourMs + 2, linesMax: 10))
        #expect(later.lines.map(\.account.hour) == [moment / Self.hourMs + 1])
    }

    @Test("more lines than a record holds make several, and none is lost")
    func severalRecords() throws {
        try self.site.ingest(devices: (0..<7).map { "D\($0)" }, values: 0..<1, receivedMs: self.now, self.store)
        let before = self.hour(self.now) + 1
        var devices: [String] = []
        var number: UInt64 = 0
        while let next = try self.store.spool.unsealedAccounts(before: before, linesMax: 3) {
            number += 1
            #expect(next.number == number)
            #expect(next.lines.allSatisfy { $0.account.hour < next.toHour })
            devices += next.lines.map(\.account.device)
            var window = SealedWindow()
            window.accounts = SealedAccounts(stated: next, digest: [UInt8](repeating: UInt8(number), count: 32))
            try self.store.spool.commit(window)
            // The same record cannot be stated twice.
            #expect(throws: StoreRefusal.self) { try self.store.spool.commit(window) }
        }
        #expect(number == 3)
        #expect(devices.sorted() == (0..<7).map { "D\($0)" })
    }
}

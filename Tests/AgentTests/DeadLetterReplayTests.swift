import Foundation
import Records
import Spool
import Testing

@testable import Agent

@Suite("Replay of dead letters")
struct DeadLetterReplayTests {
    /// Version 1.0.0 of this profile takes the device's text for CBOR, which it is not.
    private static func brokenSite() throws -> TestSite {
        try TestSite(profiles: ["thermometer.yaml": thermometer(payload: "cbor", value: "$.t")])
    }

    private static func mend(_ site: TestSite) throws { try site.write(profile: thermometer(version: "1.0.1")) }

    private static func replay(_ site: TestSite, _ spool: Spool) throws -> DeadLetterReplay.Summary {
        try DeadLetterReplay(configuration: site.configuration).run(spool.deadLetters())
    }

    @Test("a mended profile resolves the letter once; a second replay changes nothing")
    func mended() throws {
        let site = try Self.brokenSite()
        let store = try site.openStore()
        try site.ingest([Arrival(payload: "36.6"), Arrival(payload: "37.1")], store)
        #expect(try store.spool.deadLetters().map(\.letter.profile) == ["thermometer", "thermometer"])
        #expect(try store.spool.allLines() == [])
        try Self.mend(site)
        let stale = try store.spool.deadLetters()
        let first = try Self.replay(site, store.spool)
        #expect(first == DeadLetterReplay.Summary(tried: 2, resolved: 2, observations: 2))
        let observations = try store.spool.allObservations()
        #expect(observations.map(\.valueQuantity?.value) == [36.6, 37.1])
        #expect(try Self.replay(site, store.spool) == DeadLetterReplay.Summary())
        // Somebody else replayed the letters that this listing still shows.
        _ = try? DeadLetterReplay(configuration: site.configuration).run(stale)
        #expect(try store.spool.allObservations().map(\.id) == observations.map(\.id))
        let statistics = try store.statistics()
        #expect(statistics.deadLettersOpen == 0)
        #expect(statistics.messages.received == 2)
        #expect(statistics.messages.received == statistics.messages.accounted)
    }

    @Test("a number without a time that arrived three times gives three Observations at their own times")
    func threeArrivals() throws {
        let site = try Self.brokenSite()
        let store = try site.openStore()
        let arrivals = (0..<3).map { Arrival(receivedAt: TestSite.start + $0 * 1_000_000_000) }
        try site.ingest(arrivals, store)
        #expect(try store.spool.deadLetters().map(\.count) == [3])
        try Self.mend(site)
        let summary = try Self.replay(site, store.spool)
        #expect(summary == DeadLetterReplay.Summary(tried: 1, resolved: 1, observations: 3))
        let lines = try store.spool.allLines()
        for (line, second) in zip(lines, 0...) { #expect(line.contains("T06:00:0\(second)")) }
        #expect(Set(try store.spool.allObservations().map(\.id)).count == 3)
    }

    @Test("letters that fail still stay, with the reason")
    func stillFailing() throws {
        let site = try Self.brokenSite()
        let store = try site.openStore()
        try site.ingest([Arrival(payload: "warm"), Arrival(payload: "36.6")], store)
        try Self.mend(site)
        let summary = try Self.replay(site, store.spool)
        #expect((summary.tried, summary.resolved, summary.observations) == (2, 1, 1))
        let open = try store.spool.deadLetters()
        #expect(open.map(\.letter.payload) == [Array("warm".utf8)])
        #expect(summary.failing.map(\.id) == open.map(\.id))
        #expect(summary.failing.allSatisfy { !$0.reason.isEmpty })
        #expect(try store.spool.receipts(of: #require(open.first).id).count == 1)
    }

    @Test("a message that was cut by the size limit is never read as if it were whole")
    func truncated() throws {
        let site = try TestSite()
        let store = try site.openStore()
        var cut = burst([Arrival(payload: "3")])
        cut.mark(messagesAt: [0], as: .truncated)
        _ = try store.inbox.append(cut)
        try site.normalize(store)
        #expect(try store.spool.deadLetters().map(\.letter.reasonCode) == ["oversized"])
        let summary = try Self.replay(site, store.spool)
        #expect((summary.tried, summary.resolved) == (1, 0))
        #expect(try store.spool.allLines() == [])
        #expect(try store.spool.deadLetters().count == 1)
    }

    @Test("a replay beside the running agent: both store what they read, once")
    func besideTheAgent() async throws {
        let site = try Self.brokenSite()
        let store = try site.openStore()
        let loop = NormalizerLoop(inbox: store.inbox, spool: store.spool, logger: TestSite.logger)
        let processor = try site.processor(store)
        try await withThread({ loop.run(processor) }, stop: loop.requestStop) {
            _ = try store.inbox.append(burst([Arrival(payload: "36.6")]))
            #expect(try await eventually { try store.statistics().deadLettersOpen == 1 })
            try Self.mend(site)
            let summary = try Self.replay(site, store.spool)
            #expect(summary == DeadLetterReplay.Summary(tried: 1, resolved: 1, observations: 1))
            loop.use(site.library)
            try await loop.hasTurned(store.inbox)
            _ = try store.inbox.append(burst([Arrival(payload: "37.1")]))
            #expect(try await eventually { try store.statistics().observationsStored == 2 })
        }
        #expect(try store.spool.allObservations().map(\.valueQuantity?.value) == [36.6, 37.1])
        #expect(loop.failure == nil)
    }
}

extension NormalizerLoop {
    /// Waits until the loop has begun a new turn, in which it sees what it was told before this call.
    func hasTurned(_ inbox: Inbox) async throws {
        let before = self.heartbeat
        #expect(
            await eventually {
                inbox.wakeUp()
                return self.heartbeat != before
            }
        )
    }
}

import Foundation
import Records
import Spool
import Testing

@testable import Agent

@Suite("Accounts of devices")
struct DeviceAuditTests {
    /// An hour whose messages lie within the window that is kept, ns since 1970.
    private static let hour = (systemMilliseconds() / 3_600_000 - 2) * 3_600_000_000_000

    private static func arrival(_ device: String, _ payload: String = "36.6", minute: Int64) -> Arrival {
        Arrival(
            topic: "ward/7/bed/3/thermometer/\(device)",
            payload: payload,
            receivedAt: Self.hour + minute * 60_000_000_000
        )
    }

    @Test("each device's hour balances, and what nobody has taken yet is spooled")
    func balance() throws {
        let site = try TestSite()
        let store = try site.openStore()
        var retained = Self.arrival("T2", minute: 3)
        retained.retained = true
        try site.ingest([Self.arrival("T1", minute: 1), retained], store)
        try site.ingest([Self.arrival("T1", minute: 61)], store)
        try site.ingest([retained, Self.arrival("T3", "warm", minute: 5)], store)
        let audit = DeviceAudit(store: store)
        let report = try audit.run()
        #expect(report.problems == [])
        #expect(report.waiting == 0)
        #expect(report.lines.allSatisfy { $0.balance == 0 })
        let sums = report.lines.reduce(into: [Int64](repeating: 0, count: 5)) { sums, line in
            for (index, value) in [line.received, line.spooled, line.delivered, line.merged, line.deadLettered]
                .enumerated()
            {
                sums[index] += value
            }
        }
        #expect(sums == [5, 3, 0, 1, 1])
        #expect(report.lines.filter { $0.device == "T1" }.map(\.received) == [1, 1])
        try store.spool.registerSink("file")
        try store.spool.advanceSink("file", to: 3, fileOffset: 0)
        let delivered = try audit.run(device: "T1")
        #expect(delivered.problems == [])
        #expect(delivered.lines.map(\.delivered) == [1, 1])
        #expect(delivered.lines.map(\.spooled) == [0, 0])
    }

    @Test("messages that a cursor passed over without counting them are told, with their hour")
    func gap() throws {
        let site = try TestSite()
        let store = try site.openStore()
        try site.ingest([Self.arrival("T1", minute: 1)], store)
        let lost = try store.inbox.append(burst([Self.arrival("T1", minute: 2), Self.arrival("T2", minute: 2)]))
        var output = NormalizedBatch()
        output.sourceBatch = lost
        _ = try store.spool.commit(output)
        let report = try DeviceAudit(store: store).run()
        #expect(report.problems.count == 1)
        #expect(report.problems.first?.contains("the inbox holds 3 messages, the devices' accounts have 1") == true)
        #expect(report.problems.first?.hasPrefix(DeviceAudit.text(hour: Self.hour / 3_600_000_000_000)) == true)
    }

    @Test("a dead letter that a replay resolves keeps its hour balanced")
    func replayedLetter() throws {
        let site = try TestSite(profiles: ["thermometer.yaml": thermometer(payload: "cbor", value: "$.t")])
        let store = try site.openStore()
        try site.ingest([Self.arrival("T1", minute: 1)], store)
        try site.write(profile: thermometer(version: "1.0.1"))
        _ = try DeadLetterReplay(configuration: site.configuration).run(store.spool.deadLetters())
        let report = try DeviceAudit(store: store).run()
        #expect(report.problems == [])
        #expect(report.lines.map(\.deadLettered).reduce(0, +) == 1)
    }

    @Test("the clock of a device and its history can be asked for")
    func clocks() throws {
        let profile = thermometer().replacing(
            "clock: receive-time",
            with: "clock: correct\ntime: {value: $.t, format: unix-s}"
        )
        .replacing("format: scalar", with: "format: json").replacing("value: $.value", with: "value: $.v")
        let site = try TestSite(profiles: ["thermometer.yaml": profile])
        let store = try site.openStore()
        // Two minutes fast: believed at once. Later it is right.
        var processor = try site.processor(store)
        for (index, fast) in ([120, 120, 0, 0, 0, 0, 0] as [Int64]).enumerated() {
            let received = Self.hour + Int64(index) * 5_000_000_000
            let time = received / 1_000_000_000 + fast
            let id = try store.inbox.append(
                burst([Arrival(payload: #"{"t":\#(time),"v":36.6}"#, receivedAt: received)])
            )
            let batch = try #require(try store.inbox.nextBatch(after: id - 1))
            var output = NormalizedBatch()
            output.sourceBatch = id
            processor.process(batch.burst, batch: id, into: &output)
            output.state = processor.takeChangedState(includingClocks: true)
            output.clockNotes = processor.takeClockNotes()
            _ = try store.spool.commit(output)
        }
        let book = try ClockBook(configuration: site.configuration)
        let line = try #require(try book.lines(of: "T1").first)
        #expect(line.treatment == "correct" && line.profile == "thermometer")
        #expect(line.jumps == 1 && line.offsetSeconds == 0)
        #expect(line.corrections >= 2)
        #expect(try book.history(of: "T1").map(\.kind) == ["established", "jump"])
        #expect(try book.history(of: "T1").map(\.offsetNs) == [-120_000_000_000, 0])
        #expect(try book.history(of: "T9").isEmpty)
    }
}

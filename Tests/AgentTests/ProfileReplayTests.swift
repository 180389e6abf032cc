import DeviceProfiles
import Foundation
import Normalization
import Records
import Spool
import Testing

@testable import Agent

@Suite("Replay of raw messages with a mended profile")
struct ProfileReplayTests {
    private static func replay(
        _ site: TestSite,
        _ change: (inout ProfileReplay.Request) -> Void = { _ in }
    ) throws -> ReplaySummary {
        var request = ProfileReplay.Request(profile: "cuff")
        change(&request)
        return try ProfileReplay(configuration: site.configuration, request: request).run()
    }

    private static func site(_ profile: String = cuff()) throws -> TestSite {
        try TestSite(profiles: ["cuff.yaml": profile])
    }

    private static func mend(_ site: TestSite, _ profile: String) throws {
        try site.write(profile: profile, name: "cuff.yaml")
    }

    @Test("a diastolic pressure that was coded as heart rate is corrected under its identifier, once")
    func wrongCode() throws {
        let site = try Self.site()
        let store = try site.openStore()
        try site.ingest([cuffReading(0, 80), cuffReading(1, 82)], store)
        let before = try store.spool.latest()
        try Self.mend(site, cuff(version: "1.0.1", code: "diastolic-blood-pressure", unit: "mm[Hg]"))
        let dry = try Self.replay(site) { $0.isDryRun = true }
        #expect(dry.corrected == 2)
        #expect(try store.spool.allLines().count == 2)
        let summary = try Self.replay(site)
        #expect((summary.messages, summary.corrected, summary.withdrawn, summary.new) == (2, 2, 0, 0))
        #expect(summary.table.map(\.difference.from) == ["8867-4"])
        #expect(summary.table.map(\.difference.to) == ["8462-4"])
        let after = try store.spool.latest()
        #expect(after.keys.sorted() == before.keys.sorted())
        for line in after.values {
            #expect(line.contains(#""status":"corrected""#))
            #expect(line.contains(#""valueString":"cuff@1.0.1""#))
            #expect(line.contains(#"{"url":"replaces","valueString":"cuff@1.0.0"}"#))
            #expect(line.contains(#""code":"8462-4""#))
        }
        #expect(try Self.replay(site).unchanged == 2)
        #expect(try store.spool.allLines().count == 4)
        let statistics = try store.statistics()
        #expect(statistics.observationsCorrected == 2)
        #expect(statistics.messages.received == 2 && statistics.messages.received == statistics.messages.accounted)
    }

    @Test("a reading that the device repeats later, read right, does not come a second time")
    func repeatedAfterwards() throws {
        let site = try Self.site()
        let store = try site.openStore()
        try site.ingest([cuffReading(0, 80)], store)
        try Self.mend(site, cuff(version: "1.0.1", value: "$.pulse * 0.1"))
        _ = try Self.replay(site)
        var again = cuffReading(0, 80)
        again.receivedAt += 60_000_000_000
        try site.ingest([again], store)
        #expect(try store.spool.latest().count == 1)
        #expect(try Self.replay(site).isClean)
    }

    @Test("what the mended profile no longer gives is entered in error; a profile that gives it again corrects it")
    func withdrawnAndRestored() throws {
        let site = try Self.site(cuff(second: "{code: body-temperature, value: $.temperature, unit: Cel}"))
        let store = try site.openStore()
        try site.ingest([cuffReading(0, 80, more: #","temperature":12.5"#)], store)
        let before = try store.spool.latest()
        try Self.mend(site, cuff(version: "1.0.1"))
        #expect(try Self.replay(site).withdrawn == 1)
        #expect(try Self.replay(site).isClean)
        let withdrawn = try store.spool.latest()
        #expect(withdrawn.keys.sorted() == before.keys.sorted())
        #expect(withdrawn.values.filter { $0.contains(#""status":"entered-in-error""#) }.count == 1)
        let restored = cuff(version: "1.0.2", second: "{code: body-temperature, value: $.temperature, unit: Cel}")
        try Self.mend(site, restored)
        #expect(try Self.replay(site).corrected == 1)
        #expect(try store.spool.latest().values.filter { $0.contains("entered-in-error") }.isEmpty)
        #expect(try Self.replay(site).isClean)
    }

    @Test("readings that the broken profile passed over are new, marked as stored data, and come once")
    func newReadings() throws {
        let site = try Self.site()
        let store = try site.openStore()
        try site.ingest([cuffReading(0, 80, more: #","temperature":37.5"#)], store)
        try Self.mend(
            site,
            cuff(version: "1.0.1", second: "{code: body-temperature, value: $.temperature, unit: Cel}")
        )
        let summary = try Self.replay(site)
        #expect((summary.new, summary.unchanged) == (1, 1))
        let line = try #require(try store.spool.allLines().last)
        #expect(line.contains(#""code":"historical""#) && line.contains(#""url":"replayed""#))
        #expect(line.contains(#""status":"final""#))
        #expect(try Self.replay(site).isClean)
    }

    @Test("a message that the new profile cannot read keeps its Observations, and the replay says so")
    func unreadable() throws {
        let site = try Self.site()
        let store = try site.openStore()
        try site.ingest([cuffReading(0, 80)], store)
        try Self.mend(site, cuff(version: "1.0.1", format: "cbor"))
        let summary = try Self.replay(site)
        #expect((summary.failing, summary.kept, summary.isClean) == (1, 1, true))
        #expect(!summary.reasons.isEmpty)
    }

    @Test("a draft can be tried before it is installed, and nothing is stored")
    func draft() throws {
        let site = try Self.site()
        let store = try site.openStore()
        try site.ingest([cuffReading(0, 80)], store)
        let draft = try ProfileParser.parse(cuff(version: "2.0.0", value: "$.pulse * 0.1"), file: "draft.yaml")
        let summary = try Self.replay(site) {
            $0.draft = draft
            $0.isDryRun = true
        }
        #expect(summary.corrected == 1)
        #expect(try store.spool.allLines().count == 1)
    }

    @Test("with a corrected device id the old stream gets a withdrawal before the new one a correction")
    func movedDevice() throws {
        let site = try Self.site()
        let store = try site.openStore()
        _ = try store.spool.registerSealer()
        let processor = MessageProcessor(
            library: site.library,
            state: DecoderState(),
            normalizer: try store.normalizer(naming: .withheld),
            streams: try store.streamNaming()
        )
        try store.ingest([cuffReading(0, 80)], processor)
        try Self.mend(site, cuff(version: "1.0.1", device: "{ward}-{serial}"))
        let summary = try Self.replay(site)
        #expect((summary.withdrawn, summary.corrected) == (1, 1))
        let lines = try store.spool.allLines()
        #expect(lines.count == 3)
        #expect(lines[1].contains("entered-in-error") && lines[2].contains(#""status":"corrected""#))
        #expect(Set(try store.spool.allObservations().map(\.id)).count == 1)
        let chunk = try #require(try store.spool.sealableChunks(after: 1, bytesMax: 1 << 20).first)
        #expect(chunk.material.streams.count == 2)
        #expect(chunk.material.messages.count == 1)
        #expect(try Self.replay(site).isClean)
    }

    @Test("a wrong clock's corrections stay as they were, whatever the replay sees of the clock")
    func keptTimes() throws {
        let site = try Self.site(cuff(clock: "correct"))
        let store = try site.openStore()
        // An hour slow: believed after some samples that agree.
        let slow = (0..<12).map { cuffReading($0 * 5, 80 + $0, late: 3_600) }
        try site.ingest(slow, store)
        let lines = try store.spool.allLines()
        #expect(lines.contains { $0.contains("clock-corrected") })
        // Of the second half alone, the first samples would not be believed.
        try Self.mend(site, cuff(version: "1.0.1", clock: "correct", code: "respiratory-rate"))
        let summary = try Self.replay(site) { $0.since = slow[6].receivedAt / 1_000_000 }
        #expect(summary.corrected == 6)
        for line in try store.spool.allLines().dropFirst(12) {
            let id = try SeenObservation(line: line).id
            let old = try #require(lines.first { $0.contains(id) })
            #expect(effective(of: line) == effective(of: old))
            #expect(line.contains("clock-corrected") == old.contains("clock-corrected"))
        }
        try Self.mend(site, cuff(version: "1.0.2", clock: "correct"))
        #expect(try Self.replay(site).corrected == summary.corrected)
        #expect(try Self.replay(site).isClean)
    }

    @Test(
        "whatever was killed in between, and however often, the same Observations stand at the end",
        arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64]
    )
    func interrupted(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let site = try Self.site()
        let store = try site.openStore()
        let arrivals = (0..<40).map { (index: Int) -> Arrival in
            // Some readings are repeated, as gateways do.
            let second = index % 7 == 3 ? index - 1 : index
            return cuffReading(second, 60 + second % 5, received: index)
        }
        for arrival in arrivals { try site.ingest([arrival], store) }
        let mended = cuff(version: "1.0.1", code: "diastolic-blood-pressure", unit: "mm[Hg]")
        let ids = Set(try store.spool.latest().keys)
        try Self.mend(site, mended)
        // A kill ends a replay after some commits. The same happens when it begins anew at a random place each time, with
        // new messages between two of them.
        for round in 0..<3 {
            // Not between a reading and its repetition: see ADR 0033.
            let start = 7 * Int.random(in: 0..<5, using: &random) + Int.random(in: 4...6, using: &random)
            let since = arrivals[start].receivedAt / 1_000_000
            _ = try Self.replay(site) { $0.since = since }
            try site.ingest([cuffReading(100 + round, 70, received: 100 + round)], store)
        }
        _ = try Self.replay(site)
        let after = try store.spool.latest()
        #expect(ids.isSubset(of: Set(after.keys)))
        #expect(after.count == ids.count + 3)
        #expect(after.values.allSatisfy { $0.contains(#""code":"8462-4""#) })
        #expect(try store.spool.allLines().filter { $0.contains(#""status":"corrected""#) }.count == ids.count)
        #expect(try Self.replay(site).isClean)
    }

    @Test("two replays at once are refused, and so is a profile that nobody installed")
    func refusals() throws {
        let site = try Self.site()
        _ = try site.openStore()
        let lock = try StateLock(directory: site.configuration.stateDirectory, name: StateLock.replay)
        #expect(throws: StateLockFailure.self) { try Self.replay(site) }
        withExtendedLifetime(lock) {}
        #expect(throws: ProfileReplay.Refusal.self) { try Self.replay(site) { $0.profile = "unknown" } }
    }

    @Test("an agent that still reads with the old profile is named, and nothing is issued")
    func staleAgent() throws {
        let site = try Self.site()
        let store = try site.openStore()
        try site.ingest([cuffReading(0, 80)], store)
        let lock = try StateLock(directory: site.configuration.stateDirectory)
        let inForce = ProfilesInForce(site.library, problems: [], running: nil, loadedAt: "2026-11-21T06:00:00Z")
        try inForce.save(stateDirectory: site.configuration.stateDirectory)
        #expect(StateLock.isAgentRunning(on: site.configuration.stateDirectory))
        try Self.mend(site, cuff(version: "1.0.1", value: "$.pulse * 0.1"))
        #expect(throws: ProfileReplay.Refusal.self) { try Self.replay(site) }
        #expect(try store.spool.allLines().count == 1)
        withExtendedLifetime(lock) {}
    }
}

/// A profile of a device with a clock of its own.
func cuff(
    version: String = "1.0.0",
    clock: String = "trust",
    code: String = "heart-rate",
    unit: String = "/min",
    value: String = "$.pulse",
    second: String = "",
    device: String = "{serial}",
    format: String = "json"
) -> String {
    """
    wardline: device-profile/1
    id: cuff
    version: \(version)
    name: Cuff
    topics: ["ward/{ward}/cuff/{serial}"]
    payload: {format: \(format)}
    device: "\(device)"
    clock: \(clock)
    time: {value: $.time, format: unix-ms}
    readings:
      - {code: \(code), value: \(value), unit: "\(unit)"}
    \(second.isEmpty ? "" : "  - \(second)")

    """
}

/// A message of the cuff.
///
/// - Parameters:
///   - second: of its measurement, since a moment shortly before the test.
///   - pulse: what it says.
///   - received: when it came, in seconds since that moment; its own second by default.
///   - late: seconds by which its clock is slow.
///   - more: further members of the payload.
/// - Returns: the message.
func cuffReading(_ second: Int, _ pulse: Int, received: Int? = nil, late: Int = 0, more: String = "") -> Arrival {
    let origin = cuffOrigin
    let time = (origin + Int64(second - late)) * 1_000
    return Arrival(
        topic: "ward/7/cuff/C1",
        payload: #"{"time":\#(time),"pulse":\#(pulse)\#(more)}"#,
        receivedAt: (origin + Int64(received ?? second)) * 1_000_000_000
    )
}

/// An hour ago, in seconds since 1970: within the window of a replay.
let cuffOrigin = systemMilliseconds() / 1_000 - 7_200

private func effective(of line: String) -> Substring? {
    line.components(separatedBy: #""effectiveDateTime":""#).last?.prefix { $0 != "\"" }
}

extension AgentStore {
    fileprivate func ingest(_ arrivals: [Arrival], _ processor: MessageProcessor) throws {
        var processor = processor
        let id = try self.inbox.append(burst(arrivals))
        let batch = try #require(try self.inbox.nextBatch(after: id - 1))
        var output = NormalizedBatch()
        output.sourceBatch = batch.id
        processor.process(batch.burst, batch: batch.id, into: &output)
        _ = try self.spool.commit(output)
    }
}

extension Spool {
    /// The last line of each identifier.
    func latest() throws -> [String: String] {
        var latest: [String: String] = [:]
        for line in try self.allLines() { latest[try SeenObservation(line: line).id] = line }
        return latest
    }
}

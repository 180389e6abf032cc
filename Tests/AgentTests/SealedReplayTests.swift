import Bundles
import DeviceProfiles
import Foundation
import Normalization
import Records
import Spool
import Testing

@testable import Agent

/// A gateway whose Observations and raw messages are sealed, without the sealing: bundles as envelopes hold them.
private final class SealingSite {
    let site: TestSite
    let store: AgentStore
    private var sealed: [(bundle: Bundles.Bundle, data: [UInt8], place: SealedPlace)] = []
    private var position: Int64 = 0
    private var sequence: UInt64 = 0
    private var created: UInt64 = 1_795_000_000

    init(_ profile: String = cuff()) throws {
        self.site = try TestSite(profiles: ["cuff.yaml": profile])
        self.store = try self.site.openStore()
        _ = try self.store.spool.registerSealer()
    }

    func ingest(_ arrivals: [Arrival]) throws {
        var processor = MessageProcessor(
            library: self.site.library,
            state: try self.store.decoderState(),
            normalizer: try self.store.normalizer(naming: .withheld),
            streams: try self.store.streamNaming()
        )
        _ = try self.store.inbox.append(burst(arrivals))
        while let batch = try self.store.inbox.nextBatch(after: self.store.spool.cursor) {
            var output = NormalizedBatch()
            processor.process(batch.burst, batch: batch.id, into: &output)
            _ = try self.store.spool.commit(output)
        }
    }

    /// Bundles what came since the last call, as if it were sealed in one second.
    func seal(limits: EnvelopeLimits = EnvelopeLimits()) throws {
        self.created += 1
        let writer = try BundleWriter()
        while let chunk = try self.store.spool.sealableChunks(after: self.position, bytesMax: 1).first {
            self.position = chunk.lastSequence
            var window = BundleWindow(limits: limits)
            _ = window.take(chunk)
            for portion in window.portions() {
                var last = -1
                for line in portion.lines {
                    let index = chunk.material.items[line.index].message
                    let message = chunk.material.messages[index]
                    let profile = chunk.material.profiles[message.profile]
                    if index != last {
                        writer.beginMessage(
                            topic: chunk.material.bytes[message.topic],
                            payload: chunk.material.bytes[message.payload],
                            receivedNs: message.receivedNs,
                            flags: message.retained ? .retained : [],
                            profile: Bundle.Profile(id: profile.id, version: profile.version)
                        )
                    }
                    last = index
                    writer.add(observation: chunk.line(line.index))
                }
                let data = try writer.finish()
                self.sequence += 1
                let place = SealedPlace(
                    gateway: "ward:gateway:g1",
                    scope: Array(portion.stream.label.utf8),
                    created: self.created,
                    sequence: self.sequence
                )
                self.sealed.append((try Bundle(data: data), data, place))
            }
        }
    }

    func associate(_ patient: String, bed: String) throws {
        _ = try self.store.spool.associate(.bed(bed), with: patient, from: 0)
    }

    /// Replays what is sealed with a mended profile.
    func replay(
        _ mended: String,
        issued: [String] = [],
        reversed: Bool = false,
        _ change: (inout SealedReplay.Request) -> Void = { _ in }
    ) throws -> (lines: [String], summary: ReplaySummary) {
        let profile = try ProfileParser.parse(mended, file: "mended.yaml")
        var request = SealedReplay.Request(library: ProfileLibrary(profiles: [profile]), profile: profile.id)
        change(&request)
        var replay = try SealedReplay(request)
        for line in issued {
            let isTaken = replay.take(issued: Array(line.utf8)[...])
            #expect(isTaken)
        }
        for (bundle, data, place) in reversed ? self.sealed.reversed() : self.sealed {
            try replay.take(bundle, data: data, at: place)
        }
        var lines: [String] = []
        let summary = try replay.run { lines.append(String(decoding: $0, as: UTF8.self)) }
        return (lines, summary)
    }

    /// Replays on the gateway, and gives what that issued.
    func replayAtGateway(_ mended: String) throws -> [String] {
        let before = try self.store.spool.allLines().count
        try self.site.write(profile: mended, name: "cuff.yaml")
        let request = ProfileReplay.Request(profile: "cuff")
        _ = try ProfileReplay(configuration: self.site.configuration, request: request).run()
        return Array(try self.store.spool.allLines().dropFirst(before))
    }
}

@Suite("Replay of sealed raw messages at the institution")
struct SealedReplayTests {
    private static let diastolic = cuff(version: "1.0.1", code: "diastolic-blood-pressure", unit: "mm[Hg]")
    private static let temperature = "{code: body-temperature, value: $.temperature, unit: Cel}"

    @Test(
        "what comes out is what the gateway would have issued, in whatever order envelopes come",
        arguments: [false, true]
    )
    func equivalence(reversed: Bool) throws {
        let site = try SealingSite()
        let arrivals = (0..<30).map { cuffReading($0, 60 + $0 % 5, more: #","temperature":36.\#($0)"#) }
        // Repetitions, which the gateway stored once.
        try site.ingest(arrivals + arrivals.prefix(5))
        try site.seal(limits: EnvelopeLimits(readingsMax: 7))
        let mended = cuff(version: "1.0.1", value: "$.pulse * 0.1", second: Self.temperature)
        let (lines, summary) = try site.replay(mended, reversed: reversed)
        let atGateway = try site.replayAtGateway(mended)
        #expect(lines.sorted() == atGateway.sorted())
        #expect((summary.corrected, summary.new, summary.withdrawn) == (30, 30, 0))
    }

    @Test(
        "corrections keep their identifiers, name both profiles, and a second replay that is told of them finds nothing"
    )
    func again() throws {
        let site = try SealingSite()
        try site.ingest([cuffReading(0, 80), cuffReading(1, 82, more: #","temperature":37.5"#)])
        try site.seal()
        let before = try site.store.spool.latest()
        let mended = cuff(version: "1.0.1", value: "$.pulse * 0.1", second: Self.temperature)
        let (lines, summary) = try site.replay(mended)
        #expect((summary.corrected, summary.new) == (2, 1))
        let corrected = lines.filter { $0.contains(#""status":"corrected""#) }
        let ids = try corrected.map { try SeenObservation(line: $0).id }
        #expect(ids.sorted() == before.keys.sorted())
        for line in corrected {
            #expect(line.contains(#"{"url":"replaces","valueString":"cuff@1.0.0"}"#))
            #expect(line.contains(#"{"url":"profile","valueString":"cuff@1.0.1"}"#))
        }
        let second = try site.replay(mended, issued: lines)
        #expect(second.summary.isClean && second.lines.isEmpty)
        #expect(second.summary.unchanged == 3)
        // Mended once more: what was issued is what is corrected now.
        let third = try site.replay(cuff(version: "1.0.2"), issued: lines)
        #expect((third.summary.corrected, third.summary.withdrawn) == (2, 1))
        #expect(third.lines.allSatisfy { $0.contains(#"{"url":"replaces","valueString":"cuff@1.0.1"}"#) })
    }

    @Test(
        "corrections that a gateway has sealed meanwhile are the versions that count, in whatever order",
        arguments: [false, true]
    )
    func correctedAtGateway(reversed: Bool) throws {
        let site = try SealingSite()
        try site.ingest([cuffReading(0, 80), cuffReading(1, 82)])
        try site.seal()
        #expect(try site.replayAtGateway(Self.diastolic).count == 2)
        try site.seal()
        #expect(try site.replay(Self.diastolic, reversed: reversed).summary.unchanged == 2)
        let back = try site.replay(cuff(version: "1.0.2"), reversed: reversed)
        #expect(back.summary.corrected == 2)
        #expect(back.lines.allSatisfy { $0.contains(#"{"url":"replaces","valueString":"cuff@1.0.1"}"#) })
    }

    @Test(
        "a reading that moved to another stream is its new one's, though both were sealed in one second",
        arguments: [false, true]
    )
    func movedDevice(reversed: Bool) throws {
        let site = try SealingSite()
        try site.ingest([cuffReading(0, 80)])
        try site.seal()
        let moved = cuff(version: "1.0.1", device: "{ward}-{serial}")
        #expect(try site.replayAtGateway(moved).count == 2)
        try site.seal()
        #expect(try site.replay(moved, reversed: reversed).summary.unchanged == 1)
    }

    @Test("patients stay who they were; a new reading is the patient's of its message and moment")
    func patients() throws {
        let patient = String(repeating: "ab", count: 16)
        let site = try SealingSite(
            cuff(device: "{serial}").replacingOccurrences(of: "clock:", with: "bed: \"{ward}/1\"\nclock:")
        )
        try site.associate(patient, bed: "7/1")
        try site.ingest([cuffReading(0, 80, more: #","temperature":37.5"#)])
        try site.seal()
        let mended = cuff(version: "1.0.1", value: "$.pulse * 0.1", second: Self.temperature)
        let (lines, _) = try site.replay(mended)
        #expect(lines.count == 2)
        let patients = try lines.map { try SeenObservation(line: $0).patient }
        #expect(patients == [patient, patient])
        // Of another moment nobody knows whose it is.
        let other =
            "{code: body-temperature, value: $.temperature, unit: Cel, time: {value: $.earlier, format: unix-ms}}"
        let earlier = (cuffOrigin - 600) * 1_000
        try site.ingest([cuffReading(5, 81, more: #","temperature":37.5,"earlier":\#(earlier)"#)])
        try site.seal()
        let second = try site.replay(cuff(version: "1.0.1", second: other)) { $0.from = (cuffOrigin + 3) * 1_000 }
        #expect(second.summary.new == 1)
        let nobody = try second.lines.map { try SeenObservation(line: $0).patient }
        #expect(nobody == [nil])
    }

    @Test("what the mended profile no longer gives is withdrawn, and what it cannot read stays")
    func withdrawn() throws {
        let site = try SealingSite(cuff(second: Self.temperature))
        try site.ingest([cuffReading(0, 80, more: #","temperature":12.5"#)])
        try site.seal()
        let (lines, summary) = try site.replay(cuff(version: "1.0.1"))
        #expect((summary.withdrawn, summary.unchanged) == (1, 1))
        #expect(lines.count == 1 && lines[0].contains(#""status":"entered-in-error""#))
        let unreadable = try site.replay(cuff(version: "1.0.2", format: "cbor"))
        #expect((unreadable.summary.failing, unreadable.summary.kept, unreadable.summary.isClean) == (1, 2, true))
        #expect(!unreadable.summary.reasons.isEmpty)
    }

    @Test("only messages of the time asked for are read, and of other profiles none")
    func selection() throws {
        let site = try SealingSite()
        try site.ingest((0..<10).map { cuffReading($0, 80) })
        try site.seal()
        let (lines, summary) = try site.replay(Self.diastolic) {
            $0.from = (cuffOrigin + 2) * 1_000
            $0.to = (cuffOrigin + 5) * 1_000
        }
        #expect((summary.messages, lines.count) == (3, 3))
        let other = Self.diastolic.replacingOccurrences(of: "id: cuff", with: "id: other")
        #expect(try site.replay(other).summary.messages == 0)
    }

    @Test("more than memory is to hold is refused with what to do")
    func bounded() throws {
        let site = try SealingSite()
        try site.ingest((0..<10).map { cuffReading($0, 80) })
        try site.seal(limits: EnvelopeLimits(readingsMax: 1))
        #expect(throws: SealedReplay.Refusal.self) { try site.replay(Self.diastolic) { $0.bytesMax = 4_096 } }
    }
}

import Testing

@testable import Agent
@testable import Spool

/// A server that answers as a seed wants, and remembers what it has stored.
private struct MoodyServer {
    var random: SeededGenerator
    /// Identifiers that it will never take.
    let poison: Set<String>
    /// How often each Observation was created.
    private(set) var created: [String: Int] = [:]

    init(seed: UInt64, poison: Set<String>) {
        self.random = SeededGenerator(seed: seed)
        self.poison = poison
    }

    mutating func answer(_ entries: [FHIRSubmission.Entry], _ mode: FHIRSubmission.Mode) -> FHIRAnswer {
        switch Int.random(in: 0..<8, using: &self.random) {
        case 0: return .status([401, 404, 429, 500, 503].randomElement(using: &self.random) ?? 500)
        case 1: return .none("nobody answers")
        case 2 where entries.count > 3: return .status(413)
        default: break
        }
        if mode == .transaction, entries.contains(where: { self.poison.contains($0.id) }) { return .status(422) }
        let verdicts = entries.map { entry -> FHIRVerdict in
            if self.poison.contains(entry.id) { return .refused("HTTP 422") }
            if mode == .batch, Int.random(in: 0..<6, using: &self.random) == 0 { return .again("HTTP 409") }
            guard self.created[entry.id] == nil else { return .present }
            self.created[entry.id] = 1
            return .created
        }
        // It has done everything, and nobody hears of it.
        return Int.random(in: 0..<5, using: &self.random) == 0 ? .none("the connection is cut") : .entries(verdicts)
    }
}

@Suite("Bringing Observations to a FHIR server")
struct FHIRDeliveryTests {
    /// An Observation as the agent writes it.
    private static func line(_ number: Int, status: String = "final") -> [UInt8] {
        let id = String(repeating: "0", count: 32 - "\(number)".count) + "\(number)"
        let hash = String(repeating: "a", count: 64)
        let text =
            #"{"resourceType":"Observation","id":"\#(id)","extension":[{"url":"urn:wardline:fhir:provenance","extension":["#
            + #"{"url":"rawMessage","valueString":"\#(hash)"},{"url":"profile","valueString":"p@1.0.0"},"#
            + #"{"url":"ordinal","valueInteger":0}]}],"identifier":[{"system":"urn:wardline:observation","value":"\#(id)"}],"#
            + #""status":"\#(status)","code":{"text":"Heart rate"},"issued":"2026-11-21T08:00:00Z","valueInteger":1,"#
            + #""device":{"identifier":{"system":"urn:wardline:device","value":"M-1"}}}"#
        return Array(text.utf8)
    }

    private static func entry(_ number: Int, status: String = "final") throws -> FHIRSubmission.Entry {
        try #require(FHIRSubmission.Entry(line: self.line(number, status: status)[...]))
    }

    @Test(
        "whatever a server does, all it can take is there once, and the rest is known by name",
        arguments: 1...40 as ClosedRange<UInt64>
    )
    func moods(seed: UInt64) throws {
        for mode in FHIRSubmission.Mode.allCases {
            let entries = try (0..<20).map { try Self.entry($0) }
            let poison = Set(entries.enumerated().filter { $0.offset % 7 == Int(seed % 7) }.map(\.element.id))
            var server = MoodyServer(seed: seed, poison: poison)
            var delivery = FHIRDelivery(entries)
            var requests = 0
            while let next = delivery.next, requests < 10_000 {
                requests += 1
                _ = delivery.take(server.answer(next, mode))
            }
            #expect(delivery.next == nil)
            #expect(Set(delivery.refused.map(\.entry.id)) == poison)
            #expect(delivery.refused.count == poison.count)
            #expect(Set(server.created.keys) == Set(entries.map(\.id)).subtracting(poison))
            let counts = delivery.counts
            #expect(counts.created + counts.present + counts.refused == 20)
        }
    }

    @Test("a first version is a conditional create, a later one a conditional update, none with an id of ours")
    func bundle() throws {
        let text = String(
            decoding: FHIRSubmission.bundle(
                [
                    try Self.entry(7), try Self.entry(8, status: "corrected"),
                    try Self.entry(9, status: "entered-in-error"),
                ],
                mode: .batch
            ),
            as: UTF8.self
        )
        let search = "identifier=urn:wardline:observation|0000000000000000000000000000000"
        #expect(
            text.hasPrefix(
                #"{"resourceType":"Bundle","type":"batch","entry":[{"fullUrl":"urn:uuid:00000000-0000-0000-"#
            )
        )
        #expect(text.contains(#""request":{"method":"POST","url":"Observation","ifNoneExist":"\#(search)7"}"#))
        #expect(text.contains(#""request":{"method":"PUT","url":"Observation?\#(search)8"}"#))
        #expect(text.contains(#""request":{"method":"PUT","url":"Observation?\#(search)9"}"#))
        #expect(!text.contains(#""id":"#))
    }

    @Test("a portion ends before an identifier that it has, and at its bounds; waveforms can be passed over")
    func portions() throws {
        let series = String(decoding: Self.line(3), as: UTF8.self)
            .replacing(#""valueInteger":1"#, with: #""valueSampledData":{"data":"1 2"}"#)
        let lines =
            [1, 2].map { Self.line($0) } + [Array(series.utf8), Self.line(4), Self.line(2, status: "corrected")]
        func chunk(_ lines: some Collection<[UInt8]>, from first: Int64) -> ObservationChunk {
            ObservationChunk(firstSequence: first, count: lines.count, lines: lines.flatMap { $0 + [10] })
        }
        let whole = FHIRPortion(chunk(lines, from: 7), entriesMax: 100)
        #expect(whole.entries.count == 4 && whole.lastSequence == 10 && whole.unreadable == 0)
        let rest = FHIRPortion(chunk(lines.dropFirst(4), from: 11), entriesMax: 100)
        #expect(rest.entries.map(\.isUpdate) == [true] && rest.lastSequence == 11)
        let short = FHIRPortion(chunk(lines, from: 7), entriesMax: 2)
        #expect(short.entries.count == 2 && short.lastSequence == 8)
        let numbers = FHIRPortion(chunk(lines, from: 7), entriesMax: 100, takesSeries: false)
        #expect(numbers.entries.count == 3 && numbers.lastSequence == 10)
        let strange = FHIRPortion(chunk([Array("{}".utf8)], from: 1), entriesMax: 100)
        #expect(strange.entries.isEmpty && strange.unreadable == 1 && strange.lastSequence == 1)
    }

    @Test(
        "what is no Observation of the agent is not sent",
        arguments: ["", "{}", #"{"resourceType":"Patient","id":"00000000000000000000000000000007"}"#]
    )
    func otherLines(line: String) {
        #expect(FHIRSubmission.Entry(line: Array(line.utf8)[...]) == nil)
    }

    @Test("an identifier that could be more than a value is not sent")
    func strangeIdentifier() {
        let line = String(decoding: Self.line(7), as: UTF8.self)
            .replacing("00000000000000000000000000000007", with: "0000000000000000000000000000|&_=7")
        #expect(FHIRSubmission.Entry(line: Array(line.utf8)[...]) == nil)
    }
}

import Foundation
import Records
import Spool
import Testing
import Units

@testable import Agent
@testable import Normalization

@Suite("Labels of streams")
struct StreamNamingTests {
    private static let pseudonym = "00112233445566778899aabbccddeeff"

    @Test("a label is the same at every gateway and start, and never shows the pseudonym or a part of it")
    func patients() throws {
        for pseudonym in [Self.pseudonym, String(repeating: "a", count: 32), String(repeating: "0", count: 32)] {
            var here = StreamNaming(secret: (1, 2))
            var elsewhere = StreamNaming(secret: (3, 4))
            let observation = try Self.observation(.pseudonym(pseudonym), device: "monitor-1")
            let stream = here.stream(of: observation)
            #expect(stream == here.stream(of: observation))
            #expect(stream == elsewhere.stream(of: try Self.observation(.pseudonym(pseudonym), device: "monitor-2")))
            #expect(!stream.label.contains(pseudonym))
            #expect(Self.longestCommonRun(stream.label, pseudonym) < 8, "\(stream.label) shows a part of \(pseudonym)")
            #expect(stream.label.utf8.count == 32 + ".vitals".utf8.count)
        }
    }

    @Test("patients, and the classes of one patient, have labels of their own")
    func distinct() throws {
        var naming = StreamNaming(secret: (1, 2))
        var labels: Set<String> = []
        for pseudonym in (0..<50).map({ String(format: "%032x", $0) }) {
            for isSeries in [false, true] {
                let observation = try Self.observation(.pseudonym(pseudonym), device: "m", isSeries: isSeries)
                let label = naming.stream(of: observation).label
                #expect(label.hasSuffix(isSeries ? ".waves" : ".vitals"))
                labels.insert(label)
            }
        }
        #expect(labels.count == 100)
    }

    @Test("what belongs to nobody is named after its device, under a tag that another gateway does not have")
    func devices() throws {
        var here = StreamNaming(secret: (1, 2))
        var elsewhere = StreamNaming(secret: (3, 4))
        let one = here.stream(of: try Self.observation(.unassociated, device: "monitor-1"))
        let other = here.stream(of: try Self.observation(.unassociated, device: "monitor-2"))
        #expect(one != other)
        #expect(one == here.stream(of: try Self.observation(.unassociated, device: "monitor-1")))
        #expect(one != elsewhere.stream(of: try Self.observation(.unassociated, device: "monitor-1")))
        #expect(!one.label.contains("monitor"))
    }

    @Test("a device that calls itself like a patient does not get the patient's label")
    func impostor() throws {
        var naming = StreamNaming(secret: (1, 2))
        let patient = naming.stream(of: try Self.observation(.pseudonym(Self.pseudonym), device: "m"))
        for name in [Self.pseudonym, "patient/\(Self.pseudonym)", "wardline patient stream \(Self.pseudonym)"] {
            #expect(naming.stream(of: try Self.observation(.unassociated, device: name)) != patient)
        }
    }

    private static func observation(
        _ subject: ObservationSubject,
        device: String,
        isSeries: Bool = false
    ) throws -> Observation {
        let unit = MeasuredUnit(code: "mV", display: "mV")
        let concept = Concept(key: "c", codings: [], text: "", category: .measurement, unit: unit)
        let one = try #require(ExactDecimal("1"))
        let series = SampledSeries(origin: one, unit: unit, periodMilliseconds: one, factor: one, samples: [one])
        let time = DateTime(nanosecondsSinceEpoch: 1_795_240_800_000_000_000, offsetMinutes: 0, fractionDigits: 3)
        return Observation(
            reading: Reading(concept: concept, value: isSeries ? .sampled(series) : .quantity(one, unit)),
            effective: EffectiveTime(time: time, basis: .received),
            subject: subject,
            source: MessageSource(
                deviceID: device,
                deviceDisplay: device,
                rawHash: Digest.sha256(of: []),
                profileID: "p",
                profileVersion: "1",
                receivedAt: time.nanosecondsSinceEpoch,
                messageNumber: 1,
                retained: false
            ),
            ordinal: 0,
            isDeviceTimed: false
        )
    }

    private static func longestCommonRun(_ first: String, _ second: String) -> Int {
        let (first, second) = (Array(first.utf8), Array(second.utf8))
        var longest = 0
        for i in first.indices {
            for j in second.indices {
                var length = 0
                while i + length < first.count, j + length < second.count, first[i + length] == second[j + length] {
                    length += 1
                }
                longest = max(longest, length)
            }
        }
        return longest
    }
}

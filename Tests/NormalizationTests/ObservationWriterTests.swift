import Foundation
import Records
import Testing
import Units

@testable import Normalization

@Suite struct ObservationWriterTests {
    @Test("writes what was written by hand", arguments: GoldenObservation.all)
    func golden(sample: GoldenObservation) throws {
        let observation = try #require(sample.observation)
        #expect(Samples.line(observation) == sample.json)
    }

    @Test("one writer gives the same lines in any order as a fresh writer for each")
    func cachesAreInvisible() throws {
        var writer = ObservationWriter()
        let samples = GoldenObservation.all
        for sample in samples + samples.reversed() {
            var bytes: [UInt8] = []
            writer.write(try #require(sample.observation), to: &bytes)
            #expect(String(decoding: bytes, as: UTF8.self) == sample.json)
        }
    }

    @Test("a concept cache that has overflowed starts anew and still writes the right codes")
    func boundedConceptCache() throws {
        var writer = ObservationWriter()
        for number in 0..<(2 * ObservationWriter.cachedConceptsMax + 10) {
            let concept = Concept(
                key: "k",
                codings: [Coding(system: "urn:x", code: "\(number)")],
                text: "k",
                category: .measurement
            )
            let reading = Reading(concept: concept, value: .boolean(true), deviceTime: Samples.time())
            var bytes: [UInt8] = []
            writer.write(try #require(Samples.normalize([reading]).first?.observation), to: &bytes)
            #expect(String(decoding: bytes, as: UTF8.self).contains(#""code":"\#(number)""#))
        }
    }

    /// Parses a line with another implementation of JSON.
    private func parse(_ observation: Observation) throws -> [String: Any] {
        let data = Data(Samples.line(observation).utf8)
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    @Test("every text survives JSON unchanged, wherever it stands", arguments: 1...40)
    func escaping(seed: UInt64) throws {
        var generator = SplitMix(state: seed)
        func text() -> String {
            let scalars = (0..<Int.random(in: 1...30, using: &generator)).map { _ -> Unicode.Scalar in
                let limits: [UInt32] = [0x20, 0x80, 0x3000, 0xD7FF, 0x10FFFF]
                let limit = limits[Int.random(in: 0..<limits.count, using: &generator)]
                return Unicode.Scalar(UInt32.random(in: 0...limit, using: &generator)) ?? "\""
            }
            return String(String.UnicodeScalarView(scalars))
        }
        let (device, display, channel, sequence, value, code) = (text(), text(), text(), text(), text(), text())
        let concept = Concept(
            key: "k",
            codings: [Coding(system: text(), code: code, display: text())],
            text: text(),
            category: .alarm
        )
        let reading = Reading(
            concept: concept,
            value: .text(value),
            deviceTime: Samples.time(),
            channel: channel,
            sequence: sequence,
            flags: [QualityFlag(text())]
        )
        let source = MessageSource(
            deviceID: device,
            deviceDisplay: display,
            rawHash: Digest.sha256(of: []),
            profileID: text(),
            profileVersion: text(),
            receivedAt: Samples.start,
            messageNumber: 1,
            retained: false
        )
        let json = try self.parse(
            Observation(
                reading: reading,
                effective: EffectiveTime(time: Samples.time(), basis: .device),
                subject: .pseudonym(text()),
                source: source,
                ordinal: 12_345,
                isDeviceTimed: true
            )
        )
        #expect(self.utf8(json["valueString"]) == Array(value.utf8))
        let written = try #require(json["device"] as? [String: Any])
        #expect(self.utf8(written["display"]) == Array(display.utf8))
        #expect(self.utf8((written["identifier"] as? [String: Any])?["value"]) == Array(device.utf8))
        let extensions = try #require(json["extension"] as? [[String: Any]])
        #expect(self.utf8(extensions[2]["valueString"]) == Array(channel.utf8))
        #expect(self.utf8(extensions[3]["valueString"]) == Array(sequence.utf8))
        let coding = try #require(((json["code"] as? [String: Any])?["coding"] as? [[String: Any]])?.first)
        #expect(self.utf8(coding["code"]) == Array(code.utf8))
        #expect(!Samples.line(Self.observation(reading, source)).dropLast().utf8.contains { $0 < 0x20 })
    }

    private static func observation(_ reading: Reading, _ source: MessageSource) -> Observation {
        Observation(
            reading: reading,
            effective: EffectiveTime(time: Samples.time(), basis: .device),
            subject: .unassociated,
            source: source,
            ordinal: 0,
            isDeviceTimed: true
        )
    }

    private func utf8(_ value: Any?) -> [UInt8]? { (value as? String).map { Array($0.utf8) } }

    @Test(
        "a value that FHIR cannot hold becomes a reason",
        arguments: [
            ReadingValue.text(""), .panel,
            .sampled(
                SampledSeries(
                    origin: ExactDecimal(0),
                    unit: Samples.mmHg,
                    periodMilliseconds: ExactDecimal(4),
                    factor: ExactDecimal(1),
                    samples: []
                )
            ),
        ]
    )
    func emptyValues(value: ReadingValue) throws {
        let reading = Reading(concept: Samples.wave, value: value, deviceTime: Samples.time())
        let observation = try #require(Samples.normalize([reading]).first?.observation)
        let json = try self.parse(observation)
        #expect(json["dataAbsentReason"] != nil)
        #expect(!json.keys.contains { $0.hasPrefix("value") })
    }

    @Test("every reason for an absent value is written as FHIR names it", arguments: AbsentReason.allCases)
    func absentReasons(reason: AbsentReason) throws {
        let reading = Reading(concept: Samples.heartRate, value: .absent(reason), deviceTime: Samples.time())
        let line = Samples.line(try #require(Samples.normalize([reading]).first?.observation))
        #expect(line.contains(#"data-absent-reason","code":"\#(reason.rawValue)"}]}"#))
        #expect(!line.contains(#""value":72"#))
    }

    @Test(
        "a record number's assigner becomes part of a URN",
        arguments: [
            ("", "urn:wardline:record-number"), ("ADT1", "urn:wardline:record-number:ADT1"),
            ("St. Änne/\"1\"", "urn:wardline:record-number:St.%20%C3%84nne%2F%221%22"),
        ]
    )
    func recordNumbers(assigner: String, system: String) throws {
        let patient = PatientIdentifier(assigner: assigner, recordNumber: "00\\42")
        let json = try self.parse(
            try #require(Samples.normalize([Samples.rate()], patient: patient).first?.observation)
        )
        let identifier = try #require((json["subject"] as? [String: Any])?["identifier"] as? [String: String])
        #expect(identifier == ["system": system, "value": "00\\42"])
    }

    @Test("a reading without device identifier or display writes no empty strings")
    func noEmptyStrings() throws {
        let source = MessageSource(
            deviceID: "",
            deviceDisplay: "",
            rawHash: Digest.sha256(of: []),
            profileID: "p",
            profileVersion: "1",
            receivedAt: Samples.start,
            messageNumber: 1,
            retained: false
        )
        let reading = Samples.rate(channel: "", sequence: "")
        #expect(!Samples.line(Self.observation(reading, source)).contains(#""""#))
    }

    @Test(
        "the published names are those in the lines",
        arguments: [
            FHIRNames.observationCategory, FHIRNames.dataAbsentReason, FHIRNames.category, FHIRNames.tag,
            FHIRNames.patient, FHIRNames.recordNumber, FHIRNames.unassociated, FHIRNames.device, FHIRNames.quality,
            FHIRNames.provenance, FHIRNames.clock, FHIRNames.channel, FHIRNames.sequence,
            ObservationID.identifierSystem,
        ]
    )
    func names(name: String) {
        let patient = PatientIdentifier(assigner: "", recordNumber: "7")
        let named = [PatientNaming.dryRun, .pseudonym { _ in "0f" }].flatMap {
            Samples.normalize([Samples.rate()], patient: patient, naming: $0)
        }
        let lines = named.map { Samples.line($0.observation) } + GoldenObservation.all.map(\.json)
        #expect(lines.contains { $0.contains("\"\(name)\"") })
    }

    @Test("a resent Observation says that it is corrected")
    func correctedStatus() throws {
        var observation = try #require(Samples.normalize([Samples.rate()]).first?.observation)
        observation.status = .corrected
        #expect(try self.parse(observation)["status"] as? String == "corrected")
    }

    @Test("golden lines can be handed to an independent validator: WARDLINE_OBSERVATIONS_FILE names where")
    func exportForValidation() throws {
        guard let path = ProcessInfo.processInfo.environment["WARDLINE_OBSERVATIONS_FILE"] else { return }
        var lines = GoldenObservation.all.compactMap(\.observation).map(Samples.line)
        for reason in AbsentReason.allCases {
            let reading = Reading(
                concept: Samples.spo2,
                value: .absent(reason),
                deviceTime: Samples.time().shown(offsetMinutes: -210, fractionDigits: 9)
            )
            lines += Samples.normalize([reading], patient: PatientIdentifier(assigner: "A 1", recordNumber: "7"))
                .map { Samples.line($0.observation) }
        }
        try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: path))
        #expect(lines.count == GoldenObservation.all.count + AbsentReason.allCases.count)
    }
}

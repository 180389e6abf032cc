import DeviceProfiles
import Expressions
import Foundation
import Payloads
import ProfileWorkshop
import Records
import Testing

/// Runs drafts over payloads as the agent's profiles run.
enum Workshop {
    /// Files under `Tests/Fixtures`.
    static func fixture(_ path: String) throws -> String {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return try String(contentsOf: folder.appending(path: "Fixtures/\(path)"), encoding: .utf8)
    }

    static func source(_ name: String, _ text: String) -> TemplateSet.Source {
        TemplateSet.Source(name: name, text: text)
    }

    /// Imports texts as one profile called `test`.
    static func imported(_ sources: [TemplateSet.Source], topic: String = "test/{device}/telemetry") -> TemplateImport {
        TemplateImport(
            TemplateSet(sources),
            naming: TemplateImport.Naming(id: "test", name: "Test", source: "a test", topics: [topic])
        )
    }

    /// Two of the public sample's files.
    static func sample(_ folder: String, mapping: String? = nil) throws -> TemplateImport {
        try self.imported([
            self.source("devicecontent.json", self.fixture("iomt-fhir/\(folder)/devicecontent.json")),
            self.source("fhirmapping.json", self.fixture("iomt-fhir/\(mapping ?? folder)/fhirmapping.json")),
        ])
    }

    /// What a profile reads in a payload, each as `concept value unit`; problems begin with `!`.
    static func readings(_ draft: ProfileDraft, _ payload: String, topic: String = "test/d9/telemetry") throws
        -> [String]
    {
        let profile = try ProfileParser.parse(draft.text, file: "profile.yaml")
        return try self.readings(profile, Array(payload.utf8), topic: topic)
    }

    static func readings(_ profile: DeviceProfile, _ payload: [UInt8], topic: String) throws -> [String] {
        switch try self.outcome(profile, payload, topic: topic) {
        case .ignored(let reason): return ["ignored: \(reason)"]
        case .undecodable(let failure): return ["! \(failure.explanation)"]
        case .readings(let message, let problems):
            return message.readings.flatMap(self.lines) + problems.map { "! \($0)" }
        }
    }

    static func outcome(_ profile: DeviceProfile, _ payload: [UInt8], topic: String) throws -> ProfileOutcome {
        var captures: [Range<Int>] = []
        let bytes = Array(topic.utf8)
        let library = ProfileLibrary(profiles: [profile])
        _ = try #require(library.profile(for: bytes[...], captures: &captures))
        var evaluator = ProfileEvaluator()
        return payload.withUnsafeBytes {
            evaluator.evaluate(profile, payload: $0, topic: bytes[...], captures: captures)
        }
    }

    /// The message, when the profile reads one.
    static func message(_ draft: ProfileDraft, _ payload: String, topic: String = "test/d9/telemetry") throws
        -> MessageReadings
    {
        let profile = try ProfileParser.parse(draft.text, file: "profile.yaml")
        guard case .readings(let message, _) = try self.outcome(profile, Array(payload.utf8), topic: topic) else {
            throw CancellationError()
        }
        return message
    }

    private static func lines(_ reading: Reading) -> [String] {
        let own = self.text(reading.value).map { ["\(reading.concept.key) \($0)"] } ?? []
        return own + reading.components.map { "\($0.concept.key) \(self.text($0.value) ?? "?")" }
    }

    private static func text(_ value: ReadingValue) -> String? {
        switch value {
        case .quantity(let number, let unit): "\(number) \(unit.code)"
        case .text(let text): "'\(text)'"
        case .coded(let coding): "\(coding.code)"
        case .boolean(let flag): "\(flag)"
        case .panel: nil
        default: "?"
        }
    }
}

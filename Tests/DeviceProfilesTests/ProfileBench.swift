import DeviceProfiles
import Payloads
import Records
import StrictYAML
import Testing
import Units

/// A profile on the bench: compiled from a few lines, fed with payloads, answering in one line a reading.
struct ProfileBench {
    let profile: DeviceProfile
    private let library: ProfileLibrary

    /// Compiles a profile of `readings`, entries that begin with `- `, and further lines for its `head`.
    init(_ readings: String, head: String = "", payload: String = "{format: json}") throws {
        let rules = readings.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
        let device = head.contains("device:") ? "" : "device: \"{serial}\""
        self.profile = try ProfileParser.parse(
            """
            wardline: device-profile/1
            id: bench
            version: 1.0.0
            name: Bench
            topics: t/{serial}
            payload: \(payload)
            \(device)
            \(head)
            readings:
            \(rules)
            """,
            file: "bench.yaml"
        )
        self.library = ProfileLibrary(profiles: [self.profile])
    }

    /// What one message gives.
    func outcome(_ payload: [UInt8], topic: String = "t/A1") -> ProfileOutcome? {
        var captures: [Range<Int>] = []
        let bytes = Array(topic.utf8)
        guard let profile = self.library.profile(for: bytes[...], captures: &captures) else { return nil }
        var evaluator = ProfileEvaluator()
        return payload.withUnsafeBytes { buffer in
            evaluator.evaluate(profile, payload: buffer, topic: bytes[...], captures: captures)
        }
    }

    /// Readings and problems, one line each.
    func lines(_ payload: [UInt8], topic: String = "t/A1") -> [String] {
        switch self.outcome(payload, topic: topic) {
        case .readings(let message, let problems): message.readings.map(\.line) + problems.map { "! \($0)" }
        case .ignored(let reason): ["ignored: \(reason)"]
        case .undecodable(let failure): ["undecodable: \(failure.reason.rawValue)"]
        case nil: ["no profile"]
        }
    }

    func lines(_ payload: String, topic: String = "t/A1") -> [String] { self.lines(Array(payload.utf8), topic: topic) }

    /// The readings themselves; none when the message gave none.
    func readings(_ payload: String) -> [Reading] {
        if case .readings(let message, _) = self.outcome(Array(payload.utf8)) { message.readings } else { [] }
    }

    func message(_ payload: String) -> MessageReadings? {
        if case .readings(let message, _) = self.outcome(Array(payload.utf8)) { message } else { nil }
    }
}

extension Reading {
    /// `heart-rate = 61 /min [flag] channel=ecg at=2026-…`.
    var line: String {
        var text = "\(self.concept.key) = \(self.value.line)"
        if !self.components.isEmpty {
            let parts = self.components.map { part in
                "\(part.concept.key) \(part.value.line)\(part.flags.line)"
            }
            text = "\(self.concept.key) {\(parts.joined(separator: ", "))}"
        }
        text += self.flags.line
        if let channel = self.channel { text += " channel=\(channel)" }
        if let sequence = self.sequence { text += " sequence=\(sequence)" }
        if self.historical { text += " historical" }
        if let site = self.bodySite { text += " site=\(site.code)" }
        if let time = self.deviceTime { text += " at=\(time)" }
        return text
    }
}

extension ReadingValue {
    var line: String {
        switch self {
        case .quantity(let number, let unit): "\(number) \(unit.code)"
        case .coded(let coding): "\(coding.system)|\(coding.code)"
        case .text(let text): "\"\(text)\""
        case .boolean(let flag): "\(flag)"
        case .sampled(let series):
            "\(series.origin)+x*\(series.factor) \(series.unit.code) every \(series.periodMilliseconds) ms: "
                + series.samples.map { $0?.description ?? "gap" }.joined(separator: " ")
        case .absent(let reason): "absent(\(reason.rawValue))"
        case .panel: "panel"
        }
    }
}

extension [QualityFlag] {
    var line: String { self.isEmpty ? "" : " [\(self.map(\.code).joined(separator: ","))]" }
}

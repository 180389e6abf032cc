internal import Expressions
internal import Records
internal import Units

/// Where a device writes a time, and how.
struct TimeRule: Sendable {
    enum Format: Sendable {
        case rfc3339
        case hl7
        case unix(DateTime.UnixUnit)
        case pattern(DateTimePattern)
    }

    enum Unusable: String, Sendable, CaseIterable {
        /// Keep the reading, take the gateway's time and say so. The default.
        case receiveTime = "receive-time"
        /// The message goes to the dead letters.
        case refuse
    }

    let value: Expression
    let format: Format
    /// For times without a zone of their own; nil makes such a time unusable.
    let zone: TimeZoneRules?
    let unusable: Unusable

    /// What a message gave.
    enum Outcome {
        /// Nothing there.
        case missing
        /// A moment, and what must be known about how it was written.
        case time(DateTime, marks: [QualityFlag])
        /// Something is there that is no time; the reason is a sentence.
        case unusable(String)
    }

    func read(_ scope: EvaluationScope) -> Outcome {
        if case .unix(let unit) = self.format {
            guard let number = self.value.evaluateNumber(scope) else {
                return self.isMissing(scope) ? .missing : .unusable("is not a number of \(unit) since 1970")
            }
            guard let time = DateTime(unix: number, unit: unit) else {
                return .unusable("lies outside of 1678 to 2261")
            }
            return .time(time, marks: [])
        }
        guard let text = self.value.evaluateText(scope) else {
            return self.isMissing(scope) ? .missing : .unusable("is not text")
        }
        if text.isEmpty { return .missing }
        if case .rfc3339 = self.format, let time = DateTime(rfc3339: text.utf8) { return .time(time, marks: []) }
        guard let civil = self.civil(text) else { return .unusable("is not written as the profile says") }
        return self.resolve(civil, marks: self.isIrregular(text) ? [.irregularTime] : [])
    }

    /// Whether milliseconds stand straight behind the seconds, which HL7 v2 (chapter 2A, DTM) does not know.
    private func isIrregular(_ text: String) -> Bool {
        guard case .hl7 = self.format else { return false }
        return text.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count > 14
    }

    private func isMissing(_ scope: EvaluationScope) -> Bool {
        switch self.value.evaluate(scope) {
        case .absent, .null: true
        default: false
        }
    }

    private func civil(_ text: String) -> CivilDateTime? {
        switch self.format {
        case .rfc3339: CivilDateTime(rfc3339OrLocal: text.utf8)
        case .hl7: CivilDateTime(hl7: text.utf8)
        case .pattern(let pattern): CivilDateTime(pattern: pattern, text: text.utf8)
        case .unix: nil
        }
    }

    private func resolve(_ civil: CivilDateTime, marks: [QualityFlag]) -> Outcome {
        // Bluetooth devices and monitors after a battery change write year 0 for "unknown".
        guard civil.year > 0 else { return .unusable("has no year") }
        if let offset = civil.offsetMinutes {
            guard let time = civil.resolved(offsetMinutes: Int(offset)) else { return .unusable("is not a date") }
            return .time(time, marks: marks)
        }
        guard let zone = self.zone else { return .unusable("has no zone, and the profile gives none") }
        guard let (time, ambiguity) = zone.resolve(civil) else { return .unusable("is not a date") }
        return .time(time, marks: marks + (ambiguity == .none ? [.zoneAssumed] : [.zoneAssumed, .ambiguousTime]))
    }
}

extension QualityFlag {
    /// The device wrote its time without a zone; the profile's, or the gateway's, was taken.
    static let zoneAssumed = QualityFlag("zone-assumed")
    /// The device's time is not written as its format demands, and can be read all the same.
    static let irregularTime = QualityFlag("irregular-time")
}

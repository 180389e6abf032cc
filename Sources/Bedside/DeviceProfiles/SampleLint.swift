internal import Expressions
internal import Records

/// What a profile may do with samples but probably should not.
enum SampleLint {
    /// Goes through the readings in the order of the file.
    ///
    /// - Parameters:
    ///   - rules: the profile's readings.
    ///   - clock: what it says of the device's clock.
    ///   - lane: the lane it takes.
    /// - Returns: One sentence for each thing that is worth a look.
    static func warnings(rules: [ReadingRule], clock: ClockTreatment, lane: ProfileLane) -> [String] {
        var warnings: [String] = []
        for (index, rule) in rules.enumerated() {
            for sentence in self.warnings(rule, clock: clock, lane: lane) {
                warnings.append("readings[\(index)]\(sentence)")
            }
        }
        return warnings
    }

    private static func warnings(_ rule: ReadingRule, clock: ClockTreatment, lane: ProfileLane) -> [String] {
        if let alarm = rule.alarm, case .fixed(let entry) = rule.value.concept, entry.concept.category == .alarm {
            let missing = ["alarm-state", "alarm-priority"].filter { key in
                !alarm.attributes.contains { $0.label.hasSuffix("(\(key))") }
            }
            return missing.map { ".alarm: no \($0.dropFirst("alarm-".count)): nobody can tell what to do about it" }
        }
        guard case .sampled(let sampled) = rule.value.shape else { return [] }
        var warnings: [String] = []
        if let continuity = sampled.continuity {
            if continuity.counter == nil, clock == .receiveTime || rule.time == nil {
                warnings.append(
                    ".continuity: neither a counter nor a time of the device: the network's delays look like lost "
                        + "samples"
                )
            }
        } else if lane == .waves {
            warnings.append(
                ": no continuity: lost, repeated and late blocks cannot be told; write continuity with the device's "
                    + "counter, or continuity: time"
            )
        }
        if self.isVitalSign(rule.value.concept) {
            warnings.append(".code: a vital sign's code: its FHIR profile wants one number, not samples")
        }
        return warnings
    }

    private static func isVitalSign(_ concept: ConceptRule) -> Bool {
        switch concept {
        case .fixed(let entry): entry.concept.category == .vitalSigns
        case .mapped(let map): map.cases.values.contains { $0.concept.category == .vitalSigns }
        }
    }
}

extension ReadingRule {
    /// Whether it gives samples, and nothing else.
    var isSeries: Bool {
        if case .sampled = self.value.shape { self.components.isEmpty } else { false }
    }
}

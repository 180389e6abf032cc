internal import Expressions
internal import Records

/// What a profile may do but probably should not.
enum ProfileLint {
    static func warnings(rules: [ReadingRule], time: TimeRule?, topics: [TopicTemplate]) -> [String] {
        var warnings: [String] = []
        for (index, rule) in rules.enumerated() {
            let name = "readings[\(index)]"
            if rule.time == nil {
                warnings.append(
                    "\(name): no time: the gateway's receive time becomes the effective time, "
                        + "and a message that the device repeats counts twice"
                )
            } else if let time = rule.time, time.zone == nil, Self.needsZone(time.format) {
                warnings.append(
                    "\(name).time: no zone: a time that the device writes without one falls back to the receive time"
                )
            }
            if case .quantity = rule.value.shape, rule.value.unit == nil {
                warnings.append("\(name): no unit: the values are taken to be in the concept's own unit")
            }
            if rule.each != nil, rule.channel == nil, case .fixed = rule.value.concept {
                warnings.append(
                    "\(name): several elements may give one code; without a channel, equal values at one time "
                        + "count once"
                )
            }
        }
        return warnings
    }

    private static func needsZone(_ format: TimeRule.Format) -> Bool {
        switch format {
        case .rfc3339, .unix: false
        case .hl7, .pattern: true
        }
    }
}

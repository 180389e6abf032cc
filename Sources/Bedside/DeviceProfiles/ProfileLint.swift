internal import Expressions
internal import Records

/// What a profile may do but probably should not.
enum ProfileLint {
    /// Goes through the readings in the order of the file.
    ///
    /// - Parameters:
    ///   - rules: the profile's readings.
    ///   - clock: what it says of the device's clock.
    ///   - isSequenced: whether the device numbers its measurements.
    /// - Returns: One sentence for each thing that is worth a look.
    static func warnings(rules: [ReadingRule], clock: ClockTreatment, isSequenced: Bool) -> [String] {
        var warnings: [String] = []
        for (index, rule) in rules.enumerated() {
            let name = "readings[\(index)]"
            warnings += self.time(of: rule, clock: clock).map { "\(name)\($0)" }
            if case .quantity = rule.value.shape, rule.value.unit == nil {
                warnings.append("\(name): no unit: the values are taken to be in the concept's own unit")
            }
            if self.countsElementsOnce(rule), !isSequenced {
                warnings.append(
                    "\(name): several elements may give one code; without a channel, equal values at one time "
                        + "count once"
                )
            }
            for value in [rule.value] + rule.components {
                warnings += self.contradictions(in: value.concept).map { "\(name): \($0)" }
            }
        }
        return warnings
    }

    /// `clock: receive-time` is the profile's way to say that there is no time, and known.
    private static func time(of rule: ReadingRule, clock: ClockTreatment) -> [String] {
        guard clock != .receiveTime else { return [] }
        guard let time = rule.time else {
            return [
                ": no time: the gateway's receive time becomes the effective time, and a message that the device "
                    + "repeats counts twice; write clock: receive-time when that is meant"
            ]
        }
        guard time.zone == nil, self.needsZone(time.format) else { return [] }
        return [".time: no zone: a time that the device writes without one falls back to the receive time"]
    }

    /// Elements with a time of their own are told apart by it.
    private static func countsElementsOnce(_ rule: ReadingRule) -> Bool {
        guard rule.each != nil, rule.channel == nil, rule.sequence == nil else { return false }
        guard case .fixed = rule.value.concept else { return false }
        return !(rule.time?.value.readsElement ?? false)
    }

    private static func needsZone(_ format: TimeRule.Format) -> Bool {
        switch format {
        case .rfc3339, .unix: false
        case .hl7, .pattern: true
        }
    }

    /// Cases whose code the catalogue knows as something else.
    private static func contradictions(in concept: ConceptRule) -> [String] {
        guard case .mapped(let map) = concept else { return [] }
        var warnings: [String] = []
        for (code, entry) in map.cases.sorted(by: { $0.key < $1.key }) {
            guard let known = self.known(code, besides: entry.concept.key) else { continue }
            warnings.append("code.cases.\(code): the code is known as '\(known)', and read as '\(entry.concept.key)'")
        }
        return warnings
    }

    /// Another concept that a device's code names, as an MDC number or as a vital sign's LOINC code.
    private static func known(_ code: String, besides key: String) -> String? {
        if let entry = ConceptCatalogue.standard.entry(mdc: code) {
            return entry.concept.key == key ? nil : entry.concept.key
        }
        let named = ConceptRow.all.filter { row in row.loinc.contains { $0.code == code } }.map(\.key)
        return named.isEmpty || named.contains(key) ? nil : named[0]
    }
}

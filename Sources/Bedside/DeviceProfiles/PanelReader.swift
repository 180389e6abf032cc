internal import Expressions
internal import Records

/// Reads a panel: its components, complete as its FHIR profile demands.
struct PanelReader {
    let rule: ReadingRule
    var units: StatedUnits

    /// The panel, or nil when the message holds none of its components.
    mutating func read(_ scope: EvaluationScope) throws(ReadingProblem) -> Reading? {
        guard case .fixed(let entry) = self.rule.value.concept else { return nil }
        var components: [ReadingComponent] = []
        for part in self.rule.components {
            var reader = ValueReader(rule: part, units: self.units)
            let found = try reader.read(scope)
            self.units = reader.units
            guard let found else { continue }
            components.append(ReadingComponent(concept: found.concept, value: found.value, flags: found.flags))
        }
        guard !components.isEmpty else {
            guard !self.rule.value.required else {
                throw ReadingProblem(
                    reason: .missingValue,
                    rule: self.rule.label,
                    detail: "no component of the panel is there"
                )
            }
            return nil
        }
        self.complete(&components, entry.requiredComponents)
        return Reading(concept: entry.concept, value: .panel, components: components)
    }

    /// FHIR's blood-pressure profile wants both pressures: a missing one is stated as missing.
    private func complete(_ components: inout [ReadingComponent], _ required: [String]) {
        for (position, key) in required.enumerated() where !components.contains(where: { $0.concept.key == key }) {
            for part in self.rule.components {
                guard case .fixed(let entry) = part.concept, entry.concept.key == key else { continue }
                components.insert(
                    ReadingComponent(concept: entry.concept, value: .absent(.unknown)),
                    at: min(position, components.count)
                )
                break
            }
        }
    }
}

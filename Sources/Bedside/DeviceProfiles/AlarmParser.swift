internal import Expressions
internal import Records
internal import StrictYAML

/// Compiles `alarm`: the attributes of an alarm or a device's event.
struct AlarmParser {
    let context: RuleContext

    private static let keys = AlarmAttribute.allCases.map(\.rawValue) + ["unit", "live_seconds"]

    /// - Parameters:
    ///   - field: the mapping under `alarm`.
    ///   - concept: what the reading is of; alarms and device events only.
    /// - Returns: the compiled attributes.
    /// - Throws: ``YAMLProblem``.
    func rule(_ field: YAMLField, concept: ConceptRule) throws(YAMLProblem) -> AlarmRule {
        guard Self.isEvent(concept) else {
            throw field.problem("belongs to alarms and device events: the code has another category")
        }
        let map = try field.mapping(Self.keys)
        let unit = map["unit"]
        var attributes: [ValueRule] = []
        for attribute in AlarmAttribute.allCases {
            guard let field = map[attribute.rawValue] else { continue }
            attributes.append(try self.attribute(attribute, field, unit: unit))
        }
        if let unit, !attributes.contains(where: { if case .quantity = $0.shape { true } else { false } }) {
            throw unit.problem("needs value, low or high")
        }
        let seconds = try map["live_seconds"]?.integer(in: 1...86_400) ?? 300
        return AlarmRule(attributes: attributes, freshNs: Int64(seconds) * 1_000_000_000)
    }

    private static func isEvent(_ concept: ConceptRule) -> Bool {
        let entries: [ConceptCatalogue.Entry] =
            switch concept {
            case .fixed(let entry): [entry]
            case .mapped(let map): map.usesCatalogue ? [] : Array(map.cases.values)
            }
        return !entries.isEmpty
            && entries.allSatisfy { $0.concept.category == .alarm || $0.concept.category == .deviceEvent }
    }

    private func attribute(
        _ attribute: AlarmAttribute,
        _ field: YAMLField,
        unit: YAMLField?
    ) throws(YAMLProblem) -> ValueRule {
        let shape: ValueRule.Shape
        var value = field
        if attribute.words.isEmpty {
            shape = attribute.isQuantity ? .quantity : .text
        } else {
            let map = field.isMapping ? try field.mapping(["value", "values"]) : nil
            if let map { value = try map.required("value") }
            shape = .coded(try self.words(of: attribute, map?["values"]))
        }
        guard !attribute.isQuantity || unit != nil else { throw field.problem("needs alarm.unit") }
        return ValueRule(
            label: "\(field.path) (\(attribute.key))",
            concept: .fixed(
                ConceptCatalogue.Entry(
                    concept: attribute.concept,
                    plausible: nil,
                    molarMass: nil,
                    refID: nil,
                    requiredComponents: []
                )
            ),
            shape: shape,
            value: try self.context.expression(value),
            unit: try attribute.isQuantity
                ? unit.map { field throws(YAMLProblem) in try self.context.unit(field, to: nil, molarMass: nil) } : nil,
            sentinels: [],
            rescale: [],
            plausible: nil,
            flags: [],
            required: false
        )
    }

    /// The device's words for an attribute, each with ours.
    private func words(of attribute: AlarmAttribute, _ field: YAMLField?) throws(YAMLProblem) -> CodedRule {
        var words = attribute.usualWords
        if let field {
            words = [:]
            for (name, value) in try field.members() {
                let word = try value.word()
                guard attribute.words.contains(word) else {
                    throw value.problem("'\(word)' is not one of: \(attribute.words.joined(separator: ", "))")
                }
                words[name] = word
            }
        }
        return CodedRule(
            cases: words.mapValues { Coding(system: attribute.system, code: $0) },
            system: nil,
            display: nil
        )
    }
}

internal import Expressions
internal import Records
internal import StrictYAML
internal import Units

/// Compiles the entries under `readings`.
struct ReadingParser {
    let context: RuleContext
    /// The profile's own time rule, which a reading may override.
    let time: TimeRule?

    private static let valueKeys =
        [
            "code", "value", "as", "unit", "to", "sentinels", "rescale", "plausible", "flags", "required", "values",
            "system", "display",
        ] + SampledParser.keys
    private static let readingKeys = [
        "each", "when", "components", "time", "sequence", "channel", "site", "historical", "alarm",
    ]

    func reading(_ field: YAMLField) throws(YAMLProblem) -> ReadingRule {
        let map = try field.mapping(Self.valueKeys + Self.readingKeys)
        var components: [ValueRule] = []
        for element in try map["components"]?.elements() ?? [] {
            components.append(try self.value(element.mapping(Self.valueKeys), isPanel: false))
        }
        let value = try self.value(map, isPanel: !components.isEmpty)
        try self.checkPanel(value, components: components, map: map)
        return ReadingRule(
            label: value.label,
            each: try map["each"].map { field throws(YAMLProblem) in try self.context.path(field) },
            when: try self.context.optional(map["when"]),
            value: value,
            components: components,
            time: try map["time"].map { field throws(YAMLProblem) in
                try self.context.time(field, inherited: self.time)
            } ?? self.time,
            timeIsShared: map["time"] == nil,
            sequence: try self.context.optional(map["sequence"]),
            channel: try map["channel"].map { field throws(YAMLProblem) in try self.context.template(field) },
            site: try self.context.optional(map["site"]),
            historical: try self.context.optional(map["historical"]),
            flags: try self.context.flags(map["flags"]),
            alarm: try map["alarm"].map { field throws(YAMLProblem) in
                guard components.isEmpty else { throw field.problem("stands beside components: one of both is enough") }
                return try AlarmParser(context: self.context).rule(field, concept: value.concept)
            }
        )
    }

    /// A panel must be able to satisfy the FHIR profile of its code.
    private func checkPanel(
        _ value: ValueRule,
        components: [ValueRule],
        map: YAMLMapping
    ) throws(YAMLProblem) {
        guard case .fixed(let entry) = value.concept else { return }
        let present = components.compactMap { component -> String? in
            if case .fixed(let part) = component.concept { part.concept.key } else { nil }
        }
        for needed in entry.requiredComponents where !present.contains(needed) {
            throw map.field.problem("a \(entry.concept.key) reading needs a component with code \(needed)")
        }
    }

    private func value(_ map: YAMLMapping, isPanel: Bool) throws(YAMLProblem) -> ValueRule {
        let codeField = try map.required("code")
        let concept = try ConceptParser(context: self.context).rule(codeField)
        let shape = try self.shape(map, isPanel: isPanel)
        let entry: ConceptCatalogue.Entry? = if case .fixed(let fixed) = concept { fixed } else { nil }
        return ValueRule(
            label: "\(map.field.path) (\(entry?.concept.key ?? "code by message"))",
            concept: concept,
            shape: shape,
            value: try self.valueExpression(map, isPanel: isPanel, concept: entry?.concept),
            unit: try self.unit(map, shape: shape, entry: entry),
            sentinels: try self.sentinels(map["sentinels"]),
            rescale: try self.rescale(map["rescale"]),
            plausible: try map["plausible"].map { field throws(YAMLProblem) in try self.range(field) }
                ?? entry?.plausible,
            flags: isPanel ? [] : try self.componentFlags(map),
            required: try map["required"].map { field throws(YAMLProblem) in try field.bool() } ?? false
        )
    }

    /// A reading's flags stand on the reading; a component's on the component.
    private func componentFlags(_ map: YAMLMapping) throws(YAMLProblem) -> [FlagRule] {
        map.field.path.contains(".components[") ? try self.context.flags(map["flags"]) : []
    }

    private func valueExpression(
        _ map: YAMLMapping,
        isPanel: Bool,
        concept: Concept?
    ) throws(YAMLProblem) -> Expression? {
        if isPanel {
            if let field = map["value"] { throw field.problem("a panel has no value of its own, only components") }
            return nil
        }
        return try self.context.expression(map.required("value"))
    }

    private func shape(_ map: YAMLMapping, isPanel: Bool) throws(YAMLProblem) -> ValueRule.Shape {
        let word = isPanel ? "panel" : try map["as"]?.word() ?? (map["values"] == nil ? "quantity" : "coded")
        if word != "sampled" { try SampledParser.refuse(map) }
        if isPanel { return .panel }
        switch word {
        case "quantity": return .quantity
        case "text": return .text
        case "boolean": return .boolean
        case "coded": return .coded(try self.coded(map))
        case "sampled": return .sampled(try SampledParser(context: self.context).rule(map))
        default:
            throw (map["as"] ?? map.field).problem("must be quantity, text, boolean, coded or sampled")
        }
    }

    private func coded(_ map: YAMLMapping) throws(YAMLProblem) -> CodedRule {
        var cases: [String: Coding] = [:]
        for (name, value) in try map["values"]?.members() ?? [] {
            let map = try value.mapping(["system", "code", "display"])
            let code = try map.required("code")
            let coding = Coding(
                system: try Self.system(map.required("system")),
                code: try code.word(),
                display: try map["display"]?.word()
            )
            try CodeChecks.check(value: coding, code: code, display: map["display"])
            cases[name] = coding
        }
        let system = try map["system"].map { field throws(YAMLProblem) in try Self.system(field) }
        guard !cases.isEmpty || system != nil else {
            throw map.field.problem("a coded reading needs 'values', or 'system' when the message holds the code")
        }
        return CodedRule(cases: cases, system: system, display: try self.context.optional(map["display"]))
    }

    private static func system(_ field: YAMLField) throws(YAMLProblem) -> String {
        switch try field.word() {
        case "loinc": return Coding.loinc
        case "mdc": return Coding.mdc
        case "snomed": return "http://snomed.info/sct"
        case let text where text.hasPrefix("http://") || text.hasPrefix("https://") || text.hasPrefix("urn:"):
            return text
        default: throw field.problem("must be loinc, mdc, snomed or a URI")
        }
    }

    private func unit(
        _ map: YAMLMapping,
        shape: ValueRule.Shape,
        entry: ConceptCatalogue.Entry?
    ) throws(YAMLProblem) -> UnitRule? {
        var target = entry?.concept.unit
        if let field = map["to"] {
            let code = try field.word()
            let unit: MeasuredUnit
            do throws(UnitError) {
                unit = try UnitCatalogue.measuredUnit(self.context.ucumCode(code))
            } catch {
                throw field.problem(error.description)
            }
            if let entry { try CodeChecks.check(target: unit, of: entry, at: field) }
            guard map["unit"] != nil else { throw field.problem("needs 'unit', the unit in which the device sends") }
            target = unit
        }
        if let field = map["unit"] {
            return try self.context.unit(field, to: target, molarMass: entry?.molarMass)
        }
        switch shape {
        case .quantity, .sampled:
            if case nil = entry { return nil }
            guard target != nil else { throw map.field.problem("'unit' is missing and the code implies none") }
            return nil
        case .text, .boolean, .coded, .panel: return nil
        }
    }

    private func sentinels(_ field: YAMLField?) throws(YAMLProblem) -> [Sentinel] {
        var sentinels: [Sentinel] = []
        for element in try field?.elementsOrSelf() ?? [] {
            if element.isMapping {
                let map = try element.mapping(["value", "when", "reason", "flag"])
                sentinels.append(try self.sentinel(map))
            } else {
                sentinels.append(Sentinel(match: try Self.match(element), reason: .unknown, flag: .sentinel))
            }
        }
        return sentinels
    }

    private func sentinel(_ map: YAMLMapping) throws(YAMLProblem) -> Sentinel {
        let match: Sentinel.Match
        if let condition = map["when"] {
            match = .condition(try self.context.expression(condition))
        } else {
            match = try Self.match(map.required("value"))
        }
        return Sentinel(
            match: match,
            reason: try map["reason"]?.choice(AbsentReason.self) ?? .unknown,
            flag: try map["flag"].map { field throws(YAMLProblem) in try self.context.flag(field) } ?? .sentinel
        )
    }

    private static func match(_ field: YAMLField) throws(YAMLProblem) -> Sentinel.Match {
        let text = try field.text()
        return ExactDecimal(text).map { .number($0) } ?? .text(text)
    }

    private func rescale(_ field: YAMLField?) throws(YAMLProblem) -> [RescaleRule] {
        var rules: [RescaleRule] = []
        for element in try field?.elementsOrSelf() ?? [] {
            let map = try element.mapping(["above", "by"])
            rules.append(
                RescaleRule(
                    above: try self.context.decimal(map.required("above")),
                    factor: try self.context.decimal(map.required("by"))
                )
            )
        }
        return rules
    }

    private func range(_ field: YAMLField) throws(YAMLProblem) -> ClosedRange<ExactDecimal> {
        let bounds = try field.elements()
        guard bounds.count == 2 else { throw field.problem("must be [lowest, highest]") }
        let low = try self.context.decimal(bounds[0])
        let high = try self.context.decimal(bounds[1])
        guard low <= high else { throw field.problem("the lowest value is above the highest") }
        return low...high
    }
}

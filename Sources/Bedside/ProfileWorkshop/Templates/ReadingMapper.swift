internal import DeviceProfiles

/// A reading whose paths are not written yet: it stands once for each way to its measurement.
struct MappedReading {
    struct Part {
        var code: ReadingDraft.Code
        var expression: TemplateExpression?
        var shape: String?
        var cases: [ReadingDraft.Case] = []
        var unit: String?
        var isRequired = false
    }

    var part: Part
    var components: [Part] = []

    func draft(_ way: TemplateMatch.Way, of template: ImportedTemplate) -> ReadingDraft {
        var draft = Self.draft(self.part, way, template)
        draft.each = way.each
        draft.when = way.when
        draft.components = self.components.map { Self.draft($0, way, template) }
        return draft
    }

    private static func draft(_ part: Part, _ way: TemplateMatch.Way, _ template: ImportedTemplate) -> ReadingDraft {
        var value = part.expression.map { template.text($0, way) }
        // Such a value says no more than that it is there.
        if let name = part.cases.first?.name, let path = value {
            value = "if(exists(\(path)), \(TemplatePathParser.quoting(name)), null)"
        }
        var draft = ReadingDraft(code: part.code, value: value)
        draft.shape = part.shape
        draft.cases = part.cases
        draft.unit = part.unit
        draft.required = part.isRequired
        return draft
    }
}

/// Makes readings of a device template's values and the FHIR mapping of their type.
struct ReadingMapper {
    let template: ImportedTemplate
    private(set) var findings: [Finding] = []

    init(template: ImportedTemplate) { self.template = template }

    /// The readings by a mapping: one, or a panel's, or none when nothing of it can be used.
    mutating func readings(by mapping: MappingTemplate) -> [MappedReading] {
        self.noteGrouping(mapping)
        if mapping.components.isEmpty {
            guard let value = mapping.value else { return [] }
            return self.part(value, codes: mapping.codes).map { [MappedReading(part: $0)] } ?? []
        }
        if let value = mapping.value {
            self.findings.append(
                value.field.finding(
                    .warning,
                    "a value with components beside it",
                    "they are written as readings of their own"
                )
            )
            var readings = self.part(value, codes: mapping.codes).map { [MappedReading(part: $0)] } ?? []
            for component in mapping.components {
                if let part = self.part(component.value, codes: component.codes) {
                    readings.append(MappedReading(part: part))
                }
            }
            return readings
        }
        return self.panel(mapping).map { [$0] } ?? []
    }

    private mutating func panel(_ mapping: MappingTemplate) -> MappedReading? {
        var judge = CodeJudge(names: [mapping.typeName])
        let verdict = judge.judge(mapping.codes, unit: nil, at: mapping.field, wantsUnit: false)
        self.findings += judge.findings
        let parts = mapping.components.compactMap { self.part($0.value, codes: $0.codes) }
        guard let verdict, !parts.isEmpty else { return nil }
        if case .catalogue(let key) = verdict.code {
            let present = parts.compactMap { part in if case .catalogue(let key) = part.code { key } else { nil } }
            let needed = ConceptCatalogue.standard.entry(key)?.requiredComponents ?? []
            let missing = needed.filter { !present.contains($0) }
            guard missing.isEmpty else {
                self.findings.append(
                    mapping.field.finding(
                        .error,
                        "\(key) without \(missing.joined(separator: " and "))",
                        "the reading is left out"
                    )
                )
                return nil
            }
        }
        return MappedReading(part: MappedReading.Part(code: verdict.code), components: parts)
    }

    private mutating func noteGrouping(_ mapping: MappingTemplate) {
        let values = [mapping.value].compactMap { $0 } + mapping.components.map(\.value)
        guard mapping.period != 0 || values.contains(where: { $0.kind == .sampled }) else { return }
        self.findings.append(
            mapping.field.finding(
                .note,
                "values are gathered into one Observation over a period there",
                "here each is an Observation with its own time"
            )
        )
    }

    // MARK: One value

    private mutating func part(_ value: MappingTemplate.Value, codes: [MappingTemplate.Code]) -> MappedReading.Part? {
        let named = self.template.values.first { $0.value.name.lowercased() == value.name.lowercased() }
        guard let (source, expression) = named else {
            self.findings.append(
                value.field.finding(
                    .error,
                    "the device template of '\(self.template.template.typeName)' gives no value '\(value.name)'",
                    "it is left out"
                )
            )
            return nil
        }
        let isNumber = value.kind == .quantity || value.kind == .sampled
        var judge = CodeJudge(names: self.names(value.name, expression))
        let verdict = judge.judge(codes, unit: value.unit, at: value.unitField, wantsUnit: isNumber)
        self.findings += judge.findings
        guard let verdict else { return nil }
        var part = MappedReading.Part(code: verdict.code, expression: expression, unit: verdict.unit)
        part.isRequired = source.isRequired && !self.template.isGuaranteed(expression)
        switch value.kind {
        case .sampled, .quantity: break
        case .text: part.shape = "text"
        case .coded:
            guard let code = value.codes.first else { return nil }
            part.shape = "coded"
            part.cases = [self.codedCase(code, text: value.text)]
        }
        return part
    }

    /// Names that tell what a value is: the value's, its field's, and the type's when there is one value only.
    private func names(_ valueName: String, _ expression: TemplateExpression) -> [String] {
        var names = [self.template.template.typeName, valueName]
        if self.template.values.count > 1 { names = [valueName, self.template.template.typeName] }
        if case .member(let field) = expression.asPath?.steps.last, !names.contains(field) { names.append(field) }
        return names
    }

    private mutating func codedCase(_ code: MappingTemplate.Code, text: String?) -> ReadingDraft.Case {
        let isAbsolute = ["http://", "https://", "urn:"].contains { code.system.hasPrefix($0) }
        if !isAbsolute {
            self.findings.append(
                code.field.finding(
                    .error,
                    "its system '\(code.system)' is no absolute URI",
                    "written as urn:wardline:system:\(Words.kebab(code.system))"
                )
            )
        }
        return ReadingDraft.Case(
            name: code.code,
            system: isAbsolute ? code.system : "urn:wardline:system:\(Words.kebab(code.system))",
            code: code.code,
            display: code.display ?? text
        )
    }

    // MARK: Without a mapping

    /// Readings by the names of their values, when no file says what they are.
    mutating func readingsByName() -> [MappedReading] {
        var parts: [MappedReading.Part] = []
        for (value, expression) in self.template.values {
            let meaning = self.names(value.name, expression).lazy.compactMap(ConceptNames.meaning(of:)).first
            guard case .catalogue(let key) = meaning, let unit = meaning?.unit else {
                self.findings.append(
                    value.phrase.field.finding(
                        .error,
                        "no FHIR mapping, and the name '\(value.name)' is not known",
                        "it is left out"
                    )
                )
                continue
            }
            self.findings.append(
                value.phrase.field.finding(
                    .warning,
                    "no FHIR mapping says what '\(value.name)' is",
                    "by its name it is \(key) in \(unit): check that"
                )
            )
            parts.append(MappedReading.Part(code: .catalogue(key), expression: expression, unit: unit))
        }
        let keys = parts.map { part in if case .catalogue(let key) = part.code { key } else { "" } }
        if keys.contains("systolic-blood-pressure"), keys.contains("diastolic-blood-pressure") {
            return [MappedReading(part: MappedReading.Part(code: .catalogue("blood-pressure")), components: parts)]
        }
        return parts.map { MappedReading(part: $0) }
    }
}

internal import Records
internal import StrictYAML
internal import Units

/// Compiles `code`: a name of the catalogue, a concept of the profile's own, or a choice by the message.
struct ConceptParser {
    let context: RuleContext

    func rule(_ field: YAMLField) throws(YAMLProblem) -> ConceptRule {
        guard field.isMapping else { return .fixed(try self.catalogueEntry(field)) }
        let keys = try field.members().map(\.key)
        if keys.contains("by") { return .mapped(try self.map(field)) }
        return .fixed(try keys.contains("concept") ? self.extended(field) : self.own(field))
    }

    private func catalogueEntry(_ field: YAMLField) throws(YAMLProblem) -> ConceptCatalogue.Entry {
        let name = try field.word()
        guard let entry = ConceptCatalogue.standard.entry(name) else {
            throw field.problem(
                "'\(name)' is no concept of the catalogue (wardline device concepts lists them), no MDC number and no "
                    + "MDC RefID that it knows; write a mapping with loinc or mdc, text and unit for one of your own"
            )
        }
        return entry
    }

    /// A catalogue concept with the MDC code that this device uses for it.
    private func extended(_ field: YAMLField) throws(YAMLProblem) -> ConceptCatalogue.Entry {
        let map = try field.mapping(["concept", "mdc", "refid"])
        let base = try self.catalogueEntry(map.required("concept"))
        let mdc = try self.mdc(map)
        try self.refuseOtherConcept(mdc, than: base, at: map["mdc"] ?? field)
        let concept = Concept(
            key: base.concept.key,
            codings: base.concept.codings.filter { $0.system != Coding.mdc } + mdc,
            text: base.concept.text,
            category: base.concept.category,
            profileURL: base.concept.profileURL,
            unit: base.concept.unit
        )
        return ConceptCatalogue.Entry(
            concept: concept,
            plausible: base.plausible,
            molarMass: base.molarMass,
            refID: mdc.first?.display,
            requiredComponents: base.requiredComponents
        )
    }

    private func own(_ field: YAMLField) throws(YAMLProblem) -> ConceptCatalogue.Entry {
        let map = try field.mapping([
            "key", "loinc", "mdc", "refid", "system", "code", "text", "unit", "category", "molar_mass",
        ])
        var codings: [Coding] = []
        for element in try map["loinc"]?.elementsOrSelf() ?? [] {
            let code = try element.word()
            guard isLOINC(code) else {
                throw element.problem("'\(code)' is not a LOINC code: its check digit is wrong")
            }
            try self.refuseVitalSign(code, at: element)
            codings.append(Coding(system: Coding.loinc, code: code))
        }
        let mdc = try self.mdc(map)
        for coding in mdc { try self.refuseVitalSign(mdc: coding.code, at: map["mdc"] ?? field) }
        codings += mdc
        if let system = map["system"] { codings.append(try self.foreignCoding(system, map)) }
        guard !codings.isEmpty else { throw field.problem("a concept needs loinc, mdc, or system and code") }
        let key = try map.required("key").word()
        guard ConceptCatalogue.standard.entry(key) == nil else {
            throw map.field.problem("'\(key)' is a concept of the catalogue; use it, or choose another key")
        }
        let category = try map["category"]?.choice(OwnCategory.self) ?? .measurement
        let text = try map.required("text").word()
        let unit = try self.unit(map["unit"])
        try CodeChecks.check(text: text, of: codings, at: map["text"] ?? field)
        try CodeChecks.check(unit: unit, of: codings, at: map["unit"] ?? field)
        return ConceptCatalogue.Entry(
            concept: Concept(key: key, codings: codings, text: text, category: category.category, unit: unit),
            plausible: nil,
            molarMass: try map["molar_mass"].map { field throws(YAMLProblem) in try self.context.decimal(field) },
            refID: nil,
            requiredComponents: []
        )
    }

    /// Vital signs come from the catalogue only: a wrong code there is a wrong diagnosis elsewhere.
    private func refuseVitalSign(_ loinc: String, at field: YAMLField) throws(YAMLProblem) {
        for key in ConceptCatalogue.standard.keys {
            guard let entry = ConceptCatalogue.standard.entry(key), entry.concept.category == .vitalSigns,
                entry.concept.codings.contains(where: { $0.system == Coding.loinc && $0.code == loinc })
            else { continue }
            throw field.problem("LOINC \(loinc) is the vital sign '\(key)': write code: \(key)")
        }
    }

    private func refuseVitalSign(mdc number: String, at field: YAMLField) throws(YAMLProblem) {
        guard let entry = ConceptCatalogue.standard.entry(mdc: number), entry.concept.category == .vitalSigns else {
            return
        }
        throw field.problem("MDC \(number) is the vital sign '\(entry.concept.key)': write code: \(number)")
    }

    /// A device's own number may be unknown to the catalogue, but not known as something else.
    private func refuseOtherConcept(
        _ mdc: [Coding],
        than base: ConceptCatalogue.Entry,
        at field: YAMLField
    ) throws(YAMLProblem) {
        for coding in mdc {
            guard let known = ConceptCatalogue.standard.entry(mdc: coding.code)?.concept.key,
                known != base.concept.key
            else { continue }
            throw field.problem("MDC \(coding.code) is '\(known)', not '\(base.concept.key)'")
        }
    }

    /// A code of another system.
    ///
    /// LOINC and MDC have keys of their own, whose codes are checked.
    private func foreignCoding(_ system: YAMLField, _ map: YAMLMapping) throws(YAMLProblem) -> Coding {
        let name = try system.word()
        guard name != Coding.loinc, name != Coding.mdc, name != "loinc", name != "mdc" else {
            throw system.problem("write loinc: or mdc: instead, so that the code is checked")
        }
        return Coding(
            system: name,
            code: try map.required("code").word(),
            display: try map.required("text").word()
        )
    }

    private func mdc(_ map: YAMLMapping) throws(YAMLProblem) -> [Coding] {
        guard let field = map["mdc"] else {
            if let refID = map["refid"] { throw refID.problem("names an MDC number: write mdc as well") }
            return []
        }
        let number = String(try field.integer(in: 0...Int(UInt32.max)))
        try CodeChecks.check(mdc: number, refID: map["refid"], at: field)
        let refID = try map["refid"]?.word() ?? ReferenceTerms.refID(number)
        return [Coding(system: Coding.mdc, code: number, display: refID)]
    }

    private func unit(_ field: YAMLField?) throws(YAMLProblem) -> MeasuredUnit? {
        guard let field else { return nil }
        let code = self.context.ucumCode(try field.word())
        do throws(UnitError) { return try UnitCatalogue.measuredUnit(code) } catch {
            throw field.problem(error.description)
        }
    }

    private func map(_ field: YAMLField) throws(YAMLProblem) -> ConceptMap {
        let map = try field.mapping(["by", "name", "cases", "catalogue", "conflict", "otherwise"])
        var cases: [String: ConceptCatalogue.Entry] = [:]
        for (code, value) in try map["cases"]?.members() ?? [] {
            guard case .fixed(let entry) = try self.rule(value) else {
                throw value.problem("a case must name one concept")
            }
            cases[code] = entry
        }
        return ConceptMap(
            code: try self.context.expression(map.required("by")),
            name: try self.context.optional(map["name"]),
            cases: cases,
            usesCatalogue: try map["catalogue"]?.bool() ?? cases.isEmpty,
            conflict: try map["conflict"]?.choice(ConceptMap.Conflict.self) ?? .refuse,
            otherwise: try map["otherwise"]?.choice(ConceptMap.Otherwise.self) ?? .refuse
        )
    }

    /// What a profile may call its own concepts.
    private enum OwnCategory: String, CaseIterable {
        case measurement
        case alarm
        case deviceEvent = "device-event"

        var category: Concept.Category {
            switch self {
            case .measurement: .measurement
            case .alarm: .alarm
            case .deviceEvent: .deviceEvent
            }
        }
    }
}

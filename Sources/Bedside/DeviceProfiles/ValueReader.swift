internal import Expressions
internal import Payloads
internal import Records
internal import Units

/// A value with its meaning and marks.
struct FoundValue {
    var concept: Concept
    var value: ReadingValue
    var flags: [QualityFlag]
}

/// Reads one value by its rule: sentinels, known scaling mistakes, units, plausibility.
struct ValueReader {
    let rule: ValueRule
    var units: StatedUnits

    /// The value, or nil when the message holds none.
    mutating func read(_ scope: EvaluationScope) throws(ReadingProblem) -> FoundValue? {
        guard let expression = self.rule.value else { return nil }
        let value = expression.evaluate(scope)
        let sentinel = self.sentinel(value, scope)
        switch value {
        case .absent where sentinel == nil, .null where sentinel == nil:
            guard !self.rule.required else { throw self.problem(.missingValue, "the value is missing") }
            return nil
        default: break
        }
        guard let (entry, conflict) = try self.concept(scope) else { return nil }
        var found = FoundValue(concept: entry.concept, value: .absent(.unknown), flags: conflict ? [.codeConflict] : [])
        if case .unavailable(let absence) = value {
            found.value = .absent(AbsentReason(rawValue: absence.rawValue) ?? .unknown)
        } else if let sentinel {
            found.value = .absent(sentinel.reason)
            found.flags.append(sentinel.flag)
        } else {
            try self.fill(&found, value, entry, scope)
        }
        for flag in self.rule.flags where flag.when.isTrue(scope) { found.flags.append(flag.flag) }
        return found
    }

    private mutating func fill(
        _ found: inout FoundValue,
        _ value: Value,
        _ entry: ConceptCatalogue.Entry,
        _ scope: EvaluationScope
    ) throws(ReadingProblem) {
        switch self.rule.shape {
        case .quantity: try self.fillQuantity(&found, value, entry, scope)
        case .text:
            guard let text = self.rule.value?.evaluateText(scope) else { throw self.wrongType("text") }
            found.value = .text(text)
        case .boolean:
            guard case .bool(let flag) = value else { throw self.wrongType("true or false") }
            found.value = .boolean(flag)
        case .coded(let coded): found.value = .coded(try self.coding(coded, scope))
        case .sampled(let sampled): try self.fillSeries(&found, sampled, value, entry, scope)
        case .panel: found.value = .panel
        }
    }

    private mutating func fillQuantity(
        _ found: inout FoundValue,
        _ value: Value,
        _ entry: ConceptCatalogue.Entry,
        _ scope: EvaluationScope
    ) throws(ReadingProblem) {
        guard var number = value.numeric else { throw self.wrongType("a number") }
        for rescale in self.rule.rescale where number > rescale.above {
            number = number * rescale.factor
            found.flags.append(.rescaled)
            break
        }
        let unit = try self.convert(&number, entry, scope)
        found.value = .quantity(number, unit)
        guard let plausible = self.rule.plausible ?? entry.plausible, unit == entry.concept.unit else { return }
        if number < plausible.lowerBound { found.flags.append(.implausibleLow) }
        if number > plausible.upperBound { found.flags.append(.implausibleHigh) }
    }

    mutating func convert(
        _ number: inout ExactDecimal,
        _ entry: ConceptCatalogue.Entry,
        _ scope: EvaluationScope
    ) throws(ReadingProblem) -> MeasuredUnit {
        switch self.rule.unit?.source {
        case .fixed(let conversion, let unit):
            if !conversion.isIdentity { number = conversion(number) }
            return unit
        case .stated(let expression, let aliases):
            guard let text = expression.evaluateText(scope), !text.isEmpty else {
                throw self.problem(.unknownUnit, "the message states no unit")
            }
            do throws(UnitError) {
                let target = self.rule.unit?.target ?? entry.concept.unit?.code
                let (conversion, unit) = try self.units.conversion(
                    from: aliases[text] ?? text,
                    to: target,
                    molarMass: entry.molarMass
                )
                if !conversion.isIdentity { number = conversion(number) }
                return unit
            } catch {
                throw self.problem(.unknownUnit, error.description)
            }
        case nil:
            guard let unit = entry.concept.unit else {
                throw self.problem(.unknownUnit, "neither the profile nor the code gives a unit")
            }
            return unit
        }
    }

    private func sentinel(_ value: Value, _ scope: EvaluationScope) -> Sentinel? {
        guard !self.rule.sentinels.isEmpty else { return nil }
        let number = value.numeric
        for sentinel in self.rule.sentinels {
            switch sentinel.match {
            case .number(let wanted): if number == wanted { return sentinel }
            case .text(let wanted): if case .text(let text) = value, text == wanted { return sentinel }
            case .condition(let condition): if condition.isTrue(scope) { return sentinel }
            }
        }
        return nil
    }

    private func coding(
        _ rule: CodedRule,
        _ scope: EvaluationScope
    ) throws(ReadingProblem) -> Coding {
        guard let text = self.rule.value?.evaluateText(scope) else { throw self.wrongType("a code") }
        if let coding = rule.cases[text] { return coding }
        guard let system = rule.system else {
            throw self.problem(.unknownEnumeration, "the device's code is not among the profile's values")
        }
        return Coding(system: system, code: text, display: rule.display?.evaluateText(scope))
    }

    /// The concept and whether code and name in the message contradicted each other.
    private func concept(
        _ scope: EvaluationScope
    ) throws(ReadingProblem) -> (ConceptCatalogue.Entry, conflict: Bool)? {
        switch self.rule.concept {
        case .fixed(let entry): return (entry, false)
        case .mapped(let map): return try self.choose(map, scope)
        }
    }

    private func choose(
        _ map: ConceptMap,
        _ scope: EvaluationScope
    ) throws(ReadingProblem) -> (ConceptCatalogue.Entry, conflict: Bool)? {
        let code = map.code.evaluateText(scope) ?? ""
        let byCode = map.cases[code] ?? (map.usesCatalogue ? ConceptCatalogue.standard.entry(mdc: code) : nil)
        let name = map.name?.evaluateText(scope) ?? ""
        let byName = name.isEmpty ? nil : ConceptCatalogue.standard.entry(refID: name)
        // Two MDC terms for one concept (MDC_TEMP, MDC_TEMP_BODY) are a dialect, not a contradiction.
        if let byName, byCode?.concept.key != byName.concept.key {
            switch map.conflict {
            case .number: break
            case .name: return (byName, byCode != nil || !code.isEmpty)
            case .refuse:
                throw self.problem(
                    .codeConflict,
                    "the code \(code.prefix(32)) and the name \(name.prefix(64)) contradict each other"
                )
            }
            if let byCode { return (byCode, true) }
        }
        if let byCode { return (byCode, false) }
        guard map.otherwise == .refuse else { return nil }
        throw self.problem(.unknownCode, "no rule for the code \(code.prefix(32)) \(name.prefix(64))")
    }

    func problem(_ reason: ReadingProblem.Reason, _ detail: String) -> ReadingProblem {
        ReadingProblem(reason: reason, rule: self.rule.label, detail: detail)
    }

    func wrongType(_ wanted: String) -> ReadingProblem {
        self.problem(.wrongType, "the value is not \(wanted)")
    }
}

/// Conversions from units that messages state, kept so that each is worked out once.
struct StatedUnits {
    private struct Key: Hashable {
        let from: String
        let to: String?
        /// mg/dL to mmol/L is one thing for glucose and another for cholesterol.
        let molarMass: ExactDecimal?
    }

    /// Distinct unit texts kept; a device that invents units does not grow our memory.
    private static let entriesMax = 256

    private var known: [Key: (UnitConversion, MeasuredUnit)] = [:]

    mutating func conversion(
        from text: String,
        to target: String?,
        molarMass: ExactDecimal?
    ) throws(UnitError) -> (UnitConversion, MeasuredUnit) {
        let key = Key(from: text, to: target, molarMass: molarMass)
        if let found = self.known[key] { return found }
        let from = try UCUMUnit(UnitCatalogue.ucumCode(text))
        let to = try target.map { (code) throws(UnitError) in try UCUMUnit(code) } ?? from
        let conversion = try UnitConversion(from: from, to: to, molarMass: molarMass)
        let found = (conversion, MeasuredUnit(code: to.code, display: to.display))
        if self.known.count < Self.entriesMax { self.known[key] = found }
        return found
    }
}

internal import DeviceProfiles
internal import Records
internal import StrictYAML
internal import Units

/// Holds the codes, names and unit that somebody gave a measurement against each other, and decides what it is.
///
/// A code that contradicts its own display is believed only when unit and field names are on its side. What cannot be
/// settled is left out: a wrong code would be believed by everybody downstream.
struct CodeJudge {
    /// A measurement as decided.
    struct Verdict: Equatable {
        var code: ReadingDraft.Code
        /// The unit in which the device gives it; UCUM.
        var unit: String?
    }

    /// What the measurement's type and field are called.
    let names: [String]
    private(set) var findings: [Finding] = []

    init(names: [String]) { self.names = names }

    /// Decides on a measurement.
    ///
    /// - Parameters:
    ///   - codes: in the order of the file.
    ///   - unit: as written, nil when there is none.
    ///   - unitField: where it stands.
    ///   - wantsUnit: whether the value is a number.
    /// - Returns: nil when nothing can be written; the findings say why.
    mutating func judge(
        _ codes: [MappingTemplate.Code],
        unit: String?,
        at unitField: TemplateField,
        wantsUnit: Bool
    ) -> Verdict? {
        var chosen: ConceptNames.Meaning?
        var mdc: (number: String, meaning: KnownCodes.Meaning?)?
        var foreign: MappingTemplate.Code?
        var unusedLOINC: MappingTemplate.Code?
        for code in codes {
            switch code.system {
            case Coding.loinc:
                guard let meaning = self.loinc(code, unit: unit) else { continue }
                if case .known(let known) = meaning {
                    self.compare(known, with: &chosen, at: code)
                } else {
                    unusedLOINC = unusedLOINC ?? code
                }
            case Coding.mdc:
                guard let number = self.mdc(code) else { continue }
                mdc = mdc ?? number
            default: foreign = foreign ?? code
            }
        }
        if chosen == nil, let key = mdc?.meaning?.concept { chosen = .catalogue(key) }
        let verdict: Verdict?
        if let chosen {
            self.noteDropped(codes, besides: chosen)
            verdict = self.known(chosen, unit: unit, at: unitField, wantsUnit: wantsUnit)
        } else {
            verdict = self.own(
                loinc: unusedLOINC,
                mdc: mdc?.number,
                foreign: foreign,
                unit: unit,
                at: unitField,
                wantsUnit: wantsUnit
            )
        }
        if verdict == nil, let first = codes.first {
            self.add(first.field, .error, "no code of it can be used", "the reading is left out")
        }
        return verdict
    }

    private mutating func add(_ field: TemplateField, _ weight: Finding.Weight, _ what: String, _ instead: String) {
        self.findings.append(field.finding(weight, what, instead))
    }

    // MARK: LOINC

    private enum LOINCMeaning {
        case known(ConceptNames.Meaning)
        /// A well-formed code that Wardline does not know.
        case unknown
    }

    private mutating func loinc(_ code: MappingTemplate.Code, unit: String?) -> LOINCMeaning? {
        let named = code.display.flatMap(ConceptNames.meaning(of:))
        guard isLOINC(code.code) else {
            let what = "'\(code.code)' is no LOINC code: its check digit is wrong"
            guard let named else {
                self.add(code.field, .error, what, "the code is left out")
                return nil
            }
            self.add(code.field, .error, what, "written as \(named.spoken), which its display names")
            return .known(named)
        }
        guard let meaning = KnownCodes.loinc(code.code) else {
            guard let named else { return .unknown }
            self.add(
                code.field,
                .warning,
                "LOINC \(code.code) is not known here",
                "taken as \(named.spoken), which its display names"
            )
            return .known(named)
        }
        let own: ConceptNames.Meaning = meaning.concept.map { .catalogue($0) } ?? .loinc(code.code)
        guard let display = code.display else { return .known(own) }
        if let named, !Self.sameMeasurement(named, own) {
            return .known(self.settle(code, display: display, own: own, meaning: meaning, named: named, unit: unit))
        }
        if named == nil, Words.telling(display).isDisjoint(with: Words.telling(meaning.name)) {
            self.add(
                code.field,
                .warning,
                "LOINC \(code.code) is '\(meaning.name)', its display is '\(display)'",
                "the code was believed; correct the template if the display is right"
            )
        } else if display != meaning.name, Words.joined(display) != Words.joined(meaning.name) {
            self.add(code.field, .note, "the LOINC name of \(code.code) is '\(meaning.name)'", "that name is written")
        }
        return .known(own)
    }

    /// The display contradicts the code: unit and field names decide.
    private mutating func settle(
        _ code: MappingTemplate.Code,
        display: String,
        own: ConceptNames.Meaning,
        meaning: KnownCodes.Meaning,
        named: ConceptNames.Meaning,
        unit: String?
    ) -> ConceptNames.Meaning {
        var votes = 0
        for name in self.names {
            guard let vote = ConceptNames.meaning(of: name) else { continue }
            if Self.sameMeasurement(vote, named) { votes += 1 }
            if Self.sameMeasurement(vote, own) { votes -= 1 }
        }
        var evidence = "display '\(display)'"
        if let unit, let code = UnitNames.isUCUM(unit) ? unit : UnitNames.code(named: unit) {
            let speaksForNamed = UnitNames.measuresSame(code, named.unit)
            let speaksForOwn = UnitNames.measuresSame(code, own.unit)
            if speaksForNamed, !speaksForOwn {
                votes += 3
                evidence += " and unit '\(unit)'"
            }
            if speaksForOwn, !speaksForNamed { votes -= 3 }
        }
        if votes > 0 {
            self.add(
                code.field,
                .error,
                "LOINC \(code.code) is '\(meaning.name)', but \(evidence) say otherwise",
                "written as \(named.spoken)"
            )
            return named
        }
        self.add(
            code.field,
            .error,
            "LOINC \(code.code) is '\(meaning.name)', its display '\(display)' means \(named.spoken)",
            "the code was believed; correct the template if the display is right"
        )
        return own
    }

    /// Pulse and heart rate, glucose by mass and by amount: names do not tell them apart.
    private static func sameMeasurement(_ left: ConceptNames.Meaning, _ right: ConceptNames.Meaning) -> Bool {
        if left == right { return true }
        let families: [Set<String>] = [
            ["heart-rate", "pulse-rate-oximetry", "invasive-pulse-rate"], ["blood-glucose", "blood-glucose-mass"],
        ]
        if case .catalogue(let left) = left, case .catalogue(let right) = right {
            return families.contains { $0.contains(left) && $0.contains(right) }
        }
        // LOINC has several codes for glucose and heart rate by method; their names share the words.
        if case .loinc(let code) = right, case .catalogue(let key) = left, let name = KnownCodes.loinc(code)?.name {
            return key.hasPrefix("blood-glucose") && name.hasPrefix("Glucose")
        }
        return false
    }

    private mutating func compare(
        _ meaning: ConceptNames.Meaning,
        with chosen: inout ConceptNames.Meaning?,
        at code: MappingTemplate.Code
    ) {
        guard let first = chosen else { return chosen = meaning }
        if !Self.sameMeasurement(first, meaning) {
            self.add(
                code.field,
                .error,
                "means \(meaning.spoken), another code beside it \(first.spoken)",
                "the first was believed"
            )
        }
    }

    // MARK: MDC

    private mutating func mdc(_ code: MappingTemplate.Code) -> (number: String, meaning: KnownCodes.Meaning?)? {
        guard UInt32(code.code) != nil else {
            self.add(
                code.field,
                .error,
                "'\(code.code)' is no MDC number (partition x 65536 + term)",
                "the code is left out"
            )
            return nil
        }
        let meaning = KnownCodes.mdc(code.code)
        if let meaning, let display = code.display, display.hasPrefix("MDC_"), display != meaning.name {
            self.add(
                code.field,
                .error,
                "MDC \(code.code) is \(meaning.name), not \(display)",
                "the number was believed"
            )
        }
        return (code.code, meaning)
    }

    // MARK: Units

    private mutating func known(
        _ meaning: ConceptNames.Meaning,
        unit: String?,
        at field: TemplateField,
        wantsUnit: Bool
    ) -> Verdict? {
        let expected = meaning.unit
        var unitCode: String?
        if wantsUnit {
            guard let decided = self.unit(unit, expected: expected, of: meaning.spoken, at: field) else { return nil }
            unitCode = decided
        }
        switch meaning {
        case .catalogue(let key): return Verdict(code: .catalogue(key), unit: unitCode)
        case .loinc(let code):
            let text = KnownCodes.loinc(code)?.name ?? code
            let own = ReadingDraft.Code.own(
                key: Self.key(self.names),
                text: text,
                system: .loinc(code),
                unit: wantsUnit ? expected : nil,
                category: nil
            )
            return Verdict(code: own, unit: unitCode)
        }
    }

    /// Decides on the unit; nil when it measures something else.
    private mutating func unit(
        _ text: String?,
        expected: String?,
        of name: String,
        at field: TemplateField
    ) -> String? {
        guard let text else {
            guard let expected else {
                self.add(field, .warning, "no unit", "numbers without a unit (1) are written: give one")
                return "1"
            }
            self.add(field, .warning, "no unit", "values are taken to be in \(expected): check that")
            return expected
        }
        switch UnitNames.read(text, expected: expected) {
        case .valid(let code): return code
        case .meant(let code):
            let what = UnitNames.isUCUM(text) ? "'\(text)' means something else in UCUM" : "'\(text)' is no UCUM code"
            self.add(field, .error, what, "written as \(code)")
            return code
        case .wrong(let code):
            let measured = expected.map { ", which is measured in \($0) or alike" } ?? ""
            self.add(field, .error, "'\(code)' does not measure \(name)\(measured)", "the reading is left out")
            return nil
        case .unknown:
            self.add(field, .error, "'\(text)' is no UCUM code, and not known here", "the reading is left out")
            return nil
        }
    }

    // MARK: Concepts that Wardline does not know

    private mutating func own(
        loinc: MappingTemplate.Code?,
        mdc: String?,
        foreign: MappingTemplate.Code?,
        unit: String?,
        at field: TemplateField,
        wantsUnit: Bool
    ) -> Verdict? {
        let system: ReadingDraft.System
        let text: String
        if let loinc {
            system = .loinc(loinc.code)
            text = loinc.display ?? self.names.first ?? loinc.code
        } else if let mdc {
            system = .mdc(mdc)
            text = KnownCodes.mdc(mdc)?.name ?? self.names.first ?? mdc
        } else if let foreign {
            system = .other(system: self.absolute(foreign), code: foreign.code)
            text = foreign.display ?? foreign.code
        } else {
            return nil
        }
        var unitCode: String?
        if wantsUnit {
            guard let decided = self.unit(unit, expected: nil, of: text, at: field) else { return nil }
            unitCode = decided
        }
        let code = ReadingDraft.Code.own(
            key: Self.key(self.names),
            text: text,
            system: system,
            unit: unitCode,
            category: wantsUnit ? nil : "device-event"
        )
        return Verdict(code: code, unit: unitCode)
    }

    /// FHIR wants an absolute URI for a code's system.
    private mutating func absolute(_ code: MappingTemplate.Code) -> String {
        let isAbsolute = ["http://", "https://", "urn:"].contains { code.system.hasPrefix($0) }
        if isAbsolute { return code.system }
        let written =
            "urn:wardline:system:" + (code.system.isEmpty ? "unknown" : Words.split(code.system).joined(separator: "."))
        self.add(code.field, .error, "its system '\(code.system)' is no absolute URI", "written as \(written)")
        return written
    }

    /// The catalogue's concepts bring their own codes.
    private mutating func noteDropped(_ codes: [MappingTemplate.Code], besides chosen: ConceptNames.Meaning) {
        var kept: [String]
        switch chosen {
        case .catalogue(let key): kept = (ConceptCatalogue.standard.entry(key)?.concept.codings ?? []).map(\.code)
        case .loinc(let code): kept = [code]
        }
        kept += self.findings.filter { $0.weight == .error }.map(\.place)
        let dropped = codes.filter { !kept.contains($0.code) && !kept.contains($0.field.field.path) }
        guard let first = dropped.first else { return }
        let list = dropped.map { "\($0.code) of \($0.system)" }.joined(separator: ", ")
        self.add(
            first.field,
            .note,
            "further codes are not carried: \(list)",
            "the reading has the codes of \(chosen.spoken)"
        )
    }

    /// A key of the profile's own: the type's name, unless the catalogue has it.
    private static func key(_ names: [String]) -> String {
        let key = names.first.map(Words.kebab) ?? "value"
        let usable = key.isEmpty ? "value" : key
        return ConceptCatalogue.standard.entry(usable) == nil ? usable : "\(usable)-own"
    }
}

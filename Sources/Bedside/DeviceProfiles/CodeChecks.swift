internal import Records
internal import StrictYAML
internal import Units

/// Holds the codes of a profile against each other: number and RefID, code and unit, code and words.
///
/// A wrong code is worse than none: it is believed by everybody downstream.
enum CodeChecks {
    // MARK: Number and RefID

    /// Refuses a RefID that belongs to another number, or a number that has another RefID.
    static func check(mdc number: String, refID field: YAMLField?, at place: YAMLField) throws(YAMLProblem) {
        guard let refID = try field?.word() else { return }
        if let known = ReferenceTerms.refID(number), known != refID {
            throw place.problem("MDC \(number) is \(known), not \(refID)")
        }
        if let other = ReferenceTerms.number(refID: refID), other != number {
            throw place.problem("\(refID) is MDC \(other), not \(number)")
        }
    }

    // MARK: Code and unit

    /// Refuses a unit that does not measure what a concept's code measures.
    static func check(unit: MeasuredUnit?, of codings: [Coding], at place: YAMLField) throws(YAMLProblem) {
        guard let unit else { return }
        for coding in codings {
            guard let (name, expected) = self.meaning(of: coding) else { continue }
            guard self.conversion(from: unit.code, to: expected) != nil else { continue }
            throw place.problem("\(name) is measured in \(expected) or alike, not in \(unit.code)")
        }
    }

    private static func meaning(of coding: Coding) -> (name: String, unit: String)? {
        if coding.system == Coding.loinc, let term = ReferenceTerms.loinc(coding.code) {
            return ("LOINC \(term.code) (\(term.display))", term.unit)
        }
        if coding.system == Coding.mdc, let term = ReferenceTerms.mdc(coding.code), let unit = term.unit {
            return ("MDC \(term.number) (\(term.refID))", unit)
        }
        return nil
    }

    /// Refuses `to` when readings of the concept cannot be given in that unit, or may not.
    static func check(target: MeasuredUnit, of entry: ConceptCatalogue.Entry, at place: YAMLField) throws(YAMLProblem) {
        guard let own = entry.concept.unit, own.code != target.code else { return }
        if let profile = entry.concept.profileURL {
            let allowed = Self.vitalSignUnits[own.code] ?? []
            guard allowed.contains(target.code) else {
                let units = ([own.code] + allowed).joined(separator: ", ")
                throw place.problem("the FHIR profile \(profile) allows \(units) only")
            }
            return
        }
        if let reason = self.conversion(from: own.code, to: target.code, molarMass: entry.molarMass) {
            throw place.problem("readings of \(entry.concept.key) cannot be given so: \(reason)")
        }
    }

    /// The units that FHIR R4 vital signs allow beside the catalogue's.
    private static let vitalSignUnits = ["Cel": ["[degF]"], "cm": ["[in_i]"], "kg": ["g", "[lb_av]"]]

    /// Why one unit cannot be converted into the other; nil when it can.
    private static func conversion(from: String, to: String, molarMass: ExactDecimal? = nil) -> String? {
        do throws(UnitError) {
            _ = try UnitConversion(from: UCUMUnit(from), to: UCUMUnit(to), molarMass: molarMass)
            return nil
        } catch {
            return error.description
        }
    }

    // MARK: Code and words

    /// Refuses a text that shares no word with the name of a LOINC code: one of the two was mistaken.
    static func check(text: String, of codings: [Coding], at place: YAMLField) throws(YAMLProblem) {
        for coding in codings where coding.system == Coding.loinc {
            guard let term = ReferenceTerms.loinc(coding.code) else { continue }
            guard self.words(text).isDisjoint(with: self.words(term.display)) else { continue }
            throw place.problem("LOINC \(term.code) is '\(term.display)', which '\(text)' does not name")
        }
    }

    /// Checks one code of a coded value and what the profile calls it.
    static func check(value coding: Coding, code: YAMLField, display: YAMLField?) throws(YAMLProblem) {
        switch coding.system {
        case Coding.loinc:
            guard isLOINC(coding.code) || self.isLOINCAnswer(coding.code) else {
                throw code.problem("'\(coding.code)' is not a LOINC code: its check digit is wrong")
            }
            let known = ReferenceTerms.loinc(coding.code)?.display ?? self.catalogueDisplay(loinc: coding.code)
            if let display, let known, try display.word() != known {
                throw display.problem("LOINC \(coding.code) is '\(known)'")
            }
        case Coding.mdc:
            guard UInt32(coding.code) != nil else {
                throw code.problem("'\(coding.code)' is no MDC number (partition x 65536 + term)")
            }
            if let display, let known = ReferenceTerms.refID(coding.code), try display.word() != known {
                throw display.problem("MDC \(coding.code) is \(known)")
            }
        default: return
        }
    }

    private static func catalogueDisplay(loinc code: String) -> String? {
        for row in ConceptRow.all {
            for coding in row.loinc where coding.code == code { return coding.display }
        }
        return nil
    }

    /// LOINC answers are `LA`, digits and a check digit, whose rule the LOINC guide does not give.
    private static func isLOINCAnswer(_ code: String) -> Bool {
        guard code.hasPrefix("LA") else { return false }
        let parts = code.dropFirst(2).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].count == 1, !parts[0].isEmpty else { return false }
        return parts.joined().utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// The words of at least four letters, in lower case.
    private static func words(_ text: String) -> Set<String> {
        Set(text.lowercased().split { !$0.isLetter }.map(String.init).filter { $0.count >= 4 })
    }
}

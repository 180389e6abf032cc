internal import DeviceProfiles
internal import Records
internal import Units

/// Decides what a value is, by its name, its unit and its size.
struct FieldGuess {
    let leaves: [SampleLeaf]

    private static let valueNames: Set<String> = ["value", "v", "val", "reading", "result", "number", "current", "avg"]
    private static let unitNames: Set<String> = ["unit", "units", "uom", "u", "unitcode"]

    /// The field of one value; one without a meaning when it is a number with an unknown name.
    func field(_ leaf: SampleLeaf, format: String) -> ProposedField? {
        guard leaf.number != nil, let last = leaf.names.last, !Self.unitNames.contains(last.lowercased()) else {
            return nil
        }
        let stated = self.statedUnit(beside: leaf)
        var field = ProposedField(leaf: leaf, statedUnit: stated)
        let names = self.names(of: leaf)
        field.meaning = names.lazy.compactMap { Self.meaning(of: $0, format: format) }.first
        guard let meaning = field.meaning else { return field }
        if stated == nil { Self.decideUnit(&field, meaning, names: names) }
        return field
    }

    /// What the value may be called: its element, its own name, its name with its parent's, its parent's.
    private func names(of leaf: SampleLeaf) -> [String] {
        var names: [String] = []
        if let element = leaf.element {
            names.append(element)
            // What stands beside a code: HL7's OBX-3.2, a display.
            for other in self.leaves where other.each == leaf.each && ["text", "display"].contains(other.names.last) {
                if case .text(let text) = other.value { names.append(text) }
            }
        }
        let last = leaf.names.last ?? ""
        let parent = leaf.names.dropLast().last
        let isValue = Self.valueNames.contains(last.lowercased())
        if isValue, leaf.element == nil, let parent { names.append(parent) }
        if !isValue {
            if let parent { names.append("\(parent) \(last)") }
            names.append(last)
        }
        return names
    }

    /// MDC numbers and RefIDs mean what they mean; names by the dictionary.
    private static func meaning(of name: String, format: String) -> ConceptNames.Meaning? {
        if let key = KnownCodes.mdc(name)?.concept ?? KnownCodes.loinc(name)?.concept { return .catalogue(key) }
        if let entry = ConceptCatalogue.standard.entry(name), entry.refID == name {
            return ConceptCatalogue.standard.keys.first { $0 == entry.concept.key }.map { .catalogue($0) }
        }
        return ConceptNames.meaning(of: name)
    }

    /// A member beside the value that names its unit.
    private func statedUnit(beside leaf: SampleLeaf) -> (leaf: SampleLeaf, text: String)? {
        let place = leaf.names.dropLast()
        for other in self.leaves where other.each == leaf.each && other.names.dropLast().elementsEqual(place) {
            guard let name = other.names.last, case .text(let text) = other.value, !text.isEmpty else { continue }
            let lower = name.lowercased()
            let isBeside =
                Self.unitNames.contains(lower) && (Self.valueNames.contains(leaf.names.last?.lowercased() ?? ""))
            if isBeside || lower == "\(leaf.names.last?.lowercased() ?? "")_unit" { return (other, text) }
        }
        return nil
    }

    // MARK: Units

    private static func decideUnit(_ field: inout ProposedField, _ meaning: ConceptNames.Meaning, names: [String]) {
        guard let expected = meaning.unit else { return }
        field.unit = expected
        if let named = self.unitInName(names, expected: expected) { return field.unit = named }
        guard let number = field.leaf.number else { return }
        switch meaning {
        case .catalogue("body-temperature"): self.judgeTemperature(&field, number)
        case .catalogue("oxygen-saturation") where number > .zero && number <= .one:
            field.factor = "100"
            field.doubt = "the sample is at most 1: taken for a ratio and multiplied by 100"
        case .catalogue("blood-glucose") where number > ExactDecimal(35):
            field.unit = "mg/dL"
            field.doubt = "the sample is above 35: taken to be in mg/dL"
        case .catalogue(let key) where key.hasSuffix("pressure") && number < ExactDecimal(30) && number > .zero:
            field.unit = "kPa"
            field.doubt = "the sample is below 30: taken to be in kPa"
        default: field.doubt = "no unit in the sample: taken to be in \(expected)"
        }
    }

    private static func judgeTemperature(_ field: inout ProposedField, _ number: ExactDecimal) {
        if number > ExactDecimal(200) {
            field.factor = "0.1"
            field.doubt = "the sample is above 200: taken for tenths of a degree Celsius"
        } else if number > ExactDecimal(50) {
            field.unit = "[degF]"
            field.doubt = "the sample is above 50: taken to be in [degF]"
        } else {
            field.doubt = "no unit in the sample: taken to be in Cel"
        }
    }

    /// `temp_f`, `weightLbs`, `spo2_pct`: the last word of the name.
    private static func unitInName(_ names: [String], expected: String) -> String? {
        for name in names {
            guard let last = Words.split(name).last, Words.split(name).count > 1,
                let code = UnitNames.code(named: last), UnitNames.measuresSame(code, expected)
            else { continue }
            return code
        }
        return nil
    }
}

internal import DeviceProfiles
internal import Units

/// One value of the samples that may be a reading; a person may change what it is taken for.
package struct ProposedField: Sendable {
    let leaf: SampleLeaf
    /// What the message itself says of the unit.
    let statedUnit: (leaf: SampleLeaf, text: String)?
    var meaning: ConceptNames.Meaning?
    /// UCUM; nil when the concept's own is taken or the message states it.
    var unit: String?
    /// An expression that mends a known scale: a ratio written for a percentage.
    var factor: String?
    /// What a person should check.
    var doubt: String?

    /// Where the value stands, for people.
    package var place: String { self.leaf.element.map { "\($0) (\(self.leaf.path))" } ?? self.leaf.path }

    /// What it is taken for, for people; nil when it is not read.
    package var reading: String? {
        guard let meaning = self.meaning else { return nil }
        let unit = self.statedUnit.map { "unit \($0.text), by the message" } ?? self.unit ?? meaning.unit ?? "no unit"
        return "\(meaning.spoken) in \(unit)"
    }

    /// What should be checked, in a sentence.
    package var remark: String? { self.doubt }

    /// Whether the sample's value is a number.
    package var isNumber: Bool { self.leaf.number != nil }

    /// Takes the field for another measurement.
    ///
    /// - Parameter name: a key of the catalogue, or what devices call a measurement; empty leaves the field out.
    /// - Returns: whether the name is known.
    package mutating func take(as name: String) -> Bool {
        if name.isEmpty || name == "-" {
            self.meaning = nil
            return true
        }
        guard
            let meaning = ConceptCatalogue.standard.entry(name) != nil
                ? .catalogue(name) : ConceptNames.meaning(of: name)
        else { return false }
        self.meaning = meaning
        self.doubt = nil
        if let unit = self.unit, !UnitNames.measuresSame(unit, meaning.unit) { self.unit = nil }
        return true
    }

    /// Takes the field in another unit.
    ///
    /// - Parameter text: UCUM, or what people call a unit.
    /// - Returns: whether it measures what the field measures.
    package mutating func take(unit text: String) -> Bool {
        switch UnitNames.read(text, expected: self.meaning?.unit) {
        case .valid(let code), .meant(let code): self.unit = code
        case .wrong, .unknown: return false
        }
        self.doubt = nil
        return true
    }
}

internal import DeviceProfiles

/// Writes the readings of a proposal's fields; both cuff pressures become one panel.
struct ReadingWriter {
    private let fields: [ProposedField]
    private let leaves: [SampleLeaf]
    private let format: String
    private let time: ProfileDraft.Time?
    /// Unit names of the device that are no UCUM codes.
    private(set) var aliases: [(name: String, code: String)] = []

    init(fields: [ProposedField], leaves: [SampleLeaf], format: String, time: ProfileDraft.Time?) {
        self.fields = fields
        self.leaves = leaves
        self.format = format
        self.time = time
    }

    private static let cuff = ["systolic-blood-pressure", "diastolic-blood-pressure", "mean-blood-pressure"]

    mutating func readings() -> [ReadingDraft] {
        var readings: [ReadingDraft] = []
        var written: [Int] = []
        for (index, field) in self.fields.enumerated() where !written.contains(index) {
            guard let meaning = field.meaning else { continue }
            if case .catalogue(let key) = meaning, Self.cuff.contains(key) {
                let parts = self.panelParts(with: field)
                let keys = parts.map { self.key(of: self.fields[$0]) }
                if Self.cuff.prefix(2).allSatisfy(keys.contains) {
                    written += parts
                    readings.append(self.panel(parts))
                    continue
                }
            }
            // A code twice in one place counts once: the first is read.
            let isTaken = self.fields[..<index].contains {
                $0.meaning == meaning && $0.leaf.each == field.leaf.each && field.leaf.element == nil
            }
            readings.append(self.reading(field, channel: isTaken ? field.leaf.names.last : nil))
        }
        return readings
    }

    private func key(of field: ProposedField) -> String {
        if case .catalogue(let key)? = field.meaning { key } else { "" }
    }

    /// The cuff's fields beside one: of the same element, or of elements of the same list.
    private func panelParts(with field: ProposedField) -> [Int] {
        var parts: [Int] = []
        for (index, other) in self.fields.enumerated() where Self.cuff.contains(self.key(of: other)) {
            let isBeside =
                field.leaf.element == nil
                ? other.leaf.each == field.leaf.each && other.leaf.element == nil : other.leaf.element != nil
            let isNew = !parts.contains { self.key(of: self.fields[$0]) == self.key(of: other) }
            if isBeside, isNew { parts.append(index) }
        }
        return parts
    }

    private mutating func panel(_ parts: [Int]) -> ReadingDraft {
        var panel = ReadingDraft(code: .catalogue("blood-pressure"), value: nil)
        let first = self.fields[parts[0]]
        let isGathered = first.leaf.element != nil
        panel.components = parts.map { index in
            let field = self.fields[index]
            var component = ReadingDraft(
                code: .catalogue(self.key(of: field)),
                value: self.value(field, isGathered ? field.leaf.rootPath : field.leaf.path)
            )
            component.unit = self.unit(field, gathered: isGathered)
            return component
        }
        if isGathered {
            panel.when = parts.map { "exists(\(self.fields[$0].leaf.rootPath))" }.joined(separator: " || ")
            panel.time = self.gatheredTime(first.leaf)
        } else {
            panel.each = first.leaf.each
            panel.time = self.elementTime(first.leaf)
        }
        return panel
    }

    private mutating func reading(_ field: ProposedField, channel: String?) -> ReadingDraft {
        let code: ReadingDraft.Code
        switch field.meaning {
        case .catalogue(let key): code = .catalogue(key)
        case .loinc(let loinc):
            code = .own(
                key: Words.kebab(field.leaf.element ?? field.leaf.names.last ?? "value") + "-reading",
                text: KnownCodes.loinc(loinc)?.name ?? loinc,
                system: .loinc(loinc),
                unit: field.meaning?.unit,
                category: nil
            )
        case nil: code = .catalogue("")
        }
        var reading = ReadingDraft(code: code, value: self.value(field, field.leaf.path))
        reading.each = field.leaf.each
        reading.unit = self.unit(field, gathered: false)
        reading.time = self.elementTime(field.leaf)
        reading.channel = self.format == "hl7v2" ? "{@.sub_id}" : channel
        return reading
    }

    private func value(_ field: ProposedField, _ path: String) -> String {
        field.factor.map { "number(\(path)) * \($0)" } ?? path
    }

    private mutating func unit(_ field: ProposedField, gathered: Bool) -> String? {
        guard let stated = field.statedUnit else { return field.unit ?? field.meaning?.unit }
        let expected = field.meaning?.unit
        switch UnitNames.read(stated.text, expected: expected) {
        case .meant(let code):
            if !self.aliases.contains(where: { $0.name == stated.text }) { self.aliases.append((stated.text, code)) }
        case .valid, .wrong, .unknown: break
        }
        return "{\(gathered ? stated.leaf.rootPath : stated.leaf.path)}"
    }

    // MARK: Times

    /// The time within the element, when the profile's own is not that.
    private func elementTime(_ leaf: SampleLeaf) -> ProfileDraft.Time? {
        guard self.format != "hl7v2", leaf.each != nil else { return nil }
        let own = self.leaves.first { $0.each == leaf.each && TimeGuess.rule($0) != nil }
        return own.flatMap(TimeGuess.rule)
    }

    /// The time of a panel that is gathered from several elements.
    private func gatheredTime(_ leaf: SampleLeaf) -> ProfileDraft.Time? {
        if self.format == "hl7v2" {
            let base = leaf.each ?? "$"
            return ProfileDraft.Time(value: "coalesce(\(base).time, \(base).group_time, $.message_time)")
        }
        guard let own = self.leaves.first(where: { $0.each == leaf.each && TimeGuess.rule($0) != nil }),
            var rule = TimeGuess.rule(own)
        else { return nil }
        rule.value = own.rootPath
        return rule
    }
}

internal import StrictYAML

/// One value of a template file; names of members are taken without regard to case, as the reader of these files does.
///
/// JSON is read as the YAML that it is: so every value knows its line.
struct TemplateField {
    let field: YAMLField
    let file: String

    init(_ field: YAMLField, file: String) {
        self.field = field
        self.file = file
    }

    /// Parses a file; a byte order mark is passed over.
    init(parsing text: String, file: String) throws(YAMLProblem) {
        let text = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        self.init(try YAMLField(parsing: text, file: file), file: file)
    }

    subscript(_ name: String) -> TemplateField? {
        guard self.field.isMapping, let members = try? self.field.members() else { return nil }
        guard let member = members.first(where: { $0.key.lowercased() == name.lowercased() }) else { return nil }
        let value = TemplateField(member.value, file: self.file)
        return value.isNull ? nil : value
    }

    private var isNull: Bool { !self.field.isMapping && !self.field.isSequence && (try? self.field.text()) == "null" }

    /// A member's text; nil when it is missing or empty.
    func text(_ name: String) -> String? {
        guard let text = self[name]?.text, !text.isEmpty else { return nil }
        return text
    }

    /// The value as text, when it is one.
    var text: String? { try? self.field.text() }

    var elements: [TemplateField] {
        ((try? self.field.elements()) ?? []).map { TemplateField($0, file: self.file) }
    }

    /// A finding about this place.
    func finding(_ weight: Finding.Weight, _ what: String, _ instead: String) -> Finding {
        Finding(
            file: self.file,
            line: self.field.line,
            place: self.field.path,
            weight: weight,
            what: what,
            instead: instead
        )
    }
}

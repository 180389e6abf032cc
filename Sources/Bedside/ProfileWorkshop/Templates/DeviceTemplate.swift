/// One device content template: which part of a message is a measurement, and where its parts are.
struct DeviceTemplate {
    /// Which kind of template it is, hence to what its paths refer.
    enum Kind: String, CaseIterable {
        /// Paths are relative to the matched part.
        case jsonPath = "JsonPathContent"
        /// Paths begin at the message, in which the matched part is `matchedToken`.
        case calculated = "CalculatedContent"
        /// Device and time are those of the IoT Hub's envelope.
        case hub = "IotJsonPathContent"
        /// Device and time are those of an IoT Central export.
        case central = "IotCentralJsonPathContent"
    }

    /// An expression in one of the two languages.
    struct Phrase {
        let text: String
        let isJMESPath: Bool
        let field: TemplateField
    }

    struct Value {
        let name: String
        let phrase: Phrase
        let isRequired: Bool
    }

    let kind: Kind
    let field: TemplateField
    let typeName: String
    let match: Phrase
    let device: Phrase?
    let time: Phrase?
    let patient: Phrase?
    /// Members that are read there and have no counterpart here.
    let unread: [TemplateField]
    let values: [Value]

    /// Reads one template.
    ///
    /// - Throws: what is missing.
    init(_ container: TemplateField, kind: Kind) throws(Finding) {
        guard let field = container["template"] else {
            throw container.finding(.error, "'template' is missing", "the template is left out")
        }
        guard let typeName = field.text("typeName") else {
            throw field.finding(.error, "'typeName' is missing", "the template is left out")
        }
        let language = field.text("defaultExpressionLanguage")
        let isJMESPath = try Self.isJMESPath(language, at: field)
        func phrase(_ name: String) throws(Finding) -> Phrase? {
            guard let member = field[name] else { return nil }
            return try Self.phrase(member, isJMESPath: isJMESPath)
        }
        guard let match = try phrase("typeMatchExpression") else {
            throw field.finding(.error, "'typeMatchExpression' is missing", "the template is left out")
        }
        let isPlatform = kind == .hub || kind == .central
        self.device = isPlatform ? nil : try phrase("deviceIdExpression")
        self.time = isPlatform ? nil : try phrase("timestampExpression")
        if !isPlatform, self.device == nil || self.time == nil {
            let missing = self.device == nil ? "deviceIdExpression" : "timestampExpression"
            throw field.finding(.error, "'\(missing)' is missing", "the template is left out")
        }
        self.kind = kind
        self.field = field
        self.typeName = typeName
        self.match = match
        self.patient = try phrase("patientIdExpression")
        self.unread = ["encounterIdExpression", "correlationIdExpression"].compactMap { field[$0] }
        var values: [Value] = []
        for element in field["values"]?.elements ?? [] {
            guard let name = element.text("valueName"), let expression = element["valueExpression"] else {
                throw element.finding(.error, "a value needs valueName and valueExpression", "the template is left out")
            }
            let isRequired = element.text("required")?.lowercased() == "true"
            values.append(
                Value(
                    name: name,
                    phrase: try Self.phrase(expression, isJMESPath: isJMESPath),
                    isRequired: isRequired
                )
            )
        }
        self.values = values
    }

    private static func phrase(_ field: TemplateField, isJMESPath: Bool) throws(Finding) -> Phrase {
        if let text = field.text, !text.isEmpty { return Phrase(text: text, isJMESPath: isJMESPath, field: field) }
        guard let text = field.text("value"), let place = field["value"] else {
            throw field.finding(.error, "is no expression", "the template is left out")
        }
        let own = field.text("language")
        return Phrase(
            text: text,
            isJMESPath: own == nil ? isJMESPath : try self.isJMESPath(own, at: field),
            field: place
        )
    }

    private static func isJMESPath(_ language: String?, at field: TemplateField) throws(Finding) -> Bool {
        switch language?.lowercased() {
        case nil, "jsonpath": return false
        case "jmespath": return true
        default: throw field.finding(.error, "the language must be JsonPath or JmesPath", "the template is left out")
        }
    }
}

/// One FHIR mapping template: what a type's values are called and measured in.
struct MappingTemplate {
    struct Code {
        let code: String
        let system: String
        let display: String?
        let field: TemplateField
    }

    enum ValueKind: String {
        case sampled = "sampleddata"
        case quantity
        case text = "string"
        case coded = "codeableconcept"
    }

    struct Value {
        let kind: ValueKind
        let name: String
        /// As written: for quantities the code, else the unit; nil when neither says anything.
        let unit: String?
        /// Where the unit stands, or the value when there is none.
        let unitField: TemplateField
        let codes: [Code]
        let text: String?
        let field: TemplateField
    }

    struct Component {
        let codes: [Code]
        let value: Value
        let field: TemplateField
    }

    let field: TemplateField
    let typeName: String
    let codes: [Code]
    /// Minutes that one Observation gathers there; 0 for one each.
    let period: Int
    let value: Value?
    let components: [Component]

    init(_ container: TemplateField) throws(Finding) {
        guard let field = container["template"], let typeName = field.text("typeName") else {
            throw container.finding(.error, "'template' with 'typeName' is missing", "the template is left out")
        }
        self.field = field
        self.typeName = typeName
        self.codes = try Self.codes(of: field)
        self.period = field.text("periodInterval").flatMap { Int($0) } ?? 0
        self.value = try field["value"].map { value throws(Finding) in try Self.value(value) }
        var components: [Component] = []
        for element in field["components"]?.elements ?? [] {
            guard let value = element["value"] else {
                throw element.finding(.error, "a component needs 'value'", "the template is left out")
            }
            components.append(
                Component(codes: try Self.codes(of: element), value: try Self.value(value), field: element)
            )
        }
        self.components = components
        guard self.value != nil || !components.isEmpty else {
            throw field.finding(.error, "neither 'value' nor 'components'", "the template is left out")
        }
    }

    private static func codes(of field: TemplateField) throws(Finding) -> [Code] {
        var codes: [Code] = []
        for element in field["codes"]?.elements ?? [] {
            guard let code = element.text("code") else {
                throw element.finding(.error, "'code' is missing", "the template is left out")
            }
            codes.append(
                Code(
                    code: code,
                    system: element.text("system") ?? "",
                    display: element.text("display"),
                    field: element["code"] ?? element
                )
            )
        }
        guard !codes.isEmpty else { throw field.finding(.error, "'codes' is missing", "the template is left out") }
        return codes
    }

    private static func value(_ field: TemplateField) throws(Finding) -> Value {
        guard let word = field.text("valueType"), let kind = ValueKind(rawValue: word.lowercased()) else {
            throw field.finding(
                .error,
                "valueType must be SampledData, Quantity, String or CodeableConcept",
                "the template is left out"
            )
        }
        guard let name = field.text("valueName") else {
            throw field.finding(.error, "'valueName' is missing", "the template is left out")
        }
        let unitName = kind == .quantity && field.text("code") != nil ? "code" : "unit"
        return Value(
            kind: kind,
            name: name,
            unit: field.text(unitName),
            unitField: field[unitName] ?? field,
            codes: kind == .coded ? try Self.codes(of: field) : [],
            text: field.text("text"),
            field: field
        )
    }
}

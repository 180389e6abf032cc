internal import Payloads
internal import StrictYAML

/// Compiles `payload`: format, wrappings and nested payloads.
struct PayloadParser {
    let context: RuleContext

    private static let stepKeys = [
        "format", "wrapping", "separator", "quote", "header", "decimal_comma", "characteristic",
    ]

    func source(_ field: YAMLField) throws(YAMLProblem) -> PayloadSource {
        let map = try field.mapping(Self.stepKeys + ["nested"])
        var nested: [PayloadSource.Nested] = []
        for element in try map["nested"]?.elements() ?? [] {
            let inner = try element.mapping(Self.stepKeys + ["at", "as"])
            nested.append(
                PayloadSource.Nested(
                    at: try self.context.path(inner.required("at")),
                    name: try inner.required("as").word(),
                    step: try self.step(inner)
                )
            )
        }
        return PayloadSource(step: try self.step(map), nested: nested)
    }

    private func step(_ map: YAMLMapping) throws(YAMLProblem) -> PayloadSource.Step {
        let format = try map.required("format").choice(PayloadSource.Format.self)
        var wrapping: [Wrapping] = []
        for element in try map["wrapping"]?.elementsOrSelf() ?? [] {
            wrapping.append(try element.choice(Wrapping.self))
        }
        guard wrapping.count <= 3 else { throw map.field.problem("at most three wrappings") }
        for key in ["separator", "quote", "header", "decimal_comma"] where format != .csv {
            if let field = map[key] { throw field.problem("belongs to format csv only") }
        }
        if let field = map["characteristic"], format != .gatt { throw field.problem("belongs to format gatt only") }
        return PayloadSource.Step(
            wrapping: wrapping,
            format: format,
            dialect: try self.dialect(map),
            characteristic: format == .gatt ? try self.characteristic(map.required("characteristic")) : nil
        )
    }

    private func dialect(_ map: YAMLMapping) throws(YAMLProblem) -> DelimitedDecoder.Dialect {
        var dialect = DelimitedDecoder.Dialect()
        if let field = map["separator"] { dialect.separator = try self.character(field) }
        if let field = map["quote"] {
            dialect.quote = try field.text() == "none" ? nil : try self.character(field)
        }
        if let field = map["decimal_comma"] { dialect.decimalComma = try field.bool() }
        if let field = map["header"] { dialect.header = try self.header(field) }
        return dialect
    }

    private func header(_ field: YAMLField) throws(YAMLProblem) -> DelimitedDecoder.Dialect.Header {
        if field.isSequence {
            var names: [String] = []
            for element in try field.elements() { names.append(try element.word()) }
            return .names(names)
        }
        switch try field.word() {
        case "first-line": return .firstLine
        case "none": return .none
        default: throw field.problem("must be first-line, none or a list of column names")
        }
    }

    private func character(_ field: YAMLField) throws(YAMLProblem) -> UInt8 {
        let text = try field.text() == "tab" ? "\t" : try field.text()
        guard text.utf8.count == 1, let byte = text.utf8.first, byte < 128 else {
            throw field.problem("must be one ASCII character, or tab")
        }
        return byte
    }

    private func characteristic(_ field: YAMLField) throws(YAMLProblem) -> PayloadSource.CharacteristicRule {
        let text = try field.word()
        if let characteristic = GATTCharacteristic(text) { return .fixed(characteristic) }
        guard text.contains("$") || text.contains("{") else {
            throw field.problem("'\(text)' is no GATT characteristic that Wardline reads, and no expression")
        }
        return .stated(try self.context.expression(field))
    }
}

internal import CanonicalBytes

extension JSONValue {
    /// The value as compact JSON, members of objects ascending by name.
    package var json: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .otherNumber(let text): text
        case .text(let text): Self.quoted(text.string)
        case .array(let values): "[" + values.map(\.json).joined(separator: ",") + "]"
        case .object(let object): object.json
        }
    }

    fileprivate static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\" + String(scalar)
            case ..<" ": quoted += "\\u00" + [UInt8(scalar.value)].hex
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension JSONObject {
    /// The object as compact JSON, members ascending by name.
    package var json: String {
        "{" + self.values.map { "\(JSONValue.quoted($0.name)):\($0.value.json)" }.joined(separator: ",") + "}"
    }
}

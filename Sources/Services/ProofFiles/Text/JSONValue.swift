/// A JSON value whose members keep their order.
package enum JSONValue: Sendable {
    case text(String)
    case integer(UInt64)
    case flag(Bool)
    case list([JSONValue])
    case object([(String, JSONValue)])

    /// Indented by two blanks, with a line feed at the end.
    package var bytes: [UInt8] { Array((self.text(indent: "") + "\n").utf8) }

    private func text(indent: String) -> String {
        switch self {
        case .text(let text): Self.quoted(text)
        case .integer(let value): "\(value)"
        case .flag(let value): "\(value)"
        case .list(let values):
            Self.block("[", "]", indent, values.map { $0.text(indent: indent + "  ") })
        case .object(let members):
            Self.block(
                "{",
                "}",
                indent,
                members.map { Self.quoted($0.0) + ": " + $0.1.text(indent: indent + "  ") }
            )
        }
    }

    private static func block(_ open: String, _ close: String, _ indent: String, _ lines: [String]) -> String {
        guard !lines.isEmpty else { return open + close }
        return open + "\n" + lines.map { indent + "  " + $0 }.joined(separator: ",\n") + "\n" + indent + close
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\":
                quoted += "\\"
                quoted.unicodeScalars.append(scalar)
            case _ where scalar.value < 32 || scalar.value == 127:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

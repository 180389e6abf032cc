/// Writes scalars that read back as they were, for people to edit.
enum YAMLText {
    /// A scalar: plain where that is safe, else in double quotes.
    static func scalar(_ text: String) -> String {
        self.isPlain(text) ? text : self.quoted(text)
    }

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else { return false }
        let indicators: Set<Unicode.Scalar> = [
            "-", "?", ":", ",", "[", "]", "{", "}", "#", "&", "*", "!", "|", ">", "'", "\"", "%", "@", "`", " ", "~",
            "=",
        ]
        guard !indicators.contains(first), last != " ", last != ":" else { return false }
        guard text.unicodeScalars.allSatisfy({ self.isPrintable($0) && $0.value < 0xD800 }) else { return false }
        if text.contains(": ") || text.contains(" #") || text.contains(" &") { return false }
        // Flow mappings and anchors must not begin inside.
        return !text.contains { "{}[],".contains($0) } || self.isPath(text)
    }

    /// What stands for itself in YAML 1.1: the others may not occur, are taken for line ends, or for a byte order mark.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x2028, 0x2029, 0xFEFF: false
        case 0x20...0x7E, 0xA0...0xFFFD, 0x1_0000...: true
        default: false
        }
    }

    /// Paths and calls keep their brackets and commas: they stand in block style only.
    private static func isPath(_ text: String) -> Bool {
        text.first == "$" || text.first?.isLetter == true && text.contains("(")
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where !self.isPrintable(scalar):
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

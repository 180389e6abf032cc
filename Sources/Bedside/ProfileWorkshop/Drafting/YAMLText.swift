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
        guard text.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 && $0.value < 0xD800 }) else {
            return false
        }
        if text.contains(": ") || text.contains(" #") || text.contains(" &") { return false }
        // Flow mappings and anchors must not begin inside.
        return !text.contains { "{}[],".contains($0) } || self.isPath(text)
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
            case _ where scalar.value < 32 || scalar.value == 127:
                let hex = String(scalar.value, radix: 16)
                result += "\\x" + (hex.count < 2 ? "0" : "") + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

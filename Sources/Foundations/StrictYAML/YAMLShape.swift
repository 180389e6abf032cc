/// Refuses texts whose shape alone would exhaust the parser, before it sees them.
///
/// libyaml and Yams recurse once per level without a bound, and an alias as a mapping key makes them hash its whole
/// expansion. Both are found by reading characters: a level costs a bracket or a column of indentation, and
/// there is no alias without an anchor.
enum YAMLShape {
    /// Levels of `[` and `{`; brackets in texts count too, but those are closed again.
    private static let flowLevelsMax = 64
    /// Columns of indentation, `-`, `?` and `:` before a line's first word.
    private static let indentationMax = 256

    static func check(_ text: String, file: String) throws(YAMLProblem) {
        var levels = 0
        var line = 1
        var indentation = 0
        var isIndentation = true
        // The two characters before this one; a line feed stands before the text.
        var previous = UInt8(ascii: "\n")
        var beforePrevious = previous
        var isAnchor = false
        for byte in text.utf8 {
            if isAnchor, byte != UInt8(ascii: "&"), !Self.isBlank(byte) {
                throw YAMLProblem(
                    file: file,
                    line: line,
                    field: "",
                    reason: "anchors (&name) are not supported; in a text, put a space behind the &"
                )
            }
            isAnchor = byte == UInt8(ascii: "&") && Self.startsNode(after: previous, and: beforePrevious)
            switch byte {
            case UInt8(ascii: "["), UInt8(ascii: "{"): levels += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"): levels = max(0, levels - 1)
            case UInt8(ascii: "\n"):
                line += 1
                indentation = 0
                isIndentation = true
            default: break
            }
            if isIndentation { isIndentation = Self.isIndentation(byte) }
            if isIndentation { indentation += 1 }
            guard levels <= Self.flowLevelsMax, indentation <= Self.indentationMax else {
                throw YAMLProblem(file: file, line: line, field: "", reason: "nested too deeply")
            }
            beforePrevious = previous
            previous = byte
        }
    }

    /// Whether a node may start here: behind white space or a comma, or behind a bracket that itself starts something
    /// (in `$.rows[*]` it does not).
    private static func startsNode(after previous: UInt8, and beforePrevious: UInt8) -> Bool {
        if Self.isBlank(previous) || previous == UInt8(ascii: ",") { return true }
        let isBracket = "[{".utf8.contains(previous)
        return isBracket && (Self.isBlank(beforePrevious) || "[{,".utf8.contains(beforePrevious))
    }

    private static func isBlank(_ byte: UInt8) -> Bool { " \t\r\n".utf8.contains(byte) }

    private static func isIndentation(_ byte: UInt8) -> Bool { " \t\r\n-?:".utf8.contains(byte) }
}

/// A text with places to fill in: `{serial}`, `urn:dev:{$.id}-{ward}`.
///
/// Braces hold a capture's name or an ``Expression``; `{{` and `}}` stand for the braces themselves. A text is only
/// complete or not there: when one part has no text, the whole has none, so that no half identifier comes about.
package struct TextTemplate: Sendable, CustomStringConvertible {
    private enum Part: Sendable {
        case literal(String)
        case capture(Int)
        case expression(Expression)
    }

    /// The text of the template.
    package let description: String
    private let parts: [Part]

    /// Parses a template.
    ///
    /// - Parameters:
    ///   - text: The template.
    ///   - captures: The names that `{name}` may use, in the order of the topic template.
    /// - Throws: ``ExpressionError`` for unbalanced braces, a malformed expression or an unknown capture.
    package init(_ text: String, captures: [String] = []) throws(ExpressionError) {
        var cursor = try TextCursor(text)
        var parts: [Part] = []
        var literal: [UInt8] = []
        while let byte = cursor.current {
            if cursor.take("{{") || cursor.take("}}") {
                literal.append(byte)
            } else if byte == UInt8(ascii: "{") {
                if !literal.isEmpty { parts.append(.literal(String(decoding: literal, as: UTF8.self))) }
                literal.removeAll()
                parts.append(try Self.part(&cursor, captures))
            } else if byte == UInt8(ascii: "}") {
                throw cursor.failure("a } that closes nothing; write }} for the character")
            } else {
                literal.append(byte)
                cursor.position += 1
            }
        }
        if !literal.isEmpty { parts.append(.literal(String(decoding: literal, as: UTF8.self))) }
        self.description = text
        self.parts = parts
    }

    private static func part(_ cursor: inout TextCursor, _ captures: [String]) throws(ExpressionError) -> Part {
        var parser = ExpressionParser(cursor, captures: captures)
        if Self.isCapture(cursor) {
            let number = try parser.capture()
            cursor = parser.cursor
            return .capture(number)
        }
        parser.cursor.position += 1
        let start = parser.cursor.position
        let syntax = try parser.expression()
        let text = String(decoding: parser.cursor.bytes[start..<parser.cursor.position], as: UTF8.self)
        try parser.cursor.expect(UInt8(ascii: "}"), "after the expression")
        cursor = parser.cursor
        return .expression(Expression(syntax, description: text))
    }

    /// Whether a name in braces stands here; `{true}` and its like are captures, too.
    private static func isCapture(_ cursor: TextCursor) -> Bool {
        guard cursor.peek(1)?.isCaptureNameFirst == true else { return false }
        var distance = 2
        while let byte = cursor.peek(distance), byte.isCaptureNameRest { distance += 1 }
        return cursor.peek(distance) == UInt8(ascii: "}")
    }

    /// The text, when it depends on no payload and no topic.
    package var constantText: String? {
        if self.parts.isEmpty { return "" }
        guard self.parts.count == 1 else { return nil }
        switch self.parts[0] {
        case .literal(let text): return text
        case .capture: return nil
        case .expression(let expression): return expression.constantValue?.textual
        }
    }

    /// The filled-in text; nil when a part has none or the text is longer than ``ExpressionBounds/resultTextMax``.
    package func render(_ scope: EvaluationScope) -> String? {
        if self.parts.count == 1 { return Self.text(of: self.parts[0], scope) }
        var text = ""
        for part in self.parts {
            guard let piece = Self.text(of: part, scope) else { return nil }
            text += piece
            guard text.utf8.count <= ExpressionBounds.resultTextMax else { return nil }
        }
        return text
    }

    private static func text(of part: Part, _ scope: EvaluationScope) -> String? {
        switch part {
        case .literal(let text): text
        case .capture(let number): scope.captureText(number)
        case .expression(let expression): expression.evaluateText(scope)
        }
    }
}

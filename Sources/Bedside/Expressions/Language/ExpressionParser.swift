/// Reads the grammar of ``Expression`` and stops behind the expression.
struct ExpressionParser {
    var cursor: TextCursor
    let captures: [String]
    private var nesting = 0

    init(_ cursor: TextCursor, captures: [String]) {
        self.cursor = cursor
        self.captures = captures
    }

    mutating func expression() throws(ExpressionError) -> Syntax {
        try self.enter()
        var parts = [try self.conjunction()]
        while self.takeOperator("||") { parts.append(try self.conjunction()) }
        self.nesting -= 1
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func enter() throws(ExpressionError) {
        self.nesting += 1
        guard self.nesting <= ExpressionBounds.nestingMax else {
            throw self.cursor.failure("nesting is deeper than \(ExpressionBounds.nestingMax) levels")
        }
    }

    private mutating func takeOperator(_ word: StaticString) -> Bool {
        self.cursor.skipBlanks()
        return self.cursor.take(word)
    }

    private mutating func conjunction() throws(ExpressionError) -> Syntax {
        var parts = [try self.comparison()]
        while self.takeOperator("&&") { parts.append(try self.comparison()) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func comparison() throws(ExpressionError) -> Syntax {
        let left = try self.sum()
        self.cursor.skipBlanks()
        guard let comparison = self.cursor.takeComparison() else { return left }
        let right = try self.sum()
        self.cursor.skipBlanks()
        if self.cursor.takeComparison() != nil {
            throw self.cursor.failure("comparisons do not chain; join them with &&")
        }
        return .compare(left, comparison, right)
    }

    private mutating func sum() throws(ExpressionError) -> Syntax {
        var terms = [Syntax.Term(isInverse: false, operand: try self.product())]
        while true {
            if self.takeOperator("+") {
                terms.append(Syntax.Term(isInverse: false, operand: try self.product()))
            } else if self.takeOperator("-") {
                terms.append(Syntax.Term(isInverse: true, operand: try self.product()))
            } else {
                return terms.count == 1 ? terms[0].operand : .sum(terms)
            }
        }
    }

    private mutating func product() throws(ExpressionError) -> Syntax {
        var factors = [Syntax.Term(isInverse: false, operand: try self.signed())]
        while true {
            if self.takeOperator("*") {
                factors.append(Syntax.Term(isInverse: false, operand: try self.signed()))
            } else if self.takeOperator("/") {
                factors.append(Syntax.Term(isInverse: true, operand: try self.signed()))
            } else {
                return factors.count == 1 ? factors[0].operand : .product(factors)
            }
        }
    }

    private mutating func signed() throws(ExpressionError) -> Syntax {
        self.cursor.skipBlanks()
        guard let sign = self.cursor.current, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "!") else {
            return try self.primary()
        }
        self.cursor.position += 1
        try self.enter()
        let operand = try self.signed()
        self.nesting -= 1
        return sign == UInt8(ascii: "-") ? .negative(operand) : .not(operand)
    }

    private mutating func primary() throws(ExpressionError) -> Syntax {
        guard let byte = self.cursor.current else { throw self.cursor.failure("expected a value") }
        switch byte {
        case UInt8(ascii: "$"), UInt8(ascii: "@"): return .path(try self.path())
        case UInt8(ascii: "{"): return .capture(try self.capture())
        case UInt8(ascii: "("): return try self.parenthesized()
        case UInt8(ascii: "'"), UInt8(ascii: "\""):
            return .constant(.text(String(decoding: try self.cursor.takeQuoted(), as: UTF8.self)))
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return .constant(.number(try self.cursor.takeNumber()))
        default: return try self.word()
        }
    }

    private mutating func path() throws(ExpressionError) -> JSONPath {
        let start = self.cursor.position
        var parser = PathParser(self.cursor)
        let query = try parser.query()
        self.cursor = parser.cursor
        let text = String(decoding: self.cursor.bytes[start..<self.cursor.position], as: UTF8.self)
        return JSONPath(query, description: text)
    }

    private mutating func parenthesized() throws(ExpressionError) -> Syntax {
        self.cursor.position += 1
        let inner = try self.expression()
        self.cursor.skipBlanks()
        try self.cursor.expect(UInt8(ascii: ")"), "after the expression in parentheses")
        return inner
    }

    /// Reads `{name}`.
    mutating func capture() throws(ExpressionError) -> Int {
        try self.cursor.expect(UInt8(ascii: "{"), "before the name of a capture")
        let start = self.cursor.position
        let name = String(decoding: self.cursor.takeWhile(\.isCaptureNameRest), as: UTF8.self)
        guard !name.isEmpty else { throw self.cursor.failure("expected the name of a capture") }
        try self.cursor.expect(UInt8(ascii: "}"), "after the name of the capture")
        guard let number = self.captures.firstIndex(of: name) else {
            let known = self.captures.isEmpty ? "has no captures" : "captures \(self.captures.joined(separator: ", "))"
            throw self.cursor.failure("unknown capture \(name); the topic \(known)", at: start)
        }
        return number
    }
}

// MARK: - Words and calls

extension ExpressionParser {
    private mutating func word() throws(ExpressionError) -> Syntax {
        let start = self.cursor.position
        let word = String(
            decoding: self.cursor.takeWhile { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") },
            as: UTF8.self
        )
        guard !word.isEmpty else { throw self.cursor.failure("expected a value") }
        let behind = self.cursor.position
        self.cursor.skipBlanks()
        if self.cursor.take("(") { return try self.call(word, at: start) }
        self.cursor.position = behind
        switch word {
        case "true": return .constant(.bool(true))
        case "false": return .constant(.bool(false))
        case "null": return .constant(.null)
        default:
            throw self.cursor.failure("unknown word \(word); a path starts with $ or @, a text has quotes", at: start)
        }
    }

    private mutating func call(_ name: String, at start: Int) throws(ExpressionError) -> Syntax {
        let arguments = try self.arguments(of: name)
        if name == "if" {
            try self.check(arguments.count, 3...3, name, at: start)
            return .choice(arguments[0], arguments[1], arguments[2])
        }
        guard let function = Function(rawValue: name) else {
            throw self.cursor.failure("unknown function \(name)", at: start)
        }
        try self.check(arguments.count, function.arity, name, at: start)
        if function.takesPath {
            guard case .path = arguments[0] else {
                throw self.cursor.failure("the first argument of \(name) is a path", at: start)
            }
        }
        return .call(function, arguments)
    }

    private mutating func arguments(of name: String) throws(ExpressionError) -> [Syntax] {
        self.cursor.skipBlanks()
        if self.cursor.take(")") { return [] }
        var arguments: [Syntax] = []
        repeat {
            arguments.append(try self.expression())
            self.cursor.skipBlanks()
        } while self.cursor.take(UInt8(ascii: ","))
        try self.cursor.expect(UInt8(ascii: ")"), "after the arguments of \(name)")
        return arguments
    }

    private func check(
        _ count: Int,
        _ arity: ClosedRange<Int>,
        _ name: String,
        at start: Int
    ) throws(ExpressionError) {
        guard !arity.contains(count) else { return }
        let wanted =
            arity.count == 1 ? "\(arity.lowerBound)" : "\(arity.lowerBound) to \(arity.upperBound)"
        throw self.cursor.failure("\(name) takes \(wanted) arguments, not \(count)", at: start)
    }
}

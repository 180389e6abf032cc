// Filters and their functions, with the type checks of RFC 9535 §2.4.3.

extension PathParser {
    /// What stands on one side of a comparison or alone as a test.
    private enum Term {
        case operand(PathOperand)
        /// A query; singular ones may also be compared.
        case query(PathQuery)
        case condition(PathCondition)
    }

    /// Reads the logical expression behind `?`.
    mutating func filter() throws(ExpressionError) -> PathCondition {
        self.filterNesting += 1
        guard self.filterNesting <= ExpressionBounds.filterNestingMax else {
            throw self.cursor.failure("filters are nested deeper than \(ExpressionBounds.filterNestingMax) levels")
        }
        self.cursor.skipBlanks()
        let condition = try self.condition()
        self.filterNesting -= 1
        return condition
    }

    private mutating func condition() throws(ExpressionError) -> PathCondition {
        try self.enter()
        var alternatives = [try self.conjunction()]
        while self.takeOperator("||") { alternatives.append(try self.conjunction()) }
        self.nesting -= 1
        return alternatives.count == 1 ? alternatives[0] : .any(alternatives)
    }

    private mutating func conjunction() throws(ExpressionError) -> PathCondition {
        var parts = [try self.basic()]
        while self.takeOperator("&&") { parts.append(try self.basic()) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func takeOperator(_ word: StaticString) -> Bool {
        let start = self.cursor.position
        self.cursor.skipBlanks()
        if self.cursor.take(word) {
            self.cursor.skipBlanks()
            return true
        }
        self.cursor.position = start
        return false
    }

    private mutating func basic() throws(ExpressionError) -> PathCondition {
        if self.cursor.take(UInt8(ascii: "!")) {
            self.cursor.skipBlanks()
            if self.cursor.current == UInt8(ascii: "(") { return .not(try self.parenthesized()) }
            let start = self.cursor.position
            return .not(try self.test(try self.term(), at: start))
        }
        if self.cursor.current == UInt8(ascii: "(") { return try self.parenthesized() }
        return try self.comparisonOrTest()
    }

    private mutating func parenthesized() throws(ExpressionError) -> PathCondition {
        self.cursor.position += 1
        self.cursor.skipBlanks()
        let condition = try self.condition()
        self.cursor.skipBlanks()
        try self.cursor.expect(UInt8(ascii: ")"), "after the condition")
        return condition
    }

    private mutating func comparisonOrTest() throws(ExpressionError) -> PathCondition {
        let start = self.cursor.position
        let left = try self.term()
        let behind = self.cursor.position
        self.cursor.skipBlanks()
        guard let comparison = self.cursor.takeComparison() else {
            self.cursor.position = behind
            return try self.test(left, at: start)
        }
        let leftOperand = try self.operand(left, at: start)
        self.cursor.skipBlanks()
        let rightStart = self.cursor.position
        return .compare(leftOperand, comparison, try self.operand(try self.term(), at: rightStart))
    }

    private func test(_ term: Term, at position: Int) throws(ExpressionError) -> PathCondition {
        switch term {
        case .query(let query): return .exists(query)
        case .condition(let condition): return condition
        case .operand: throw self.cursor.failure("a value is not a condition; compare it", at: position)
        }
    }

    private func operand(_ term: Term, at position: Int) throws(ExpressionError) -> PathOperand {
        switch term {
        case .operand(let operand): return operand
        case .query(let query) where query.steps != nil: return .query(query)
        case .query: throw self.cursor.failure("a path that may select several values cannot be compared", at: position)
        case .condition: throw self.cursor.failure("the result of this function cannot be compared", at: position)
        }
    }

    private mutating func term() throws(ExpressionError) -> Term {
        guard let byte = self.cursor.current else { throw self.cursor.failure("expected a condition") }
        if byte == UInt8(ascii: "@") || byte == UInt8(ascii: "$") { return .query(try self.query()) }
        if byte.isQuote { return .operand(.literal(.text(try self.cursor.takeQuoted()))) }
        if byte.isDigit || byte == UInt8(ascii: "-") {
            return .operand(.literal(.number(try self.cursor.takeNumber())))
        }
        let start = self.cursor.position
        let word = String(
            decoding: self.cursor.takeWhile { $0.isLowercase || $0.isDigit || $0 == UInt8(ascii: "_") },
            as: UTF8.self
        )
        if self.cursor.current == UInt8(ascii: "("), !word.isEmpty { return try self.function(word, at: start) }
        switch word {
        case "true": return .operand(.literal(.bool(true)))
        case "false": return .operand(.literal(.bool(false)))
        case "null": return .operand(.literal(.null))
        default: throw self.cursor.failure("expected a path, a value or a function", at: start)
        }
    }
}

// MARK: - Functions (RFC 9535 §2.4.4 to §2.4.8)

extension PathParser {
    private mutating func function(_ name: String, at start: Int) throws(ExpressionError) -> Term {
        try self.enter()
        self.cursor.position += 1
        self.cursor.skipBlanks()
        let result: Term
        switch name {
        case "length": result = .operand(.length(try self.valueArgument()))
        case "count": result = .operand(.count(try self.nodesArgument()))
        case "value": result = .operand(.value(try self.nodesArgument()))
        case "match": result = .condition(try self.pattern(isWhole: true))
        case "search": result = .condition(try self.pattern(isWhole: false))
        default: throw self.cursor.failure("unknown function \(name)", at: start)
        }
        self.cursor.skipBlanks()
        try self.cursor.expect(UInt8(ascii: ")"), "after the arguments of \(name)")
        self.nesting -= 1
        return result
    }

    private mutating func valueArgument() throws(ExpressionError) -> PathOperand {
        let start = self.cursor.position
        return try self.operand(try self.term(), at: start)
    }

    private mutating func nodesArgument() throws(ExpressionError) -> PathQuery {
        let start = self.cursor.position
        guard case .query(let query) = try self.term() else {
            throw self.cursor.failure("this function takes a path", at: start)
        }
        return query
    }

    private mutating func pattern(isWhole: Bool) throws(ExpressionError) -> PathCondition {
        let subject = try self.valueArgument()
        self.cursor.skipBlanks()
        try self.cursor.expect(UInt8(ascii: ","), "between the text and the pattern")
        self.cursor.skipBlanks()
        let pattern = try self.valueArgument()
        guard case .literal(let literal) = pattern else {
            return .matches(subject, .computed(pattern), isWhole: isWhole)
        }
        guard case .text(let text) = literal else { return .matches(subject, .compiled(nil), isWhole: isWhole) }
        return .matches(subject, .compiled(IRegexp(text[...])), isWhole: isWhole)
    }
}

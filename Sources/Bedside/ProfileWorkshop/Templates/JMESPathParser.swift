/// Translates the part of JMESPath that templates use: paths, constants, `||`, and the functions below.
///
/// What has no counterpart in the profile language (projections, pipes, multi-selects) is refused by name. Some calls
/// write an argument twice, so that what nests them would double with each: what is written is bounded too.
struct JMESPathParser {
    /// Bytes of a translated call at most; the profile language reads no longer text.
    private static let writtenBytesMax = 4_096

    private var bytes: [UInt8]
    private var position = 0
    private var depth = 0

    /// Translates a whole expression.
    static func expression(_ text: String) throws(TemplatePathParser.Failure) -> TemplateExpression {
        var parser = try JMESPathParser(text)
        let expression = try parser.alternatives()
        parser.skipBlanks()
        guard parser.current == nil else { throw parser.failure("is not understood") }
        return expression
    }

    /// Translates an expression that selects parts of a message: `to_array(@)[?heartrate]`, `Body.items[?kind=='x']`.
    static func selection(_ text: String) throws(TemplatePathParser.Failure) -> TemplatePath {
        var parser = try JMESPathParser(text)
        // An object counts as a list of one there: that is what descending to filters gives as well.
        if parser.take("to_array(@)[?") {
            let filter = try parser.filter()
            return TemplatePath(steps: [.descend, .filter(filter)])
        }
        var path = TemplatePath()
        if !parser.take("@") { path = try parser.path() }
        if parser.take("[?") {
            path.steps.append(.filter(try parser.filter()))
        } else if parser.take("[]") || parser.take("[*]") {
            path.steps.append(.wildcard)
        }
        guard parser.current == nil else { throw parser.failure("is not understood") }
        return path
    }

    private init(_ text: String) throws(TemplatePathParser.Failure) {
        guard text.utf8.count <= 4_096 else { throw TemplatePathParser.Failure(reason: "is longer than 4,096 bytes") }
        self.bytes = Array(text.utf8)
        self.skipBlanks()
    }

    private func failure(_ reason: String) -> TemplatePathParser.Failure {
        TemplatePathParser.Failure(reason: "\(reason) behind character \(self.position)")
    }

    private var current: UInt8? { self.position < self.bytes.count ? self.bytes[self.position] : nil }

    private mutating func skipBlanks() {
        while let byte = self.current, byte == 32 || byte == 9 { self.position += 1 }
    }

    private mutating func take(_ word: String) -> Bool {
        self.skipBlanks()
        let wanted = Array(word.utf8)
        guard self.bytes[self.position...].starts(with: wanted) else { return false }
        self.position += wanted.count
        return true
    }

    private mutating func enter() throws(TemplatePathParser.Failure) {
        self.depth += 1
        guard self.depth <= 32 else { throw self.failure("is nested too deeply") }
    }

    // MARK: Values

    private mutating func alternatives() throws(TemplatePathParser.Failure) -> TemplateExpression {
        try self.enter()
        defer { self.depth -= 1 }
        var parts = [try self.primary()]
        while self.take("||") { parts.append(try self.primary()) }
        return parts.count == 1 ? parts[0] : Self.call("coalesce", parts)
    }

    private static func call(_ name: String, _ arguments: [TemplateExpression]) -> TemplateExpression {
        var pieces: [TemplateExpression.Piece] = [.text("\(name)(")]
        for (index, argument) in arguments.enumerated() {
            if index > 0 { pieces.append(.text(", ")) }
            pieces.append(.part(argument))
        }
        return .form(pieces + [.text(")")])
    }

    private mutating func primary() throws(TemplatePathParser.Failure) -> TemplateExpression {
        self.skipBlanks()
        guard let byte = self.current else { throw self.failure("ends too early") }
        switch byte {
        case UInt8(ascii: "`"): return .form([.text(try self.literal())])
        case UInt8(ascii: "'"): return .form([.text(TemplatePathParser.quoting(try self.quoted(by: 39)))])
        case UInt8(ascii: "("):
            self.position += 1
            let inner = try self.alternatives()
            guard self.take(")") else { throw self.failure("lacks a )") }
            return inner
        case _ where byte.isNameFirst || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "@"):
            return try self.pathOrCall()
        default: throw self.failure("has a form of JMESPath that is not read here")
        }
    }

    private mutating func quoted(by quote: UInt8) throws(TemplatePathParser.Failure) -> String {
        self.position += 1
        var text: [UInt8] = []
        while let byte = self.current {
            self.position += 1
            if byte == quote { return String(decoding: text, as: UTF8.self) }
            if byte == UInt8(ascii: "\\"), let escaped = self.current {
                text.append(escaped)
                self.position += 1
            } else {
                text.append(byte)
            }
        }
        throw self.failure("has a text without an end")
    }

    /// A JSON constant between backticks.
    private mutating func literal() throws(TemplatePathParser.Failure) -> String {
        var text = try self.quoted(by: UInt8(ascii: "`"))
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        if ["true", "false", "null"].contains(text) { return text }
        if Double(text) != nil { return text.hasPrefix("-") ? "(\(text))" : text }
        if text.hasPrefix("\""), text.hasSuffix("\""), text.count >= 2 {
            return TemplatePathParser.quoting(String(text.dropFirst().dropLast()))
        }
        throw self.failure("has a constant that is no number, text or truth value")
    }

    private mutating func pathOrCall() throws(TemplatePathParser.Failure) -> TemplateExpression {
        if self.take("@") {
            var path = TemplatePath()
            if self.take(".") { path = try self.path() }
            return .path(path)
        }
        if let byte = self.current, byte.isNameFirst {
            let start = self.position
            let name = self.word()
            if self.take("(") { return try self.call(name) }
            self.position = start
        }
        let path = try self.path()
        if self.current == UInt8(ascii: "[") || self.current == UInt8(ascii: "|") && !self.startsOr {
            throw self.failure("has a projection or pipe, which is not read here")
        }
        return .path(path)
    }

    private var startsOr: Bool { self.bytes[self.position...].starts(with: Array("||".utf8)) }

    private mutating func word() -> String {
        let start = self.position
        while let byte = self.current, byte.isNameFirst || (48...57).contains(byte) { self.position += 1 }
        return String(decoding: self.bytes[start..<self.position], as: UTF8.self)
    }

    private mutating func path() throws(TemplatePathParser.Failure) -> TemplatePath {
        var path = TemplatePath()
        repeat {
            self.skipBlanks()
            if self.current == UInt8(ascii: "\"") {
                path.steps.append(.member(try self.quoted(by: UInt8(ascii: "\""))))
            } else {
                let name = self.word()
                guard !name.isEmpty else { throw self.failure("lacks a name") }
                path.steps.append(.member(name))
            }
            while let index = self.index() { path.steps.append(.index(index)) }
        } while self.take(".")
        return path
    }

    /// `[3]`, and nothing else in brackets.
    private mutating func index() -> Int? {
        let start = self.position
        guard self.take("[") else { return nil }
        let digits = self.bytes[self.position...].prefix { (48...57).contains($0) || $0 == UInt8(ascii: "-") }
        self.position += digits.count
        if let index = Int(String(decoding: digits, as: UTF8.self)), self.take("]") { return index }
        self.position = start
        return nil
    }

    // MARK: Functions

    private mutating func call(_ name: String) throws(TemplatePathParser.Failure) -> TemplateExpression {
        var arguments: [TemplateExpression] = []
        if !self.take(")") {
            repeat { arguments.append(try self.alternatives()) } while self.take(",")
            guard self.take(")") else { throw self.failure("lacks a )") }
        }
        guard let form = Self.form(name, arguments) else {
            throw self.failure("calls \(name) with \(arguments.count) arguments, which is not read here")
        }
        // Checked at every call, so that no count is of more than a few of those that passed.
        guard form.writtenBytes <= Self.writtenBytesMax else {
            throw self.failure("is too long when it is written out")
        }
        return form
    }

    private static let operators = ["add": " + ", "subtract": " - ", "multiply": " * ", "divide": " / "]
    private static let sameWithOne = ["to_number": "number", "to_string": "text", "abs": "abs"]
    private static let sameWithTwo = ["contains": "contains", "starts_with": "startswith", "ends_with": "endswith"]

    private static func form(_ name: String, _ arguments: [TemplateExpression]) -> TemplateExpression? {
        switch (name, arguments.count) {
        case (_, 2) where self.operators[name] != nil:
            return .form([
                .text("("), .part(arguments[0]), .text(self.operators[name] ?? ""), .part(arguments[1]), .text(")"),
            ])
        case (_, 1) where self.sameWithOne[name] != nil: return self.call(self.sameWithOne[name] ?? "", arguments)
        case (_, 2) where self.sameWithTwo[name] != nil: return self.call(self.sameWithTwo[name] ?? "", arguments)
        case ("not_null", 1...): return self.call("coalesce", arguments)
        case ("insertString", 3):
            let head = self.call("substring", [arguments[0], .form([.text("0")]), arguments[2]])
            let tail = self.call("substring", [arguments[0], arguments[2]])
            return self.call("concat", [head, arguments[1], tail])
        case ("fromUnixTimestamp", 1): return .unixTime(arguments[0], format: "unix-s")
        case ("fromUnixTimestampMs", 1): return .unixTime(arguments[0], format: "unix-ms")
        default: return nil
        }
    }

    // MARK: Filters

    /// The condition behind `[?`, up to its `]` at the end of the text.
    private mutating func filter() throws(TemplatePathParser.Failure) -> TemplateFilter {
        let filter = try self.disjunction()
        guard self.take("]") else { throw self.failure("lacks a ]") }
        self.skipBlanks()
        guard self.current == nil else { throw self.failure("is not understood") }
        return filter
    }

    private mutating func disjunction() throws(TemplatePathParser.Failure) -> TemplateFilter {
        try self.enter()
        defer { self.depth -= 1 }
        var parts = [try self.conjunction()]
        while self.take("||") { parts.append(try self.conjunction()) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func conjunction() throws(TemplatePathParser.Failure) -> TemplateFilter {
        var parts = [try self.test()]
        while self.take("&&") { parts.append(try self.test()) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func test() throws(TemplatePathParser.Failure) -> TemplateFilter {
        if self.take("!") { return .not(try self.negated()) }
        if self.take("(") {
            let inner = try self.disjunction()
            guard self.take(")") else { throw self.failure("lacks a )") }
            return inner
        }
        let left = try self.operand()
        for sign in ["==", "!=", "<=", ">=", "<", ">"] where self.take(sign) {
            return .compare(left, sign, try self.operand())
        }
        guard case .path(let path) = left else { throw self.failure("compares a constant with nothing") }
        return .exists(path)
    }

    /// What is behind a `!`: a run of them is as deep as it is long.
    private mutating func negated() throws(TemplatePathParser.Failure) -> TemplateFilter {
        try self.enter()
        defer { self.depth -= 1 }
        return try self.test()
    }

    private mutating func operand() throws(TemplatePathParser.Failure) -> TemplateFilter.Operand {
        self.skipBlanks()
        if self.current == UInt8(ascii: "`") { return .literal(try self.literal()) }
        if self.current == UInt8(ascii: "'") { return .literal(TemplatePathParser.quoting(try self.quoted(by: 39))) }
        _ = self.take("@.")
        return .path(try self.path())
    }
}

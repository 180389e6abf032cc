/// Reads ``TemplatePath``s; bounded by the text's length and a depth of 32.
struct TemplatePathParser {
    /// Why a path is not understood.
    struct Failure: Error {
        let reason: String
    }

    private var bytes: [UInt8]
    private var position = 0
    private var depth = 0

    /// Reads a whole path that begins with `$`.
    static func path(_ text: String) throws(Failure) -> TemplatePath {
        guard text.utf8.count <= 4_096 else { throw Failure(reason: "is longer than 4,096 bytes") }
        var parser = TemplatePathParser(bytes: Array(text.utf8))
        parser.skipBlanks()
        // A bare name means the same as `$.name` there.
        if parser.take("$") {
            let path = try parser.steps()
            return try parser.finished(path)
        }
        guard let byte = parser.current, byte.isNameFirst else { throw Failure(reason: "does not begin with $") }
        let name = try parser.name()
        var path = try parser.steps()
        path.steps.insert(.member(name), at: 0)
        return try parser.finished(path)
    }

    private mutating func finished(_ path: TemplatePath) throws(Failure) -> TemplatePath {
        self.skipBlanks()
        guard self.current == nil else {
            throw Failure(reason: "is not understood behind character \(self.position)")
        }
        return path
    }

    private var current: UInt8? { self.position < self.bytes.count ? self.bytes[self.position] : nil }

    private mutating func skipBlanks() {
        while let byte = self.current, byte == 32 || byte == 9 { self.position += 1 }
    }

    private mutating func take(_ word: StaticString) -> Bool {
        let wanted = Array(word.description.utf8)
        guard self.position + wanted.count <= self.bytes.count,
            self.bytes[self.position..<self.position + wanted.count].elementsEqual(wanted)
        else { return false }
        self.position += wanted.count
        return true
    }

    /// A name behind a dot or an @: these files write hyphens in them without quotes.
    private mutating func name() throws(Failure) -> String {
        let start = self.position
        while let byte = self.current, byte.isNameFirst || (48...57).contains(byte) || byte == 45 || byte >= 128 {
            self.position += 1
        }
        guard self.position > start else { throw Failure(reason: "lacks a name behind character \(start)") }
        return String(decoding: self.bytes[start..<self.position], as: UTF8.self)
    }

    private mutating func steps() throws(Failure) -> TemplatePath {
        self.depth += 1
        defer { self.depth -= 1 }
        guard self.depth <= 32 else { throw Failure(reason: "is nested too deeply") }
        var path = TemplatePath()
        while true {
            if self.take("..") {
                path.steps.append(.descend)
                if self.current == UInt8(ascii: "[") { continue }
                path.steps.append(self.take("*") ? .wildcard : .member(try self.name()))
            } else if self.take(".") {
                path.steps.append(self.take("*") ? .wildcard : .member(try self.name()))
            } else if self.take("[") {
                path.steps.append(try self.bracket())
            } else {
                return path
            }
        }
    }

    private mutating func bracket() throws(Failure) -> TemplatePath.Step {
        self.skipBlanks()
        let step: TemplatePath.Step
        if self.take("?") {
            self.skipBlanks()
            let isWrapped = self.take("(")
            step = .filter(try self.disjunction())
            self.skipBlanks()
            if isWrapped, !self.take(")") { throw Failure(reason: "lacks a ) behind character \(self.position)") }
        } else if self.take("*") {
            step = .wildcard
        } else if let quote = self.current, quote == 39 || quote == 34 {
            step = .member(try self.quoted())
        } else {
            let start = self.position
            if self.current == UInt8(ascii: "-") { self.position += 1 }
            while let byte = self.current, (48...57).contains(byte) { self.position += 1 }
            let digits = String(decoding: self.bytes[start..<self.position], as: UTF8.self)
            guard let index = Int(digits) else {
                throw Failure(reason: "has something in brackets that is not read here (a slice, a list)")
            }
            step = .index(index)
        }
        self.skipBlanks()
        guard self.take("]") else { throw Failure(reason: "lacks a ] behind character \(self.position)") }
        return step
    }

    private mutating func quoted() throws(Failure) -> String {
        guard let quote = self.current else { throw Failure(reason: "ends within a text") }
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
        throw Failure(reason: "ends within a text")
    }

    // MARK: Filters

    private mutating func disjunction() throws(Failure) -> TemplateFilter {
        self.depth += 1
        defer { self.depth -= 1 }
        guard self.depth <= 32 else { throw Failure(reason: "is nested too deeply") }
        var parts = [try self.conjunction()]
        while self.takeSign("||") { parts.append(try self.conjunction()) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func conjunction() throws(Failure) -> TemplateFilter {
        var parts = [try self.test()]
        while self.takeSign("&&") { parts.append(try self.test()) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func takeSign(_ sign: StaticString) -> Bool {
        self.skipBlanks()
        return self.take(sign)
    }

    private mutating func test() throws(Failure) -> TemplateFilter {
        self.skipBlanks()
        if self.take("!") { return .not(try self.negated()) }
        if self.take("(") {
            let inner = try self.disjunction()
            guard self.takeSign(")") else { throw Failure(reason: "lacks a ) behind character \(self.position)") }
            return inner
        }
        let left = try self.operand()
        guard let sign = try self.comparison() else {
            guard case .path(let path) = left else { throw Failure(reason: "compares a constant with nothing") }
            return .exists(path)
        }
        return .compare(left, sign, try self.operand())
    }

    /// What is behind a `!`: a run of them is as deep as it is long.
    private mutating func negated() throws(Failure) -> TemplateFilter {
        self.depth += 1
        defer { self.depth -= 1 }
        guard self.depth <= 32 else { throw Failure(reason: "is nested too deeply") }
        return try self.test()
    }

    private mutating func comparison() throws(Failure) -> String? {
        self.skipBlanks()
        if self.take("=~") { throw Failure(reason: "matches a regular expression, which is not read here") }
        if self.take("===") || self.take("==") { return "==" }
        if self.take("!==") || self.take("!=") || self.take("<>") { return "!=" }
        for sign in ["<=", ">=", "<", ">"] where self.takes(sign) { return sign }
        return nil
    }

    private mutating func takes(_ sign: String) -> Bool {
        let wanted = Array(sign.utf8)
        guard self.bytes[self.position...].starts(with: wanted) else { return false }
        self.position += wanted.count
        return true
    }

    private mutating func operand() throws(Failure) -> TemplateFilter.Operand {
        self.skipBlanks()
        guard let byte = self.current else { throw Failure(reason: "ends within a filter") }
        if self.take("@") {
            guard let next = self.current, next.isNameFirst || next >= 128 else { return .path(try self.steps()) }
            // `@heartrate` stands for `@.heartrate`.
            let name = try self.name()
            var path = try self.steps()
            path.steps.insert(.member(name), at: 0)
            return .path(path)
        }
        if byte == 39 || byte == 34 { return .literal(Self.quoting(try self.quoted())) }
        let start = self.position
        while let byte = self.current, byte.isNameFirst || (48...57).contains(byte) || byte == 46 || byte == 45 {
            self.position += 1
        }
        let word = String(decoding: self.bytes[start..<self.position], as: UTF8.self)
        guard ["true", "false", "null"].contains(word) || Double(word) != nil else {
            throw Failure(reason: "has '\(word)' where a path or a constant is expected")
        }
        return .literal(word)
    }

    /// A text in quotes that both RFC 9535 and the profile language read.
    static func quoting(_ text: String) -> String {
        let escaped = text.flatMap { $0 == "'" || $0 == "\\" ? "\\\($0)" : "\($0)" }
        return "'\(String(escaped))'"
    }
}

/// A unit code as its grammar reads it, before any unit is looked up (UCUM §§ 2-12, "Table 1: full syntax").
indirect enum UCUMExpression: Sendable, Hashable {
    /// A unit symbol, prefix included, to a power; what stands in braces behind it is a remark.
    case unit(symbol: String, exponent: Int, annotation: String?)
    /// A positive whole number.
    case number(Int)
    /// A remark in braces alone, which counts as 1.
    case annotation(String)
    /// Factors from left to right.
    case product([Factor])

    struct Factor: Sendable, Hashable {
        let isDivisor: Bool
        let expression: UCUMExpression
    }
}

/// Reads the UCUM grammar from bytes; never looks ahead more than one symbol and never nests beyond a limit.
struct UCUMGrammar {
    private static let largestExponent = 99
    private static let mostDigits = 18

    private let code: String
    private let bytes: [UInt8]
    private var position = 0

    /// Parses a whole code in the case-sensitive form.
    static func parse(_ code: String) throws(UnitError) -> UCUMExpression {
        guard !code.isEmpty else { throw .empty }
        guard code.utf8.count <= UCUMUnit.longestCode else { throw .tooLong(bytes: code.utf8.count) }
        var grammar = UCUMGrammar(code: code)
        let expression = try grammar.term(depth: 0)
        guard grammar.position == grammar.bytes.count else { throw grammar.unexpected() }
        return expression
    }

    private init(code: String) {
        self.code = code
        self.bytes = Array(code.utf8)
    }

    /// Reads `term := ["/"] component { ("." | "/") component }`; only the outermost term may begin with a solidus.
    private mutating func term(depth: Int) throws(UnitError) -> UCUMExpression {
        guard depth <= UCUMUnit.deepestNesting else { throw .tooDeep(code: self.code) }
        var isDivisor = depth == 0 && self.skip(UInt8(ascii: "/"))
        var factors: [UCUMExpression.Factor] = []
        while true {
            factors.append(.init(isDivisor: isDivisor, expression: try self.component(depth: depth)))
            if self.skip(UInt8(ascii: ".")) {
                isDivisor = false
            } else if self.skip(UInt8(ascii: "/")) {
                isDivisor = true
            } else {
                break
            }
        }
        if factors.count == 1, let only = factors.first, !only.isDivisor { return only.expression }
        return .product(factors)
    }

    /// Reads `component := symbol [exponent] [annotation] | annotation | digits | "(" term ")"`.
    private mutating func component(depth: Int) throws(UnitError) -> UCUMExpression {
        guard let next = self.peek else { throw .incomplete(code: self.code) }
        if next == UInt8(ascii: "{") { return .annotation(try self.annotation()) }
        if self.skip(UInt8(ascii: "(")) {
            let inner = try self.term(depth: depth + 1)
            guard self.skip(UInt8(ascii: ")")) else {
                throw self.position == self.bytes.count ? .incomplete(code: self.code) : self.unexpected()
            }
            return inner
        }
        if Self.isDigit(next), !self.isTenPower { return .number(try self.number()) }
        let symbol = try self.symbol()
        let exponent = try self.exponent()
        let annotation = self.peek == UInt8(ascii: "{") ? try self.annotation() : nil
        return .unit(symbol: symbol, exponent: exponent, annotation: annotation)
    }

    /// Whether the arbitrary power of ten, `10*` or `10^`, is next: the only symbol that begins with a digit.
    private var isTenPower: Bool {
        guard self.position + 2 < self.bytes.count, self.bytes[self.position] == UInt8(ascii: "1"),
            self.bytes[self.position + 1] == UInt8(ascii: "0")
        else { return false }
        let third = self.bytes[self.position + 2]
        return third == UInt8(ascii: "*") || third == UInt8(ascii: "^")
    }

    /// A symbol ends before an operator, a sign or a digit; square brackets protect all of those.
    private mutating func symbol() throws(UnitError) -> String {
        let start = self.position
        if self.isTenPower {
            self.position += 3
        } else {
            var isBracketed = false
            while let byte = self.peek {
                guard byte > 0x20, byte < 0x7F else { throw self.unexpected() }
                if !isBracketed, Self.endsSymbol(byte) { break }
                if byte == UInt8(ascii: "[") {
                    guard !isBracketed else { throw self.unexpected() }
                    isBracketed = true
                } else if byte == UInt8(ascii: "]") {
                    guard isBracketed else { throw self.unexpected() }
                    isBracketed = false
                }
                self.position += 1
            }
            if isBracketed { throw .incomplete(code: self.code) }
        }
        guard self.position > start else { throw self.unexpected() }
        return String(decoding: self.bytes[start..<self.position], as: UTF8.self)
    }

    private mutating func exponent() throws(UnitError) -> Int {
        let isNegative = self.peek == UInt8(ascii: "-")
        if isNegative || self.peek == UInt8(ascii: "+") {
            self.position += 1
        } else if !(self.peek.map(Self.isDigit) ?? false) {
            return 1
        }
        let magnitude = try self.number()
        guard magnitude <= Self.largestExponent else { throw .numberTooLarge(code: self.code) }
        return isNegative ? -magnitude : magnitude
    }

    private mutating func number() throws(UnitError) -> Int {
        let start = self.position
        var value = 0
        while let byte = self.peek, Self.isDigit(byte) {
            self.position += 1
            guard self.position - start <= Self.mostDigits else { throw .numberTooLarge(code: self.code) }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        if self.position == start {
            throw self.position == self.bytes.count ? .incomplete(code: self.code) : self.unexpected()
        }
        return value
    }

    private mutating func annotation() throws(UnitError) -> String {
        self.position += 1
        let start = self.position
        while let byte = self.peek {
            if byte == UInt8(ascii: "}") {
                let text = String(decoding: self.bytes[start..<self.position], as: UTF8.self)
                self.position += 1
                return text
            }
            guard byte > 0x20, byte < 0x7F, byte != UInt8(ascii: "{") else { throw self.unexpected() }
            self.position += 1
        }
        throw .incomplete(code: self.code)
    }

    private var peek: UInt8? { self.position < self.bytes.count ? self.bytes[self.position] : nil }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard self.peek == byte else { return false }
        self.position += 1
        return true
    }

    private func unexpected() -> UnitError {
        guard let byte = self.peek else { return .incomplete(code: self.code) }
        let isPrintable = byte > 0x20 && byte < 0x7F
        let hex = String(byte, radix: 16, uppercase: true)
        return .unexpected(
            character: isPrintable ? String(Unicode.Scalar(byte)) : "byte 0x\(hex)",
            position: self.position,
            code: self.code
        )
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    private static func endsSymbol(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "{"),
            UInt8(ascii: "}"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}

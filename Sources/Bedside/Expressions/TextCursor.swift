internal import Units

/// A place in the UTF-8 text that one of the parsers of this module reads.
struct TextCursor {
    let bytes: [UInt8]
    var position = 0

    /// Starts at the beginning of a text, refusing one that is too long.
    init(_ text: String) throws(ExpressionError) {
        self.bytes = Array(text.utf8)
        guard self.bytes.count <= ExpressionBounds.textMax else {
            throw ExpressionError(
                position: ExpressionBounds.textMax,
                reason: "the text is longer than \(ExpressionBounds.textMax) bytes"
            )
        }
    }

    var isAtEnd: Bool { self.position >= self.bytes.count }
    var current: UInt8? { self.peek(0) }

    func peek(_ distance: Int) -> UInt8? {
        let place = self.position + distance
        return place < self.bytes.count ? self.bytes[place] : nil
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard self.current == byte else { return false }
        self.position += 1
        return true
    }

    mutating func take(_ word: StaticString) -> Bool {
        let wanted = UnsafeRawBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard self.bytes[self.position...].starts(with: wanted) else { return false }
        self.position += wanted.count
        return true
    }

    mutating func expect(_ byte: UInt8, _ purpose: String) throws(ExpressionError) {
        guard self.take(byte) else {
            throw self.failure("expected \(Character(Unicode.Scalar(byte))) \(purpose)")
        }
    }

    /// Skips the blanks of RFC 9535: space, tab, line feed, carriage return.
    mutating func skipBlanks() {
        while let byte = self.current, byte.isBlank { self.position += 1 }
    }

    /// Takes bytes as long as they satisfy the condition.
    mutating func takeWhile(_ condition: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let start = self.position
        while let byte = self.current, condition(byte) { self.position += 1 }
        return self.bytes[start..<self.position]
    }

    func failure(_ reason: String) -> ExpressionError { self.failure(reason, at: self.position) }

    func failure(_ reason: String, at position: Int) -> ExpressionError {
        ExpressionError(position: position, reason: reason)
    }
}

// MARK: - Literals that paths and expressions share

extension TextCursor {
    /// Takes a JSON number, which the caller has seen the first byte of.
    mutating func takeNumber() throws(ExpressionError) -> ExactDecimal {
        let start = self.position
        _ = self.take(UInt8(ascii: "-"))
        _ = self.takeWhile(\.isDigit)
        if self.current == UInt8(ascii: "."), self.peek(1)?.isDigit == true {
            self.position += 1
            _ = self.takeWhile(\.isDigit)
        }
        self.takeExponent()
        guard let number = ExactDecimal(parsing: self.bytes[start..<self.position]) else {
            throw self.failure("not a number of at most \(ExactDecimal.maximumDigits) digits", at: start)
        }
        return number
    }

    private mutating func takeExponent() {
        guard self.current == UInt8(ascii: "e") || self.current == UInt8(ascii: "E") else { return }
        let isSigned = self.peek(1) == UInt8(ascii: "+") || self.peek(1) == UInt8(ascii: "-")
        guard self.peek(isSigned ? 2 : 1)?.isDigit == true else { return }
        self.position += isSigned ? 2 : 1
        _ = self.takeWhile(\.isDigit)
    }

    /// Takes a text in single or double quotes with the escapes of RFC 9535 §2.3.1.1.
    mutating func takeQuoted() throws(ExpressionError) -> [UInt8] {
        let start = self.position
        guard let quote = self.current, quote.isQuote else { throw self.failure("expected a quoted text") }
        self.position += 1
        var text: [UInt8] = []
        while let byte = self.current {
            self.position += 1
            if byte == quote { return text }
            if byte < 0x20 { throw self.failure("a control character must be escaped", at: self.position - 1) }
            if byte == UInt8(ascii: "\\") {
                try self.takeEscape(quote: quote, into: &text)
            } else {
                text.append(byte)
            }
        }
        throw self.failure("the quoted text has no end", at: start)
    }

    private mutating func takeEscape(quote: UInt8, into text: inout [UInt8]) throws(ExpressionError) {
        guard let byte = self.current else { throw self.failure("the escape has no end") }
        self.position += 1
        switch byte {
        case quote, UInt8(ascii: "/"), UInt8(ascii: "\\"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: Array(String(try self.takeUnicodeEscape()).utf8))
        default: throw self.failure("unknown escape", at: self.position - 2)
        }
    }

    private mutating func takeUnicodeEscape() throws(ExpressionError) -> Character {
        let start = self.position - 2
        var value = try self.takeFourHexDigits()
        if 0xD800...0xDBFF ~= value {
            guard self.take("\\u") else { throw self.failure("the surrogate has no second half", at: start) }
            let low = try self.takeFourHexDigits()
            guard 0xDC00...0xDFFF ~= low else { throw self.failure("the surrogate has no second half", at: start) }
            value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(value) else {
            throw self.failure("the second half of a surrogate stands alone", at: start)
        }
        return Character(scalar)
    }

    private mutating func takeFourHexDigits() throws(ExpressionError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = self.current?.hexValue else { throw self.failure("expected four hexadecimal digits") }
            value = value << 4 | UInt32(digit)
            self.position += 1
        }
        return value
    }
}

extension UInt8 {
    var isBlank: Bool { self == 0x20 || self == 0x09 || self == 0x0A || self == 0x0D }
    var isDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }
    var isLowercase: Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= self }
    var isLetter: Bool { self.isLowercase || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= self }
    var isQuote: Bool { self == UInt8(ascii: "'") || self == UInt8(ascii: "\"") }

    var hexValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

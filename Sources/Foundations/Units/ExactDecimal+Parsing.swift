extension ExactDecimal {
    /// Parses a JSON number (RFC 8259 §6).
    ///
    /// - Returns: nil when `text` is anything else, has more than 34 significant digits, or its last digit is beyond
    ///   10^±6144. A negative zero loses its sign.
    @inlinable
    package init?(parsing text: some Collection<UInt8>) {
        let parsed =
            text.withContiguousStorageIfAvailable { ExactDecimal.parse($0) }
            ?? Array(text).withUnsafeBufferPointer { ExactDecimal.parse($0) }
        guard let parsed else { return nil }
        self = parsed
    }

    /// Parses a JSON number (RFC 8259 §6).
    package init?(parsing text: UnsafeRawBufferPointer) {
        guard let parsed = Self.parse(text.assumingMemoryBound(to: UInt8.self)) else { return nil }
        self = parsed
    }

    /// Parses a JSON number (RFC 8259 §6).
    package init?(_ text: String) {
        var text = text
        guard let parsed = text.withUTF8({ ExactDecimal.parse($0) }) else { return nil }
        self = parsed
    }

    /// The shortest decimal that reads back as `double`; nil for NaN and infinities.
    ///
    /// A whole number has no fraction digits: `37.0` is `37`.
    package init?(_ double: Double) {
        guard double.isFinite else { return nil }
        self.init(shortest: double.description)
    }

    /// The shortest decimal that reads back as `float`; nil for NaN and infinities.
    package init?(_ float: Float) {
        guard float.isFinite else { return nil }
        self.init(shortest: float.description)
    }

    private init?(shortest: String) {
        let text = shortest.utf8
        self.init(parsing: text.hasSuffix([UInt8(ascii: "."), UInt8(ascii: "0")]) ? text.dropLast(2) : text[...])
    }

    /// The exact value of a binary number, which has up to 767 digits; nil when it needs more than 34.
    package init?(exactly double: Double) {
        guard double.isFinite else { return nil }
        guard double != 0 else {
            self = .zero
            return
        }
        let mantissa = Int128(double.significandBitPattern | (double.isNormal ? 1 << 52 : 0))
        let zeros = mantissa.trailingZeroBitCount
        let odd = mantissa >> Int128(zeros)
        let power = Int(max(double.exponentBitPattern, 1)) - 1075 + zeros
        // A binary fraction m * 2^-k is m * 5^k * 10^-k.
        guard power >= -53, power <= 112 else { return nil }
        var digits = odd
        for _ in 0..<abs(power) {
            let (product, overflow) = digits.multipliedReportingOverflow(by: power < 0 ? 5 : 2)
            if overflow { return nil }
            digits = product
        }
        guard PowersOfTen.digitCount(digits.magnitude) <= Self.maximumDigits else { return nil }
        self.init(unchecked: double < 0 ? -digits : digits, exponent: min(power, 0))
    }

    /// The exact value of a binary number; nil when it needs more than 34 digits.
    package init?(exactly float: Float) {
        self.init(exactly: Double(float))
    }
}

extension ExactDecimal {
    /// Reads one number that fills `text`.
    @usableFromInline
    static func parse(_ text: UnsafeBufferPointer<UInt8>) -> ExactDecimal? {
        var scanner = NumberScanner(text: text)
        return scanner.number()
    }
}

/// Reads the JSON number grammar: `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`.
private struct NumberScanner {
    let text: UnsafeBufferPointer<UInt8>
    var position = 0
    /// The first digits: while there are at most 18, they are all that is needed.
    var low: UInt64 = 0
    /// Digits once there are more than 18.
    var wide: UInt128 = 0
    var significantDigits = 0

    init(text: UnsafeBufferPointer<UInt8>) {
        self.text = text
    }

    mutating func number() -> ExactDecimal? {
        let isNegative = self.skip(UInt8(ascii: "-"))
        guard self.integerPart(), let exponent = self.fractionAndExponent(), self.position == self.text.count else {
            return nil
        }
        guard self.significantDigits <= ExactDecimal.maximumDigits, abs(exponent) <= ExactDecimal.maximumExponent else {
            return nil
        }
        let digits = self.significantDigits <= 18 ? Int128(self.low) : Int128(self.wide)
        return ExactDecimal(unchecked: isNegative ? -digits : digits, exponent: exponent)
    }

    @inline(__always)
    private mutating func skip(_ byte: UInt8) -> Bool {
        guard self.position < self.text.count, self.text[self.position] == byte else { return false }
        self.position += 1
        return true
    }

    private mutating func integerPart() -> Bool {
        let start = self.position
        self.digits()
        let length = self.position - start
        return length == 1 || (length > 1 && self.text[start] != UInt8(ascii: "0"))
    }

    private mutating func fractionAndExponent() -> Int? {
        var exponent = 0
        if self.skip(UInt8(ascii: ".")) {
            let start = self.position
            self.digits()
            exponent = start - self.position
            if exponent == 0 { return nil }
        }
        guard self.position < self.text.count else { return exponent }
        guard self.skip(UInt8(ascii: "e")) || self.skip(UInt8(ascii: "E")) else { return nil }
        guard let written = self.writtenExponent() else { return nil }
        return exponent.addingClamped(written)
    }

    private mutating func writtenExponent() -> Int? {
        let isNegative = self.skip(UInt8(ascii: "-"))
        if !isNegative { _ = self.skip(UInt8(ascii: "+")) }
        let start = self.position
        var value = 0
        while self.position < self.text.count {
            let digit = self.text[self.position] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            // Anything this large is out of range already; only the syntax is still checked.
            if value < 1_000_000 { value = value * 10 + Int(digit) }
            self.position += 1
        }
        guard self.position > start else { return nil }
        return isNegative ? -value : value
    }

    /// Reads a run of digits into the significand.
    private mutating func digits() {
        while self.position < self.text.count {
            let digit = self.text[self.position] &- UInt8(ascii: "0")
            guard digit < 10 else { return }
            self.position += 1
            if self.significantDigits < 18 {
                self.low = self.low &* 10 &+ UInt64(digit)
                if self.low != 0 { self.significantDigits += 1 }
            } else {
                if self.significantDigits == 18 { self.wide = UInt128(self.low) }
                // Past 34 digits the number is refused; the count alone matters.
                if self.significantDigits < ExactDecimal.maximumDigits { self.wide = self.wide &* 10 &+ UInt128(digit) }
                self.significantDigits += 1
            }
        }
    }
}

extension Collection where Element: Equatable {
    fileprivate func hasSuffix(_ suffix: [Element]) -> Bool {
        self.count > suffix.count && self.dropFirst(self.count - suffix.count).elementsEqual(suffix)
    }
}

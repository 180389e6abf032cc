internal import Units

/// Reads the number grammar of RFC 8259 §6 off the front of a text, exactly.
///
/// Delimited text, bare scalars and line protocol use it too, so that a number is the same thing in all formats.
enum JSONNumber {
    /// What stands at the front of the text.
    enum Scan {
        /// A number that ends before offset `end`.
        case number(ExactDecimal, end: Int)
        /// No number; the grammar breaks at this offset.
        case none(at: Int)
        /// A number, but of more digits or a larger exponent than ``ExactDecimal`` holds.
        case unrepresentable
    }

    /// Reads from `start`, at most up to `end`; `decimalPoint` is a comma for text of locales that write `36,6`.
    static func scan(
        _ bytes: UnsafeRawBufferPointer,
        from start: Int,
        to end: Int,
        decimalPoint: UInt8 = UInt8(ascii: ".")
    ) -> Scan {
        var cursor = start
        let isNegative = cursor < end && bytes[cursor] == UInt8(ascii: "-")
        if isNegative { cursor += 1 }

        let first = cursor
        var digits: UInt64 = 0
        cursor = self.run(bytes, from: cursor, to: end, into: &digits)
        guard cursor > first else { return .none(at: cursor) }
        if bytes[first] == UInt8(ascii: "0"), cursor > first + 1 { return .none(at: first + 1) }

        var exponent = 0
        let integerEnd = cursor
        if cursor < end, bytes[cursor] == decimalPoint {
            cursor = self.run(bytes, from: cursor + 1, to: end, into: &digits)
            exponent = integerEnd + 1 - cursor
            guard exponent < 0 else { return .none(at: cursor) }
        }
        let digitsEnd = cursor
        if cursor < end, bytes[cursor] | 0x20 == UInt8(ascii: "e") {
            let (written, after) = self.exponent(bytes, from: cursor + 1, to: end)
            guard let written else { return .none(at: after) }
            exponent += written
            cursor = after
        }
        guard abs(exponent) <= ExactDecimal.maximumExponent else { return .unrepresentable }

        // 19 digits always fit 64 bits; a decimal point only makes the run longer.
        var significand = Int128(digits)
        if digitsEnd - first > 19 {
            guard let wide = self.wideDigits(bytes, first..<digitsEnd) else { return .unrepresentable }
            significand = Int128(wide)
        }
        let value = ExactDecimal(significand: isNegative ? -significand : significand, exponent: exponent)
        return .number(value, end: cursor)
    }

    /// Reads a number that must fill `range`; nil for anything else, unrepresentable numbers included.
    static func filling(
        _ bytes: UnsafeRawBufferPointer,
        _ range: Range<Int>,
        decimalPoint: UInt8 = UInt8(ascii: ".")
    ) -> ExactDecimal? {
        guard
            case .number(let value, let end) = self.scan(
                bytes,
                from: range.lowerBound,
                to: range.upperBound,
                decimalPoint: decimalPoint
            ),
            end == range.upperBound
        else { return nil }
        return value
    }

    /// Appends a run of digits to `digits` (wrapping: the caller knows when that happened) and returns its end.
    @inline(__always)
    private static func run(
        _ bytes: UnsafeRawBufferPointer,
        from start: Int,
        to end: Int,
        into digits: inout UInt64
    ) -> Int {
        var cursor = start
        while cursor < end {
            let digit = bytes[cursor] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            digits = digits &* 10 &+ UInt64(digit)
            cursor += 1
        }
        return cursor
    }

    private static func exponent(
        _ bytes: UnsafeRawBufferPointer,
        from start: Int,
        to end: Int
    ) -> (value: Int?, end: Int) {
        var cursor = start
        let isNegative = cursor < end && bytes[cursor] == UInt8(ascii: "-")
        if cursor < end, isNegative || bytes[cursor] == UInt8(ascii: "+") { cursor += 1 }
        let first = cursor
        var value = 0
        while cursor < end, bytes[cursor] &- UInt8(ascii: "0") < 10 {
            // Anything this large is out of range already; only the syntax is still checked.
            if value < 1_000_000_000 { value = value * 10 + Int(bytes[cursor] &- UInt8(ascii: "0")) }
            cursor += 1
        }
        return (cursor > first ? (isNegative ? -value : value) : nil, cursor)
    }

    /// The digits in `range`, which may hold one decimal point; nil when more than 34 are significant.
    private static func wideDigits(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> UInt128? {
        var value: UInt128 = 0
        var significant = 0
        for position in range {
            let digit = bytes[position] &- UInt8(ascii: "0")
            guard digit < 10 else { continue }
            if significant > 0 || digit > 0 { significant += 1 }
            guard significant <= ExactDecimal.maximumDigits else { return nil }
            value = value * 10 + UInt128(digit)
        }
        return value
    }
}

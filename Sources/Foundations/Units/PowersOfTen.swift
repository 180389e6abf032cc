/// Powers of ten that fit into 128 bits, and the digit arithmetic that decimals are made of.
enum PowersOfTen {
    /// The largest exponent in the table: 10^38 is the largest power of ten below 2^128.
    static let largest = 38

    private static let table: [UInt128] = {
        var powers: [UInt128] = [1]
        for _ in 0..<largest { powers.append((powers.last ?? 1) * 10) }
        return powers
    }()

    /// 10^`exponent`, for an exponent in `0...38`.
    @inline(__always)
    static func power(_ exponent: Int) -> UInt128 { self.table[exponent] }

    /// Number of decimal digits of `value`; 0 for zero.
    static func digitCount(_ value: UInt128) -> Int {
        guard value != 0 else { return 0 }
        // 1233/4096 approximates log10(2) closely enough for 128 bits; the estimate is right or one too small.
        let bits = UInt128.bitWidth - value.leadingZeroBitCount
        let estimate = (bits * 1233) >> 12
        return value >= self.power(estimate) ? estimate + 1 : estimate
    }

    /// `value / 10^places` rounded half to even; any non-negative number of places.
    static func shiftRight(_ value: UInt128, by places: Int) -> UInt128 {
        if places <= 0 { return value }
        if places > self.largest { return 0 }
        return self.divideHalfEven(value, by: self.power(places))
    }

    /// `value / divisor` rounded half to even; the divisor is not zero.
    static func divideHalfEven(_ value: UInt128, by divisor: UInt128) -> UInt128 {
        let (quotient, remainder) = self.divide(value, by: divisor)
        let rest = divisor - remainder
        return remainder > rest || (remainder == rest && quotient & 1 == 1) ? quotient + 1 : quotient
    }

    /// Quotient and remainder; in 64 bits when both operands allow, which is many times cheaper.
    @inline(__always)
    static func divide(_ value: UInt128, by divisor: UInt128) -> (quotient: UInt128, remainder: UInt128) {
        if let smallValue = UInt64(exactly: value), let smallDivisor = UInt64(exactly: divisor) {
            let (quotient, remainder) = smallValue.quotientAndRemainder(dividingBy: smallDivisor)
            return (UInt128(quotient), UInt128(remainder))
        }
        return value.quotientAndRemainder(dividingBy: divisor)
    }

    /// Quotient and remainder by ten.
    @inline(__always)
    static func divideByTen(_ value: UInt128) -> (quotient: UInt128, remainder: UInt128) {
        self.divide(value, by: 10)
    }
}

extension Int {
    /// The sum, held at the end of the range instead of overflowing.
    func addingClamped(_ other: Int) -> Int {
        let (sum, overflow) = self.addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    /// The difference, held at the end of the range instead of overflowing.
    func subtractingClamped(_ other: Int) -> Int {
        let (difference, overflow) = self.subtractingReportingOverflow(other)
        return overflow ? (other > 0 ? .min : .max) : difference
    }
}

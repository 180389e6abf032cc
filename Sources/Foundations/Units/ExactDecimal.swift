/// A decimal number kept exactly as it was measured: `significand * 10^exponent`.
///
/// The exponent carries the precision, so `37.60` stays `37.60` from the monitor to the Observation. Equality, order
/// and hash are numeric (`37.60 == 37.6`); ``isIdentical(to:)`` also compares the precision.
///
/// A value has at most ``maximumDigits`` significant digits and an exponent within ±``maximumExponent`` (the range of
/// IEEE 754 decimal128). Results outside it are rounded half to even, fade to zero below the range and saturate above
/// it; nothing traps and no operation takes more than a fixed number of steps.
package struct ExactDecimal: Sendable {
    /// Most significant digits that a value holds.
    package static let maximumDigits = 34
    /// Largest magnitude of ``exponent``.
    package static let maximumExponent = 6144

    /// The digits, signed; there is no negative zero.
    package let significand: Int128
    /// The power of ten of the last digit.
    package let exponent: Int

    /// Makes `significand * 10^exponent`, brought into the range of the type if it is outside.
    package init(significand: Int128, exponent: Int) {
        self.init(isNegative: significand < 0, magnitude: significand.magnitude, exponent: exponent)
    }

    /// Makes a whole number with exponent 0.
    package init(_ value: Int) {
        self.init(unchecked: Int128(value), exponent: 0)
    }

    /// Makes a value from parts that are already known to be in range.
    init(unchecked significand: Int128, exponent: Int) {
        self.significand = significand
        self.exponent = exponent
    }

    /// Makes a value from a magnitude of any size, rounding half to even to ``maximumDigits``.
    init(isNegative: Bool, magnitude: UInt128, exponent: Int) {
        var digits = magnitude
        var power = exponent
        let excess = PowersOfTen.digitCount(magnitude) - Self.maximumDigits
        if excess > 0 {
            digits = PowersOfTen.shiftRight(digits, by: excess)
            power = power.addingClamped(excess)
            if digits == PowersOfTen.power(Self.maximumDigits) {
                digits /= 10
                power = power.addingClamped(1)
            }
        }
        if power > Self.maximumExponent {
            (digits, power) = Self.fittingLargeExponent(digits, power)
        } else if power < -Self.maximumExponent {
            digits = PowersOfTen.shiftRight(digits, by: (-Self.maximumExponent).subtractingClamped(power))
            power = -Self.maximumExponent
        }
        let signed = Int128(digits)
        self.init(unchecked: isNegative ? -signed : signed, exponent: power)
    }

    private static func fittingLargeExponent(_ digits: UInt128, _ power: Int) -> (UInt128, Int) {
        guard digits != 0 else { return (0, self.maximumExponent) }
        let surplus = power.subtractingClamped(self.maximumExponent)
        if surplus <= self.maximumDigits - PowersOfTen.digitCount(digits) {
            return (digits * PowersOfTen.power(surplus), self.maximumExponent)
        }
        return (PowersOfTen.power(self.maximumDigits) - 1, self.maximumExponent)
    }
}

extension ExactDecimal {
    /// The number 0.
    package static let zero = ExactDecimal(0)
    /// The number 1.
    package static let one = ExactDecimal(1)

    /// Whether the value is 0.
    package var isZero: Bool { self.significand == 0 }

    /// Whether the value is below 0.
    package var isNegative: Bool { self.significand < 0 }

    /// The value without its sign.
    package var magnitude: ExactDecimal {
        self.isNegative ? ExactDecimal(unchecked: -self.significand, exponent: self.exponent) : self
    }

    /// Number of digits of the significand; 0 for zero.
    package var digitCount: Int { PowersOfTen.digitCount(self.significand.magnitude) }

    /// Whether both the number and its precision are the same.
    package func isIdentical(to other: ExactDecimal) -> Bool {
        self.significand == other.significand && self.exponent == other.exponent
    }

    /// The same number without trailing zeros: `37.60` is `37.6`, `200` is `2e2`, `0.00` is `0`.
    package var normalized: ExactDecimal {
        guard self.significand != 0 else { return .zero }
        var digits = self.significand.magnitude
        var power = self.exponent
        while power < Self.maximumExponent {
            let (quotient, remainder) = PowersOfTen.divideByTen(digits)
            guard remainder == 0 else { break }
            digits = quotient
            power += 1
        }
        let signed = Int128(digits)
        return ExactDecimal(unchecked: self.isNegative ? -signed : signed, exponent: power)
    }

    /// Whether the value has no fraction.
    package var isInteger: Bool {
        self.exponent >= 0 || self.significand == 0 || self.normalized.exponent >= 0
    }

    /// The value as an `Int` when it is one exactly.
    package var integer: Int? {
        if self.exponent == 0 { return Int(exactly: self.significand) }
        let value = self.normalized
        guard value.exponent >= 0, value.exponent <= 18 else { return nil }
        let (product, overflow) = value.significand.multipliedReportingOverflow(
            by: Int128(PowersOfTen.power(value.exponent))
        )
        return overflow ? nil : Int(exactly: product)
    }
}

extension ExactDecimal: Hashable, Comparable {
    package static func == (left: ExactDecimal, right: ExactDecimal) -> Bool {
        if left.exponent == right.exponent { return left.significand == right.significand }
        return self.compare(left, right) == 0
    }

    package static func < (left: ExactDecimal, right: ExactDecimal) -> Bool {
        if left.exponent == right.exponent { return left.significand < right.significand }
        return self.compare(left, right) < 0
    }

    package func hash(into hasher: inout Hasher) {
        let value = self.normalized
        hasher.combine(value.significand)
        hasher.combine(value.exponent)
    }

    /// Negative, zero or positive as `left` is below, equal to or above `right`.
    ///
    /// The position of the leading digit decides first, so that significands are only ever scaled when they then
    /// have the same number of digits: extreme exponents cost nothing.
    private static func compare(_ left: ExactDecimal, _ right: ExactDecimal) -> Int {
        let signs = left.significand.signum() - right.significand.signum()
        if signs != 0 { return signs < 0 ? -1 : 1 }
        if left.significand == 0 { return 0 }
        let direction = left.isNegative ? -1 : 1
        let leadingDistance = (left.digitCount + left.exponent) - (right.digitCount + right.exponent)
        if leadingDistance != 0 { return leadingDistance < 0 ? -direction : direction }
        let shift = left.exponent - right.exponent
        let leftDigits = left.significand.magnitude * (shift > 0 ? PowersOfTen.power(shift) : 1)
        let rightDigits = right.significand.magnitude * (shift < 0 ? PowersOfTen.power(-shift) : 1)
        if leftDigits == rightDigits { return 0 }
        return leftDigits < rightDigits ? -direction : direction
    }
}

extension ExactDecimal {
    /// The sum, exact unless it needs more than 34 digits; it is then rounded half to even.
    package static func + (left: ExactDecimal, right: ExactDecimal) -> ExactDecimal {
        if left.exponent == right.exponent {
            return ExactDecimal(significand: left.significand + right.significand, exponent: left.exponent)
        }
        return left.exponent > right.exponent
            ? self.sum(upper: left, lower: right) : self.sum(upper: right, lower: left)
    }

    /// The difference, exact unless it needs more than 34 digits; it is then rounded half to even.
    package static func - (left: ExactDecimal, right: ExactDecimal) -> ExactDecimal {
        left + (-right)
    }

    /// The value with the other sign.
    package static prefix func - (value: ExactDecimal) -> ExactDecimal {
        ExactDecimal(unchecked: -value.significand, exponent: value.exponent)
    }

    /// The product, exact unless it needs more than 34 digits; it is then rounded half to even.
    package static func * (left: ExactDecimal, right: ExactDecimal) -> ExactDecimal {
        let isNegative = left.isNegative != right.isNegative
        let exponent = left.exponent + right.exponent
        let leftDigits = left.significand.magnitude
        let rightDigits = right.significand.magnitude
        let (product, overflow) = leftDigits.multipliedReportingOverflow(by: rightDigits)
        if !overflow {
            return ExactDecimal(isNegative: isNegative, magnitude: product, exponent: exponent)
        }
        // Keep 35 or 36 digits; a discarded remainder only has to be visible to the final rounding.
        let dropped = left.digitCount + right.digitCount - (self.maximumDigits + 2)
        let (quotient, remainder) = PowersOfTen.power(dropped).dividingFullWidth(
            leftDigits.multipliedFullWidth(by: rightDigits)
        )
        let sticky: UInt128 = remainder != 0 && quotient % 5 == 0 ? 1 : 0
        return ExactDecimal(isNegative: isNegative, magnitude: quotient + sticky, exponent: exponent + dropped)
    }

    /// The quotient: exact when it terminates within 34 digits, else rounded half to even; nil for division by zero.
    ///
    /// An exact quotient has the exponent nearest to `exponent - divisor.exponent` that holds it.
    package func dividing(by divisor: ExactDecimal) -> ExactDecimal? {
        guard divisor.significand != 0 else { return nil }
        let denominator = divisor.significand.magnitude
        var (quotient, remainder) = PowersOfTen.divide(self.significand.magnitude, by: denominator)
        var exponent = self.exponent - divisor.exponent
        let limit = PowersOfTen.power(Self.maximumDigits - 1)
        while remainder != 0, quotient < limit {
            let (digit, rest) = PowersOfTen.divide(remainder * 10, by: denominator)
            quotient = quotient * 10 + digit
            remainder = rest
            exponent -= 1
        }
        let rest = denominator - remainder
        if remainder > rest || (remainder == rest && quotient & 1 == 1) { quotient += 1 }
        return ExactDecimal(
            isNegative: self.isNegative != divisor.isNegative,
            magnitude: quotient,
            exponent: exponent
        )
    }

    /// The value with its last digit at 10^`toExponent`: rounded half to even, or extended with zeros as far as
    /// 34 digits allow.
    package func rounded(toExponent target: Int) -> ExactDecimal {
        let target = min(max(target, -Self.maximumExponent), Self.maximumExponent)
        if target == self.exponent { return self }
        if target > self.exponent {
            let digits = PowersOfTen.shiftRight(self.significand.magnitude, by: target - self.exponent)
            return ExactDecimal(isNegative: self.isNegative, magnitude: digits, exponent: target)
        }
        if self.significand == 0 { return ExactDecimal(unchecked: 0, exponent: target) }
        let places = min(self.exponent - target, Self.maximumDigits - self.digitCount)
        return ExactDecimal(
            unchecked: self.significand * Int128(PowersOfTen.power(places)),
            exponent: self.exponent - places
        )
    }

    /// Adds two values whose exponents differ.
    private static func sum(upper: ExactDecimal, lower: ExactDecimal) -> ExactDecimal {
        if upper.significand == 0 { return lower }
        let distance = upper.exponent - lower.exponent
        // 37 digits leave three guard digits below the 34 that are kept, and the sum of two still fits Int128.
        let shift = min(distance, self.maximumDigits + 3 - upper.digitCount)
        let scaled = upper.significand * Int128(PowersOfTen.power(shift))
        let dropped = distance - shift
        guard dropped > 0 else {
            return ExactDecimal(significand: scaled + lower.significand, exponent: lower.exponent)
        }
        let divisor = dropped > PowersOfTen.largest - 1 ? 0 : Int128(PowersOfTen.power(dropped))
        let (kept, remainder) =
            divisor == 0 ? (0, lower.significand) : lower.significand.quotientAndRemainder(dividingBy: divisor)
        var sum = scaled + kept
        // A discarded remainder must still break what would look like a tie or an exact result.
        if remainder != 0, sum % 5 == 0 { sum += remainder.signum() }
        return ExactDecimal(significand: sum, exponent: upper.exponent - shift)
    }
}

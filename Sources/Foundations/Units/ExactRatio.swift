/// A factor between units as a fraction, so that 5/9 stays 5/9 until a value is at hand.
///
/// The denominator is positive, has no factor 2 or 5 and shares none with the numerator: a product with a decimal
/// terminates exactly when the denominator divides its digits. Should a fraction outgrow 34 digits, it becomes the
/// nearest 34-digit decimal.
struct ExactRatio: Sendable, Hashable {
    static let one = ExactRatio(.one)

    let numerator: ExactDecimal
    let denominator: Int128

    init(_ value: ExactDecimal) {
        self.numerator = value.normalized
        self.denominator = 1
    }

    private init(numerator: ExactDecimal, denominator: Int128) {
        self.numerator = numerator.normalized
        self.denominator = denominator
    }

    static func * (left: ExactRatio, right: ExactRatio) -> ExactRatio {
        let leftCommon = Self.commonDivisor(left.numerator.significand.magnitude, right.denominator.magnitude)
        let rightCommon = Self.commonDivisor(right.numerator.significand.magnitude, left.denominator.magnitude)
        let numerator = left.numerator.digits(dividedBy: leftCommon) * right.numerator.digits(dividedBy: rightCommon)
        return self.fraction(
            numerator,
            left.denominator / Int128(rightCommon),
            right.denominator / Int128(leftCommon)
        )
    }

    /// 1 divided by this; zero has no reciprocal.
    var reciprocal: ExactRatio? {
        guard !self.numerator.isZero else { return nil }
        var digits = self.numerator.magnitude.significand
        // 1/2 is 0.5 and 1/5 is 0.2: what divides a power of ten moves into the decimal numerator.
        var decimal = ExactDecimal(significand: self.numerator.isNegative ? -1 : 1, exponent: -self.numerator.exponent)
        while digits & 1 == 0 {
            digits >>= 1
            decimal = decimal * ExactDecimal(unchecked: 5, exponent: -1)
        }
        while digits % 5 == 0 {
            digits /= 5
            decimal = decimal * ExactDecimal(unchecked: 2, exponent: -1)
        }
        return ExactRatio(
            numerator: decimal * ExactDecimal(significand: self.denominator, exponent: 0),
            denominator: digits
        )
    }

    static func - (left: ExactRatio, right: ExactRatio) -> ExactRatio {
        let leftScaled = left.numerator * ExactDecimal(significand: right.denominator, exponent: 0)
        let rightScaled = right.numerator * ExactDecimal(significand: left.denominator, exponent: 0)
        let difference = (leftScaled - rightScaled).normalized
        let reduced = ExactRatio(difference)
        guard !difference.isZero else { return reduced }
        let leftPart = ExactRatio(numerator: .one, denominator: left.denominator)
        let rightPart = ExactRatio(numerator: .one, denominator: right.denominator)
        return reduced * (leftPart * rightPart)
    }

    /// The exponent of ten of the leading digit.
    var leadingExponent: Int {
        self.numerator.exponent
            + Self.leadingExponent(self.numerator.significand.magnitude, dividedBy: self.denominator.magnitude)
    }

    /// The exponent of ten of the leading digit of `digits / divisor`, both up to 34 digits and not zero.
    static func leadingExponent(_ digits: UInt128, dividedBy divisor: UInt128) -> Int {
        let shift = PowersOfTen.digitCount(digits) - PowersOfTen.digitCount(divisor)
        let isReached =
            shift >= 0
            ? digits >= divisor * PowersOfTen.power(shift) : digits * PowersOfTen.power(-shift) >= divisor
        return isReached ? shift : shift - 1
    }

    static func commonDivisor(_ left: UInt128, _ right: UInt128) -> UInt128 {
        var (larger, smaller) = (left, right)
        while smaller != 0 { (larger, smaller) = (smaller, larger % smaller) }
        return max(larger, 1)
    }

    private static func fraction(_ numerator: ExactDecimal, _ left: Int128, _ right: Int128) -> ExactRatio {
        let (denominator, overflow) = left.multipliedReportingOverflow(by: right)
        if !overflow, PowersOfTen.digitCount(denominator.magnitude) <= ExactDecimal.maximumDigits {
            return ExactRatio(numerator: numerator, denominator: denominator)
        }
        let quotient = numerator.dividing(by: ExactDecimal(significand: left, exponent: 0))
        let decimal = quotient?.dividing(by: ExactDecimal(significand: right, exponent: 0))
        return ExactRatio(decimal ?? numerator)
    }
}

extension ExactDecimal {
    /// Divides the significand by one of its divisors.
    fileprivate func digits(dividedBy divisor: UInt128) -> ExactDecimal {
        divisor == 1 ? self : ExactDecimal(unchecked: self.significand / Int128(divisor), exponent: self.exponent)
    }
}

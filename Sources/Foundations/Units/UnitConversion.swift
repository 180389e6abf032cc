/// Converts values from one unit to another, prepared once: `y = (x * scale + shift) / divisor`.
///
/// Precision of a result:
/// - A scaling by a power of ten moves the decimal point and keeps every digit: 250 g is 0.250 kg, 1200 uV 1.200 mV.
/// - Any other result keeps its exact value if that ends no later than the quantum: 98.6 [degF] is 37.0 Cel, 70 [in_i]
///   is 177.80 cm. Otherwise it is rounded half to even to the quantum: 157 [lb_av] is 71.2140 kg.
/// - The quantum is the unit in the last place of the source mapped through the factor, two decimal digits finer, and
///   never coarser than six significant digits of the result. So a conversion there and back returns the source.
package struct UnitConversion: Sendable {
    private let scale: ExactDecimal
    private let shift: ExactDecimal
    /// Coprime to 10: a result terminates exactly when this divides the digits of the numerator.
    private let divisor: Int128
    /// The power of ten of the factor's leading digit.
    private let factorExponent: Int
    private let isPowerOfTen: Bool

    /// Whether values are returned as they are.
    package let isIdentity: Bool

    /// Prepares the conversion of readings in `source` to readings in `target`.
    ///
    /// The molar mass in g/mol is needed between mass and amount of substance (mg/dL to mmol/L), and ignored elsewhere.
    ///
    /// - Throws: ``UnitError`` when the units measure different things or the molar mass is missing or not positive.
    package init(
        from source: UCUMUnit,
        to target: UCUMUnit,
        molarMass: ExactDecimal? = nil
    ) throws(UnitError) {
        let bridge = try Self.substanceFactor(from: source, to: target, molarMass: molarMass)
        guard let perTarget = target.meaning.factor.reciprocal else { throw .numberTooLarge(code: target.code) }
        let factor = source.meaning.factor * bridge * perTarget
        let zero = (source.meaning.zero - target.meaning.zero) * perTarget
        let common = ExactRatio.commonDivisor(factor.denominator.magnitude, zero.denominator.magnitude)
        let shiftShare = factor.denominator / Int128(common)
        let scaleShare = zero.denominator / Int128(common)
        let (divisor, overflow) = factor.denominator.multipliedReportingOverflow(by: scaleShare)
        guard !overflow, PowersOfTen.digitCount(divisor.magnitude) <= ExactDecimal.maximumDigits else {
            throw .numberTooLarge(code: target.code)
        }
        self.scale = factor.numerator * ExactDecimal(significand: scaleShare, exponent: 0)
        self.shift = zero.numerator * ExactDecimal(significand: shiftShare, exponent: 0)
        self.divisor = divisor
        self.factorExponent = factor.leadingExponent
        self.isPowerOfTen = factor.numerator.significand == 1 && self.divisor == 1 && self.shift.isZero
        self.isIdentity = self.isPowerOfTen && factor.numerator.exponent == 0
    }

    /// Converts one value; the precision rule is described at the type.
    package func callAsFunction(_ value: ExactDecimal) -> ExactDecimal {
        if self.isIdentity { return value }
        let scaled = value * self.scale
        if self.isPowerOfTen { return scaled }
        let numerator = self.shift.isZero ? scaled : scaled + self.shift
        guard !numerator.isZero else { return numerator.rounded(toExponent: min(0, value.exponent)) }
        let digits = numerator.significand.magnitude
        let divisor = self.divisor.magnitude
        let leading = numerator.exponent + ExactRatio.leadingExponent(digits, dividedBy: divisor)
        let quantum = min(value.exponent + self.factorExponent - 2, leading - 5)
        return self.quotient(numerator, quantum: quantum)
    }

    /// The numerator by the divisor, exact if it ends at `quantum` or before, else rounded there.
    private func quotient(_ numerator: ExactDecimal, quantum: Int) -> ExactDecimal {
        let digits = numerator.significand.magnitude
        let (whole, remainder) = PowersOfTen.divide(digits, by: self.divisor.magnitude)
        if remainder == 0 {
            let exact = ExactDecimal(
                isNegative: numerator.isNegative,
                magnitude: whole,
                exponent: numerator.exponent
            )
            return exact.exponent >= quantum ? exact : exact.rounded(toExponent: quantum)
        }
        let places = numerator.exponent - quantum
        guard places >= 0, PowersOfTen.digitCount(digits) + places <= PowersOfTen.largest else {
            let precise = numerator.dividing(by: ExactDecimal(significand: self.divisor, exponent: 0))
            return (precise ?? numerator).rounded(toExponent: quantum)
        }
        let rounded = PowersOfTen.divideHalfEven(digits * PowersOfTen.power(places), by: self.divisor.magnitude)
        return ExactDecimal(isNegative: numerator.isNegative, magnitude: rounded, exponent: quantum)
    }

    /// The factor between mass and amount of substance, or 1 for units of the same dimension.
    private static func substanceFactor(
        from source: UCUMUnit,
        to target: UCUMUnit,
        molarMass: ExactDecimal?
    ) throws(UnitError) -> ExactRatio {
        let (from, to) = (source.meaning, target.meaning)
        if from.dimension == to.dimension { return .one }
        let isToAmount = from.dimension == to.dimension * .mass && to.amount == from.amount + 1
        let isToMass = to.dimension == from.dimension * .mass && from.amount == to.amount + 1
        guard isToAmount || isToMass else {
            throw .incommensurable(
                from: source.code,
                fromDimension: from.dimension.description,
                to: target.code,
                toDimension: to.dimension.description
            )
        }
        guard let molarMass else { throw .molarMassMissing(from: source.code, to: target.code) }
        guard !molarMass.isZero, !molarMass.isNegative else { throw .molarMassNotPositive(molarMass) }
        let gramsPerUnit = ExactRatio(molarMass) * (UCUMUnit.entitiesPerMole.reciprocal ?? .one)
        return isToMass ? gramsPerUnit : gramsPerUnit.reciprocal ?? .one
    }
}

extension UCUMUnit {
    /// The Avogadro number, which is UCUM's definition of the mole (UCUM §30).
    fileprivate static let entitiesPerMole = ExactRatio(ExactDecimal(significand: 602_214_076, exponent: 15))
}

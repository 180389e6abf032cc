/// What a unit stands for in base units: a reading `x` is `x * factor + zero`.
struct UnitMeaning: Sendable {
    var dimension = UnitDimension.none
    var factor = ExactRatio.one
    /// The reading 0 in base units; only a temperature scale has one that is not 0.
    var zero = ExactRatio(.zero)
    /// Power of the mole, which UCUM counts as a plain number: it tells a concentration of substance from a count.
    var amount = 0
    /// Set when the unit counts from an arbitrary zero or by a curve, to its symbol; it then cannot be multiplied.
    var scaleSymbol: String?

    /// Factors beyond this power of ten are refused, so that products stay within the range of a decimal.
    private static let largestExponent = 400

    /// Evaluates an expression from left to right.
    init(_ expression: UCUMExpression, code: String) throws(UnitError) {
        switch expression {
        case .annotation: break
        case .number(let value):
            guard value > 0 else { throw .unexpected(character: "0", position: 0, code: code) }
            self.factor = ExactRatio(ExactDecimal(value))
        case .unit(let symbol, let exponent, _):
            let unit = try UnitMeaning(symbol: symbol, code: code)
            self = exponent == 1 ? unit : try unit.raised(to: exponent, code: code)
        case .product(let factors):
            for factor in factors {
                let unit = try UnitMeaning(factor.expression, code: code)
                try self.multiply(by: try factor.isDivisor ? unit.raised(to: -1, code: code) : unit, code: code)
            }
        }
    }

    private init() {}

    private init(symbol: String, code: String) throws(UnitError) {
        let symbol = try UCUMSymbol(symbol, in: code)
        switch symbol.atom.definition {
        case .base:
            self.dimension = UnitDimension(base: symbol.name) ?? .none
        case .ratio(let value, let unit):
            self = try UnitMeaning(UCUMGrammar.parse(unit), code: unit)
            self.factor = self.factor * ExactRatio(value)
            if symbol.name == "mol" { self.amount = 1 }
        case .scale(let offset, let value, let unit):
            self = try UnitMeaning(UCUMGrammar.parse(unit), code: unit)
            self.factor = self.factor * ExactRatio(value)
            self.zero = self.factor * ExactRatio(offset)
            self.scaleSymbol = symbol.name
        case .arbitrary:
            self.dimension = UnitDimension(own: symbol.name)
        case .level:
            self.dimension = UnitDimension(own: symbol.name)
            self.scaleSymbol = symbol.name
        }
        self.factor = self.factor * ExactRatio(symbol.factor)
    }

    private mutating func multiply(by other: UnitMeaning, code: String) throws(UnitError) {
        if let symbol = self.scaleSymbol ?? other.scaleSymbol { throw .notRatio(unit: symbol, code: code) }
        self.dimension = self.dimension * other.dimension
        self.factor = self.factor * other.factor
        self.amount += other.amount
        guard abs(self.factor.leadingExponent) <= Self.largestExponent else { throw .numberTooLarge(code: code) }
    }

    private func raised(to exponent: Int, code: String) throws(UnitError) -> UnitMeaning {
        if let symbol = self.scaleSymbol { throw .notRatio(unit: symbol, code: code) }
        var power = UnitMeaning()
        guard exponent != 0 else { return power }
        var single = self
        if exponent < 0, let reciprocal = self.factor.reciprocal { single.factor = reciprocal }
        for _ in 0..<abs(exponent) {
            power.factor = power.factor * single.factor
            guard abs(power.factor.leadingExponent) <= Self.largestExponent else { throw .numberTooLarge(code: code) }
        }
        power.dimension = self.dimension.raised(to: exponent)
        power.amount = self.amount * exponent
        return power
    }
}

/// What a unit measures: powers of the seven UCUM base units, and of units that are only comparable to themselves.
struct UnitDimension: Sendable, Hashable {
    /// Powers of length, time, mass, plane angle, temperature, electric charge and luminous intensity (UCUM §28).
    private(set) var base = SIMD8<Int32>.zero
    /// Powers of arbitrary units such as `[iU]` (UCUM §24), and of levels such as `B[SPL]`.
    private(set) var own: [String: Int] = [:]

    static let none = UnitDimension()
    static let mass = UnitDimension(base: "g") ?? .none
    static let temperature = UnitDimension(base: "K") ?? .none

    private static let baseUnits = ["m", "s", "g", "rad", "K", "C", "cd"]

    init() {}

    /// The dimension of a base unit; nil if `symbol` is none.
    init?(base symbol: String) {
        guard let index = Self.baseUnits.firstIndex(of: symbol) else { return nil }
        self.base[index] = 1
    }

    /// The dimension of a unit that is comparable only to itself.
    init(own symbol: String) {
        self.own = [symbol: 1]
    }

    static func * (left: UnitDimension, right: UnitDimension) -> UnitDimension {
        var product = left
        product.base &+= right.base
        for (symbol, power) in right.own {
            let sum = (product.own[symbol] ?? 0) + power
            product.own[symbol] = sum == 0 ? nil : sum
        }
        return product
    }

    func raised(to exponent: Int) -> UnitDimension {
        var power = UnitDimension()
        guard exponent != 0 else { return power }
        power.base = self.base &* SIMD8(repeating: Int32(truncatingIfNeeded: exponent))
        power.own = self.own.mapValues { $0 * exponent }
        return power
    }
}

extension UnitDimension: CustomStringConvertible {
    /// The kind of quantity in words where there is one, else base units: `g.m-1.s-1`.
    var description: String {
        if self == .none { return "a plain number" }
        let code = self.baseUnitCode
        return Self.kinds[code] ?? code
    }

    private var baseUnitCode: String {
        let base = Self.baseUnits.indices.map { (Self.baseUnits[$0], Int(self.base[$0])) }
        let own = self.own.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return (base + own).filter { $0.1 != 0 }.map { $0.1 == 1 ? $0.0 : "\($0.0)\($0.1)" }.joined(separator: ".")
    }

    private static let kinds = [
        "m": "a length", "m2": "an area", "m3": "a volume", "s": "a time", "s-1": "a rate", "g": "a mass",
        "K": "a temperature", "rad": "an angle", "m-1.s-2.g": "a pressure", "m2.s-2.g": "an energy",
        "m2.s-3.g": "a power", "m-3.g": "a mass concentration", "m-3": "a number or amount per volume",
        "m2.s-2.g.C-1": "a voltage", "m3.s-1": "a volume flow", "m.s-1": "a speed", "m-2.g": "a mass per area",
    ]
}

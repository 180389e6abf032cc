/// Writes a unit as people read it: print symbols for codes, `µ` for the prefix u, raised exponents, no remarks.
enum UnitDisplay {
    static func text(_ expression: UCUMExpression, code: String) throws(UnitError) -> String {
        switch expression {
        case .number(let value): return String(value)
        case .annotation(let text): return text
        case .unit(let symbol, let exponent, _):
            let unit = try UCUMSymbol(symbol, in: code)
            let prefix = unit.prefix == "u" ? "µ" : unit.prefix
            return prefix + (unit.atom.display ?? unit.name) + self.raised(exponent)
        case .product(let factors):
            var text = ""
            for (index, factor) in factors.enumerated() {
                if factor.isDivisor {
                    text += "/"
                } else if index > 0 {
                    text += "·"
                }
                let inner = try self.text(factor.expression, code: code)
                if case .product = factor.expression { text += "(\(inner))" } else { text += inner }
            }
            return text
        }
    }

    private static func raised(_ exponent: Int) -> String {
        guard exponent != 1 else { return "" }
        let digits = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"]
        let sign = exponent < 0 ? "⁻" : ""
        return sign + String(exponent.magnitude).utf8.map { digits[Int($0 - UInt8(ascii: "0"))] }.joined()
    }
}

/// Why a unit code was refused, or two units cannot be converted.
package enum UnitError: Error, Hashable, Sendable {
    /// The code is empty.
    case empty
    /// The code has more than ``UCUMUnit/longestCode`` bytes.
    case tooLong(bytes: Int)
    /// Parentheses are nested more than ``UCUMUnit/deepestNesting`` levels.
    case tooDeep(code: String)
    /// The grammar does not allow the character at this position, counted from 0.
    case unexpected(character: String, position: Int, code: String)
    /// The code stops where a unit, a number or a closing bracket must follow.
    case incomplete(code: String)
    /// Neither a UCUM unit nor a prefix with a metric unit.
    case unknownUnit(symbol: String, code: String)
    /// The unit exists but UCUM gives it no prefixes.
    case notMetric(prefix: String, unit: String, code: String)
    /// An exponent or a number is larger than any measurement needs.
    case numberTooLarge(code: String)
    /// A point on a scale (a temperature, a level) was multiplied, divided or raised.
    case notRatio(unit: String, code: String)
    /// The units measure different kinds of quantity.
    case incommensurable(from: String, fromDimension: String, to: String, toDimension: String)
    /// Mass and amount of substance are only convertible with a molar mass.
    case molarMassMissing(from: String, to: String)
    /// The molar mass is not above zero.
    case molarMassNotPositive(ExactDecimal)
}

extension UnitError: CustomStringConvertible {
    /// One sentence that names the code and what to write instead.
    package var description: String {
        switch self {
        case .empty:
            "The unit is empty; write 1 for a plain number."
        case .tooLong(let bytes):
            "The unit has \(bytes) bytes; at most \(UCUMUnit.longestCode) are read."
        case .tooDeep(let code):
            "The unit \(code) nests more than \(UCUMUnit.deepestNesting) parentheses."
        case .unexpected(let character, let position, let code):
            "The unit \(code) has an unexpected \(character) at position \(position + 1)."
        case .incomplete(let code):
            "The unit \(code) is incomplete: a unit, a number or a closing bracket is missing at its end."
        case .unknownUnit(let symbol, let code):
            symbol == code
                ? "\(symbol) is not a UCUM unit (codes are case-sensitive, for example mm[Hg], Cel, /min)."
                : "\(symbol) in \(code) is not a UCUM unit (codes are case-sensitive, for example mm[Hg], Cel, /min)."
        case .notMetric(let prefix, let unit, let code):
            "The unit \(code) puts the prefix \(prefix) before \(unit), which takes no prefixes in UCUM."
        case .numberTooLarge(let code):
            "The unit \(code) holds a number or an exponent that is too large."
        case .notRatio(let unit, let code):
            "The unit \(code) combines \(unit) with other units, but \(unit) counts from an arbitrary zero;"
                + " use a unit such as K for differences."
        case .incommensurable(let from, let fromDimension, let to, let toDimension):
            "\(from) (\(fromDimension)) cannot be converted to \(to) (\(toDimension))."
        case .molarMassMissing(let from, let to):
            "\(from) can be converted to \(to) only with the molar mass of the substance in g/mol."
        case .molarMassNotPositive(let value):
            "The molar mass must be above zero but is \(value) g/mol."
        }
    }
}

internal import Units

/// The parsed form of an expression.
///
/// Chains of the same operator are one node, so that its depth is bounded by the
/// nesting that the parser allows.
indirect enum Syntax: Sendable {
    case constant(Value)
    case path(JSONPath)
    /// A capture of the topic, by its place in the template.
    case capture(Int)
    case negative(Syntax)
    case not(Syntax)
    case sum([Term])
    case product([Term])
    case compare(Syntax, Comparison, Syntax)
    case all([Syntax])
    case any([Syntax])
    case choice(Syntax, Syntax, Syntax)
    case call(Function, [Syntax])

    /// An operand of a sum or product; an inverse one is subtracted or divided by.
    struct Term: Sendable {
        let isInverse: Bool
        let operand: Syntax
    }

    /// Whether nothing of the payload or topic is read.
    var isConstant: Bool {
        switch self {
        case .constant: true
        case .path, .capture: false
        case .negative(let operand), .not(let operand): operand.isConstant
        case .sum(let terms), .product(let terms): terms.allSatisfy(\.operand.isConstant)
        case .compare(let left, _, let right): left.isConstant && right.isConstant
        case .all(let parts), .any(let parts), .call(_, let parts): parts.allSatisfy(\.isConstant)
        case .choice(let condition, let first, let second):
            condition.isConstant && first.isConstant && second.isConstant
        }
    }
}

/// The functions of the language and how many arguments they take.
enum Function: String, Sendable, CaseIterable {
    case number, text, lower, upper, trim, concat, substring, replace, split, joined
    case coalesce, exists, contains, startswith, endswith, oneof, count
    case round, abs, bits, bit
    case minimum = "min"
    case maximum = "max"
    case u8, i8, u16le, u16be, i16le, i16be, u24le, u24be, u32le, u32be, i32le, i32be
    case f32le, f32be, sfloat, float, bitat, hex

    /// How many arguments are allowed; many more than anyone needs where any number makes sense.
    var arity: ClosedRange<Int> {
        switch self {
        case .number, .text, .lower, .upper, .trim, .exists, .count, .abs, .hex: 1...1
        case .concat, .coalesce, .minimum, .maximum: 1...64
        case .oneof: 2...64
        case .round: 1...2
        case .substring: 2...3
        case .replace, .split, .bits, .bitat: 3...3
        default: 2...2
        }
    }

    /// Whether the first argument must be a path, because all its results are read.
    var takesPath: Bool { self == .count || self == .joined }
}

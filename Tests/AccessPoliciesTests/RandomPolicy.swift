import AccessPolicies

/// SplitMix64: the same policies for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

extension SeededGenerator {
    mutating func expression(depth: Int) -> PolicyExpression {
        switch Int.random(in: 0..<(depth > 0 ? 4 : 2), using: &self) {
        case 0: return .attribute("a:\(Int.random(in: 0..<6, using: &self))")
        case 1:
            let comparison = PolicyComparison.allCases.randomElement(using: &self) ?? .equal
            return .comparison(name: "n", comparison, .random(in: 1..<(.max), using: &self))
        default:
            let children = (0..<Int.random(in: 2...4, using: &self)).map { _ in self.expression(depth: depth - 1) }
            return .gate(threshold: Int.random(in: 1...children.count, using: &self), children)
        }
    }

    /// Tokens of the grammar in any order, with all sorts of blanks.
    mutating func tokens() -> String {
        let tokens = [
            "a:b", "c:d", "and", "or", "of", "(", ")", ",", "2", "1", "level", ">=", "<=", "<", ">", "=", "5", "65535",
            "0", ":", "é", "\u{0}",
        ]
        let blanks = ["", " ", "\t", "\n", "  "]
        return (0..<Int.random(in: 0...24, using: &self)).reduce(into: "") { text, _ in
            text += (tokens.randomElement(using: &self) ?? "") + (blanks.randomElement(using: &self) ?? "")
        }
    }

    mutating func bytes() -> [UInt8] {
        (0..<Int.random(in: 0...64, using: &self)).map { _ in .random(in: 0...255, using: &self) }
    }
}

extension PolicyExpression {
    /// What the policy means, said without trees and bits.
    func holds(attributes: Set<String>, numbers: [String: UInt16]) -> Bool {
        switch self {
        case .attribute(let attribute): attributes.contains(attribute)
        case .comparison(let name, let comparison, let bound):
            numbers[name].map { comparison.holds($0, bound) } ?? false
        case .gate(let threshold, let children):
            children.count { $0.holds(attributes: attributes, numbers: numbers) } >= threshold
        }
    }
}

extension PolicyComparison {
    func holds(_ value: UInt16, _ bound: UInt16) -> Bool {
        switch self {
        case .atLeast: value >= bound
        case .atMost: value <= bound
        case .greater: value > bound
        case .less: value < bound
        case .equal: value == bound
        }
    }
}

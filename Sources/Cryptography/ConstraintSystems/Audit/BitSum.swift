internal import FiniteFields

/// A constraint `Σ 2^i·b_i = x` whose bits are allocated last, one after the other.
///
/// With it a search sees after each bit whether the others can still make up the sum, and needs not try all of them.
struct BitSum: Sendable {
    /// The bits, least significant first.
    let variables: Range<Int>
    private let constraint: Constraint

    /// Nil when the constraint is of another form.
    init?(_ constraint: Constraint) {
        guard constraint.b == .one, constraint.c == .zero, let last = constraint.a.terms.last else { return nil }
        // From the last bit down to the one with coefficient 1.
        let half = Fr(2).inverse()
        var bits = 1
        var coefficient = last.coefficient
        for term in constraint.a.terms.dropLast().reversed() {
            guard coefficient != .one, Int(term.variable) == Int(last.variable) - bits else { break }
            coefficient = coefficient * half
            guard term.coefficient == coefficient else { return nil }
            bits += 1
        }
        guard coefficient == .one, bits > 1, bits < 254 else { return nil }
        self.variables = Int(last.variable) - bits + 1..<Int(last.variable) + 1
        self.constraint = constraint
    }

    /// Whether bits after a variable, of which each is 0 or 1, can make the constraint hold.
    func canHold(_ assignment: [Fr], upTo variable: Int) -> Bool {
        var missing = Fr.zero
        for term in self.constraint.a.terms where term.variable <= variable {
            missing = missing - term.coefficient * assignment[Int(term.variable)]
        }
        let fixedBits = variable - self.variables.lowerBound + 1
        return (0..<255).allSatisfy { place in
            !missing.bit(place) || (fixedBits..<self.variables.count).contains(place)
        }
    }
}

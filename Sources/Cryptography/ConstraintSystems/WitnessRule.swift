package import FiniteFields

/// How the value of an allocated variable follows from what was allocated before it.
///
/// Rules say how an honest prover finds a witness. They prove nothing: what a dishonest one may not choose, the
/// constraints must exclude.
package enum WitnessRule: Sendable {
    /// The next value of the list of inputs.
    case input
    /// `a·b`.
    case product(LinearCombination, LinearCombination)
    /// A bit of the integer that a combination stands for; place 0 is the least significant.
    case bit(LinearCombination, place: Int)
    /// 1 when the integer that a combination stands for is at least the bound, else 0.
    case atLeast(LinearCombination, UInt64)
    /// Computed from the values of earlier combinations.
    case computed([LinearCombination], @Sendable ([Fr]) -> Fr)
}

extension WitnessRule {
    /// The value; an input comes from `nextInput`.
    func value(_ assignment: [Fr], nextInput: () -> Fr) -> Fr {
        switch self {
        case .input: nextInput()
        case .product(let a, let b):
            // Squares are common: the S-box has one long operand.
            a == b ? a.value(assignment).squared() : a.value(assignment) * b.value(assignment)
        case .bit(let combination, let place):
            combination.value(assignment).bit(place) ? .one : .zero
        case .atLeast(let combination, let bound):
            combination.value(assignment).isAtLeast(bound) ? .one : .zero
        case .computed(let combinations, let compute): compute(combinations.map { $0.value(assignment) })
        }
    }
}

extension Fr {
    /// A bit of the integer below `r`; place 0 is the least significant.
    package func bit(_ place: Int) -> Bool {
        let limbs = self.limbs
        let limb =
            switch place / 64 {
            case 0: limbs.0
            case 1: limbs.1
            case 2: limbs.2
            default: limbs.3
            }
        return limb >> UInt64(place % 64) & 1 == 1
    }

    /// Whether the integer below `r` is at least a bound.
    package func isAtLeast(_ bound: UInt64) -> Bool {
        let limbs = self.limbs
        return limbs.1 != 0 || limbs.2 != 0 || limbs.3 != 0 || limbs.0 >= bound
    }
}

package import FiniteFields

/// A sum of variables times coefficients: Σ coefficient·variable, ascending by variable, no coefficient zero.
///
/// Variable 0 is the constant 1.
package struct LinearCombination: Sendable, Hashable {
    /// A variable times a coefficient other than zero.
    package struct Term: Sendable, Hashable {
        package let variable: UInt32
        package let coefficient: Fr

        package func hash(into hasher: inout Hasher) {
            hasher.combine(self.variable)
            hasher.combine(self.coefficient.limbs.0)
        }
    }

    package let terms: [Term]

    /// - Precondition: ascending by variable, no coefficient zero.
    init(sorted terms: [Term]) { self.terms = terms }

    /// The variable itself.
    package init(variable: UInt32) { self.terms = [Term(variable: variable, coefficient: .one)] }

    /// A number that no witness changes.
    package init(constant: Fr) {
        self.terms = constant.isZero ? [] : [Term(variable: 0, coefficient: constant)]
    }

    package static let zero = LinearCombination(sorted: [])
    package static let one = LinearCombination(variable: 0)

    /// The value for an assignment of all variables that occur.
    package func value(_ assignment: [Fr]) -> Fr {
        var sum = Fr.zero
        for term in self.terms { sum = sum + term.coefficient * assignment[Int(term.variable)] }
        return sum
    }
}

extension LinearCombination {
    package static func + (a: LinearCombination, b: LinearCombination) -> LinearCombination {
        Self.merged(a.terms, b.terms)
    }

    package static func - (a: LinearCombination, b: LinearCombination) -> LinearCombination { a + -b }

    package static prefix func - (a: LinearCombination) -> LinearCombination {
        LinearCombination(sorted: a.terms.map { Term(variable: $0.variable, coefficient: -$0.coefficient) })
    }

    package static func * (factor: Fr, a: LinearCombination) -> LinearCombination {
        guard !factor.isZero else { return .zero }
        return LinearCombination(
            sorted: a.terms.map { Term(variable: $0.variable, coefficient: factor * $0.coefficient) }
        )
    }

    package static func + (a: LinearCombination, constant: Fr) -> LinearCombination {
        a + LinearCombination(constant: constant)
    }

    package static func - (a: LinearCombination, constant: Fr) -> LinearCombination {
        a + LinearCombination(constant: -constant)
    }

    package static func - (constant: Fr, a: LinearCombination) -> LinearCombination {
        LinearCombination(constant: constant) - a
    }

    private static func merged(_ a: [Term], _ b: [Term]) -> LinearCombination {
        guard !a.isEmpty else { return LinearCombination(sorted: b) }
        guard !b.isEmpty else { return LinearCombination(sorted: a) }
        var terms: [Term] = []
        terms.reserveCapacity(a.count + b.count)
        var (i, j) = (0, 0)
        while i < a.count, j < b.count {
            if a[i].variable < b[j].variable {
                terms.append(a[i])
                i += 1
            } else if b[j].variable < a[i].variable {
                terms.append(b[j])
                j += 1
            } else {
                let coefficient = a[i].coefficient + b[j].coefficient
                if !coefficient.isZero { terms.append(Term(variable: a[i].variable, coefficient: coefficient)) }
                i += 1
                j += 1
            }
        }
        terms.append(contentsOf: a[i...])
        terms.append(contentsOf: b[j...])
        return LinearCombination(sorted: terms)
    }
}

extension Sequence<LinearCombination> {
    /// The sum of all.
    package var sum: LinearCombination { self.reduce(.zero, +) }
}

internal import BLS12381
package import CanonicalBytes
package import ConstraintSystems
package import FiniteFields
internal import SecretSharing

/// A constraint system as polynomials over a domain (specification section 8.5).
///
/// Row j stands for the j-th power of the root of unity. The rows are the constraints, then one with A = variable i for
/// the constant and each public input, which keeps the polynomials of the public inputs independent of each other.
package struct QuadraticProgram: Sendable {
    package let system: ConstraintSystem
    package let domain: EvaluationDomain

    /// Largest domain: 2^24 rows.
    package static let logarithmMax = 24

    /// - Throws: `FORMAT` for more rows than the largest domain has.
    package init(_ system: ConstraintSystem) throws(ProtocolFailure) {
        let logarithm = Self.logarithm(system)
        try require(logarithm <= Self.logarithmMax, .format, "a circuit of \(system.constraints.count) constraints")
        self.system = system
        self.domain = EvaluationDomain(logarithm: logarithm)
    }

    /// The logarithm of the domain's size.
    package static func logarithm(_ system: ConstraintSystem) -> Int {
        let rows = system.constraints.count + system.publicInputs + 1
        return max(1, Int.bitWidth - (rows - 1).leadingZeroBitCount)
    }

    /// For each variable the sum of its coefficients times what belongs to their rows, in A, B and C.
    ///
    /// With the values of the Lagrange polynomials at τ these are A_i(τ), B_i(τ) and C_i(τ).
    package func columns(weighting rows: [Fr]) -> (a: [Fr], b: [Fr], c: [Fr]) {
        var a = [Fr](repeating: .zero, count: self.system.variables)
        var (b, c) = (a, a)
        for (constraint, row) in zip(self.system.constraints, rows) {
            Self.add(constraint.a, times: row, to: &a)
            Self.add(constraint.b, times: row, to: &b)
            Self.add(constraint.c, times: row, to: &c)
        }
        for variable in 0...self.system.publicInputs {
            a[variable] = a[variable] + rows[self.system.constraints.count + variable]
        }
        return (a, b, c)
    }

    private static func add(_ combination: LinearCombination, times factor: Fr, to columns: inout [Fr]) {
        for term in combination.terms {
            let index = Int(term.variable)
            columns[index] = columns[index] + term.coefficient * factor
        }
    }

    /// The values of the Lagrange polynomials of the domain at a point outside it, and that of the polynomial which
    /// vanishes on it.
    ///
    /// - Throws: `SCALAR` for a point of the domain.
    package func lagrange(at point: Fr) throws(ProtocolFailure) -> (values: [Fr], vanishing: Fr) {
        let vanishing = point.power(UInt64(self.domain.count)) - .one
        try require(!vanishing.isZero, .scalar, "the point is in the domain")
        var roots: [Fr] = []
        roots.reserveCapacity(self.domain.count)
        var root = Fr.one
        for _ in 0..<self.domain.count {
            roots.append(root)
            root = root * self.domain.root
        }
        let factor = vanishing * Fr(UInt64(self.domain.count)).inverse()
        let inverses = Fr.inverses(of: roots.map { point - $0 })
        return (zip(roots, inverses).map { factor * $0 * $1 }, vanishing)
    }

    /// The coefficients of (A·B - C) / Z, one fewer than the domain has points, for an assignment of all variables.
    ///
    /// On the coset g·domain, Z is g^N - 1 throughout. A·B modulo X^N - g^N, which its values there determine, is
    /// quotient·(g^N - 1) + C, so that C need not be evaluated there: six transforms in all.
    ///
    /// - Throws: `UNSATISFIED` with the first constraint that the assignment violates.
    package func quotient(_ assignment: [Fr]) throws(ProtocolFailure) -> [Fr] {
        var rows = self.rows(assignment)
        defer { rows.wipe() }
        if let violated = rows[0].indices.first(where: { rows[0][$0] * rows[1][$0] != rows[2][$0] }) {
            throw ProtocolFailure(.unsatisfied, "constraint \(violated) does not hold")
        }
        let shift = Fr(7)
        let domain = self.domain
        var polynomials = Cores.map(3) { [rows] index in
            let coefficients = domain.coefficients(ofValues: rows[index])
            return index == 2
                ? coefficients
                : domain.values(ofCoefficients: EvaluationDomain.scaled(coefficients, by: shift))
        }
        defer { polynomials.wipe() }
        let product = domain.coefficients(ofValues: zip(polynomials[0], polynomials[1]).map { $0 * $1 })
        let factor = (shift.power(UInt64(domain.count)) - .one).inverse()
        let reduced = EvaluationDomain.scaled(product, by: shift.inverse())
        return zip(reduced, polynomials[2]).dropLast().map { ($0 - $1) * factor }
    }

    /// The values of A, B and C in all rows, with zeros up to the size of the domain.
    private func rows(_ assignment: [Fr]) -> [[Fr]] {
        Cores.map(3) { matrix in
            var values: [Fr] = []
            values.reserveCapacity(self.domain.count)
            for constraint in self.system.constraints {
                let combination = matrix == 0 ? constraint.a : matrix == 1 ? constraint.b : constraint.c
                values.append(combination.value(assignment))
            }
            if matrix == 0 { values += assignment[...self.system.publicInputs] }
            return values + [Fr](repeating: .zero, count: self.domain.count - values.count)
        }
    }
}

extension [[Fr]] {
    fileprivate mutating func wipe() {
        for index in self.indices { self[index].wipe() }
    }
}

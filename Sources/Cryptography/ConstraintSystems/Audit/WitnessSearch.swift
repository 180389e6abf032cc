package import CanonicalBytes
package import FiniteFields

/// Finds every witness that a constraint system has when some variables are fixed: the search for under-constrained
/// circuits, whose dishonest provers have more witnesses than they should.
///
/// It is exhaustive over the whole field. Variables are assigned in the order of allocation; each must be fixed, or
/// follow from a constraint whose other variables come before it: linearly, or as one of two roots, as booleans do.
package struct WitnessSearch: Sendable {
    private let system: ConstraintSystem
    /// The constraints by the last variable that occurs in them.
    private let rows: [[Constraint]]
    /// The sums of bits that a variable is one of the bits of.
    private let sums: [[BitSum]]

    package init(_ system: ConstraintSystem) {
        var rows: [[Constraint]] = Array(repeating: [], count: system.variables)
        var sums: [[BitSum]] = Array(repeating: [], count: system.variables)
        let booleans = Set(system.constraints.compactMap(\.boolean))
        for constraint in system.constraints {
            rows[constraint.lastVariable].append(constraint)
            guard let sum = BitSum(constraint), sum.variables.allSatisfy(booleans.contains) else { continue }
            for variable in sum.variables { sums[variable].append(sum) }
        }
        self.system = system
        self.rows = rows
        self.sums = sums
    }

    /// All witnesses with these values; not more than `limit`.
    ///
    /// - Throws: `PROOF` for a variable that is neither fixed nor follows from what is before it: it is free.
    package func witnesses(fixing values: [Int: Fr], limit: Int) throws(ProtocolFailure) -> [[Fr]] {
        var found: [[Fr]] = []
        var assignment = [Fr](repeating: .zero, count: self.system.variables)
        assignment[0] = .one
        var untried: [[Fr]] = [[]]
        while let last = untried.indices.last {
            if untried.count == self.system.variables {
                found.append(assignment)
                guard found.count < limit else { return found }
            } else {
                let next = untried.count
                untried.append(try self.candidates(next, values[next], &assignment))
                if let candidate = untried[next].popLast() {
                    assignment[next] = candidate
                    continue
                }
            }
            Self.stepBack(&untried, &assignment, from: last)
        }
        return found
    }

    /// Takes the last variable's next candidate, of those that have one.
    private static func stepBack(_ untried: inout [[Fr]], _ assignment: inout [Fr], from last: Int) {
        while let variable = untried.indices.last {
            if let candidate = untried[variable].popLast() {
                assignment[variable] = candidate
                return
            }
            untried.removeLast()
        }
    }

    /// The values of a variable that no constraint over it and those before it forbids.
    private func candidates(
        _ variable: Int,
        _ fixed: Fr?,
        _ assignment: inout [Fr]
    ) throws(ProtocolFailure) -> [Fr] {
        let roots = fixed.map { [$0] } ?? self.roots(variable, &assignment)
        guard let roots else { throw ProtocolFailure(.proof, "variable \(variable) is free") }
        return roots.filter { root in
            assignment[variable] = root
            return self.rows[variable].allSatisfy { $0.holds(assignment) }
                && self.sums[variable].allSatisfy { $0.canHold(assignment, upTo: variable) }
        }
    }

    /// The roots of a constraint in this variable; nil when none says anything about it.
    private func roots(_ variable: Int, _ assignment: inout [Fr]) -> [Fr]? {
        assignment[variable] = .zero
        for row in self.rows[variable] {
            if let roots = row.roots(UInt32(variable), assignment) { return roots }
        }
        return nil
    }
}

extension Constraint {
    fileprivate var lastVariable: Int {
        [self.a, self.b, self.c].map { Int($0.terms.last?.variable ?? 0) }.reduce(0, max)
    }

    /// The variable that the constraint makes 0 or 1, nil when it is of another form.
    fileprivate var boolean: Int? {
        guard let term = self.a.terms.first, self.a == LinearCombination(variable: term.variable),
            self.b == self.a - .one, self.c == .zero
        else { return nil }
        return Int(term.variable)
    }

    fileprivate func holds(_ assignment: [Fr]) -> Bool {
        self.a.value(assignment) * self.b.value(assignment) == self.c.value(assignment)
    }

    /// Solves the constraint for its last variable.
    ///
    /// - Parameters:
    ///   - variable: the last variable of the constraint.
    ///   - assignment: values of those before it, and zero for it.
    /// - Returns: all values for which the constraint holds, nil when it says nothing about the variable or would need a
    ///   square root.
    fileprivate func roots(_ variable: UInt32, _ assignment: [Fr]) -> [Fr]? {
        let (a, b, c) = (
            self.a.factor(variable, assignment), self.b.factor(variable, assignment),
            self.c.factor(variable, assignment)
        )
        let square = a.slope * b.slope
        guard square.isZero else {
            guard c.slope.isZero, c.offset.isZero else { return nil }
            let roots = [-a.offset * a.slope.inverse(), -b.offset * b.slope.inverse()]
            return roots[0] == roots[1] ? [roots[0]] : roots
        }
        let slope = a.offset * b.slope + a.slope * b.offset - c.slope
        let offset = a.offset * b.offset - c.offset
        guard slope.isZero else { return [-offset * slope.inverse()] }
        return offset.isZero ? nil : []
    }
}

extension LinearCombination {
    /// `offset + slope·variable`, where the variable is the last of the combination or does not occur.
    fileprivate func factor(_ variable: UInt32, _ assignment: [Fr]) -> (offset: Fr, slope: Fr) {
        let slope = self.terms.last.flatMap { $0.variable == variable ? $0.coefficient : nil }
        return (self.value(assignment), slope ?? .zero)
    }
}

internal import CanonicalBytes
internal import Crypto
package import FiniteFields

/// A row that an assignment satisfies when `a·b = c`.
package struct Constraint: Sendable, Hashable {
    package let a: LinearCombination
    package let b: LinearCombination
    package let c: LinearCombination

    package init(_ a: LinearCombination, _ b: LinearCombination, _ c: LinearCombination) {
        self.a = a
        self.b = b
        self.c = c
    }
}

/// A rank-1 constraint system over Fr.
///
/// Variable 0 is the constant 1, variables 1 to ``publicInputs`` are public, then private ones follow in the order of
/// allocation. An assignment is a value for each variable, the first one 1.
package struct ConstraintSystem: Sendable, Hashable {
    package let publicInputs: Int
    /// All variables: the constant, the public and the private ones.
    package let variables: Int
    package let constraints: [Constraint]

    /// - Precondition: variables fit 32 bits, and every one that occurs is below `variables`.
    package init(publicInputs: Int, variables: Int, constraints: [Constraint]) {
        precondition(publicInputs >= 0 && publicInputs < variables && variables <= UInt32.max)
        precondition(
            constraints.allSatisfy { row in
                [row.a, row.b, row.c].allSatisfy { ($0.terms.last?.variable ?? 0) < UInt32(variables) }
            }
        )
        self.publicInputs = publicInputs
        self.variables = variables
        self.constraints = constraints
    }

    /// The first constraint that an assignment violates, nil when it satisfies all.
    ///
    /// - Precondition: there is a value for each variable, the first one 1.
    package func firstViolated(by assignment: [Fr]) -> Int? {
        precondition(assignment.count == self.variables && assignment[0] == .one)
        return self.constraints.firstIndex {
            $0.a.value(assignment) * $0.b.value(assignment) != $0.c.value(assignment)
        }
    }

    /// SHA-256 of the canonical bytes of the system (specification section 8.4).
    package var digest: [UInt8] {
        var hash = SHA256()
        var header = CanonicalWriter()
        header.magic("WLR1CS")
        header.u32(UInt32(self.publicInputs))
        header.u32(UInt32(self.variables))
        header.u32(UInt32(self.constraints.count))
        hash.update(data: header.bytes)
        for constraint in self.constraints {
            for row in [constraint.a, constraint.b, constraint.c] { hash.update(data: row.canonicalBytes) }
        }
        return Array(hash.finalize())
    }
}

extension LinearCombination {
    /// `u32 terms || terms × (u32 index || 32 B coefficient)`.
    fileprivate var canonicalBytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 4 + self.terms.count * (4 + Fr.byteCount))
        writer.u32(UInt32(self.terms.count))
        for term in self.terms {
            writer.u32(term.variable)
            let limbs = term.coefficient.limbs
            for limb in [limbs.3, limbs.2, limbs.1, limbs.0] { writer.u64(limb) }
        }
        return writer.bytes
    }
}

internal import BLS12381
package import CanonicalBytes
package import ConstraintSystems
package import FiniteFields
internal import SecretSharing

/// Makes proofs of one circuit.
///
/// The assignment is secret. Sums over it take time that depends on it, as in every prover in use: who can measure the
/// prover's time closely learns how many values are zero or small. Multiplications with the blinding are in constant
/// time. The largest copies of the assignment and of what follows from it are wiped, not all intermediate values.
package struct Prover: Sendable {
    package let key: ProvingKey
    package let program: QuadraticProgram

    /// - Throws: `CONTEXT` for a key of another circuit, `FORMAT` for too many constraints.
    package init(_ key: ProvingKey, _ system: ConstraintSystem) throws(ProtocolFailure) {
        let program = try QuadraticProgram(system)
        let fits =
            key.systemDigest == system.digest && key.variables == system.variables
            && key.publicInputs == system.publicInputs && key.h.count == program.domain.count - 1
        try require(fits, .context, "the proving key is of another circuit")
        self.key = key
        self.program = program
    }

    /// A proof for an assignment of all variables, blinded so that it reveals nothing but that the statement is true.
    ///
    /// - Throws: `CONTEXT` for another count of values, `UNSATISFIED` for values that violate a constraint.
    package func prove(_ assignment: [Fr]) throws(ProtocolFailure) -> Proof {
        var blinding = Blinding(rho: .random(), sigma: .random())
        defer { blinding.wipe() }
        return try self.prove(assignment, blinding)
    }

    /// The proof with given blinding (specification section 8.5).
    func prove(_ assignment: [Fr], _ blinding: Blinding) throws(ProtocolFailure) -> Proof {
        try require(
            assignment.count == self.key.variables && assignment[0] == .one,
            .context,
            "an assignment of \(assignment.count) values for \(self.key.variables) variables"
        )
        var quotient = try self.program.quotient(assignment)
        defer { quotient.wipe() }
        let (rho, sigma) = (blinding.rho, blinding.sigma)
        let delta = self.key.delta
        let verification = self.key.verificationKey
        let a = verification.alpha + self.key.a.sum(times: assignment) + rho * delta
        let b = verification.beta + self.key.b2.sum(times: assignment) + sigma * verification.delta
        let b1 = self.key.beta + self.key.b1.sum(times: assignment) + sigma * delta
        let hidden = self.key.l.sum(times: Array(assignment[(self.key.publicInputs + 1)...]))
        let vanishing = self.key.h.sum(times: quotient)
        let c = hidden + vanishing + sigma * a + rho * b1 - (rho * sigma) * delta
        return try Proof(a: a, b: b, c: c)
    }
}

/// The prover's random scalars.
struct Blinding: Sendable {
    var rho: Fr
    var sigma: Fr

    mutating func wipe() {
        self.rho.wipe()
        self.sigma.wipe()
    }
}

package import AccessPolicies
package import CanonicalBytes
package import ConstraintSystems
package import FiniteFields

/// The circuit of one policy (specification section 8.4).
package struct PolicyCircuit: Sendable {
    package let policy: AccessPolicy
    package let circuit: Circuit
    /// Constraints of the policy itself, those behind the part that all policies share.
    package let policyConstraints: Int

    /// Synthesizes the circuit.
    ///
    /// - Throws: `SCALAR` for a hash of zero, which does not happen.
    package init(_ policy: AccessPolicy) throws(ProtocolFailure) {
        var builder = CircuitBuilder()
        let statement = builder.statement()
        let credential = builder.credential()
        builder.region("policy digest") {
            $0.enforceEqual(statement.policy, LinearCombination(constant: policy.publicInput))
        }
        builder.enforceClaim(statement, credential)
        let shared = builder.constraintCount
        try builder.region("policy") { (builder) throws(ProtocolFailure) in
            let result = try builder.policy(policy.expression, credential.slots)
            builder.enforceEqual(result, .one)
        }
        self.policy = policy
        self.circuit = builder.circuit()
        self.policyConstraints = builder.constraintCount - shared
    }

    /// A value for every variable; secret, and the caller wipes it.
    ///
    /// - Throws: `CONTEXT` for a path of another depth, `UNSATISFIED` when the credential does not satisfy the policy
    ///   or does not fit the statement.
    package func witness(
        _ statement: PolicyStatement,
        _ credential: Credential,
        _ path: CredentialPath
    ) throws(ProtocolFailure) -> [Fr] {
        var inputs = CircuitInputs(statement, count: self.circuit.inputs)
        defer { inputs.wipe() }
        inputs.append(credential)
        inputs.append(path.circuitInputs)
        return try self.circuit.witness(inputs.values)
    }
}

extension AccessPolicy {
    /// `pol = OS2IP(policy_digest) mod r`, by which the circuit of one policy names it.
    package var publicInput: Fr { Fr(reducing: self.digest) }
}

extension CircuitBuilder {
    /// A boolean that may be 1 only when the expression is satisfied; children before their gate.
    fileprivate mutating func policy(
        _ expression: PolicyExpression,
        _ slots: [SlotVariables]
    ) throws(ProtocolFailure) -> LinearCombination {
        guard case .gate(let threshold, let expressions) = expression else {
            let leaf = try PolicyLeaf(expression)
            return self.region(expression.canonicalText) { $0.leaf(leaf, slots) }
        }
        var children: [LinearCombination] = []
        for child in expressions { children.append(try self.policy(child, slots)) }
        return self.region("\(threshold) of \(children.count)") { $0.gate(threshold: threshold, children) }
    }
}

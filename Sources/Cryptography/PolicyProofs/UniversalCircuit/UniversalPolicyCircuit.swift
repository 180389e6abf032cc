package import CanonicalBytes
package import ConstraintSystems
package import FiniteFields

/// The circuit for any policy of at most sixteen leaves: the policy is a committed input, so a new policy needs no new
/// ceremony (docs/spec/universal-policy-circuit.md).
package struct UniversalPolicyCircuit: Sendable {
    package let circuit: Circuit

    /// The circuit; synthesized when first used.
    package static let standard = UniversalPolicyCircuit()

    private init() {
        var builder = CircuitBuilder()
        let statement = builder.statement()
        let credential = builder.credential()
        let table = builder.policyTable(committedTo: statement.policy)
        builder.enforceClaim(statement, credential)
        let leaves = builder.region("leaves") { builder in
            table.leaves.enumerated().map { number, leaf in
                builder.region("leaf \(number + 1)") { $0.tableLeaf(leaf, credential.slots) }
            }
        }
        builder.region("gates") { $0.tableGates(table.gates, leaves: leaves) }
        self.circuit = builder.circuit()
    }

    /// Finds the witness of a proof.
    ///
    /// - Parameters:
    ///   - statement: what is proven; its policy is the table's commitment.
    ///   - table: the policy.
    ///   - credential: the holder's.
    ///   - path: from the credential's leaf to the root.
    /// - Returns: a value for every variable; secret, and the caller wipes it.
    /// - Throws: `CONTEXT` for a path of another depth, `UNSATISFIED` when the credential does not satisfy the policy
    ///   or does not fit the statement.
    package func witness(
        _ statement: PolicyStatement,
        _ table: PolicyTable,
        _ credential: Credential,
        _ path: CredentialPath
    ) throws(ProtocolFailure) -> [Fr] {
        var inputs = CircuitInputs(statement, count: self.circuit.inputs)
        defer { inputs.wipe() }
        inputs.append(credential)
        inputs.append(table.circuitInputs)
        inputs.append(path.circuitInputs)
        return try self.circuit.witness(inputs.values)
    }
}

extension PolicyTable {
    /// In the order of allocation.
    var circuitInputs: [Fr] { self.leafInputs + self.bits.map { $0 ? .one : .zero } }
}

package import AccessPolicies
package import CanonicalBytes
package import ConstraintSystems
package import FiniteFields
internal import Groth16
internal import PolicyProofs

/// The circuit that proofs are made for: the universal one, or one of a policy.
package struct ProofCircuit: Sendable {
    package enum Kind: Sendable, Hashable {
        /// Takes any policy of up to sixteen leaves.
        case universal
        /// Of one policy.
        case policy(AccessPolicy)

        /// As files name it.
        package var name: String {
            switch self {
            case .universal: "universal"
            case .policy: "policy"
            }
        }
    }

    package let kind: Kind
    package let circuit: Circuit
    /// The digest of its constraint system.
    package let digest: [UInt8]
    private let ofPolicy: PolicyCircuit?

    /// Synthesizes the circuit.
    ///
    /// - Throws: `SCALAR` for a hash of zero, which does not happen.
    package init(_ kind: Kind) throws(ProtocolFailure) {
        self.kind = kind
        switch kind {
        case .universal:
            self.ofPolicy = nil
            self.circuit = UniversalPolicyCircuit.standard.circuit
        case .policy(let policy):
            let ofPolicy = try PolicyCircuit(policy)
            self.ofPolicy = ofPolicy
            self.circuit = ofPolicy.circuit
        }
        self.digest = self.circuit.system.digest
    }

    /// The circuit that keys of this digest are for.
    ///
    /// - Throws: `CONTEXT` when it is neither the universal one nor that of the policy.
    package init(ofKey digest: [UInt8], policy: AccessPolicy) throws(ProtocolFailure) {
        let universal = try ProofCircuit(.universal)
        if universal.digest == digest {
            self = universal
            return
        }
        self = try ProofCircuit(.policy(policy))
        try require(
            self.digest == digest,
            .context,
            "the key is neither of the universal circuit nor of that of `\(policy.text)`"
        )
    }

    /// Logarithm of the domain that keys of the circuit have.
    package var logarithm: Int { QuadraticProgram.logarithm(self.circuit.system) }

    /// How the circuit's public input names a policy.
    ///
    /// - Throws: `POLICY` for one that the universal circuit does not take.
    package func input(of policy: AccessPolicy) throws(ProtocolFailure) -> Fr {
        switch self.kind {
        case .universal: try PolicyTable(policy).commitment
        case .policy: policy.publicInput
        }
    }

    /// A value for each variable; secret, and the caller wipes it.
    ///
    /// - Throws: `UNSATISFIED` with the part of the circuit that does not hold; `POLICY`, `CONTEXT`.
    func witness(
        _ statement: PolicyStatement,
        _ policy: AccessPolicy,
        _ credential: Credential,
        _ path: CredentialPath
    ) throws(ProtocolFailure) -> [Fr] {
        if let ofPolicy { return try ofPolicy.witness(statement, credential, path) }
        return try UniversalPolicyCircuit.standard.witness(statement, PolicyTable(policy), credential, path)
    }
}

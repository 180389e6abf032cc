import AccessPolicies
import CanonicalBytes
import ConstraintSystems
import PolicyProofs
import Testing
import VectorFiles

/// The circuits of vector set G and of the fixtures.
@Suite struct PolicyCircuitVectorTests {
    @Test(arguments: try VectorFile.cases("G_zk", "zk.circuit"))
    func circuit(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            let policy = try AccessPolicy(canonical: vector.text("policy"))
            let circuit = try PolicyCircuit(policy)
            let statement = try vector.statement(policy.publicInput)
            let witness = try circuit.witness(statement, vector.credential, vector.path)
            var outputs = circuit.circuit.system.outputs(witness)
            outputs["policy_constraints"] = .number(UInt64(circuit.policyConstraints))
            return outputs
        }
        #expect(outcome == vector.expected)
    }

    @Test func theCircuitOfTheFixtures() throws {
        let text = "(role:cardiologist and (site:hospB or 2 of (study:x, level > 4, country:CN)))"
        let system = try PolicyCircuit(AccessPolicy(canonical: text)).circuit.system
        #expect(system.digest.hex == "980499428471e4f51ded82e2ca46856ac1e6f6b25d2839ab6cb599dbf0eaa610")
        #expect(system.constraints.count == 7742)
        #expect(system.variables == 7703)
    }

    /// Section 8.6.
    @Test(arguments: [
        ("role:cardiologist", 26, 7603, 7626), ("age = 40", 26, 7603, 7626), ("level >= 3", 59, 7636, 7666),
        ("(role:cardiologist and level >= 3)", 85, 7662, 7675),
        ("(role:researcher and 2 of (study:x, ethics:approved, country:CN))", 106, 7683, 7654),
        ("(age <= 65 and age >= 18)", 151, 7728, 7747),
    ])
    func sizes(_ text: String, _ ofPolicy: Int, _ constraints: Int, _ variables: Int) throws {
        let circuit = try PolicyCircuit(AccessPolicy(canonical: text))
        #expect(circuit.policyConstraints == ofPolicy)
        #expect(circuit.circuit.system.constraints.count == constraints)
        #expect(circuit.circuit.system.variables == variables)
    }
}

import AccessPolicies
import CanonicalBytes
import ConstraintSystems
import FiniteFields
import PolicyProofs
import Testing
import VectorFiles

/// The vectors of docs/spec/universal-policy-circuit.md.
@Suite struct UniversalVectorTests {
    static let file = "../zk/universal"

    @Test(arguments: try VectorFile.cases(Self.file, "zk.table"))
    func tables(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            let table = try PolicyTable(AccessPolicy(canonical: vector.text("policy")))
            return [
                "inputs": .list(table.commitmentInputs.map { .text($0.bytes.hex) }),
                "commitment": .text(table.commitment.bytes.hex),
            ]
        }
        #expect(outcome == vector.expected)
    }

    @Test(arguments: try VectorFile.cases(Self.file, "zk.universal"))
    func circuits(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            let table = try PolicyTable(AccessPolicy(canonical: vector.text("policy")))
            let universal = UniversalPolicyCircuit.standard
            let statement = try vector.statement(table.commitment)
            let witness = try universal.witness(statement, table, vector.credential, vector.path)
            return universal.circuit.system.outputs(witness)
        }
        #expect(outcome == vector.expected)
    }
}

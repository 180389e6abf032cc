import AccessPolicies
import CanonicalBytes
import ConstraintSystems
import FiniteFields
import Testing

@testable import PolicyProofs

/// What a dishonest prover can make of the universal circuit: every witness over the whole field, with the inputs fixed
/// that commitments bind.
@Suite struct UniversalSoundnessTests {
    private static let system = UniversalPolicyCircuit.standard.circuit.system
    private static let search = WitnessSearch(system)
    private static let attributes = ["age=40", "country:CN", "level=5", "role:cardiologist", "site:hospA"]

    @Test(arguments: [
        ("role:cardiologist", 1), ("age = 40", 1), ("level >= 5", 1), ("level <= 5", 1), ("age < 41", 1),
        ("(role:cardiologist and level > 4)", 1), ("(role:cardiologist or site:hospA)", 3),
        ("2 of (role:cardiologist, site:hospA, country:CN)", 4),
        ("(role:cardiologist or 2 of (site:hospA, study:x, country:CN))", 6),
        ("role:nurse", 0), ("age = 41", 0), ("level >= 6", 0), ("level <= 4", 0), ("age > 40", 0), ("age < 40", 0),
        ("weight <= 65534", 0), ("weight >= 1", 0), ("role:age", 0), ("age:40", 0), ("country = 40", 0),
        ("(role:cardiologist and level > 5)", 0), ("(role:nurse or site:hospB)", 0),
        ("2 of (role:cardiologist, site:hospB, study:x)", 0),
        ("(site:hospB and 2 of (role:cardiologist, site:hospA, country:CN))", 0),
    ])
    func witnesses(_ text: String, _ count: Int) throws {
        var generator = SplitMix64(state: 61)
        let claim = try Claim(Self.attributes, &generator)
        let table = try PolicyTable(AccessPolicy(text))
        let fixed = try Self.inputs(claim, table)
        #expect(try Self.search.witnesses(fixing: fixed, limit: 100).count == count)
        #expect(try AccessPolicy(text).isSatisfied(by: AttributeSet(Self.attributes)) == (count > 0))
    }

    @Test func randomSmallPoliciesHaveAWitnessExactlyWhenSatisfied() throws {
        var generator = SplitMix64(state: 62)
        var satisfied = 0
        for _ in 0..<40 {
            let policy = try AccessPolicy(RandomWorld.policy(leaves: 1 + generator.below(5), &generator))
            let attributes = RandomWorld.attributes(&generator)
            let claim = try Claim(attributes, &generator)
            let fixed = try Self.inputs(claim, PolicyTable(policy))
            let isSatisfied = try policy.isSatisfied(by: AttributeSet(attributes))
            satisfied += isSatisfied ? 1 : 0
            #expect(try Self.search.witnesses(fixing: fixed, limit: 1).isEmpty == !isSatisfied)
        }
        #expect((8...32).contains(satisfied))
    }

    @Test func onlyTheNonceIsFreeByItself() throws {
        var generator = SplitMix64(state: 63)
        for text in [
            "role:cardiologist", "(role:cardiologist and (site:hospB or 2 of (study:x, level > 4, country:CN)))",
            "(age <= 65 and age >= 18)",
        ] {
            let claim = try Claim(Self.attributes, &generator)
            let table = try PolicyTable(AccessPolicy(text))
            let statement = claim.statement(table.commitment)
            let witness = try UniversalPolicyCircuit.standard.witness(statement, table, claim.credential, claim.path)
            #expect(
                Self.system.variablesFreeByThemselves(in: witness, &generator) == [PolicyCircuitSoundnessTests.nonce]
            )
        }
    }

    /// Values of the circuit's inputs, by variable.
    private static func inputs(_ claim: Claim, _ table: PolicyTable) throws -> [Int: Fr] {
        let circuit = UniversalPolicyCircuit.standard.circuit
        let shared = PolicyCircuitSoundnessTests.inputs(claim, table.commitment)
        let path = 2 * CredentialTree.depth
        let inputs = shared.dropLast(path) + table.circuitInputs + shared.suffix(path)
        #expect(inputs.count == circuit.inputs)
        return Dictionary(uniqueKeysWithValues: zip(circuit.inputVariables, inputs))
    }
}

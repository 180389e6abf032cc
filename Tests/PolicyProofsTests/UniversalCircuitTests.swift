import AccessPolicies
import CanonicalBytes
import ConstraintSystems
import FiniteFields
import PolicyProofs
import Testing

/// The circuit for any policy: it can be satisfied exactly when the policy is.
@Suite struct UniversalCircuitTests {
    private static let universal = UniversalPolicyCircuit.standard

    @Test func sizes() {
        let system = Self.universal.circuit.system
        #expect(system.publicInputs == 5)
        #expect(system.constraints.count == 13663)
        #expect(system.variables == 13641)
        let rows = CircuitProfile(Self.universal.circuit, depthMax: 0).rows
        let parts = Dictionary(uniqueKeysWithValues: rows.map { ($0.region, $0.constraints) })
        #expect(parts["table bits"] == 452)
        #expect(parts["table commitment"] == 4132)
        #expect(parts["leaves"] == 16 * 65)
        #expect(parts["gates"] == 345 + 14 * 8 + 6)
    }

    @Test(arguments: 0..<4)
    func randomPoliciesAreProvenExactlyWhenSatisfied(_ part: Int) throws {
        var generator = SplitMix64(state: UInt64(41 + part))
        var satisfied = 0
        for _ in 0..<70 {
            let policy = try AccessPolicy(RandomWorld.policy(leaves: 1 + generator.below(16), &generator))
            let attributes = RandomWorld.attributes(&generator)
            let claim = try Claim(attributes, &generator)
            let table = try PolicyTable(policy)
            let statement = claim.statement(table.commitment)
            let isSatisfied = try policy.isSatisfied(by: AttributeSet(attributes))
            satisfied += isSatisfied ? 1 : 0
            if isSatisfied {
                _ = try Self.universal.witness(statement, table, claim.credential, claim.path)
            } else {
                #expect(throws: ProtocolFailure.self) {
                    try Self.universal.witness(statement, table, claim.credential, claim.path)
                }
            }
        }
        #expect((10...60).contains(satisfied))
    }

    /// An honest prover with the table of another policy.
    @Test func theTableMustBeTheCommittedOne() throws {
        var generator = SplitMix64(state: 51)
        let claim = try Claim(["role:a"], &generator)
        let wanted = try PolicyTable(AccessPolicy("role:b"))
        for other in ["role:a", "(role:a or role:b)", "(role:b or role:a)"] {
            let table = try PolicyTable(AccessPolicy(other))
            _ = try Self.universal.witness(
                claim.statement(table.commitment),
                table,
                claim.credential,
                claim.path
            )
            #expect(throws: ProtocolFailure(.unsatisfied, "constraint 4583 does not hold (table commitment)")) {
                try Self.universal.witness(
                    claim.statement(wanted.commitment),
                    table,
                    claim.credential,
                    claim.path
                )
            }
        }
    }
}

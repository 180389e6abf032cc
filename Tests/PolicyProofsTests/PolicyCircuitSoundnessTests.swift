import AccessPolicies
import CanonicalBytes
import ConstraintSystems
import FiniteFields
import PolicyProofs
import SecretSharing
import Testing

/// What a dishonest prover can make of the circuit of one policy.
@Suite struct PolicyCircuitSoundnessTests {
    private static let attributes = ["age=40", "country:CN", "level=5", "role:cardiologist", "site:hospA"]

    /// Every witness over the whole field, inputs fixed; how many depends on what an honest prover may leave at 0.
    @Test(arguments: [
        // No choice at all.
        ("role:cardiologist", 1), ("age = 40", 1), ("level >= 5", 1), ("level <= 5", 1), ("age < 41", 1),
        ("(role:cardiologist and level > 4)", 1), ("(age <= 65 and age >= 18)", 1),
        // The leaf of site:hospA may be selected or not.
        ("(role:cardiologist or site:hospA)", 3), ("(role:nurse or site:hospA)", 1),
        // Two of three leaves hold; the gate needs both.
        ("2 of (role:cardiologist, site:hospA, study:x)", 1),
        // Any two or all three.
        ("2 of (role:cardiologist, site:hospA, country:CN)", 4),
        ("(role:cardiologist and 2 of (site:hospA, study:x, level >= 3))", 1),
        // The inner gate, or what is in it, may be left at 0: with no, one or two leaves selected it may be 0, with two
        // it may be 1.
        ("(role:cardiologist or 2 of (site:hospA, study:x, country:CN))", 6),
        // None.
        ("role:nurse", 0), ("age = 41", 0), ("level >= 6", 0), ("level <= 4", 0), ("age > 40", 0), ("age < 40", 0),
        ("weight <= 65534", 0), ("weight >= 1", 0), ("role:age", 0), ("age:40", 0), ("country = 40", 0),
        ("(role:cardiologist and level > 5)", 0), ("(role:nurse or site:hospB)", 0),
        ("2 of (role:cardiologist, site:hospB, study:x)", 0), ("3 of (role:cardiologist, site:hospA, age = 1, a:b)", 0),
        ("(site:hospB and 2 of (role:cardiologist, site:hospA, country:CN))", 0),
    ])
    func witnesses(_ text: String, _ count: Int) throws {
        var generator = SplitMix64(state: 21)
        let policy = try AccessPolicy(text)
        let circuit = try PolicyCircuit(policy)
        let claim = try Claim(Self.attributes, &generator)
        let inputs = Self.inputs(claim, policy.publicInput)
        let fixed = Dictionary(uniqueKeysWithValues: zip(circuit.circuit.inputVariables, inputs))
        let witnesses = try WitnessSearch(circuit.circuit.system).witnesses(fixing: fixed, limit: 100)
        #expect(witnesses.count == count)
        #expect(try policy.isSatisfied(by: AttributeSet(Self.attributes)) == (count > 0))
        guard count > 0 else {
            let statement = claim.statement(policy.publicInput)
            #expect(throws: ProtocolFailure.self) { try circuit.witness(statement, claim.credential, claim.path) }
            return
        }
        let honest = try circuit.witness(claim.statement(policy.publicInput), claim.credential, claim.path)
        #expect(witnesses.contains(honest))
    }

    /// The variable of the nonce, free on purpose.
    ///
    /// The circuit says nothing about it but that it is squared, so its negative has the same witness. The verifier's own
    /// nonce binds the proof, by the pairing equation.
    static let nonce = 3

    /// No other variable is free by itself; only sets of selectors and gates together may be left at 0, as counted above.
    @Test(arguments: [
        "role:cardiologist", "(level >= 3 and age <= 65)",
        "(role:cardiologist and (site:hospB or 2 of (study:x, level > 4, country:CN)))",
    ])
    func onlyTheNonceIsFreeByItself(_ text: String) throws {
        var generator = SplitMix64(state: 22)
        let policy = try AccessPolicy(text)
        let circuit = try PolicyCircuit(policy)
        let claim = try Claim(Self.attributes, &generator)
        let witness = try circuit.witness(claim.statement(policy.publicInput), claim.credential, claim.path)
        #expect(circuit.circuit.system.variablesFreeByThemselves(in: witness, &generator) == [Self.nonce])
    }

    /// The one input that an honest prover may choose: where the sibling equals the node, either side will do.
    @Test func theSideIsFreeBetweenEqualNodes() throws {
        var builder = CircuitBuilder()
        let node = builder.input()
        let root = builder.merkleRoot(above: node, depth: 1)
        builder.enforceEqual(root, LinearCombination(constant: Poseidon.hash(.node, [Fr(7), Fr(7)])))
        let circuit = builder.circuit()
        for side in [Fr.zero, .one] { _ = try circuit.witness([Fr(7), Fr(7), side]) }
    }

    @Test func whatDoesNotFitTheStatementIsRefused() throws {
        var generator = SplitMix64(state: 23)
        let policy = try AccessPolicy("role:cardiologist")
        let circuit = try PolicyCircuit(policy)
        let claim = try Claim(Self.attributes, &generator)
        let right = Self.inputs(claim, policy.publicInput)
        _ = try circuit.circuit.witness(right)
        // All inputs but the nonce, which only binds.
        for place in right.indices where place != 2 {
            var inputs = right
            inputs[place] = place % 2 == 0 ? generator.element() : inputs[place] + .one
            #expect(throws: ProtocolFailure.self) { try circuit.circuit.witness(inputs) }
        }
        let short = CredentialPath(
            siblings: Array(claim.path.siblings.dropLast()),
            isRight: claim.path.isRight.dropLast()
        )
        let statement = claim.statement(policy.publicInput)
        #expect(throws: ProtocolFailure(.context, "the circuit takes 63 inputs, not 61")) {
            try circuit.witness(statement, claim.credential, short)
        }
    }

    @Test func randomPoliciesAreProvenExactlyWhenSatisfied() throws {
        var generator = SplitMix64(state: 24)
        var satisfied = 0
        for _ in 0..<60 {
            let policy = try AccessPolicy(RandomWorld.policy(leaves: 1 + generator.below(7), &generator))
            let attributes = RandomWorld.attributes(&generator)
            let claim = try Claim(attributes, &generator)
            let circuit = try PolicyCircuit(policy)
            let statement = claim.statement(policy.publicInput)
            let isSatisfied = try policy.isSatisfied(by: AttributeSet(attributes))
            satisfied += isSatisfied ? 1 : 0
            if isSatisfied {
                _ = try circuit.witness(statement, claim.credential, claim.path)
            } else {
                #expect(throws: ProtocolFailure.self) { try circuit.witness(statement, claim.credential, claim.path) }
            }
        }
        #expect((10...50).contains(satisfied))
    }

    static func inputs(_ claim: Claim, _ policy: Fr) -> [Fr] {
        let credential = claim.credential
        let secrets = [credential.secret.withValue { $0 }, credential.salt.withValue { $0 }]
        let slots = credential.attributes.slots.flatMap { [$0.id, $0.value] }
        let path = zip(claim.path.siblings, claim.path.isRight).flatMap { [$0, $1 ? Fr.one : .zero] }
        return claim.statement(policy).publicInputs + secrets + slots + path
    }
}

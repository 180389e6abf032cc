import AccessPolicies
import CanonicalBytes
import ConstraintSystems
import FiniteFields
import PolicyProofs
import Testing

/// The form of a policy that the universal circuit takes.
@Suite struct PolicyTableTests {
    @Test func theTableOfAPolicyIsTheOneOfTheSpecification() throws {
        let policy = try AccessPolicy("(role:a and (level > 4 or 2 of (site:x, age <= 65, study:s)))")
        let table = try PolicyTable(policy)
        #expect(table.leaves.count == 16 && table.gates.count == 15)
        let slots = try CredentialAttributes(["age=65", "level=5", "role:a", "site:x", "study:s"]).slots
        let expected = [(slots[2], false, false), (slots[1], true, false), (slots[3], false, false)]
        for (leaf, (slot, isComparison, isAtMost)) in zip(table.leaves, expected) {
            #expect(leaf.id == slot.id && leaf.value == slot.value)
            #expect(leaf.isComparison == isComparison && leaf.isAtMost == isAtMost)
        }
        #expect(table.leaves[3].id == slots[0].id && table.leaves[3].isComparison && table.leaves[3].isAtMost)
        #expect(table.leaves[5...].allSatisfy { $0.id == .zero && $0.value == .one && !$0.isComparison })
        #expect(table.gates.map(\.threshold) == Array(repeating: 1, count: 12) + [2, 1, 2])
        #expect(table.gates[..<12].allSatisfy { $0.leaves.isEmpty && $0.gates.isEmpty })
        #expect(table.gates[12...].map(\.leaves) == [[2, 3, 4], [1], [0]])
        #expect(table.gates[12...].map(\.gates) == [[], [12], [13]])
    }

    /// The commitment, computed again from the specification's words.
    @Test func theCommitmentIsTheHashOfTheTable() throws {
        let slots = try CredentialAttributes(["level=5", "role:a", "site:x"]).slots
        let table = try PolicyTable(AccessPolicy("((level > 4 or site:x) and role:a)"))
        var inputs = [slots[0], slots[2], slots[1]].flatMap { [$0.id, $0.value] }
        for _ in 3..<16 { inputs += [.zero, .one] }
        var bits = Array(repeating: 0, count: 452)
        bits[0] = 1
        // Gates begin behind the leaves' 32 bits; gate g has 16 + g - 1 + 5 bits, a threshold's lowest one first.
        var start = 32
        for gate in 1...15 {
            let children = 16 + gate - 1
            switch gate {
            case 14:
                for child in [0, 1] { bits[start + child] = 1 }
                bits[start + children] = 1
            case 15:
                for child in [2, 16 + 13] { bits[start + child] = 1 }
                bits[start + children + 1] = 1
            default: bits[start + children] = 1
            }
            start += children + 5
        }
        #expect(start == 452)
        for word in [bits[..<226], bits[226...]] {
            inputs.append(word.reversed().reduce(Fr.zero) { $0 + $0 + Fr(UInt64($1)) })
        }
        #expect(table.commitment == Poseidon.hash(.policy, inputs))
    }

    @Test func aSingleLeafIsAGateOfOne() throws {
        let table = try PolicyTable(AccessPolicy("role:a"))
        #expect(table.gates[14].threshold == 1 && table.gates[14].leaves == [0] && table.gates[14].gates.isEmpty)
    }

    @Test func whatDoesNotFitIsRefused() throws {
        let leaves = (0..<17).map { "a:\($0)" }
        let fitting = leaves.dropLast().joined(separator: " and ")
        #expect(try PolicyTable(AccessPolicy(fitting)).gates[14].threshold == 16)
        #expect(throws: ProtocolFailure(.policy, "the policy has more than 16 leaves")) {
            try PolicyTable(AccessPolicy(leaves.joined(separator: " and ")))
        }
        // As many gates as sixteen leaves can have.
        var nested = "a:0"
        for leaf in leaves[1..<16] { nested = "(\(nested) \(leaf.hasSuffix("3") ? "or" : "and") \(leaf))" }
        #expect(try PolicyTable(AccessPolicy(nested)).gates.allSatisfy { $0.leaves.count + $0.gates.count == 2 })
    }

    @Test func policiesOfOneMeaningMayShareATableOthersNot() throws {
        func commitment(_ text: String) throws -> Fr { try PolicyTable(AccessPolicy(text)).commitment }
        #expect(try commitment("level > 4") == commitment("level >= 5"))
        #expect(try commitment("2 of (a:b, c:d)") == commitment("(a:b and c:d)"))
        let texts = [
            "a:b", "b:a", "a = 1", "a >= 1", "a <= 1", "a >= 2", "(a:b and c:d)", "(a:b or c:d)", "(c:d and a:b)",
            "(a:b and c:d and e:f)", "((a:b and c:d) and e:f)", "(a:b and (c:d and e:f))", "2 of (a:b, c:d, e:f)",
            "(a:b or c:d or e:f)", "(a:b and a:b)",
        ]
        let commitments = try texts.map { try commitment($0).bytes }
        #expect(Set(commitments).count == texts.count)
    }

    @Test func theTableMeansWhatThePolicyMeans() throws {
        var generator = SplitMix64(state: 31)
        for _ in 0..<400 {
            let policy = try AccessPolicy(RandomWorld.policy(leaves: 1 + generator.below(16), &generator))
            let table = try PolicyTable(policy)
            let attributes = RandomWorld.attributes(&generator).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            let slots = try CredentialAttributes(attributes).slots
            let leaves = table.leaves.map { leaf in slots.contains { Self.holds(leaf, $0) } }
            let gates = table.gates.reduce(into: [Bool]()) { gates, gate in
                let met = gate.leaves.count { leaves[$0] } + gate.gates.count { gates[$0] }
                gates.append(met >= gate.threshold)
            }
            #expect(gates.last == (try policy.isSatisfied(by: AttributeSet(attributes))))
        }
    }

    /// A slot against a leaf, by integers.
    private static func holds(_ leaf: TableLeaf, _ slot: AttributeSlot) -> Bool {
        guard slot.id == leaf.id else { return false }
        guard leaf.isComparison else { return slot.value == leaf.value }
        let (value, bound) = (slot.value.limbs.0, leaf.value.limbs.0)
        return leaf.isAtMost ? value <= bound : value >= bound
    }
}

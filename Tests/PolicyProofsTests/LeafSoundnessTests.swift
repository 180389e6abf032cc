import AccessPolicies
import ConstraintSystems
import FiniteFields
import Testing

@testable import PolicyProofs

/// What a dishonest prover can make of one leaf, in the circuit of a policy and in the universal one.
@Suite struct LeafSoundnessTests {
    private static let id = Fr(1_000_003)
    private static let other = Fr(1_000_033)

    /// Numbers that no issuer certifies: a comparison of the universal circuit holds for none of them.
    @Test func valuesOutOfRangeSatisfyNoComparison() throws {
        let wrong = [Fr(65536), Fr(1 << 32), -.one, -Fr(65535), Fr(2).inverse(), Fr(limbs: (0, 0, 0, 1 << 62))]
        for condition in [PolicyLeaf.Condition.atLeast(1), .atLeast(65535), .atMost(65534), .atMost(0)] {
            let circuit = LeafCircuit(TableLeaf(PolicyLeaf(id: Self.id, condition: condition)))
            for value in wrong { #expect(circuit.outputs([(Self.id, value)]) == [.zero]) }
        }
    }

    @Test(arguments: [1, 2, 40, 32767, 32768, 65534] as [UInt16])
    func leavesCompareAtTheirBorders(_ bound: UInt16) {
        let values = [0, 1, 65535, 65534] + (-2...2).map { Int(bound) + $0 }
        let conditions: [(PolicyLeaf.Condition, (Int) -> Bool)] = [
            (.atLeast(bound), { $0 >= Int(bound) }), (.atMost(bound), { $0 <= Int(bound) }),
            (.equal(Fr(UInt64(bound))), { $0 == Int(bound) }),
        ]
        for (condition, holds) in conditions {
            let leaf = PolicyLeaf(id: Self.id, condition: condition)
            for circuit in [LeafCircuit(leaf), LeafCircuit(TableLeaf(leaf))] {
                for value in values where (0...65535).contains(value) {
                    // The selector may always be left at 0.
                    let slot = (id: Self.id, value: Fr(UInt64(value)))
                    let outputs = circuit.outputs([(Self.other, .one), slot])
                    #expect(outputs.map { Set($0.map(\.limbs.0)) } == (holds(value) ? [0, 1] : [0]))
                    #expect(outputs?.count == (holds(value) ? 2 : 1))
                    #expect(circuit.outputs([(Self.other, slot.value)]) == [.zero])
                }
            }
        }
    }

    /// Under-constrained circuits have a row too few.
    ///
    /// Here every row is needed: without it some credential, or a list of slots that a wrong issuer might certify, gives
    /// a prover other witnesses.
    @Test(arguments: Self.conditions)
    func everyConstraintOfALeafIsNeeded(_ condition: PolicyLeaf.Condition) {
        let circuit = LeafCircuit(PolicyLeaf(id: Self.id, condition: condition))
        #expect(Self.needlessRows(of: circuit).isEmpty)
    }

    /// In the universal circuit some rows are there for equalities alone.
    @Test func everyConstraintOfATableLeafIsNeededForSomeLeaf() {
        let needless = Self.conditions.map { condition in
            Self.needlessRows(of: LeafCircuit(TableLeaf(PolicyLeaf(id: Self.id, condition: condition))))
        }
        #expect(needless.dropFirst().reduce(Set(needless[0])) { $0.intersection($1) }.isEmpty)
    }

    private static let conditions: [PolicyLeaf.Condition] = [.equal(Fr(40)), .atLeast(40), .atMost(40)]

    /// Slots of which some hold what leaves ask for, some almost, and some what no issuer certifies.
    private static let credentials: [[(id: Fr, value: Fr)]] = {
        let right = (id: Self.id, value: Fr(40))
        let others = Array(repeating: (id: Self.other, value: Fr(40)), count: 7)
        let values = [Fr(39), Fr(41), -Fr(1), Fr(1 << 17), -Fr(1 << 17), Fr(1 << 33), -Fr(1 << 33)]
        return [[right], others + [right], others + [(id: Self.other, value: Fr(40))]]
            + values.map { [(id: Self.id, value: $0)] } + [
                Array(repeating: right, count: 8), Array(repeating: (id: Self.id, value: Fr(41)), count: 8),
            ]
    }()

    private static func needlessRows(of circuit: LeafCircuit) -> [Int] {
        let expected = self.credentials.map { circuit.outputs($0) }
        #expect(!expected.contains(nil))
        return circuit.system.constraints.indices.filter { row in
            self.credentials.indices.allSatisfy { circuit.outputs(self.credentials[$0], without: row) == expected[$0] }
        }
    }
}

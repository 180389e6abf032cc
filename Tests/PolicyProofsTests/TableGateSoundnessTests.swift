import ConstraintSystems
import FiniteFields
import Testing

@testable import PolicyProofs

/// What a dishonest prover can make of gates whose children and thresholds are variables: all tables of two leaves, an
/// inner gate and the last one.
@Suite struct TableGateSoundnessTests {
    /// Values of the leaves, child bits of the inner and of the last gate, and the thresholds.
    private struct Table {
        let leaves, inner, last: [Bool]
        let thresholds: [Int]

        var inputs: [Fr] {
            (self.leaves + self.inner + self.last).map { $0 ? .one : .zero } + self.thresholds.map { Fr(UInt64($0)) }
        }

        private var innerCount: Int { zip(self.inner, self.leaves).count { $0 && $1 } }

        /// Whether the last gate holds, with an inner one that may be left at 0.
        func holds(withInner inner: Bool) -> Bool {
            let nodes = self.leaves + [inner]
            return (!inner || self.innerCount >= self.thresholds[0])
                && zip(self.last, nodes).count { $0 && $1 } >= self.thresholds[1]
        }

        /// Witnesses that there should be.
        var witnesses: Int { [false, true].count { self.holds(withInner: $0) } }
    }

    private static let tables: [Table] = (0..<4 * 4 * 8).flatMap { number in
        let bits = (0..<7).map { number >> $0 & 1 == 1 }
        return [(1, 1), (1, 2), (2, 1), (2, 2), (1, 3), (2, 3), (31, 1), (1, 31)].map { first, last in
            Table(
                leaves: Array(bits[0..<2]),
                inner: Array(bits[2..<4]),
                last: Array(bits[4..<7]),
                thresholds: [first, last]
            )
        }
    }

    private static let circuit: Circuit = {
        var builder = CircuitBuilder()
        let leaves = (0..<2).map { _ in builder.input() }
        let inner = (0..<2).map { _ in builder.input() }
        let last = (0..<3).map { _ in builder.input() }
        let thresholds = (0..<2).map { _ in builder.input() }
        let gates = [
            TableGateVariables(isChild: inner, threshold: thresholds[0]),
            TableGateVariables(isChild: last, threshold: thresholds[1]),
        ]
        builder.tableGates(gates, leaves: leaves)
        return builder.circuit()
    }()

    @Test func theLastGateHoldsOnlyWhenEnoughChildrenDo() throws {
        let search = WitnessSearch(Self.circuit.system)
        for table in Self.tables { #expect(try Self.witnesses(table, search) == table.witnesses) }
    }

    @Test func everyConstraintOfTheGatesIsNeeded() {
        let system = Self.circuit.system
        for row in system.constraints.indices {
            var constraints = system.constraints
            constraints.remove(at: row)
            let search = WitnessSearch(
                ConstraintSystem(publicInputs: 0, variables: system.variables, constraints: constraints)
            )
            #expect(Self.tables.contains { (try? Self.witnesses($0, search)) != $0.witnesses })
        }
    }

    /// Thresholds and child bits are packed into words: values other than 0 and 1 could be packed into the same.
    @Test func everyBitOfTheTableIsABit() throws {
        let circuit = UniversalPolicyCircuit.standard.circuit
        let region = try #require(circuit.regions.first { $0.path == "table bits" })
        let rows = circuit.system.constraints[region.constraints]
        // Behind five public inputs, secret, salt, sixteen values of slots and thirty-two of leaves.
        let bits = (56..<56 + 452 as Range<UInt32>).map { LinearCombination(variable: $0) }
        let expected = bits.map { bit in Constraint(bit, bit - LinearCombination.one, .zero) }
        #expect(Array(rows) == expected)
        #expect(circuit.inputVariables[55..<55 + 452].elementsEqual(56..<56 + 452))
    }

    private static func witnesses(_ table: Table, _ search: WitnessSearch) throws -> Int {
        let fixed = Dictionary(uniqueKeysWithValues: zip(self.circuit.inputVariables, table.inputs))
        return try search.witnesses(fixing: fixed, limit: 50).count
    }
}

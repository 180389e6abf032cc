internal import ConstraintSystems
internal import FiniteFields

/// A leaf of the policy table in a circuit.
struct TableLeafVariables {
    let id, value, isComparison, isAtMost: LinearCombination
}

/// A gate of the policy table in a circuit.
struct TableGateVariables {
    /// One for each leaf, then one for each gate before this one.
    let isChild: [LinearCombination]
    let threshold: LinearCombination
}

/// The policy table in a circuit.
struct TableVariables {
    let leaves: [TableLeafVariables]
    let gates: [TableGateVariables]
}

extension CircuitBuilder {
    /// Allocates a policy table whose commitment is a public input: 452 constraints for the bits and 4132 for the
    /// commitment (docs/spec/universal-policy-circuit.md, section 4).
    mutating func policyTable(committedTo commitment: LinearCombination) -> TableVariables {
        let values = (0..<2 * PolicyTable.leafCount).map { _ in self.input() }
        let bits = self.region("table bits") { builder in
            (0..<2 * TableWord.bitCount).map { _ in builder.boolean(.input) }
        }
        self.region("table commitment") { builder in
            let words = [bits[..<TableWord.bitCount], bits[TableWord.bitCount...]].map(Self.packed)
            builder.enforceEqual(builder.poseidonHash(.policy, values + words), commitment)
        }
        var rest = bits[...]
        func take(_ count: Int) -> [LinearCombination] {
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        let leaves = (0..<PolicyTable.leafCount).map { leaf in
            let kind = take(2)
            return TableLeafVariables(
                id: values[2 * leaf],
                value: values[2 * leaf + 1],
                isComparison: kind[0],
                isAtMost: kind[1]
            )
        }
        let gates = (0..<PolicyTable.gateCount).map { gate in
            TableGateVariables(
                isChild: take(PolicyTable.leafCount + gate),
                threshold: Self.packed(take(PolicyTable.thresholdBits)[...])
            )
        }
        return TableVariables(leaves: leaves, gates: gates)
    }

    /// `Σ 2^i·b_i`.
    private static func packed(_ bits: ArraySlice<LinearCombination>) -> LinearCombination {
        var power = Fr.one
        return bits.map { bit in
            defer { power = power + power }
            return power * bit
        }.sum
    }
}

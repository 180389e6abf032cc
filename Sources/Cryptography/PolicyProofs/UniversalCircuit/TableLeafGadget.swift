internal import ConstraintSystems
internal import FiniteFields

extension CircuitBuilder {
    /// A boolean that may be 1 only when a slot of the credential holds what the leaf asks for: 65 constraints
    /// (docs/spec/universal-policy-circuit.md, section 4).
    mutating func tableLeaf(_ leaf: TableLeafVariables, _ slots: [SlotVariables]) -> LinearCombination {
        let selectors = self.selectors(of: leaf, slots)
        let isSelected = selectors.sum
        self.enforceBoolean(isSelected)
        // With nothing selected both are 0.
        let id = zip(selectors, slots).map { self.product($0, $1.id) }.sum
        let value = zip(selectors, slots).map { self.product($0, $1.value) }.sum
        self.enforce(isSelected, times: leaf.id, equals: id)
        let difference = value - self.product(isSelected, leaf.value)
        self.enforce(.one - leaf.isComparison, times: difference, equals: .zero)
        // 1 for at least, -1 for at most, 0 for no comparison: the difference's sign.
        let isBothSet = self.product(leaf.isComparison, leaf.isAtMost)
        let sign = leaf.isComparison - Fr(2) * isBothSet
        self.enforceRange(self.product(sign, difference), bits: 16)
        self.enforceRange(self.product(leaf.isComparison, value), bits: 16)
        return isSelected
    }

    /// One boolean for each slot; an honest prover sets that of the first slot that satisfies the leaf.
    private mutating func selectors(
        of leaf: TableLeafVariables,
        _ slots: [SlotVariables]
    ) -> [LinearCombination] {
        let values =
            [leaf.id, leaf.value, leaf.isComparison, leaf.isAtMost] + slots.flatMap { [$0.id, $0.value] }
        return slots.indices.map { place in
            self.boolean(
                .computed(values) { values in
                    let leaf = TableLeaf(
                        id: values[0],
                        value: values[1],
                        isComparison: values[2] == .one,
                        isAtMost: values[3] == .one
                    )
                    let first = slots.indices.first {
                        leaf.isSatisfied(by: AttributeSlot(id: values[4 + 2 * $0], value: values[5 + 2 * $0]))
                    }
                    return first == place ? .one : .zero
                }
            )
        }
    }
}

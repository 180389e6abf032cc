internal import ConstraintSystems
internal import FiniteFields

extension CircuitBuilder {
    /// A boolean that may be 1 only when a slot of the credential satisfies the leaf (specification section 8.4): 25,
    /// 58 or 91 constraints.
    mutating func leaf(_ leaf: PolicyLeaf, _ slots: [SlotVariables]) -> LinearCombination {
        let selectors = self.selectors(of: leaf, slots)
        switch leaf.condition {
        case .equal(let value): return self.equalityLeaf(selectors, slots, leaf.id, value)
        case .atLeast(let bound):
            let (isSelected, value) = self.selectedNumber(selectors, slots, leaf.id)
            self.enforceAtLeast(value, UInt32(bound), where: isSelected)
            return isSelected
        case .atMost(let bound):
            let (isSelected, value) = self.selectedNumber(selectors, slots, leaf.id)
            self.enforceAtMost(value, UInt32(bound), where: isSelected)
            return isSelected
        }
    }

    /// One boolean for each slot; an honest prover sets that of the first slot that satisfies the leaf.
    private mutating func selectors(of leaf: PolicyLeaf, _ slots: [SlotVariables]) -> [LinearCombination] {
        let values = slots.flatMap { [$0.id, $0.value] }
        return slots.indices.map { place in
            self.boolean(
                .computed(values) { values in
                    let first = slots.indices.first {
                        leaf.isSatisfied(by: AttributeSlot(id: values[2 * $0], value: values[2 * $0 + 1]))
                    }
                    return first == place ? .one : .zero
                }
            )
        }
    }

    private mutating func equalityLeaf(
        _ selectors: [LinearCombination],
        _ slots: [SlotVariables],
        _ id: Fr,
        _ value: Fr
    ) -> LinearCombination {
        for (selector, slot) in zip(selectors, slots) {
            self.enforce(selector, times: slot.id - id, equals: .zero)
            self.enforce(selector, times: slot.value - value, equals: .zero)
        }
        let isSelected = selectors.sum
        self.enforceBoolean(isSelected)
        return isSelected
    }

    /// Whether a slot of this id is selected, and its value, or else 0.
    private mutating func selectedNumber(
        _ selectors: [LinearCombination],
        _ slots: [SlotVariables],
        _ id: Fr
    ) -> (isSelected: LinearCombination, value: LinearCombination) {
        var values: [LinearCombination] = []
        for (selector, slot) in zip(selectors, slots) {
            self.enforce(selector, times: slot.id - id, equals: .zero)
            values.append(self.product(selector, slot.value))
        }
        let isSelected = selectors.sum
        self.enforceBoolean(isSelected)
        return (isSelected, values.sum)
    }
}

internal import ConstraintSystems
package import FiniteFields

/// A leaf in a policy table: what one slot of a credential must hold.
package struct TableLeaf: Sendable, Equatable {
    /// The id of the attribute's slot.
    package let id: Fr
    /// What the slot's value must equal, or is compared with.
    package let value: Fr
    /// Whether values are compared as numbers.
    package let isComparison: Bool
    /// Whether a compared value may be at most, instead of at least.
    package let isAtMost: Bool

    init(id: Fr, value: Fr, isComparison: Bool, isAtMost: Bool) {
        self.id = id
        self.value = value
        self.isComparison = isComparison
        self.isAtMost = isAtMost
    }

    /// Fits no slot: empty slots have the value 0.
    static let unused = TableLeaf(id: .zero, value: .one, isComparison: false, isAtMost: false)

    init(_ leaf: PolicyLeaf) {
        switch leaf.condition {
        case .equal(let value): self.init(id: leaf.id, value: value, isComparison: false, isAtMost: false)
        case .atLeast(let bound):
            self.init(id: leaf.id, value: Fr(UInt64(bound)), isComparison: true, isAtMost: false)
        case .atMost(let bound):
            self.init(id: leaf.id, value: Fr(UInt64(bound)), isComparison: true, isAtMost: true)
        }
    }

    /// Whether a slot holds what the leaf asks for.
    func isSatisfied(by slot: AttributeSlot) -> Bool {
        guard slot.id == self.id else { return false }
        guard self.isComparison else { return slot.value == self.value }
        let (low, high) = self.isAtMost ? (slot.value, self.value) : (self.value, slot.value)
        return !slot.value.isAtLeast(1 << 16) && !(high - low).isAtLeast(1 << 16)
    }
}

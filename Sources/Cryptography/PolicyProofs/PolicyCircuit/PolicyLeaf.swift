internal import AccessPolicies
internal import CanonicalBytes
internal import ConstraintSystems
internal import FiniteFields

/// A leaf of a policy as circuits see it: what one slot of a credential must hold.
struct PolicyLeaf: Sendable, Equatable {
    enum Condition: Sendable, Equatable {
        case equal(Fr)
        case atLeast(UInt16)
        case atMost(UInt16)
    }

    let id: Fr
    let condition: Condition

    init(id: Fr, condition: Condition) {
        self.id = id
        self.condition = condition
    }

    /// - Throws: `POLICY` for a gate and for a comparison that is never true.
    init(_ expression: PolicyExpression) throws(ProtocolFailure) {
        switch expression {
        case .attribute(let text):
            let parts = text.utf8.split(separator: UInt8(ascii: ":"))
            try require(parts.count == 2, .policy, "an attribute is not name:value")
            let slot = try AttributeSlot(name: parts[0], value: parts[1])
            self.id = slot.id
            self.condition = .equal(slot.value)
        case .comparison(let name, let comparison, let bound):
            self.id = try AttributeSlot(name: name.utf8, number: 0).id
            self.condition = try Self.condition(comparison, bound)
        case .gate: throw ProtocolFailure(.policy, "a gate is no leaf")
        }
    }

    func isSatisfied(by slot: AttributeSlot) -> Bool { slot.id == self.id && self.isSatisfied(by: slot.value) }

    private func isSatisfied(by value: Fr) -> Bool {
        switch self.condition {
        case .equal(let wanted): value == wanted
        case .atLeast(let bound): value.isAtLeast(UInt64(bound))
        case .atMost(let bound): !value.isAtLeast(UInt64(bound) + 1)
        }
    }

    /// `>` and `<` are rewritten (specification section 7.3).
    private static func condition(
        _ comparison: PolicyComparison,
        _ bound: UInt16
    ) throws(ProtocolFailure) -> Condition {
        switch comparison {
        case .equal: return .equal(Fr(UInt64(bound)))
        case .atLeast: return .atLeast(bound)
        case .atMost: return .atMost(bound)
        case .greater:
            try require(bound < .max, .policy, "a comparison is never true")
            return .atLeast(bound + 1)
        case .less:
            try require(bound > 0, .policy, "a comparison is never true")
            return .atMost(bound - 1)
        }
    }
}

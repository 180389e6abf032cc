internal import Payloads
internal import Units

/// A value in the form in which filters and expressions compare it.
enum Comparand {
    /// No value: an empty selection or an absent operand.
    case nothing
    case null
    case bool(Bool)
    case number(ExactDecimal)
    case text(ArraySlice<UInt8>)
    case bytes(ArraySlice<UInt8>)
    case unavailable(PayloadTree.Absence)
    case container(PayloadTree.NodeID)

    init(_ literal: PathLiteral) {
        switch literal {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .number(let value): self = .number(value)
        case .text(let value): self = .text(value[...])
        }
    }

    /// Whether the first is below the second; nil unless both are numbers or both are texts.
    ///
    /// Nothing else has an order (RFC 9535 §2.3.5.2.2). Texts are ordered by Unicode scalars, which is the order of their UTF-8.
    static func isLess(_ left: Comparand, _ right: Comparand) -> Bool? {
        switch (left, right) {
        case (.number(let left), .number(let right)): left < right
        case (.text(let left), .text(let right)): left.lexicographicallyPrecedes(right)
        default: nil
        }
    }
}

/// The work that one evaluation may still do; it ends on any payload and any path.
struct WorkBudget {
    private(set) var visitsLeft = ExpressionBounds.visitedNodesMax
    private(set) var isExceeded = false

    /// Takes some visits; false when none are left.
    mutating func spend(_ visits: Int = 1) -> Bool {
        guard self.visitsLeft >= visits else {
            self.isExceeded = true
            return false
        }
        self.visitsLeft -= visits
        return true
    }
}

extension PayloadTree {
    /// The value of a node in the form in which it is compared.
    func comparand(of node: NodeID?) -> Comparand {
        guard let node else { return .nothing }
        switch self.kind(node) {
        case .null: return .null
        case .bool: return self.bool(node).map(Comparand.bool) ?? .nothing
        case .number: return self.number(node).map(Comparand.number) ?? .nothing
        case .string: return self.bytes(node).map(Comparand.text) ?? .nothing
        case .bytes: return self.bytes(node).map(Comparand.bytes) ?? .nothing
        case .absent: return self.absence(node).map(Comparand.unavailable) ?? .nothing
        case .array, .object: return .container(node)
        }
    }

    /// Deep equality (RFC 9535 §2.3.5.2.2): numbers by value, arrays by elements, objects by members in any order.
    ///
    /// A number that the device declared unavailable equals only one that is unavailable for the same reason.
    func areEqual(_ left: Comparand, _ right: Comparand, _ budget: inout WorkBudget) -> Bool {
        switch (left, right) {
        case (.nothing, .nothing), (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.text(let left), .text(let right)), (.bytes(let left), .bytes(let right)): left == right
        case (.unavailable(let left), .unavailable(let right)): left == right
        case (.container(let left), .container(let right)): self.areContainersEqual(left, right, &budget)
        default: false
        }
    }

    private func areContainersEqual(_ left: NodeID, _ right: NodeID, _ budget: inout WorkBudget) -> Bool {
        let count = self.childCount(left)
        guard self.kind(left) == self.kind(right), count == self.childCount(right), budget.spend(count) else {
            return false
        }
        return self.kind(left) == .array
            ? self.areElementsEqual(left, right, &budget) : self.areMembersEqual(left, right, &budget)
    }

    private func areElementsEqual(_ left: NodeID, _ right: NodeID, _ budget: inout WorkBudget) -> Bool {
        var leftChild = self.firstChild(left)
        var rightChild = self.firstChild(right)
        while let one = leftChild, let other = rightChild {
            guard self.areEqual(self.comparand(of: one), self.comparand(of: other), &budget) else { return false }
            leftChild = self.nextSibling(one)
            rightChild = self.nextSibling(other)
        }
        return true
    }

    private func areMembersEqual(_ left: NodeID, _ right: NodeID, _ budget: inout WorkBudget) -> Bool {
        var child = self.firstChild(left)
        while let one = child {
            guard budget.spend(self.childCount(right)), let key = self.key(one),
                let other = self.member(right, named: key),
                self.areEqual(self.comparand(of: one), self.comparand(of: other), &budget)
            else { return false }
            child = self.nextSibling(one)
        }
        return true
    }
}

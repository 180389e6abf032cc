package import Payloads
package import Units

/// What an ``Expression`` yields.
///
/// Nothing is coerced silently: text that looks like a number is text (``numeric`` and the function `number` read
/// it), 0 and 1 are the only numbers that serve as conditions, and an empty capture is absent.
package enum Value: Sendable, Equatable {
    /// There is no such value: an empty selection, or an operation on something it is not defined for.
    case absent
    /// JSON null.
    case null
    /// JSON true or false, or the result of a comparison.
    case bool(Bool)
    /// An exact number with its precision.
    case number(ExactDecimal)
    /// A text.
    case text(String)
    /// The device said that it has no number, and why.
    case unavailable(PayloadTree.Absence)
    /// An array, an object or a byte string.
    case node(PayloadTree.NodeID)

    /// The number of a number, or of a text that is one (``DecimalText``), because devices send `"78"`.
    package var numeric: ExactDecimal? {
        switch self {
        case .number(let number): number
        case .text(let text): DecimalText.number(text)
        default: nil
        }
    }

    /// The text of a text, number or boolean; nil for all others.
    package var textual: String? {
        switch self {
        case .text(let text): text
        case .number(let number): number.description
        case .bool(let value): value ? "true" : "false"
        case .absent, .null, .unavailable, .node: nil
        }
    }

    /// The value as a condition: a boolean, or the numbers 0 and 1 that many devices send; nil for all others.
    package var truth: Bool? {
        switch self {
        case .bool(let value): value
        case .number(let number) where number.isZero: false
        case .number(let number) where number == .one: true
        default: nil
        }
    }

    /// Whether there is nothing to report: absent or null.
    package var isMissing: Bool { self == .absent || self == .null }

    /// The value in the form in which it is compared.
    func comparand(in tree: PayloadTree) -> Comparand {
        switch self {
        case .absent: .nothing
        case .null: .null
        case .bool(let value): .bool(value)
        case .number(let value): .number(value)
        case .text(let value): .text(Array(value.utf8)[...])
        case .unavailable(let reason): .unavailable(reason)
        case .node(let node): tree.isEmpty ? .nothing : tree.comparand(of: node)
        }
    }
}

// A method, not an initializer: those take their arguments over, which would retain the tree's arrays each time.
extension PayloadTree {
    /// The value of a node; absent when there is none.
    package func value(of node: NodeID?) -> Value {
        guard let node else { return .absent }
        switch self.kind(node) {
        case .null: return .null
        case .bool: return self.bool(node).map(Value.bool) ?? .absent
        case .number: return self.number(node).map(Value.number) ?? .absent
        case .string: return self.string(node).map(Value.text) ?? .absent
        case .absent: return self.absence(node).map(Value.unavailable) ?? .absent
        case .bytes, .array, .object: return .node(node)
        }
    }
}

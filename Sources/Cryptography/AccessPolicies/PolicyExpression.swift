/// How a numeric attribute is compared.
package enum PolicyComparison: String, Sendable, CaseIterable {
    case atLeast = ">="
    case atMost = "<="
    case greater = ">"
    case less = "<"
    case equal = "="
}

/// What a policy text says, before comparisons are expanded (specification section 7.2).
package enum PolicyExpression: Sendable, Hashable {
    /// `name:value`.
    case attribute(String)
    /// `name OP INT`.
    case comparison(name: String, PolicyComparison, UInt16)
    /// Holds when at least `threshold` of two or more children hold.
    case gate(threshold: Int, [PolicyExpression])

    /// The one text that stands for the expression.
    package var canonicalText: String {
        switch self {
        case .attribute(let text): text
        case .comparison(let name, let comparison, let bound): "\(name) \(comparison.rawValue) \(bound)"
        case .gate(let threshold, let children): Self.text(threshold, children.map(\.canonicalText))
        }
    }

    private static func text(_ threshold: Int, _ children: [String]) -> String {
        if threshold == children.count { return "(" + children.joined(separator: " and ") + ")" }
        if threshold == 1 { return "(" + children.joined(separator: " or ") + ")" }
        return "\(threshold) of (" + children.joined(separator: ", ") + ")"
    }
}

package import CanonicalBytes

/// A policy whose comparisons were expanded: leaves are attributes of keys (specification section 7.3).
package enum AccessTree: Sendable, Hashable {
    /// `name:value` or one bit of a number, `name#i=b`.
    case leaf(String)
    /// Holds when at least `threshold` of two or more children hold; an AND has as many as children.
    case gate(threshold: Int, [AccessTree])

    /// Nodes from the root to any node of the expression, the root not counted.
    package static let depthMax = 16
    /// Leaves after the expansion of comparisons.
    package static let leavesMax = 256

    /// Expands an expression.
    ///
    /// - Throws: `POLICY` for comparisons that are always or never true, for more depth than 16 or more leaves than 256.
    package init(_ expression: PolicyExpression) throws(ProtocolFailure) {
        var leavesLeft = Self.leavesMax
        self = try Self.expand(expression, depth: 0, &leavesLeft)
    }

    /// The attributes at the leaves, in preorder; an attribute may occur more than once.
    package var leaves: [String] {
        switch self {
        case .leaf(let attribute): [attribute]
        case .gate(_, let children): children.flatMap(\.leaves)
        }
    }

    /// Whether somebody with these attributes satisfies the tree.
    package func isSatisfied(by attributes: AttributeSet) -> Bool {
        switch self {
        case .leaf(let attribute): attributes.contains(attribute)
        case .gate(let threshold, let children):
            children.count { $0.isSatisfied(by: attributes) } >= threshold
        }
    }

    private static func expand(
        _ expression: PolicyExpression,
        depth: Int,
        _ leavesLeft: inout Int
    ) throws(ProtocolFailure) -> AccessTree {
        try require(depth <= self.depthMax, .policy, "the policy is deeper than 16")
        let tree: AccessTree
        switch expression {
        case .attribute(let attribute): tree = .leaf(attribute)
        case .comparison(let name, let comparison, let bound):
            tree = try BagOfBits(name: name).tree(comparison, bound)
        case .gate(let threshold, let children):
            var expanded: [AccessTree] = []
            for child in children { expanded.append(try self.expand(child, depth: depth + 1, &leavesLeft)) }
            return .gate(threshold: threshold, expanded)
        }
        leavesLeft -= tree.leaves.count
        try require(leavesLeft >= 0, .policy, "the policy has more than 256 leaves")
        return tree
    }
}

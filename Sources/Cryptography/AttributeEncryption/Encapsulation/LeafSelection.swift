internal import AccessPolicies
internal import FiniteFields
internal import SecretSharing

/// The fewest leaves that satisfy an access tree, with the factors by which their values add up to its secret.
struct LeafSelection {
    /// A leaf that is used.
    struct Choice {
        /// In preorder.
        let leaf: Int
        /// The product of the Lagrange factors from the leaf to the root.
        let factor: Fr
    }

    let choices: [Choice]

    /// The cheapest selection, or nil when the tree is not satisfied.
    ///
    /// - Parameters:
    ///   - tree: of the policy.
    ///   - has: whether an attribute is there.
    init?(_ tree: AccessTree, has: (String) -> Bool) {
        var nextLeaf = 0
        guard let plan = Plan(tree, &nextLeaf, has) else { return nil }
        var choices: [Choice] = []
        plan.collect(factor: .one, &choices)
        self.choices = choices
    }
}

/// How a subtree is satisfied most cheaply.
private indirect enum Plan {
    case leaf(Int)
    /// Children with their places, counted from 1.
    case gate(cost: Int, [(place: Int, Plan)])

    /// The cost of a gate is the sum of its children's, so the cheapest children make the cheapest gate.
    init?(_ tree: AccessTree, _ nextLeaf: inout Int, _ has: (String) -> Bool) {
        switch tree {
        case .leaf(let attribute):
            defer { nextLeaf += 1 }
            guard has(attribute) else { return nil }
            self = .leaf(nextLeaf)
        case .gate(let threshold, let children):
            var plans: [(place: Int, Plan)] = []
            for (index, child) in children.enumerated() {
                if let plan = Plan(child, &nextLeaf, has) { plans.append((index + 1, plan)) }
            }
            guard plans.count >= threshold else { return nil }
            plans.sort { ($0.1.cost, $0.place) < ($1.1.cost, $1.place) }
            let used = Array(plans.prefix(threshold))
            self = .gate(cost: used.reduce(0) { $0 + $1.1.cost }, used)
        }
    }

    private var cost: Int {
        switch self {
        case .leaf: 1
        case .gate(let cost, _): cost
        }
    }

    func collect(factor: Fr, _ choices: inout [LeafSelection.Choice]) {
        switch self {
        case .leaf(let leaf): choices.append(LeafSelection.Choice(leaf: leaf, factor: factor))
        case .gate(_, let children):
            let weights = Lagrange.weights(atZeroFrom: children.map { UInt64($0.place) })
            for (child, weight) in zip(children, weights) { child.1.collect(factor: factor * weight, &choices) }
        }
    }
}

/// Which conditions of a policy satisfy it at the lowest cost.
struct ConditionChoice {
    /// Of all conditions chosen.
    let cost: Int
    /// Positions among the policy's conditions, in the order of the text.
    let chosen: [Int]

    /// The cheapest choice, or nil when the conditions that have a cost do not satisfy the expression.
    ///
    /// - Parameters:
    ///   - syntax: a policy.
    ///   - costs: of each condition, in the order of the text; nil for one that does not hold.
    init?(_ syntax: PolicySyntax, costs: [Int?]) {
        var position = 0
        guard let choice = Self.choose(syntax, costs, &position) else { return nil }
        self = choice
    }

    private init(cost: Int, chosen: [Int]) {
        self.cost = cost
        self.chosen = chosen
    }

    /// A gate costs what its cheapest children cost, so the cheapest of each make the cheapest whole.
    private static func choose(_ syntax: PolicySyntax, _ costs: [Int?], _ position: inout Int) -> ConditionChoice? {
        guard case .gate(let threshold, let children) = syntax.form else {
            defer { position += 1 }
            return costs[position].map { ConditionChoice(cost: $0, chosen: [position]) }
        }
        var choices: [ConditionChoice] = []
        for child in children {
            if let choice = Self.choose(child, costs, &position) { choices.append(choice) }
        }
        guard choices.count >= threshold else { return nil }
        let cheapest = choices.enumerated().sorted { ($0.element.cost, $0.offset) < ($1.element.cost, $1.offset) }
            .prefix(threshold).map(\.element)
        return ConditionChoice(
            cost: cheapest.reduce(0) { $0 + $1.cost },
            chosen: cheapest.flatMap(\.chosen).sorted()
        )
    }
}

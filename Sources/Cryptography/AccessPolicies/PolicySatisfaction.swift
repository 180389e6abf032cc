extension WrittenPolicy {
    /// The attributes and comparisons of the policy, in the order of the text.
    package struct Condition: Sendable, Hashable {
        /// As in the canonical text.
        package let text: String
        /// The date of its number, where the text was written with one or its name is known to be a date's.
        package let date: String?
        /// Leaves of the access tree.
        package let leaves: Int
    }

    /// How attributes and a policy fit.
    package struct Satisfaction: Sendable, Hashable {
        package let isSatisfied: Bool
        /// Whether each condition holds.
        package let holds: [Bool]
        /// Positions of the conditions that a decryption would use, the cheapest ones; empty when it is not satisfied.
        package let used: [Int]
        /// Leaves that a decryption would use.
        package let leavesUsed: Int
        /// Positions of the fewest conditions that would have to hold in addition; empty when it is satisfied.
        package let missing: [Int]
    }

    var conditionNodes: [PolicySyntax] { self.syntax.nodes.filter { $0.children.isEmpty } }

    /// The policy's conditions.
    ///
    /// - Parameter dateNames: names of numbers that are dates, besides those that the text compares with dates.
    /// - Returns: attributes and comparisons in the order of the text.
    package func conditions(dateNames: [String] = []) -> [Condition] {
        let dateNames = self.dateNames + dateNames
        return self.conditionNodes.map { node in
            let leaves = (try? AccessTree(node.expression))?.leaves.count ?? 0
            guard case .comparison(let name, _, let bound, _) = node.form, dateNames.contains(name) else {
                return Condition(text: node.expression.canonicalText, date: nil, leaves: leaves)
            }
            return Condition(text: node.expression.canonicalText, date: PolicyDate.text(bound), leaves: leaves)
        }
    }

    /// Whether these attributes satisfy the policy, by which conditions, or what they lack.
    package func satisfaction(by attributes: WrittenAttributes) -> Satisfaction {
        let nodes = self.conditionNodes
        let costs = nodes.map { Self.leavesUsed($0, attributes.attributes.contains, attributes.numbers) }
        let choice = ConditionChoice(self.syntax, costs: costs)
        var missing: [Int] = []
        if choice == nil {
            // What holds is free; of what does not, conditions count before leaves.
            let wanted = zip(costs, self.conditions()).map { $0 == nil ? 1000 + $1.leaves : 0 }
            missing = ConditionChoice(self.syntax, costs: wanted)?.chosen.filter { costs[$0] == nil } ?? []
        }
        return Satisfaction(
            isSatisfied: choice != nil,
            holds: costs.map { $0 != nil },
            used: choice?.chosen ?? [],
            leavesUsed: choice?.cost ?? 0,
            missing: missing
        )
    }

    /// Leaves that a condition takes, or nil when it does not hold.
    static func leavesUsed(
        _ node: PolicySyntax,
        _ hasAttribute: (String) -> Bool,
        _ numbers: [String: UInt16]
    ) -> Int? {
        switch node.form {
        case .attribute(let text): hasAttribute(text) ? 1 : nil
        case .comparison(let name, let comparison, let bound, _):
            numbers[name].flatMap { BagOfBits.leavesUsed(by: $0, comparison, bound) }
        case .gate: nil
        }
    }
}

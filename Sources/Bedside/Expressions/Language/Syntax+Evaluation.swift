internal import Payloads
internal import Units

// Every operation is total. An operand that the device declared unavailable makes the result unavailable for the
// same reason; one that is absent, null or of another type makes it absent.

extension Syntax {
    func evaluate(_ scope: EvaluationScope, _ budget: inout WorkBudget) -> Value {
        switch self {
        case .constant(let value): return value
        case .path(let path): return path.query.value(scope, &budget)
        case .capture(let number): return scope.captureText(number).map(Value.text) ?? .absent
        case .negative(let operand):
            return operand.evaluate(scope, &budget).mapNumber { -$0 }
        case .not(let operand):
            let value = operand.evaluate(scope, &budget)
            return value.truth.map { .bool(!$0) } ?? value.failure
        case .sum(let terms): return Self.sum(terms, scope, &budget)
        case .product(let factors): return Self.product(factors, scope, &budget)
        case .compare(let left, let comparison, let right):
            let leftValue = left.evaluate(scope, &budget)
            return Self.compare(leftValue, comparison, right.evaluate(scope, &budget), scope.tree, &budget)
        case .all(let parts): return Self.junction(parts, decidedBy: false, scope, &budget)
        case .any(let parts): return Self.junction(parts, decidedBy: true, scope, &budget)
        case .choice(let condition, let first, let second):
            let value = condition.evaluate(scope, &budget)
            guard let truth = value.truth else { return value.failure }
            return (truth ? first : second).evaluate(scope, &budget)
        case .call(let function, let arguments): return function.evaluate(arguments, scope, &budget)
        }
    }

    private static func sum(_ terms: [Term], _ scope: EvaluationScope, _ budget: inout WorkBudget) -> Value {
        var total = ExactDecimal.zero
        for (position, term) in terms.enumerated() {
            let value = term.operand.evaluate(scope, &budget)
            guard case .number(let number) = value else { return value.failure }
            if position == 0 {
                total = number
            } else {
                total = term.isInverse ? total - number : total + number
            }
        }
        return .number(total)
    }

    private static func product(_ factors: [Term], _ scope: EvaluationScope, _ budget: inout WorkBudget) -> Value {
        var total = ExactDecimal.one
        for (position, factor) in factors.enumerated() {
            let value = factor.operand.evaluate(scope, &budget)
            guard case .number(let number) = value else { return value.failure }
            if position == 0 {
                total = number
            } else if factor.isInverse {
                guard let quotient = total.dividing(by: number) else { return .absent }
                total = quotient
            } else {
                total = total * number
            }
        }
        return .number(total)
    }

    /// Equality is defined for all values; order only between two numbers or two texts.
    private static func compare(
        _ left: Value,
        _ comparison: Comparison,
        _ right: Value,
        _ tree: PayloadTree,
        _ budget: inout WorkBudget
    ) -> Value {
        let one = left.comparand(in: tree)
        let other = right.comparand(in: tree)
        switch comparison {
        case .equal: return .bool(tree.areEqual(one, other, &budget))
        case .notEqual: return .bool(!tree.areEqual(one, other, &budget))
        case .less, .lessOrEqual, .greater, .greaterOrEqual: break
        }
        guard let isLess = Comparand.isLess(one, other), let isGreater = Comparand.isLess(other, one) else {
            if case .unavailable = left { return left }
            return right.failure
        }
        switch comparison {
        case .less: return .bool(isLess)
        case .lessOrEqual: return .bool(!isGreater)
        case .greater: return .bool(isGreater)
        default: return .bool(!isLess)
        }
    }

    /// `&&` (decided by false) and `||` (decided by true) of three-valued logic: an unknown part leaves the result
    /// unknown unless another part decides it.
    private static func junction(
        _ parts: [Syntax],
        decidedBy decisive: Bool,
        _ scope: EvaluationScope,
        _ budget: inout WorkBudget
    ) -> Value {
        var unknown: Value?
        for part in parts {
            let value = part.evaluate(scope, &budget)
            guard let truth = value.truth else {
                unknown = unknown ?? value.failure
                continue
            }
            if truth == decisive { return .bool(decisive) }
        }
        return unknown ?? .bool(!decisive)
    }
}

extension Value {
    /// What an operation yields that cannot use this value.
    var failure: Value {
        if case .unavailable = self { return self }
        return .absent
    }

    func mapNumber(_ transform: (ExactDecimal) -> ExactDecimal) -> Value {
        if case .number(let number) = self { return .number(transform(number)) }
        return self.failure
    }
}

extension PathQuery {
    /// The first selected node's value, within the evaluation's budget.
    func value(_ scope: EvaluationScope, _ budget: inout WorkBudget) -> Value {
        scope.tree.value(of: self.firstNode(scope, &budget))
    }

    func firstNode(_ scope: EvaluationScope, _ budget: inout WorkBudget) -> PayloadTree.NodeID? {
        if let steps = self.steps {
            return scope.tree.node(along: steps, from: self.startsAtCurrent ? scope.current : .root)
        }
        var walk = PathWalk(scope.tree, budget: budget)
        defer { budget = walk.budget }
        return walk.first(self, at: scope.current)
    }

    /// All selected nodes; nil when the query was given up.
    func allNodes(_ scope: EvaluationScope, _ budget: inout WorkBudget) -> [PayloadTree.NodeID]? {
        var walk = PathWalk(scope.tree, budget: budget)
        defer { budget = walk.budget }
        var nodes: [PayloadTree.NodeID] = []
        return walk.forEach(self, at: scope.current, { nodes.append($0) }) == nil ? nodes : nil
    }
}

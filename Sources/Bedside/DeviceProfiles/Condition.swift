internal import Expressions

extension Expression {
    /// Whether the condition holds; what is missing does not hold.
    func isTrue(_ scope: EvaluationScope) -> Bool { self.evaluateCondition(scope) ?? false }
}

package import Payloads
package import Units

/// A device profile's expression, parsed once when the profile is loaded.
///
/// The language is small and total: every expression ends within bounded work on every payload, and what cannot be
/// computed is ``Value/absent``, never an error. It has
///
/// - values: paths (`$.spo2`, `@.v[?@.ok].x`; the first result counts), captures of the topic (`{bed}`), numbers,
///   quoted text, `true`, `false`, `null`;
/// - `+ - * /` over exact decimals, unary `-`; dividing by zero is absent;
/// - `== !=` over all values, `< <= > >=` over two numbers or two texts (anything else is absent);
/// - `&& || !` of three-valued logic: an absent condition stays absent unless the other part decides;
/// - `if(condition, a, b)` and the functions of ``Function``.
///
/// What the device declared unavailable stays so through every operation, except `coalesce`, `exists`, `oneof`,
/// `==`, `!=` and a branch that is not taken.
package struct Expression: Sendable, CustomStringConvertible {
    /// The text of the expression.
    package let description: String
    /// The value, when it depends on no payload and no topic.
    package let constantValue: Value?
    let syntax: Syntax
    /// The whole expression when it is one singular path: evaluated without allocation.
    private let steps: [PathStep]?
    private let startsAtCurrent: Bool

    /// Parses an expression.
    ///
    /// - Parameters:
    ///   - text: The expression.
    ///   - captures: The names that `{name}` may use, in the order of the topic template.
    /// - Throws: ``ExpressionError`` for text that is not well formed, unknown functions and unknown captures.
    package init(_ text: String, captures: [String] = []) throws(ExpressionError) {
        var parser = ExpressionParser(try TextCursor(text), captures: captures)
        let syntax = try parser.expression()
        parser.cursor.skipBlanks()
        guard parser.cursor.isAtEnd else { throw parser.cursor.failure("expected an operator or the end") }
        self.init(syntax, description: text)
    }

    init(_ syntax: Syntax, description: String) {
        self.syntax = syntax
        self.description = description
        if case .path(let path) = syntax {
            self.steps = path.query.steps
            self.startsAtCurrent = path.startsAtCurrent
        } else {
            self.steps = nil
            self.startsAtCurrent = false
        }
        var budget = WorkBudget()
        self.constantValue = syntax.isConstant ? syntax.evaluate(EvaluationScope(tree: PayloadTree()), &budget) : nil
    }

    /// Whether the value is the same for every message.
    package var isConstant: Bool { self.constantValue != nil }

    /// The path when the whole expression is one, singular or not.
    package var asPath: JSONPath? {
        if case .path(let path) = self.syntax { return path }
        return nil
    }

    /// The value for one payload.
    package func evaluate(_ scope: EvaluationScope) -> Value {
        if self.steps != nil { return scope.tree.value(of: self.evaluateNode(scope)) }
        if let constantValue { return constantValue }
        var budget = WorkBudget()
        return self.syntax.evaluate(scope, &budget)
    }

    /// The node that the expression selects; nil when it is not a path, or selects nothing.
    package func evaluateNode(_ scope: EvaluationScope) -> PayloadTree.NodeID? {
        if let steps {
            return scope.tree.node(along: steps, from: self.startsAtCurrent ? scope.current : .root)
        }
        guard case .path(let path) = self.syntax else { return nil }
        return path.first(in: scope.tree, at: scope.current)
    }

    /// The number of the value, read from text too (``Value/numeric``).
    package func evaluateNumber(_ scope: EvaluationScope) -> ExactDecimal? {
        if self.steps != nil {
            guard let node = self.evaluateNode(scope) else { return nil }
            if let number = scope.tree.number(node) { return number }
        }
        return self.evaluate(scope).numeric
    }

    /// The text of the value (``Value/textual``).
    package func evaluateText(_ scope: EvaluationScope) -> String? { self.evaluate(scope).textual }

    /// The value as a condition (``Value/truth``); nil when it is none.
    package func evaluateCondition(_ scope: EvaluationScope) -> Bool? { self.evaluate(scope).truth }
}

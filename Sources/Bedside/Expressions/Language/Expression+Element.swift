extension Expression {
    /// Whether the value comes, at least in part, from the element of `each` (`@`).
    package var readsElement: Bool { self.syntax.readsElement }
}

extension Syntax {
    /// Whether a path that starts at the current node is part of the expression.
    fileprivate var readsElement: Bool {
        switch self {
        case .constant, .capture: false
        case .path(let path): path.startsAtCurrent
        case .negative(let operand), .not(let operand): operand.readsElement
        case .sum(let terms), .product(let terms): terms.contains { $0.operand.readsElement }
        case .compare(let left, _, let right): left.readsElement || right.readsElement
        case .all(let parts), .any(let parts), .call(_, let parts): parts.contains { $0.readsElement }
        case .choice(let condition, let first, let second):
            condition.readsElement || first.readsElement || second.readsElement
        }
    }
}

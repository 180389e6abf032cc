/// An expression as it was written: with its place, and with what the canonical text no longer shows.
struct PolicySyntax: Sendable, Hashable {
    indirect enum Form: Sendable, Hashable {
        case attribute(String)
        /// The bound of a date is its days since 1970-01-01.
        case comparison(name: String, PolicyComparison, UInt16, isDate: Bool)
        /// Two or more children.
        case gate(threshold: Int, [PolicySyntax])
    }

    let form: Form
    /// The bytes that say it, without parentheses around it.
    let range: Range<Int>

    var children: [PolicySyntax] {
        if case .gate(_, let children) = self.form { return children }
        return []
    }

    /// Nodes from this one to the deepest below it, this one not counted.
    var depth: Int { self.children.map { $0.depth + 1 }.max() ?? 0 }

    var expression: PolicyExpression {
        switch self.form {
        case .attribute(let text): .attribute(text)
        case .comparison(let name, let comparison, let bound, _): .comparison(name: name, comparison, bound)
        case .gate(let threshold, let children): .gate(threshold: threshold, children.map(\.expression))
        }
    }

    /// This node and all below it, in the order of the text.
    var nodes: [PolicySyntax] { [self] + self.children.flatMap(\.nodes) }
}

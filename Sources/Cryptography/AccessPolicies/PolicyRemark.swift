/// A sentence about a place of a policy text: thrown, why it is no policy; as a warning, what its writer may not have meant.
package struct PolicyRemark: Error, Sendable, Hashable, CustomStringConvertible {
    /// Counted from 1.
    package let line: Int
    /// Counted from 1, in characters.
    package let column: Int
    /// What is wrong.
    package let message: String
    /// What to write instead, or why it matters.
    package let hint: String?
    /// The line in question over a line with carets.
    package let excerpt: String

    init(_ source: PolicySource, _ range: Range<Int>, _ message: String, hint: String? = nil) {
        (self.line, self.column) = source.place(of: range.lowerBound)
        self.message = message
        self.hint = hint
        self.excerpt = source.excerpt(range)
    }

    /// Everything in one line.
    package var description: String {
        "line \(self.line), column \(self.column): \(self.message)" + (self.hint.map { " (\($0))" } ?? "")
    }
}

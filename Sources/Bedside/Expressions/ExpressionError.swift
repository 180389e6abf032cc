/// Why a path, expression, text template or topic template was refused when a profile was loaded.
package struct ExpressionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Where in the text, in UTF-8 bytes from its start.
    package let position: Int
    /// What is wrong, as a sentence without the place: "expected ) after the arguments of if".
    package let reason: String

    /// Makes an error about one place.
    package init(position: Int, reason: String) {
        self.position = position
        self.reason = reason
    }

    /// The reason and the column, counted in UTF-8 bytes from 1.
    package var description: String { "\(self.reason) at column \(self.position + 1)" }
}

/// Bounds on what a profile author may write; they keep parsing and evaluation small on any input.
package enum ExpressionBounds {
    /// Longest path, expression or text template, in UTF-8 bytes.
    package static let textMax = 4_096
    /// Deepest nesting of parentheses, arguments and signs.
    package static let nestingMax = 32
    /// Deepest nesting of filters inside filters.
    package static let filterNestingMax = 8
    /// Longest text that an operation of the language produces, in UTF-8 bytes.
    package static let resultTextMax = 4_096
    /// Most nodes that one path selects.
    package static let resultNodesMax = 65_536
    /// Most nodes that one evaluation visits.
    package static let visitedNodesMax = 1_048_576
}

extension WrittenPolicy {
    /// The policy as an indented list in words, a condition or gate a line.
    ///
    /// - Parameters:
    ///   - dateNames: names of numbers that are dates, besides those that the text compares with dates.
    ///   - marks: what to put before each condition, in the order of the text; nothing where there is none.
    /// - Returns: the lines.
    package func words(dateNames: [String] = [], marks: [String] = []) -> [String] {
        var words = PolicyWords(dateNames: self.dateNames + dateNames, marks: marks)
        words.add(self.syntax, indentation: "", trunk: "")
        return words.lines
    }
}

/// Says a policy in words.
private struct PolicyWords {
    let dateNames: [String]
    let marks: [String]
    var lines: [String] = []
    private var conditions = 0

    init(dateNames: [String], marks: [String]) {
        self.dateNames = dateNames
        self.marks = marks
    }

    mutating func add(_ node: PolicySyntax, indentation: String, trunk: String) {
        guard case .gate(let threshold, let children) = node.form else {
            let mark = self.conditions < self.marks.count ? self.marks[self.conditions] + " " : ""
            self.conditions += 1
            return self.lines.append(indentation + mark + self.condition(node))
        }
        self.lines.append(indentation + Self.gate(threshold, of: children.count))
        for (index, child) in children.enumerated() {
            let isLast = index == children.count - 1
            self.add(child, indentation: trunk + (isLast ? "`- " : "|- "), trunk: trunk + (isLast ? "   " : "|  "))
        }
    }

    private static func gate(_ threshold: Int, of count: Int) -> String {
        switch (threshold, count) {
        case (2, 2): "both of:"
        case (count, _): "all \(count) of:"
        case (1, 2): "either of:"
        case (1, _): "any one of these \(count):"
        default: "at least \(threshold) of these \(count):"
        }
    }

    private func condition(_ node: PolicySyntax) -> String {
        switch node.form {
        case .attribute(let text):
            let parts = text.split(separator: ":", maxSplits: 1)
            return parts.count == 2 ? "\(parts[0]) is \(parts[1])" : text
        case .comparison(let name, let comparison, let bound, _):
            guard self.dateNames.contains(name) else { return "\(name) is \(Self.number(comparison, bound))" }
            return "\(name) is \(Self.date(comparison, PolicyDate.text(bound))) (\(comparison.rawValue) \(bound))"
        case .gate: return ""
        }
    }

    private static func number(_ comparison: PolicyComparison, _ bound: UInt16) -> String {
        switch comparison {
        case .atLeast: "\(bound) or more"
        case .atMost: "\(bound) or less"
        case .greater: "more than \(bound)"
        case .less: "less than \(bound)"
        case .equal: "exactly \(bound)"
        }
    }

    private static func date(_ comparison: PolicyComparison, _ date: String) -> String {
        switch comparison {
        case .atLeast: "\(date) or later"
        case .atMost: "\(date) or earlier"
        case .greater: "after \(date)"
        case .less: "before \(date)"
        case .equal: "exactly \(date)"
        }
    }
}

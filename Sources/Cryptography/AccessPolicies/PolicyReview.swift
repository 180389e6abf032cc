extension WrittenPolicy {
    /// What is allowed and yet may not be what the writer meant, in the order of the text.
    package var warnings: [PolicyRemark] {
        var review = PolicyReview(written: self)
        review.thresholds()
        for node in self.syntax.nodes { review.node(node) }
        review.names()
        review.size()
        return review.remarks.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
    }
}

/// Looks for the oddities of a policy.
private struct PolicyReview {
    let written: WrittenPolicy
    var remarks: [PolicyRemark] = []

    private mutating func remark(_ range: Range<Int>, _ message: String, _ hint: String? = nil) {
        self.remarks.append(PolicyRemark(self.written.source, range, message, hint: hint))
    }

    mutating func thresholds() {
        for (range, threshold, branches) in self.written.unusualThresholds {
            if branches == 1 {
                self.remark(range, "`1 of` a single branch is that branch")
            } else if threshold == 1 {
                self.remark(range, "1 of \(branches) branches is `or`", "canonical text joins the branches by `or`")
            } else {
                self.remark(
                    range,
                    "all of \(branches) branches are `and`",
                    "canonical text joins the branches by `and`"
                )
            }
        }
    }

    mutating func node(_ node: PolicySyntax) {
        guard case .gate(let threshold, let children) = node.form else { return }
        self.repetitions(children, threshold)
        if threshold == children.count {
            self.absorbed(children, by: 1, "`or`")
            self.contradictions(node)
            self.implied(children) {
                $0.values.lowerBound <= $1.values.lowerBound && $0.values.upperBound >= $1.values.upperBound
            }
        } else if threshold == 1 {
            self.absorbed(children, by: nil, "`and`")
            self.coverings(node)
            self.implied(children) {
                $0.values.lowerBound >= $1.values.lowerBound && $0.values.upperBound <= $1.values.upperBound
            }
        }
    }

    private mutating func repetitions(_ children: [PolicySyntax], _ threshold: Int) {
        var seen: Set<PolicyExpression> = []
        for child in children where !seen.insert(child.expression).inserted {
            let countsTwice = threshold > 1 && threshold < children.count
            self.remark(
                child.range,
                "this branch is there already",
                countsTwice ? "who has it counts as having several branches" : "it costs leaves and changes nothing"
            )
        }
    }

    /// `a or (a and b)` is `a`; so is `a and (a or b)`.
    private mutating func absorbed(_ children: [PolicySyntax], by threshold: Int?, _ gate: String) {
        let expressions = Set(children.map(\.expression))
        for child in children {
            guard case .gate(let inner, let operands) = child.form, inner == threshold ?? operands.count else {
                continue
            }
            if operands.contains(where: { expressions.contains($0.expression) }) {
                self.remark(
                    child.range,
                    "this \(gate) changes nothing: one of its branches stands beside it",
                    "it costs leaves and changes nothing"
                )
            }
        }
    }

    /// A comparison with the numbers that satisfy it.
    private struct Condition {
        let name: String
        let values: ValueRange
        let range: Range<Int>
    }

    private static func condition(_ node: PolicySyntax) -> Condition? {
        guard case .comparison(let name, let comparison, let bound, _) = node.form,
            let values = comparison.values(bound)
        else { return nil }
        return Condition(name: name, values: values, range: node.range)
    }

    /// The comparisons that all must hold (or of which one must), through gates of the same kind.
    private static func conditions(_ node: PolicySyntax, isAnd: Bool) -> [Condition] {
        if case .gate(let threshold, let children) = node.form {
            let isSame = threshold == (isAnd ? children.count : 1)
            return isSame ? children.flatMap { self.conditions($0, isAnd: isAnd) } : []
        }
        return self.condition(node).map { [$0] } ?? []
    }

    private mutating func contradictions(_ node: PolicySyntax) {
        var left: [String: ValueRange] = [:]
        var told: Set<String> = []
        for condition in Self.conditions(node, isAnd: true) where !told.contains(condition.name) {
            guard let common = (left[condition.name] ?? .all).intersection(condition.values) else {
                told.insert(condition.name)
                let message = "no `\(condition.name)` satisfies this and what stands before it"
                self.remark(condition.range, message, "nobody can ever satisfy these conditions together")
                continue
            }
            left[condition.name] = common
        }
    }

    private mutating func coverings(_ node: PolicySyntax) {
        var ranges: [String: [ValueRange]] = [:]
        for condition in Self.conditions(node, isAnd: false) {
            ranges[condition.name, default: []].append(condition.values)
            let sorted = (ranges[condition.name] ?? []).sorted { $0.lowerBound < $1.lowerBound }
            var covered: Int = -1
            for range in sorted where Int(range.lowerBound) <= covered + 1 {
                covered = max(covered, Int(range.upperBound))
            }
            if covered == Int(UInt16.max) {
                let hint = "the branches ask for nothing but that `\(condition.name)` is a number"
                self.remark(condition.range, "every `\(condition.name)` satisfies this or what stands before it", hint)
                ranges[condition.name] = []
            }
        }
    }

    /// Of two comparisons side by side one may say all.
    private mutating func implied(_ children: [PolicySyntax], _ changesNothing: (Condition, Condition) -> Bool) {
        let conditions = children.compactMap(Self.condition)
        for (index, condition) in conditions.enumerated() {
            let other = conditions.enumerated().first { position, other in
                position != index && other.name == condition.name && other.values != condition.values
                    && changesNothing(condition, other)
            }
            if let other = other?.element {
                let text = self.written.source.quotation(other.range)
                self.remark(
                    condition.range,
                    "this changes nothing beside `\(text)`",
                    "it costs leaves and changes nothing"
                )
            }
        }
    }

    mutating func names() {
        var first: [String: (name: String, isNumber: Bool)] = [:]
        for node in self.written.syntax.nodes {
            guard let (name, isNumber) = Self.name(node) else { continue }
            guard let known = first[name.lowercased()] else {
                first[name.lowercased()] = (name, isNumber)
                continue
            }
            if !known.name.utf8.elementsEqual(name.utf8) {
                self.remark(
                    node.range,
                    "`\(name)` and `\(known.name)` are different names",
                    "upper and lower case differ"
                )
            } else if known.isNumber != isNumber {
                let hint = "`\(name):18` is a text, which `\(name) >= 18` does not see"
                self.remark(node.range, "`\(name)` is a number in one place and a text in another", hint)
            }
        }
        for node in self.written.syntax.nodes {
            guard case .attribute(let text) = node.form, text.utf8.starts(with: "perm:".utf8) else { continue }
            let hint = "sealing adds the permission's attribute by itself"
            self.remark(node.range, "`perm:` attributes stand for permissions, one for each scope and epoch", hint)
        }
    }

    private static func name(_ node: PolicySyntax) -> (String, isNumber: Bool)? {
        switch node.form {
        case .attribute(let text):
            (String(decoding: text.utf8.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self), false)
        case .comparison(let name, _, _, _): (name, true)
        case .gate: nil
        }
    }

    /// Bounds that are near, or exceeded once the sealing adds the permission's attribute (section 7.6).
    mutating func size() {
        let whole = self.written.syntax.range
        let (leaves, length) = (self.written.policy.tree.leaves.count, self.written.policy.text.utf8.count)
        let sealed = "(\(self.written.policy.text) and perm:0000000000000000)"
        guard (try? AccessPolicy(canonical: sealed)) != nil else {
            let hint = "a sealed index key needs one leaf, one level and 28 characters more than the policy"
            return self.remark(whole, "the policy is too large to seal an index key", hint)
        }
        let (leavesMax, depthMax, lengthMax) = (AccessTree.leavesMax, AccessTree.depthMax, AccessPolicy.textBytesMax)
        if leaves * 5 > leavesMax * 4 { self.remark(whole, "\(leaves) of \(leavesMax) leaves") }
        if self.written.depth * 5 > depthMax * 4 { self.remark(whole, "\(self.written.depth) of \(depthMax) levels") }
        if length * 5 > lengthMax * 4 { self.remark(whole, "\(length) of \(lengthMax) canonical characters") }
    }
}

internal import CanonicalBytes

/// A policy as a person wrote it: its canonical form and what that form no longer shows.
package struct WrittenPolicy: Sendable {
    /// What is hashed, signed and put into ciphertexts.
    package let policy: AccessPolicy
    /// Nodes from the root to the deepest, the root not counted, a comparison being one node.
    package var depth: Int { self.syntax.depth }
    let source: PolicySource
    let syntax: PolicySyntax
    let unusualThresholds: [(range: Range<Int>, threshold: Int, branches: Int)]

    /// Reads a policy in which comparisons may name dates.
    ///
    /// - Parameter source: the grammar of the specification, section 7.1, with `YYYY-MM-DD` wherever it has a number.
    /// - Throws: what is wrong and where.
    package init(_ source: String) throws(PolicyRemark) {
        try self.init(Array(source.utf8), numbers: .integersAndDates)
    }

    init(_ bytes: [UInt8], numbers: PolicyParser.Numbers) throws(PolicyRemark) {
        let source = PolicySource(bytes)
        let parsed = try PolicyParser.parse(source, numbers: numbers)
        var leavesLeft = AccessTree.leavesMax
        try Self.check(parsed.syntax, source, depth: 0, &leavesLeft)
        do {
            self.policy = try AccessPolicy(parsed.syntax.expression)
        } catch {
            throw PolicyRemark(source, 0..<source.bytes.count, error.detail)
        }
        self.source = source
        self.syntax = parsed.syntax
        self.unusualThresholds = parsed.unusualThresholds
    }

    /// The names that were compared with dates, each once, in the order of the text.
    package var dateNames: [String] {
        var names: [String] = []
        for node in self.syntax.nodes {
            if case .comparison(let name, _, _, isDate: true) = node.form, !names.contains(name) { names.append(name) }
        }
        return names
    }

    /// The bounds of section 7.1 and 7.3, told where they are exceeded.
    private static func check(
        _ syntax: PolicySyntax,
        _ source: PolicySource,
        depth: Int,
        _ leavesLeft: inout Int
    ) throws(PolicyRemark) {
        guard depth <= AccessTree.depthMax else {
            let message = "the policy is deeper than \(AccessTree.depthMax)"
            throw PolicyRemark(source, syntax.range, message, hint: "`a and b and c` is flatter than `a and (b and c)`")
        }
        switch syntax.form {
        case .attribute: leavesLeft -= 1
        case .comparison(let name, let comparison, let bound, _):
            guard let values = comparison.values(bound) else {
                throw PolicyRemark(source, syntax.range, "no number satisfies this comparison")
            }
            guard values != ValueRange.all else {
                let hint = "it says no more than that `\(name)` is a number, which nothing can prove"
                throw PolicyRemark(source, syntax.range, "all numbers satisfy this comparison", hint: hint)
            }
            leavesLeft -= BagOfBits.leafCount(comparison, bound)
        case .gate(_, let children):
            for child in children { try Self.check(child, source, depth: depth + 1, &leavesLeft) }
        }
        guard leavesLeft >= 0 else {
            let message = "the policy has more than \(AccessTree.leavesMax) leaves up to here"
            throw PolicyRemark(source, syntax.range, message, hint: "a comparison has up to 16 leaves")
        }
    }
}

extension WrittenPolicy {
    /// Attributes that satisfy a policy with few leaves.
    package struct CheapestAttributes: Sendable, Hashable {
        /// The conditions that they satisfy and a decryption uses, as positions among ``conditions(dateNames:)``.
        package let used: [Int]
        /// Leaves that the decryption uses.
        package let leaves: Int
        /// For each number that is needed, the range that the used conditions leave, and the number in it that uses
        /// fewest leaves.
        package let numbers: [Number]

        package struct Number: Sendable, Hashable {
            package let name: String
            package let lowest: UInt16
            package let highest: UInt16
            package let cheapest: UInt16
        }
    }

    /// Assignments of numbers that are tried one with another before they are tried one after another.
    private static let combinationsMax = 4096

    /// The attributes that satisfy the policy with fewest leaves; nil when none satisfy it.
    ///
    /// Exact unless several numbers are compared in very many ways: then each number is chosen in turn, and the result is
    /// one that no change of a single number improves, or nil where that finds none.
    package var cheapestAttributes: CheapestAttributes? {
        let nodes = self.conditionNodes
        let names = Self.names(nodes)
        let candidates = names.map { Self.candidates(nodes, $0) }
        let combinations = candidates.reduce(1) { min($0 * $1.count, Self.combinationsMax + 1) }
        var best = Search(syntax: self.syntax, nodes: nodes, names: names)
        if combinations <= Self.combinationsMax {
            best.tryAll(candidates)
        } else {
            best.descend(candidates)
        }
        guard let choice = best.choice else { return nil }
        return CheapestAttributes(
            used: choice.chosen,
            leaves: choice.cost,
            numbers: names.compactMap { Self.number($0, choice.chosen.map { nodes[$0] }, best.numbers[$0] ?? 0) }
        )
    }

    private static func names(_ nodes: [PolicySyntax]) -> [String] {
        var names: [String] = []
        for node in nodes {
            if case .comparison(let name, _, _, _) = node.form, !names.contains(name) { names.append(name) }
        }
        return names
    }

    private static func number(
        _ name: String,
        _ used: [PolicySyntax],
        _ cheapest: UInt16
    ) -> CheapestAttributes.Number? {
        var range: ValueRange?
        for node in used {
            guard case .comparison(name, let comparison, let bound, _) = node.form,
                let values = comparison.values(bound)
            else { continue }
            range = (range ?? .all).intersection(values)
        }
        return range.map {
            CheapestAttributes.Number(name: name, lowest: $0.lowerBound, highest: $0.upperBound, cheapest: cheapest)
        }
    }

    /// Numbers of which one is as good as any: between two neighbouring bounds all satisfy the same comparisons, and the
    /// roundest, highest and lowest of them use fewest leaves.
    private static func candidates(_ nodes: [PolicySyntax], _ name: String) -> [UInt16] {
        var starts: Set<Int> = [0]
        for node in nodes {
            guard case .comparison(name, let comparison, let bound, _) = node.form,
                let values = comparison.values(bound)
            else { continue }
            starts.formUnion([Int(values.lowerBound), Int(values.upperBound) + 1])
        }
        let sorted = starts.sorted().filter { $0 <= Int(UInt16.max) }
        var candidates: Set<UInt16> = []
        for (index, first) in sorted.enumerated() {
            let last = index + 1 < sorted.count ? sorted[index + 1] - 1 : Int(UInt16.max)
            for bit in 0..<BagOfBits.bitCount {
                let unit = 1 << bit
                let (up, down) = ((first + unit - 1) / unit * unit, (last + 1) / unit * unit - 1)
                for value in [up, down] where (first...last).contains(value) { candidates.insert(UInt16(value)) }
            }
        }
        return candidates.sorted()
    }
}

/// The best numbers found so far.
private struct Search {
    let syntax: PolicySyntax
    let nodes: [PolicySyntax]
    let names: [String]
    var numbers: [String: UInt16] = [:]
    var choice: ConditionChoice?
    /// Of the best numbers; a condition that does not hold costs more than all leaves together.
    private var penalty = Int.max

    init(syntax: PolicySyntax, nodes: [PolicySyntax], names: [String]) {
        self.syntax = syntax
        self.nodes = nodes
        self.names = names
    }

    mutating func tryAll(_ candidates: [[UInt16]]) { self.tryAll(candidates, [:]) }

    private mutating func tryAll(_ candidates: [[UInt16]], _ numbers: [String: UInt16]) {
        guard numbers.count < self.names.count else { return self.consider(numbers) }
        for value in candidates[numbers.count] {
            var more = numbers
            more[self.names[numbers.count]] = value
            self.tryAll(candidates, more)
        }
    }

    mutating func descend(_ candidates: [[UInt16]]) {
        var before = Int.max
        repeat {
            before = self.penalty
            for (name, values) in zip(self.names, candidates) {
                for value in values {
                    var numbers = self.numbers
                    numbers[name] = value
                    self.consider(numbers)
                }
            }
        } while self.penalty < before
    }

    private mutating func consider(_ numbers: [String: UInt16]) {
        let costs = self.nodes.map { WrittenPolicy.leavesUsed($0, { _ in true }, numbers) }
        let penalty = ConditionChoice(self.syntax, costs: costs.map { $0 ?? 4096 })?.cost ?? .max
        guard penalty < self.penalty else { return }
        self.penalty = penalty
        self.numbers = numbers
        self.choice = ConditionChoice(self.syntax, costs: costs)
    }
}

/// Finds the most specific of many topic templates for a topic.
///
/// The templates form a tree over their levels. A look-up follows at most the literal, the single-level and the
/// multi-level branch of each node and skips branches that cannot beat what it has found, so it never visits a
/// branch twice and costs no more than the templates that share the topic's beginning.
package struct TopicRouter: Sendable {
    private struct Node: Sendable {
        /// Literal branches, sorted by their text.
        var branches: [Branch] = []
        var single: Int?
        /// Ranks of the template that ends here and of the one with a rest here.
        var ending = Int.max
        var rest = Int.max
        /// The best rank in this branch.
        var best = Int.max
    }

    private struct Branch: Sendable {
        let text: [UInt8]
        let node: Int
    }

    /// The templates and their tags, best rank first.
    private let ranked: [(template: TopicTemplate, tag: Int)]
    private var nodes: [Node] = [Node()]

    /// Makes a router.
    ///
    /// - Parameter templates: Each template with the number to return for it. Of equally specific templates that
    ///   match, the earliest wins.
    package init(_ templates: [(TopicTemplate, Int)]) {
        let specificities = templates.map { $0.0.specificity }
        let order = templates.indices.sorted { left, right in
            if specificities[left] > specificities[right] { return true }
            return specificities[left] < specificities[right] ? false : left < right
        }
        self.ranked = order.map { (template: templates[$0].0, tag: templates[$0].1) }
        for rank in self.ranked.indices { self.insert(self.ranked[rank].template, rank: rank) }
    }

    /// The number of the best template for a topic, or nil when none matches.
    ///
    /// - Parameters:
    ///   - topic: A topic name as it came from the broker.
    ///   - captures: Replaced by the ranges of the template's captures, in bytes from the start of the topic.
    /// - Returns: The number that ``init(_:)`` was given for the template.
    package func route(_ topic: UnsafeRawBufferPointer, into captures: inout [Range<Int>]) -> Int? {
        guard let rank = self.rank(of: topic) else {
            captures.removeAll(keepingCapacity: true)
            return nil
        }
        _ = self.ranked[rank].template.match(topic, into: &captures)
        return self.ranked[rank].tag
    }

    /// As ``route(_:into:)`` for an array slice; ranges count from the slice's first byte.
    package func route(_ topic: ArraySlice<UInt8>, into captures: inout [Range<Int>]) -> Int? {
        topic.withUnsafeBytes { self.route($0, into: &captures) }
    }

    /// The number of the best template for a topic and the captured texts.
    package func route(_ topic: String) -> (index: Int, captures: [String])? {
        let bytes = Array(topic.utf8)
        var captures: [Range<Int>] = []
        guard let index = self.route(bytes[...], into: &captures) else { return nil }
        return (index, captures.map { String(decoding: bytes[$0], as: UTF8.self) })
    }
}

// MARK: - Look-up

extension TopicRouter {
    private func rank(of topic: UnsafeRawBufferPointer) -> Int? {
        guard let first = topic.first else { return nil }
        var best = Int.max
        self.nodes.withUnsafeBufferPointer { nodes in
            Self.search(nodes, 0, topic, from: 0, isDollar: first == UInt8(ascii: "$"), &best)
        }
        return best == Int.max ? nil : best
    }

    private static func search(
        _ nodes: UnsafeBufferPointer<Node>,
        _ index: Int,
        _ topic: UnsafeRawBufferPointer,
        from start: Int,
        isDollar: Bool,
        _ best: inout Int
    ) {
        guard nodes[index].best < best else { return }
        // A leading wildcard does not match $SYS and its like (MQTT 5 §4.7.2).
        let allowsWildcard = !(isDollar && start == 0)
        if allowsWildcard { best = min(best, nodes[index].rest) }
        guard start <= topic.count else {
            best = min(best, nodes[index].ending)
            return
        }
        var end = start
        while end < topic.count, topic[end] != UInt8(ascii: "/") { end += 1 }
        let level = UnsafeRawBufferPointer(rebasing: topic[start..<end])
        if let child = self.branch(of: nodes, index, level) {
            self.search(nodes, child, topic, from: end + 1, isDollar: isDollar, &best)
        }
        if allowsWildcard, let child = nodes[index].single {
            self.search(nodes, child, topic, from: end + 1, isDollar: isDollar, &best)
        }
    }

    private static func branch(
        of nodes: UnsafeBufferPointer<Node>,
        _ index: Int,
        _ level: UnsafeRawBufferPointer
    ) -> Int? {
        var low = 0
        var high = nodes[index].branches.count
        while low < high {
            let middle = (low + high) / 2
            switch self.order(level, nodes[index].branches[middle].text) {
            case 0: return nodes[index].branches[middle].node
            case ..<0: high = middle
            default: low = middle + 1
            }
        }
        return nil
    }

    /// Negative, zero or positive as the level is before, equal to or after the text; shorter texts come first.
    private static func order(_ level: UnsafeRawBufferPointer, _ text: [UInt8]) -> Int {
        guard level.count == text.count else { return level.count - text.count }
        for position in 0..<level.count where level[position] != text[position] {
            return Int(level[position]) - Int(text[position])
        }
        return 0
    }
}

// MARK: - Building

extension TopicRouter {
    private mutating func insert(_ template: TopicTemplate, rank: Int) {
        var index = 0
        self.nodes[0].best = min(self.nodes[0].best, rank)
        for level in template.levels {
            switch level.kind {
            case .rest:
                self.nodes[index].rest = min(self.nodes[index].rest, rank)
                return
            case .single: index = self.singleBranch(of: index)
            case .literal: index = self.branch(of: index, Array(template.literals[level.text]))
            }
            self.nodes[index].best = min(self.nodes[index].best, rank)
        }
        self.nodes[index].ending = min(self.nodes[index].ending, rank)
    }

    private mutating func singleBranch(of index: Int) -> Int {
        if let child = self.nodes[index].single { return child }
        let child = self.addNode()
        self.nodes[index].single = child
        return child
    }

    private mutating func branch(of index: Int, _ text: [UInt8]) -> Int {
        let branches = self.nodes[index].branches
        let place = branches.firstIndex { branch in
            text.withUnsafeBytes { Self.order($0, branch.text) } <= 0
        }
        if let place, branches[place].text == text { return branches[place].node }
        let child = self.addNode()
        self.nodes[index].branches.insert(Branch(text: text, node: child), at: place ?? branches.count)
        return child
    }

    private mutating func addNode() -> Int {
        self.nodes.append(Node())
        return self.nodes.count - 1
    }
}

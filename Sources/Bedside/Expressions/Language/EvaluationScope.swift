package import Payloads

/// What an expression may read: one payload, the record of it that is being read, and the captures of its topic.
///
/// The scope shares the payload's memory; drop it before the tree is reset, or the tree is copied.
package struct EvaluationScope: Sendable {
    /// The payload; `$` is its root.
    package let tree: PayloadTree
    /// The node of `@`.
    package var current: PayloadTree.NodeID
    /// The topic's bytes, into which ``captures`` point.
    package let topic: ArraySlice<UInt8>
    /// The place of each capture, in the template's order, in bytes from the topic's first byte.
    package let captures: [Range<Int>]

    /// Makes a scope from what ``TopicTemplate/match(_:into:)-(ArraySlice<UInt8>,_)`` gives; copies nothing.
    package init(
        tree: PayloadTree,
        current: PayloadTree.NodeID = .root,
        topic: ArraySlice<UInt8> = [],
        captures: [Range<Int>] = []
    ) {
        self.tree = tree
        self.current = current
        self.topic = topic
        self.captures = captures
    }

    /// Makes a scope from captured texts, in the template's order.
    package init(tree: PayloadTree, current: PayloadTree.NodeID = .root, captureTexts: [String]) {
        var topic: [UInt8] = []
        var captures: [Range<Int>] = []
        for text in captureTexts {
            let start = topic.count
            topic.append(contentsOf: text.utf8)
            captures.append(start..<topic.count)
        }
        self.init(tree: tree, current: current, topic: topic[...], captures: captures)
    }

    /// The bytes of a capture; nil when it is empty or there is none with this number.
    package func captureBytes(_ number: Int) -> ArraySlice<UInt8>? {
        guard number >= 0, number < self.captures.count else { return nil }
        let range = self.captures[number]
        guard !range.isEmpty, range.lowerBound >= 0, range.upperBound <= self.topic.count else { return nil }
        let start = self.topic.startIndex
        return self.topic[start + range.lowerBound..<start + range.upperBound]
    }

    /// The text of a capture; nil when it is empty or there is none with this number.
    package func captureText(_ number: Int) -> String? {
        self.captureBytes(number).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// An MQTT topic filter whose wildcards have names: `ward/{ward}/bed/{bed}/monitor/{serial}`.
///
/// `{name}` captures exactly one level, `{name...}` as last level all the rest; `+` and `#` match the same without
/// capturing. Matching follows MQTT 5 §4.7: `sport/#` also matches `sport`, a wildcard in the first level does not
/// match topics that start with `$`, levels may be empty.
package struct TopicTemplate: Sendable, CustomStringConvertible {
    /// Longest template: MQTT topics have a two-byte length (MQTT 5 §1.5.4).
    package static let textMax = 65_535
    /// Most levels of a template.
    package static let levelsMax = 128

    enum Kind: Sendable { case literal, single, rest }

    struct Level: Sendable {
        let kind: Kind
        /// The bytes of a literal level inside `literals`.
        let text: Range<Int>
        let isCaptured: Bool
    }

    /// The text of the template.
    package let description: String
    /// The names of the captures, from left to right.
    package let captureNames: [String]
    let levels: [Level]
    let literals: [UInt8]

    /// Parses a template.
    ///
    /// - Throws: ``ExpressionError`` for an empty template, a wildcard or capture that does not fill its level, a
    ///   repeated or malformed capture name, or a rest that is not the last level.
    package init(_ text: String) throws(ExpressionError) {
        var parser = TopicTemplateParser(text)
        try parser.parse()
        self.description = text
        self.captureNames = parser.captureNames
        self.levels = parser.levels
        self.literals = parser.bytes
    }

    /// The MQTT filter to subscribe to: `ward/+/bed/+/monitor/+`.
    package var subscriptionFilter: String {
        self.levels.map { level in
            switch level.kind {
            case .literal: String(decoding: self.literals[level.text], as: UTF8.self)
            case .single: "+"
            case .rest: "#"
            }
        }.joined(separator: "/")
    }

    /// Whether some topic matches both templates.
    package func overlaps(_ other: TopicTemplate) -> Bool {
        var index = 0
        while true {
            let mine = index < self.levels.count ? self.levels[index] : nil
            let theirs = index < other.levels.count ? other.levels[index] : nil
            if mine == nil, theirs == nil { return true }
            if index == 0, self.excludesDollar(of: other) || other.excludesDollar(of: self) { return false }
            if mine?.kind == .rest || theirs?.kind == .rest { return true }
            guard let mine, let theirs else { return false }
            if mine.kind == .literal, theirs.kind == .literal,
                self.literals[mine.text] != other.literals[theirs.text]
            {
                return false
            }
            index += 1
        }
    }

    /// Whether this starts with a wildcard and the other with a literal `$…`.
    private func excludesDollar(of other: TopicTemplate) -> Bool {
        guard self.levels[0].kind != .literal, other.levels[0].kind == .literal else { return false }
        return other.literals[other.levels[0].text].first == UInt8(ascii: "$")
    }
}

// MARK: - Matching

extension TopicTemplate {
    /// Matches a topic and gives the place of each capture, in bytes from the start of the topic.
    ///
    /// Allocates nothing once `captures` has its capacity.
    ///
    /// - Parameters:
    ///   - topic: A topic name as it came from the broker.
    ///   - captures: Replaced by one range for each of ``captureNames``; its content is meaningless after a mismatch.
    /// - Returns: Whether the topic matches.
    package func match(_ topic: UnsafeRawBufferPointer, into captures: inout [Range<Int>]) -> Bool {
        captures.removeAll(keepingCapacity: true)
        guard let first = topic.first else { return false }
        if first == UInt8(ascii: "$"), self.levels[0].kind != .literal { return false }
        // One past the end stands for "no level left": an empty last level starts at the end.
        var start = 0
        for level in self.levels {
            guard level.kind != .rest else {
                if level.isCaptured { captures.append(min(start, topic.count)..<topic.count) }
                return true
            }
            guard start <= topic.count else { return false }
            var end = start
            while end < topic.count, topic[end] != UInt8(ascii: "/") { end += 1 }
            if level.kind == .literal, !self.isLiteral(level, equalTo: topic, start..<end) { return false }
            if level.isCaptured { captures.append(start..<end) }
            start = end + 1
        }
        return start == topic.count + 1
    }

    /// As ``match(_:into:)`` for an array slice; ranges count from the slice's first byte.
    package func match(_ topic: ArraySlice<UInt8>, into captures: inout [Range<Int>]) -> Bool {
        topic.withUnsafeBytes { self.match($0, into: &captures) }
    }

    /// The captured texts of a topic, or nil when it does not match.
    package func match(_ topic: String) -> [String]? {
        let bytes = Array(topic.utf8)
        var captures: [Range<Int>] = []
        guard self.match(bytes[...], into: &captures) else { return nil }
        return captures.map { String(decoding: bytes[$0], as: UTF8.self) }
    }

    private func isLiteral(_ level: Level, equalTo topic: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
        guard level.text.count == range.count else { return false }
        for offset in 0..<range.count
        where self.literals[level.text.lowerBound + offset] != topic[range.lowerBound + offset] {
            return false
        }
        return true
    }
}

// MARK: - Specificity

extension TopicTemplate {
    /// How specific a template is; of several that match a topic, the greatest describes it best.
    ///
    /// More literal levels come first, then more single levels, then no rest, then the literal that stands further
    /// to the left.
    package struct Specificity: Comparable, Sendable {
        let literals: Int
        let singles: Int
        let hasRest: Bool
        let isLiteral: [Bool]

        package static func < (left: Specificity, right: Specificity) -> Bool {
            if left.literals != right.literals { return left.literals < right.literals }
            if left.singles != right.singles { return left.singles < right.singles }
            if left.hasRest != right.hasRest { return left.hasRest }
            return left.isLiteral.lexicographicallyPrecedes(right.isLiteral) { !$0 && $1 }
        }
    }

    /// How specific this template is.
    package var specificity: Specificity {
        Specificity(
            literals: self.levels.count { $0.kind == .literal },
            singles: self.levels.count { $0.kind == .single },
            hasRest: self.levels.contains { $0.kind == .rest },
            isLiteral: self.levels.map { $0.kind == .literal }
        )
    }
}

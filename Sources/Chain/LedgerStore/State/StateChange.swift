/// What a block, or several in a row, changes in the stored state.
package struct StateChange: Sendable {
    /// The height after the change.
    package var height: UInt64
    /// Nodes of the authenticated tree by path; nil deletes.
    package var nodes: [(path: [UInt8], bytes: [UInt8]?)]
    /// Entries of the state by key; nil deletes.
    package var entries: [(key: [UInt8], value: [UInt8]?)]

    package init(
        height: UInt64,
        nodes: [(path: [UInt8], bytes: [UInt8]?)] = [],
        entries: [(key: [UInt8], value: [UInt8]?)] = []
    ) {
        self.height = height
        self.nodes = nodes
        self.entries = entries
    }
}

/// A key of the state and what it holds.
package struct StateEntry: Hashable, Sendable {
    package let key: [UInt8]
    package let value: [UInt8]

    package init(key: [UInt8], value: [UInt8]) {
        self.key = key
        self.value = value
    }
}

/// The keys with a prefix, from some key on.
struct KeyRange {
    /// The range's first key, or the last one before it.
    let lower: [UInt8]
    let includesLower: Bool
    /// Keys below this one; nil means to the end.
    let below: [UInt8]?

    init(prefix: [UInt8], after: [UInt8]?) {
        self.below = Self.successor(of: prefix)
        if let after, !after.isBelow(prefix) {
            (self.lower, self.includesLower) = (after, false)
        } else {
            (self.lower, self.includesLower) = (prefix, true)
        }
    }

    func contains(_ key: [UInt8]) -> Bool {
        guard self.lower.isBelow(key) || self.includesLower && self.lower == key else { return false }
        return self.below.map { key.isBelow($0) } ?? true
    }

    /// The first key behind all that have the prefix.
    private static func successor(of prefix: [UInt8]) -> [UInt8]? {
        guard let last = prefix.lastIndex(where: { $0 != 255 }) else { return nil }
        return prefix[..<last] + [prefix[last] + 1]
    }
}

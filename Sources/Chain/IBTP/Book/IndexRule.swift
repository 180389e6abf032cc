/// How the index of a message relates to those before it (bitxhub v2.8, `checkIndex`).
package enum IndexRule: Hashable, Sendable {
    /// It is the one that is due.
    case next
    /// It was there before: whoever relays it can forget it.
    case duplicate
    /// Messages before it are missing: whoever relays it fetches them first.
    case gap(expected: UInt64)

    /// Indices by which requests to an unordered service may run ahead of their number.
    ///
    /// So whoever looks for missing ones needs to ask for no more than these.
    package static let unorderedWindow: UInt64 = 1_024

    /// Judges an index of an ordered service.
    package static func ordered(_ index: UInt64, after counter: UInt64) -> IndexRule {
        if index <= counter { return .duplicate }
        return index - counter == 1 ? .next : .gap(expected: counter + 1)
    }

    /// Judges an index of an unordered service that is known not to have been there.
    package static func unordered(_ index: UInt64, count: UInt64) -> IndexRule {
        index <= count || index - count <= Self.unorderedWindow ? .next : .gap(expected: count + 1)
    }
}

extension PairCounters {
    /// Counts a request in, which is known not to have been there, if its index is due.
    mutating func count(_ index: UInt64) throws(InterchainRefusal) {
        let rule =
            self.isOrdered
            ? IndexRule.ordered(index, after: self.requests) : IndexRule.unordered(index, count: self.requests)
        switch rule {
        case .next: self.requests += 1
        case .duplicate: throw .indexExists
        case .gap(let expected): throw .indexGap(expected: expected)
        }
    }
}

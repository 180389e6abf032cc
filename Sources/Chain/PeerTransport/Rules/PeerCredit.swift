/// How much a peer may hand over before its connection is not read any more.
package struct PeerCredit: Sendable, Hashable {
    private let limit: Int
    /// Handed over and not released, see ``PeerFrame/cost``.
    package private(set) var outstanding = 0
    /// Whether the connection should not be read.
    package private(set) var isPaused = false

    /// - Parameter limit: above 0; reading pauses when more is outstanding, and goes on at half of it.
    package init(limit: Int) {
        precondition(limit > 0)
        self.limit = limit
    }

    /// Counts what was handed over.
    package mutating func charge(_ cost: Int) {
        self.outstanding += cost
        if self.outstanding > self.limit { self.isPaused = true }
    }

    /// Counts what was dealt with.
    ///
    /// - Returns: whether reading goes on now.
    package mutating func release(_ cost: Int) -> Bool {
        self.outstanding = max(0, self.outstanding - max(0, cost))
        guard self.isPaused, self.outstanding <= self.limit / 2 else { return false }
        self.isPaused = false
        return true
    }
}

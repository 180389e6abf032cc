/// How long to wait before dialing again: doubled from one failure to the next, with jitter.
package struct Backoff: Sendable, Hashable {
    /// Milliseconds of the first wait, at most.
    package let minimumMilliseconds: Int64
    /// Milliseconds of any wait, at most.
    package let maximumMilliseconds: Int64
    private var nextMilliseconds: Int64

    /// - Parameters:
    ///   - minimumMilliseconds: the first wait, above 0.
    ///   - maximumMilliseconds: not below the minimum.
    package init(minimumMilliseconds: Int64 = 50, maximumMilliseconds: Int64 = 5_000) {
        precondition(minimumMilliseconds > 0 && maximumMilliseconds >= minimumMilliseconds)
        self.minimumMilliseconds = minimumMilliseconds
        self.maximumMilliseconds = maximumMilliseconds
        self.nextMilliseconds = minimumMilliseconds
    }

    /// The next wait: between half of the bound and the bound, so that validators that lost each other at the same
    /// moment do not dial at the same moment.
    package mutating func next(using generator: inout some RandomNumberGenerator) -> Int64 {
        let bound = self.nextMilliseconds
        self.nextMilliseconds = min(self.maximumMilliseconds, bound * 2)
        return Int64.random(in: (bound + 1) / 2...bound, using: &generator)
    }

    /// Begins anew, after a connection that lasted.
    package mutating func reset() { self.nextMilliseconds = self.minimumMilliseconds }
}

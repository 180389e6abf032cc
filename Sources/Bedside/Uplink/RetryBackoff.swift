/// Exponential back-off with full jitter: many gateways must not come back at one moment.
package struct RetryBackoff: Sendable, Equatable {
    /// ns.
    package let first: UInt64
    /// ns.
    package let most: UInt64

    package init(first: UInt64 = 500_000_000, most: UInt64 = 60_000_000_000) {
        self.first = first
        self.most = most
    }

    /// How long to wait, ns.
    ///
    /// - Parameters:
    ///   - failures: in a row, at least 1.
    ///   - atLeast: what the other side asked for, ns.
    ///   - generator: of the jitter.
    /// - Returns: ns.
    package func delay(
        failures: Int,
        atLeast: UInt64 = 0,
        using generator: inout some RandomNumberGenerator
    ) -> UInt64 {
        let doublings = min(max(failures - 1, 0), 30)
        let ceiling = min(self.most, self.first << UInt64(doublings))
        return max(UInt64.random(in: 0...ceiling, using: &generator), atLeast)
    }
}

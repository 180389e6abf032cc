/// The delays between attempts to connect: exponential with full jitter.
///
/// A whole hospital's agents lose a restarted broker in the same instant; full jitter spreads their return
/// over the whole delay instead of letting them come back in step.
package struct ReconnectBackoff: Sendable, Equatable {
    package let minimumMilliseconds: Int
    package let maximumMilliseconds: Int

    /// Half a second, doubled up to 30 s.
    package static let standard = Self(uncheckedMinimum: 500, maximum: 30_000)

    /// Checks the bounds.
    ///
    /// - Parameters:
    ///   - minimumMilliseconds: upper bound of the first delay, 1 to 3,600,000.
    ///   - maximumMilliseconds: upper bound of every delay, 1 to 3,600,000.
    /// - Throws: ``BrokerSettingsError``.
    package init(minimumMilliseconds: Int, maximumMilliseconds: Int) throws(BrokerSettingsError) {
        self.minimumMilliseconds = try BrokerSettings.check(
            minimumMilliseconds,
            "reconnect_minimum_milliseconds",
            1...3_600_000
        )
        self.maximumMilliseconds = try BrokerSettings.check(
            maximumMilliseconds,
            "reconnect_maximum_milliseconds",
            1...3_600_000
        )
        guard minimumMilliseconds <= maximumMilliseconds else {
            throw .backoffReversed(minimumMilliseconds: minimumMilliseconds, maximumMilliseconds: maximumMilliseconds)
        }
    }

    private init(uncheckedMinimum: Int, maximum: Int) {
        self.minimumMilliseconds = uncheckedMinimum
        self.maximumMilliseconds = maximum
    }

    /// The delay before an attempt.
    ///
    /// - Parameters:
    ///   - attempt: failures in a row before this attempt, from 0.
    ///   - fraction: random, from 0 to below 1.
    /// - Returns: milliseconds from 0 to below `min(maximum, minimum * 2^attempt)`.
    package func delayMilliseconds(attempt: Int, fraction: Double) -> Int {
        // 22 doublings take the least minimum beyond the greatest maximum.
        let ceiling = min(self.maximumMilliseconds, self.minimumMilliseconds << min(max(attempt, 0), 22))
        return Int(Double(ceiling) * min(max(fraction, 0), 1))
    }
}

/// The epochs that pseudonym certificates are for: all certificates of one have the same window of validity.
package struct PseudonymEpochs: Sendable, Hashable {
    /// Where neither a chain nor the configuration says otherwise: a week.
    package static let secondsDefault: UInt64 = 604_800

    /// Length of an epoch, s; at least 1.
    package let seconds: UInt64

    package init(seconds: UInt64 = Self.secondsDefault) { self.seconds = max(1, seconds) }

    /// The epoch of a time in seconds since 1970.
    package func epoch(at now: UInt64) -> UInt64 { now / self.seconds }

    /// Whether certificates of an epoch are issued: it runs, or is the next.
    package func isOpen(_ epoch: UInt64, at now: UInt64) -> Bool {
        let current = self.epoch(at: now)
        return epoch == current || epoch == current + 1
    }

    /// First and last second of an epoch, since 1970.
    ///
    /// - Parameter epoch: one for which ``isOpen(_:at:)`` was true.
    /// - Returns: both inclusive.
    package func window(of epoch: UInt64) -> (notBefore: UInt64, notAfter: UInt64) {
        let first = epoch.multipliedReportingOverflow(by: self.seconds)
        guard !first.overflow else { return (UInt64.max, UInt64.max) }
        let next = first.partialValue.addingReportingOverflow(self.seconds - 1)
        return (first.partialValue, next.overflow ? UInt64.max : next.partialValue)
    }
}

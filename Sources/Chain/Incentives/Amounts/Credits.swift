/// An amount of service credits, in millionths of one.
///
/// Credits are not money: institutions settle them for each period, and no transition gives them from one account to
/// another but for a service.
package struct Credits: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// No amount goes beyond, so that the exact arithmetic of ``Equilibrium`` has room.
    package static let limit = Credits(unchecked: 1 << 62)
    package static let zero = Credits(unchecked: 0)

    package let millionths: UInt64

    /// - Returns: nil above ``limit``.
    package init?(millionths: UInt64) {
        guard millionths <= Self.limit.millionths else { return nil }
        self.millionths = millionths
    }

    /// Whole credits.
    package init(_ whole: UInt32) { self.millionths = UInt64(whole) * UInt64(Millionths.scale) }

    /// Thousandths of a credit, for constants: 1500 is 1.5.
    package static func thousandths(_ count: UInt32) -> Credits { Credits(unchecked: UInt64(count) * 1_000) }

    private init(unchecked millionths: UInt64) { self.millionths = millionths }

    /// - Returns: nil above ``limit``.
    package func adding(_ other: Credits) -> Credits? {
        // Both are at most 2^62.
        Credits(millionths: self.millionths + other.millionths)
    }

    /// - Returns: nil below zero.
    package func subtracting(_ other: Credits) -> Credits? {
        self >= other ? Credits(unchecked: self.millionths - other.millionths) : nil
    }

    /// - Returns: nil above ``limit``.
    package func times(_ count: UInt64) -> Credits? {
        let (product, overflow) = self.millionths.multipliedReportingOverflow(by: count)
        return overflow ? nil : Credits(millionths: product)
    }

    /// A share of the amount, rounded down.
    package func share(_ share: Millionths) -> Credits {
        let product = self.millionths.multipliedFullWidth(by: UInt64(share.count))
        // A share is at most one, so that the quotient is at most the amount.
        return Credits(unchecked: UInt64(Millionths.scale).dividingFullWidth(product).quotient)
    }

    /// A share of the amount, rounded up: what is charged is never less than its share.
    package func shareRoundedUp(_ share: Millionths) -> Credits {
        Credits(unchecked: self.millionths - self.share(share.complement).millionths)
    }

    package static func < (left: Credits, right: Credits) -> Bool { left.millionths < right.millionths }

    package var description: String { Decimal.text(self.millionths) }
}

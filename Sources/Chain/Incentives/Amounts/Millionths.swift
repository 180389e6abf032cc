/// A share or a probability from 0 to 1, in millionths.
package struct Millionths: Hashable, Comparable, Sendable, CustomStringConvertible {
    package static let scale: UInt32 = 1_000_000
    package static let zero = Millionths(unchecked: 0)
    /// Above zero.
    package static let smallest = Millionths(unchecked: 1)
    package static let one = Millionths(unchecked: scale)

    /// 0 to ``scale``.
    package let count: UInt32

    /// - Returns: nil above one.
    package init?(_ count: UInt32) {
        guard count <= Self.scale else { return nil }
        self.count = count
    }

    private init(unchecked count: UInt32) { self.count = count }

    /// What is missing to one.
    package var complement: Millionths { Millionths(unchecked: Self.scale - self.count) }

    package static func < (left: Millionths, right: Millionths) -> Bool { left.count < right.count }

    package var description: String { Decimal.text(UInt64(self.count)) }

    /// Percents, for constants: 25 is 0.25.
    package static func percent(_ count: UInt8) -> Millionths {
        Millionths(unchecked: min(UInt32(count) * 10_000, Self.scale))
    }

    /// Tenths of a percent, for constants: 5 is 0.005.
    package static func perMille(_ count: UInt16) -> Millionths {
        Millionths(unchecked: min(UInt32(count) * 1_000, Self.scale))
    }
}

/// How millionths are written.
enum Decimal {
    /// The number without needless zeros: 1500000 is `1.5`.
    static func text(_ millionths: UInt64) -> String {
        let scale = UInt64(Millionths.scale)
        let (whole, rest) = millionths.quotientAndRemainder(dividingBy: scale)
        guard rest > 0 else { return "\(whole)" }
        var digits = String(scale + rest).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return "\(whole).\(digits)"
    }
}

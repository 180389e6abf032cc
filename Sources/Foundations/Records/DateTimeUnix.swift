package import Units

extension DateTime {
    /// What a Unix time counts.
    package enum UnixUnit: String, Sendable, Hashable, CaseIterable {
        case seconds, milliseconds, microseconds, nanoseconds

        /// The power of ten of the unit in seconds.
        var exponent: Int {
            switch self {
            case .seconds: 0
            case .milliseconds: -3
            case .microseconds: -6
            case .nanoseconds: -9
            }
        }
    }

    /// Makes an instant from a count since 1970-01-01T00:00:00Z; nil outside the range of the type.
    ///
    /// The precision is that of the count: `1577000000.50` seconds show two digits, a count of milliseconds three. What
    /// is finer than a nanosecond is cut off towards the past.
    package init?(unix count: ExactDecimal, unit: UnixUnit, offsetMinutes: Int16 = 0) {
        let exponent = count.exponent + unit.exponent
        let nanosecondExponent = exponent + 9
        // Beyond these the value is out of range or, for a long fraction, far below a nanosecond.
        guard -38...19 ~= nanosecondExponent || count.isZero else { return nil }
        guard let nanoseconds = Self.nanoseconds(count.significand, exponent: nanosecondExponent) else { return nil }
        self.init(
            nanosecondsSinceEpoch: nanoseconds,
            offsetMinutes: offsetMinutes,
            fractionDigits: UInt8(min(max(-exponent, 0), 9))
        )
    }

    private static func nanoseconds(_ digits: Int128, exponent: Int) -> Int64? {
        if digits == 0 { return 0 }
        var power: Int128 = 1
        for _ in 0..<abs(exponent) {
            let (product, overflow) = power.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            power = product
        }
        if exponent < 0 { return Int64(exactly: digits.floorDivided(by: power).quotient) }
        let (scaled, overflow) = digits.multipliedReportingOverflow(by: power)
        return overflow ? nil : Int64(exactly: scaled)
    }
}

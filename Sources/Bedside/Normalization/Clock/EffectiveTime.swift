package import Records

/// When a reading counts as measured, and how that was decided.
package struct EffectiveTime: Sendable, Equatable {
    package enum Basis: Sendable, Equatable {
        /// The device's own time.
        case device
        /// The device's own time, moved by the estimated offset of its clock.
        case corrected
        /// The gateway's receive time: the device gave no usable time, or its profile distrusts it.
        case received
    }

    package let time: DateTime
    package let basis: Basis
}

/// What one message's device times need: the verdict of the ``ClockLedger``.
package struct ClockCorrection: Sendable, Equatable {
    /// Nanoseconds added to device times; negative for a fast clock, 0 for none.
    package let offsetNs: Int64
    private let mode: ClockPolicy.Mode
    private let futureToleranceNs: Int64

    init(offsetNs: Int64, policy: ClockPolicy) {
        self.offsetNs = offsetNs
        self.mode = policy.mode
        self.futureToleranceNs = policy.futureToleranceNs
    }

    /// Earliest device time that is taken for one, 2001-01-01T00:00:00Z.
    ///
    /// Before it lie unset clocks: year 0, 1970, and 2000, where many real-time clocks start anew at every power-up.
    /// The same moments come back there, so they must not identify readings either.
    static let earliestUsableNs: Int64 = 978_307_200_000_000_000

    /// Whether a device time names a moment at all and the profile wants it.
    package func isUsable(_ deviceTime: DateTime) -> Bool {
        self.mode != .receiveTime && deviceTime.nanosecondsSinceEpoch >= Self.earliestUsableNs
    }

    /// The effective time of one reading of the message; in `.correct` mode never later than its receipt plus the
    /// future tolerance.
    ///
    /// - Parameters:
    ///   - deviceTime: the reading's own time.
    ///   - receivedAt: gateway clock, nanoseconds since 1970 UTC.
    /// - Returns: that time and its basis.
    package func effectiveTime(of deviceTime: DateTime?, receivedAt: Int64) -> EffectiveTime {
        guard let deviceTime, self.isUsable(deviceTime) else { return Self.received(receivedAt) }
        if self.mode == .trust { return EffectiveTime(time: deviceTime, basis: .device) }
        let corrected = deviceTime.nanosecondsSinceEpoch.clampedSum(self.offsetNs)
        guard corrected >= Self.earliestUsableNs,
            corrected.clampedDifference(receivedAt) <= self.futureToleranceNs
        else { return Self.received(receivedAt) }
        if self.offsetNs == 0 { return EffectiveTime(time: deviceTime, basis: .device) }
        let time = DateTime(
            nanosecondsSinceEpoch: corrected,
            offsetMinutes: deviceTime.offsetMinutes,
            fractionDigits: deviceTime.fractionDigits
        )
        return EffectiveTime(time: time, basis: .corrected)
    }

    private static func received(_ receivedAt: Int64) -> EffectiveTime {
        EffectiveTime(time: .received(receivedAt), basis: .received)
    }
}

extension DateTime {
    /// A gateway time as it is written into an Observation: UTC, milliseconds.
    static func received(_ nanosecondsSinceEpoch: Int64) -> DateTime {
        DateTime(nanosecondsSinceEpoch: nanosecondsSinceEpoch, offsetMinutes: 0, fractionDigits: 3)
    }
}

/// One entry of a device's clock history.
package struct ClockEvent: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// The first estimate.
        case established
        /// The estimate was replaced: somebody set the clock, or daylight saving did.
        case jump
        /// Where the clock stands, once an hour.
        case hourly
    }

    package let deviceID: String
    /// Profile that read the message.
    package let profile: String
    package let kind: Kind
    /// Gateway clock, nanoseconds since 1970 UTC.
    package let at: Int64
    /// The estimate before; nil where there was none.
    package let offsetBeforeNs: Int64?
    package let report: ClockReport
}

extension ClockLedger {
    /// Entries that wait to be taken; hourly ones beyond it are left out, and come an hour later.
    static let eventsMax = 16_384

    /// Notes what one sample changed.
    mutating func noteEvent(of slot: Int, profile: String, before: Int64?, jumpsBefore: UInt32, at receivedAt: Int64) {
        let clock = self.devices[slot].clock
        guard clock.offset != nil else { return }
        let hour = receivedAt / Self.hourNs
        let kind: ClockEvent.Kind
        if before == nil {
            kind = .established
        } else if clock.statistics.jumps != jumpsBefore {
            kind = .jump
        } else {
            guard self.devices[slot].notedHour != hour, self.events.count < Self.eventsMax else { return }
            kind = .hourly
        }
        self.note(
            ClockEvent(
                deviceID: self.devices[slot].deviceID,
                profile: profile,
                kind: kind,
                at: receivedAt,
                offsetBeforeNs: before,
                report: self.devices[slot].report
            ),
            slot: slot,
            hour: hour
        )
    }

    private static let hourNs: Int64 = 3_600_000_000_000
}

extension ClockLedger.Entry {
    var report: ClockReport {
        ClockReport(
            deviceID: self.deviceID,
            offsetNs: self.clock.offset,
            driftPartsPerMillion: self.clock.driftPartsPerMillion,
            samples: self.clock.statistics.samples,
            jumps: self.clock.statistics.jumps,
            corrections: self.clock.statistics.corrections,
            lastReceivedAt: self.clock.statistics.lastReceivedAt
        )
    }
}

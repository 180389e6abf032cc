/// One device's line in the clock-skew report.
package struct ClockReport: Sendable, Equatable {
    package let deviceID: String
    /// Receive time minus device time, nanoseconds; negative for a fast clock; nil while nothing is known.
    package let offsetNs: Int64?
    /// Parts per million since the estimate was made; negative for a clock that gains; nil within the first hour.
    package let driftPartsPerMillion: Int?
    package let samples: UInt64
    package let jumps: UInt32
    /// Messages whose readings were corrected.
    package let corrections: UInt64
    /// Gateway clock at the last sample, nanoseconds since 1970 UTC.
    package let lastReceivedAt: Int64
}

extension ClockLedger {
    /// The report of every known device, in order of first appearance.
    package var entries: [ClockReport] {
        self.devices.map(\.report)
    }
}

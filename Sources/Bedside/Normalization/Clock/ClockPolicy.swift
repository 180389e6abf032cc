/// How far a device's clock is trusted; set per device profile.
package struct ClockPolicy: Sendable, Hashable {
    package enum Mode: Sendable, Hashable {
        /// Device time, corrected once the clock is known to be off.
        case correct
        /// Device time as it is, whatever it says.
        case trust
        /// Always the gateway's receive time.
        case receiveTime
    }

    package var mode: Mode
    /// Nanoseconds by which a clock may be slow and is left alone; also what separates a drift from a jump.
    package var toleranceNs: Int64
    /// Nanoseconds beyond which a device time later than its own receipt proves a fast clock.
    package var futureToleranceNs: Int64
    /// Nanoseconds above their minimum within which offsets agree with each other.
    package var agreementNs: Int64
    /// Agreeing samples that a slow clock needs, and samples in a row that make a jump.
    package var samplesMin: Int
    /// Nanoseconds, by the gateway's clock, over which samples must agree on a slow clock.
    package var spanMinNs: Int64
    /// Samples in the sliding window.
    package var windowSamplesMax: Int
    /// Nanoseconds after which a sample leaves the window, unless fewer than ``samplesMin`` would stay.
    package var windowNs: Int64

    package init(
        mode: Mode = .correct,
        toleranceNs: Int64 = 30_000_000_000,
        futureToleranceNs: Int64 = 5_000_000_000,
        agreementNs: Int64 = 2_000_000_000,
        samplesMin: Int = 5,
        spanMinNs: Int64 = 10_000_000_000,
        windowSamplesMax: Int = 64,
        windowNs: Int64 = 3_600_000_000_000
    ) {
        self.mode = mode
        self.toleranceNs = max(0, toleranceNs)
        self.futureToleranceNs = max(0, futureToleranceNs)
        self.agreementNs = max(0, agreementNs)
        self.samplesMin = max(1, samplesMin)
        self.spanMinNs = max(0, spanMinNs)
        self.windowSamplesMax = max(self.samplesMin, windowSamplesMax)
        self.windowNs = max(0, windowNs)
    }

    /// What to add to a device time when its clock is believed to be off by `offset`; 0 while it is right enough.
    func correction(forOffset offset: Int64) -> Int64 {
        self.isRight(offset) ? 0 : offset
    }

    /// Whether an offset is what a right clock shows: little latency, not in the future.
    func isRight(_ offset: Int64) -> Bool {
        offset >= -self.futureToleranceNs && offset <= self.toleranceNs
    }
}

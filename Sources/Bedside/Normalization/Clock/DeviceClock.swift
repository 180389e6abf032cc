/// What is known about one device's clock, from nothing but (receive time − device time) of its live messages.
///
/// Latency only adds, so the estimate is the minimum of a sliding window. The two directions need different proof:
/// - A time in the future of its receipt cannot be latency: the clock is fast, believed at the first sample.
/// - A time in the past may be a slow clock or stored data: believed only when samples agree on it (``ClockWindow``).
///
/// Samples further than the tolerance from the estimate wait in ``suspects``; they replace the estimate when enough
/// of them in a row tell the same story (somebody set the clock, or daylight saving did), and that is a jump.
struct DeviceClock: Sendable {
    /// Samples that fit the estimate.
    private var window = ClockWindow()
    /// Consecutive samples that contradict the estimate, or all of them while there is none.
    private var suspects = ClockWindow()
    /// What must be added to a device time, nanoseconds; negative for a fast clock; nil until something is known.
    private(set) var offset: Int64?
    private(set) var statistics = Statistics()

    struct Statistics: Sendable, Equatable {
        var samples: UInt64 = 0
        var jumps: UInt32 = 0
        /// Messages whose readings were corrected.
        var corrections: UInt64 = 0
        /// Gateway clock, nanoseconds since 1970 UTC.
        var lastReceivedAt: Int64 = .min
        /// The estimate when it was established or last jumped, and when: from here drift is measured.
        var anchorOffset: Int64 = 0
        var anchorAt: Int64 = .min
    }

    init() {}

    /// Resumes from what was known before a restart; the window fills again from live samples.
    init(offset: Int64?, statistics: Statistics) {
        self.offset = offset
        self.statistics = statistics
        if let offset {
            let sample = ClockSample(receivedAt: statistics.lastReceivedAt, offset: offset)
            self.window.append(sample, policy: ClockPolicy())
        }
    }

    /// Takes one live message's evidence.
    ///
    /// - Returns: what to add to that message's device times, nanoseconds.
    mutating func take(_ sample: ClockSample, policy: ClockPolicy) -> Int64 {
        self.statistics.samples &+= 1
        self.statistics.lastReceivedAt = sample.receivedAt
        guard let offset = self.offset else { return self.takeFirst(sample, policy: policy) }
        let distance = sample.offset.clampedDifference(offset)
        guard distance > policy.toleranceNs || distance < -policy.toleranceNs else {
            return self.takeFitting(sample, policy: policy)
        }
        self.suspects.append(sample, policy: policy)
        guard self.suspectsConvince(sample, against: offset, policy: policy) else {
            return self.provisional(sample, against: offset, policy: policy)
        }
        self.adopt(at: sample.receivedAt)
        self.statistics.jumps &+= 1
        return policy.correction(forOffset: self.offset ?? 0)
    }

    /// What to add to device times that are no evidence themselves: historical and retained ones.
    func correction(policy: ClockPolicy) -> Int64 {
        self.offset.map(policy.correction(forOffset:)) ?? 0
    }

    mutating func countCorrection() { self.statistics.corrections &+= 1 }

    private mutating func takeFirst(_ sample: ClockSample, policy: ClockPolicy) -> Int64 {
        if sample.offset > policy.toleranceNs {
            self.suspects.append(sample, policy: policy)
            guard self.suspects.agrees(policy: policy) else { return 0 }
            self.suspects.keepAgreeing(policy: policy)
        } else {
            self.suspects.removeAll()
            self.suspects.append(sample, policy: policy)
        }
        self.adopt(at: sample.receivedAt)
        return policy.correction(forOffset: self.offset ?? 0)
    }

    private mutating func takeFitting(_ sample: ClockSample, policy: ClockPolicy) -> Int64 {
        self.suspects.removeAll()
        self.window.append(sample, policy: policy)
        self.offset = self.window.minimum
        return policy.correction(forOffset: self.window.minimum)
    }

    /// Whether the suspects replace the estimate; narrows them to those that agree.
    ///
    /// Above the estimate, suspects may merely be late, so they must agree as a slow clock must. Below it, or where a
    /// right clock would be, each of them is proof against the estimate, and repetition only rules out a broken time.
    private mutating func suspectsConvince(
        _ sample: ClockSample,
        against offset: Int64,
        policy: ClockPolicy
    ) -> Bool {
        let isProof = policy.isRight(sample.offset) || (sample.offset < offset && sample.offset <= policy.toleranceNs)
        if isProof, self.suspects.isSettled(policy: policy) {
            self.suspects.keepNewest(policy.samplesMin)
            return true
        }
        guard self.suspects.agrees(policy: policy) else { return false }
        self.suspects.keepAgreeing(policy: policy)
        return true
    }

    /// The correction while the evidence contradicts the estimate and does not yet suffice to replace it.
    private func provisional(_ sample: ClockSample, against offset: Int64, policy: ClockPolicy) -> Int64 {
        // A device time that agrees with its receipt needs no correction: that a late message on a wrong clock
        // looks so by chance is less likely than that somebody set the clock.
        if policy.isRight(sample.offset) { return 0 }
        // Later than the estimate explains: late data of the same clock.
        if sample.offset > offset { return policy.correction(forOffset: offset) }
        // Proof that the estimate is too high. In the future, the sample bounds the offset; else nothing is known.
        return sample.offset < 0 ? sample.offset : 0
    }

    private mutating func adopt(at receivedAt: Int64) {
        self.window = self.suspects
        self.suspects = ClockWindow()
        self.offset = self.window.minimum
        self.statistics.anchorOffset = self.window.minimum
        self.statistics.anchorAt = receivedAt
    }

    /// Drift since the anchor in parts per million, negative for a clock that gains; nil before an hour has passed.
    var driftPartsPerMillion: Int? {
        let span = self.statistics.lastReceivedAt.clampedDifference(self.statistics.anchorAt)
        guard let offset, self.statistics.anchorAt != .min, span >= 3_600_000_000_000 else { return nil }
        let change = Double(offset.clampedDifference(self.statistics.anchorOffset))
        return Int((change / Double(span) * 1_000_000).rounded())
    }
}

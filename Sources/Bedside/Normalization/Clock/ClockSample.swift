/// One live message's evidence about its device's clock.
struct ClockSample: Sendable, Equatable {
    /// Gateway clock, nanoseconds since 1970 UTC.
    let receivedAt: Int64
    /// Receive time minus device time: the clock's true offset plus this message's latency, which is never negative.
    let offset: Int64
}

/// The latest samples, oldest first, and their minimum: the best estimate of the offset that they allow.
struct ClockWindow: Sendable {
    private(set) var samples: [ClockSample] = []
    private(set) var minimum: Int64 = .max

    mutating func append(_ sample: ClockSample, policy: ClockPolicy) {
        var expired = 0
        while self.samples.count - expired >= policy.samplesMin, self.isExpired(expired, at: sample, policy: policy) {
            expired += 1
        }
        let evicted = self.samples[..<expired].contains { $0.offset == self.minimum }
        if expired > 0 { self.samples.removeFirst(expired) }
        self.samples.append(sample)
        if evicted {
            self.minimum = self.samples.reduce(.max) { min($0, $1.offset) }
        } else {
            self.minimum = min(self.minimum, sample.offset)
        }
    }

    mutating func removeAll() {
        self.samples.removeAll(keepingCapacity: true)
        self.minimum = .max
    }

    private func isExpired(_ index: Int, at newest: ClockSample, policy: ClockPolicy) -> Bool {
        self.samples.count - index >= policy.windowSamplesMax
            || newest.receivedAt.clampedDifference(self.samples[index].receivedAt) > policy.windowNs
    }

    /// Whether the samples show a constant offset rather than stored data that arrives late.
    ///
    /// Enough samples must lie within the agreement above the minimum and over the span. Their older and newer half
    /// must also have nearly the same minimum: a backlog that drains slowly agrees as well, but its minimum falls.
    func agrees(policy: ClockPolicy) -> Bool {
        let limit = self.minimum.clampedSum(policy.agreementNs)
        let agreeing = self.samples.filter { $0.offset <= limit }
        guard agreeing.count >= policy.samplesMin, let first = agreeing.first, let last = agreeing.last,
            last.receivedAt.clampedDifference(first.receivedAt) >= policy.spanMinNs
        else { return false }
        let half = agreeing.count / 2
        let older = agreeing[..<half].reduce(Int64.max) { min($0, $1.offset) }
        let newer = agreeing[half...].reduce(Int64.max) { min($0, $1.offset) }
        let trend = older.clampedDifference(newer)
        return half == 0 || (trend <= policy.agreementNs / 10 && trend >= -policy.agreementNs / 10)
    }

    /// Whether the newest `samplesMin` samples lie within the tolerance of each other.
    func isSettled(policy: ClockPolicy) -> Bool {
        guard self.samples.count >= policy.samplesMin else { return false }
        let newest = self.samples.suffix(policy.samplesMin)
        let lowest = newest.reduce(Int64.max) { min($0, $1.offset) }
        let highest = newest.reduce(Int64.min) { max($0, $1.offset) }
        return highest.clampedDifference(lowest) <= policy.toleranceNs
    }

    /// Keeps only the newest samples.
    mutating func keepNewest(_ count: Int) {
        self.samples.removeFirst(max(0, self.samples.count - count))
        self.minimum = self.samples.reduce(.max) { min($0, $1.offset) }
    }

    /// Keeps only the samples within the agreement above the minimum.
    mutating func keepAgreeing(policy: ClockPolicy) {
        let limit = self.minimum.clampedSum(policy.agreementNs)
        self.samples.removeAll { $0.offset > limit }
    }
}

extension Int64 {
    /// Difference that stops at the ends of the type, about 292 years in nanoseconds.
    func clampedDifference(_ other: Int64) -> Int64 {
        let (value, overflow) = self.subtractingReportingOverflow(other)
        return overflow ? (self < 0 ? .min : .max) : value
    }

    /// Sum that stops at the ends of the type.
    func clampedSum(_ other: Int64) -> Int64 {
        let (value, overflow) = self.addingReportingOverflow(other)
        return overflow ? (self < 0 ? .min : .max) : value
    }
}

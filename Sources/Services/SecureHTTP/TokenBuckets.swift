/// How often somebody may ask.
package struct Rate: Sendable, Hashable {
    /// Requests in the long run, above 0.
    package let perSecond: Double
    /// Requests at once, at least 1.
    package let burst: Double

    package init(perSecond: Double, burst: Double) {
        precondition(perSecond > 0 && burst >= 1)
        self.perSecond = perSecond
        self.burst = burst
    }
}

/// A token bucket for each of many who ask.
struct TokenBuckets<Key: Hashable & Sendable>: Sendable {
    private struct Bucket {
        let tokens: Double
        let at: Double
    }

    private let rate: Rate
    private let bucketsMax: Int
    private var buckets: [Key: Bucket] = [:]
    private var sweptAt = -Double.infinity

    /// - Parameters:
    ///   - rate: what each one may.
    ///   - bucketsMax: kept at once; beyond it those that are full again are dropped, then everyone unknown is refused.
    init(_ rate: Rate, bucketsMax: Int) {
        self.rate = rate
        self.bucketsMax = bucketsMax
    }

    /// Takes a token.
    ///
    /// - Returns: nil when there was one, otherwise the seconds until there is.
    mutating func take(_ key: Key, at now: Double) -> Double? {
        let known = self.buckets[key]
        if known == nil, self.buckets.count >= self.bucketsMax {
            self.sweep(at: now)
            guard self.buckets.count < self.bucketsMax else { return 1 }
        }
        let tokens = known.map { self.tokens(in: $0, at: now) } ?? self.rate.burst
        guard tokens >= 1 else {
            self.buckets[key] = Bucket(tokens: tokens, at: now)
            return (1 - tokens) / self.rate.perSecond
        }
        self.buckets[key] = Bucket(tokens: tokens - 1, at: now)
        return nil
    }

    /// Drops who has asked for nothing lately; a flood of unknown ones does not pay for a look at all every time.
    private mutating func sweep(at now: Double) {
        guard now >= self.sweptAt + 1 else { return }
        self.sweptAt = now
        self.buckets = self.buckets.filter { self.tokens(in: $0.value, at: now) < self.rate.burst }
    }

    private func tokens(in bucket: Bucket, at now: Double) -> Double {
        min(self.rate.burst, bucket.tokens + (now - bucket.at) * self.rate.perSecond)
    }
}

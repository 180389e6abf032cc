/// How fast a ward speaks: so many messages a second, or as fast as the broker acknowledges.
struct Pace {
    private let rate: Double?
    private let start: Double
    private var sent = 0

    /// A pace of `rate` messages a second (nil for no limit) that begins at `start`.
    init(rate: Double?, start: Double) {
        self.rate = rate
        self.start = start
    }

    /// How many messages are due at `now`.
    ///
    /// What could not be sent in time is made up for, so that the average rate holds over a broker's restart.
    func due(at now: Double) -> Int {
        guard let rate else { return .max }
        return max(0, Int((now - start) * rate) + 1 - sent)
    }

    /// Milliseconds until the next message is due, at most `limit`.
    func wait(at now: Double, limit: Int32) -> Int32 {
        guard let rate else { return 0 }
        let seconds = start + Double(sent) / rate - now
        return min(limit, max(0, Int32(min(seconds * 1000, 60_000).rounded(.up))))
    }

    mutating func countSent() { sent += 1 }
}

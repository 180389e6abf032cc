/// How long a failed attempt waits for the next: doubling, with a spread that is the same on every run.
struct Backoff: Hashable, Sendable {
    /// Of the gateway: two of them do not come back at one moment.
    let salt: UInt64
    /// Ticks.
    let most: UInt64

    /// - Parameters:
    ///   - attempts: that failed, at least 1.
    ///   - height: of what is tried, so that not all of it comes back at once.
    /// - Returns: ticks, at least 1.
    func pause(attempts: Int, height: UInt64) -> UInt64 {
        let doublings = UInt64(min(max(attempts - 1, 0), 32))
        let base = min(self.most, 1 << doublings)
        // SplitMix64's output function over what tells the attempts apart.
        var mixed = self.salt &+ height &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(max(attempts, 0))
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return base + (mixed ^ (mixed >> 31)) % (base / 2 + 1)
    }
}

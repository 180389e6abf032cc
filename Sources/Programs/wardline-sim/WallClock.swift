import Glibc

/// The machine's clocks.
enum WallClock {
    /// Milliseconds since 1970 UTC.
    static func nowMilliseconds() -> Int64 { milliseconds(CLOCK_REALTIME) }

    /// Seconds since an arbitrary instant; never goes backwards.
    static func monotonicSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func milliseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

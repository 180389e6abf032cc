import CoreFoundation
import Glibc

/// Time that this thread had a processor; what neighbours do counts little in it.
enum CPUTime {
    /// Microseconds since some moment.
    static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
    }

    /// Time that all threads of the process had a processor, in microseconds.
    static var ofProcess: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
    }

    /// Microseconds of one call: the best of five batches.
    static func microseconds(calls: Int, _ work: () throws -> Void) rethrows -> Double {
        var best = Double.infinity
        for _ in 0..<5 {
            let started = self.now
            for _ in 0..<calls { try work() }
            best = min(best, (self.now - started) / Double(calls))
        }
        return best
    }
}

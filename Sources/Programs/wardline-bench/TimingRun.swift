import CoreFoundation
import Glibc
import TimingStatistics

/// Timings of one operation under all classes of its secret, in random order.
struct TimingRun {
    /// Calls prepared, then timed one after the other.
    private static let batch = 64
    /// Calls before anything is kept: caches, branch predictors, tables made on first use.
    private static let warmUp = 512
    /// Timings that give the limits of the crops, and the number of samples.
    private static let calibration = 4_096
    /// Operations below this many nanoseconds get the large number of samples.
    private static let fastBelow = 20_000.0

    let operation: SecretOperation
    /// Timed calls of one class and the random one together.
    let samples: Int
    /// Nanoseconds of one execution with a random secret: the mean, interrupts included.
    let mean: Double
    /// Where the special class differs most from the random one.
    let worst: (kind: SecretClass, t: Double)
    let control: Double

    /// Times the operation.
    ///
    /// - Parameters:
    ///   - operation: what is timed.
    ///   - samples: calls of two classes together; nil for 10^6, or 10^5 of an operation of 20 µs or more.
    /// - Throws: what the operation throws.
    init(_ operation: SecretOperation, samples: Int?) throws {
        var source = TimingSource(operation: operation)
        _ = try source.timings(Self.warmUp)
        let calibration = try source.timings(Self.calibration).map(\.nanoseconds)
        let median = calibration.sorted()[calibration.count / 2] / Double(operation.repeats)
        self.samples = samples ?? (median < Self.fastBelow ? 1_000_000 : 100_000)
        var groups = TimingGroups(groups: SecretClass.allCases.count, calibration: calibration)
        var remaining = self.samples / 2 * SecretClass.allCases.count
        while remaining > 0 {
            for timing in try source.timings(min(remaining, Self.batch)) {
                groups.add(timing.nanoseconds, to: timing.kind.rawValue)
            }
            remaining -= Self.batch
        }
        func t(_ kind: SecretClass) -> Double { groups.largestT(kind.rawValue, SecretClass.random.rawValue) }
        self.operation = operation
        self.mean = groups.whole(SecretClass.random.rawValue).mean / Double(operation.repeats)
        self.control = t(.control)
        self.worst = SecretClass.special.map { ($0, t($0)) }.reduce((.one, 0)) { worst, next in
            next.1.magnitude > worst.1.magnitude ? next : worst
        }
    }
}

/// Prepares calls with secrets of random classes and times them.
private struct TimingSource {
    let operation: SecretOperation
    private var generator = SystemRandomNumberGenerator()
    /// Depends on all results, so that none is left out.
    private(set) var checksum: UInt64 = 0

    init(operation: SecretOperation) { self.operation = operation }

    mutating func timings(_ count: Int) throws -> [(kind: SecretClass, nanoseconds: Double)] {
        let kinds = (0..<count).map { _ in SecretClass.allCases.randomElement(using: &self.generator) ?? .random }
        let calls = try kinds.map(self.operation.prepare)
        var nanoseconds = [Double](repeating: 0, count: count)
        for (index, call) in calls.enumerated() {
            let started = Self.now
            self.checksum ^= try call()
            nanoseconds[index] = Double(Self.now - started)
        }
        return Array(zip(kinds, nanoseconds))
    }

    @inline(__always)
    private static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}

/// Number, mean and variance of values that are added one by one (Welford 1962).
package struct RunningMoments: Sendable {
    package private(set) var count = 0
    /// Zero before the first value.
    package private(set) var mean = 0.0
    private var squaredDeviations = 0.0

    package init() {}

    package mutating func add(_ value: Double) {
        self.count += 1
        let deviation = value - self.mean
        self.mean += deviation / Double(self.count)
        self.squaredDeviations += deviation * (value - self.mean)
    }

    /// The unbiased estimate of the variance; zero below two values.
    package var variance: Double { self.count < 2 ? 0 : self.squaredDeviations / Double(self.count - 1) }

    /// Welch's t of the difference of two means: how many standard errors lie between them.
    ///
    /// Infinite where the means differ and nothing varies.
    package static func welch(_ a: RunningMoments, _ b: RunningMoments) -> Double {
        guard a.count > 0, b.count > 0, a.mean != b.mean else { return 0 }
        let squaredError = a.variance / Double(a.count) + b.variance / Double(b.count)
        return (a.mean - b.mean) / squaredError.squareRoot()
    }
}

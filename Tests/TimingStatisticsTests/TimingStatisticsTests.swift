import Testing
import TimingStatistics

@Suite struct TimingStatisticsTests {
    @Test func momentsAreThoseOfTheTextbook() {
        var moments = RunningMoments()
        for value in [2.0, 4, 4, 4, 5, 5, 7, 9] { moments.add(value) }
        #expect(moments.count == 8)
        #expect(moments.mean == 5)
        #expect((moments.variance - 32.0 / 7).magnitude < 1e-12)
    }

    @Test func welchIsThatOfAWorkedExample() {
        // Means 20.82 and 23, variances 4.32844 and 0.06667: -2.18 / sqrt(0.439511) is -3.28830.
        let a = Self.moments([19.0, 19.8, 20.3, 20.6, 20.9, 21.0, 21.2, 21.9, 17.8, 25.7])
        let b = Self.moments([22.6, 22.7, 22.8, 22.9, 23.0, 23.0, 23.1, 23.2, 23.3, 23.4])
        #expect((RunningMoments.welch(a, b) + 3.288301).magnitude < 1e-6)
        #expect(RunningMoments.welch(b, a) == -RunningMoments.welch(a, b))
    }

    @Test func valuesThatDoNotVaryDifferInfinitelyOrNotAtAll() {
        let ones = Self.moments([1, 1, 1])
        #expect(RunningMoments.welch(ones, ones) == 0)
        #expect(RunningMoments.welch(Self.moments([2, 2]), ones) == .infinity)
        #expect(RunningMoments.welch(RunningMoments(), ones) == 0)
    }

    @Test func limitsAreAscendingPercentilesAndTheLastCropsNothing() {
        let groups = TimingGroups(groups: 2, calibration: (0..<1_024).map { Double($0) }.reversed(), crops: 10)
        #expect(groups.limits == [512, 768, 896, 960, 992, 1_008, 1_016, 1_020, 1_022, 1_023, .infinity])
    }

    @Test func classesOfOneDistributionAreNotToldApart() {
        var source = Noise(seed: 1)
        var groups = TimingGroups(groups: 2, calibration: (0..<5_000).map { _ in source.timing() })
        for _ in 0..<50_000 {
            groups.add(source.timing(), to: 0)
            groups.add(source.timing(), to: 1)
        }
        #expect(groups.largestT(0, 1).magnitude < 4.5)
    }

    @Test func aShiftThatTheTailHidesIsFoundByCropping() {
        var source = Noise(seed: 2)
        var groups = TimingGroups(groups: 2, calibration: (0..<5_000).map { _ in source.timing() })
        for _ in 0..<20_000 {
            groups.add(source.timing() + 0.5, to: 0)
            groups.add(source.timing(), to: 1)
        }
        #expect(RunningMoments.welch(groups.whole(0), groups.whole(1)).magnitude < 4.5)
        #expect(groups.largestT(0, 1) > 4.5)
        #expect(groups.largestT(1, 0) < -4.5)
    }

    @Test func tooFewValuesAreNotJudged() {
        var groups = TimingGroups(groups: 2, calibration: [0, 100])
        for _ in 0..<TimingGroups.countMin - 1 {
            groups.add(1, to: 0)
            groups.add(2, to: 1)
        }
        #expect(groups.largestT(0, 1) == 0)
        groups.add(1, to: 0)
        groups.add(2, to: 1)
        #expect(groups.largestT(0, 1) == -.infinity)
    }

    private static func moments(_ values: [Double]) -> RunningMoments {
        values.reduce(into: RunningMoments()) { $0.add($1) }
    }
}

/// Timings as a machine gives them: a sum of small delays, and an interrupt now and then.
private struct Noise {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func timing() -> Double {
        let delays = (0..<4).reduce(0.0) { sum, _ in sum + self.fraction() }
        return 100 + 4 * delays + (self.fraction() < 0.01 ? 10_000 * self.fraction() : 0)
    }

    /// SplitMix64 of Steele, Lea and Flood (2014).
    private mutating func fraction() -> Double {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var z = self.state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return Double((z ^ z >> 31) >> 11) / 9_007_199_254_740_992
    }
}

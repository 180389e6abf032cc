internal import Glibc

/// Timings of several classes of input, each kept whole and cropped at several limits.
///
/// After Reparaz, Balasch, Verbauwhede, "Dude, is my code constant time?" (2017): interrupts and neighbours make a long
/// tail on one side, which hides small differences of the rest. What lies above a limit is left out of that limit's test;
/// limits come from timings of all classes together, so that they say nothing about a class.
package struct TimingGroups: Sendable {
    /// Crops with fewer values than this in a class are not tested: the statistic is normal for many values only.
    package static let countMin = 1_000

    /// Ascending; the last one is infinite and crops nothing.
    package let limits: [Double]
    private var moments: [[RunningMoments]]

    /// Classes that will be compared, with limits from timings of all of them that are not used otherwise.
    ///
    /// - Parameters:
    ///   - groups: number of classes.
    ///   - calibration: timings that the limits are percentiles of.
    ///   - crops: number of finite limits.
    package init(groups: Int, calibration: [Double], crops: Int = 30) {
        self.limits = Self.limits(calibration.sorted(), crops: crops)
        self.moments = [[RunningMoments]](
            repeating: [RunningMoments](repeating: RunningMoments(), count: self.limits.count),
            count: groups
        )
    }

    /// The percentiles 1 - 2^(-10 i / crops), which lie the closer together the higher they are.
    private static func limits(_ sorted: [Double], crops: Int) -> [Double] {
        guard !sorted.isEmpty else { return [.infinity] }
        return (0..<crops).map { index in
            let share = 1 - exp2(-10 * Double(index + 1) / Double(crops))
            return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
        } + [.infinity]
    }

    package mutating func add(_ value: Double, to group: Int) {
        for index in self.limits.indices.reversed() {
            guard value <= self.limits[index] else { return }
            self.moments[group][index].add(value)
        }
    }

    /// All values of a class.
    package func whole(_ group: Int) -> RunningMoments {
        self.moments[group].last ?? RunningMoments()
    }

    /// Welch's t of two classes at the crop where it is largest in magnitude; zero where values are too few.
    package func largestT(_ a: Int, _ b: Int) -> Double {
        var largest = 0.0
        for (first, second) in zip(self.moments[a], self.moments[b]) {
            guard min(first.count, second.count) >= Self.countMin else { continue }
            let t = RunningMoments.welch(first, second)
            if t.magnitude > largest.magnitude { largest = t }
        }
        return largest
    }
}

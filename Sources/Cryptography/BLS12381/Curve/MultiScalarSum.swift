internal import Dispatch
internal import FiniteFields

/// Sums of many products with public scalars: Pippenger's buckets, one task for each window of the scalars, and affine
/// additions within the buckets that share their inversions.
enum MultiScalarSum {
    /// Below this many points, shared doublings are cheaper than buckets.
    private static let bucketPointsMin = 24

    static func compute<Point: CurvePoint>(_ scalars: [Fr], _ points: [Point]) -> Point {
        precondition(scalars.count == points.count)
        let terms = zip(scalars, points).filter { !$0.isZero && !$1.hasNoCoordinates }
        if terms.count < self.bucketPointsMin { return Point.sumPublicly(terms) }
        let width = self.width(terms.count)
        let windowCount = 255 / width + 1
        let digits = SignedDigits(terms.map(\.0), width: width, count: windowCount)
        let affine = Point.affine(terms.map(\.1))
        let sums: [Point] = self.concurrently(windowCount) { window in
            self.windowSum(digits, window, affine, buckets: 1 << (width - 1))
        }
        return sums.reversed().reduce(Point.identity) { $0.doubled(times: Int32(width)).combined(with: $1) }
    }

    /// Bits of a window: one more costs twice the buckets, one less more additions per point.
    private static func width(_ count: Int) -> Int {
        max(4, Int.bitWidth - count.leadingZeroBitCount - 4)
    }

    private static func windowSum<Point: CurvePoint>(
        _ digits: SignedDigits,
        _ window: Int,
        _ points: [Point.Affine],
        buckets count: Int
    ) -> Point {
        var (lengths, sorted) = self.sorted(digits, window, points, buckets: count) as ([UInt32], [Point.Affine])
        Point.sumLists(&sorted, &lengths)
        var position = lengths.reduce(0) { $0 + Int($1) }
        var running = Point.identity
        var sum = Point.identity
        for length in lengths.reversed() {
            if length == 1 {
                position -= 1
                running = running.combinedUnlessIdentity(sorted[position])
            }
            sum = sum.combined(with: running)
        }
        return sum
    }

    /// The points with a digit other than zero, with its sign, in the order of the digits' magnitudes, and how many
    /// have each magnitude from 1 on.
    private static func sorted<Affine: Sendable>(
        _ digits: SignedDigits,
        _ window: Int,
        _ points: [Affine],
        buckets count: Int
    ) -> ([UInt32], [Affine]) where Affine: NegatablePoint {
        var lengths = [UInt32](repeating: 0, count: count)
        for index in points.indices {
            let magnitude = abs(digits[index, window])
            if magnitude > 0 { lengths[magnitude - 1] += 1 }
        }
        var next: [Int] = []
        next.reserveCapacity(count)
        var total = 0
        for length in lengths {
            next.append(total)
            total += Int(length)
        }
        let sorted = [Affine](unsafeUninitializedCapacity: total) { buffer, filled in
            for (index, point) in points.enumerated() {
                let digit = digits[index, window]
                if digit == 0 { continue }
                buffer.initializeElement(at: next[abs(digit) - 1], to: digit < 0 ? point.negated() : point)
                next[abs(digit) - 1] += 1
            }
            filled = total
        }
        return (lengths, sorted)
    }

    /// Results of tasks that run on all cores.
    private static func concurrently<Result: Sendable>(
        _ count: Int,
        _ task: @Sendable (Int) -> Result
    ) -> [Result] {
        [Result](unsafeUninitializedCapacity: count) { buffer, filled in
            // Every task initializes its own element.
            nonisolated(unsafe) let results = buffer
            DispatchQueue.concurrentPerform(iterations: count) { index in
                results.initializeElement(at: index, to: task(index))
            }
            filled = count
        }
    }
}

/// The scalars as signed digits of a window each.
struct SignedDigits: Sendable {
    private let digits: [Int32]
    private let count: Int

    /// Digits of `width` bits, at most 24, and `count` of them a scalar; the last one takes the carry.
    init(_ scalars: [Fr], width: Int, count: Int) {
        self.count = count
        var digits: [Int32] = []
        digits.reserveCapacity(scalars.count * count)
        for scalar in scalars {
            let limbs = scalar.limbs
            let words = [limbs.0, limbs.1, limbs.2, limbs.3, 0]
            var carry: Int32 = 0
            for window in 0..<count {
                let position = window * width
                let word = position / 64
                let shift = UInt64(position % 64)
                let bits = position < 256 ? words[word] >> shift | (words[word + 1] << 1) << (63 - shift) : 0
                var digit = Int32(truncatingIfNeeded: bits & (1 << width - 1)) + carry
                carry = digit > 1 << (width - 1) ? 1 : 0
                digit -= carry << width
                digits.append(digit)
            }
        }
        self.digits = digits
    }

    /// Digit `window`, least significant first, of scalar `index`: from -2^(width-1) to 2^(width-1).
    subscript(index: Int, window: Int) -> Int { Int(self.digits[index * self.count + window]) }
}

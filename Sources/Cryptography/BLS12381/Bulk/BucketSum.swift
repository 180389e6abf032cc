internal import FiniteFields

/// Sums of very many products: Pippenger's buckets over affine points, one task for each window of the scalars.
///
/// All additions but a few hundred are affine and share their inversions, those that weight the buckets included.
enum BucketSum {
    /// Below this many terms, shared doublings are cheaper than buckets.
    private static let termsMin = 24

    /// Σ scalar·point; the time depends on the scalars.
    static func compute<Point: BulkPoint>(_ scalars: [Fr], _ points: [Point.Affine]) -> Point {
        precondition(scalars.count == points.count)
        let chosen = scalars.indices.filter { !scalars[$0].isZero && !points[$0].isIdentity }
        if chosen.count < self.termsMin {
            return Point.sumPublicly(chosen.map { (scalars[$0], Point(affine: points[$0])) })
        }
        let digits = WindowDigits(chosen.map { scalars[$0] }, width: self.width(chosen.count))
        let sums: [Point] = Cores.map(digits.windows) { window in
            self.windowSum(digits, window, chosen, points)
        }
        return sums.reversed().reduce(Point.identity) { $0.doubled(times: Int32(digits.width)).combined(with: $1) }
    }

    /// Bits of a window: one more costs twice the buckets, one less more additions for each term.
    private static func width(_ count: Int) -> Int {
        min(15, max(4, Int.bitWidth - count.leadingZeroBitCount - 3))
    }

    private static func windowSum<Point: BulkPoint>(
        _ digits: WindowDigits,
        _ window: Int,
        _ chosen: [Int],
        _ points: [Point.Affine]
    ) -> Point {
        let count = 1 << (digits.width - 1)
        var (lengths, sorted) = self.sorted(digits, window, chosen, points, buckets: count)
        Point.sumLists(&sorted, &lengths)
        return self.weightedSum(sorted, lengths, lowBits: (digits.width - 1) / 2)
    }

    /// Σ (index + 1)·bucket, where the list of each bucket has one point or none.
    ///
    /// The weight is `high·2^lowBits + low`: buckets are added up once for each value of either part, which leaves
    /// few sums to weight.
    private static func weightedSum<Point: BulkPoint>(
        _ points: [Point.Affine],
        _ lengths: [UInt32],
        lowBits: Int
    ) -> Point {
        var rest = points[...]
        let byWeight: [Point.Affine?] = [nil] + lengths.map { $0 == 1 ? rest.popFirst() : nil }
        let columns = 1 << lowBits
        let ofHighParts = stride(from: columns, to: byWeight.count, by: columns).map {
            stride(from: $0, to: min($0 + columns, byWeight.count), by: 1)
        }
        let ofLowParts = (1..<columns).map { stride(from: $0, to: byWeight.count, by: columns) }
        let sums: [Point] = self.sums(of: byWeight, at: ofHighParts + ofLowParts)
        return self.ascendingSum(sums[..<ofHighParts.count]).doubled(times: Int32(lowBits))
            .combined(with: self.ascendingSum(sums[ofHighParts.count...]))
    }

    /// The sums of the points that there are at several places each.
    private static func sums<Point: BulkPoint>(
        of points: [Point.Affine?],
        at places: [StrideTo<Int>]
    ) -> [Point] {
        var members: [Point.Affine] = []
        members.reserveCapacity(2 * points.count)
        var lengths = places.map { places in
            let before = members.count
            for place in places { if let point = points[place] { members.append(point) } }
            return UInt32(members.count - before)
        }
        Point.sumLists(&members, &lengths)
        var rest = members[...]
        return lengths.map { length in
            length == 1 ? rest.popFirst().map(Point.init(affine:)) ?? .identity : .identity
        }
    }

    /// The sum of 1·first, 2·second and so on.
    private static func ascendingSum<Point: BulkPoint>(_ points: ArraySlice<Point>) -> Point {
        var running = Point.identity
        var sum = Point.identity
        for point in points.reversed() {
            running = running.combined(with: point)
            sum = sum.combined(with: running)
        }
        return sum
    }

    /// The points with a digit other than zero, with its sign, in the order of the digits' magnitudes, and how many
    /// have each magnitude from 1 on.
    private static func sorted<Affine: AffinePoint>(
        _ digits: WindowDigits,
        _ window: Int,
        _ chosen: [Int],
        _ points: [Affine],
        buckets count: Int
    ) -> ([UInt32], [Affine]) {
        var lengths = [UInt32](repeating: 0, count: count)
        for index in chosen.indices {
            let magnitude = abs(digits[window, index])
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
            for (index, place) in chosen.enumerated() {
                let digit = digits[window, index]
                if digit == 0 { continue }
                let point = points[place]
                buffer.initializeElement(at: next[abs(digit) - 1], to: digit < 0 ? point.negated() : point)
                next[abs(digit) - 1] += 1
            }
            filled = total
        }
        return (lengths, sorted)
    }
}

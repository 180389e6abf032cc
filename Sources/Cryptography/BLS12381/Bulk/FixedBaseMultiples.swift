internal import FiniteFields

/// Multiples of one point by very many scalars: a table for each window of the scalars, and affine additions of the
/// entries that share their inversions.
struct FixedBaseMultiples<Point: BulkPoint>: Sendable {
    private let width: Int
    /// For each window, the products of its place with 1 to 2^(width - 1).
    private let tables: [[Point.Affine]]

    /// Makes tables whose size suits this number of multiples.
    init(_ base: Point, count: Int) {
        let width = min(12, max(4, Int.bitWidth - count.leadingZeroBitCount - 3))
        var place = base
        let places = (0...255 / width).map { _ in
            defer { place = place.doubled(times: Int32(width)) }
            return place
        }
        let affine = Point.bulkAffine(places)
        self.width = width
        self.tables = Cores.map(affine.count) { Self.table(affine[$0], entries: 1 << (width - 1)) }
    }

    /// The products with 1, 2, …, each round twice as many.
    private static func table(_ base: Point.Affine, entries: Int) -> [Point.Affine] {
        var table = [base]
        table.reserveCapacity(entries)
        while table.count < entries {
            let last = table[table.count - 1]
            var pairs = table.flatMap { [$0, last] }
            var lengths = [UInt32](repeating: 2, count: table.count)
            Point.sumLists(&pairs, &lengths)
            table += pairs[..<table.count]
        }
        return table
    }

    /// The products of the base with scalars, on all cores; the time depends on the scalars.
    func multiples(_ scalars: [Fr]) -> [Point.Affine] {
        Cores.flatMap(scalars.count, size: 256) { self.part(Array(scalars[$0])) }
    }

    private func part(_ scalars: [Fr]) -> [Point.Affine] {
        let digits = WindowDigits(scalars, width: self.width)
        var lengths: [UInt32] = []
        var points: [Point.Affine] = []
        points.reserveCapacity(scalars.count * digits.windows)
        for index in scalars.indices {
            let before = points.count
            for (window, table) in self.tables.enumerated() {
                let digit = digits[window, index]
                if digit == 0 { continue }
                let entry = table[abs(digit) - 1]
                points.append(digit < 0 ? entry.negated() : entry)
            }
            lengths.append(UInt32(points.count - before))
        }
        Point.sumLists(&points, &lengths)
        var position = 0
        return lengths.map { length in
            defer { position += Int(length) }
            return length == 1 ? points[position] : Point.affineIdentity
        }
    }
}

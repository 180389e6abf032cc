/// The numbers that satisfy a comparison: always neighbours.
typealias ValueRange = ClosedRange<UInt16>

extension ValueRange {
    static let all: ValueRange = 0...(.max)

    /// The numbers of both; nil when there are none.
    func intersection(_ other: ValueRange) -> ValueRange? {
        self.overlaps(other) ? self.clamped(to: other) : nil
    }
}

extension PolicyComparison {
    /// The numbers that satisfy the comparison with a bound; nil when there are none.
    func values(_ bound: UInt16) -> ValueRange? {
        switch self {
        case .atLeast: bound...(.max)
        case .atMost: 0...bound
        case .greater: bound == .max ? nil : (bound + 1)...(.max)
        case .less: bound == 0 ? nil : 0...(bound - 1)
        case .equal: bound...bound
        }
    }
}

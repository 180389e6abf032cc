/// A named part of a circuit.
package struct CircuitRegion: Sendable, Hashable {
    /// Names from the outermost part to this one, with ` / ` between.
    package let path: String
    /// Parts around this one.
    package let depth: Int
    /// Its constraints, those of inner parts included.
    package internal(set) var constraints: Range<Int>
}

/// The regions that a builder is in and has been in.
struct RegionRecord: Sendable {
    /// In the order in which they began.
    private(set) var regions: [CircuitRegion] = []
    private var open: [Int] = []

    mutating func enter(_ name: String, at row: Int) {
        let path = self.open.last.map { self.regions[$0].path + " / " + name } ?? name
        self.regions.append(CircuitRegion(path: path, depth: self.open.count, constraints: row..<row))
        self.open.append(self.regions.count - 1)
    }

    mutating func leave(at row: Int) {
        guard let region = self.open.popLast() else { preconditionFailure("no region is open") }
        self.regions[region].constraints = self.regions[region].constraints.lowerBound..<row
    }
}

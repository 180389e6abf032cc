/// Which time and device an observation inherits from the observations that contain it.
///
/// OBX-4 places an observation in the containment tree of IHE PCD-01 (PCD TF-2 appendix B): device, virtual device,
/// channel, metric and facet, separated by dots. Ancestors carry zeros below their own level ("1.2.0.0") or are shorter
/// ("1.2"); both are the same place. Inheritance stays within one order (OBR). Facets, below level four, share
/// the time of their metric's first facet when the metric itself has no observation.
struct HL7Containment {
    /// What an observation says of itself; an empty range for what it leaves out.
    struct Facts {
        var time: Range<Int>?
        var device: Range<Int>?
    }

    private struct Place: Hashable {
        let order: Int
        let path: [UInt8]
    }

    /// Longer sub-ids are names, not places.
    private static let pathBytesMax = 96
    private static let metricLevel = 4

    private var places: [Place: Facts] = [:]
    private var metrics: [Place: Range<Int>] = [:]

    /// Takes one observation into account.
    mutating func insert(subID: some Collection<UInt8>, order: Int, time: Range<Int>, device: Range<Int>) {
        guard !subID.isEmpty, subID.count <= Self.pathBytesMax, !time.isEmpty || !device.isEmpty else { return }
        let path = Self.normalized(Array(subID))
        let place = Place(order: order, path: path)
        var facts = self.places[place] ?? Facts()
        if facts.time == nil, !time.isEmpty { facts.time = time }
        if facts.device == nil, !device.isEmpty { facts.device = device }
        self.places[place] = facts
        if !time.isEmpty, let metric = Self.metric(of: path) {
            let place = Place(order: order, path: metric)
            if self.metrics[place] == nil { self.metrics[place] = time }
        }
    }

    /// The time and the device of the nearest observation at the place or above it.
    func inherited(subID: some Collection<UInt8>, order: Int) -> Facts {
        var found = Facts()
        guard !self.places.isEmpty, !subID.isEmpty, subID.count <= Self.pathBytesMax else { return found }
        var path = Self.normalized(Array(subID))
        while true {
            let place = Place(order: order, path: path)
            let facts = self.places[place]
            if found.time == nil { found.time = facts?.time ?? self.metrics[place] }
            if found.device == nil { found.device = facts?.device }
            if found.time != nil, found.device != nil { return found }
            guard let dot = path.lastIndex(of: UInt8(ascii: ".")) else { return found }
            path = Self.normalized(Array(path[..<dot]))
        }
    }

    /// Without the zeros at the end that only fill the lower levels.
    private static func normalized(_ path: [UInt8]) -> [UInt8] {
        var end = path.count
        while end >= 2, path[end - 1] == UInt8(ascii: "0"), path[end - 2] == UInt8(ascii: ".") { end -= 2 }
        return end == path.count ? path : Array(path[..<end])
    }

    /// The metric that a facet belongs to; nil for the levels above facets.
    private static func metric(of path: [UInt8]) -> [UInt8]? {
        guard path.count(where: { $0 == UInt8(ascii: ".") }) >= self.metricLevel,
            let dot = path.lastIndex(of: UInt8(ascii: "."))
        else { return nil }
        return Array(path[..<dot])
    }
}

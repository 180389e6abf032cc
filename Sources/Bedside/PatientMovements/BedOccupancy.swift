/// A time in which a bed belongs to one patient; half-open, ms since 1970.
package struct BedInterval: Sendable, Hashable {
    /// The patient's pseudonym.
    package let patient: String
    package let from: Int64
    /// nil while it lasts.
    package let to: Int64?

    package init(patient: String, from: Int64, to: Int64?) {
        self.patient = patient
        self.from = from
        self.to = to
    }
}

/// Whose a bed is, out of what several patients' movements claim: at most one patient at a time.
struct BedOccupancy: Sendable {
    /// Ascending, without overlaps.
    private(set) var intervals: [BedInterval] = []
    /// Times in which two or more patients claim the bed: it is nobody's.
    private(set) var conflicts: [Contradiction] = []

    /// Resolves the claims on one bed, in any order.
    init(bed: String, claims: [BedInterval]) {
        let edges = Set(claims.flatMap { [$0.from] + ($0.to.map { [$0] } ?? []) }).sorted()
        for (index, start) in edges.enumerated() {
            let end = index + 1 < edges.count ? edges[index + 1] : nil
            let holders = Set(claims.filter { $0.from <= start && start < $0.to ?? .max }.map(\.patient)).sorted()
            switch holders.count {
            case 0: break
            case 1: self.add(holders[0], from: start, to: end)
            default: self.addConflict(holders, bed, from: start, to: end)
            }
        }
    }

    private mutating func add(_ patient: String, from: Int64, to: Int64?) {
        if let last = self.intervals.last, last.patient == patient, last.to == from {
            self.intervals[self.intervals.count - 1] = BedInterval(patient: patient, from: last.from, to: to)
        } else {
            self.intervals.append(BedInterval(patient: patient, from: from, to: to))
        }
    }

    private mutating func addConflict(_ patients: [String], _ bed: String, from: Int64, to: Int64?) {
        var start = from
        if let last = self.conflicts.last, last.patients == patients, last.end == from {
            start = last.time
            self.conflicts.removeLast()
        }
        self.conflicts.append(Contradiction(.bedTakenTwice, patients: patients, bed: bed, time: start, end: to))
    }
}

extension [BedInterval] {
    /// What is left of these intervals beside others that go before them.
    ///
    /// - Parameter others: (first moment, first moment after; nil while it lasts), in any order.
    /// - Returns: pieces in ascending order.
    package func cut(by others: [(from: Int64, to: Int64?)]) -> [BedInterval] {
        var rest = self
        for other in others {
            rest = rest.flatMap { interval -> [BedInterval] in
                let end = interval.to ?? .max
                let otherEnd = other.to ?? .max
                guard interval.from < otherEnd, other.from < end else { return [interval] }
                var pieces: [BedInterval] = []
                if interval.from < other.from {
                    pieces.append(BedInterval(patient: interval.patient, from: interval.from, to: other.from))
                }
                if otherEnd < end {
                    pieces.append(BedInterval(patient: interval.patient, from: otherEnd, to: interval.to))
                }
                return pieces
            }
        }
        return rest
    }
}

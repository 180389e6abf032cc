/// That one patient belongs to a bed or a device for a time.
package struct PatientAssociation: Sendable, Hashable {
    package enum Subject: Sendable, Hashable {
        /// Ward and bed joined by `/`, as in ``MessageReadings/bed``.
        case bed(String)
        case device(String)
    }

    package let subject: Subject
    /// The patient's pseudonym, hexadecimal.
    package let patient: String
    /// First moment, milliseconds since 1970 UTC.
    package let from: Int64
    /// First moment that no longer belongs to it, milliseconds since 1970 UTC; nil while it lasts.
    package let to: Int64?

    package init(subject: Subject, patient: String, from: Int64, to: Int64? = nil) {
        self.subject = subject
        self.patient = patient
        self.from = from
        self.to = to
    }
}

/// Which patient a reading belongs to: at most one answer, and never the previous patient of the bed.
///
/// Changed by making a new map of a changed list, or by replacing the associations of one subject.
package struct BedMap: Sendable {
    /// Per subject in ascending order of time, without overlaps.
    private var associations: [PatientAssociation.Subject: [PatientAssociation]]

    /// A map that knows nobody.
    package init() {
        self.associations = [:]
    }

    /// Builds a map.
    ///
    /// - Throws: ``BedMapError`` when an association is empty or two of one subject overlap, even for the same patient.
    package init(_ associations: [PatientAssociation]) throws(BedMapError) {
        var bySubject: [PatientAssociation.Subject: [PatientAssociation]] = [:]
        for association in associations {
            if let to = association.to, to <= association.from { throw .empty(association) }
            bySubject[association.subject, default: []].append(association)
        }
        for subject in Array(bySubject.keys) {
            bySubject[subject]?.sort { $0.from < $1.from }
            try Self.refuseOverlap(bySubject[subject] ?? [])
        }
        self.associations = bySubject
    }

    private static func refuseOverlap(_ sorted: [PatientAssociation]) throws(BedMapError) {
        for (earlier, later) in zip(sorted, sorted.dropFirst()) {
            guard let end = earlier.to, end <= later.from else { throw .overlap(earlier, later) }
        }
    }

    /// Replaces all associations of one subject.
    ///
    /// - Parameters:
    ///   - associations: in any order. When two overlap, or one is empty, none is taken: the subject is nobody's.
    ///   - subject: of every one of them.
    package mutating func replace(_ associations: [PatientAssociation], of subject: PatientAssociation.Subject) {
        let sorted = associations.sorted { $0.from < $1.from }
        let isSound = sorted.allSatisfy { $0.from < $0.to ?? .max }
        let isApart = zip(sorted, sorted.dropFirst()).allSatisfy { earlier, later in
            earlier.to.map { $0 <= later.from } ?? false
        }
        self.associations[subject] = sorted.isEmpty || !isSound || !isApart ? nil : sorted
    }

    /// The pseudonym of the patient at a moment; the device's own association beats that of its bed.
    ///
    /// Intervals are half-open, so a reading at the instant of discharge no longer belongs to the discharged.
    ///
    /// - Parameters:
    ///   - device: the device's identifier.
    ///   - bed: ward and bed joined by `/`, when the message says so.
    ///   - nanoseconds: effective time, nanoseconds since 1970 UTC.
    /// - Returns: nil outside every association.
    package func patient(device: String, bed: String?, at nanoseconds: Int64) -> String? {
        guard !self.associations.isEmpty else { return nil }
        let milliseconds = nanoseconds.millisecondsFloor
        if let patient = self.patient(of: .device(device), at: milliseconds) { return patient }
        return bed.flatMap { self.patient(of: .bed($0), at: milliseconds) }
    }

    private func patient(of subject: PatientAssociation.Subject, at milliseconds: Int64) -> String? {
        guard let sorted = self.associations[subject] else { return nil }
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle].from <= milliseconds { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        let candidate = sorted[low - 1]
        return candidate.to.map { milliseconds < $0 } ?? true ? candidate.patient : nil
    }
}

/// Why a list of associations is refused.
package enum BedMapError: Error, Equatable, Sendable, CustomStringConvertible {
    /// It ends before it begins, or at once.
    case empty(PatientAssociation)
    /// Two associations of one subject share a moment.
    case overlap(PatientAssociation, PatientAssociation)

    package var description: String {
        switch self {
        case .empty(let association):
            "the association of \(association.subject.text) from \(association.from) to \(association.to ?? 0) is empty"
        case .overlap(let first, let second):
            "two associations of \(first.subject.text) overlap: from \(first.from) and from \(second.from)"
        }
    }
}

extension PatientAssociation.Subject {
    fileprivate var text: String {
        switch self {
        case .bed(let bed): "bed \(bed)"
        case .device(let device): "device \(device)"
        }
    }
}

extension Int64 {
    /// Whole milliseconds in nanoseconds, rounded down also before 1970.
    var millisecondsFloor: Int64 {
        self >= 0 ? self / 1_000_000 : (self + 1) / 1_000_000 - 1
    }
}

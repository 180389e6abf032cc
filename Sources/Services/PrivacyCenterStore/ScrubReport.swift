/// One thing that is not as it was written.
package struct ScrubFinding: Sendable, Equatable, CustomStringConvertible {
    /// The table, or the file.
    package let place: String
    /// Which row or page of it.
    package let key: String
    package let problem: String

    package var description: String { "\(self.place) \(self.key): \(self.problem)" }
}

/// What a scrub tells while it runs.
package enum ScrubEvent: Sendable, Equatable {
    case finding(ScrubFinding)
    /// So many rows or pages of a place are done; `total` is 0 when it is not known.
    case progress(place: String, done: UInt64, total: UInt64)
}

/// What a scrub looked at, and found.
package struct ScrubReport: Sendable, Equatable {
    /// The first findings; at most ``findingsMax``.
    package internal(set) var findings: [ScrubFinding] = []
    /// How many there were in all.
    package internal(set) var findingCount: UInt64 = 0
    /// What could not be checked, and how to make it so.
    package internal(set) var notes: [String] = []
    package internal(set) var envelopes: UInt64 = 0
    /// Bytes of the envelopes' encodings.
    package internal(set) var envelopeBytes: UInt64 = 0
    package internal(set) var nodes: UInt64 = 0
    package internal(set) var certificates: UInt64 = 0
    package internal(set) var rekeys: UInt64 = 0
    package internal(set) var nonces: UInt64 = 0
    /// Pages of the database file whose digests were compared.
    package internal(set) var pages: UInt64 = 0

    /// How many findings a report keeps; all of them are reported as they come.
    package static let findingsMax = 1_000

    /// Whether nothing was found.
    package var isClean: Bool { self.findingCount == 0 }
}

internal import Normalization

/// What a replay found and issued; no value of a patient is in it.
package struct ReplaySummary: Sendable, Equatable {
    /// A kind of difference: Observations of equal codes that changed in the same respects.
    package struct Difference: Sendable, Hashable, Comparable {
        /// `corrected`, `withdrawn` or `new`.
        package let kind: String
        /// Code before; empty for a new one.
        package let from: String
        /// Code now; empty for a withdrawn one.
        package let to: String
        /// What differs, such as `code` and `value`.
        package let respects: [String]

        package static func < (left: Difference, right: Difference) -> Bool {
            (left.kind, left.from, left.to, left.respects.joined(separator: ","))
                < (right.kind, right.from, right.to, right.respects.joined(separator: ","))
        }
    }

    /// Messages that the profile reads, or has read.
    package var messages = 0
    package var unchanged = 0
    package var corrected = 0
    package var withdrawn = 0
    package var new = 0
    /// New readings that another message had given already.
    package var known = 0
    /// Messages that the profile cannot read now; their Observations stay as they are.
    package var failing = 0
    /// Observations of such messages.
    package var kept = 0
    /// The first reasons of them.
    package var reasons: [String] = []
    /// How often each kind of difference was found.
    package var differences: [Difference: Int] = [:]
    /// Start of what could be read again, ms since 1970: nothing before it is kept here.
    package var from: Int64 = 0

    /// Whether nothing had to be issued.
    package var isClean: Bool { self.corrected == 0 && self.withdrawn == 0 && self.new == 0 }
    /// Kinds of difference, the most frequent first.
    package var table: [(difference: Difference, count: Int)] {
        self.differences.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
    }

    /// Adds what came of one message.
    ///
    /// - Parameters:
    ///   - result: of the comparison.
    ///   - issued: those of its lines that are issued; the others were known already.
    ///   - reasons: why the message, or a part of it, cannot be read.
    mutating func note(_ result: Renormalized, issued: [Reissued], reasons: [String]) {
        self.messages += 1
        self.known += result.reissued.count - issued.count
        self.unchanged += result.unchanged
        self.kept += result.kept
        if let reason = reasons.first {
            self.failing += 1
            if self.reasons.count < 8, !self.reasons.contains(reason) { self.reasons.append(reason) }
        }
        for item in issued {
            switch item.kind {
            case .corrected: self.corrected += 1
            case .withdrawn: self.withdrawn += 1
            case .new: self.new += 1
            }
            let after = item.reading == nil ? nil : WrittenObservation(item.line[...])
            let difference = Difference(
                kind: item.kind.rawValue,
                from: item.before?.code ?? "",
                to: after?.code ?? "",
                respects: item.differences
            )
            self.differences[difference, default: 0] += 1
        }
    }
}

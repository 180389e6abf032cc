/// Brings some Observations to a FHIR server, whatever it answers: says what to send next, and takes what came of it.
///
/// Pure: who sends, when, and how long it waits are the sink's business. A Bundle of which the server says that it is wrong, without
/// saying where, is halved until the entry is alone.
struct FHIRDelivery {
    /// What to do after an answer.
    enum Step: Equatable {
        /// Send the next Bundle.
        case goOn
        /// The same again, later; why.
        case wait(String)
    }

    /// Counts of what became of entries and requests.
    struct Counts: Sendable, Equatable {
        var created: UInt64 = 0
        var present: UInt64 = 0
        var updated: UInt64 = 0
        var refused: UInt64 = 0
        /// Entries that were sent again after the server had said not now.
        var again: UInt64 = 0
        /// Bundles that were answered.
        var answered: UInt64 = 0
        /// Bundles without an answer, or turned down as a whole.
        var failed: UInt64 = 0

        static func + (left: Counts, right: Counts) -> Counts {
            Counts(
                created: left.created + right.created,
                present: left.present + right.present,
                updated: left.updated + right.updated,
                refused: left.refused + right.refused,
                again: left.again + right.again,
                answered: left.answered + right.answered,
                failed: left.failed + right.failed
            )
        }
    }

    /// What the server will never take, with why.
    private(set) var refused: [(entry: FHIRSubmission.Entry, why: String)] = []
    private(set) var counts = Counts()
    private var groups: [[FHIRSubmission.Entry]]

    /// - Parameter entries: no identifier twice.
    init(_ entries: [FHIRSubmission.Entry]) { self.groups = entries.isEmpty ? [] : [entries] }

    /// What to send; nil when the server has said its last word on everything.
    var next: [FHIRSubmission.Entry]? { self.groups.first }

    /// Takes the answer to ``next``.
    mutating func take(_ answer: FHIRAnswer) -> Step {
        guard let group = self.groups.first else { return .goOn }
        switch answer {
        case .entries(let verdicts) where verdicts.count == group.count:
            self.counts.answered += 1
            self.groups.removeFirst()
            return self.take(verdicts, of: group)
        case .entries: return self.fail("the server's answer does not fit the request")
        case .none(let why): return self.fail(why)
        case .status(let status):
            guard case .refused(let why) = FHIRVerdict(status: status, isUpdate: true) else {
                return self.fail("HTTP \(status)")
            }
            self.counts.failed += 1
            self.groups.removeFirst()
            if group.count > 1 {
                let middle = group.count / 2
                self.groups.insert(contentsOf: [Array(group[..<middle]), Array(group[middle...])], at: 0)
                return .goOn
            }
            // A transaction of one entry gives the entry's status as its own.
            return self.take([FHIRVerdict(status: status, isUpdate: group[0].isUpdate)], of: group, or: why)
        }
    }

    private mutating func fail(_ why: String) -> Step {
        self.counts.failed += 1
        return .wait(why)
    }

    private mutating func take(_ verdicts: [FHIRVerdict], of group: [FHIRSubmission.Entry], or reason: String = "")
        -> Step
    {
        var left: [FHIRSubmission.Entry] = []
        var why = reason
        for (verdict, entry) in zip(verdicts, group) {
            switch verdict {
            case .created: self.counts.created += 1
            case .present: self.counts.present += 1
            case .updated: self.counts.updated += 1
            case .refused(let reason):
                self.counts.refused += 1
                self.refused.append((entry, reason))
            case .again(let reason):
                self.counts.again += 1
                left.append(entry)
                why = reason
            }
        }
        guard !left.isEmpty else { return .goOn }
        self.groups.insert(left, at: 0)
        return .wait("\(left.count) of \(group.count) Observations: \(why)")
    }
}

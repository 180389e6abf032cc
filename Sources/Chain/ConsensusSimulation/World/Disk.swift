internal import Consensus

/// A validator's log on a disk that can stop at any write.
///
/// A record is written and synchronized by one `persist`; a crash in the middle leaves either the whole record or a
/// torn tail, which reading back cuts off: what remains is always a prefix.
struct Disk: Sendable {
    private(set) var log: [LogRecord] = []
    /// The votes that the log and its forgotten predecessors held.
    private(set) var durable: Set<LoggedVote> = []

    mutating func append(_ record: LogRecord) {
        if case .committed = record { return }
        self.log.append(record)
        if let vote = LoggedVote(record) { self.durable.insert(vote) }
    }

    /// Replaces the log by one that says the same.
    mutating func compact(_ records: [LogRecord]) { self.log = records }

    mutating func lose() { self.log = [] }
}

/// A vote as the monitor compares it: what was said about which slot or view.
struct LoggedVote: Hashable, Sendable {
    enum Kind: UInt8 { case prepare, commit, viewChange, newView }

    let kind: Kind
    let epoch: CommitteeEpoch
    let view: View
    let height: Height
    let signature: [UInt8]

    private init(_ kind: Kind, _ epoch: CommitteeEpoch, _ view: View, _ height: Height, _ signature: [UInt8]) {
        self.kind = kind
        self.epoch = epoch
        self.view = view
        self.height = height
        self.signature = signature
    }

    init(_ vote: Prepare) {
        self.init(.prepare, vote.slot.epoch, vote.slot.view, vote.slot.height, vote.signature)
    }

    init(_ vote: Commit) { self.init(.commit, vote.slot.epoch, vote.slot.view, vote.slot.height, vote.signature) }

    init(_ vote: ViewChange) { self.init(.viewChange, vote.epoch, vote.view, 0, vote.signature) }

    init(_ vote: NewView) { self.init(.newView, vote.epoch, vote.view, 0, vote.signature) }

    init?(_ record: LogRecord) {
        switch record {
        case .prepared(_, let own): self.init(own)
        case .committing(_, _, let own): self.init(own)
        case .viewChange(let own): self.init(own)
        case .newView(let opening): self.init(opening)
        case .committed: return nil
        }
    }
}

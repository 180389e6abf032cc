internal import Consensus

/// A validator's log on a disk that can stop at any write, and rot.
///
/// A record is written and synchronized by one `persist`; a crash in the middle leaves nothing, the whole record or a
/// part of its bytes. The bytes of the file are made when somebody reads them: at a start.
struct Disk: Sendable {
    private(set) var log: [LogRecord] = []
    /// The votes that the log and its forgotten predecessors held.
    private(set) var durable: Set<LoggedVote> = []
    /// The first bytes of a record whose write was cut off.
    private var tornTail: [UInt8] = []
    /// A bit of the file that turned over.
    private var flipped: UInt64?

    mutating func append(_ record: LogRecord) {
        if case .committed = record { return }
        self.log.append(record)
        if let vote = LoggedVote(record) { self.durable.insert(vote) }
    }

    /// The machine stops while this record is being written; `share` thousandths of its bytes arrive.
    mutating func tear(_ record: LogRecord, share: Int) {
        if case .committed = record { return }
        let frame = LogImage.frame(record, number: self.log.count)
        self.tornTail = Array(frame.prefix(min(frame.count - 1, frame.count * share / 1_000)))
    }

    /// Replaces the log by one that says the same.
    mutating func compact(_ records: [LogRecord]) {
        self.log = records
        self.flipped = nil
    }

    mutating func lose() {
        self.log = []
        self.tornTail = []
        self.flipped = nil
    }

    /// Turns over a bit of a record that is not the last one.
    ///
    /// - Returns: whether there are two records at least.
    mutating func flip(_ choice: UInt64) -> Bool {
        guard self.log.count >= 2 else { return false }
        self.flipped = choice
        return true
    }

    /// Reads the log as a start does, and cuts a torn tail off.
    mutating func read(blocks reader: any BlockReader) -> LogImage.Content {
        var frames = self.log.enumerated().map { LogImage.frame($1, number: $0) }
        if let choice = self.flipped, frames.count >= 2 {
            let victim = Int(choice % UInt64(frames.count - 1))
            let bit = Int(choice / UInt64(frames.count) % UInt64(frames[victim].count * 8))
            frames[victim][bit / 8] ^= 1 << UInt8(bit % 8)
        }
        let content = LogImage.read(Array(frames.joined()) + self.tornTail, blocks: reader)
        if case .records(let records, _) = content {
            self.log = records
            self.tornTail = []
        }
        return content
    }
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

internal import Consensus

/// Watches every message and every committed block of the whole consortium; knows who is correct.
///
/// It is written from the properties, not from the replica's code: quorum sizes and certificates are computed here
/// again.
struct Monitor: Sendable {
    let keys: KeyRing
    let correct: Set<ReplicaID>
    private let genesis: Committee
    var time: UInt64 = 0
    private(set) var violation: Violation?

    /// The one chain: what the first correct validator committed at each height.
    var chain: [CertifiedBlock] = []
    var commitTimes: [UInt64] = []
    var executed: Set<UInt64> = []
    /// The state's root after each height.
    var roots: [UInt64] = []
    var committees: [CommitteeEpoch: Committee]
    /// The last height that each epoch decides, once known.
    var lastHeight: [CommitteeEpoch: Height] = [:]
    var lastBlock: [CommitteeEpoch: BlockHash] = [:]

    var votes: [VoteKey: Slot] = [:]
    private var leftViews: [ReplicaID: EpochView] = [:]
    private var highestView: [CommitteeEpoch: View] = [:]
    private var shares: [Slot: Set<ReplicaID>] = [:]
    private var decided: [Height: Slot] = [:]
    private(set) var evidence: [Evidence] = []
    private(set) var viewChanges = 0
    /// Signed messages of correct validators, each once; nil when nobody wants them.
    var archive: [Message]?
    private var archived: Set<Message> = []

    struct VoteKey: Hashable {
        let replica: ReplicaID
        let isCommit: Bool
        let epoch: CommitteeEpoch
        let view: View
        let height: Height
    }

    private struct EpochView: Hashable, Comparable {
        let epoch: CommitteeEpoch
        let view: View

        static func < (left: Self, right: Self) -> Bool {
            (left.epoch, left.view) < (right.epoch, right.view)
        }
    }

    init(keys: KeyRing, correct: Set<ReplicaID>, genesis: Committee) {
        self.keys = keys
        self.correct = correct
        self.genesis = genesis
        self.committees = [0: genesis]
    }

    mutating func fail(_ invariant: Violation.Invariant, _ detail: String) {
        if self.violation == nil { self.violation = Violation(invariant: invariant, detail: detail, time: self.time) }
    }

    /// `⌈(n+f+1)/2⌉` with `f = ⌊(n-1)/3⌋`, computed apart from ``Committee``.
    static func quorum(_ size: Int) -> Int {
        let faults = (size - 1) / 3
        return (size + faults + 2) / 2
    }

    // MARK: - Votes

    /// A correct validator has made a record durable.
    mutating func logged(_ record: LogRecord, by host: Host) {
        switch record {
        case .prepared(let proposal, let own):
            self.requireLeader(proposal, host)
            self.logged(own, by: host)
        case .committing(_, _, let own):
            self.requireConsistent(own.slot, of: host.id, isCommit: true)
            self.requireInReach(own.slot, host)
            self.requireOrder(own.slot, host)
        case .viewChange(let own): self.logged(own, by: host)
        case .newView(let opening): self.note(view: opening.view, of: opening.epoch)
        case .committed: break
        }
    }

    /// The proposal is the coordinator's, or that of the leader whose turn it is.
    private mutating func requireLeader(_ proposal: PrePrepare, _ host: Host) {
        let slot = proposal.slot
        guard let committee = self.committees[slot.epoch] else { return }
        let leaders = committee.members.map(\.id).filter { !committee.barredFromLeading.contains($0) }
        let turn = committee.blocksPerLeader == 0 ? 0 : slot.height / committee.blocksPerLeader
        let lawful = [slot.view, slot.view + turn].map { leaders[Int($0 % UInt64(leaders.count))] }
        if !lawful.contains(proposal.vote.replica) {
            self.fail(.order, "\(host.id) follows \(proposal.vote.replica), which does not lead")
        }
    }

    /// The block follows from the one that the validator has committed or prepared in the same view.
    private mutating func requireParent(_ slot: Slot, _ host: Host) {
        guard slot.height > host.replica.committed.height + 1 else { return }
        let below = VoteKey(
            replica: host.id,
            isCommit: false,
            epoch: slot.epoch,
            view: slot.view,
            height: slot.height - 1
        )
        if self.votes[below]?.block != slot.parent {
            self.fail(.order, "\(host.id) prepares height \(slot.height) without its parent")
        }
    }

    private mutating func logged(_ vote: Prepare, by host: Host) {
        let slot = vote.slot
        self.requireParent(slot, host)
        self.requireConsistent(slot, of: host.id, isCommit: false)
        self.requireInReach(slot, host)
        if let decision = self.decided[slot.height], decision.block != slot.block,
            (decision.epoch, decision.view) < (slot.epoch, slot.view)
        {
            self.fail(
                .decided,
                "\(host.id) prepared \(slot.block) at height \(slot.height) in view \(slot.view), "
                    + "\(decision.block) was decided in view \(decision.view)"
            )
        }
    }

    /// A message leaves a validator, correct or not.
    mutating func sent(_ message: Message, by host: Host, isCorrect: Bool) {
        if case .commit(let vote) = message { self.count(vote) }
        guard isCorrect else { return }
        if self.archive != nil, message.isSigned(by: host.id), self.archived.insert(message).inserted {
            self.archive?.append(message)
        }
        switch message {
        case .prePrepare(let proposal): self.sent(proposal.vote.slot, LoggedVote(proposal.vote), by: host)
        case .prepare(let vote) where vote.replica == host.id: self.sent(vote.slot, LoggedVote(vote), by: host)
        case .commit(let vote): self.sent(vote.slot, LoggedVote(vote), by: host)
        case .viewChange(let vote): self.requireDurable(LoggedVote(vote), host, "view change to \(vote.view)")
        case .newView(let opening) where opening.replica == host.id:
            self.requireDurable(LoggedVote(opening), host, "new view \(opening.view)")
        default: break
        }
    }

    private mutating func sent(_ slot: Slot, _ vote: LoggedVote, by host: Host) {
        self.requireDurable(vote, host, "\(vote.kind) of height \(slot.height)")
        self.requireNotLeft(slot, host.id)
    }

    private mutating func requireDurable(_ vote: LoggedVote, _ host: Host, _ what: String) {
        if !host.disk.durable.contains(vote) { self.fail(.durability, "\(host.id) sent a \(what) before its log") }
    }

    private mutating func requireNotLeft(_ slot: Slot, _ replica: ReplicaID) {
        if let left = self.leftViews[replica], EpochView(epoch: slot.epoch, view: slot.view) < left {
            self.fail(.leftView, "\(replica) votes in view \(slot.view), it had left for \(left.view)")
        }
    }

    /// Commits leave in the order of heights.
    private mutating func requireOrder(_ slot: Slot, _ host: Host) {
        guard slot.height > host.replica.committed.height + 1 else { return }
        let below = VoteKey(
            replica: host.id,
            isCommit: true,
            epoch: slot.epoch,
            view: slot.view,
            height: slot.height - 1
        )
        guard let vote = self.votes[below], vote.block == slot.parent else {
            self.fail(.order, "\(host.id) commits height \(slot.height) before its parent")
            return
        }
    }

    private mutating func requireInReach(_ slot: Slot, _ host: Host) {
        let committed = host.replica.committed.height
        if slot.height > committed + UInt64(host.setting.configuration.window) {
            self.fail(.order, "\(host.id) votes for height \(slot.height), \(committed) is committed")
        }
        if self.lastBlock[slot.epoch] == slot.parent {
            self.fail(.order, "\(host.id) votes in epoch \(slot.epoch) for height \(slot.height) past its end")
        }
    }

    private mutating func requireConsistent(_ slot: Slot, of replica: ReplicaID, isCommit: Bool) {
        let key = VoteKey(
            replica: replica,
            isCommit: isCommit,
            epoch: slot.epoch,
            view: slot.view,
            height: slot.height
        )
        let other = VoteKey(
            replica: replica,
            isCommit: !isCommit,
            epoch: slot.epoch,
            view: slot.view,
            height: slot.height
        )
        for known in [self.votes[key], self.votes[other]] {
            if let known, known != slot {
                self.fail(.contradiction, "\(replica) voted twice at height \(slot.height) of view \(slot.view)")
            }
        }
        self.votes[key] = slot
        self.requireNotLeft(slot, replica)
    }

    private mutating func logged(_ vote: ViewChange, by host: Host) {
        let here = EpochView(epoch: vote.epoch, view: vote.view)
        if let left = self.leftViews[host.id], here < left {
            self.fail(.leftView, "\(host.id) wants view \(vote.view), it had left for \(left.view)")
        }
        if self.leftViews[host.id] != here { self.viewChanges += 1 }
        self.leftViews[host.id] = here
        if vote.view > (self.highestView[vote.epoch] ?? 0) + 1 {
            self.fail(.viewJump, "\(host.id) wants view \(vote.view), which no correct one had reason to want")
        }
        self.note(view: vote.view, of: vote.epoch)
    }

    private mutating func note(view: View, of epoch: CommitteeEpoch) {
        self.highestView[epoch] = max(self.highestView[epoch] ?? 0, view)
    }

    /// Every commit share that exists, also of faulty validators: two quorums at one height are a fork even if
    /// nobody has put them together yet.
    private mutating func count(_ vote: Commit) {
        guard let committee = self.committees[vote.slot.epoch], committee.contains(vote.replica) else { return }
        self.shares[vote.slot, default: []].insert(vote.replica)
        guard self.shares[vote.slot]?.count == Self.quorum(committee.size) else { return }
        if let decision = self.decided[vote.slot.height] {
            if decision.block != vote.slot.block {
                self.fail(.agreement, "\(decision.block) and \(vote.slot.block) both have a quorum")
            }
        } else {
            self.decided[vote.slot.height] = vote.slot
        }
    }

    mutating func reported(_ evidence: Evidence, by host: Host) {
        if self.correct.contains(evidence.culprit) { self.fail(.framing, "\(evidence.culprit) is framed") }
        var committees = CommitteeHistory(genesis: self.genesis)
        for (epoch, last) in self.lastHeight.sorted(by: { $0.key < $1.key }) {
            if let next = self.committees[epoch + 1] { committees.follow(next, after: last) }
        }
        let stands = (try? Evidence(bytes: evidence.bytes)) == evidence
        if !stands || !evidence.holds(chain: SimulatedWorld.chain, committees: committees, scheme: self.keys.scheme) {
            self.fail(.framing, "evidence does not hold")
        }
        self.evidence.append(evidence)
    }
}

extension Message {
    /// Whether this is a vote or a view message of this replica's own.
    fileprivate func isSigned(by id: ReplicaID) -> Bool {
        switch self {
        case .prePrepare(let proposal): proposal.vote.replica == id
        case .prepare(let vote): vote.replica == id
        case .commit(let vote): vote.replica == id
        case .viewChange(let viewChange): viewChange.replica == id
        case .newView(let opening): opening.replica == id
        default: false
        }
    }
}

/// What a replica knows about one height that is not committed yet.
struct HeightState: Sendable {
    /// How far the proposal of this view has come here.
    enum Stage: Sendable {
        /// Waits for its parent, or there is none.
        case waiting
        /// The ledger executes it.
        case validating
        /// The own prepare vote is given.
        case accepted
    }

    /// A block that this replica has voted to commit, with the certificate of the highest such view.
    struct Prepared: Sendable {
        let certificate: PreparedCertificate
        let block: Block
    }

    /// Survives view changes.
    var prepared: Prepared?
    /// A block that had to be fetched because a new view repeats it or because its commits came first.
    var fetched: Block?

    // Of the current view only.
    var proposal: PrePrepare?
    var stage = Stage.waiting
    var ownPrepare: Prepare?
    var ownCommit: Commit?
    var prepares = VoteTally<Prepare>()
    var commits = VoteTally<Commit>()
    /// Members whose commits do not count, because their shares are wrong; ascending.
    var wrongShares: [ReplicaID] = []

    mutating func enterView(keepingCommits: Bool) {
        self.proposal = nil
        self.stage = .waiting
        self.ownPrepare = nil
        self.ownCommit = nil
        self.prepares = VoteTally()
        guard !keepingCommits else { return }
        self.commits = VoteTally()
        self.wrongShares = []
    }

    /// The block of that hash, when it is here.
    func block(_ hash: BlockHash) -> Block? {
        if let block = self.proposal?.block, block.hash == hash { return block }
        if let block = self.prepared?.block, block.hash == hash { return block }
        if let block = self.fetched, block.hash == hash { return block }
        return nil
    }
}

/// The heights above the last committed one, without gaps.
struct HeightWindow: Sendable {
    private(set) var lowest: Height
    private var states: [HeightState]

    /// Starts above a committed block; `size` is twice the window, since a peer may be a window ahead.
    init(above committed: Height, size: Int) {
        self.lowest = committed + 1
        self.states = Array(repeating: HeightState(), count: size)
    }

    var heights: Range<Height> { self.lowest..<self.lowest + UInt64(self.states.count) }

    subscript(height: Height) -> HeightState {
        get { self.states[Int(height - self.lowest)] }
        _modify { yield &self.states[Int(height - self.lowest)] }
    }

    /// Forgets everything up to `committed`.
    mutating func move(to committed: Height) {
        let gone = Int(min(committed + 1 - self.lowest, UInt64(self.states.count)))
        self.states.removeFirst(gone)
        self.states.append(contentsOf: repeatElement(HeightState(), count: gone))
        self.lowest = committed + 1
    }

    mutating func enterView(keepingCommits: Bool) {
        for index in self.states.indices { self.states[index].enterView(keepingCommits: keepingCommits) }
    }

    mutating func clear() { self.states = self.states.map { _ in HeightState() } }
}

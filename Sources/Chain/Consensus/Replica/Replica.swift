/// One PBFT replica as a pure state machine (Castro and Liskov, *Practical Byzantine Fault Tolerance*, OSDI 1999).
///
/// ``step(_:)`` takes one event and returns what the shell must do, in order. There is no clock, no randomness, no
/// socket and no unordered collection inside: equal events give equal effects. Every file of this folder extends
/// the replica by one rule.
///
/// Blocks form a chain and each one has its own certificate, so every committed block is a stable checkpoint; what
/// lies below it is forgotten at once.
package struct Replica: Sendable {
    package let id: ReplicaID
    package let chain: ChainContext
    package let configuration: ReplicaConfiguration
    package let genesis: BlockHash
    let signer: any ReplicaSigner
    let scheme: any SignatureScheme
    let broken: BrokenRules

    /// Every committee so far.
    package internal(set) var committees: CommitteeHistory
    /// The view that the replica is in, or wants to enter while ``isChangingView``.
    package internal(set) var view: View = 0
    package internal(set) var isChangingView = false
    /// The last committed block.
    package internal(set) var committed: StablePoint

    var window: HeightWindow
    /// What the opening of the current view demands; nil in view 0 of an epoch.
    var opening: NewView?
    var openingRule: NewViewRule?
    var viewChanges = ViewChangeTable()
    var ownViewChange: ViewChange?
    var early: EarlyMessages
    var guardian = VoteGuard()
    var silence: Silence?

    // Leading.
    var draft: Draft?
    var isWorkPending = false

    // Suspicion.
    var attempts = 0
    var silentTicks = 0
    /// Since this view began, or since the start.
    var ticksInView = 0
    var isProgressTimed = false
    var isNewViewTimed = false
    var generation: UInt64 = 0
    var running: [TimerToken] = []

    // State transfer.
    var peers: [PeerProgress] = []
    /// Whether a question was asked in this tick.
    var isBlockRequested = false
    var lastAsked: ReplicaID?
    var pace = BlockPace()
    var earliestHeld: Height = 1

    var reported: [Evidence] = []
    var effects: [Effect] = []

    /// A replica of a new chain.
    ///
    /// - Parameters:
    ///   - id: the replica's own number.
    ///   - chain: what its signatures are bound to.
    ///   - genesis: the hash of block 0 and the committee that it names.
    ///   - configuration: times and sizes.
    ///   - signer: the replica's keys.
    ///   - scheme: how certificates are made.
    package init(
        id: ReplicaID,
        chain: ChainContext,
        genesis: (hash: BlockHash, committee: Committee),
        configuration: ReplicaConfiguration,
        signer: any ReplicaSigner,
        scheme: any SignatureScheme
    ) {
        self.init(
            id: id,
            chain: chain,
            genesis: genesis,
            configuration: configuration,
            signer: signer,
            scheme: scheme,
            breaking: []
        )
    }

    /// As above, with rules switched off: for tests of the tests only.
    package init(
        id: ReplicaID,
        chain: ChainContext,
        genesis: (hash: BlockHash, committee: Committee),
        configuration: ReplicaConfiguration,
        signer: any ReplicaSigner,
        scheme: any SignatureScheme,
        breaking broken: BrokenRules
    ) {
        precondition((1...1_024).contains(configuration.window), "the window is 1 to 1,024 blocks")
        self.id = id
        self.chain = chain
        self.configuration = configuration
        self.genesis = genesis.hash
        self.signer = signer
        self.scheme = scheme
        self.broken = broken
        self.committees = CommitteeHistory(genesis: genesis.committee)
        self.committed = StablePoint(genesis: genesis.hash)
        self.window = HeightWindow(above: 0, size: configuration.window * 2)
        self.early = EarlyMessages(limit: configuration.window * 6)
    }

    /// Takes one event.
    ///
    /// - Returns: what to do, in this order.
    package mutating func step(_ event: Event) -> [Effect] {
        switch event {
        case .start: self.begin()
        case .message(let message): self.receive(message)
        case .timer(let token): self.fire(token)
        case .work(let isPending): self.isWorkPending = isPending
        case .built(let block, let height, let parent): self.publishBuilt(block, height: height, parent: parent)
        case .validated(let hash, let isValid): self.conclude(hash, isValid: isValid)
        case .complaint: self.suspectLeader()
        case .snapshotInstalled(let stable, let committees): self.install(stable, committees)
        }
        self.advance()
        self.watchProgress()
        defer { self.effects = [] }
        return self.effects
    }

    /// Checks messages for this replica; to be taken anew when a block changed the committee.
    package var verifier: MessageVerifier {
        var verifier = MessageVerifier(
            chain: self.chain,
            genesis: self.genesis,
            committees: self.committees,
            window: self.configuration.window,
            scheme: self.scheme
        )
        verifier.broken = self.broken
        return verifier
    }

    package var committee: Committee { self.committees.current }

    package var epoch: CommitteeEpoch { self.committee.epoch }

    /// Whether this replica has a vote: removed and future members only follow the chain.
    package var isMember: Bool { self.committee.contains(self.id) }

    /// Whether the replica lost its log and does not vote yet.
    package var isSilent: Bool { self.silence != nil }

    /// Messages kept for a view to come; bounded for each sender.
    package var bufferedMessages: Int { self.early.count }

    var mayVote: Bool { self.isMember && self.silence == nil }

    var quorum: Int { self.committee.quorum - (self.broken.contains(.fullQuorum) ? 1 : 0) }

    /// Who proposes at this height: the coordinator while it repeats blocks of older views, then the turns.
    func leader(at height: Height) -> ReplicaID {
        if let rule = self.openingRule, height <= rule.lastRepeated { return self.committee.coordinator(of: self.view) }
        return self.committee.leader(of: self.view, height: height)
    }

    mutating func emit(_ effect: Effect) { self.effects.append(effect) }

    /// Makes a record durable and then sends what depends on it.
    mutating func persist(_ record: LogRecord, thenBroadcast message: Message) {
        if self.broken.contains(.persistBeforeSend) {
            self.emit(.broadcast(message))
            self.emit(.persist(record))
        } else {
            self.emit(.persist(record))
            self.emit(.broadcast(message))
        }
    }

    mutating func report(_ evidence: Evidence) {
        let isKnown = self.reported.contains { $0.culprit == evidence.culprit && $0.isSameKind(as: evidence) }
        guard !isKnown else { return }
        self.reported.append(evidence)
        self.emit(.report(evidence))
    }

    /// Moves everything on that can move.
    private mutating func advance() {
        while self.commitNext() || self.acceptNext() || self.castCommits() {}
        self.proposeNext()
    }
}

extension Evidence {
    /// One piece of each kind is enough against one replica in one epoch.
    fileprivate func isSameKind(as other: Evidence) -> Bool {
        switch (self, other) {
        case (.prepares, .prepares), (.commits, .commits), (.crossed, .crossed), (.viewChanges, .viewChanges),
            (.newViews, .newViews), (.forgedCertificate, .forgedCertificate):
            true
        default: false
        }
    }
}

internal import Consensus

/// One validator's ledger and pool of waiting transactions.
///
/// The chain part is durable, the pool is not.
struct Application: Sendable {
    private let reader: SimulatedReader
    let transactionsPerBlock: Int
    /// Durable.
    private(set) var store = BlockStore()
    /// What the store's blocks lead to; made again at a start.
    private(set) var state = SimulatedState()
    /// Blocks executed on top of the chain, by hash.
    private var overlay: [BlockHash: SimulatedBlock] = [:]
    private(set) var pool: [UInt64] = []
    private var firstSeen: [UInt64: UInt64] = [:]
    /// Goes into every block that is built here.
    var salt: UInt32 = 0
    /// Changes of membership that governance has voted for; those of one epoch exclude each other.
    var pendingChanges: [CommitteeChange] = []
    /// Transactions that a censoring leader leaves out.
    var censored: Set<UInt64> = []

    init(reader: SimulatedReader, transactionsPerBlock: Int) {
        self.reader = reader
        self.transactionsPerBlock = transactionsPerBlock
    }

    var height: Height { self.state.height }

    var hasWork: Bool { !self.pool.isEmpty || !self.pendingChanges.isEmpty }

    func hasExecuted(_ transaction: UInt64) -> Bool { self.state.executed.contains(transaction) }

    mutating func submit(_ transaction: UInt64, at time: UInt64) {
        guard !self.state.executed.contains(transaction), self.firstSeen[transaction] == nil else { return }
        self.firstSeen[transaction] = time
        self.pool.append(transaction)
    }

    /// When the transaction that waits longest came in.
    var oldestWait: UInt64? { self.pool.first.flatMap { self.firstSeen[$0] } }

    /// Makes a block on top of an executed one; nil when nothing waits.
    mutating func build(height: Height, parent: BlockHash) -> Block? {
        guard let (taken, root) = self.execution(above: parent) else { return nil }
        let waiting = self.pool.filter { !taken.contains($0) && !self.censored.contains($0) }
        var block = SimulatedBlock(
            height: height,
            parent: parent,
            transactions: Array(waiting.prefix(self.transactionsPerBlock))
        )
        if !self.pendingChanges.isEmpty, !self.isChangeInFlight(above: parent) {
            block.change = self.pendingChanges[Int(self.salt) % self.pendingChanges.count]
        }
        guard !block.transactions.isEmpty || block.change != nil else { return nil }
        self.salt += 1
        block.salt = self.salt
        block.root = SimulatedState.root(root, block.transactions)
        self.overlay[SimulatedReader.hash(block.payload)] = block
        return try? self.reader.block(block)
    }

    /// Executes a block on top of its parent.
    ///
    /// `isKnown` says whether a client sent a transaction.
    ///
    /// - Returns: whether every transaction is real, none was executed before, and the roots are right.
    mutating func validate(_ block: Block, isKnown: (UInt64) -> Bool) -> Bool {
        guard let simulated = try? SimulatedBlock(payload: block.payload),
            let (taken, root) = self.execution(above: simulated.parent),
            simulated.root == SimulatedState.root(root, simulated.transactions),
            Set(simulated.transactions).count == simulated.transactions.count,
            simulated.transactions.allSatisfy({ isKnown($0) && !taken.contains($0) && !self.hasExecuted($0) })
        else { return false }
        if let change = simulated.change, !self.pendingChanges.contains(change) { return false }
        self.overlay[block.hash] = simulated
        return true
    }

    /// Transactions of the executed blocks between the chain and this block, and the root after it; nil when one of
    /// them is missing.
    private func execution(above tip: BlockHash) -> (taken: Set<UInt64>, root: UInt64)? {
        var taken: Set<UInt64> = []
        var hash = tip
        let last = self.state.hash
        while hash != last {
            guard let block = self.overlay[hash], block.height > self.height else { return nil }
            taken.formUnion(block.transactions)
            hash = block.parent
        }
        return (taken, self.overlay[tip]?.root ?? self.state.root)
    }

    private func isChangeInFlight(above tip: BlockHash) -> Bool {
        var hash = tip
        while let block = self.overlay[hash], block.height > self.height {
            if block.change != nil { return true }
            hash = block.parent
        }
        return false
    }

    /// Makes a block final.
    mutating func append(_ certified: CertifiedBlock) {
        self.store.append(certified)
        self.state.execute(certified)
        self.followState()
    }

    private mutating func followState() {
        self.overlay = self.overlay.filter { $0.value.height > self.height }
        let executed = self.state.executed
        for transaction in self.pool where executed.contains(transaction) { self.firstSeen[transaction] = nil }
        self.pool.removeAll { executed.contains($0) }
        let epoch = self.state.handovers.last?.block.nextCommittee?.epoch ?? 0
        self.pendingChanges.removeAll { $0.epoch <= epoch }
    }

    // MARK: - Snapshots

    mutating func beginSnapshot() { self.store.beginSnapshot(Snapshot(self.state)) }

    mutating func finishSnapshot() { self.store.finishSnapshot() }

    /// Goes on from a peer's snapshot, which is proven.
    mutating func install(_ snapshot: Snapshot) {
        self.store.replace(by: snapshot)
        self.state = snapshot.state
        self.followState()
    }

    // MARK: - Stops

    /// What a start finds.
    ///
    /// - Returns: how many snapshots were not whole; nil when nothing whole is left.
    mutating func restart() -> Int? {
        let (state, ignored) = self.store.recover(blocks: self.reader)
        guard let state else { return nil }
        self.state = state
        return ignored
    }

    /// What a crash leaves: the block store.
    ///
    /// Transactions come again from their clients; of a snapshot that is being written `share` thousandths are there.
    mutating func crash(share: Int) {
        self.store.crash(share: share)
        self.state = SimulatedState()
        self.overlay = [:]
        self.pool = []
        self.firstSeen = [:]
        self.salt += 1_000
    }
}

/// What all simulations have in common.
enum SimulatedWorld {
    static let genesis = SimulatedReader.hash(Array("genesis".utf8))
    static let chain = ChainContext(chain: Array("simulation".utf8), channel: "index")
}

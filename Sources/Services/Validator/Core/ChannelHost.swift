internal import CanonicalBytes
internal import Consensus
internal import Ledger
internal import LedgerStore
internal import Mempool

/// One channel inside the core: its replica, its ledger and what waits for it.
///
/// Used from the core's thread only. Whatever the replica must hear of next is collected in ``answers``.
final class ChannelHost {
    /// A block that the replica has asked for.
    struct Draft {
        let height: Height
        let parent: BlockHash
    }

    let channel: Channel
    let ledger: ChannelLedger
    let reader: ChannelReader
    let gate: MessageGate
    let shelf: SnapshotShelf
    let limits: ValidatorLimits
    var replica: Replica
    var pool: Mempool<VerifiedTransaction>
    var timers: [(token: TimerToken, deadline: Instant)] = []
    /// Events that the replica gets next.
    var answers = Queue<Event>()

    var draft: Draft?
    var nextBuild: Instant?
    var checks: [BlockHash: BlockCheck] = [:]
    /// Certified blocks of the answer that is dealt with now, decoded.
    var received: [BlockHash: CheckedBlock] = [:]

    /// Clients, by the id of what they wait for.
    var waiters: [[UInt8]: [Submission]] = [:]
    /// Final blocks that may be shown once the log is synchronized.
    var unshown: [FinalBlock] = []
    /// Clients' transactions that the others have not got yet.
    var unpassed: [[UInt8]] = []
    /// Whether the replica should be told of waiting work.
    var isWorkStale = true
    /// Since when the leader can be blamed for what waits, milliseconds since 1970.
    var patientSince: UInt64 = 0
    /// The transaction that was passed on a second time.
    var passedAgain: [UInt8] = []
    var place: Place
    var counters = Counters()
    var committedAt: UInt64?
    /// What admits transactions on top of a block, made at a time.
    var knownGuard: AdmissionGuard?
    /// Whether the last block had no room for more.
    var wasLastBlockFull = false
    /// Blocks are missing that this validator may have voted on top of.
    var isBehindItsVotes: Bool

    var isIndexBeingWritten = false
    /// What is pruned together with the blocks.
    var subjects: SubjectIndex?
    /// The state that is being fetched.
    var fetch: SnapshotFetch?
    /// Peers that were asked for a snapshot and have not answered.
    var snapshotAsked: Set<UInt16> = []
    var nextSnapshotQuestion = Instant.now
    /// Of a channel without any block that is to begin with a snapshot.
    var wish: SnapshotWish?

    /// Where the blame for a standstill may have changed.
    struct Place: Equatable {
        let epoch: CommitteeEpoch
        let view: View
        let isChanging: Bool

        init(_ replica: Replica) {
            self.epoch = replica.epoch
            self.view = replica.view
            self.isChanging = replica.isChangingView
        }
    }

    /// What has happened since the start.
    struct Counters {
        var blocks: UInt64 = 0
        var transactions: UInt64 = 0
        var viewChanges: UInt64 = 0
        var badProposals: UInt64 = 0
        var evidence: UInt64 = 0
        var refusedVotes: UInt64 = 0
        var wrongSnapshots: UInt64 = 0
    }

    init(
        ledger: ChannelLedger,
        isBehindItsVotes: Bool,
        replica: Replica,
        reader: ChannelReader,
        gate: MessageGate,
        shelf: SnapshotShelf,
        limits: ValidatorLimits
    ) {
        self.shelf = shelf
        self.isBehindItsVotes = isBehindItsVotes
        self.channel = ledger.channel
        self.ledger = ledger
        self.replica = replica
        self.reader = reader
        self.gate = gate
        self.limits = limits
        self.pool = Mempool(limits: limits.pool)
        self.place = Place(replica)
        self.wish = limits.beginsWithSnapshot && ledger.height == 0 ? SnapshotWish() : nil
    }

    // MARK: - Timers

    func start(_ token: TimerToken, after milliseconds: UInt64, now: Instant) {
        self.timers.removeAll { $0.token.kind == token.kind }
        self.timers.append((token, now.advanced(milliseconds: milliseconds)))
    }

    /// Takes the timers that are due, the earliest first.
    func takeDueTimers(at now: Instant) -> [TimerToken] {
        let due = self.timers.filter { $0.deadline <= now }.sorted { $0.deadline < $1.deadline }
        guard !due.isEmpty else { return [] }
        self.timers.removeAll { $0.deadline <= now }
        return due.map(\.token)
    }

    // MARK: - Judging

    /// Begins to judge a proposed block; the answer follows when its signatures are checked.
    func judge(_ block: Block, inbox: Inbox) {
        guard block.height > self.ledger.height, self.checks[block.hash] == nil else { return }
        if self.ledger.inFlight[block.hash] != nil {
            self.answers.append(.validated(block.hash, isValid: true))
            return
        }
        guard let content = try? self.gate.parsed.content(of: block) else {
            self.answers.append(.validated(block.hash, isValid: false))
            return
        }
        let ids = content.transactions.map(\.id)
        var known = self.gate.known.find(ids)
        for (place, id) in ids.enumerated() where known[place] == nil { known[place] = self.pool[id] }
        let check = BlockCheck(block, content, verified: known)
        self.checks[block.hash] = check
        guard !check.isComplete else { return self.concludeChecks() }
        self.startChecking(check, inbox: inbox)
    }

    private func startChecking(_ check: BlockCheck, inbox: Inbox) {
        let parent = self.ledger.parent(check.block.parent)
        let verifier: TransactionVerifier
        do throws(ProtocolFailure) {
            if let parent {
                verifier = try self.ledger.verifier(for: parent)
            } else {
                verifier = try self.ledger.verifier()
            }
        } catch { return self.giveUp(check) }
        let (channel, gate, hash) = (self.channel, self.gate, check.block.hash)
        for run in check.openRuns(of: MessageGate.run) {
            let transactions = Array(check.content.transactions[run])
            gate.workers.run(isUrgent: true) {
                let results = gate.check(transactions, verifier)
                inbox.push(.checked(channel, hash, at: run.lowerBound, results))
            }
        }
    }

    private func giveUp(_ check: BlockCheck) {
        self.checks[check.block.hash] = nil
        self.answers.append(.validated(check.block.hash, isValid: false))
    }

    /// Some signatures of a block have been checked.
    func fill(_ hash: BlockHash, from place: Int, _ results: [VerifiedTransaction?]) {
        self.checks[hash]?.fill(from: place, results)
        if self.checks[hash]?.isComplete == true { self.concludeChecks() }
    }

    /// Executes the blocks whose signatures are checked, from the lowest height upwards.
    func concludeChecks() {
        let ready = self.checks.values.filter(\.isComplete).sorted {
            ($0.block.height, $0.block.hash) < ($1.block.height, $1.block.hash)
        }
        for check in ready {
            let block = check.block
            guard block.height > self.ledger.height else {
                self.checks[block.hash] = nil
                continue
            }
            // The block below may still be at its signatures.
            guard let parent = self.ledger.parent(block.parent) else {
                if self.checks[block.parent] == nil { self.giveUp(check) }
                continue
            }
            self.checks[block.hash] = nil
            let isValid = self.execute(check, on: parent)
            self.answers.append(.validated(block.hash, isValid: isValid))
        }
    }

    private func execute(_ check: BlockCheck, on parent: ParentState) -> Bool {
        do throws(ProtocolFailure) {
            var verified: [VerifiedTransaction] = []
            verified.reserveCapacity(check.verified.count)
            for (place, known) in check.verified.enumerated() {
                if let known {
                    verified.append(known)
                } else {
                    // The block below may have named another issuer meanwhile.
                    verified.append(try self.ledger.verifier(for: parent).verify(check.content.transactions[place]))
                }
            }
            self.ledger.keep(
                try self.ledger.executor.validate(
                    check.content,
                    transactions: verified,
                    on: parent,
                    latest: WallClock.milliseconds + self.limits.clockDrift
                )
            )
            return true
        } catch { return false }
    }

    // MARK: - Building

    /// Makes the block that the replica has asked for, unless the interval is not over.
    ///
    /// - Throws: for a damaged store.
    func buildIfDue(interval: UInt64, now: Instant) throws(ProtocolFailure) {
        guard let draft = self.draft else { return }
        if let due = self.nextBuild, due > now { return }
        self.draft = nil
        guard let parent = self.ledger.parent(draft.parent), parent.header.height + 1 == draft.height else {
            self.answers.append(.built(nil, height: draft.height, parent: draft.parent))
            return
        }
        let held = self.ledger.heldInFlight(below: draft.parent)
        while true {
            let candidates = self.pool.candidates(max: self.limits.transactionsPerBlock, bytes: 8 << 20) { id in
                held.contains { $0.contains(ByteKey(id)) }
            }
            guard !candidates.isEmpty else { break }
            let (executed, refused) = try self.ledger.executor.build(
                candidates,
                on: parent,
                time: WallClock.milliseconds
            )
            for (transaction, failure) in refused {
                self.forget(transaction.transaction.id, .inadmissible(code: failure.code))
            }
            guard let executed else { continue }
            self.nextBuild = now.advanced(milliseconds: interval)
            self.ledger.keep(executed)
            let block = executed.block.description(payload: executed.payload)
            self.answers.append(.built(block, height: draft.height, parent: draft.parent))
            return
        }
        self.answers.append(.built(nil, height: draft.height, parent: draft.parent))
    }

    /// A transaction cannot stand in any block, or has no place here.
    func forget(_ id: [UInt8], _ failure: SubmissionFailure) {
        self.pool.remove(id)
        for waiter in self.waiters.removeValue(forKey: id) ?? [] { waiter.answer(.failure(failure)) }
    }

    // MARK: - Final blocks

    /// Takes over a final block; can be repeated when the disk was full.
    func deliver(_ certified: CertifiedBlock) throws(LedgerFailure) {
        guard certified.block.height == self.ledger.height + 1 else { return }
        let executed: ExecutedBlock
        if let entry = self.ledger.inFlight[certified.block.hash] {
            executed = entry.executed
        } else {
            executed = try self.executeReceived(certified)
        }
        try self.ledger.append(executed, certified.certificate)
        let ids = executed.block.transactions.map(\.id)
        self.pool.committed(ids)
        self.forgetRivals(of: executed.block.transactions)
        self.gate.known.noteFinal(ids)
        self.gate.parsed.forget(certified.block.hash)
        self.received[certified.block.hash] = nil
        self.checks = self.checks.filter { $0.value.block.height > certified.block.height }
        self.counters.blocks += 1
        self.counters.transactions += UInt64(ids.count)
        self.committedAt = WallClock.milliseconds
        self.wasLastBlockFull = ids.count * 10 >= self.limits.transactionsPerBlock * 9
        self.isWorkStale = true
        self.unshown.append(
            FinalBlock(
                block: executed.block,
                bytes: executed.payload,
                certificate: certified.certificate,
                receipts: executed.receipts
            )
        )
        self.gate.passed(certified.block.height, in: self.channel)
        if executed.changes.contains(where: { $0.key == StateKey.issuers }) { try self.useIssuers() }
    }

    /// What has the nonce of a committed transaction would wait for a leader who never takes it, and seem held back.
    private func forgetRivals(of transactions: [Transaction]) {
        guard !self.pool.isEmpty else { return }
        for transaction in transactions {
            for id in self.pool.waiting(of: transaction.signer, rank: transaction.nonce) {
                self.forget(id, .inadmissible(code: AdmissionFailure.replayed.code))
            }
        }
    }

    /// The state has come from a snapshot: what was under way stood on blocks that are passed.
    func noteInstalled() throws(LedgerFailure) {
        self.checks = [:]
        self.received = [:]
        self.draft = nil
        self.knownGuard = nil
        self.committedAt = WallClock.milliseconds
        self.isWorkStale = true
        self.gate.passed(self.ledger.height, in: self.channel)
        self.reader.tip.show(self.ledger.height)
        try self.useIssuers()
    }

    private func executeReceived(_ certified: CertifiedBlock) throws(LedgerFailure) -> ExecutedBlock {
        let hash = certified.block.hash
        if let received = self.received[hash] {
            return try self.ledger.execute(received.content, hash: hash, verified: received.verified)
        }
        let content: LedgerBlock
        do throws(ProtocolFailure) { content = try self.gate.parsed.content(of: certified.block) } catch {
            throw .diverged("certified block \(certified.block.height) cannot be read: \(error)")
        }
        return try self.ledger.execute(
            content,
            hash: hash,
            verified: self.gate.known.find(content.transactions.map(\.id))
        )
    }

    /// Lets new transactions be checked as of the final state.
    func useIssuers() throws(LedgerFailure) {
        do throws(ProtocolFailure) { self.gate.use(try self.ledger.verifier(), in: self.channel) } catch {
            throw .diverged("the state of the channel \(self.channel.name) cannot be read: \(error)")
        }
    }

    /// Shows final blocks to the world: they are durable now.
    func showFinalBlocks() {
        guard let last = self.unshown.last else { return }
        for block in self.unshown { self.reader.note(block) }
        self.reader.tip.show(last.block.header.height)
        for block in self.unshown where !self.waiters.isEmpty {
            for (position, transaction) in block.block.transactions.enumerated() {
                guard let waiters = self.waiters.removeValue(forKey: transaction.id) else { continue }
                let place = TransactionPlace(height: block.block.header.height, position: UInt32(position))
                for waiter in waiters { waiter.answer(.success(place)) }
            }
        }
        self.unshown = []
    }
}

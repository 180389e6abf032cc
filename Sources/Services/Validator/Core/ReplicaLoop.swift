internal import CanonicalBytes
internal import Consensus
internal import Ledger
internal import LedgerStore
internal import Logging
internal import Mempool
internal import PeerTransport
internal import Synchronization

/// The core: one thread that owns both channels' replicas and ledgers, and the log that they share.
///
/// It takes what waits, lets the replicas step, carries their effects out in order, synchronizes the log once for all of
/// it, and only then lets messages leave and blocks be seen (rules W1-W5, W11).
final class ReplicaLoop: @unchecked Sendable {
    // Everything below is touched by the core's thread only, once it runs.

    let number: ReplicaID
    let chain: [UInt8]
    let hosts: [ChannelHost]
    let configuration: ValidatorConfiguration
    let network: any PeerNetwork
    let gate: MessageGate
    let inbox: Inbox
    let logger: Logger
    let log: WriteAheadLog
    /// Keeps other processes out until the core has ended.
    private var directory: StoreDirectory?
    /// Effects until the core dies as in a crash, for tests; negative for never.
    let effectsUntilCrash = Atomic<Int>(-1)
    let board: StatusBoard
    /// The peers as the committees and the configuration name them.
    private let peersOf: ([ChannelHost]) -> [Peer]
    /// Everybody whom transactions are passed on to.
    private var peers: [Peer]

    var codec: LogCodec
    /// Effects that wait for room on the disk.
    var stalled = Queue<(host: Int, effect: Effect)>()
    /// What may leave once the log is synchronized.
    var outgoing: [Outgoing] = []
    var questions: [(Channel, @Sendable (ChannelHost) -> Void)] = []
    var isDiskFull = false
    /// Whether the operator has been told.
    private var wasDiskFull = false
    var isStarted = false
    var synchronizations: UInt64 = 0
    var reachable: Set<UInt16> = []
    private var startDeadline = Instant.now
    private var nextChore = Instant.now
    private var nextFlush = Instant.now

    /// A frame for peers.
    struct Outgoing {
        let message: Message
        let channel: Channel
        let peers: [UInt16]
    }

    init(
        number: ReplicaID,
        chain: [UInt8],
        hosts: [ChannelHost],
        configuration: ValidatorConfiguration,
        network: any PeerNetwork,
        gate: MessageGate,
        inbox: Inbox,
        log: WriteAheadLog,
        codec: LogCodec,
        directory: StoreDirectory,
        board: StatusBoard,
        peersOf: @escaping ([ChannelHost]) -> [Peer],
        logger: Logger
    ) {
        self.number = number
        self.chain = chain
        self.hosts = hosts
        self.configuration = configuration
        self.network = network
        self.gate = gate
        self.inbox = inbox
        self.log = log
        self.codec = codec
        self.directory = directory
        self.board = board
        self.peersOf = peersOf
        self.peers = peersOf(hosts)
        self.logger = logger
    }

    /// The peers before the core runs.
    var initialPeers: [Peer] { self.peersOf(self.hosts) }

    /// Runs until it is stopped.
    ///
    /// - Returns: why it cannot go on; nil when it was stopped.
    func run() -> String? {
        let now = Instant.now
        self.startDeadline = now.advanced(milliseconds: self.configuration.limits.startPatience)
        self.nextFlush = now.advanced(milliseconds: self.configuration.limits.flushInterval)
        var failure: String?
        do throws(LedgerFailure) {
            while try self.turn() {}
        } catch {
            failure = error.description
            self.logger.critical("the validator stops", metadata: ["reason": "\(error)"])
        }
        self.end(failure)
        return failure
    }

    /// One round.
    ///
    /// - Returns: whether there is another one.
    private func turn() throws(LedgerFailure) -> Bool {
        let batch = self.inbox.take(max: 512, until: self.nextDeadline)
        if batch.stop == .abandoned { return false }
        if self.isDiskFull {
            self.refuse(batch.events)
            try self.tryAgain()
        } else {
            for event in batch.events { try self.handle(event) }
            try self.fireTimers()
            try self.settle()
        }
        self.answerQuestions()
        self.publishStatus()
        guard batch.stop == .orderly else { return true }
        if !self.isDiskFull { try self.flush() }
        return false
    }

    private var nextDeadline: Instant {
        var deadline = self.nextChore
        if self.isDiskFull { return Instant.now.advanced(milliseconds: 250) }
        for host in self.hosts {
            for timer in host.timers where timer.deadline < deadline { deadline = timer.deadline }
            if host.draft != nil, let due = host.nextBuild, due < deadline { deadline = due }
        }
        return deadline
    }

    // MARK: - Events

    func host(of channel: Channel) -> Int { channel == self.hosts[0].channel ? 0 : 1 }

    private func handle(_ event: CoreEvent) throws(LedgerFailure) {
        switch event {
        case .message(let channel, let message, let peer, let cost, let contents):
            let index = self.host(of: channel)
            for content in contents { self.hosts[index].received[content.hash] = content }
            try self.step(index, .message(message))
            self.hosts[index].received = [:]
            self.network.release(from: peer, bytes: cost)
        case .passedOn(let transactions, let peer, let cost):
            for host in self.hosts {
                let own = transactions.filter { $0.transaction.channel == host.channel }
                if !own.isEmpty { host.take(passedOn: own) }
            }
            if cost > 0 { self.network.release(from: peer, bytes: cost) }
        case .submitted(let transaction, let submission):
            self.hosts[self.host(of: transaction.transaction.channel)].take(transaction, for: submission)
        case .offered(let run):
            run.answer { self.hosts[self.host(of: $0.transaction.channel)].take(offered: $0) }
        case .checked(let channel, let hash, let place, let results):
            let index = self.host(of: channel)
            self.hosts[index].fill(hash, from: place, results)
            try self.drainAnswers(index)
        case .networkChanged: self.noteReachable()
        case .query(let channel, let question): self.questions.append((channel, question))
        case .snapshot(let message, let peer, let cost):
            try self.handle(message, from: peer)
            self.network.release(from: peer, bytes: cost)
        case .indexWritten(let channel, let failure): try self.finishIndex(channel, failure)
        case .snapshotWritten(let channel, let height, let failure):
            try self.finishSnapshot(channel, height, failure)
        }
    }

    /// While the disk is full nothing is voted on; peers repeat what was lost when there is room again.
    private func refuse(_ events: [CoreEvent]) {
        for event in events {
            switch event {
            case .message(_, _, let peer, let cost, _), .passedOn(_, let peer, let cost),
                .snapshot(_, let peer, let cost):
                self.network.release(from: peer, bytes: cost)
            case .submitted(_, let submission):
                submission.answer(.failure(.notReady("the disk is full")))
            case .offered(let run): run.answer { _ in .notReady("the disk is full") }
            case .query(let channel, let question): self.questions.append((channel, question))
            case .networkChanged: self.noteReachable()
            case .checked(let channel, let hash, let place, let results):
                self.hosts[self.host(of: channel)].fill(hash, from: place, results)
            case .indexWritten(let channel, _): self.hosts[self.host(of: channel)].isIndexBeingWritten = false
            case .snapshotWritten(let channel, _, _): self.hosts[self.host(of: channel)].shelf.end()
            }
        }
    }

    func noteReachable() {
        self.reachable = Set(self.network.connectedPeers)
        for host in self.hosts { host.isWorkStale = true }
    }

    // MARK: - Steps

    /// One event for a replica, and everything that follows from it at once.
    func step(_ index: Int, _ event: Event) throws(LedgerFailure) {
        self.stepOnce(index, event)
        try self.performStalled()
        try self.drainAnswers(index)
    }

    private func stepOnce(_ index: Int, _ event: Event) {
        let host = self.hosts[index]
        for effect in host.replica.step(event) { self.stalled.append((index, effect)) }
        let place = ChannelHost.Place(host.replica)
        guard place != host.place else { return }
        if place.view != host.place.view, place.epoch == host.place.epoch { host.counters.viewChanges += 1 }
        let isNewEpoch = place.epoch != host.place.epoch
        host.place = place
        host.patientSince = WallClock.milliseconds
        if isNewEpoch { self.noteCommittee(host) }
    }

    private func noteCommittee(_ host: ChannelHost) {
        self.gate.use(host.replica.verifier, in: host.channel)
        self.peers = self.peersOf(self.hosts)
        self.network.setPeers(self.peers)
        self.noteReachable()
    }

    func drainAnswers(_ index: Int) throws(LedgerFailure) {
        let host = self.hosts[index]
        while !self.isDiskFull {
            try self.asLedgerFailure { () throws(ProtocolFailure) in
                try host.buildIfDue(interval: self.configuration.blockInterval, now: .now)
            }
            guard let answer = host.answers.removeFirst() else { return }
            self.stepOnce(index, answer)
            try self.performStalled()
        }
    }

    /// Carries effects out in their order, until they are done or the disk is full.
    private func performStalled() throws(LedgerFailure) {
        while !self.isDiskFull, let next = self.stalled.first {
            try self.crashIfWanted()
            do throws(LedgerFailure) { try self.perform(next.effect, next.host) } catch {
                guard case .store(.diskFull(let path)) = error else { throw error }
                return self.noteDiskFull(path)
            }
            _ = self.stalled.removeFirst()
        }
    }

    private func crashIfWanted() throws(LedgerFailure) {
        guard self.effectsUntilCrash.load(ordering: .relaxed) >= 0 else { return }
        if self.effectsUntilCrash.wrappingSubtract(1, ordering: .relaxed).oldValue == 0 { throw .crashed }
    }

    private func fireTimers() throws(LedgerFailure) {
        let now = Instant.now
        try self.startIfDue(now)
        guard self.isStarted else { return }
        for index in self.hosts.indices {
            for token in self.hosts[index].takeDueTimers(at: now) { try self.step(index, .timer(token)) }
            try self.tellWork(index)
            try self.drainAnswers(index)
        }
        guard now >= self.nextChore else { return }
        self.nextChore = now.advanced(milliseconds: 100)
        for index in self.hosts.indices {
            try self.lookAtWaiting(index, now)
            self.pursueWish(self.hosts[index], now)
            try self.continueFetch(index, now)
        }
    }

    /// Waits a little for company: who starts alone would only suspect everybody.
    private func startIfDue(_ now: Instant) throws(LedgerFailure) {
        guard !self.isStarted else { return }
        self.noteReachable()
        guard now >= self.startDeadline || self.hosts.allSatisfy(self.hasQuorum) else {
            self.nextChore = now.advanced(milliseconds: 20)
            return
        }
        self.isStarted = true
        for index in self.hosts.indices { try self.step(index, .start) }
    }

    /// Whether enough members are in reach for anything to be decided.
    func hasQuorum(_ host: ChannelHost) -> Bool {
        self.reachableMembers(host) >= host.replica.committee.quorum
    }

    func reachableMembers(_ host: ChannelHost) -> Int {
        host.replica.committee.members.count { $0.id == self.number || self.reachable.contains($0.id.number) }
    }

    /// Who cannot reach a quorum has no reason to suspect the leader.
    private func tellWork(_ index: Int) throws(LedgerFailure) {
        let host = self.hosts[index]
        guard host.isWorkStale else { return }
        host.isWorkStale = false
        try self.step(index, .work(isPending: !host.pool.isEmpty && self.hasQuorum(host)))
    }

    private func lookAtWaiting(_ index: Int, _ now: Instant) throws(LedgerFailure) {
        let host = self.hosts[index]
        let wall = WallClock.milliseconds
        host.expire(now: now, wall: wall)
        guard self.hasQuorum(host), !host.replica.isChangingView else { return }
        let impatience = try self.asLedgerFailure { () throws(ProtocolFailure) in try host.impatience(at: wall) }
        switch impatience {
        case .none: break
        case .passOn(let bytes): host.unpassed.append(bytes)
        case .complain:
            let next = host.replica.committee.leader(of: host.replica.view, height: host.ledger.height + 1)
            if next != self.number { try self.step(index, .complaint) }
        }
    }

    func asLedgerFailure<T>(_ body: () throws(ProtocolFailure) -> T) throws(LedgerFailure) -> T {
        do throws(ProtocolFailure) { return try body() } catch {
            throw .store(.ioError("the store is damaged or cannot be read: \(error)"))
        }
    }

    // MARK: - The disk

    /// Makes everything durable, then lets it be seen.
    private func settle() throws(LedgerFailure) {
        guard !self.isDiskFull else { return }
        do throws(LedgerStoreFailure) {
            if self.log.last > self.log.durable {
                try self.log.sync()
                self.synchronizations += 1
            }
        } catch {
            guard case .diskFull(let path) = error else { throw .store(error) }
            return self.noteDiskFull(path)
        }
        self.release()
        try self.maintain()
    }

    private func release() {
        for outgoing in self.outgoing {
            let frame = outgoing.message.frame
            self.network.broadcast(
                PeerMessage.bytes(outgoing.message, in: outgoing.channel),
                kind: frame.kind,
                class: frame.frameClass,
                to: outgoing.peers
            )
        }
        self.outgoing.removeAll(keepingCapacity: true)
        for host in self.hosts {
            host.showFinalBlocks()
            guard !host.unpassed.isEmpty else { continue }
            let peers = self.peers.map(\.number)
            for frame in TransactionBatch.frames(host.unpassed) {
                self.network.broadcast(frame, kind: FrameKind.transactions, class: .transactions, to: peers)
            }
            host.unpassed = []
        }
    }

    private func noteDiskFull(_ path: String) {
        guard !self.isDiskFull else { return }
        self.isDiskFull = true
        guard !self.wasDiskFull else { return }
        self.wasDiskFull = true
        self.logger.error(
            "the disk is full: this validator does not vote until there is room again",
            metadata: ["path": "\(path)"]
        )
    }

    private func tryAgain() throws(LedgerFailure) {
        self.isDiskFull = false
        try self.performStalled()
        for index in self.hosts.indices { try self.drainAnswers(index) }
        try self.settle()
        guard !self.isDiskFull else { return }
        self.wasDiskFull = false
        self.logger.notice("there is room on the disk again; this validator votes")
    }

    /// Writes states that have gathered changes, and shortens the log.
    private func maintain() throws(LedgerFailure) {
        let now = Instant.now
        let isDue = now >= self.nextFlush
        do throws(LedgerStoreFailure) {
            for host in self.hosts {
                let dirty = host.ledger.state.store.dirtyBytes
                if dirty > self.configuration.limits.dirtyBytesMax || isDue && dirty > 0 { try host.ledger.flush() }
                self.writeIndex(of: host, isDue: isDue)
            }
            if isDue { self.nextFlush = now.advanced(milliseconds: self.configuration.limits.flushInterval) }
            if self.log.bytesInSegment > self.configuration.limits.logBytesMax { try self.compactLog() }
            try self.endSilence()
        } catch {
            // What waits here is on the disk already; only the log's next entry decides about voting.
            guard case .diskFull = error else { throw .store(error) }
        }
    }

    /// Lets a thread write the index of transactions, which takes longer than blocks should wait.
    private func writeIndex(of host: ChannelHost, isDue: Bool) {
        let waiting = host.ledger.transactions.pendingCount
        guard !host.isIndexBeingWritten, waiting >= 8_192 || isDue && waiting > 0 else { return }
        let (index, inbox, channel) = (host.ledger.transactions, self.inbox, host.channel)
        host.isIndexBeingWritten = self.gate.workers.run(isUrgent: false) {
            do throws(LedgerStoreFailure) {
                try index.flush()
                inbox.push(.indexWritten(channel, nil))
            } catch { inbox.push(.indexWritten(channel, error)) }
        }
    }

    private func finishIndex(_ channel: Channel, _ failure: LedgerStoreFailure?) throws(LedgerFailure) {
        self.hosts[self.host(of: channel)].isIndexBeingWritten = false
        guard let failure else { return }
        // What found no room waits in memory for the next attempt.
        guard case .diskFull = failure else { throw .store(failure) }
    }

    /// Starts a new segment with what is still needed: every effect is done, and the blocks must be on the disk.
    private func compactLog() throws(LedgerStoreFailure) {
        guard self.stalled.isEmpty else { return }
        for host in self.hosts { try host.ledger.blocks.sync() }
        var codec = LogCodec()
        let entries = codec.segment(self.hosts.map { ($0.channel, $0.replica.compactLog) })
        try self.log.replace(with: entries)
        self.codec = codec
    }

    /// Notes durably that the forgotten votes can do no harm any more.
    private func endSilence() throws(LedgerStoreFailure) {
        guard self.isStarted else { return }
        if self.log.isLost, self.hosts.allSatisfy({ !$0.replica.isSilent }) { try self.log.endLoss() }
        for host in self.hosts where host.isBehindItsVotes && !host.replica.isSilent {
            guard let directory = self.directory else { return }
            try ChannelOpening.removeMark(in: try directory.channel(host.channel.name))
            host.isBehindItsVotes = false
        }
    }

    private func flush() throws(LedgerFailure) {
        do throws(LedgerStoreFailure) {
            for host in self.hosts {
                try host.ledger.flush()
                try host.ledger.transactions.flush()
            }
        } catch {
            guard case .diskFull = error else { throw .store(error) }
        }
    }

    // MARK: - The end

    private func answerQuestions() {
        for (channel, question) in self.questions { question(self.hosts[self.host(of: channel)]) }
        self.questions = []
    }

    private func end(_ failure: String?) {
        let reason = SubmissionFailure.notReady(failure ?? "the validator is stopping")
        let rest = self.inbox.close()
        for case .submitted(_, let submission) in rest { submission.answer(.failure(reason)) }
        for case .offered(let run) in rest { run.answer { _ in reason } }
        for case .query(let channel, let question) in rest { question(self.hosts[self.host(of: channel)]) }
        for host in self.hosts {
            // The outcome of what waits is open.
            for id in host.waiters.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
                for waiter in host.waiters[id] ?? [] { waiter.answer(.failure(.timedOut(id: id))) }
            }
            host.waiters = [:]
            host.reader.tip.close()
        }
        self.board.end(failure)
        self.directory = nil
    }
}

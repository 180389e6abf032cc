internal import BLSCertificates
internal import CanonicalBytes
package import Consensus
internal import Contracts
package import Credentials
package import Ledger
package import LedgerStore
package import Logging
internal import Mempool
internal import PeerTransport
internal import ServiceLifecycle
internal import StateTree
internal import Synchronization

/// A member of the consortium: orders transactions on both channels with the others, and answers clients.
package final class Validator: Service {
    package let number: ReplicaID
    package let genesis: Genesis
    private let configuration: ValidatorConfiguration
    private let network: any PeerNetwork
    private let logger: Logger
    private let inbox: Inbox
    private let gate: MessageGate
    private let board = StatusBoard()
    private let readers: [Channel: ChannelReader]
    private let indexers: [Channel: SubjectIndexer]
    private let loop: ReplicaLoop
    private let port = Mutex<Int?>(nil)
    /// A test lets the validator end as a crash does.
    private let isAbandoned = Atomic(false)

    /// Opens everything: identity, keys, genesis and ledger, which is brought to where the log ends.
    ///
    /// - Parameters:
    ///   - configuration: checked.
    ///   - revocations: peers with these certificates are refused; nil when none can be revoked.
    ///   - logger: for the whole process.
    /// - Throws: an error whose description says what to do.
    package convenience init(
        configuration: ValidatorConfiguration,
        revocations: (any RevocationSource)? = nil,
        logger: Logger
    ) throws {
        let identity = try Identity.load(directory: configuration.identityDirectory)
        let keys = try ValidatorKeys.load(configuration.directory)
        let bytes = try PrivateFile.read(configuration.genesisFile, upTo: 64 << 20, isSecret: false)
        let genesis = try Genesis(bytes: bytes)
        let scheme = try ChainSignatures.required(of: genesis.committee)
        let number = try Self.number(configuration, genesis, identity)
        var settings = PeerTransportConfiguration(
            host: configuration.peerHost,
            port: configuration.peerPort,
            chain: Array(genesis.chain.utf8),
            genesis: genesis.digest,
            number: number.number
        )
        settings.frameLimits = FrameKind.limits
        let network = try PeerTransport(
            configuration: settings,
            identity: identity,
            revocations: revocations,
            logger: logger
        )
        try self.init(
            configuration: configuration,
            parts: ValidatorParts(
                number: number,
                genesis: genesis,
                signer: keys.signer,
                scheme: scheme,
                member: keys.member(number),
                logic: ConsortiumContracts(scheme: scheme),
                network: network
            ),
            logger: logger
        )
    }

    /// Puts a validator together from parts.
    ///
    /// - Throws: ``ValidatorFailure``.
    package init(
        configuration: ValidatorConfiguration,
        parts: ValidatorParts,
        logger: Logger
    ) throws(ValidatorFailure) {
        let limits = configuration.limits
        self.number = parts.number
        self.genesis = parts.genesis
        self.configuration = configuration
        self.network = parts.network
        self.logger = logger
        self.inbox = Inbox(submissionsMax: limits.submissionsMax, queriesMax: limits.queriesMax)
        self.gate = MessageGate(
            chain: Array(parts.genesis.chain.utf8),
            inbox: self.inbox,
            network: parts.network,
            threads: limits.verificationThreads
        )
        let opening = ValidatorOpening(configuration: configuration, parts: parts, logger: logger)
        let opened = try opening.open(inbox: self.inbox, gate: self.gate, board: self.board)
        self.loop = opened.loop
        self.readers = opened.readers
        self.indexers = opened.indexers
    }

    private static func number(
        _ configuration: ValidatorConfiguration,
        _ genesis: Genesis,
        _ identity: Identity
    ) throws(ValidatorFailure) -> ReplicaID {
        let listed = genesis.validators.first { $0.name == identity.name }?.id
        if let number = configuration.number.map({ ReplicaID($0) }) {
            guard listed == nil || listed == number else {
                throw ValidatorFailure("the genesis gives \(identity.name) another number than \(number.number)")
            }
            return number
        }
        guard let listed else {
            throw ValidatorFailure(
                "the genesis does not list \(identity.name): set `number` to the one that the governors gave it"
            )
        }
        return listed
    }

    // MARK: - Running

    /// Takes part until the group shuts down.
    ///
    /// - Throws: ``ValidatorFailure`` when the disk failed or the ledger is damaged: the process must end.
    package func run() async throws {
        let gate = self.gate
        let inbox = self.inbox
        let port = try await self.network.start(
            observe: { _ in inbox.push(.networkChanged) },
            receive: { gate.receive($0) }
        )
        self.port.withLock { $0 = port }
        self.network.setPeers(self.loop.initialPeers)
        self.logger.notice(
            "validator runs",
            metadata: [
                "number": "\(self.number.number)", "port": "\(port)",
                "heights": "\(Channel.allCases.map { self.readers[$0]?.tip.height ?? 0 })",
            ]
        )
        let indexers = Channel.allCases.compactMap { self.indexers[$0] }
        let indexing = indexers.map { indexer in Task { await indexer.run() } }
        let failure = await withTaskCancellationOrGracefulShutdownHandler {
            await self.finish()
        } onCancelOrGracefulShutdown: {
            inbox.stop(.orderly)
        }
        for indexer in indexers {
            indexer.stop(isOrderly: failure == nil && !self.isAbandoned.load(ordering: .relaxed))
        }
        for task in indexing { await task.value }
        await self.network.shutdown()
        self.gate.workers.stop()
        self.gate.background.stop()
        if let failure { throw ValidatorFailure(failure) }
    }

    private func finish() async -> String? {
        let loop = self.loop
        return await withCheckedContinuation { continuation in
            let isStarted = WorkerThread.start { continuation.resume(returning: loop.run()) }
            if !isStarted { continuation.resume(returning: "the system gives no thread") }
        }
    }

    /// Ends at once, as a crash does: nothing more is written or said.
    func abandon() {
        self.isAbandoned.store(true, ordering: .relaxed)
        self.inbox.stop(.abandoned)
    }

    /// Lets the core die, as in a crash, before so many more effects are carried out.
    func crash(afterEffects count: Int) { self.loop.effectsUntilCrash.store(count, ordering: .relaxed) }

    /// The port of the peers, once it listens.
    package var listeningPort: Int? { self.port.withLock { $0 } }

    // MARK: - Clients

    /// Takes a transaction and waits until it is final.
    ///
    /// - Parameters:
    ///   - bytes: canonical.
    ///   - waitMilliseconds: how long at most; nil for the configuration's `submissionTimeout`.
    /// - Returns: the proof, which also tells what became of it: a rejected transaction is committed too.
    /// - Throws: ``SubmissionFailure``; only after ``SubmissionFailure/timedOut(id:)`` it may still be committed.
    package func submit(
        _ bytes: [UInt8],
        waitMilliseconds: UInt64? = nil
    ) async throws(SubmissionFailure) -> TransactionProof {
        let (channel, id, place) = try await self.commit(bytes, waitMilliseconds: waitMilliseconds)
        do throws(QueryFailure) {
            if let proof = try self.reader(channel).proof(at: place) { return proof }
        } catch {}
        // It is committed; only the block cannot be read now.
        throw .timedOut(id: id)
    }

    /// Takes a transaction and waits until it is final, without making the proof.
    ///
    /// - Returns: where it stands.
    /// - Throws: as ``submit(_:waitMilliseconds:)``.
    package func commit(
        _ bytes: [UInt8],
        waitMilliseconds: UInt64? = nil
    ) async throws(SubmissionFailure) -> (channel: Channel, id: [UInt8], place: TransactionPlace) {
        let transaction = try Self.transaction(bytes)
        let wait = waitMilliseconds ?? self.configuration.limits.submissionTimeout
        switch await self.enqueue(transaction, wait: wait) {
        case .success(let place): return (transaction.body.channel, transaction.id, place)
        case .failure(let failure): throw failure
        }
    }

    /// Takes transactions into the pool, and waits for no block.
    ///
    /// - Parameter transactions: canonical.
    /// - Returns: for each one, in order, why it was not taken; nil when it was, or waits or is committed already.
    package func offer(_ transactions: [[UInt8]]) async -> [SubmissionFailure?] {
        guard !transactions.isEmpty else { return [] }
        return await withCheckedContinuation { continuation in
            let batch = OfferedBatch(count: transactions.count, continuation)
            for first in stride(from: 0, to: transactions.count, by: MessageGate.run) {
                self.offer(Array(transactions[first..<min(transactions.count, first + MessageGate.run)]), first, batch)
            }
        }
    }

    /// Lets a run of a batch be checked and go to the core.
    private func offer(_ run: [[UInt8]], _ first: Int, _ batch: OfferedBatch) {
        let (gate, inbox) = (self.gate, self.inbox)
        let isTaken = gate.workers.run(isUrgent: false) {
            let offered = OfferedRun(batch: batch, first: first, checked: gate.check(offered: run))
            guard !inbox.push(.offered(offered)) else { return }
            let refusal = SubmissionFailure.notReady("too much waits, or the validator is stopping")
            offered.answer { _ in refusal }
        }
        guard !isTaken else { return }
        batch.answer(from: first, run.map { _ in .notReady("the validator is stopping") })
    }

    private static func transaction(_ bytes: [UInt8]) throws(SubmissionFailure) -> Transaction {
        do throws(ProtocolFailure) { return try Transaction(bytes: bytes) } catch { throw .malformed(error.detail) }
    }

    private func enqueue(_ transaction: Transaction, wait: UInt64) async -> Submission.Answer {
        let (gate, inbox) = (self.gate, self.inbox)
        let deadline = Instant.now.advanced(milliseconds: wait)
        return await withCheckedContinuation { continuation in
            let submission = Submission(deadline: deadline, continuation)
            let isTaken = gate.workers.run(isUrgent: false) {
                do throws(ProtocolFailure) {
                    let verified = try gate.check(transaction)
                    if !inbox.push(.submitted(verified, submission)) {
                        submission.answer(.failure(.notReady("too much waits, or the validator is stopping")))
                    }
                } catch { submission.answer(.failure(.badSignature(error.detail))) }
            }
            if !isTaken { submission.answer(.failure(.notReady("the validator is stopping"))) }
        }
    }

    // MARK: - Questions

    private func reader(_ channel: Channel) throws(QueryFailure) -> ChannelReader {
        guard let reader = self.readers[channel] else { throw .notReady("the channel is not open") }
        return reader
    }

    /// Proves a final transaction; nil when no block holds it.
    package func proof(of id: [UInt8], channel: Channel) throws(QueryFailure) -> TransactionProof? {
        try self.reader(channel).proof(of: id)
    }

    /// Proves the value of a key, or its absence, in the state of the last final block.
    ///
    /// - Throws: ``QueryFailure/noBlock`` before the first block, as nobody has certified the genesis.
    package func valueProof(_ key: [UInt8], channel: Channel) async throws(QueryFailure) -> ValueProof {
        try await self.ask(channel) { host in Self.proveValue(key, host.ledger) }.get()
    }

    /// Whether a transaction waits in the pool.
    package func isWaiting(_ id: [UInt8], channel: Channel) async -> Bool {
        let answer = try? await self.ask(channel) { host in Result.success(host.pool.contains(id)) }.get()
        return answer ?? false
    }

    /// The changes of the committee after an epoch, ascending.
    package func handovers(
        after epoch: CommitteeEpoch,
        channel: Channel
    ) async throws(QueryFailure) -> [Handover] {
        try await self.ask(channel) { host in
            .success(host.ledger.handovers.handovers.filter { $0.next.epoch > epoch })
        }.get()
    }

    /// Asks the core's thread.
    private func ask<Answer: Sendable>(
        _ channel: Channel,
        _ question: @escaping @Sendable (ChannelHost) -> Result<Answer, QueryFailure>
    ) async -> Result<Answer, QueryFailure> {
        let inbox = self.inbox
        return await withCheckedContinuation { continuation in
            let isTaken = inbox.push(.query(channel) { continuation.resume(returning: question($0)) })
            if !isTaken {
                continuation.resume(returning: .failure(.notReady("too much waits, or the validator is stopping")))
            }
        }
    }

    private static func proveValue(_ key: [UInt8], _ ledger: ChannelLedger) -> Result<ValueProof, QueryFailure> {
        guard let certificate = ledger.certificate else { return .failure(.noBlock) }
        do throws(ProtocolFailure) {
            return .success(
                ValueProof(
                    header: ledger.header,
                    certificate: certificate,
                    key: key,
                    value: try ledger.state.value(of: key),
                    path: try StateTree.prove(key, in: ledger.state)
                )
            )
        } catch { return .failure(.damaged("\(error)")) }
    }

    /// A final block; nil above the tip and for block 0.
    package func block(at height: Height, channel: Channel) throws(QueryFailure) -> FinalBlock? {
        try self.reader(channel).block(at: height)
    }

    /// The height of the last final block.
    package func height(of channel: Channel) -> Height { self.readers[channel]?.tip.height ?? 0 }

    /// Headers above a height with their certificates, and the next committee where one is named; 256 at most.
    package func headers(
        since height: Height,
        limit: Int,
        channel: Channel
    ) throws(QueryFailure) -> [(header: BlockHeader, certificate: QuorumCertificate, next: Committee?)] {
        try self.reader(channel).headers(since: height, limit: limit)
    }

    /// Events behind a cursor, old ones from the block store; without end until the validator stops.
    package func events(channel: Channel, from cursor: EventCursor) throws(QueryFailure) -> ChainEvents {
        ChainEvents(reader: try self.reader(channel), cursor: cursor)
    }

    /// What happened to a subject up to the last final block, in order.
    ///
    /// - Parameters:
    ///   - subject: 32 bytes: a scope, a request, a permission and so on, see `EventSubjects`.
    ///   - cursor: only what comes after it; nil for everything.
    ///   - limit: events at most.
    ///   - channel: of the events.
    /// - Returns: ascending.
    /// - Throws: ``QueryFailure/pruned(earliest:)`` when blocks behind the cursor are gone here.
    package func events(
        of subject: [UInt8],
        after cursor: EventCursor?,
        limit: Int,
        channel: Channel
    ) async throws(QueryFailure) -> [FoundEvent] {
        guard let indexer = self.indexers[channel] else { throw .notReady("the channel is not open") }
        return try await indexer.events(of: subject, after: cursor, limit: limit)
    }

    /// How it stands.
    package func status() -> ValidatorStatus {
        let (core, isRunning, failure) = self.board.current
        return ValidatorStatus(
            number: self.number,
            channels: core.channels,
            isDiskFull: core.isDiskFull,
            failure: failure,
            isRunning: isRunning,
            peers: self.network.status(),
            logBytes: core.logBytes,
            synchronizations: core.synchronizations,
            jobsWaiting: self.gate.workers.waiting,
            eventsWaiting: self.inbox.count
        )
    }
}

internal import CanonicalBytes
internal import Certificates
internal import ChainInterface
internal import Consensus
internal import Ledger
internal import PeerTransport
internal import Validator

/// A validator as its interface sees it.
struct ValidatorBackend: ChainBackend {
    private let validator: Validator
    private let name: PartyName

    init(_ validator: Validator, name: PartyName) {
        self.validator = validator
        self.name = name
    }

    var genesis: Genesis { self.validator.genesis }

    func submit(_ bytes: [UInt8], waitMilliseconds: UInt64) async throws(ChainRefusal) -> TransactionProof? {
        do throws(SubmissionFailure) {
            return try await self.validator.submit(bytes, waitMilliseconds: waitMilliseconds)
        } catch {
            guard let refusal = ChainRefusal(error) else { return nil }
            throw refusal
        }
    }

    func offer(_ transactions: [[UInt8]]) async -> [ChainRefusal?] {
        await self.validator.offer(transactions).map { $0.flatMap(ChainRefusal.init) }
    }

    func proof(of id: [UInt8], on channel: Channel) async throws(ChainRefusal) -> TransactionProof? {
        do throws(QueryFailure) { return try self.validator.proof(of: id, channel: channel) } catch {
            throw ChainRefusal(error)
        }
    }

    func isWaiting(_ id: [UInt8], on channel: Channel) async -> Bool {
        await self.validator.isWaiting(id, channel: channel)
    }

    func valueProof(of key: [UInt8], on channel: Channel) async throws(ChainRefusal) -> ValueProof {
        do throws(QueryFailure) { return try await self.validator.valueProof(key, channel: channel) } catch {
            throw ChainRefusal(error)
        }
    }

    func height(of channel: Channel) -> Height { self.validator.height(of: channel) }

    func block(at height: Height, on channel: Channel) async throws(ChainRefusal) -> ServedBlock? {
        do throws(QueryFailure) {
            return try self.validator.block(at: height, channel: channel).map {
                ServedBlock(
                    block: $0.block,
                    payload: $0.bytes,
                    certificate: $0.certificate,
                    receipts: $0.receipts
                )
            }
        } catch { throw ChainRefusal(error) }
    }

    func events(
        of subject: [UInt8],
        after place: EventPlace?,
        limit: Int,
        on channel: Channel
    ) async throws(ChainRefusal) -> [SubjectEvent] {
        let cursor = place.map { EventCursor(height: $0.height, index: $0.index) }
        do throws(QueryFailure) {
            let found = try await self.validator.events(of: subject, after: cursor, limit: limit, channel: channel)
            return found.map {
                SubjectEvent(
                    place: EventPlace(height: $0.cursor.height, index: $0.cursor.index),
                    transaction: $0.transaction,
                    topic: $0.topic
                )
            }
        } catch { throw ChainRefusal(error) }
    }

    func waitForBlock(above height: Height, on channel: Channel) async {
        // Nothing stands behind the last place of a block, so that the first event is of a later one.
        let last = EventCursor(height: height, index: .max)
        var events = try? self.validator.events(channel: channel, from: last).makeAsyncIterator()
        _ = try? await events?.next()
    }

    func handovers(after epoch: CommitteeEpoch, on channel: Channel) async throws(ChainRefusal) -> [Handover] {
        do throws(QueryFailure) { return try await self.validator.handovers(after: epoch, channel: channel) } catch {
            throw ChainRefusal(error)
        }
    }

    func status() async -> ChainStatus { ChainStatus(self.validator.status(), self.validator.genesis, self.name) }
}

extension ChainRefusal {
    /// - Returns: nil when the outcome is open, which is no refusal.
    fileprivate init?(_ failure: SubmissionFailure) {
        switch failure {
        case .malformed(let detail): self = .malformed(detail)
        case .badSignature(let detail): self = .notVerified(code: failure.code, detail)
        case .inadmissible(let code): self = .inadmissible(code: code)
        case .poolFull(let code): self = .poolFull(code: code)
        case .notReady(let detail): self = .notReady(detail)
        case .timedOut: return nil
        }
    }

    fileprivate init(_ failure: QueryFailure) {
        switch failure {
        case .pruned(let earliest): self = .pruned(earliest: earliest)
        case .notReady(let detail): self = .notReady(detail)
        case .noBlock: self = .noBlock
        case .damaged(let detail): self = .damaged(detail)
        }
    }
}

extension ChainStatus {
    fileprivate init(_ status: ValidatorStatus, _ genesis: Genesis, _ name: PartyName) {
        self.init(
            chain: genesis.chain,
            genesis: genesis.digest.hex,
            number: status.number.number,
            name: name.description
        )
        self.isRunning = status.isRunning
        self.isDiskFull = status.isDiskFull
        self.failure = status.failure
        self.channels = status.channels.map(ChannelStatus.init)
        self.peers = status.peers.map { peer in
            var entry = PeerStatus(
                number: peer.number,
                name: peer.name.description,
                isConnected: peer.isConnected
            )
            entry.sentBytes = peer.sentBytes
            entry.receivedBytes = peer.receivedBytes
            entry.droppedFrames = peer.dropped
            entry.queuedBytes = peer.queuedBytes
            entry.score = peer.score
            return entry
        }
        self.logBytes = status.logBytes
        self.synchronizations = status.synchronizations
        self.jobsWaiting = status.jobsWaiting
        self.eventsWaiting = status.eventsWaiting
    }
}

extension ChainStatus.ChannelStatus {
    fileprivate init(_ status: ValidatorStatus.ChannelStatus) {
        self.init(channel: status.channel.name)
        self.height = status.height
        self.block = status.tip.bytes.hex
        self.time = status.blockTime
        self.epoch = status.epoch
        self.view = status.view
        self.isChangingView = status.isChangingView
        self.leader = status.leader.number
        self.poolCount = status.poolCount
        self.poolBytes = status.poolBytes
        self.members = status.members
        self.quorum = status.quorum
        self.reachable = status.reachable
        self.margin = status.margin
        self.isMember = status.isMember
        self.isSilent = status.isSilent
        self.earliestBlock = status.earliestBlock
        self.blocksCommitted = status.blocksCommitted
        self.transactionsCommitted = status.transactionsCommitted
        self.viewChanges = status.viewChanges
        self.badProposals = status.badProposals
        self.evidenceReported = status.evidenceReported
        self.refusedVotes = status.refusedVotes
    }
}

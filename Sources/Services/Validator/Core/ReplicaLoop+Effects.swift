internal import CanonicalBytes
internal import Consensus
internal import Ledger
internal import LedgerStore
internal import Logging
internal import Mempool
internal import PeerTransport

extension ReplicaLoop {
    /// Carries one effect out; votes and messages leave after the next synchronization of the log.
    ///
    /// - Throws: a full disk before anything was done.
    func perform(_ effect: Effect, _ index: Int) throws(LedgerFailure) {
        let host = self.hosts[index]
        switch effect {
        case .persist(let record): try self.persist(record, host)
        // As if it were lost on the way; the replica asks again.
        case .send(.blockRequest, _) where host.wish != nil: break
        case .send(let message, let peer):
            self.outgoing.append(Outgoing(message: message, channel: host.channel, peers: [peer.number]))
        case .broadcast(let message):
            let peers = host.replica.committee.members.map(\.id).filter { $0 != self.number }.map(\.number)
            self.outgoing.append(Outgoing(message: message, channel: host.channel, peers: peers))
        case .startTimer(let token, let milliseconds): host.start(token, after: milliseconds, now: .now)
        case .validate(let block): host.judge(block, inbox: self.inbox)
        case .build(let height, let parent): host.draft = ChannelHost.Draft(height: height, parent: parent)
        case .deliver(let certified):
            try host.deliver(certified)
            try self.beginSnapshotIfDue(host)
        case .serveBlocks(let height, let peer): self.serve(from: height, to: peer, host)
        case .fetchSnapshot(let peer): self.askForSnapshot(of: peer, host)
        case .report(let evidence):
            host.counters.evidence += 1
            self.logger.error(
                "a validator has contradicted itself; the proof goes on the chain",
                metadata: ["channel": "\(host.channel.name)", "culprit": "\(evidence.culprit)"]
            )
            host.take(evidence, chain: self.chain)
        case .alarm(let alarm): self.tell(alarm, host)
        }
    }

    private func persist(_ record: LogRecord, _ host: ChannelHost) throws(LedgerFailure) {
        do throws(LedgerStoreFailure) {
            for entry in self.codec.entries(of: record, in: host.channel) {
                try self.log.append(kind: entry.kind, entry.bytes)
            }
        } catch { throw .store(error) }
    }

    /// Answers with blocks that are on the disk or will be before the answer leaves.
    private func serve(from height: Height, to peer: ReplicaID, _ host: ChannelHost) {
        let last = min(host.ledger.height, height + UInt64(Message.blocksPerAnswer) - 1)
        guard height <= last else { return }
        do throws(LedgerStoreFailure) {
            let stored = try host.ledger.blocks.read(height...last, bytesMax: 4 << 20)
            var blocks: [CertifiedBlock] = []
            for block in stored {
                guard let certificate = try? QuorumCertificate(bytes: block.certificate),
                    let described = try? self.gate.reader(host.channel).block(of: block.block)
                else { break }
                blocks.append(CertifiedBlock(block: described, certificate: certificate))
            }
            guard !blocks.isEmpty else { return }
            self.outgoing.append(Outgoing(message: .blocks(blocks), channel: host.channel, peers: [peer.number]))
        } catch {
            self.logger.error(
                "blocks for another validator cannot be read",
                metadata: ["channel": "\(host.channel.name)", "reason": "\(error)"]
            )
        }
    }

    private func tell(_ alarm: Alarm, _ host: ChannelHost) {
        let channel = Logger.MetadataValue.string(host.channel.name)
        switch alarm {
        case .badProposal(let view, let height):
            host.counters.badProposals += 1
            self.logger.error(
                "the leader proposed a block that this validator refuses",
                metadata: ["channel": channel, "view": "\(view)", "height": "\(height)"]
            )
        case .refusedSecondVote(let slot):
            host.counters.refusedVotes += 1
            self.logger.critical(
                "a vote would have contradicted an earlier one and was not sent: memory or disk of this machine is damaged",
                metadata: ["channel": channel, "view": "\(slot.view)", "height": "\(slot.height)"]
            )
        case .wrongShare(let member, let height):
            self.logger.error(
                "a validator's share of a certificate does not hold: it lies, or its keys are damaged",
                metadata: ["channel": channel, "validator": "\(member)", "height": "\(height)"]
            )
        case .silent:
            self.logger.warning(
                "the log was lost: this validator follows the chain and votes again when its old votes can do no harm",
                metadata: ["channel": channel]
            )
        }
    }

    // MARK: - Status

    func publishStatus() {
        let now = Instant.now
        guard self.board.isDue(now) else { return }
        self.board.publish(
            StatusBoard.Core(
                channels: self.hosts.map(self.status),
                isDiskFull: self.isDiskFull,
                logBytes: self.log.bytesInSegment,
                synchronizations: self.synchronizations
            ),
            now
        )
    }

    private func status(of host: ChannelHost) -> ValidatorStatus.ChannelStatus {
        let replica = host.replica
        return ValidatorStatus.ChannelStatus(
            channel: host.channel,
            height: host.ledger.height,
            tip: host.ledger.hash,
            epoch: replica.epoch,
            view: replica.view,
            isChangingView: replica.isChangingView,
            leader: replica.committee.leader(of: replica.view, height: host.ledger.height + 1),
            blockTime: host.ledger.header.time,
            committedAt: host.committedAt,
            poolCount: host.pool.count,
            poolBytes: host.pool.bytes,
            members: replica.committee.size,
            quorum: replica.committee.quorum,
            reachable: self.reachableMembers(host),
            isMember: replica.isMember,
            isSilent: replica.isSilent,
            earliestBlock: host.reader.earliest,
            blocksCommitted: host.counters.blocks,
            transactionsCommitted: host.counters.transactions,
            viewChanges: host.counters.viewChanges,
            badProposals: host.counters.badProposals,
            evidenceReported: host.counters.evidence,
            refusedVotes: host.counters.refusedVotes,
            wrongSnapshots: host.counters.wrongSnapshots
        )
    }
}

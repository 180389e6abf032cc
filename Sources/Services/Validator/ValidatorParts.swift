internal import CanonicalBytes
internal import Certificates
package import Consensus
internal import Contracts
package import Ledger
package import LedgerStore
internal import Logging
internal import P256Group
internal import PeerTransport

/// What a validator is made of; tests choose other networks and contracts.
package struct ValidatorParts: Sendable {
    package let number: ReplicaID
    package let genesis: Genesis
    package let signer: any ReplicaSigner
    package let scheme: any SignatureScheme
    /// The own entry as the committee must list it.
    package let member: Member
    package let logic: any ContractLogic
    package let network: any PeerNetwork
    /// Under which values of 32 bytes an event is found.
    package var subjects: @Sendable (ContractEvent) -> [[UInt8]] = EventSubjects.subjects(of:)
    /// The log's system calls.
    package var diskCalls = DiskCalls.system

    package init(
        number: ReplicaID,
        genesis: Genesis,
        signer: any ReplicaSigner,
        scheme: any SignatureScheme,
        member: Member,
        logic: any ContractLogic,
        network: any PeerNetwork
    ) {
        self.number = number
        self.genesis = genesis
        self.signer = signer
        self.scheme = scheme
        self.member = member
        self.logic = logic
        self.network = network
    }
}

/// Opens the files of a validator and puts the core together.
struct ValidatorOpening {
    let configuration: ValidatorConfiguration
    let parts: ValidatorParts
    let logger: Logger

    /// What the validator's interface needs of an opened core.
    struct Opened {
        let loop: ReplicaLoop
        let readers: [Channel: ChannelReader]
        let indexers: [Channel: SubjectIndexer]
    }

    /// Recovers both channels.
    ///
    /// - Throws: ``ValidatorFailure`` with what the operator does.
    func open(inbox: Inbox, gate: MessageGate, board: StatusBoard) throws(ValidatorFailure) -> Opened {
        do throws(LedgerFailure) { return try self.openAll(inbox, gate, board) } catch {
            throw ValidatorFailure(error.description)
        }
    }

    private func openAll(_ inbox: Inbox, _ gate: MessageGate, _ board: StatusBoard) throws(LedgerFailure) -> Opened {
        let (directory, opened) = try self.openLog()
        if let torn = opened.tornTail {
            self.logger.warning("a crash tore the log's last entries", metadata: ["detail": "\(torn)"])
        }
        var codec = LogCodec()
        var hosts: [ChannelHost] = []
        var readers: [Channel: ChannelReader] = [:]
        var indexers: [Channel: SubjectIndexer] = [:]
        let certificates = CertificateCache(
            tables: KeyTables(limit: 256) { [background = gate.background] in
                background.run(isUrgent: false, $0)
            }
        )
        for channel in Channel.allCases {
            let records = try self.records(opened.entries, of: channel, &codec, gate)
            let host = try self.host(channel, records, directory, isLogLost: opened.log.isLost, certificates, gate)
            readers[channel] = host.reader
            indexers[channel] = try self.indexer(host)
            hosts.append(host)
        }
        let loop = ReplicaLoop(
            number: self.parts.number,
            chain: Array(self.parts.genesis.chain.utf8),
            hosts: hosts,
            configuration: self.configuration,
            network: self.parts.network,
            gate: gate,
            inbox: inbox,
            log: opened.log,
            codec: codec,
            directory: directory,
            board: board,
            peersOf: { [self] in self.peers($0) },
            logger: self.logger
        )
        return Opened(loop: loop, readers: readers, indexers: indexers)
    }

    private func openLog() throws(LedgerFailure) -> (StoreDirectory, OpenedLog) {
        do throws(LedgerStoreFailure) {
            let directory = try StoreDirectory("\(self.configuration.directory)/ledger")
            return (
                directory, try directory.openLog(channels: Channel.allCases.map(\.name), calls: self.parts.diskCalls)
            )
        } catch { throw .store(error) }
    }

    private func records(
        _ entries: [LogEntry],
        of channel: Channel,
        _ codec: inout LogCodec,
        _ gate: MessageGate
    ) throws(LedgerFailure) -> [LogRecord] {
        do throws(ProtocolFailure) {
            return try codec.records(entries.map { ($0.kind, $0.bytes) }, of: channel, reader: gate.reader(channel))
        } catch {
            throw .diverged(
                "the log holds what this release cannot read (\(error)); start the release that wrote it, or move the log "
                    + "away: the validator then stays silent until its old votes can do no harm"
            )
        }
    }

    private func host(
        _ channel: Channel,
        _ records: [LogRecord],
        _ directory: StoreDirectory,
        isLogLost: Bool,
        _ certificates: CertificateCache,
        _ gate: MessageGate
    ) throws(LedgerFailure) -> ChannelHost {
        let folder: StoreDirectory.Channel
        do throws(LedgerStoreFailure) { folder = try directory.channel(channel.name) } catch { throw .store(error) }
        let opening = ChannelOpening(
            channel: channel,
            genesis: self.parts.genesis,
            logic: self.parts.logic,
            scheme: self.parts.scheme,
            folder: folder,
            caches: self.configuration.limits.caches,
            blockFileBytes: self.configuration.limits.blockFileBytes,
            certificates: certificates,
            logger: self.logger
        )
        let opened = try opening.open(records: records)
        let ledger = opened.ledger
        let replica = self.replica(ledger, records, isLogLost: isLogLost || opened.isBehindItsVotes)
        try self.checkKeys(replica)
        let reader = ChannelReader(
            channel: channel,
            tip: TipBoard(height: ledger.height),
            blocks: ledger.blocks,
            transactions: ledger.transactions
        )
        let host = ChannelHost(
            ledger: ledger,
            isBehindItsVotes: opened.isBehindItsVotes,
            replica: replica,
            reader: reader,
            gate: gate,
            shelf: try self.shelf(folder),
            limits: self.configuration.limits
        )
        gate.use(replica.verifier, in: channel)
        gate.passed(ledger.height, in: channel)
        try host.useIssuers()
        return host
    }

    private func indexer(_ host: ChannelHost) throws(LedgerFailure) -> SubjectIndexer {
        do throws(LedgerStoreFailure) {
            let index = try self.configuration.limits.caches.subjectIndex(
                path: host.ledger.folder.subjects,
                rules: SubjectIndexer.rules
            )
            // Blocks that were lost come again, and are added again.
            if let known = index.height, known > host.ledger.height { try index.removeAll() }
            host.subjects = index
            return SubjectIndexer(index, reader: host.reader, subjects: self.parts.subjects, logger: self.logger)
        } catch { throw .store(error) }
    }

    private func shelf(_ folder: StoreDirectory.Channel) throws(LedgerFailure) -> SnapshotShelf {
        do throws(LedgerStoreFailure) { return try SnapshotShelf(folder) } catch { throw .store(error) }
    }

    private func replica(_ ledger: ChannelLedger, _ records: [LogRecord], isLogLost: Bool) -> Replica {
        var settings = ReplicaConfiguration()
        settings.progressTimeout = self.configuration.progressTimeout
        var replica = Replica(
            id: self.parts.number,
            chain: self.parts.genesis.context(of: ledger.channel),
            genesis: (ledger.genesisHash, self.parts.genesis.committee),
            configuration: settings,
            signer: self.parts.signer,
            scheme: self.parts.scheme
        )
        replica.recover(
            Recovery(
                tip: ledger.tip,
                committees: ledger.view.committees,
                records: records,
                isLogLost: isLogLost
            )
        )
        replica.holdsBlocks(from: ledger.earliestBlock)
        return replica
    }

    private func checkKeys(_ replica: Replica) throws(LedgerFailure) {
        guard let listed = replica.committee.member(self.parts.number), listed != self.parts.member else { return }
        throw .diverged(
            "validator.key does not hold the keys that the committee lists for number \(self.parts.number.number): "
                + "restore the right file, or have the governors enter the new keys under a new number"
        )
    }

    /// The peers by the names that the chain gives them and the addresses that the operator gives.
    private func peers(_ hosts: [ChannelHost]) -> [Peer] {
        self.configuration.peers.filter { $0.number != self.parts.number.number }.compactMap { address in
            let id = ReplicaID(address.number)
            let known = self.parts.genesis.validators.first { $0.id == id }?.name
            let later = hosts.first.flatMap { try? $0.ledger.state.value(of: StateKey.validator(id)) }
            guard let name = later.flatMap({ PartyName(String(decoding: $0, as: UTF8.self)) }) ?? known else {
                return nil
            }
            return Peer(number: address.number, name: name, host: address.host, port: address.port)
        }
    }
}

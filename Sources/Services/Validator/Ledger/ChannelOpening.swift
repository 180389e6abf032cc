internal import CanonicalBytes
internal import Consensus
@preconcurrency internal import Glibc
internal import Ledger
internal import LedgerStore
internal import Logging
internal import StateTree

/// Opens one channel's files and brings them to one height, whatever a crash left behind.
///
/// The block store is the truth. The state may lag and is computed on from the blocks; a state that is ahead of the
/// blocks, or does not have the root that the committee certified, is dropped and computed again from the genesis. The
/// log may know final blocks that the block store does not have yet.
struct ChannelOpening {
    let channel: Channel
    let genesis: Genesis
    let logic: any ContractLogic
    let scheme: any SignatureScheme
    let folder: StoreDirectory.Channel
    let caches: CacheBudget
    let blockFileBytes: Int
    let certificates: CertificateCache
    let logger: Logger

    /// A channel that is ready.
    struct Opened {
        let ledger: ChannelLedger
        /// Blocks are missing that this validator may have voted on top of.
        let isBehindItsVotes: Bool
    }

    /// Opens the channel.
    ///
    /// - Parameter records: what the log holds of this channel, in order.
    /// - Returns: the channel at the height where blocks and log end.
    /// - Throws: ``LedgerFailure``.
    func open(records: [LogRecord]) throws(LedgerFailure) -> Opened {
        let blocks = try self.blocks()
        let first = try self.first()
        do throws(LedgerFailure) {
            return try self.open(blocks, first, records)
        } catch {
            guard case .diverged(let reason) = error else { throw error }
            if blocks.earliest ?? 1 <= 1 {
                self.log("the state is computed again from the genesis", ["reason": "\(reason)"])
                if blocks.last == nil { try self.markBehind() }
                try self.dropState()
            } else {
                try self.restore(blocks, reason)
            }
        }
        return try self.open(blocks, first, records)
    }

    private func open(
        _ blocks: BlockStore,
        _ first: ExecutedBlock,
        _ records: [LogRecord]
    ) throws(LedgerFailure) -> Opened {
        let ledger = try self.load(blocks, first: first)
        try self.finish(ledger, records)
        return Opened(ledger: ledger, isBehindItsVotes: self.isMarkedBehind)
    }

    private var genesisView: CommitteeView {
        CommitteeView(genesis: self.genesis, channel: self.channel, scheme: self.scheme)
    }

    // MARK: - Steps

    private func blocks() throws(LedgerFailure) -> BlockStore {
        do throws(LedgerStoreFailure) {
            let opened = try BlockStore.open(directory: self.folder.blocks, segmentBytes: self.blockFileBytes)
            if let torn = opened.tornTail { self.log("a crash tore the last blocks", ["detail": "\(torn)"]) }
            return opened.store
        } catch { throw .store(error) }
    }

    private func first() throws(LedgerFailure) -> ExecutedBlock {
        let executor = BlockExecutor(chain: Array(self.genesis.chain.utf8), channel: self.channel, logic: self.logic)
        do throws(ProtocolFailure) { return try executor.genesis(self.genesis) } catch {
            throw .diverged("the genesis cannot be executed: \(error)")
        }
    }

    /// Opens the files at the height of the state.
    private func load(_ blocks: BlockStore, first: ExecutedBlock) throws(LedgerFailure) -> ChannelLedger {
        let state = try self.state(first)
        let height = state.store.height ?? 0
        let base = try self.base(of: height)
        guard base != nil || height <= blocks.last ?? 0 else {
            throw .diverged("the state is of block \(height), but the blocks end at \(blocks.last ?? 0)")
        }
        guard height + 1 >= blocks.earliest ?? 1 else {
            throw .diverged("the state is of block \(height), but the blocks begin at \(blocks.earliest ?? 1)")
        }
        var view = self.genesisView
        let handovers: HandoverFile
        do throws(ProtocolFailure) {
            handovers = try HandoverFile(path: "\(self.folder.path)/committees", upTo: height)
            for handover in base?.handovers ?? handovers.handovers {
                try view.follow(handover.header, handover.certificate, next: handover.next)
            }
        } catch { throw .diverged("the list of committees does not hold: \(error)") }
        let ledger = ChannelLedger(
            channel: self.channel,
            genesis: self.genesis,
            first: first.block.header,
            executor: BlockExecutor(chain: Array(self.genesis.chain.utf8), channel: self.channel, logic: self.logic),
            blocks: blocks,
            transactions: try self.index(),
            state: state,
            handovers: handovers,
            view: view,
            certificates: self.certificates,
            folder: self.folder,
            caches: self.caches,
            genesisView: self.genesisView
        )
        if let base {
            do throws(LedgerStoreFailure) { try ledger.beginBehind(base) } catch { throw .store(error) }
            ledger.resume(at: base.header, base.certificate)
        } else if height > 0 {
            let (block, certificate) = try self.read(height, blocks)
            ledger.resume(at: block.header, certificate)
        }
        try self.check(ledger)
        return ledger
    }

    /// What the state's file began with, when it still stands there.
    private func base(of height: Height) throws(LedgerFailure) -> SnapshotBase? {
        do throws(ProtocolFailure) {
            guard height > 0, let base = try SnapshotBase.read(in: self.folder), base.header.height == height else {
                return nil
            }
            return base
        } catch {
            throw .diverged("\(SnapshotBase.path(in: self.folder)) is damaged (\(error)): \(self.advice)")
        }
    }

    private func state(_ first: ExecutedBlock) throws(LedgerFailure) -> CommittedState {
        do throws(LedgerStoreFailure) {
            let state = CommittedState(try self.caches.stateStore(path: self.folder.state))
            guard state.store.height == nil else { return state }
            try state.apply(first)
            try state.store.flush()
            return state
        } catch { throw .store(error) }
    }

    private func index() throws(LedgerFailure) -> TransactionIndex {
        do throws(LedgerStoreFailure) {
            return try self.caches.transactionIndex(path: self.folder.transactions)
        } catch {
            throw .store(error)
        }
    }

    /// The state's root and the committee must be those that the last block's certificate stands for.
    private func check(_ ledger: ChannelLedger) throws(LedgerFailure) {
        do throws(ProtocolFailure) {
            let root = try StateTree.root(of: ledger.state)
            try require(
                root == ledger.header.stateRoot,
                .context,
                "the state's root is not the one of block \(ledger.height)"
            )
            try require(
                CommitteeDigest.of(ledger.view.committees.current) == ledger.header.validatorsRoot,
                .context,
                "the list of committees does not lead to the one that block \(ledger.height) names"
            )
            if let certificate = ledger.certificate, ledger.header.height > 0 {
                try ledger.view.check(ledger.header, certificate)
            }
        } catch { throw .diverged(error.detail) }
    }

    /// Executes what the block store and the log have above the state.
    private func finish(_ ledger: ChannelLedger, _ records: [LogRecord]) throws(LedgerFailure) {
        let before = ledger.height
        // The state may have come to the disk before the index; what follows adds to an index without a gap.
        try self.catchUpIndex(ledger)
        while ledger.height < ledger.blocks.last ?? 0 {
            let (block, certificate) = try self.read(ledger.height + 1, ledger.blocks)
            try self.requireCertified(block.header, certificate, ledger)
            try ledger.advance(try ledger.execute(block, hash: block.header.hash, verified: []), certificate)
            // What is computed again from the genesis does not fit into memory.
            if ledger.state.store.dirtyBytes > 64 << 20 { try self.flush(ledger) }
        }
        for case .committed(let certified) in records where certified.block.height == ledger.height + 1 {
            let block: LedgerBlock
            do throws(ProtocolFailure) { block = try LedgerBlock(bytes: certified.block.payload) } catch {
                throw .diverged("the log holds a block that cannot be read: \(error)")
            }
            try self.requireCertified(block.header, certified.certificate, ledger)
            try ledger.append(
                try ledger.execute(block, hash: certified.block.hash, verified: []),
                certified.certificate
            )
        }
        try self.flush(ledger)
        if ledger.height > before {
            self.log(
                "blocks were executed again after the last stop",
                ["from": "\(before + 1)", "to": "\(ledger.height)"]
            )
        }
    }

    private func requireCertified(
        _ header: BlockHeader,
        _ certificate: QuorumCertificate,
        _ ledger: ChannelLedger
    ) throws(LedgerFailure) {
        do throws(ProtocolFailure) { try ledger.view.check(header, certificate) } catch {
            throw .diverged("block \(header.height) on the disk is not certified: \(error)")
        }
    }

    private func catchUpIndex(_ ledger: ChannelLedger) throws(LedgerFailure) {
        guard let last = ledger.blocks.last, let earliest = ledger.blocks.earliest else { return }
        do throws(LedgerStoreFailure) {
            try ledger.transactions.catchUp(to: last, earliest: earliest) { height throws(LedgerStoreFailure) in
                guard let stored = try ledger.blocks.read(height) else { return [] }
                let block: LedgerBlock
                do throws(ProtocolFailure) { block = try LedgerBlock(bytes: stored.block) } catch {
                    throw .refused("block \(height) cannot be read: \(error)")
                }
                return block.transactions.map(\.id)
            }
        } catch { throw .store(error) }
    }

    private func read(_ height: Height, _ blocks: BlockStore) throws(LedgerFailure) -> (LedgerBlock, QuorumCertificate)
    {
        do throws(LedgerStoreFailure) {
            guard let stored = try blocks.read(height) else { throw LedgerStoreFailure.refused("no block \(height)") }
            do throws(ProtocolFailure) {
                return (try LedgerBlock(bytes: stored.block), try QuorumCertificate(bytes: stored.certificate))
            } catch { throw LedgerStoreFailure.refused("block \(height) cannot be read: \(error)") }
        } catch { throw .store(error) }
    }

    private func flush(_ ledger: ChannelLedger) throws(LedgerFailure) {
        do throws(LedgerStoreFailure) { try ledger.flush() } catch { throw .store(error) }
    }

    // MARK: - Starting over

    /// What helps when nothing here does.
    private var advice: String {
        "stop the validator, delete \(self.folder.path) and start it again; it then gets everything from the others and "
            + "stays silent until its old votes can do no harm"
    }

    /// Takes the state from the latest own snapshot that is whole, since the blocks before it are gone.
    private func restore(_ blocks: BlockStore, _ reason: String) throws(LedgerFailure) {
        do throws(LedgerStoreFailure) {
            let snapshots = try Snapshots(directory: self.folder.snapshots)
            for height in try snapshots.list().reversed() where height + 1 >= blocks.earliest ?? 1 {
                guard height <= blocks.last ?? 0, let assembly = try self.assemble(snapshots, height) else { continue }
                try assembly.complete()
                try SnapshotBase(assembly.manifest).write(in: self.folder)
                try assembly.builder.replace()
                return self.log("the state comes from a snapshot", ["reason": "\(reason)", "height": "\(height)"])
            }
        } catch { throw .store(error) }
        throw .diverged("\(reason), the blocks below are pruned and no snapshot here is whole: \(self.advice)")
    }

    private func assemble(_ snapshots: Snapshots, _ height: Height) throws(LedgerStoreFailure) -> StateAssembly? {
        do throws(LedgerStoreFailure) {
            guard let summary = try snapshots.summary(height) else { return nil }
            let assembly = try self.assembly(of: summary.manifest)
            for index in assembly?.manifest.wantedParts ?? [] {
                guard let chunk = try snapshots.readChunk(height, index: index) else { return nil }
                guard try self.put(chunk, index, assembly) else { return nil }
            }
            return assembly
        } catch {
            guard case .corrupt = error else { throw error }
            self.log("a snapshot is damaged", ["reason": "\(error)"])
            return nil
        }
    }

    private func assembly(of manifest: [UInt8]) throws(LedgerStoreFailure) -> StateAssembly? {
        guard let manifest = try? SnapshotManifest(bytes: manifest),
            let view = try? manifest.verify(from: self.genesisView)
        else { return nil }
        return try StateAssembly(manifest, view, path: self.folder.state)
    }

    private func put(
        _ chunk: [UInt8],
        _ index: Int,
        _ assembly: StateAssembly?
    ) throws(LedgerStoreFailure) -> Bool {
        do throws(StateAssembly.Failure) { try assembly?.put(chunk, index: index) } catch {
            guard case .store(let failure) = error else { return false }
            throw failure
        }
        return true
    }

    private func dropState() throws(LedgerFailure) {
        for name in ["state.sqlite", "state.sqlite-wal", "state.sqlite-shm", "committees"] {
            let path = "\(self.folder.path)/\(name)"
            guard unlink(path) == 0 || errno == ENOENT else {
                throw .store(.ioError("cannot delete \(path): \(String(cString: strerror(errno)))"))
            }
        }
    }

    /// Present while blocks are missing that this validator may have voted on top of.
    private var mark: String { Self.mark(in: self.folder) }

    static func mark(in folder: StoreDirectory.Channel) -> String { "\(folder.path)/behind" }

    /// Forgets that blocks were missing.
    static func removeMark(in folder: StoreDirectory.Channel) throws(LedgerStoreFailure) {
        let path = self.mark(in: folder)
        guard unlink(path) == 0 || errno == ENOENT else {
            throw .ioError("cannot delete \(path): \(String(cString: strerror(errno)))")
        }
    }

    private var isMarkedBehind: Bool { access(self.mark, F_OK) == 0 }

    private func markBehind() throws(LedgerFailure) {
        let descriptor = Glibc.open(self.mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .store(.ioError("cannot write \(self.mark): \(String(cString: strerror(errno)))"))
        }
        fsync(descriptor)
        close(descriptor)
    }

    private func log(_ text: String, _ metadata: [String: Logger.MetadataValue]) {
        var metadata = metadata
        metadata["channel"] = "\(self.channel.name)"
        self.logger.warning("\(text)", metadata: metadata)
    }
}

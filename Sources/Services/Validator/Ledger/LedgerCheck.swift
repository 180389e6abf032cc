internal import CanonicalBytes
package import Consensus
package import Ledger
internal import LedgerStore
internal import StateTree

/// Checks the ledger of a validator that does not run against the genesis.
///
/// Unlike an audit of an export it needs no blocks since the genesis, so that it also judges a directory that began with a
/// snapshot or forgot its first blocks. What it does not do is to compute effects again: the committee certified them.
package struct LedgerCheck {
    /// What was found right.
    package struct Report: Hashable, Sendable {
        package let channel: Channel
        /// Of the last snapshot that the state came from; nil when it was computed since the genesis.
        package let snapshot: Height?
        /// The lowest block that is here; nil when there are none.
        package let earliest: Height?
        /// The last block; 0 for the genesis.
        package let last: Height
        /// In the blocks that are here.
        package let transactions: Int
        /// Committees since the genesis.
        package let committees: Int
        /// Of the state.
        package let entries: Int
        /// Of the state; below `last` only when the validator has been killed and not started since.
        package let stateHeight: Height
        package let stateRoot: [UInt8]
        package let tip: BlockHash
    }

    private let directory: StoreDirectory
    private let genesis: Genesis
    private let logic: any ContractLogic
    private let scheme: any SignatureScheme

    /// Keeps validators out of the directory until the value goes away.
    ///
    /// - Parameters:
    ///   - path: of the ledger, `ledger` in the validator's directory.
    ///   - genesis: that is trusted.
    ///   - logic: the chain's contracts.
    ///   - scheme: how its certificates are made.
    /// - Throws: ``ValidatorFailure`` when a process uses it or it is none.
    package init(
        _ path: String,
        genesis: Genesis,
        logic: any ContractLogic,
        scheme: any SignatureScheme
    ) throws(ValidatorFailure) {
        do throws(LedgerStoreFailure) { self.directory = try StoreDirectory(path) } catch {
            throw ValidatorFailure(error.description)
        }
        self.genesis = genesis
        self.logic = logic
        self.scheme = scheme
    }

    /// Checks every committee, block and certificate, and every node and entry of the state.
    ///
    /// - Throws: ``ValidatorFailure`` with the first thing that does not hold.
    package func check(_ channel: Channel) throws(ValidatorFailure) -> Report {
        do throws(LedgerFailure) { return try self.report(channel) } catch {
            throw ValidatorFailure("\(self.directory.path)/\(channel.name): \(error)")
        }
    }

    // MARK: - Steps

    /// A channel's files.
    private struct Files {
        let folder: StoreDirectory.Channel
        let blocks: BlockStore
        let store: StateStore
        /// The genesis block's.
        let first: BlockHeader
        /// What the state began with; nil when it was computed since the genesis.
        let base: SnapshotBase?

        var stateHeight: Height { self.store.height ?? 0 }
        var last: Height { max(self.blocks.last ?? 0, self.stateHeight) }

        /// The block before the lowest one that is here; nil when it is gone.
        var beforeBlocks: BlockHeader? {
            guard let earliest = self.blocks.earliest else { return self.base?.header ?? self.first }
            return [self.first, self.base?.header].compactMap { $0 }.first { $0.height + 1 == earliest }
        }
    }

    private func report(_ channel: Channel) throws(LedgerFailure) -> Report {
        let files = try self.open(channel)
        defer { files.store.close() }
        let (view, committees) = try self.committees(channel, files)
        var walk = BlockWalk(view: view, header: files.beforeBlocks)
        if let earliest = files.blocks.earliest { try walk.follow(files.blocks, from: earliest) }
        let header = try self.stateHeader(files, walk.header)
        let entries = try self.state(files, header)
        return Report(
            channel: channel,
            snapshot: files.base?.header.height,
            earliest: files.blocks.earliest,
            last: files.last,
            transactions: walk.transactions,
            committees: committees,
            entries: entries,
            stateHeight: header.height,
            stateRoot: header.stateRoot,
            tip: (walk.header ?? header).hash
        )
    }

    private func open(_ channel: Channel) throws(LedgerFailure) -> Files {
        let executor = BlockExecutor(chain: Array(self.genesis.chain.utf8), channel: channel, logic: self.logic)
        let first = try self.proven { () throws(ProtocolFailure) in try executor.genesis(self.genesis).block.header }
        let folder: StoreDirectory.Channel
        let blocks: BlockStore
        let store: StateStore
        do throws(LedgerStoreFailure) {
            folder = try self.directory.channel(channel.name)
            blocks = try BlockStore.open(directory: folder.blocks).store
            store = try StateStore(path: folder.state)
        } catch { throw .store(error) }
        let base = try self.proven { () throws(ProtocolFailure) in try SnapshotBase.read(in: folder) }
        // One that was written just before a crash stands for nothing yet.
        let last = max(blocks.last ?? 0, store.height ?? 0)
        return Files(
            folder: folder,
            blocks: blocks,
            store: store,
            first: first,
            base: base.flatMap { $0.header.height <= last ? $0 : nil }
        )
    }

    /// Every change of the committee since the genesis, and the certificate of the snapshot's block.
    private func committees(_ channel: Channel, _ files: Files) throws(LedgerFailure) -> (CommitteeView, Int) {
        try self.proven { () throws(ProtocolFailure) in
            var view = CommitteeView(genesis: self.genesis, channel: channel, scheme: self.scheme)
            let handovers = try HandoverFile(path: "\(files.folder.path)/committees", upTo: files.last).handovers
            for handover in handovers {
                try view.follow(handover.header, handover.certificate, next: handover.next)
            }
            if let base = files.base { try view.check(base.header, base.certificate) }
            return (view, handovers.count + 1)
        }
    }

    /// The certified header that the state belongs to.
    private func stateHeader(_ files: Files, _ tip: BlockHeader?) throws(LedgerFailure) -> BlockHeader {
        let height = files.stateHeight
        let known = [tip, files.base?.header, files.first].compactMap { $0 }
        if let header = known.first(where: { $0.height == height }) { return header }
        do throws(LedgerStoreFailure) {
            guard let stored = try files.blocks.read(height) else {
                throw .refused(
                    "the state is of block \(height), which is not here: start the validator once, and check again"
                )
            }
            do throws(ProtocolFailure) { return try LedgerBlock(bytes: stored.block).header } catch {
                throw LedgerStoreFailure.refused("block \(height) cannot be read: \(error)")
            }
        } catch { throw .store(error) }
    }

    /// Every node leads to the root that the header names, and every entry to a leaf of it.
    private func state(_ files: Files, _ header: BlockHeader) throws(LedgerFailure) -> Int {
        let state = CommittedState(BufferedStateStore(files.store, cacheBytes: 64 << 20, dirtyBytesMax: .max))
        let leaves = try self.proven { () throws(ProtocolFailure) in
            let census = try StateTree.check(state)
            try require(
                census.root == header.stateRoot,
                .context,
                "the state's root is not the one of block \(header.height)"
            )
            return census.leaves
        }
        var (entries, after) = (0, [UInt8]?.none)
        while true {
            let some = try self.entries(files.store, after: after)
            for entry in some { try self.check(entry, in: state, header) }
            entries += some.count
            guard let key = some.last?.key else { break }
            after = key
        }
        guard entries == leaves else {
            throw .diverged("the state has \(entries) entries, but its tree stands for \(leaves)")
        }
        return entries
    }

    private func entries(_ store: StateStore, after key: [UInt8]?) throws(LedgerFailure) -> [StateEntry] {
        do throws(LedgerStoreFailure) { return try store.entries(prefix: [], after: key, limit: 1_024) } catch {
            throw .store(error)
        }
    }

    private func check(_ entry: StateEntry, in state: CommittedState, _ header: BlockHeader) throws(LedgerFailure) {
        try self.proven { () throws(ProtocolFailure) in
            let proof = try StateTree.prove(entry.key, in: state)
            let isProven = proof.proves(entry.value, of: entry.key, under: header.stateRoot)
            try require(isProven, .context, "the entry of key \(entry.key.hex) is not the certified one")
        }
    }

    private func proven<T>(_ body: () throws(ProtocolFailure) -> T) throws(LedgerFailure) -> T {
        do throws(ProtocolFailure) { return try body() } catch { throw .diverged(error.description) }
    }
}

/// Blocks in a row: each certified, behind the one before, and with the transactions and receipts that its header names.
private struct BlockWalk {
    let view: CommitteeView
    /// Of the block before; nil when it is not here.
    var header: BlockHeader?
    var transactions = 0

    init(view: CommitteeView, header: BlockHeader?) {
        self.view = view
        self.header = header
    }

    mutating func follow(_ blocks: BlockStore, from earliest: Height) throws(LedgerFailure) {
        var height = earliest
        do throws(LedgerStoreFailure) {
            while let stored = try blocks.read(height) {
                do throws(ProtocolFailure) { try self.take(stored, at: height) } catch {
                    throw LedgerStoreFailure.refused("block \(height) is wrong: \(error)")
                }
                height += 1
            }
        } catch { throw .store(error) }
    }

    private mutating func take(_ stored: StoredBlock, at height: Height) throws(ProtocolFailure) {
        let block = try LedgerBlock(bytes: stored.block)
        try require(block.header.height == height, .context, "it is block \(block.header.height)")
        try self.view.check(block.header, try QuorumCertificate(bytes: stored.certificate))
        if let before = self.header { try require(block.header.parent == before.hash, .context, "another parent") }
        let receipts = try ReceiptList.read(stored.receipts)
        try require(
            BlockTrees.root(block.transactions.map(\.id)) == block.header.transactionRoot
                && BlockTrees.root(receipts.map(\.bytes)) == block.header.receiptRoot,
            .context,
            "other transactions or receipts than its header names"
        )
        self.header = block.header
        self.transactions += block.transactions.count
    }
}

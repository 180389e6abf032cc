internal import CanonicalBytes
internal import Consensus
internal import Credentials
internal import Ledger
internal import LedgerStore
internal import StateTree

/// Why a channel's ledger cannot go on.
enum LedgerFailure: Error, Sendable, CustomStringConvertible {
    case store(LedgerStoreFailure)
    /// Certified bytes and what this validator makes of them differ, or its files do not fit together.
    case diverged(String)
    /// A test lets the validator die here.
    case crashed

    var description: String {
        switch self {
        case .store(let failure): failure.description
        case .diverged(let text): text
        case .crashed: "the validator died as a test wanted"
        }
    }
}

/// One channel's blocks and state: the final ones on the disk, and those in flight above them.
///
/// Used from the core's thread only.
final class ChannelLedger {
    let channel: Channel
    let genesis: Genesis
    let genesisHash: BlockHash
    let blocks: BlockStore
    let transactions: TransactionIndex
    let executor: BlockExecutor
    private let chain: [UInt8]
    private let certificates: CertificateCache
    let folder: StoreDirectory.Channel
    let caches: CacheBudget
    var state: CommittedState
    var handovers: HandoverFile
    private(set) var view: CommitteeView
    private(set) var inFlight = BlocksInFlight()
    /// The last final block.
    private(set) var header: BlockHeader
    private(set) var hash: BlockHash
    private(set) var certificate: QuorumCertificate?
    private var knownIssuers: (bytes: [UInt8]?, verifier: TransactionVerifier)?

    init(
        channel: Channel,
        genesis: Genesis,
        first: BlockHeader,
        executor: BlockExecutor,
        blocks: BlockStore,
        transactions: TransactionIndex,
        state: CommittedState,
        handovers: HandoverFile,
        view: CommitteeView,
        certificates: CertificateCache,
        folder: StoreDirectory.Channel,
        caches: CacheBudget,
        genesisView: CommitteeView
    ) {
        self.genesisView = genesisView
        self.folder = folder
        self.caches = caches
        self.channel = channel
        self.genesis = genesis
        self.chain = Array(genesis.chain.utf8)
        self.executor = executor
        self.blocks = blocks
        self.transactions = transactions
        self.state = state
        self.handovers = handovers
        self.view = view
        self.certificates = certificates
        self.header = first
        self.hash = first.hash
        self.genesisHash = first.hash
    }

    var height: Height { self.header.height }

    /// What is known of the committees without any block.
    let genesisView: CommitteeView

    /// The last final block as consensus names it.
    var tip: StablePoint {
        self.certificate.map { StablePoint(certificate: $0) } ?? StablePoint(genesis: self.genesisHash)
    }

    // MARK: - Execution

    /// What a block on top of `hash` builds on; nil when that block is not executed here.
    func parent(_ hash: BlockHash) -> ParentState? {
        guard let path = self.inFlight.path(from: self.hash, to: hash) else { return nil }
        let top = path.last?.executed.block
        return ParentState(
            header: top?.header ?? self.header,
            hash: hash,
            values: LayeredValues(base: self.state, layers: path.map(\.values)),
            nodes: LayeredNodes(self.state, oldestFirst: path.map(\.nodes)),
            committee: top?.nextCommittee ?? self.view.committees.current
        )
    }

    /// Whether a block between the final ones and `tip` holds the transaction.
    func heldInFlight(below tip: BlockHash) -> [Set<ByteKey>] {
        self.inFlight.path(from: self.hash, to: tip)?.map(\.identifiers) ?? []
    }

    /// Checks signatures as of the state that a block builds on.
    func verifier(for parent: ParentState) throws(ProtocolFailure) -> TransactionVerifier {
        try self.verifier(try parent.values.value(of: StateKey.issuers), parent.values)
    }

    /// Checks signatures as of the final state.
    func verifier() throws(ProtocolFailure) -> TransactionVerifier {
        try self.verifier(try self.state.value(of: StateKey.issuers), self.state)
    }

    private func verifier(_ bytes: [UInt8]?, _ values: any StateReader) throws(ProtocolFailure) -> TransactionVerifier {
        if let known = self.knownIssuers, known.bytes == bytes { return known.verifier }
        let verifier = TransactionVerifier(chain: self.chain, issuers: try values.issuers(), cache: self.certificates)
        self.knownIssuers = (bytes, verifier)
        return verifier
    }

    /// Keeps a block that was built or judged.
    func keep(_ executed: ExecutedBlock) { self.inFlight.insert(executed) }

    /// What executing a final block yields.
    ///
    /// - Parameters:
    ///   - block: as decoded.
    ///   - hash: of its header.
    ///   - known: its transactions, as far as they have been verified already.
    /// - Returns: what the block does.
    /// - Throws: ``LedgerFailure/diverged(_:)`` when this validator does not come to what the committee certified.
    func execute(
        _ block: LedgerBlock,
        hash: BlockHash,
        verified known: [VerifiedTransaction?]
    ) throws(LedgerFailure) -> ExecutedBlock {
        if let entry = self.inFlight[hash] { return entry.executed }
        do throws(ProtocolFailure) {
            guard let parent = self.parent(self.hash) else {
                throw ProtocolFailure(.context, "the state has no tip")
            }
            let verifier = try self.verifier(for: parent)
            var verified: [VerifiedTransaction] = []
            verified.reserveCapacity(block.transactions.count)
            for (index, transaction) in block.transactions.enumerated() {
                if index < known.count, let done = known[index] {
                    verified.append(done)
                } else {
                    verified.append(try verifier.verify(transaction))
                }
            }
            return try self.executor.validate(block, transactions: verified, on: parent, latest: .max)
        } catch {
            throw .diverged(
                "block \(block.header.height) of the channel \(self.channel.name) is certified, but this validator does "
                    + "not come to the same result (\(error)); delete its state and start it again, and if that does not "
                    + "help compare its release with the others'"
            )
        }
    }

    // MARK: - Final blocks

    /// Appends a final block; it is durable when the log that names it is, or the block store is synchronized.
    ///
    /// Can be repeated after ``LedgerStoreFailure/diskFull(_:)``.
    func append(_ executed: ExecutedBlock, _ certificate: QuorumCertificate) throws(LedgerFailure) {
        let height = executed.block.header.height
        do throws(LedgerStoreFailure) {
            if self.blocks.last.map({ $0 < height }) ?? true {
                try self.blocks.append(
                    height: height,
                    block: executed.payload,
                    certificate: certificate.bytes,
                    receipts: ReceiptList.bytes(of: executed.receiptPayloads)
                )
            }
        } catch { throw .store(error) }
        try self.advance(executed, certificate)
    }

    /// Moves the state on by a block that the block store has.
    func advance(_ executed: ExecutedBlock, _ certificate: QuorumCertificate) throws(LedgerFailure) {
        let header = executed.block.header
        if let next = executed.block.nextCommittee { try self.follow(header, certificate, next) }
        do throws(LedgerStoreFailure) {
            if self.transactions.height.map({ $0 < header.height }) ?? true {
                try self.transactions.add(height: header.height, identifiers: executed.block.transactions.map(\.id))
            }
            try self.state.apply(executed)
        } catch { throw .store(error) }
        self.header = header
        self.hash = executed.hash
        self.certificate = certificate
        self.inFlight.forget(upTo: header.height)
    }

    private func follow(
        _ header: BlockHeader,
        _ certificate: QuorumCertificate,
        _ next: Committee
    ) throws(LedgerFailure) {
        guard next.epoch > self.view.committees.current.epoch else { return }
        do throws(ProtocolFailure) { try self.view.follow(header, certificate, next: next) } catch {
            throw .diverged("block \(header.height) names a committee that does not follow: \(error)")
        }
        do throws(CredentialsError) {
            try self.handovers.append(Handover(header: header, certificate: certificate, next: next))
        } catch { throw .store(.ioError("\(error)")) }
    }

    /// Writes the state, after the blocks that it comes from.
    ///
    /// The index of transactions is written apart, since no block needs it: it is made whole at the next start.
    func flush() throws(LedgerStoreFailure) {
        try self.blocks.sync()
        try self.state.store.flush()
    }

    /// Goes on behind a snapshot's block.
    func restart(at header: BlockHeader, _ certificate: QuorumCertificate, _ view: CommitteeView) {
        self.resume(at: header, certificate)
        self.view = view
        self.inFlight = BlocksInFlight()
        self.knownIssuers = nil
    }

    /// The point from which the state's own file goes on.
    func resume(at header: BlockHeader, _ certificate: QuorumCertificate?) {
        self.header = header
        self.hash = header.hash
        self.certificate = certificate
    }
}

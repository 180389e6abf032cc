import CanonicalBytes
import Consensus
import Contracts
import Foundation
import Ledger
import LedgerStore
import StateTree

/// One channel's files as a validator keeps them: blocks, index of transactions and state, without consensus.
///
/// Used from one thread.
final class LedgerFiles: StateReader, StateNodes, @unchecked Sendable {
    /// What a validator keeps in memory before it writes, and for reading.
    private static let (dirtyBytesMax, cacheBytes) = (4 << 20, 64 << 20)
    /// Identifiers of transactions that wait until the index is written.
    private static let identifiersMax = 8_192
    private let executor: BlockExecutor
    private let committee: Committee
    private let blocks: BlockStore
    private let transactions: TransactionIndex
    private let store: BufferedStateStore
    private(set) var header: BlockHeader
    private var hash: BlockHash

    /// Opens the files over a state that ``LedgerLoad`` has made.
    ///
    /// - Parameters:
    ///   - directory: holds `state.sqlite` and nothing else.
    ///   - genesis: of the chain.
    ///   - root: of the state.
    /// - Throws: what the disk says.
    init(directory: String, genesis: Genesis, root: [UInt8]) throws {
        self.executor = Self.executor
        self.committee = genesis.committee
        self.blocks = try BlockStore.open(directory: "\(directory)/blocks").store
        self.transactions = try TransactionIndex(path: "\(directory)/transactions.sqlite")
        let state = try StateStore(path: "\(directory)/state.sqlite")
        self.store = BufferedStateStore(state, cacheBytes: Self.cacheBytes, dirtyBytesMax: .max)
        self.header = genesis.header(of: .index, stateRoot: root)
        self.hash = self.header.hash
    }

    static var executor: BlockExecutor {
        let logic = ConsortiumContracts(scheme: Ed25519Scheme())
        return BlockExecutor(chain: LedgerScene.chain, channel: .index, logic: logic)
    }

    func value(of key: [UInt8]) throws(ProtocolFailure) -> [UInt8]? {
        do throws(LedgerStoreFailure) { return try self.store.value(key: key) } catch {
            throw ProtocolFailure(.context, "\(error)")
        }
    }

    func node(at path: [UInt8]) throws(ProtocolFailure) -> [UInt8]? {
        do throws(LedgerStoreFailure) { return try self.store.node(path: path) } catch {
            throw ProtocolFailure(.context, "\(error)")
        }
    }

    /// Executes the next block and stores it.
    ///
    /// - Returns: its receipts all said yes.
    func commit(_ transactions: [VerifiedTransaction]) throws -> ExecutedBlock {
        let parent = ParentState(
            header: self.header,
            hash: self.hash,
            values: self,
            nodes: self,
            committee: self.committee
        )
        let time = LedgerClock.time(of: self.header.height + 1)
        let (built, refused) = try self.executor.build(transactions, on: parent, time: time)
        guard let built, refused.isEmpty, built.receipts.allSatisfy({ $0.code == 0 }) else {
            throw LedgerBenchFailure("block \(self.header.height + 1) does not take every anchor")
        }
        return built
    }

    /// Stores a block with a certificate of the usual size, and its changes.
    func append(_ executed: ExecutedBlock) throws {
        let height = executed.block.header.height
        try self.blocks.append(
            height: height,
            block: executed.payload,
            certificate: self.certificate(height, executed.hash),
            receipts: executed.receipts.flatMap(\.bytes)
        )
        try self.transactions.add(height: height, identifiers: executed.block.transactions.map(\.id))
        try self.store.apply(
            LedgerStore.StateChange(
                height: height,
                nodes: executed.update.nodes,
                entries: executed.changes.map { ($0.key, $0.value) }
            )
        )
        self.header = executed.block.header
        self.hash = executed.hash
        if self.store.dirtyBytes > Self.dirtyBytesMax { try self.flushState() }
        if self.transactions.pendingCount >= Self.identifiersMax { try self.transactions.flush() }
    }

    /// Nobody looks at the signatures here; their bytes count.
    private func certificate(_ height: Height, _ hash: BlockHash) -> [UInt8] {
        QuorumCertificate(
            version: .ed25519MultiSignature,
            epoch: 0,
            view: 0,
            height: height,
            block: hash,
            signers: [7],
            proof: [UInt8](repeating: 0, count: 192)
        ).bytes
    }

    /// Writes everything.
    func flush() throws {
        try self.flushState()
        try self.transactions.flush()
    }

    /// Writes the state, as a validator does after some megabytes or seconds.
    private func flushState() throws {
        try self.blocks.sync()
        try self.store.flush()
    }

    /// Finds a transaction's block and reads it.
    func look(for id: [UInt8]) throws -> StoredBlock? {
        try self.transactions.find(id).flatMap { try self.blocks.read($0.height) }
    }

    /// Proves the value of a key under the last block's root.
    func prove(_ key: [UInt8]) throws -> Bool {
        let value = try self.store.value(key: key)
        let proof = try StateTree.prove(key, in: self)
        return value != nil && proof.proves(value, of: key, under: self.header.stateRoot)
    }
}

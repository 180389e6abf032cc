import CanonicalBytes
import Consensus
import Ledger
import StateTree
import Testing

@testable import Contracts

struct MemoryState: StateReader {
    var values: [[UInt8]: [UInt8]] = [:]

    func value(of key: [UInt8]) throws(ProtocolFailure) -> [UInt8]? { self.values[key] }
}

/// A block with everything a proof of it needs.
struct CommittedBlock {
    let block: LedgerBlock
    let receipts: [TransactionReceipt]
    let certificate: QuorumCertificate

    func proof(_ place: Int = 0) throws -> TransactionProof {
        try #require(TransactionProof(place, of: self.block, receipts: self.receipts, certificate: self.certificate))
    }
}

/// One channel in memory; every block is made by one executor and judged by another.
final class TestChannel {
    let channel: Channel
    private(set) var values = MemoryState()
    private(set) var nodes = MemoryNodes()
    private(set) var header: BlockHeader
    private(set) var committee: Committee
    private(set) var blocks: [CommittedBlock] = []
    /// The next block's time, milliseconds since 1970.
    var now: UInt64
    private let genesis: Genesis
    private let chain: [UInt8]
    private let scheme: any SignatureScheme
    private let validators: [any ReplicaSigner]
    private let leader: BlockExecutor
    private let follower: BlockExecutor

    init(
        _ channel: Channel,
        _ genesis: Genesis,
        _ validators: [any ReplicaSigner],
        scheme: any SignatureScheme = Ed25519Scheme()
    ) throws {
        self.channel = channel
        self.genesis = genesis
        self.validators = validators
        self.scheme = scheme
        let chain = Array(genesis.chain.utf8)
        self.chain = chain
        func executor() -> BlockExecutor {
            BlockExecutor(chain: chain, channel: channel, logic: ConsortiumContracts(scheme: scheme))
        }
        self.leader = executor()
        self.follower = executor()
        let first = try self.leader.genesis(genesis)
        self.header = first.block.header
        self.committee = genesis.committee
        self.now = genesis.time + 1_000
        self.apply(first)
    }

    /// A state of these values alone.
    static func state(_ values: [[UInt8]: [UInt8]]) -> StateSession {
        StateSession(over: MemoryState(values: values))
    }

    var parent: ParentState {
        ParentState(
            header: self.header,
            hash: self.header.hash,
            values: self.values,
            nodes: self.nodes,
            committee: self.committee
        )
    }

    /// The issuers that the state names.
    private var verifier: TransactionVerifier {
        get throws {
            let bytes = try #require(self.values.values[StateKey.issuers])
            return TransactionVerifier(chain: self.chain, issuers: try IssuerList(bytes: bytes).issuers)
        }
    }

    /// Makes the next block and keeps it, with a certificate of the committee.
    @discardableResult
    func commit(_ transactions: [Transaction]) throws -> CommittedBlock {
        let (block, refused) = try self.build(transactions)
        let executed = try #require(block, "refused: \(refused.map(\.1.code))")
        try #require(refused.isEmpty, "refused: \(refused.map(\.1.code))")
        let judged = try self.follower.validate(
            LedgerBlock(bytes: executed.payload),
            transactions: try executed.block.transactions.map { try self.verifier.verify($0) },
            on: self.parent,
            latest: .max
        )
        #expect(judged.receipts == executed.receipts && judged.changes == executed.changes)
        let committed = CommittedBlock(
            block: executed.block,
            receipts: executed.receipts,
            certificate: self.certify(executed.block.header, by: self.committee)
        )
        self.blocks.append(committed)
        self.apply(executed)
        self.now += 1_000
        return committed
    }

    func build(_ transactions: [Transaction]) throws -> (ExecutedBlock?, [(VerifiedTransaction, AdmissionFailure)]) {
        let verified = try transactions.map { try self.verifier.verify($0) }
        let (block, refused) = try self.leader.build(verified, on: self.parent, time: self.now)
        return (block, refused)
    }

    /// Signs for a quorum of the committee.
    func certify(_ header: BlockHeader, by committee: Committee, chain: ChainContext? = nil) -> QuorumCertificate {
        let message = (chain ?? self.genesis.context(of: self.channel)).commitMessage(
            epoch: header.epoch,
            view: 3,
            height: header.height,
            block: header.hash
        )
        let quorum = committee.members.prefix(committee.quorum)
        return QuorumCertificate(
            version: self.scheme.certificateVersion,
            epoch: header.epoch,
            view: 3,
            height: header.height,
            block: header.hash,
            signers: [UInt8(truncatingIfNeeded: (1 << quorum.count) - 1)]
                + [UInt8](repeating: 0, count: (committee.size + 7) / 8 - 1),
            proof: self.scheme.combine(quorum.map { self.validators[Int($0.id.number) - 1].signShare(message) })
        )
    }

    /// Proves a value of the newest state.
    func prove(_ key: [UInt8]) throws -> ValueProof {
        let block = try #require(self.blocks.last)
        return ValueProof(
            header: block.block.header,
            certificate: block.certificate,
            key: key,
            value: self.values.values[key],
            path: try StateTree.prove(key, in: self.nodes)
        )
    }

    func record<Record: StateRecord>(_ type: Record.Type, at key: [UInt8]) throws -> Record? {
        try self.values.values[key].map { try Record(bytes: $0) }
    }

    func number(at key: [UInt8]) throws -> UInt64? {
        try self.values.values[key].map { bytes in
            var reader = CanonicalReader(bytes)
            return try reader.u64()
        }
    }

    private func apply(_ executed: ExecutedBlock) {
        for change in executed.changes { self.values.values[change.key] = change.value }
        self.nodes.apply(executed.update)
        self.header = executed.block.header
        self.committee = executed.block.nextCommittee ?? self.committee
    }
}

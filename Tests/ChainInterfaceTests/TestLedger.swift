import CanonicalBytes
import Certificates
import ChainInterface
import Consensus
import Contracts
import Credentials
import Ledger
import StateTree
import Testing

/// One channel in memory, with the contracts and certificates of a real one.
struct TestLedger: Sendable {
    let channel: Channel
    let genesis: Genesis
    let signers: [Ed25519Signer]
    private let executor: BlockExecutor
    private var values = MemoryValues()
    private var nodes = MemoryNodes()
    private var header: BlockHeader
    private var committee: Committee
    private(set) var blocks: [ServedBlock] = []
    private(set) var handovers: [Handover] = []

    init(_ channel: Channel, _ genesis: Genesis, _ signers: [Ed25519Signer]) throws {
        self.channel = channel
        self.genesis = genesis
        self.signers = signers
        self.executor = BlockExecutor(
            chain: Array(genesis.chain.utf8),
            channel: channel,
            logic: ConsortiumContracts(scheme: Ed25519Scheme())
        )
        let first = try self.executor.genesis(genesis)
        self.header = first.block.header
        self.committee = genesis.committee
        self.keep(first)
    }

    func verify(_ transaction: Transaction) throws(ProtocolFailure) -> VerifiedTransaction {
        let verifier = TransactionVerifier(
            chain: Array(self.genesis.chain.utf8),
            issuers: try self.values.issuers()
        )
        return try verifier.verify(transaction)
    }

    /// Makes the next block of what can stand in it.
    ///
    /// - Returns: why the others cannot.
    mutating func commit(
        _ transactions: [VerifiedTransaction],
        time: UInt64
    ) throws(ProtocolFailure) -> [[UInt8]: AdmissionFailure] {
        let parent = ParentState(
            header: self.header,
            hash: self.header.hash,
            values: self.values,
            nodes: self.nodes,
            committee: self.committee
        )
        let (executed, refused) = try self.executor.build(transactions, on: parent, time: time)
        if let executed {
            let header = executed.block.header
            let certificate = self.certify(header)
            self.blocks.append(
                ServedBlock(
                    block: executed.block,
                    payload: executed.payload,
                    certificate: certificate,
                    receipts: executed.receipts
                )
            )
            if let next = executed.block.nextCommittee {
                self.handovers.append(Handover(header: header, certificate: certificate, next: next))
            }
            self.keep(executed)
        }
        var reasons: [[UInt8]: AdmissionFailure] = [:]
        for (verified, failure) in refused { reasons[verified.transaction.id] = failure }
        return reasons
    }

    func prove(_ key: [UInt8]) throws(ProtocolFailure) -> ValueProof? {
        guard let last = self.blocks.last else { return nil }
        return ValueProof(
            header: last.block.header,
            certificate: last.certificate,
            key: key,
            value: self.values.values[key],
            path: try StateTree.prove(key, in: self.nodes)
        )
    }

    /// Signs for a quorum of the committee.
    func certify(_ header: BlockHeader) -> QuorumCertificate {
        let message = self.genesis.context(of: self.channel).commitMessage(
            epoch: header.epoch,
            view: 2,
            height: header.height,
            block: header.hash
        )
        let quorum = self.committee.members.prefix(self.committee.quorum)
        return QuorumCertificate(
            version: .ed25519MultiSignature,
            epoch: header.epoch,
            view: 2,
            height: header.height,
            block: header.hash,
            signers: [UInt8(truncatingIfNeeded: (1 << quorum.count) - 1)],
            proof: quorum.flatMap { self.signers[Int($0.id.number) - 1].signShare(message) }
        )
    }

    private mutating func keep(_ executed: ExecutedBlock) {
        for change in executed.changes { self.values.values[change.key] = change.value }
        self.nodes.apply(executed.update)
        self.header = executed.block.header
        self.committee = executed.block.nextCommittee ?? self.committee
    }
}

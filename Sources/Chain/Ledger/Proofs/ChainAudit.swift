package import CanonicalBytes
package import Consensus
internal import StateTree

/// Follows a channel from its genesis, block by block, and believes nothing: every certificate, signature, root and
/// effect is computed again.
package struct ChainAudit: Sendable {
    /// What was found right so far.
    package struct Progress: Hashable, Sendable {
        package var height: Height = 0
        package var transactions = 0
        package var rejected = 0
        package var evidence = 0
        package var committees = 1
    }

    package private(set) var progress = Progress()
    /// The committees up to the last block, to judge proofs with.
    package private(set) var view: CommitteeView
    private let executor: BlockExecutor
    private let chain: [UInt8]
    private let cache = CertificateCache()
    private var header: BlockHeader
    private var hash: BlockHash
    private var values = MemoryValues()
    private var nodes = MemoryNodes()

    /// Starts with the genesis.
    ///
    /// - Throws: never for a genesis that its initializer accepts.
    package init(
        genesis: Genesis,
        channel: Channel,
        logic: any ContractLogic,
        scheme: any SignatureScheme
    ) throws(ProtocolFailure) {
        self.chain = Array(genesis.chain.utf8)
        self.executor = BlockExecutor(chain: self.chain, channel: channel, logic: logic)
        self.view = CommitteeView(genesis: genesis, channel: channel, scheme: scheme)
        let first = try self.executor.genesis(genesis)
        self.header = first.block.header
        self.hash = first.hash
        self.keep(first)
    }

    /// The root of the state after the last block.
    package var stateRoot: [UInt8] { self.header.stateRoot }

    package var tip: BlockHash { self.hash }

    /// Checks the next block.
    ///
    /// - Parameters:
    ///   - payload: the block's canonical bytes.
    ///   - certificate: its quorum certificate.
    /// - Returns: the receipts of its transactions.
    /// - Throws: with the first thing that is wrong; the audit stays at the block before.
    @discardableResult
    package mutating func append(
        _ payload: [UInt8],
        _ certificate: QuorumCertificate
    ) throws(ProtocolFailure) -> [TransactionReceipt] {
        let block = try LedgerBlock(bytes: payload)
        try self.view.check(block.header, certificate)
        let verifier = TransactionVerifier(chain: self.chain, issuers: try self.values.issuers(), cache: self.cache)
        var verified: [VerifiedTransaction] = []
        for transaction in block.transactions { verified.append(try verifier.verify(transaction)) }
        let parent = ParentState(
            header: self.header,
            hash: self.hash,
            values: self.values,
            nodes: self.nodes,
            committee: self.view.committees.current
        )
        let executed = try self.executor.validate(block, transactions: verified, on: parent, latest: .max)
        if let next = block.nextCommittee {
            try self.view.follow(block.header, certificate, next: next)
            self.progress.committees += 1
        }
        self.header = block.header
        self.hash = executed.hash
        self.keep(executed)
        self.progress.height = block.header.height
        self.progress.transactions += block.transactions.count
        self.progress.rejected += executed.receipts.count { $0.code != 0 }
        self.progress.evidence += verified.count { $0.caller == .nobody }
        return executed.receipts
    }

    private mutating func keep(_ executed: ExecutedBlock) {
        for change in executed.changes { self.values.values[change.key] = change.value }
        self.nodes.apply(executed.update)
    }
}

/// A channel's whole state in memory.
package struct MemoryValues: StateReader {
    package var values: [[UInt8]: [UInt8]] = [:]

    package init() {}

    package func value(of key: [UInt8]) throws(ProtocolFailure) -> [UInt8]? { self.values[key] }
}

extension StateReader {
    /// The issuers that the chain accepts now.
    ///
    /// - Throws: for a damaged store.
    package func issuers() throws(ProtocolFailure) -> [TrustedIssuer] {
        guard let bytes = try self.value(of: StateKey.issuers) else { return [] }
        var reader = CanonicalReader(bytes)
        var issuers: [TrustedIssuer] = []
        for _ in 0..<(try reader.u16()) { issuers.append(try TrustedIssuer(from: &reader)) }
        try reader.finish()
        return issuers
    }
}

internal import CanonicalBytes
internal import Consensus
internal import Ledger

/// Follows a channel's certificates and parent hashes block by block.
///
/// That is cheap, and enough to know that the blocks are the committee's. What they do is an audit's question.
struct CertifiedChain: Sendable {
    private(set) var view: CommitteeView
    private(set) var height: Height = 0
    private var hash: BlockHash

    /// Starts with the genesis.
    ///
    /// - Throws: never for a genesis that its initializer accepts.
    init(
        _ header: ExportHeader,
        logic: any ContractLogic,
        scheme: any SignatureScheme
    ) throws(ProtocolFailure) {
        let chain = Array(header.genesis.chain.utf8)
        let executor = BlockExecutor(chain: chain, channel: header.channel, logic: logic)
        self.hash = try executor.genesis(header.genesis).hash
        self.view = CommitteeView(genesis: header.genesis, channel: header.channel, scheme: scheme)
    }

    /// Requires that a block is the next one.
    ///
    /// - Throws: with what is wrong.
    mutating func append(_ payload: [UInt8], _ certificate: [UInt8]) throws(ProtocolFailure) {
        let block = try LedgerBlock(bytes: payload)
        let certificate = try QuorumCertificate(bytes: certificate)
        try require(
            block.header.height == self.height + 1 && block.header.parent == self.hash,
            .context,
            "not the block that follows"
        )
        try self.view.check(block.header, certificate)
        if let next = block.nextCommittee { try self.view.follow(block.header, certificate, next: next) }
        self.height = block.header.height
        self.hash = block.header.hash
    }
}

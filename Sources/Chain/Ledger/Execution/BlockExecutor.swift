package import CanonicalBytes
package import Consensus
package import StateTree

/// The chain's tip, or a block in flight, as the next block builds on it.
package struct ParentState: Sendable {
    package let header: BlockHeader
    package let hash: BlockHash
    package let values: any StateReader
    package let nodes: any StateNodes & Sendable
    /// The committee that decides the next block.
    package let committee: Committee

    package init(
        header: BlockHeader,
        hash: BlockHash,
        values: any StateReader,
        nodes: any StateNodes & Sendable,
        committee: Committee
    ) {
        self.header = header
        self.hash = hash
        self.values = values
        self.nodes = nodes
        self.committee = committee
    }
}

/// A block with everything that executing it yields.
package struct ExecutedBlock: Sendable {
    package let block: LedgerBlock
    /// The block's canonical bytes.
    package let payload: [UInt8]
    package let hash: BlockHash
    package let receipts: [TransactionReceipt]
    /// The receipts' canonical bytes.
    package let receiptPayloads: [[UInt8]]
    package let changes: [StateChange]
    package let update: StateUpdate
}

/// Makes and judges blocks: the same pure function of the parent's state and the transactions on every replica.
package struct BlockExecutor: Sendable {
    private let chain: [UInt8]
    private let channel: Channel
    private let logic: any ContractLogic

    package init(chain: [UInt8], channel: Channel, logic: any ContractLogic) {
        self.chain = chain
        self.channel = channel
        self.logic = logic
    }

    /// Makes the next block of what can be admitted.
    ///
    /// - Parameters:
    ///   - candidates: in the order wanted.
    ///   - parent: what it builds on.
    ///   - time: the leader's clock, milliseconds since 1970; the block's is at least one above the parent's.
    /// - Returns: the block, nil when nothing could be admitted; and what was refused, with the reason. What is neither
    ///   in the block nor refused did not fit.
    /// - Throws: for a damaged store.
    package func build(
        _ candidates: [VerifiedTransaction],
        on parent: ParentState,
        time: UInt64
    ) throws(ProtocolFailure) -> (block: ExecutedBlock?, refused: [(VerifiedTransaction, AdmissionFailure)]) {
        var run = try self.run(candidates, on: parent, time: max(time, parent.header.time + 1))
        var refused: [(VerifiedTransaction, AdmissionFailure)] = []
        for candidate in candidates {
            guard !run.isFull, run.hasRoom(for: candidate) else { break }
            if let failure = try run.apply(candidate) { refused.append((candidate, failure)) }
        }
        guard !run.applied.isEmpty else { return (nil, refused) }
        return (try run.finish(on: parent), refused)
    }

    /// Judges a proposed block.
    ///
    /// - Parameters:
    ///   - block: as decoded.
    ///   - transactions: its transactions, verified, in the same order.
    ///   - parent: what it builds on.
    ///   - latest: the largest block time that this replica believes, milliseconds since 1970.
    /// - Returns: what the block does; its header is byte for byte the proposed one.
    /// - Throws: `CONTEXT` for a block that does not follow from its parent and transactions, or for a damaged store.
    package func validate(
        _ block: LedgerBlock,
        transactions: [VerifiedTransaction],
        on parent: ParentState,
        latest: UInt64
    ) throws(ProtocolFailure) -> ExecutedBlock {
        try require(
            block.header.parent == parent.hash && block.header.height == parent.header.height + 1,
            .context,
            "another parent"
        )
        let time = block.header.time
        try require(
            time > parent.header.time && time <= latest,
            .time,
            "the block's time is not between its parent's and now"
        )
        let isSame =
            transactions.count == block.transactions.count
            && zip(transactions, block.transactions).allSatisfy { $0.transaction.id == $1.id }
        try require(isSame && !transactions.isEmpty, .context, "other transactions")
        var run = try self.run(transactions, on: parent, time: time)
        for transaction in transactions {
            try require(!run.isFull && run.hasRoom(for: transaction), .context, "the block is too large")
            if let failure = try run.apply(transaction) {
                throw ProtocolFailure(.context, "an inadmissible transaction: \(failure.code)")
            }
        }
        let executed = try run.finish(on: parent)
        try require(executed.hash == block.header.hash, .context, "the block's roots are not those of its transactions")
        return executed
    }

    /// The genesis block's state changes and header.
    ///
    /// - Throws: never for an empty base.
    package func genesis(_ genesis: Genesis) throws(ProtocolFailure) -> ExecutedBlock {
        let changes = self.logic.genesisState(of: self.channel, genesis)
        let update = try StateTree.update(MemoryNodes(), changes.map { ($0.key, $0.value) })
        let header = genesis.header(of: self.channel, stateRoot: update.root)
        let block = LedgerBlock(header: header, transactions: [], nextCommittee: nil)
        return ExecutedBlock(
            block: block,
            payload: block.bytes,
            hash: header.hash,
            receipts: [],
            receiptPayloads: [],
            changes: changes,
            update: update
        )
    }

    /// A block in the making, for which what its transactions have in common is done.
    private func run(
        _ transactions: [VerifiedTransaction],
        on parent: ParentState,
        time: UInt64
    ) throws(ProtocolFailure) -> BlockRun {
        let context = BlockContext(
            chain: self.chain,
            channel: self.channel,
            height: parent.header.height + 1,
            time: time,
            committee: parent.committee
        )
        self.logic.prepare(transactions, for: context, parent.values)
        return try BlockRun(context, state: StateSession(over: parent.values), logic: self.logic)
    }
}

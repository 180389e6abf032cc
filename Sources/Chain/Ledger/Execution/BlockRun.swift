internal import CanonicalBytes
internal import Consensus
internal import StateTree

/// One block in the making: transactions applied one after the other.
struct BlockRun {
    private(set) var applied: [VerifiedTransaction] = []
    private let context: BlockContext
    private let state: StateSession
    private let logic: any ContractLogic
    private let rule: AdmissionRule
    private var receipts: [TransactionReceipt] = []
    private var bytes = 0
    private var cost: UInt64 = 0
    private var nextCommittee: Committee?

    private let bytesMax: UInt64
    private let costMax: UInt64
    private let transactionsMax: UInt64
    private let transactionCostMax: UInt64

    init(_ context: BlockContext, state: StateSession, logic: any ContractLogic) throws(ProtocolFailure) {
        self.context = context
        self.state = state
        self.logic = logic
        self.rule = try AdmissionRule(block: context, state: state)
        self.bytesMax = try state.parameter(.blockBytesMax)
        self.costMax = try state.parameter(.blockCostMax)
        self.transactionsMax = try state.parameter(.blockTransactionsMax)
        self.transactionCostMax = try state.parameter(.transactionCostMax)
    }

    /// Nothing may follow a change of the committee, nor go beyond the limits.
    var isFull: Bool {
        self.nextCommittee != nil || self.cost >= self.costMax || UInt64(self.applied.count) >= self.transactionsMax
    }

    /// A first transaction always has room, so that a lowered limit blocks nobody for ever.
    func hasRoom(for transaction: VerifiedTransaction) -> Bool {
        self.applied.isEmpty || UInt64(self.bytes + transaction.transaction.bytes.count) <= self.bytesMax
    }

    /// Applies one transaction.
    ///
    /// - Returns: why it may not stand in this block; nothing has changed then.
    /// - Throws: for a damaged store.
    mutating func apply(_ verified: VerifiedTransaction) throws(ProtocolFailure) -> AdmissionFailure? {
        do throws(AdmissionFailure) { try self.rule.admit(verified, to: self.state) } catch {
            self.state.rollBack()
            if case .damaged(let failure) = error { throw failure }
            return error
        }
        self.state.keep()
        let receipt = try self.execute(verified)
        // Without a signer nobody answers for rubbish: only what has an effect may take room.
        if verified.caller == .nobody, receipt.code != 0 { return .unsigned }
        self.receipts.append(receipt)
        self.applied.append(verified)
        self.bytes += verified.transaction.bytes.count
        return nil
    }

    private mutating func execute(_ verified: VerifiedTransaction) throws(ProtocolFailure) -> TransactionReceipt {
        let call = ContractCall(
            block: self.context,
            verified: verified,
            state: self.state,
            costMax: self.transactionCostMax
        )
        var code: UInt16 = 0
        do throws(ContractFailure) { try self.logic.execute(call) } catch {
            switch error {
            case .damaged(let failure): throw failure
            case .rejected(let rejection, _): code = rejection.number
            }
        }
        self.cost += call.cost + 1
        guard code == 0 else {
            self.state.rollBack()
            return TransactionReceipt(transaction: verified.transaction.id, code: code, cost: call.cost, events: [])
        }
        self.state.keep()
        self.nextCommittee = call.nextCommittee
        return TransactionReceipt(transaction: verified.transaction.id, code: 0, cost: call.cost, events: call.events)
    }

    /// Computes the roots.
    func finish(on parent: ParentState) throws(ProtocolFailure) -> ExecutedBlock {
        let changes = self.state.changes
        let update = try StateTree.update(parent.nodes, changes.map { ($0.key, $0.value) })
        let transactions = self.applied.map(\.transaction)
        let receiptPayloads = self.receipts.map(\.bytes)
        let evidence = self.applied.filter { $0.caller == .nobody }.map(\.transaction.id)
        let header = BlockHeader(
            chain: self.context.chain,
            channel: self.context.channel,
            epoch: self.context.committee.epoch,
            height: self.context.height,
            parent: parent.hash,
            transactionRoot: BlockTrees.root(transactions.map(\.id)),
            receiptRoot: BlockTrees.root(receiptPayloads),
            stateRoot: update.root,
            validatorsRoot: CommitteeDigest.of(self.nextCommittee ?? self.context.committee),
            crossChainOutRoot: OutboundTree.out.root(of: self.receipts),
            crossChainTimeoutRoot: OutboundTree.timeout.root(of: self.receipts),
            evidenceRoot: evidence.isEmpty ? BlockHeader.noRoot : BlockTrees.root(evidence),
            time: self.context.time
        )
        let block = LedgerBlock(header: header, transactions: transactions, nextCommittee: self.nextCommittee)
        return ExecutedBlock(
            block: block,
            payload: block.bytes,
            hash: header.hash,
            receipts: self.receipts,
            receiptPayloads: receiptPayloads,
            changes: changes,
            update: update
        )
    }
}

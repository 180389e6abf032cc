/// What the shell must do after one step, in the order given.
package enum Effect: Hashable, Sendable {
    /// Must be durable before any later effect runs: a vote may leave the machine only after it is logged.
    case persist(LogRecord)
    case send(Message, to: ReplicaID)
    /// To every other member of the current committee.
    case broadcast(Message)
    /// Replaces the running timer of the same kind.
    case startTimer(TimerToken, milliseconds: UInt64)
    /// Execute the block on top of its parent and answer with ``Event/validated(_:isValid:)``.
    case validate(Block)
    /// Make a block and answer with ``Event/built(_:height:parent:)``.
    case build(height: Height, parent: BlockHash)
    /// The block is final and durable: execute it and show it to the world.
    case deliver(CertifiedBlock)
    /// Send certified blocks from this height out of the block store, at most ``Message/blocksPerAnswer``.
    case serveBlocks(from: Height, to: ReplicaID)
    /// The peer no longer has the blocks that this replica misses: get a snapshot.
    case fetchSnapshot(from: ReplicaID)
    /// Proof of somebody's misbehaviour, for the chain.
    case report(Evidence)
    case alarm(Alarm)
}

/// What an operator must hear of.
package enum Alarm: Hashable, Sendable {
    /// The leader proposed a block that does not fit the chain or that the ledger refuses.
    case badProposal(View, Height)
    /// The replica was about to contradict its own vote, which can only be damage: nothing was sent.
    case refusedSecondVote(Slot)
    /// This member's share of a certificate does not hold: it lies, or its keys are damaged.
    case wrongShare(ReplicaID, Height)
    /// The log was lost; the replica is silent until its old votes cannot matter any more.
    case silent
}

/// What happens to a replica.
///
/// One queue, one consumer: the order of events is the only input besides them.
package enum Event: Hashable, Sendable {
    /// The first event after creation or recovery.
    case start
    case message(VerifiedMessage)
    case timer(TimerToken)
    /// Whether transactions wait that no committed block holds. Told after every delivered block and whenever it
    /// changes in between.
    case work(isPending: Bool)
    /// The answer to ``Effect/build(height:parent:)``; nil when there is nothing to put into a block.
    case built(Block?, height: Height, parent: BlockHash)
    /// The answer to ``Effect/validate(_:)``.
    case validated(BlockHash, isValid: Bool)
    /// A transaction waits too long although blocks are committed: the leader may be censoring.
    ///
    /// The shell's clock for this starts again whenever the replica leaves or enters a view: no leader is to blame
    /// for what waited under another one.
    case complaint
    /// The ledger has installed a snapshot that a certificate proves, after ``Effect/fetchSnapshot(from:)``.
    case snapshotInstalled(StablePoint, committees: CommitteeHistory)
}

/// A timer's kind and its number: a fired timer that has been replaced since is ignored.
package struct TimerToken: Hashable, Sendable {
    package enum Kind: UInt8, Hashable, Sendable {
        /// Work waits and nothing is committed.
        case progress
        /// A quorum wants a view and its coordinator does not open it.
        case newView
        /// Time for a status message.
        case tick
    }

    package let kind: Kind
    package let generation: UInt64
}

/// Bounds of a plan; a tick is what the caller says it is.
package struct PlanLimits: Hashable, Sendable {
    /// Leaves that are held at once.
    package var heldMax = 4_096
    /// Of them, leaves from before the start, and those that found no room when they were fresh.
    package var backlogHeldMax = 1_024
    /// Of them, leaves of one stream.
    package var streamHeldMax = 512
    /// Questions and submissions under way at once.
    package var underWayMax = 64
    /// Of them, for what is not fresh.
    package var backlogUnderWayMax = 16
    /// Of them, for what is not fresh while fresh requests come: what a backlog brings about, blocks, signatures, deliveries
    /// and answers, is work for the same machines as theirs.
    package var backlogBesideFreshMax = 2
    /// Ticks between two submissions of what is not fresh, while fresh requests come: what may be prepared is bounded, and
    /// only what a chain took brings more about.
    package var backlogBesideFreshEvery: UInt64 = 1
    /// Ticks after a fresh request during which others are expected.
    package var freshWindow: UInt64 = 40
    /// Submissions of one stream under way at once, when the chain takes them without gaps.
    package var streamWindowMax = 16
    /// Submissions of one stream under way at once, where the chain minds no order.
    package var unorderedWindowMax = 48
    /// Leaves of a stream that are prepared ahead of their turn; where there is no order, of what is fresh and of the rest.
    package var streamAheadMax = 32
    /// Blocks that one slice covers at most.
    package var scanBlocksMax: UInt64 = 4_096
    /// Leaves that one slice of what is not fresh brings at most.
    package var scanLeavesMax = 256
    /// Leaves that are asked for at once where some are missing.
    package var seekMax: UInt64 = 64
    /// Ranges of blocks that have to be read again, of each chain; more are joined.
    package var rangesMax = 64
    /// Deadlines that are watched; of more, the last one.
    package var deadlinesMax = 4_096
    /// The longest pause between two attempts, in ticks.
    package var pauseMax: UInt64 = 256
    /// Refusals after which a leaf is given up.
    package var refusalsMax = 6
    /// Ticks after which a gateway without the lease takes care of what is still there.
    package var backupWindow: UInt64 = 40
    /// Ticks without a block after which the relay chain is made to undo what is due.
    package var expireEvery: UInt64 = 8
    /// Ticks between two looks at committees and lists.
    package var successionEvery: UInt64 = 240

    package init() {}
}

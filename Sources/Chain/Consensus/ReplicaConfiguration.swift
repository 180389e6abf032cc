/// Times and sizes of a replica.
///
/// The window must be equal on all replicas of a chain.
package struct ReplicaConfiguration: Hashable, Sendable {
    /// Blocks in flight above the last committed one, 1 to 1,024.
    package var window = 8
    /// Milliseconds without a commit, while work waits, until the leader is suspected.
    package var progressTimeout: UInt64 = 300
    /// Milliseconds between status messages.
    package var tick: UInt64 = 100
    /// Ticks without a word from the leader until it is suspected.
    package var silentTicks = 10
    /// Ticks for which a member says that it waits for the next view, until the others open it.
    package var waitingTicks = 20
    /// Ticks that a view lasts before the next one is opened for such a member: so often at most a liar can demand it.
    package var favourTicks = 600
    /// The time-outs double with every view change without a commit, this many times at most.
    package var doublings = 6

    package init() {}
}

/// What the anchoring is doing, at one moment.
struct AnchorState: Sendable, Equatable {
    /// Monotonic ns when the loop last showed that it is alive.
    var heartbeat: UInt64 = 0
    /// Windows on their way.
    var inFlight = 0
    /// Why nothing is anchored at the moment, if so.
    var problem: String?
    /// Why the spool refuses what the chain brought, if it does.
    var failure: String?
}

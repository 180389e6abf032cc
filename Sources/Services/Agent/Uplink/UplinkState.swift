/// What the uplink is doing, at one moment.
struct UplinkState: Sendable {
    struct Center: Sendable, Equatable {
        let name: String
        /// Why the last attempt failed; nil after a success.
        let problem: String?
        let delivered: UInt64
        /// Answers that did not verify.
        let malformed: UInt64
        /// Why the last audit was not satisfied; nil when it was.
        let auditProblem: String?
    }

    var heartbeat: UInt64 = 0
    var centers: [Center] = []
    var inFlight = 0
    /// Why scopes cannot be fetched at the moment; nil when they can.
    var custodianProblem: String?
    /// Why the spool refuses what the network brought, if it does.
    var failure: String?
}

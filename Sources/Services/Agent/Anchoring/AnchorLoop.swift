internal import Credentials
internal import Logging
internal import Spool
internal import Synchronization
internal import TraceContexts

/// Anchors delivered envelopes on the chain.
///
/// One thread decides and writes; tasks on the network hand in, ask and verify.
final class AnchorLoop: Sendable {
    /// How long a stop waits for requests under way, seconds.
    ///
    /// What they would have brought is asked for after the start.
    private static let stopSeconds: UInt64 = 5

    private struct Shared {
        var isStopping = false
        var isRetryWanted = false
        var state = AnchorState()
    }

    private let spool: Spool
    private let identity: IdentityWatch
    private let chain: [UInt8]
    private let limits: AnchorLimits
    private let dialogue: AnchorDialogue
    private let logger: Logger
    private let mailbox = UplinkMailbox<(job: AnchorJob, finding: AnchorFinding)>()
    private let shared = Mutex(Shared())

    /// - Parameters:
    ///   - spool: where delivered envelopes are.
    ///   - identity: signs the transactions.
    ///   - chain: the chain's identifier.
    ///   - limits: of windows.
    ///   - dialogue: with the chain.
    ///   - logger: for refusals and outages.
    init(
        spool: Spool,
        identity: IdentityWatch,
        chain: [UInt8],
        limits: AnchorLimits,
        dialogue: AnchorDialogue,
        logger: Logger
    ) {
        self.spool = spool
        self.identity = identity
        self.chain = chain
        self.limits = limits
        self.dialogue = dialogue
        self.logger = logger
    }

    var state: AnchorState { self.shared.withLock { $0.state } }

    /// Tries refused windows again, soon.
    func retryRefused() {
        self.shared.withLock { $0.isRetryWanted = true }
        self.mailbox.wake()
    }

    /// Ends ``run()``: requests under way get some seconds.
    func requestStop() {
        self.shared.withLock { $0.isStopping = true }
        self.mailbox.wake()
    }

    /// Works until ``requestStop()``; blocks its thread.
    func run() {
        var desk = AnchorDesk(
            spool: self.spool,
            identity: self.identity,
            chain: self.chain,
            limits: self.limits,
            logger: self.logger
        )
        var stopAt: UInt64?
        var findings: [(job: AnchorJob, finding: AnchorFinding)] = []
        while true {
            let now = monotonicNanoseconds()
            let (isStopping, isRetryWanted) = self.shared.withLock { shared in
                defer { shared.isRetryWanted = false }
                return (shared.isStopping, shared.isRetryWanted)
            }
            if isStopping, stopAt == nil { stopAt = now + Self.stopSeconds * 1_000_000_000 }
            do {
                try desk.take(&findings, now: now)
                if isRetryWanted { try desk.retryRefused() }
                if stopAt == nil {
                    for job in try desk.begin(now: now, wall: wallNanoseconds() / 1_000_000) { self.start(job) }
                }
                desk.failure = nil
            } catch {
                desk.note(failure: "\(error)")
            }
            self.shared.withLock { shared in
                shared.state = desk.state
                shared.state.heartbeat = now
            }
            if let stopAt, now >= stopAt || desk.isIdle { return }
            findings += self.mailbox.collect(timeout: stopAt == nil ? desk.pauseSeconds(now: now) : 0.2)
        }
    }

    private func start(_ job: AnchorJob) {
        let (mailbox, dialogue) = (self.mailbox, self.dialogue)
        Task { mailbox.post((job, await job.trace.perform { await dialogue.carryOut(job) })) }
    }
}

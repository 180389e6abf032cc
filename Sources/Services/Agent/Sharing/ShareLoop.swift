internal import Logging
internal import Spool
internal import Synchronization
internal import TraceContexts

/// Brings share requests to the chain.
///
/// One thread decides and writes; tasks on the network hand in, ask and verify.
final class ShareLoop: Sendable {
    /// How long a stop waits for requests under way, seconds.
    ///
    /// What they would have brought is asked for after the start.
    private static let stopSeconds: UInt64 = 5

    private struct Shared {
        var isStopping = false
        var state = ShareState()
    }

    private let spool: Spool
    private let dialogue: ShareDialogue
    private let logger: Logger
    private let mailbox = UplinkMailbox<(job: ShareJob, finding: ShareFinding)>()
    private let shared = Mutex(Shared())

    /// - Parameters:
    ///   - spool: where the requests are.
    ///   - dialogue: with the chain.
    ///   - logger: for refusals and outages.
    init(spool: Spool, dialogue: ShareDialogue, logger: Logger) {
        self.spool = spool
        self.dialogue = dialogue
        self.logger = logger
    }

    var state: ShareState { self.shared.withLock { $0.state } }

    /// Something new is in the outbox.
    func wake() { self.mailbox.wake() }

    /// Ends ``run()``: requests under way get some seconds.
    func requestStop() {
        self.shared.withLock { $0.isStopping = true }
        self.mailbox.wake()
    }

    /// Works until ``requestStop()``; blocks its thread.
    func run() {
        var desk = ShareDesk(spool: self.spool, logger: self.logger)
        var stopAt: UInt64?
        var findings: [(job: ShareJob, finding: ShareFinding)] = []
        while true {
            let (now, wall) = (monotonicNanoseconds(), wallNanoseconds() / 1_000_000)
            if self.shared.withLock({ $0.isStopping }), stopAt == nil {
                stopAt = now + Self.stopSeconds * 1_000_000_000
            }
            do {
                try desk.take(&findings, now: now, wall: wall)
                if stopAt == nil { for job in try desk.begin(now: now, wall: wall) { self.start(job) } }
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

    private func start(_ job: ShareJob) {
        let (mailbox, dialogue) = (self.mailbox, self.dialogue)
        Task { mailbox.post((job, await job.trace.perform { await dialogue.carryOut(job) })) }
    }
}

internal import Certificates
internal import Contracts
internal import Credentials
internal import Ledger
internal import Logging
internal import Spool
internal import TraceContexts
internal import Uplink

/// Decides which windows are cut, signed and handed in, and stores what came of them: the anchoring's state on its one
/// thread.
///
/// Whatever the chain can see is in the spool first, so that a crash between any two steps repeats the very same
/// transaction, or asks what became of it.
struct AnchorDesk {
    /// Windows on their way at one time; a signer may have 32 transactions in flight.
    static let inFlightMax = 4
    /// ms for which a transaction may take effect.
    private static let lifetimeMax: Int64 = 300_000
    /// How long a window waits that was not in a block yet, or that is too new for the chain's clock.
    private static let openPause: UInt64 = 1_000_000_000
    private static let passingPause: UInt64 = 30_000_000_000

    private let spool: Spool
    private let identity: IdentityWatch
    private let builder: WindowBuilder
    private let signer: AnchorSigner
    private let logger: Logger
    private var inFlight: Set<UInt64> = []
    /// When a window is looked at again, monotonic ns.
    private var pauses: [UInt64: UInt64] = [:]
    /// Windows whose transactions have all been found to be without effect.
    private var unsigned: Set<UInt64> = []
    /// How often in a row a window's transaction could never have got into a block.
    private var voided: [UInt64: Int] = [:]
    /// The greatest nonce that the chain showed to be used, by key: after a rotation the new one begins anew.
    private var usedNonces: [[UInt8]: UInt64] = [:]
    private var lifetime = AnchorDesk.lifetimeMax
    private var failures = 0
    private var notBefore: UInt64 = 0
    private var problem: String?
    private var generator = SystemRandomNumberGenerator()
    /// Why the spool refuses, if it does.
    var failure: String?

    /// - Parameters:
    ///   - spool: where entries, windows and transactions are.
    ///   - identity: signs.
    ///   - chain: the chain's identifier.
    ///   - limits: of windows.
    ///   - logger: for refusals and outages.
    init(spool: Spool, identity: IdentityWatch, chain: [UInt8], limits: AnchorLimits, logger: Logger) {
        self.spool = spool
        self.identity = identity
        self.builder = WindowBuilder(limits: limits)
        self.signer = AnchorSigner(spool: spool, chain: chain)
        self.logger = logger
    }

    var isIdle: Bool { self.inFlight.isEmpty }

    var state: AnchorState {
        AnchorState(inFlight: self.inFlight.count, problem: self.problem, failure: self.failure)
    }

    /// How long nothing needs to be done unless something is reported, seconds.
    func pauseSeconds(now: UInt64) -> Double {
        self.notBefore > now ? min(0.5, max(0.005, Double(self.notBefore - now) / 1e9)) : 0.5
    }

    mutating func note(failure: String) {
        if self.failure != failure { self.logger.error("anchoring waits", metadata: ["why": "\(failure)"]) }
        self.failure = failure
    }

    // MARK: - What comes back

    /// Stores what was found; findings stay in the list when the store refuses them.
    mutating func take(_ findings: inout [(job: AnchorJob, finding: AnchorFinding)], now: UInt64) throws {
        while let (job, finding) = findings.last {
            try job.trace.perform { try self.took(job, finding, now: now) }
            self.inFlight.remove(job.window)
            findings.removeLast()
        }
    }

    private mutating func took(_ job: AnchorJob, _ finding: AnchorFinding, now: UInt64) throws {
        switch finding {
        case .anchored(let proof):
            self.answers()
            try self.spool.storeAnchor(
                proof.bytes,
                ofWindow: job.window,
                height: proof.header.height,
                isLate: proof.isLateAnchor
            )
            self.forget(job.window)
        case .rejected(let attempt, let code):
            self.answers()
            try self.spool.spend(attempt: attempt, outcome: AnchorRejection.name(code))
            try self.rejected(job, code, now: now)
        case .open:
            self.answers()
            self.voided[job.window] = nil
            self.pauses[job.window] = now + Self.openPause
        case .unknown:
            self.answers()
            self.unsigned.insert(job.window)
        case .nonceUsed(let attempt, let failure, let newest):
            if let newest { self.usedNonces[newest.signer] = newest.nonce }
            try self.spool.spend(attempt: attempt, outcome: failure.description)
            self.signAnew(job.window, failure, now: now)
        case .notTaken(let attempt, let failure): try self.notTaken(job, attempt, failure, now: now)
        case .away(let failure): self.waits(failure, now: now)
        }
    }

    private mutating func rejected(_ job: AnchorJob, _ code: UInt16, now: UInt64) throws {
        guard job.isToSubmit else {
            self.unsigned.insert(job.window)
            return
        }
        if AnchorRejection.isPassing(code) {
            self.pauses[job.window] = now + Self.passingPause
            self.problem = "window \(job.window): \(AnchorRejection.name(code))"
            return
        }
        let entries = try self.spool.anchorEntries(ofWindow: job.window)
        if AnchorRejection.isOfScope(code), Set(entries.map(\.scope)).count > 1 {
            // One scope without permission must not hold up the others.
            let first = try self.spool.lastWindow() + 1
            try self.spool.replace(window: job.window, by: self.builder.split(entries, from: first))
            self.forget(job.window)
            return
        }
        try self.refuse(job.window, AnchorRejection.name(code))
    }

    private mutating func notTaken(
        _ job: AnchorJob,
        _ attempt: [UInt8],
        _ failure: UplinkFailure,
        now: UInt64
    ) throws {
        guard failure.isPermanent, case .refused(_, let code, _, _) = failure else {
            return self.waits(failure, now: now)
        }
        try self.spool.spend(attempt: attempt, outcome: failure.description)
        switch code {
        case "expired": self.signAnew(job.window, failure, now: now)
        case "valid-until-too-far-ahead":
            self.lifetime = max(1_000, self.lifetime / 2)
            self.waits(failure, now: now)
        case "certificate-revoked", "certificate-not-valid-now", "issuer-not-trusted": self.waits(failure, now: now)
        default: try self.refuse(job.window, failure.description)
        }
    }

    /// What can never get into a block is signed anew: once at once, then after pauses that grow.
    ///
    /// With a clock that is far behind the chain's, each one would have expired before it came.
    private mutating func signAnew(_ window: UInt64, _ failure: UplinkFailure, now: UInt64) {
        self.unsigned.insert(window)
        let times = self.voided[window, default: 0] + 1
        self.voided[window] = times
        if times > 1 { self.waits(failure, now: now) }
    }

    private mutating func refuse(_ window: UInt64, _ reason: String) throws {
        try self.spool.refuseAnchor(ofWindow: window, reason: reason)
        self.forget(window)
        self.logger.error(
            "the chain refuses an anchor; its envelopes are kept",
            metadata: ["window": "\(window)", "why": "\(reason)"]
        )
    }

    private mutating func forget(_ window: UInt64) {
        self.pauses[window] = nil
        self.unsigned.remove(window)
        self.voided[window] = nil
    }

    private mutating func answers() {
        if self.failures > 0 { self.logger.notice("the chain answers again") }
        self.failures = 0
        self.notBefore = 0
        self.problem = nil
    }

    private mutating func waits(_ failure: UplinkFailure, now: UInt64) {
        if self.problem != failure.description {
            self.logger.warning("no anchor; envelopes are kept", metadata: ["why": "\(failure)"])
        }
        self.problem = failure.description
        guard now >= self.notBefore else { return }
        self.failures += 1
        let asked = UInt64(failure.retryAfterSeconds ?? 0) * 1_000_000_000
        self.notBefore =
            now + RetryBackoff().delay(failures: self.failures, atLeast: asked, using: &self.generator)
    }

    // MARK: - What goes out

    /// Lets refused windows be tried again.
    mutating func retryRefused() throws {
        let count = try self.spool.retryRefusedAnchors()
        self.pauses.removeAll()
        if count > 0 { self.logger.notice("refused anchors are tried again", metadata: ["windows": "\(count)"]) }
    }

    /// What is to be started now.
    ///
    /// - Parameters:
    ///   - now: monotonic ns.
    ///   - wall: ms since 1970.
    /// - Returns: work for the network; its findings are expected by ``take(_:now:)``.
    /// - Throws: when the store fails.
    mutating func begin(now: UInt64, wall: Int64) throws -> [AnchorJob] {
        try self.cut(wall: wall)
        guard now >= self.notBefore else { return [] }
        // One at a time after a failure: it may be the chain.
        let most = self.failures == 0 ? Self.inFlightMax : 1
        var jobs: [AnchorJob] = []
        for window in try self.spool.anchorWindows(.waiting, max: 4 * Self.inFlightMax) {
            guard self.inFlight.count < most else { break }
            guard !self.inFlight.contains(window.number), now >= self.pauses[window.number] ?? 0 else { continue }
            guard let job = try self.job(for: window, wall: wall) else { continue }
            self.inFlight.insert(window.number)
            jobs.append(job)
        }
        return jobs
    }

    /// While the chain is away windows fill up: fewer and larger ones catch up sooner.
    private func cut(wall: Int64) throws {
        while true {
            let entries = try self.spool.anchorableEntries(max: self.builder.limits.envelopesMax)
            guard self.builder.isDue(entries, now: wall) else { return }
            if entries.count < self.builder.limits.envelopesMax {
                let waiting = try self.spool.anchorWindows(.waiting, max: Self.inFlightMax)
                guard waiting.count < Self.inFlightMax else { return }
            }
            guard let window = self.builder.cut(entries, number: try self.nextNumber(wall: wall)) else { return }
            try self.spool.commit(window)
        }
    }

    /// The clock keeps a spool that was made anew, or came out of a backup, from using a number twice.
    private func nextNumber(wall: Int64) throws -> UInt64 {
        max(try self.spool.lastWindow() + 1, UInt64(max(1, wall)))
    }

    private mutating func job(for window: StoredWindow, wall: Int64) throws -> AnchorJob? {
        var attempts = try self.spool.anchorAttempts(ofWindow: window.number)
        let isLive = try attempts.last.map { try Self.isLive($0, wall: wall) } ?? false
        if isLive { return AnchorJob(window: window.number, attempts: attempts, isToSubmit: true) }
        guard attempts.isEmpty || self.unsigned.contains(window.number) else {
            return AnchorJob(window: window.number, attempts: attempts, isToSubmit: false)
        }
        if attempts.contains(where: { $0.isOfUsedNumber }) {
            let entries = try self.spool.anchorEntries(ofWindow: window.number)
            let again = WindowBuilder.window(of: entries, number: try self.nextNumber(wall: wall))
            try self.spool.replace(window: window.number, by: again.map { [$0] } ?? [])
            self.forget(window.number)
            return nil
        }
        let identity = self.identity.current
        attempts.append(
            try self.signer.sign(
                window,
                by: identity,
                now: wall,
                lifetime: self.lifetime,
                after: self.usedNonces[identity.certificate.digest] ?? 0
            )
        )
        self.unsigned.remove(window.number)
        return AnchorJob(window: window.number, attempts: attempts, isToSubmit: true)
    }

    private static func isLive(_ attempt: AnchorAttempt, wall: Int64) throws -> Bool {
        guard attempt.outcome == nil else { return false }
        return try Transaction(bytes: attempt.bytes).body.validUntil >= UInt64(max(0, wall))
    }
}

extension AnchorAttempt {
    /// The chain has another anchor under the window's number.
    fileprivate var isOfUsedNumber: Bool {
        [RejectionCode.anchoredAlready, .windowReused].contains { code in
            self.outcome?.utf8.elementsEqual(code.name.utf8) ?? false
        }
    }
}

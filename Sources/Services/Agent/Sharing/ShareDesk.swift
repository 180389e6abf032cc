internal import Contracts
internal import Ledger
internal import Logging
internal import Spool
internal import TraceContexts
internal import Uplink

/// What the share outbox is doing, at one moment.
struct ShareState: Sendable, Equatable {
    /// Monotonic ns when the loop last showed that it is alive.
    var heartbeat: UInt64 = 0
    /// Requests on their way.
    var inFlight = 0
    /// Why nothing is handed in at the moment, if so.
    var problem: String?
    /// Why the spool refuses what the chain brought, if it does.
    var failure: String?
}

/// Decides which share requests are handed in and asked after, and stores what came of them: the share outbox's state on
/// its one thread.
///
/// A request is marked as handed in before anybody can see it, and its outcome is stored once it is proven. A crash between
/// any two steps repeats a step that may be repeated: the chain takes a transaction once.
struct ShareDesk {
    /// Requests on their way at one time; each waits for its block.
    static let inFlightMax = 16
    /// How long a request waits that is not in a block yet; doubled each time, up to ``passingPause``.
    private static let openPause: UInt64 = 500_000_000
    /// How long one waits that is too early, or whose signer has too much waiting.
    private static let passingPause: UInt64 = 15_000_000_000
    /// ms after its end when a request that nobody shows is given up, although no certified state is past its end: an idle
    /// chain makes no blocks.
    static let graceMilliseconds: Int64 = 600_000
    /// How often nobody may show a request whose nonce was used until it is given up.
    static let missesMax = 8

    private struct Entry {
        let sequence: Int64
        let id: [UInt8]
        let validUntil: Int64
        var wasHandedIn: Bool
        var isInFlight = false
        /// Monotonic ns.
        var notBefore: UInt64 = 0
        /// How often it was handed in without a block.
        var opens = 0
        /// How often nobody showed it after its end.
        var misses = 0
    }

    private let spool: Spool
    private let logger: Logger
    /// Open ones, in the order of their arrival.
    private var entries: [Entry] = []
    /// The newest request that was seen.
    private var last: Int64 = 0
    private var failures = 0
    private var notBefore: UInt64 = 0
    private var problem: String?
    private var generator = SystemRandomNumberGenerator()
    /// Why the spool refuses, if it does.
    var failure: String?

    init(spool: Spool, logger: Logger) {
        self.spool = spool
        self.logger = logger
    }

    private var inFlight: Int { self.entries.count { $0.isInFlight } }

    var isIdle: Bool { self.inFlight == 0 }

    var state: ShareState {
        ShareState(inFlight: self.inFlight, problem: self.problem, failure: self.failure)
    }

    /// How long nothing needs to be done unless something is reported, seconds.
    func pauseSeconds(now: UInt64) -> Double {
        self.notBefore > now ? min(0.25, max(0.005, Double(self.notBefore - now) / 1e9)) : 0.25
    }

    mutating func note(failure: String) {
        if self.failure != failure { self.logger.error("share requests wait", metadata: ["why": "\(failure)"]) }
        self.failure = failure
    }

    // MARK: - What comes back

    /// Stores what was found; findings stay in the list when the store refuses them.
    mutating func take(_ findings: inout [(job: ShareJob, finding: ShareFinding)], now: UInt64, wall: Int64) throws {
        while let (job, finding) = findings.last {
            if let index = self.entries.firstIndex(where: { $0.id == job.id }) {
                var entry = self.entries[index]
                entry.isInFlight = false
                let outcome = job.trace.perform { self.outcome(of: finding, for: &entry, now: now, wall: wall) }
                if let outcome {
                    try self.spool.settle(job.id, outcome)
                    self.entries.remove(at: index)
                } else {
                    self.entries[index] = entry
                }
            }
            findings.removeLast()
        }
    }

    private mutating func outcome(
        of finding: ShareFinding,
        for entry: inout Entry,
        now: UInt64,
        wall: Int64
    ) -> ShareOutcome? {
        switch finding {
        case .committed(let proof):
            self.answers()
            let code = proof.receipt.code
            return .committed(
                height: proof.header.height,
                code: code,
                name: code == 0 ? "" : ShareRejection.name(code),
                proof: proof.bytes
            )
        case .open:
            self.answers()
            entry.opens = min(entry.opens + 1, 10)
            entry.notBefore = now + min(Self.openPause << UInt64(entry.opens), Self.passingPause)
            return nil
        case .absent:
            self.answers()
            return .expired("no block took it while it was valid")
        case .early:
            self.answers()
            entry.notBefore = now + Self.passingPause
            guard wall > entry.validUntil + Self.graceMilliseconds else { return nil }
            return .expired("nobody shows it in a block, ten minutes after its end")
        case .missing:
            self.answers()
            entry.misses += 1
            entry.notBefore = now + Self.passingPause
            guard entry.misses >= Self.missesMax else { return nil }
            return .rejected(
                "nonce-used: another transaction of this signer, or one of later ones, stands in its place"
            )
        case .notTaken(let failure): return self.notTaken(failure, for: &entry, now: now)
        case .away(let failure):
            self.waits(failure, now: now)
            return nil
        case .damaged(let why):
            self.logger.error("a share request cannot be handed in", metadata: ["why": "\(why)"])
            return .rejected(why)
        }
    }

    private mutating func notTaken(_ failure: UplinkFailure, for entry: inout Entry, now: UInt64) -> ShareOutcome? {
        guard case .refused(_, let code, _, _) = failure else { return nil }
        if ShareRejection.isOfOneRequest(code) {
            self.answers()
            entry.notBefore = now + Self.passingPause
            return nil
        }
        guard failure.isPermanent else {
            self.waits(failure, now: now)
            return nil
        }
        self.answers()
        return .rejected(failure.description)
    }

    private mutating func answers() {
        if self.failures > 0 { self.logger.notice("the chain takes share requests again") }
        self.failures = 0
        self.notBefore = 0
        self.problem = nil
    }

    private mutating func waits(_ failure: UplinkFailure, now: UInt64) {
        if self.problem != failure.description {
            self.logger.warning("share requests wait for the chain", metadata: ["why": "\(failure)"])
        }
        self.problem = failure.description
        guard now >= self.notBefore else { return }
        self.failures += 1
        let asked = UInt64(failure.retryAfterSeconds ?? 0) * 1_000_000_000
        self.notBefore =
            now + RetryBackoff().delay(failures: self.failures, atLeast: asked, using: &self.generator)
    }

    // MARK: - What goes out

    /// What is to be started now.
    ///
    /// - Parameters:
    ///   - now: monotonic ns.
    ///   - wall: ms since 1970.
    /// - Returns: work for the network; its findings are expected by ``take(_:now:wall:)``.
    /// - Throws: when the store fails.
    mutating func begin(now: UInt64, wall: Int64) throws -> [ShareJob] {
        try self.learn()
        try self.expireUnseen(wall: wall)
        guard now >= self.notBefore else { return [] }
        // One at a time after a failure: it may be the chain.
        let most = self.failures == 0 ? Self.inFlightMax : 1
        var jobs: [ShareJob] = []
        var inFlight = self.inFlight
        for index in self.entries.indices where !self.entries[index].isInFlight && now >= self.entries[index].notBefore
        {
            guard inFlight < most else { break }
            guard let job = try self.job(at: index, wall: wall) else { continue }
            self.entries[index].isInFlight = true
            inFlight += 1
            jobs.append(job)
        }
        return jobs
    }

    /// Requests that arrived since the last time, in this or another process.
    private mutating func learn() throws {
        while true {
            let found = try self.spool.openShareRequests(after: self.last, max: 256)
            guard let newest = found.last else { return }
            self.entries += found.map {
                Entry(
                    sequence: $0.sequence,
                    id: $0.id,
                    validUntil: $0.validUntil,
                    wasHandedIn: $0.state == .submitted
                )
            }
            self.last = newest.sequence
        }
    }

    /// Nobody can have put into a block what nobody got from here.
    private mutating func expireUnseen(wall: Int64) throws {
        for entry in self.entries where !entry.wasHandedIn && entry.validUntil < wall {
            try self.spool.settle(entry.id, .expired("its time was over before the chain could be reached"))
            self.entries.removeAll { $0.sequence == entry.sequence }
        }
    }

    private mutating func job(at index: Int, wall: Int64) throws -> ShareJob? {
        let entry = self.entries[index]
        guard let bytes = try self.spool.shareTransaction(entry.id) else {
            throw StoreRefusal.failed("the transaction of a share request is gone")
        }
        if !entry.wasHandedIn {
            try self.spool.noteHandedIn(entry.id)
            self.entries[index].wasHandedIn = true
        }
        return ShareJob(id: entry.id, bytes: bytes, isToSubmit: entry.validUntil >= wall)
    }
}

/// What refusals of share requests mean.
enum ShareRejection {
    /// Codes of validators that concern one request, for now: the others go on.
    ///
    /// A nonce that was used, and a time that is over, are no outcome yet: the request itself may be in a block.
    static func isOfOneRequest(_ code: String) -> Bool {
        ["valid-until-too-far-ahead", "quota-exceeded", "nonce-used", "expired"].contains {
            $0.utf8.elementsEqual(code.utf8)
        }
    }

    /// The code's name for people.
    static func name(_ code: UInt16) -> String {
        RejectionCode.name(code) ?? "rejected with code \(code)"
    }
}

internal import Certificates
internal import Credentials
internal import Logging
internal import Receipts
internal import Records
internal import Signcryption
internal import Spool
internal import TraceContexts
internal import Uplink

/// Decides what is sent next, and stores what came back: the uplink's state on its one thread.
struct UplinkDesk {
    /// Something for a task on the network.
    enum Work: Sendable {
        case deliver(Assignment, EnvelopeParcel)
        case fetch(ScopeRequest)
        case audit(center: Int, statements: [[UInt8]], sample: [UInt8]?)
    }

    /// What an audit of one center needs to know, and what deliveries brought.
    private struct Ledger {
        var delivered: UInt64 = 0
        var malformed: UInt64 = 0
        var auditProblem: String?
        var auditAt: UInt64 = 0
        var isAuditing = false
        /// The receipt of the largest tree since the last audit.
        var newest: Receipt?
    }

    /// An envelope sealed this long ago is backlog, seconds.
    private static let liveSeconds: UInt64 = 60
    private static let fetchesMax = 8

    private let configuration: AgentConfiguration.Uplink
    private let spool: Spool
    private let scopes: ScopeBook
    private let identity: IdentityWatch
    private let logger: Logger
    private var plan: DeliveryPlan
    private var ledgers: [Ledger]
    private var fetching: Set<ScopeRequest> = []
    /// Scopes that the custodian refused, with when to ask again.
    private var declined: [ScopeRequest: (failures: Int, notBefore: UInt64)] = [:]
    private var custodianFailures = 0
    private var custodianNotBefore: UInt64 = 0
    private var custodianProblem: String?
    private var generator = SystemRandomNumberGenerator()
    private var hasReleased = false
    /// Why the spool refuses, if it does.
    var failure: String?

    init(
        configuration: AgentConfiguration.Uplink,
        spool: Spool,
        scopes: ScopeBook,
        identity: IdentityWatch,
        logger: Logger
    ) {
        self.configuration = configuration
        self.spool = spool
        self.scopes = scopes
        self.identity = identity
        self.logger = logger
        self.plan = DeliveryPlan(
            centers: configuration.centers.map(\.name),
            copies: configuration.copies,
            inFlightMax: configuration.inFlightMax
        )
        self.ledgers = configuration.centers.map { _ in Ledger() }
    }

    /// Whether nothing is under way.
    var isIdle: Bool {
        self.plan.inFlightCount == 0 && self.fetching.isEmpty && !self.ledgers.contains(where: \.isAuditing)
    }

    /// How long nothing needs to be done unless something is reported, seconds.
    func pauseSeconds(now: UInt64) -> Double {
        var next = now + 1_000_000_000
        if let attempt = self.plan.nextAttempt { next = min(next, max(attempt, now + 5_000_000)) }
        return Double(next - now) / 1e9
    }

    var state: UplinkState {
        var state = UplinkState()
        state.inFlight = self.plan.inFlightCount
        state.custodianProblem = self.custodianProblem
        state.failure = self.failure
        state.centers = zip(self.plan.centers, self.ledgers).map { center, ledger in
            UplinkState.Center(
                name: center.name,
                problem: center.problem,
                delivered: ledger.delivered,
                malformed: ledger.malformed,
                auditProblem: ledger.auditProblem
            )
        }
        return state
    }

    mutating func note(failure: String) {
        if self.failure != failure { self.logger.error("the uplink waits", metadata: ["why": "\(failure)"]) }
        self.failure = failure
    }

    // MARK: What comes back

    /// Stores what was reported; reports stay in the list when the store refuses them.
    ///
    /// - Returns: whether scopes became known.
    mutating func take(_ reports: inout [UplinkLoop.Report], now: UInt64) throws -> Bool {
        guard !reports.isEmpty else { return false }
        var receipts: [StoredReceipt] = []
        var scopes: [StoredScope] = []
        for report in reports {
            switch report.finding {
            case .delivery(let assignment, .success(let receipt)):
                let center = self.configuration.centers[assignment.center].name
                receipts.append(StoredReceipt(h1: receipt.h1.bytes, center: center, bytes: receipt.bytes))
            case .scope(_, .success(let scope)): scopes.append(scope)
            default: break
            }
        }
        // All receipts share one fsync; what they release is gone for good only with it.
        if !receipts.isEmpty { try self.spool.store(receipts, copies: self.configuration.copies) }
        if !scopes.isEmpty {
            try self.scopes.learn(scopes, identity: self.identity.current, now: wallNanoseconds() / 1_000_000_000)
        }
        while let report = reports.popLast() {
            try report.trace.perform {
                switch report.finding {
                case .delivery(let assignment, let result): try self.took(assignment, result, now: now)
                case .scope(let request, let result): self.took(request, result, now: now)
                case .audit(let center, let result): try self.took(auditOf: center, result)
                }
            }
        }
        return !scopes.isEmpty
    }

    private mutating func took(
        _ assignment: Assignment,
        _ result: Result<Receipt, UplinkFailure>,
        now: UInt64
    ) throws {
        let center = self.configuration.centers[assignment.center].name
        switch result {
        case .success(let receipt):
            self.ledgers[assignment.center].delivered += 1
            if self.plan.centers[assignment.center].problem != nil {
                self.logger.notice("privacy center answers again", metadata: ["center": "\(center)"])
            }
            self.finish(assignment, .delivered, now: now)
            try self.compare(receipt, ofCenter: assignment.center)
        case .failure(let failure) where failure.isPermanent:
            self.finish(assignment, .envelopeRefused, now: now)
            self.logger.error(
                "an envelope was refused for good; it is kept",
                metadata: ["center": "\(center)", "envelope": "\(assignment.envelope)", "why": "\(failure)"]
            )
            try self.spool.refuse(assignment.envelope, center: center, reason: failure.description)
        case .failure(let failure):
            self.noteFailure(failure, ofCenter: assignment.center)
            let atLeast = UInt64(failure.retryAfterSeconds ?? 0) * 1_000_000_000
            self.finish(assignment, .centerFailed(reason: failure.description, atLeast: atLeast), now: now)
        }
    }

    private mutating func finish(_ assignment: Assignment, _ outcome: DeliveryOutcome, now: UInt64) {
        self.plan.finish(assignment, outcome, now: now, using: &self.generator)
    }

    private mutating func noteFailure(_ failure: UplinkFailure, ofCenter center: Int) {
        let known = self.plan.centers[center].problem
        if case .malformed = failure { self.ledgers[center].malformed += 1 }
        guard known != failure.description else { return }
        let metadata: Logger.Metadata = [
            "center": "\(self.plan.centers[center].name)", "why": "\(failure)",
        ]
        if case .malformed = failure {
            self.logger.error("a privacy center's answer does not verify", metadata: metadata)
        } else if known == nil {
            self.logger.warning("privacy center away; envelopes are kept", metadata: metadata)
        }
    }

    private mutating func took(_ request: ScopeRequest, _ result: Result<StoredScope, UplinkFailure>, now: UInt64) {
        self.fetching.remove(request)
        switch result {
        case .success:
            self.declined[request] = nil
            self.custodianAnswers()
        case .failure(let failure):
            if self.custodianProblem != failure.description {
                self.logger.warning("no scope from the custodian", metadata: ["why": "\(failure)"])
            }
            let asked = UInt64(failure.retryAfterSeconds ?? 0) * 1_000_000_000
            // One label that is refused must not stop the others; an outage is waited out for all.
            if failure.isPermanent {
                self.custodianAnswers()
                let failures = (self.declined[request]?.failures ?? 0) + 1
                let delay = RetryBackoff().delay(failures: failures, atLeast: asked, using: &self.generator)
                self.declined[request] = (failures, now + delay)
            } else if now >= self.custodianNotBefore {
                self.custodianFailures += 1
                self.custodianNotBefore =
                    now
                    + RetryBackoff().delay(failures: self.custodianFailures, atLeast: asked, using: &self.generator)
            }
            self.custodianProblem = failure.description
        }
    }

    private mutating func custodianAnswers() {
        if self.custodianFailures > 0 { self.logger.notice("custodian answers again") }
        self.custodianFailures = 0
        self.custodianNotBefore = 0
        self.custodianProblem = nil
    }

    // MARK: What goes out

    /// What is to be started now.
    mutating func begin(now: UInt64) throws -> [Work] {
        if !self.hasReleased {
            try self.spool.releaseDelivered(copies: self.configuration.copies)
            self.hasReleased = true
        }
        return try self.deliveries(now: now) + self.fetches(now: now) + self.audits(now: now)
    }

    private mutating func deliveries(now: UInt64) throws -> [Work] {
        guard self.plan.hasRoom(now: now) else { return [] }
        // Those under way are still in the outbox: twice as many leave enough to choose from.
        let max = 2 * self.configuration.inFlightMax + 8
        let liveFrom = UInt64(wallNanoseconds() / 1_000_000_000) - Self.liveSeconds
        let numerics = try self.ends(of: .numerics, max: max)
        let waves = try self.ends(of: .waves, max: max)
        let entries = numerics.newest + numerics.oldest + waves.newest + waves.oldest
        guard !entries.isEmpty else { return [] }
        let live = DeliveryPlan.mixed(
            self.candidates(numerics.newest.filter { $0.created >= liveFrom }),
            self.candidates(waves.newest.filter { $0.created >= liveFrom })
        )
        let backlog = DeliveryPlan.mixed(self.candidates(numerics.oldest), self.candidates(waves.oldest))
        let assignments = self.plan.begin(live: live, backlog: backlog, now: now)
        let byID = Dictionary(entries.map { ($0.id, $0) }) { first, _ in first }
        var work: [Work] = []
        for assignment in assignments {
            guard let entry = byID[assignment.envelope], let parcel = try self.parcel(of: entry) else {
                self.finish(assignment, .envelopeRefused, now: now)
                continue
            }
            work.append(.deliver(assignment, parcel))
        }
        return work
    }

    /// Both ends of a lane's part of the outbox.
    private func ends(
        of lane: SpoolLane,
        max: Int
    ) throws -> (newest: [OutboxEntry], oldest: [OutboxEntry]) {
        let newest = try self.spool.outbox(.newestFirst, of: lane, max: max)
        let oldest = newest.count < max ? newest.reversed() : try self.spool.outbox(.oldestFirst, of: lane, max: max)
        return (newest, oldest)
    }

    /// An envelope with what a center may ask for before it takes it.
    private func parcel(of entry: OutboxEntry) throws -> EnvelopeParcel? {
        guard let envelope = try self.spool.envelope(entry.id), let certificate = try self.certificate(entry.sender),
            let parsed = try? ParsedEnvelope(bytes: envelope)
        else { return nil }
        var objects = [EnvelopeParcel.Companion(.certificate, digest: entry.sender, bytes: certificate)]
        if parsed.header.mode == .scopeAndEpochKey, let capsule = try self.spool.capsule(parsed.header.capsuleDigest) {
            objects.append(EnvelopeParcel.Companion(.capsule, digest: parsed.header.capsuleDigest, bytes: capsule))
        }
        return EnvelopeParcel(h1: entry.h1, envelope: envelope, companions: objects)
    }

    private func candidates(_ entries: [OutboxEntry]) -> [DeliveryCandidate] {
        entries.map { entry in
            let centers = entry.receivedBy.compactMap { name in
                self.configuration.centers.firstIndex { $0.name == name }
            }
            return DeliveryCandidate(id: entry.id, receivedBy: Set(centers))
        }
    }

    private func certificate(_ digest: [UInt8]) throws -> [UInt8]? {
        let own = self.identity.current.certificate
        return try own.digest == digest ? own.bytes : self.spool.certificate(digest)
    }

    private mutating func fetches(now: UInt64) -> [Work] {
        guard now >= self.custodianNotBefore else { return [] }
        // One at a time after a failure: it may be the custodian.
        let max = self.custodianFailures == 0 ? Self.fetchesMax : 1
        var work: [Work] = []
        let wanted = self.scopes.wanted
        self.declined = self.declined.filter { wanted.contains($0.key) }
        for request in wanted where self.fetching.count < max && !self.fetching.contains(request) {
            guard now >= self.declined[request]?.notBefore ?? 0 else { continue }
            self.fetching.insert(request)
            work.append(.fetch(request))
        }
        return work
    }

    // MARK: Whether the centers keep their promises

    private mutating func audits(now: UInt64) throws -> [Work] {
        var work: [Work] = []
        for center in self.ledgers.indices where !self.ledgers[center].isAuditing {
            guard now >= self.ledgers[center].auditAt, let newest = self.ledgers[center].newest else { continue }
            let name = self.configuration.centers[center].name
            let kept = try self.spool.statement(ofCenter: name)
            self.ledgers[center].isAuditing = true
            self.ledgers[center].auditAt = now + UInt64(self.configuration.auditSeconds) * 1_000_000_000
            work.append(
                .audit(
                    center: center,
                    statements: [kept, newest.bytes].compactMap { $0 },
                    sample: try self.spool.sampleReceipt(ofCenter: name)
                )
            )
        }
        return work
    }

    private mutating func took(auditOf center: Int, _ result: Result<AuditFinding, UplinkFailure>) throws {
        self.ledgers[center].isAuditing = false
        let name = self.configuration.centers[center].name
        switch result {
        case .success(.consistent(let head)):
            self.ledgers[center].auditProblem = nil
            self.ledgers[center].newest = nil
            try self.spool.storeStatement(head.bytes, ofCenter: name)
        case .success(.fault(let fault)):
            try self.accuse(fault, ofCenter: center)
        case .success(.unproven(let why)):
            self.ledgers[center].auditProblem = why
            self.logger.error(
                "a privacy center does not prove its tree",
                metadata: ["center": "\(name)", "why": "\(why)"]
            )
        case .failure(let failure):
            self.noteFailure(failure, ofCenter: center)
            if case .malformed = failure { self.ledgers[center].auditProblem = failure.description }
        }
    }

    /// Compares a receipt with the one before, which costs nothing and shows a fork at once.
    private mutating func compare(_ receipt: Receipt, ofCenter center: Int) throws {
        guard let newest = self.ledgers[center].newest else {
            self.ledgers[center].newest = receipt
            return
        }
        if receipt.h1 != newest.h1, let fault = PrivacyCenterFault(.receipt(newest), .receipt(receipt)) {
            try self.accuse(fault, ofCenter: center)
        }
        if receipt.tree.size > newest.tree.size { self.ledgers[center].newest = receipt }
    }

    private mutating func accuse(_ fault: PrivacyCenterFault, ofCenter center: Int) throws {
        let name = self.configuration.centers[center].name
        self.ledgers[center].auditProblem = fault.explanation
        self.logger.critical(
            "A PRIVACY CENTER BROKE ITS PROMISE; the evidence is kept",
            metadata: ["center": "\(name)", "fault": "\(fault.explanation)"]
        )
        try self.spool.storeFault(fault.bytes, kind: fault.kindName, ofCenter: name)
    }
}

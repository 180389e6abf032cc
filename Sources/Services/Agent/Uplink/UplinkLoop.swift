internal import CanonicalBytes
internal import Certificates
internal import Credentials
internal import Foundation
internal import Logging
internal import Receipts
internal import Signcryption
internal import Spool
internal import Synchronization
internal import TraceContexts
internal import Uplink

/// Brings envelopes to privacy centers, and scopes from the custodian.
///
/// One thread decides and writes; tasks on the network only fetch, verify and report. An envelope leaves the outbox in
/// the transaction that stores the last receipt that it needs.
final class UplinkLoop: Sendable {
    /// What a task reports.
    struct Report: Sendable {
        enum Finding: Sendable {
            case delivery(Assignment, Result<Receipt, UplinkFailure>)
            case scope(ScopeRequest, Result<StoredScope, UplinkFailure>)
            case audit(center: Int, Result<AuditFinding, UplinkFailure>)
        }

        let finding: Finding
        /// What is said of it here and in the logs of servers belongs together.
        let trace: TraceContext
    }

    /// How long a stop waits for requests under way, seconds.
    private static let stopSeconds: UInt64 = 5

    private let configuration: AgentConfiguration.Uplink
    private let spool: Spool
    private let scopes: ScopeBook
    private let identity: IdentityWatch
    private let logger: Logger
    private let clients: [SecureClient]
    private let dialogues: [CenterDialogue]
    private let custodian: CustodianClient
    private let mailbox = UplinkMailbox<Report>()
    private let stopping = Mutex(false)
    private let shared = Mutex(UplinkState())
    private let onScopes: @Sendable () -> Void

    /// - Parameters:
    ///   - configuration: of the uplink.
    ///   - spool: holds outbox and receipts.
    ///   - scopes: says which are wanted, and learns them.
    ///   - identity: presented to every server.
    ///   - logger: for failures and faults.
    ///   - onScopes: called when scopes became known.
    init(
        configuration: AgentConfiguration.Uplink,
        spool: Spool,
        scopes: ScopeBook,
        identity: IdentityWatch,
        logger: Logger,
        onScopes: @escaping @Sendable () -> Void
    ) {
        self.configuration = configuration
        self.spool = spool
        self.scopes = scopes
        self.identity = identity
        self.logger = logger
        // Each delivery waits for the center's disk: one that had to wait for a connection as well would run out of time.
        let toCenters = SecureClient(
            identity: identity,
            servers: [.privacyCenter],
            connections: configuration.inFlightMax
        )
        let toCustodian = SecureClient(identity: identity, servers: [.custodian, .institution])
        self.clients = [toCenters, toCustodian]
        let keyring = CenterKeyring()
        self.dialogues = configuration.centers.map { center in
            CenterDialogue(
                client: PrivacyCenterClient(name: center.name, base: center.url, client: toCenters),
                keyring: keyring,
                spool: spool,
                identity: identity
            )
        }
        self.custodian = CustodianClient(base: configuration.custodian, client: toCustodian)
        self.onScopes = onScopes
    }

    var state: UplinkState { self.shared.withLock { $0 } }

    /// Says that the outbox or the wanted scopes changed.
    func wake() { self.mailbox.wake() }

    /// Ends ``run()``: requests under way get some seconds, and what they bring is still stored.
    func requestStop() {
        self.stopping.withLock { $0 = true }
        self.mailbox.wake()
    }

    /// Closes the connections, after ``run()``.
    func close() async { for client in self.clients { await client.close() } }

    /// Works until ``requestStop()``; blocks its thread.
    func run() {
        var desk = UplinkDesk(
            configuration: self.configuration,
            spool: self.spool,
            scopes: self.scopes,
            identity: self.identity,
            logger: self.logger
        )
        var stopAt: UInt64?
        var reports: [Report] = []
        while true {
            let now = monotonicNanoseconds()
            if self.stopping.withLock({ $0 }), stopAt == nil { stopAt = now + Self.stopSeconds * 1_000_000_000 }
            do {
                let learnt = try desk.take(&reports, now: now)
                if learnt { self.onScopes() }
                if stopAt == nil { for task in try desk.begin(now: now) { self.start(task) } }
                desk.failure = nil
            } catch {
                desk.note(failure: "\(error)")
            }
            self.shared.withLock { state in
                state = desk.state
                state.heartbeat = now
            }
            if let stopAt, now >= stopAt || desk.isIdle { return }
            reports += self.mailbox.collect(timeout: stopAt == nil ? desk.pauseSeconds(now: now) : 0.2)
        }
    }

    private func start(_ work: UplinkDesk.Work) {
        let (mailbox, trace) = (self.mailbox, TraceContext())
        Task { mailbox.post(Report(finding: await trace.perform { await self.carryOut(work) }, trace: trace)) }
    }

    private func carryOut(_ work: UplinkDesk.Work) async -> Report.Finding {
        switch work {
        case .deliver(let assignment, let parcel):
            .delivery(
                assignment,
                await result { () async throws(UplinkFailure) in
                    try await self.dialogues[assignment.center].deliver(parcel)
                }
            )
        case .fetch(let request):
            .scope(
                request,
                await result { () async throws(UplinkFailure) in
                    try await self.custodian.verifiedScope(request, identity: self.identity.current)
                }
            )
        case .audit(let center, let statements, let sample):
            .audit(
                center: center,
                await result { () async throws(UplinkFailure) in
                    try await self.dialogues[center].audit(statements: statements, sample: sample)
                }
            )
        }
    }
}

private func result<Value>(
    _ body: () async throws(UplinkFailure) -> Value
) async -> Result<Value, UplinkFailure> {
    do { return .success(try await body()) } catch { return .failure(error) }
}

extension CustodianClient {
    /// A scope as it will be kept, verified.
    fileprivate func verifiedScope(
        _ request: ScopeRequest,
        identity: Identity
    ) async throws(UplinkFailure) -> StoredScope {
        let given = try await self.scope(label: request.label, epoch: UInt64(max(0, request.epoch)))
        let stored = StoredScope(
            stream: request.stream,
            purpose: request.purpose,
            epoch: request.epoch,
            descriptor: given.descriptor,
            ownerCertificate: given.ownerCertificate
        )
        do {
            _ = try ScopeBook.verify(stored, identity: identity, now: wallNanoseconds() / 1_000_000_000)
        } catch { throw .malformed("the custodian's scope does not verify: \(error)") }
        return stored
    }
}

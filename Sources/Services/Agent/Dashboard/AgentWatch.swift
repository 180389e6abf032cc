internal import CanonicalBytes
internal import Dashboard
internal import Dispatch
internal import Foundation
internal import Spool
internal import Synchronization

/// Reads for the dashboard what the agent has stored; beyond replaying dead letters it changes nothing.
///
/// It looks only while somebody watches: a dashboard that nobody has open costs neither time nor memory.
final class AgentWatch: AgentDashboardSource, Sendable {
    /// What one look saw of the counters.
    private struct Look {
        let at: Int64
        let received: Int64
        let observations: Int64
    }

    private struct State {
        var board = WardBoard()
        var sequence: Int64?
        var lookedAt: Int64 = 0
        var looks: [Look] = []
    }

    /// Observations looked back at, at the start.
    private static let lookBack: Int64 = 8_000
    /// Several watchers share a look that is this fresh.
    private static let freshMilliseconds: Int64 = 900
    /// After so long without a watcher the board is forgotten.
    private static let restMilliseconds: Int64 = 600_000
    /// Rates are of the last so many looks.
    private static let looksMax = 6
    private static let lettersMax = 100

    private let configuration: AgentConfiguration
    private let store: AgentStore
    private let status: @Sendable () throws -> AgentStatus
    private let state = Mutex(State())
    private let salt: [UInt8]
    /// Reading from the disk is kept away from the tasks of others; a long trace from the live pages.
    private let queue = DispatchQueue(label: "dashboard")
    private let slowQueue = DispatchQueue(label: "dashboard-slow")

    /// - Parameters:
    ///   - configuration: the agent's.
    ///   - store: the agent's own.
    ///   - status: the agent's state at this moment.
    init(
        configuration: AgentConfiguration,
        store: AgentStore,
        status: @escaping @Sendable () throws -> AgentStatus
    ) {
        self.configuration = configuration
        self.store = store
        self.status = status
        var generator = SystemRandomNumberGenerator()
        self.salt = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    // MARK: - Pages

    func ward() async throws -> WardView {
        try await self.blocking(on: self.queue) {
            let now = systemMilliseconds()
            return try self.looked(at: now).ward(salt: self.salt, at: now)
        }
    }

    func bed(_ handle: String) async throws -> (now: Int64, bed: BedView)? {
        let ward = try await self.ward()
        return ward.beds.first { $0.handle == handle }.map { (ward.now, $0) }
    }

    func fleet() async throws -> FleetView {
        try await self.blocking(on: self.queue) {
            let now = systemMilliseconds()
            return try self.looked(at: now).fleet(clocks: self.status().clocks, at: now)
        }
    }

    func pipeline() async throws -> PipelineView {
        try await self.blocking(on: self.queue) {
            let now = systemMilliseconds()
            let status = try self.status()
            var view = PipelineView(status, at: now)
            let rates = self.rates(status.spool, at: now)
            view.received.perSecond = rates?.received
            view.observations.perSecond = rates?.observations
            return view
        }
    }

    func deadLetters() async throws -> DeadLettersView {
        try await self.blocking(on: self.queue) {
            var filter = DeadLetterFilter()
            filter.limit = Self.lettersMax
            return DeadLettersView(
                now: systemMilliseconds(),
                groups: try self.store.spool.deadLetterGroups().map(DeadLettersView.Group.init),
                letters: try self.store.spool.deadLetters(filter).map(DeadLettersView.Letter.init)
            )
        }
    }

    // MARK: - Actions

    func replay(id: Int64?, profile: String?, reason: String?) async throws -> ReplayView {
        try await self.blocking(on: self.slowQueue) {
            let letters = try self.letters(id: id, profile: profile, reason: reason)
            let summary = try DeadLetterReplay(configuration: self.configuration).run(letters)
            return ReplayView(tried: summary.tried, resolved: summary.resolved, observations: summary.observations)
        }
    }

    private func letters(id: Int64?, profile: String?, reason: String?) throws -> [StoredDeadLetter] {
        if let id { return try self.store.spool.deadLetter(id).map { $0.outcome == nil ? [$0] : [] } ?? [] }
        var filter = DeadLetterFilter()
        filter.profile = profile == "-" ? nil : profile
        filter.reasonCode = reason
        filter.limit = 1_000
        let letters = try self.store.spool.deadLetters(filter)
        return profile == "-" ? letters.filter { $0.letter.profile == nil } : letters
    }

    func trace(_ subject: String) async throws -> TraceView? {
        try await self.blocking(on: self.slowQueue) {
            guard let bytes = [UInt8](hex: subject), [16, 32].contains(bytes.count) else { return nil }
            let found = bytes.count == 16 ? try TracedObservation.find(id: subject, in: self.store.spool) : nil
            let report = try Trace(configuration: self.configuration).run(subject, found: found)
            return TraceView(report, found, agent: self.configuration.agentID, at: systemMilliseconds())
        }
    }

    // MARK: - Looking

    /// Forgets what nobody has watched for a while.
    func rest() {
        let now = systemMilliseconds()
        self.state.withLock { state in
            if now - state.lookedAt > Self.restMilliseconds { state = State() }
        }
    }

    /// The board with what has come since the last look.
    private func looked(at now: Int64) throws -> WardBoard {
        try self.state.withLock { state in
            if now - state.lookedAt > Self.restMilliseconds || now < state.lookedAt { state = State() }
            guard now - state.lookedAt > Self.freshMilliseconds else { return state.board }
            let beds = try self.store.spool.associations().compactMap {
                association -> (patient: String, bed: String)? in
                guard case .bed(let bed) = association.subject, association.to == nil else { return nil }
                return (association.patient, bed)
            }
            state.board.use(beds: beds)
            var last = try state.sequence ?? max(0, self.store.statistics().lastSequence - Self.lookBack)
            while let chunk = try self.store.spool.observations(after: last).first {
                state.board.take(chunk.lines)
                last = chunk.lastSequence
            }
            state.sequence = last
            state.lookedAt = now
            return state.board
        }
    }

    private func rates(_ spool: SpoolStatistics, at now: Int64) -> (received: Double, observations: Double)? {
        self.state.withLock { state in
            state.looks.removeAll { now - $0.at > 30_000 || $0.at > now }
            let first = state.looks.first
            if state.looks.last.map({ now - $0.at > Self.freshMilliseconds }) ?? true {
                let look = Look(at: now, received: spool.messages.received, observations: spool.observationsStored)
                state.looks = (state.looks + [look]).suffix(Self.looksMax)
            }
            guard let first, now - first.at >= Self.freshMilliseconds else { return nil }
            let seconds = Double(now - first.at) / 1_000
            return (
                Double(spool.messages.received - first.received) / seconds,
                Double(spool.observationsStored - first.observations) / seconds
            )
        }
    }

    private func blocking<Value: Sendable>(
        on queue: DispatchQueue,
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result(catching: body)) }
        }
    }
}

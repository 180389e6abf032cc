package import Logging
internal import Synchronization

/// The agent's connection to one broker: a thread that connects, ingests and reconnects until it is stopped.
///
/// Every method may be called from any thread. Log lines hold no payloads and no topics but the filters of the
/// configuration.
package final class BrokerConnection: Sendable {
    package let settings: BrokerSettings
    /// Index of the broker in the agent's configuration; stored with every message.
    package let broker: UInt8
    let store: any BurstStore
    let wakeUp: WakeUp
    private let log: Logger
    private let shared: Mutex<Shared>
    private let stopFlag = Atomic(false)
    private let ending = Ending()

    private struct Shared {
        var state = BrokerState()
        var wanted: [Subscription]
        /// What the broker's session holds, as far as this process knows.
        var held: [String: Int32] = [:]
        /// The subscriptions have to be compared again.
        var changed = true
    }

    /// Prepares a connection; nothing happens before ``run()``.
    ///
    /// - Parameters:
    ///   - settings: where to connect.
    ///   - broker: index of the broker in the agent's configuration.
    ///   - store: makes messages durable before they are acknowledged.
    ///   - logger: receives connections, losses and refusals.
    /// - Throws: ``BrokerFault`` when the process has no file descriptors left.
    package init(
        settings: BrokerSettings,
        broker: UInt8,
        store: any BurstStore,
        logger: Logger
    ) throws(BrokerFault) {
        self.settings = settings
        self.broker = broker
        self.store = store
        self.wakeUp = try WakeUp()
        var log = logger
        log[metadataKey: "broker"] = "\(settings.endpoint.host):\(settings.endpoint.port)"
        self.log = log
        self.shared = Mutex(Shared(wanted: settings.subscriptions))
    }

    /// Ingests on a thread of its own until ``requestStop()``.
    ///
    /// Returns once the last burst is durable and acknowledged and the broker has heard the goodbye, at the
    /// latest six seconds after the request.
    package func run() async {
        // A commit must not wait for the cooperative thread pool, nor block it.
        NamedThread.start("mqtt-\(self.broker)") {
            self.serve()
            self.ending.reach()
        }
        await self.ending.wait()
    }

    /// Ends ``run()``; returns at once.
    ///
    /// A thread held up by name resolution, by a TCP handshake or by the store is left behind after six seconds:
    /// it has acknowledged nothing that is not durable.
    package func requestStop() {
        guard !self.stopFlag.exchange(true, ordering: .sequentiallyConsistent) else { return }
        self.wakeUp.signal()
        let ending = self.ending
        Task.detached {
            try? await Task.sleep(for: .seconds(6))
            ending.reach()
        }
    }

    /// Replaces the subscriptions; new ones are made and gone ones cancelled on the running connection.
    ///
    /// - Parameter subscriptions: the complete new list.
    /// - Throws: ``BrokerSettingsError/duplicateFilter(_:)``; the old list then stays.
    package func update(subscriptions: [Subscription]) throws(BrokerSettingsError) {
        try BrokerSettings.checkDistinct(subscriptions)
        self.shared.withLock { shared in
            shared.wanted = subscriptions
            shared.changed = true
            let filters = Set(subscriptions.map(\.filter))
            shared.state.refusedSubscriptions = shared.state.refusedSubscriptions.filter { filters.contains($0.key) }
        }
        self.wakeUp.signal()
    }

    /// What the connection is doing now.
    package var state: BrokerState { self.shared.withLock { $0.state } }
}

// MARK: - The thread

extension BrokerConnection {
    var stopRequested: Bool { self.stopFlag.load(ordering: .relaxed) }

    private func serve() {
        var failuresInRow = 0
        while !self.stopRequested {
            self.setPhase(.connecting)
            let begun = Clocks.monotonic()
            switch self.runSession() {
            case .stopped:
                break
            case .refused(let reason):
                self.waitForRoom(reason)
            case .lost(let fault):
                // A connection that breaks at once, such as two clients with one id, is no recovery.
                if Clocks.monotonic() - begun > Self.steadyNanoseconds { failuresInRow = 0 }
                self.waitAfter(fault, attempt: failuresInRow)
                failuresInRow += 1
            }
        }
        self.setPhase(.stopped)
        self.log.info("connection stopped")
    }

    private func runSession() -> BrokerSession.End {
        do throws(BrokerFault) {
            return try BrokerSession(connection: self, log: self.log).run()
        } catch {
            return .lost(error)
        }
    }

    private func waitAfter(_ fault: BrokerFault, attempt: Int) {
        let delay = self.settings.backoff.delayMilliseconds(attempt: attempt, fraction: .random(in: 0..<1))
        self.shared.withLock { shared in
            shared.state.phase = .waiting
            shared.state.failures += 1
            shared.state.lastError = fault.description
        }
        self.log.warning(
            "no broker connection",
            metadata: ["reason": "\(fault)", "retry_milliseconds": "\(delay)"]
        )
        let end = Clocks.monotonic() + UInt64(delay) * 1_000_000
        while !self.stopRequested {
            let now = Clocks.monotonic()
            guard now < end else { return }
            self.beat()
            self.wakeUp.wait(milliseconds: Int32(min(1_000, (end - now) / 1_000_000 + 1)))
        }
    }

    /// Stays away from the broker, which keeps the messages, until the store has room again.
    private func waitForRoom(_ reason: String) {
        self.shared.withLock { shared in
            shared.state.phase = .refusing(reason: reason)
            shared.state.refusals += 1
        }
        self.log.error("the store refuses messages; the broker keeps them", metadata: ["reason": "\(reason)"])
        while !self.stopRequested, !self.store.hasRoom() {
            self.beat()
            self.wakeUp.wait(milliseconds: 1_000)
        }
        if !self.stopRequested { self.log.notice("the store has room again") }
    }

    private func setPhase(_ phase: BrokerState.Phase) {
        self.shared.withLock { shared in
            shared.state.phase = phase
            shared.state.heartbeat = Clocks.monotonic()
        }
    }

    private func beat() { self.shared.withLock { $0.state.heartbeat = Clocks.monotonic() } }

    /// Longer connections start the delays anew.
    private static let steadyNanoseconds: UInt64 = 10_000_000_000
}

// MARK: - What a session reports

extension BrokerConnection {
    /// The broker accepted the connection; called before its first message is read.
    func accepted(sessionPresent: Bool) {
        self.shared.withLock { shared in
            shared.state.phase = .connected(since: Clocks.wall())
            shared.state.connections += 1
            // MQTT 5 repeats no retained message for a subscription that exists, so asking again is free. MQTT 3.1.1
            // does, and what this process was granted in a session that lives on needs no second request.
            if !sessionPresent || self.settings.endpoint.version == .v5 {
                shared.held = shared.held.filter { held in
                    sessionPresent && !shared.wanted.contains { $0.filter == held.key }
                }
                shared.state.grantedSubscriptions = []
            }
            shared.changed = true
        }
        self.log.info("connected", metadata: ["session_present": "\(sessionPresent)"])
    }

    func add(_ totals: IngestTotals) {
        self.shared.withLock { shared in
            shared.state.totals.messages += totals.messages
            shared.state.totals.bytes += totals.bytes
            shared.state.totals.bursts += totals.bursts
            shared.state.totals.oversized += totals.oversized
            shared.state.totals.retained += totals.retained
            shared.state.heartbeat = Clocks.monotonic()
        }
    }

    /// What to send because the wanted subscriptions changed, or nil.
    func takeSubscriptionChange() -> SubscriptionChange? {
        self.shared.withLock { shared in
            guard shared.changed else { return nil }
            shared.changed = false
            return SubscriptionChange(held: shared.held, wanted: shared.wanted)
        }
    }

    func grant(_ subscription: Subscription) {
        self.shared.withLock { shared in
            shared.held[subscription.filter] = subscription.qos
            shared.state.grantedSubscriptions.insert(subscription.filter)
            shared.state.refusedSubscriptions[subscription.filter] = nil
        }
    }

    func refuse(_ subscription: Subscription, reason: String) {
        self.shared.withLock { shared in
            shared.held[subscription.filter] = nil
            shared.state.grantedSubscriptions.remove(subscription.filter)
            shared.state.refusedSubscriptions[subscription.filter] = reason
        }
    }

    func forget(_ filter: String) {
        self.shared.withLock { shared in
            shared.held[filter] = nil
            shared.state.grantedSubscriptions.remove(filter)
        }
    }
}

import Logging
import MQTTIngest
import Records
import Synchronization

/// A store in memory that can refuse, and tells what it was given in which order.
final class RecordingStore: BurstStore {
    struct Message: Equatable {
        let topic: String
        let payload: String
        let packetIdentifier: UInt16
        let retained: Bool
        let broker: UInt8
        let receivedAt: Int64
    }

    struct Refusal: Error, CustomStringConvertible {
        let description = "the disk is full"
    }

    private struct State {
        var bursts: [[Message]] = []
        var oversized: [[OversizedMessage]] = []
        var sessionsPresent: [Bool] = []
        var refuses = false
        var refusals = 0
    }

    private let state = Mutex(State())
    private let beforeCommit: @Sendable ([Message]) -> Void
    private let afterRefusal: @Sendable ([Message]) -> Void

    /// Prepares an empty store.
    ///
    /// - Parameters:
    ///   - beforeCommit: runs inside ``store(_:oversized:)``, just before the burst counts as durable.
    ///   - afterRefusal: runs inside ``store(_:oversized:)`` instead, when the store refuses.
    init(
        beforeCommit: @escaping @Sendable ([Message]) -> Void = { _ in },
        afterRefusal: @escaping @Sendable ([Message]) -> Void = { _ in }
    ) {
        self.beforeCommit = beforeCommit
        self.afterRefusal = afterRefusal
    }

    func store(_ burst: MessageBurst, oversized: [OversizedMessage]) throws {
        let messages = Self.messages(of: burst)
        let refuses = self.state.withLock { state in
            if state.refuses { state.refusals += 1 }
            return state.refuses
        }
        if refuses {
            self.afterRefusal(messages)
            throw Refusal()
        }
        self.beforeCommit(messages)
        self.state.withLock { state in
            state.bursts.append(messages)
            state.oversized.append(oversized)
        }
    }

    func hasRoom() -> Bool { self.state.withLock { !$0.refuses } }

    func connected(broker: UInt8, sessionPresent: Bool) {
        self.state.withLock { $0.sessionsPresent.append(sessionPresent) }
    }

    var refuses: Bool {
        get { self.state.withLock { $0.refuses } }
        set { self.state.withLock { $0.refuses = newValue } }
    }

    var refusals: Int { self.state.withLock { $0.refusals } }
    var sessionsPresent: [Bool] { self.state.withLock { $0.sessionsPresent } }
    var bursts: [[Message]] { self.state.withLock { $0.bursts } }
    var messages: [Message] { self.bursts.flatMap { $0 } }
    var payloads: [String] { self.messages.map(\.payload) }
    var oversized: [OversizedMessage] { self.state.withLock { $0.oversized.flatMap { $0 } } }
    var count: Int { self.state.withLock { state in state.bursts.reduce(0) { $0 + $1.count } } }

    private static func messages(of burst: MessageBurst) -> [Message] {
        var result: [Message] = []
        var offset = 0
        while let (message, next) = burst.message(at: offset) {
            result.append(
                Message(
                    topic: String(decoding: burst.bytes[message.topic], as: UTF8.self),
                    payload: String(decoding: burst.bytes[message.payload], as: UTF8.self),
                    packetIdentifier: message.packetIdentifier,
                    retained: message.retained,
                    broker: message.broker,
                    receivedAt: message.receivedAt
                )
            )
            offset = next
        }
        return result
    }
}

/// Waits until something is so.
///
/// - Returns: false after twenty seconds.
func eventually(_ condition: () throws -> Bool) async rethrows -> Bool {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(20)
    while clock.now < end {
        if try condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return try condition()
}

/// Runs a connection while a body looks at it, and stops it in the orderly way.
func withConnection(
    _ settings: BrokerSettings,
    _ store: any BurstStore,
    broker: UInt8 = 0,
    _ body: (BrokerConnection) async throws -> Void
) async throws {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let connection = try BrokerConnection(settings: settings, broker: broker, store: store, logger: logger)
    let running = Task { await connection.run() }
    do {
        try await body(connection)
    } catch {
        connection.requestStop()
        await running.value
        throw error
    }
    connection.requestStop()
    await running.value
}

/// Settings for a broker on the loopback interface, with quick reconnection.
func loopbackSettings(
    port: Int,
    version: BrokerSettings.Version = .v5,
    host: String = "127.0.0.1",
    clientID: String = "agent",
    filters: [String] = ["ward/#"],
    tls: TLSSettings? = nil,
    login: Login? = nil,
    session: SessionLimits = .standard,
    burst: BurstLimits = .standard
) throws -> BrokerSettings {
    try BrokerSettings(
        endpoint: .init(host: host, port: port, version: version, clientID: clientID, agentID: "icu-\(clientID)"),
        tls: tls,
        login: login,
        subscriptions: filters.map { filter throws(BrokerSettingsError) in try Subscription(filter: filter) },
        session: session,
        burst: burst,
        backoff: ReconnectBackoff(minimumMilliseconds: 10, maximumMilliseconds: 200)
    )
}

internal import DeviceProfiles
package import Logging
internal import MQTTIngest
internal import Records
package import StrictYAML
internal import Synchronization

/// Follows the topics of brokers beside the agent, without touching its session: a client of its own for each broker, a
/// session that ends with the connection, QoS 0, no status and no last will.
package final class TopicWatch: Sendable {
    /// What to follow.
    package struct Request: Sendable {
        /// Profile directories.
        package var directories: [String]
        /// Topic filters instead of those of the profiles.
        package var filters: [String] = []
        /// Whether record numbers and texts of messages are shown.
        package var showsPatients = false
        /// Makes the client ids unlike any other's.
        package var nonce: UInt64

        package init(directories: [String], nonce: UInt64) {
            self.directories = directories
            self.nonce = nonce
        }
    }

    /// Profile files that were refused; their topics are followed all the same, and read by nothing.
    package let refused: [YAMLProblem]
    private let connections: [BrokerConnection]

    /// Prepares a watch.
    ///
    /// - Parameters:
    ///   - brokers: as configured for the agent; shared subscriptions are followed without their group.
    ///   - request: what to follow.
    ///   - logger: for connections and losses.
    ///   - show: called for each message, on a thread of its broker's.
    /// - Throws: an error whose description says what to do.
    package init(
        brokers: [AgentConfiguration.Broker],
        request: Request,
        logger: Logger,
        show: @escaping @Sendable (WatchedMessage) -> Void
    ) throws {
        let (library, problems) = ProfileLibrary.load(directories: request.directories)
        self.refused = problems
        var connections: [BrokerConnection] = []
        for (index, broker) in brokers.enumerated() {
            let settings = try Self.settings(broker, library, request)
            try settings.checkFiles()
            let store = WatchStore(
                broker: "\(broker.host):\(broker.port)",
                watcher: MessageWatcher(library: library, showsPatients: request.showsPatients),
                show: show
            )
            connections.append(
                try BrokerConnection(settings: settings, broker: UInt8(index), store: store, logger: logger)
            )
        }
        self.connections = connections
    }

    private static func settings(
        _ broker: AgentConfiguration.Broker,
        _ library: ProfileLibrary,
        _ request: Request
    ) throws -> BrokerSettings {
        var filters = request.filters
        if filters.isEmpty { filters = broker.subscriptions.map { self.unshared($0.filter) } }
        if filters.isEmpty { filters = library.subscriptionFilters }
        var seen: Set<String> = []
        let name = "wardline-watch-\(String(request.nonce, radix: 16))"
        return try BrokerSettings(
            endpoint: BrokerSettings.Endpoint(
                host: broker.host,
                port: broker.port,
                version: broker.protocolVersion == .v5 ? .v5 : .v311,
                clientID: name,
                agentID: name
            ),
            tls: try broker.tls.map {
                try TLSSettings(caFile: $0.caFile, certificateFile: $0.certificateFile, keyFile: $0.keyFile)
            },
            login: try broker.username.map { try Login(username: $0, passwordFile: broker.passwordFile) },
            subscriptions: try filters.filter { seen.insert($0).inserted }.map {
                try MQTTIngest.Subscription(filter: $0, qos: 0, allowLoss: true)
            },
            isObserver: true
        )
    }

    /// A member of the group would take messages away from the agent.
    private static func unshared(_ filter: String) -> String {
        guard filter.hasPrefix("$share/") else { return filter }
        return filter.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false).last.map(String.init)
            ?? filter
    }

    /// Runs until ``requestStop()``.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            for connection in self.connections { group.addTask { await connection.run() } }
            await group.waitForAll()
        }
    }

    /// Ends ``run()``.
    package func requestStop() { for connection in self.connections { connection.requestStop() } }

    /// Whether every broker has granted every filter.
    package var isFollowing: Bool {
        self.connections.allSatisfy { $0.state.grantedSubscriptions.count == $0.settings.subscriptions.count }
    }

    /// What the brokers refuse, or why they are not reached.
    package var obstacles: [String] {
        self.connections.flatMap { connection in
            let refused = connection.state.refusedSubscriptions.sorted { $0.key < $1.key }.map {
                "\($0.key): \($0.value)"
            }
            return connection.state.isConnected ? refused : (connection.state.lastError.map { [$0] } ?? [])
        }
    }
}

/// Shows bursts instead of storing them.
private final class WatchStore: BurstStore {
    private let broker: String
    private let watcher: Mutex<MessageWatcher>
    private let show: @Sendable (WatchedMessage) -> Void

    init(broker: String, watcher: MessageWatcher, show: @escaping @Sendable (WatchedMessage) -> Void) {
        self.broker = broker
        self.watcher = Mutex(watcher)
        self.show = show
    }

    func connected(broker: UInt8, sessionPresent: Bool) {}

    func hasRoom() -> Bool { true }

    func store(_ burst: MessageBurst, oversized: [OversizedMessage]) throws {
        var offset = 0
        while let (message, next) = burst.message(at: offset) {
            let seen = self.watcher.withLock { $0.read(message, of: burst, broker: self.broker) }
            self.show(seen)
            offset = next
        }
    }
}

/// How to reach one MQTT broker and what to take from it; checked when it is made, without any I/O.
package struct BrokerSettings: Sendable, Equatable {
    /// The protocol spoken.
    package enum Version: Sendable, Equatable {
        case v311
        case v5
    }

    /// Who the agent is: to the network, to the broker's session store, and to the people who watch it.
    package struct Endpoint: Sendable, Equatable {
        /// DNS name or address; with TLS the broker's certificate must name it.
        package let host: String
        package let port: Int32
        package let version: Version
        /// Key of the persistent session in the broker.
        package let clientID: String
        /// Level of ``BrokerSettings/statusTopic``.
        package let agentID: String

        /// Checks where to connect and under which names.
        ///
        /// - Parameters:
        ///   - host: DNS name or address.
        ///   - port: 1 to 65,535.
        ///   - version: MQTT 5 unless the broker is older.
        ///   - clientID: stable over restarts, 1 to 65,535 bytes.
        ///   - agentID: 1 to 64 letters, digits, `.`, `-`, `_`.
        /// - Throws: ``BrokerSettingsError``.
        package init(
            host: String,
            port: Int,
            version: Version = .v5,
            clientID: String,
            agentID: String
        ) throws(BrokerSettingsError) {
            guard !host.isEmpty, !host.utf8.contains(0) else { throw .emptyHost }
            guard (1...65_535).contains(clientID.utf8.count), !clientID.utf8.contains(0) else {
                throw .malformedClientID(clientID)
            }
            guard Self.isTopicLevel(agentID) else { throw .malformedAgentID(agentID) }
            self.port = Int32(try BrokerSettings.check(port, "port", 1...65_535))
            self.host = host
            self.version = version
            self.clientID = clientID
            self.agentID = agentID
        }

        /// Letters that need no escape in a topic, in JSON or in a log line.
        private static func isTopicLevel(_ text: String) -> Bool {
            (1...64).contains(text.utf8.count)
                && text.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                        UInt8(ascii: "_"):
                        true
                    default: false
                    }
                }
        }
    }

    package let endpoint: Endpoint
    package let tls: TLSSettings?
    package let login: Login?
    package let subscriptions: [Subscription]
    package let session: SessionLimits
    package let burst: BurstLimits
    package let backoff: ReconnectBackoff
    /// Only looks on: the session ends with the connection, and neither status nor last will is published.
    package let isObserver: Bool

    /// Puts checked parts together.
    ///
    /// - Parameters:
    ///   - endpoint: where the broker is.
    ///   - tls: nil for an unencrypted connection.
    ///   - login: nil where the broker needs no user name.
    ///   - subscriptions: filters, each listed once; may be empty.
    ///   - session: keep-alive and what the broker keeps for the agent.
    ///   - burst: how much one durable write carries.
    ///   - backoff: delays between attempts to connect.
    ///   - isObserver: for people who look on; an agent must keep its session.
    /// - Throws: ``BrokerSettingsError/duplicateFilter(_:)``.
    package init(
        endpoint: Endpoint,
        tls: TLSSettings? = nil,
        login: Login? = nil,
        subscriptions: [Subscription],
        session: SessionLimits = .standard,
        burst: BurstLimits = .standard,
        backoff: ReconnectBackoff = .standard,
        isObserver: Bool = false
    ) throws(BrokerSettingsError) {
        try Self.checkDistinct(subscriptions)
        self.endpoint = endpoint
        self.tls = tls
        self.login = login
        self.subscriptions = subscriptions
        self.session = session
        self.burst = burst
        self.backoff = backoff
        self.isObserver = isObserver
    }

    /// Where the agent's retained online status and its last will are published.
    package var statusTopic: String { "wardline/agent/\(self.endpoint.agentID)/status" }

    /// Reads every file the settings name, so that a wrong path is found before the first connection.
    ///
    /// - Throws: ``BrokerSettingsError`` for the first file that cannot be used.
    package func checkFiles() throws(BrokerSettingsError) {
        try self.tls?.checkFiles()
        _ = try self.login?.password()
    }

    static func checkDistinct(_ subscriptions: [Subscription]) throws(BrokerSettingsError) {
        var seen: Set<String> = []
        for subscription in subscriptions where !seen.insert(subscription.filter).inserted {
            throw .duplicateFilter(subscription.filter)
        }
    }

    static func check(
        _ value: Int,
        _ field: String,
        _ allowed: ClosedRange<Int>
    ) throws(BrokerSettingsError) -> Int {
        guard allowed.contains(value) else { throw .outOfRange(field: field, value: value, allowed: allowed) }
        return value
    }
}

/// What a connection is doing, for health checks and metrics.
package struct BrokerState: Sendable, Equatable {
    package enum Phase: Sendable, Equatable {
        case connecting
        /// Messages flow; since, in ns since 1970 UTC.
        case connected(since: Int64)
        /// The store refuses messages; the broker keeps them.
        case refusing(reason: String)
        /// The connection failed or broke; the next attempt waits for its delay.
        case waiting
        case stopped
    }

    package internal(set) var phase = Phase.connecting
    package internal(set) var totals = IngestTotals()
    /// Connections accepted by the broker.
    package internal(set) var connections: UInt64 = 0
    /// Attempts and connections that failed.
    package internal(set) var failures: UInt64 = 0
    /// Bursts the store refused.
    package internal(set) var refusals: UInt64 = 0
    /// Why the last attempt or connection failed; stays after recovery.
    package internal(set) var lastError: String?
    /// Subscriptions the broker did not grant as asked, with the reason.
    package internal(set) var refusedSubscriptions: [String: String] = [:]
    /// Filters the broker has granted as asked.
    package internal(set) var grantedSubscriptions: Set<String> = []
    /// Monotonic clock in ns when the thread last showed that it is alive; it does so at least once a second.
    package internal(set) var heartbeat: UInt64 = 0

    package init() {}

    package var isConnected: Bool {
        if case .connected = self.phase { true } else { false }
    }
}

/// Counts of what was made durable.
package struct IngestTotals: Sendable, Equatable {
    package internal(set) var messages: UInt64 = 0
    /// Topic, payload and record header of all messages.
    package internal(set) var bytes: UInt64 = 0
    package internal(set) var bursts: UInt64 = 0
    package internal(set) var oversized: UInt64 = 0
    package internal(set) var retained: UInt64 = 0

    package init() {}
}

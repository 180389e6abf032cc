internal import CMosquitto
internal import Logging

/// One connection: from CONNECT over the subscriptions and the flow of messages to its end.
final class BrokerSession {
    /// How a connection ended.
    enum End {
        case stopped
        case lost(BrokerFault)
        case refused(String)
    }

    private let settings: BrokerSettings
    private let client: MosquittoClient
    private let driver: AckAfterCommit
    private let store: any BurstStore
    private let broker: UInt8
    private unowned let connection: BrokerConnection
    private let log: Logger
    /// Subscriptions whose SUBACK is awaited, by packet identifier.
    private var awaited: [Int32: Subscription] = [:]

    init(connection: BrokerConnection, log: Logger) throws(BrokerFault) {
        self.connection = connection
        self.settings = connection.settings
        self.store = connection.store
        self.broker = connection.broker
        self.log = log
        self.client = try MosquittoClient(settings: connection.settings, broker: connection.broker)
        self.driver = AckAfterCommit(
            client: self.client,
            store: connection.store,
            settings: connection.settings,
            wakeUp: connection.wakeUp
        )
        self.client.arrivals.whenAccepted = { [store = self.store, broker = self.broker, unowned connection] kept in
            store.connected(broker: broker, sessionPresent: kept)
            connection.accepted(sessionPresent: kept)
        }
    }

    /// Connects and serves until the connection ends, the store refuses, or a stop is requested.
    func run() -> End {
        if let end = self.shakeHands() { return end }
        self.publish(.online)
        while true {
            if self.connection.stopRequested { return self.leave() }
            self.applySubscriptions()
            if let end = self.turn(milliseconds: 1_000) { return end }
        }
    }

    /// Opens the connection and waits for the broker to accept it.
    ///
    /// - Returns: nil once CONNACK has come.
    private func shakeHands() -> End? {
        do throws(BrokerFault) { try self.client.connect() } catch { return .lost(error) }
        let deadline = Clocks.monotonic() + Self.handshakeSeconds * 1_000_000_000
        while self.client.arrivals.connack == nil {
            if self.connection.stopRequested { return .stopped }
            if let end = self.turn(milliseconds: 1_000) { return end }
            guard Clocks.monotonic() < deadline else {
                return .lost(
                    BrokerFault(
                        "\(self.settings.endpoint.host):\(self.settings.endpoint.port) accepted the connection "
                            + "but sent no CONNACK within \(Self.handshakeSeconds) s"
                    )
                )
            }
        }
        self.client.silenceLog()
        return nil
    }

    /// One turn of the driver, and what follows from it.
    private func turn(milliseconds: Int32) -> End? {
        let result = self.driver.turn(milliseconds: milliseconds)
        self.connection.add(self.driver.takeTotals())
        self.readSubscriptionAnswers()
        return switch result {
        case .quiet, .busy: nil
        case .lost(let fault): .lost(fault)
        case .refused(let reason): .refused(reason)
        }
    }

    /// Says goodbye: what was read is durable and acknowledged before the broker hears DISCONNECT.
    ///
    /// The broker answers the offline status only after it has read every acknowledgement before it, and a
    /// socket closed with unread data would be reset; so the answer is waited for while messages still flow.
    private func leave() -> End {
        let deadline = Clocks.monotonic() + Self.goodbyeSeconds * 1_000_000_000
        let farewell = self.publish(.stopped)
        while let farewell, Clocks.monotonic() < deadline, !self.client.arrivals.published.contains(farewell) {
            if let end = self.turn(milliseconds: 100) { return end }
        }
        self.client.disconnect()
        // Writing DISCONNECT closes the socket, which ends the turn as lost.
        while self.client.socket >= 0, Clocks.monotonic() < deadline {
            if case .refused(let reason)? = self.turn(milliseconds: 100) { return .refused(reason) }
        }
        return .stopped
    }

    /// Brings the broker's subscriptions in line with the wanted ones.
    private func applySubscriptions() {
        guard let change = self.connection.takeSubscriptionChange() else { return }
        for filter in change.unsubscribe {
            do throws(BrokerFault) {
                try self.client.unsubscribe(filter)
                self.connection.forget(filter)
            } catch {
                self.log.error("unsubscribing failed", metadata: ["filter": "\(filter)", "reason": "\(error)"])
            }
        }
        for subscription in change.subscribe {
            do throws(BrokerFault) {
                self.awaited[try self.client.subscribe(subscription)] = subscription
            } catch {
                self.refuse(subscription, reason: error.description)
            }
        }
    }

    private func readSubscriptionAnswers() {
        guard !self.client.arrivals.subacks.isEmpty else { return }
        for answer in self.client.arrivals.subacks {
            guard let subscription = self.awaited.removeValue(forKey: answer.packetIdentifier) else { continue }
            switch answer.granted {
            case subscription.qos:
                self.connection.grant(subscription)
            case 0..<subscription.qos:
                self.refuse(subscription, reason: "the broker grants only qos \(answer.granted), which loses messages")
            default:
                self.refuse(subscription, reason: Self.subackReason(answer.granted, self.settings.endpoint.version))
            }
        }
        self.client.arrivals.subacks.removeAll(keepingCapacity: true)
    }

    private func refuse(_ subscription: Subscription, reason: String) {
        self.connection.refuse(subscription, reason: reason)
        self.log.error(
            "subscription refused",
            metadata: ["filter": "\(subscription.filter)", "reason": "\(reason)"]
        )
    }

    @discardableResult
    private func publish(_ status: AgentStatus) -> Int32? {
        guard !self.settings.isObserver else { return nil }
        do throws(BrokerFault) {
            return try self.client.publishStatus(status)
        } catch {
            self.log.warning("status not published", metadata: ["reason": "\(error)"])
            return nil
        }
    }

    /// MQTT 3.1.1 §3.9.3 knows one failure code, MQTT 5 §3.9.3 says why.
    private static func subackReason(_ code: Int32, _ version: BrokerSettings.Version) -> String {
        switch version {
        case .v5: "the broker says: \(String(cString: mosquitto_reason_string(code)))"
        case .v311: "the broker refuses it; its access control list may not allow the filter"
        }
    }

    private static let handshakeSeconds: UInt64 = 15
    private static let goodbyeSeconds: UInt64 = 5
}

import CMosquitto
import Glibc

/// One connection over which monitors publish, with at most `window` messages unacknowledged.
///
/// Survives restarts of the broker: libmosquitto keeps what is unacknowledged and sends it again after the reconnection.
final class MonitorConnection {
    /// What became of the messages so far.
    struct Tally {
        var published = 0
        var acknowledged = 0
        var broken = 0
        /// Accepted by a broker that had no subscriber for them, and so thrown away.
        var unrouted = 0
        /// Answered with an error (MQTT 5 reason code 128 or more).
        var refused = 0
        var connections = 0
    }

    private(set) var tally = Tally()
    private(set) var isConnected = false
    private let options: BrokerOptions
    private let identifier: String
    private let window: Int
    private let qos: Int32
    private let ledger: AckLedger?
    private var client: MQTTClient?
    private var underway: [Int32: SentMessage] = [:]
    private var nextAttempt = 0.0
    private var nextUpkeep = 0.0

    init(options: BrokerOptions, identifier: String, window: Int, qos: Int32, ledger: AckLedger?) throws {
        self.options = options
        self.identifier = identifier
        self.window = window
        self.qos = qos
        self.ledger = ledger
        underway.reserveCapacity(window)
        // An hour outlasts every broker restart; a session that was left behind must not stay for ever.
        let client = try MQTTClient(
            options: options,
            identifier: identifier,
            owner: Unmanaged.passUnretained(self).toOpaque(),
            cleanStart: false,
            sessionSeconds: 3600
        )
        mosquitto_int_option(client.handle, MOSQ_OPT_SEND_MAXIMUM, Int32(window))
        setCallbacks(client.handle)
        self.client = client
    }

    var hasRoom: Bool { isConnected && underway.count < window }
    var isIdle: Bool { underway.isEmpty }

    /// Sends a message; its acknowledgement reaches ledger and tally later.
    func publish(_ payload: [UInt8], to topic: String, as message: SentMessage) throws {
        guard let client else { return }
        var identifier: Int32 = 0
        let code = mosquitto_publish_v5(
            client.handle,
            &identifier,
            topic,
            Int32(payload.count),
            payload,
            qos,
            false,
            nil
        )
        switch mosq_err_t(code) {
        case MOSQ_ERR_SUCCESS:
            break
        case MOSQ_ERR_NO_CONN, MOSQ_ERR_CONN_LOST, MOSQ_ERR_ERRNO:
            // The library has taken the message all the same and sends it after the reconnection.
            isConnected = false
        default:
            throw MQTTFailure("publish to \(topic)", code: code)
        }
        tally.published += 1
        if message.isBroken { tally.broken += 1 }
        if qos > 0 { underway[identifier] = message } else { tally.acknowledged += 1 }
    }

    /// What to wait for at the socket; nil while there is none.
    func socketInterest() -> pollfd? {
        guard let client else { return nil }
        let socket = mosquitto_socket(client.handle)
        guard socket >= 0 else { return nil }
        let events = mosquitto_want_write(client.handle) ? POLLIN | POLLOUT : POLLIN
        return pollfd(fd: socket, events: Int16(events), revents: 0)
    }

    /// Reads and writes as far as the socket is ready, and reconnects when it is time.
    func service(ready: Int16, now: Double) {
        guard let client else { return }
        guard mosquitto_socket(client.handle) >= 0 else { return reconnect(client, now: now) }
        var code = MOSQ_ERR_SUCCESS.rawValue
        if Int32(ready) & (POLLIN | POLLHUP | POLLERR) != 0 { code = mosquitto_loop_read(client.handle, 1) }
        if mosquitto_want_write(client.handle) { mosquitto_loop_write(client.handle, 1) }
        if now >= nextUpkeep {
            mosquitto_loop_misc(client.handle)
            nextUpkeep = now + 1
        }
        if code != MOSQ_ERR_SUCCESS.rawValue { isConnected = false }
    }

    private func reconnect(_ client: MQTTClient, now: Double) {
        isConnected = false
        guard now >= nextAttempt else { return }
        nextAttempt = now + 0.25
        guard (try? client.connect()) != nil else { return }
        tally.connections += 1
    }
}

// MARK: - What the broker says

extension MonitorConnection {
    private func setCallbacks(_ handle: OpaquePointer) {
        mosquitto_connect_callback_set(handle) { _, owner, code in
            MonitorConnection.owner(owner)?.isConnected = code == 0
        }
        mosquitto_disconnect_callback_set(handle) { _, owner, _ in
            MonitorConnection.owner(owner)?.isConnected = false
        }
        mosquitto_publish_v5_callback_set(handle) { _, owner, identifier, reason, _ in
            MonitorConnection.owner(owner)?.acknowledged(identifier, reason: reason)
        }
    }

    private static func owner(_ pointer: UnsafeMutableRawPointer?) -> MonitorConnection? {
        pointer.map { Unmanaged<MonitorConnection>.fromOpaque($0).takeUnretainedValue() }
    }

    private func acknowledged(_ identifier: Int32, reason: Int32) {
        guard let message = underway.removeValue(forKey: identifier) else { return }
        switch reason {
        case Int32(MQTT_RC_SUCCESS.rawValue):
            tally.acknowledged += 1
            ledger?.append(message)
        case Int32(MQTT_RC_NO_MATCHING_SUBSCRIBERS.rawValue):
            tally.unrouted += 1
        default:
            tally.refused += 1
        }
    }
}

internal import CMosquitto
internal import Glibc
internal import Records

/// What libmosquitto's callbacks leave for the loop: the messages read but not yet durable, and answers.
///
/// The callbacks only write here. Whatever has to be sent is sent by the loop, between bursts.
final class Arrivals {
    var burst: MessageBurst
    var oversized: [OversizedMessage] = []
    var retained: UInt64 = 0
    /// Rises with every callback; tells whether a read call found a packet.
    var eventCount: UInt64 = 0

    var connack: Connack?
    /// Called when the broker accepts the connection, before any message; says whether the session was kept.
    var whenAccepted: ((Bool) -> Void)?
    var subacks: [(packetIdentifier: Int32, granted: Int32)] = []
    /// Packet identifiers of own publishes that the broker acknowledged.
    var published: [Int32] = []
    /// Why the connection ended, as libmosquitto or the broker told it.
    var disconnectReason: Int32?
    /// What libmosquitto logged as error or warning, while the log callback is set.
    var complaints: [String] = []
    /// OpenSSL's verdict on the broker's certificate, taken while it complains; 0 is acceptance.
    var certificateVerdict = 0

    private let broker: UInt8
    private let limits: BurstLimits

    /// The broker's answer to CONNECT.
    struct Connack {
        let reason: Int32
        let sessionPresent: Bool
    }

    init(broker: UInt8, limits: BurstLimits) {
        self.broker = broker
        self.limits = limits
        self.burst = MessageBurst()
    }

    var isFull: Bool {
        self.burst.count >= self.limits.messagesMax || self.burst.bytes.count >= self.limits.bytesMax
    }

    /// Appends one message to the burst; a payload above the limit leaves only its beginning.
    func take(_ message: mosquitto_message) {
        self.eventCount &+= 1
        let topic = UnsafeRawBufferPointer(start: message.topic, count: message.topic.map { strlen($0) } ?? 0)
        let length = max(0, Int(message.payloadlen))
        var kept = length
        if length > self.limits.payloadBytesMax {
            kept = min(self.limits.payloadBytesMax, BurstLimits.oversizedPrefixBytes)
            self.oversized.append(OversizedMessage(index: self.burst.count, payloadBytes: length))
        }
        if message.retain { self.retained &+= 1 }
        self.burst.append(
            topic: topic,
            payload: UnsafeRawBufferPointer(start: message.payload, count: message.payload == nil ? 0 : kept),
            receivedAt: Clocks.wall(),
            packetIdentifier: UInt16(truncatingIfNeeded: message.qos > 0 ? message.mid : 0),
            retained: message.retain,
            broker: self.broker
        )
    }

    /// Forgets the burst once it is durable.
    func removeBurst() {
        self.burst.removeAll()
        self.oversized.removeAll(keepingCapacity: true)
        self.retained = 0
    }
}

extension Arrivals {
    /// Directs a client's callbacks to this object, which must outlive the client.
    ///
    /// The log callback costs a formatted line per packet, so it is set only until the connection stands.
    func receiveCallbacks(of client: OpaquePointer) {
        mosquitto_message_callback_set(client) { _, context, message in
            guard let arrivals = Arrivals.from(context), let message else { return }
            arrivals.take(message.pointee)
        }
        mosquitto_connect_with_flags_callback_set(client) { _, context, reason, flags in
            guard let arrivals = Arrivals.from(context) else { return }
            arrivals.eventCount &+= 1
            // Bit 0: session present (MQTT 5 §3.2.2.1.1).
            let connack = Connack(reason: reason, sessionPresent: flags & 1 != 0)
            arrivals.connack = connack
            if reason == 0 { arrivals.whenAccepted?(connack.sessionPresent) }
        }
        mosquitto_subscribe_callback_set(client) { _, context, identifier, count, granted in
            guard let arrivals = Arrivals.from(context), count > 0, let granted else { return }
            arrivals.eventCount &+= 1
            arrivals.subacks.append((identifier, granted.pointee))
        }
        mosquitto_unsubscribe_callback_set(client) { _, context, _ in
            Arrivals.from(context)?.eventCount &+= 1
        }
        mosquitto_publish_callback_set(client) { _, context, identifier in
            guard let arrivals = Arrivals.from(context) else { return }
            arrivals.eventCount &+= 1
            arrivals.published.append(identifier)
        }
        mosquitto_disconnect_callback_set(client) { _, context, reason in
            guard let arrivals = Arrivals.from(context) else { return }
            arrivals.disconnectReason = reason
        }
        mosquitto_log_callback_set(client) { client, context, level, text in
            guard let arrivals = Arrivals.from(context), let text else { return }
            guard level & Int32(MOSQ_LOG_ERR | MOSQ_LOG_WARNING) != 0, arrivals.complaints.count < 16 else { return }
            arrivals.complaints.append(String(cString: text))
            // libmosquitto logs OpenSSL's errors just before it frees the TLS session.
            if let client { arrivals.certificateVerdict = ConnectionDiagnosis.certificateVerdict(client) }
        }
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> Arrivals? {
        context.map { Unmanaged<Arrivals>.fromOpaque($0).takeUnretainedValue() }
    }
}

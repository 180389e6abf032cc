import CMosquitto

/// Makes a persistent session that then fills while nobody reads it: the starting point of a drain benchmark.
final class SessionPrefill {
    private enum Progress { case connecting, subscribing, done, refused }

    private var progress = Progress.connecting
    private let identifier: String
    private let filter: String

    private init(identifier: String, filter: String) {
        self.identifier = identifier
        self.filter = filter
    }

    /// Subscribes `identifier` to `filter` at QoS 1 and leaves; the broker keeps the session for a day.
    ///
    /// An older session of this identifier is thrown away with its messages. Needs MQTT 5.
    static func create(identifier: String, filter: String, options: BrokerOptions) throws {
        // Twice, because mosquitto 2.0.11 does not write sessions that began with a clean start to its database.
        for (cleanStart, seconds) in [(true, UInt32(0)), (false, 86_400)] {
            let visit = SessionPrefill(identifier: identifier, filter: filter)
            try withExtendedLifetime(visit) {
                try visit.run(options, cleanStart: cleanStart, sessionSeconds: seconds)
            }
        }
    }

    private func run(_ options: BrokerOptions, cleanStart: Bool, sessionSeconds: UInt32) throws {
        let client = try MQTTClient(
            options: options,
            identifier: identifier,
            owner: Unmanaged.passUnretained(self).toOpaque(),
            cleanStart: cleanStart,
            sessionSeconds: sessionSeconds
        )
        setCallbacks(client.handle)
        try client.connect()
        while progress == .connecting || progress == .subscribing {
            try MQTTFailure.check("session \(identifier)", mosquitto_loop(client.handle, 1000, 1))
        }
        guard progress == .done else {
            throw MQTTFailure("session \(identifier)", code: MOSQ_ERR_CONN_REFUSED.rawValue)
        }
        mosquitto_disconnect(client.handle)
        // Returns an error when the broker has closed the connection, which is what is waited for.
        while mosquitto_loop(client.handle, 100, 1) == MOSQ_ERR_SUCCESS.rawValue {}
    }

    private func setCallbacks(_ handle: OpaquePointer) {
        mosquitto_connect_callback_set(handle) { handle, owner, code in
            SessionPrefill.owner(owner)?.connected(handle, code: code)
        }
        mosquitto_subscribe_callback_set(handle) { _, owner, _, _, granted in
            // 128 and above are refusals (MQTT 5 §3.9.3).
            let isGranted = granted.map { $0.pointee < 128 } ?? false
            SessionPrefill.owner(owner)?.progress = isGranted ? .done : .refused
        }
    }

    private func connected(_ handle: OpaquePointer?, code: Int32) {
        let isUnderway = code == 0 && mosquitto_subscribe(handle, nil, filter, 1) == MOSQ_ERR_SUCCESS.rawValue
        progress = isUnderway ? .subscribing : .refused
    }

    private static func owner(_ pointer: UnsafeMutableRawPointer?) -> SessionPrefill? {
        pointer.map { Unmanaged<SessionPrefill>.fromOpaque($0).takeUnretainedValue() }
    }
}

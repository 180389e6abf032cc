import CMosquitto

/// A libmosquitto client with the options of this program, driven by its owner's own network loop.
///
/// The owner sets callbacks and reads and writes the socket; everything happens on one thread.
final class MQTTClient {
    let handle: OpaquePointer
    private let options: BrokerOptions
    private let sessionSeconds: UInt32

    /// A client that is not connected yet.
    ///
    /// `owner` is what callbacks get as their second argument and must outlive the client; `cleanStart` throws away an
    /// older session of this identifier; the broker keeps the session for `sessionSeconds` after the connection ends
    /// (MQTT 5; with 3.1.1 a session that was not started clean lasts until the broker's own limit).
    init(
        options: BrokerOptions,
        identifier: String,
        owner: UnsafeMutableRawPointer?,
        cleanStart: Bool,
        sessionSeconds: UInt32
    ) throws {
        guard let handle = mosquitto_new(identifier, cleanStart, owner) else {
            throw MQTTFailure("client \(identifier)", code: MOSQ_ERR_NOMEM.rawValue)
        }
        self.handle = handle
        self.options = options
        self.sessionSeconds = sessionSeconds
        let version = options.version == .v5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311
        mosquitto_int_option(handle, MOSQ_OPT_PROTOCOL_VERSION, version)
        mosquitto_int_option(handle, MOSQ_OPT_TCP_NODELAY, 1)
        try setCredentials()
    }

    deinit { mosquitto_destroy(handle) }

    /// Opens the connection; the broker's answer comes to the connect callback.
    ///
    /// Blocks while TCP and TLS are set up.
    func connect() throws {
        var properties: OpaquePointer?
        defer { mosquitto_property_free_all(&properties) }
        if options.version == .v5 {
            mosquitto_property_add_int32(&properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL.identifier, sessionSeconds)
        }
        let code = mosquitto_connect_bind_v5(handle, options.host, options.port, 60, nil, properties)
        try MQTTFailure.check("connect to \(options.host):\(options.port)", code)
    }

    private func setCredentials() throws {
        if let authority = options.tlsCa {
            let code = mosquitto_tls_set(handle, authority, nil, options.tlsCertificate, options.tlsKey, nil)
            try MQTTFailure.check("TLS files", code)
        }
        if let username = options.username {
            let password = try options.passwordFile.map { try readTextFile($0).prefix { !$0.isNewline } }
            let code = mosquitto_username_pw_set(handle, username, password.map(String.init))
            try MQTTFailure.check("user name", code)
        }
    }
}

extension mqtt5_property {
    fileprivate var identifier: Int32 { Int32(rawValue) }
}

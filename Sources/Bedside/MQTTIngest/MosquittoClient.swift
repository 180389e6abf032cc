internal import CMosquitto
internal import Glibc

/// One libmosquitto client object, made for one connection and freed with it.
///
/// Freeing it closes the socket and forgets every packet still queued: no acknowledgement leaves afterwards.
/// A new object per connection also means that rotated certificates and passwords are read again.
final class MosquittoClient {
    let handle: OpaquePointer
    let arrivals: Arrivals
    private let settings: BrokerSettings

    /// libmosquitto is initialised once per process and never torn down.
    private static let library: Void = { _ = mosquitto_lib_init() }()

    /// Prepares a client without connecting.
    ///
    /// - Parameters:
    ///   - settings: checked settings; their files are read here.
    ///   - broker: index noted in every message.
    /// - Throws: ``BrokerFault`` when a file cannot be used.
    init(settings: BrokerSettings, broker: UInt8) throws(BrokerFault) {
        _ = Self.library
        self.settings = settings
        self.arrivals = Arrivals(broker: broker, limits: settings.burst)
        let context = Unmanaged.passUnretained(self.arrivals).toOpaque()
        guard let handle = mosquitto_new(settings.endpoint.clientID, settings.isObserver, context) else {
            throw BrokerFault("no MQTT client: \(String(cString: strerror(errno)))")
        }
        self.handle = handle
        // "Threaded" makes libmosquitto queue outgoing packets instead of writing them where they arise:
        // the acknowledgement of a PUBLISH is queued before its callback runs, and leaves only by loop_write.
        try self.demand(mosquitto_threaded_set(handle, true))
        try self.applyProtocol()
        try self.applyTLS()
        try self.applyLogin()
        if !settings.isObserver { try self.applyLastWill() }
        self.arrivals.receiveCallbacks(of: handle)
    }

    deinit { mosquitto_destroy(self.handle) }

    /// The socket, or -1 when there is none (any more).
    var socket: Int32 { mosquitto_socket(self.handle) }

    /// Opens the TCP connection and queues CONNECT; blocks while the name is resolved and the peer answers.
    ///
    /// - Throws: ``BrokerFault`` with the reason.
    func connect() throws(BrokerFault) {
        var properties: OpaquePointer?
        defer { mosquitto_property_free_all(&properties) }
        if self.settings.endpoint.version == .v5, !self.settings.isObserver {
            try self.demand(
                mosquitto_property_add_int32(
                    &properties,
                    Int32(MQTT_PROP_SESSION_EXPIRY_INTERVAL.rawValue),
                    self.settings.session.sessionExpirySeconds
                )
            )
        }
        let code = mosquitto_connect_bind_v5(
            self.handle,
            self.settings.endpoint.host,
            self.settings.endpoint.port,
            self.settings.session.keepAliveSeconds,
            nil,
            properties
        )
        guard code == MOSQ_ERR_SUCCESS.rawValue else {
            throw ConnectionDiagnosis.failedToConnect(code, error: errno, client: self, settings: self.settings)
        }
    }

    /// Stops libmosquitto from formatting a log line for every packet.
    func silenceLog() { mosquitto_log_callback_set(self.handle, nil) }

    /// Queues SUBSCRIBE for one filter.
    ///
    /// - Returns: the packet identifier of the answer to expect.
    /// - Throws: ``BrokerFault`` when libmosquitto refuses the filter.
    func subscribe(_ subscription: Subscription) throws(BrokerFault) -> Int32 {
        var identifier: Int32 = 0
        var options: UInt32 = 0
        if self.settings.endpoint.version == .v5 {
            // Retained messages once per session, not at every reconnection (MQTT 5 §3.8.3.1).
            options = MQTT_SUB_OPT_SEND_RETAIN_NEW.rawValue
            // The agent's own status is no measurement; a shared subscription may not ask for it (§3.8.3.1-4).
            if !subscription.isShared { options |= MQTT_SUB_OPT_NO_LOCAL.rawValue }
        }
        try self.demand(
            mosquitto_subscribe_v5(
                self.handle,
                &identifier,
                subscription.filter,
                subscription.qos,
                Int32(options),
                nil
            )
        )
        return identifier
    }

    /// Queues UNSUBSCRIBE for one filter.
    func unsubscribe(_ filter: String) throws(BrokerFault) {
        try self.demand(mosquitto_unsubscribe_v5(self.handle, nil, filter, nil))
    }

    /// Queues a retained QoS 1 publish of the agent's status.
    ///
    /// - Returns: the packet identifier of the acknowledgement to expect.
    func publishStatus(_ status: AgentStatus) throws(BrokerFault) -> Int32 {
        var identifier: Int32 = 0
        let payload = status.json(agentID: self.settings.endpoint.agentID)
        try self.demand(
            mosquitto_publish_v5(
                self.handle,
                &identifier,
                self.settings.statusTopic,
                Int32(payload.utf8.count),
                payload,
                1,
                true,
                nil
            )
        )
        return identifier
    }

    /// Queues DISCONNECT; the broker then forgets the last will.
    func disconnect() { mosquitto_disconnect_v5(self.handle, 0, nil) }

    private func applyProtocol() throws(BrokerFault) {
        let version = self.settings.endpoint.version == .v5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311
        try self.demand(mosquitto_int_option(self.handle, MOSQ_OPT_PROTOCOL_VERSION, version))
        try self.demand(
            mosquitto_int_option(self.handle, MOSQ_OPT_RECEIVE_MAXIMUM, self.settings.session.receiveMaximum)
        )
        // Acknowledgements are corked together; what remains must not wait for the peer's delayed ACK.
        try self.demand(mosquitto_int_option(self.handle, MOSQ_OPT_TCP_NODELAY, 1))
    }

    private func applyTLS() throws(BrokerFault) {
        guard let tls = self.settings.tls else { return }
        do throws(BrokerSettingsError) { try tls.checkFiles() } catch { throw BrokerFault(error.description) }
        let own = tls.clientCertificate
        try self.demand(mosquitto_tls_set(self.handle, tls.caFile, nil, own?.certificateFile, own?.keyFile, nil))
        // 1 is SSL_VERIFY_PEER.
        try self.demand(mosquitto_tls_opts_set(self.handle, 1, tls.minimumVersion.rawValue, nil))
    }

    private func applyLogin() throws(BrokerFault) {
        guard let login = self.settings.login else { return }
        let password: String?
        do throws(BrokerSettingsError) { password = try login.password() } catch {
            throw BrokerFault(error.description)
        }
        try self.demand(mosquitto_username_pw_set(self.handle, login.username, password))
    }

    private func applyLastWill() throws(BrokerFault) {
        let payload = AgentStatus.lost.json(agentID: self.settings.endpoint.agentID)
        try self.demand(
            mosquitto_will_set(
                self.handle,
                self.settings.statusTopic,
                Int32(payload.utf8.count),
                payload,
                1,
                true
            )
        )
    }

    private func demand(_ code: Int32) throws(BrokerFault) {
        guard code == MOSQ_ERR_SUCCESS.rawValue else {
            throw BrokerFault(String(cString: mosquitto_strerror(code)))
        }
    }
}

/// What the retained status message says.
enum AgentStatus: Sendable {
    case online
    /// Stopped on request.
    case stopped
    /// The last will: published by the broker when the connection breaks.
    case lost

    /// The payload; agent ids need no escape (``BrokerSettings/Endpoint``).
    func json(agentID: String) -> String {
        switch self {
        case .online: #"{"agent":"\#(agentID)","status":"online"}"#
        case .stopped: #"{"agent":"\#(agentID)","status":"offline","reason":"stopped"}"#
        case .lost: #"{"agent":"\#(agentID)","status":"offline","reason":"connection lost"}"#
        }
    }
}

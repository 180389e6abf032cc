internal import MQTTIngest

extension AgentConfiguration.Broker {
    /// A broker named on a command line, for ``TopicWatch``.
    ///
    /// - Parameters:
    ///   - host: name or address.
    ///   - port: 1883 by default, with TLS 8883.
    ///   - username: nil where the broker needs none.
    ///   - passwordFile: nil where a name is enough.
    ///   - caFile: PEM file of authorities; nil for an unencrypted connection.
    /// - Throws: when password and name do not go together.
    package init(
        host: String,
        port: Int?,
        username: String?,
        passwordFile: String?,
        caFile: String?
    ) throws {
        _ = try username.map { try Login(username: $0, passwordFile: passwordFile) }
        self.init(
            host: host,
            port: port ?? (caFile == nil ? 1_883 : 8_883),
            protocolVersion: .v5,
            clientID: "wardline-watch",
            tls: caFile.map { TLS(caFile: $0, certificateFile: nil, keyFile: nil) },
            username: username,
            passwordFile: passwordFile,
            subscriptions: [],
            sharedGroup: nil,
            receiveMaximum: 1_024,
            keepAliveSeconds: 30,
            sessionExpirySeconds: 60,
            burstMessagesMax: 64,
            payloadBytesMax: 1_048_576
        )
    }
}

/// What the broker keeps for the agent, and how a dead connection is noticed.
package struct SessionLimits: Sendable, Equatable {
    /// Seconds of silence after which the client pings; the broker gives up at 1.5 times as many.
    package let keepAliveSeconds: Int32
    /// Seconds the broker keeps subscriptions and messages after a disconnection (MQTT 5 §3.1.2.11.2).
    package let sessionExpirySeconds: UInt32
    /// Messages the broker may have sent without an acknowledgement (MQTT 5 §3.1.2.11.3).
    package let receiveMaximum: Int32

    /// 60 s keep-alive, a session of seven days, 1,024 unacknowledged messages.
    package static let standard = Self(
        uncheckedKeepAlive: 60,
        sessionExpirySeconds: 7 * 86_400,
        receiveMaximum: 1_024
    )

    /// Checks the limits.
    ///
    /// - Parameters:
    ///   - keepAliveSeconds: 5 to 65,535; libmosquitto takes no less than 5.
    ///   - sessionExpirySeconds: 1 to 4,294,967,295, of which the last means for ever; MQTT 5 only.
    ///   - receiveMaximum: 1 to 65,535; MQTT 5 only, an MQTT 3.1.1 broker applies its own limit.
    /// - Throws: ``BrokerSettingsError/outOfRange(field:value:allowed:)``.
    package init(
        keepAliveSeconds: Int = 60,
        sessionExpirySeconds: Int = 7 * 86_400,
        receiveMaximum: Int = 1_024
    ) throws(BrokerSettingsError) {
        self.keepAliveSeconds = Int32(try BrokerSettings.check(keepAliveSeconds, "keep_alive_seconds", 5...65_535))
        self.sessionExpirySeconds = UInt32(
            try BrokerSettings.check(sessionExpirySeconds, "session_expiry_seconds", 1...Int(UInt32.max))
        )
        self.receiveMaximum = Int32(try BrokerSettings.check(receiveMaximum, "receive_maximum", 1...65_535))
    }

    private init(uncheckedKeepAlive: Int32, sessionExpirySeconds: UInt32, receiveMaximum: Int32) {
        self.keepAliveSeconds = uncheckedKeepAlive
        self.sessionExpirySeconds = sessionExpirySeconds
        self.receiveMaximum = receiveMaximum
    }
}

/// How much one durable write carries.
package struct BurstLimits: Sendable, Equatable {
    package let messagesMax: Int
    /// Bytes after which no further message is read into a burst; the last message may exceed it.
    package let bytesMax: Int
    /// Bytes of payload above which only the first ``oversizedPrefixBytes`` are stored.
    package let payloadBytesMax: Int
    /// How long to wait for more messages once the socket is dry; 0 commits at once.
    package let lingerMilliseconds: Int32

    /// What is kept of a payload longer than ``payloadBytesMax``, at most.
    package static let oversizedPrefixBytes = 65_536

    /// 1,024 messages or 1 MiB, payloads to 1 MiB, no lingering.
    package static let standard = Self(
        uncheckedMessagesMax: 1_024,
        bytesMax: 1 << 20,
        payloadBytesMax: 1 << 20,
        lingerMilliseconds: 0
    )

    /// Checks the limits.
    ///
    /// - Parameters:
    ///   - messagesMax: 1 to 65,535.
    ///   - bytesMax: 1,024 to 268,435,456.
    ///   - payloadBytesMax: 1 to 268,435,455, the largest that MQTT can carry.
    ///   - lingerMilliseconds: 0 to 1,000.
    /// - Throws: ``BrokerSettingsError/outOfRange(field:value:allowed:)``.
    package init(
        messagesMax: Int = 1_024,
        bytesMax: Int = 1 << 20,
        payloadBytesMax: Int = 1 << 20,
        lingerMilliseconds: Int = 0
    ) throws(BrokerSettingsError) {
        self.messagesMax = try BrokerSettings.check(messagesMax, "burst_messages_max", 1...65_535)
        self.bytesMax = try BrokerSettings.check(bytesMax, "burst_bytes_max", 1_024...268_435_456)
        self.payloadBytesMax = try BrokerSettings.check(payloadBytesMax, "payload_bytes_max", 1...268_435_455)
        self.lingerMilliseconds = Int32(
            try BrokerSettings.check(lingerMilliseconds, "burst_linger_milliseconds", 0...1_000)
        )
    }

    private init(uncheckedMessagesMax: Int, bytesMax: Int, payloadBytesMax: Int, lingerMilliseconds: Int32) {
        self.messagesMax = uncheckedMessagesMax
        self.bytesMax = bytesMax
        self.payloadBytesMax = payloadBytesMax
        self.lingerMilliseconds = lingerMilliseconds
    }
}

internal import CMosquitto
internal import Glibc

/// Why a connection could not be made or ended: one sentence for the log and the health check.
package struct BrokerFault: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// Turns libmosquitto's and OpenSSL's codes into sentences that name the thing to mend.
enum ConnectionDiagnosis {
    /// A connection that never stood: name resolution, TCP, files of the TLS context, first handshake step.
    static func failedToConnect(
        _ code: Int32,
        error: Int32,
        client: MosquittoClient,
        settings: BrokerSettings
    ) -> BrokerFault {
        let place = Self.place(settings)
        switch mosq_err_t(rawValue: code) {
        case MOSQ_ERR_EAI:
            // libmosquitto passes getaddrinfo's code on in errno.
            return BrokerFault("the name of \(place) cannot be resolved: \(String(cString: gai_strerror(error)))")
        case MOSQ_ERR_ERRNO:
            return BrokerFault("no connection to \(place): \(String(cString: strerror(error)))")
        case MOSQ_ERR_TLS:
            return Self.failedTLS(client: client, settings: settings)
        default:
            return BrokerFault("no connection to \(place): \(String(cString: mosquitto_strerror(code)))")
        }
    }

    /// A connection that ended while its loop ran.
    ///
    /// - Parameters:
    ///   - code: what the libmosquitto call returned.
    ///   - error: errno right after that call.
    ///   - client: the client whose socket is gone.
    ///   - settings: where it was connected.
    /// - Returns: the sentence.
    static func ended(
        _ code: Int32,
        error: Int32,
        client: MosquittoClient,
        settings: BrokerSettings
    ) -> BrokerFault {
        let place = Self.place(settings)
        if let connack = client.arrivals.connack, connack.reason != 0 {
            return BrokerFault("\(place) refuses the connection: \(Self.reason(connack.reason, settings))")
        }
        let established = client.arrivals.connack != nil
        if code == MOSQ_ERR_TLS.rawValue || (settings.tls != nil && !established && error == EPROTO) {
            return Self.failedTLS(client: client, settings: settings)
        }
        if code == MOSQ_ERR_KEEPALIVE.rawValue {
            return BrokerFault(
                "\(place) did not answer a ping within \(settings.session.keepAliveSeconds) s"
            )
        }
        // A DISCONNECT from the broker ends the connection with success and a reason (MQTT 5 §3.14.2.1).
        if code == MOSQ_ERR_SUCCESS.rawValue, let reason = client.arrivals.disconnectReason, reason != 0 {
            return BrokerFault("\(place) closed the connection: \(Self.reason(reason, settings))")
        }
        if code == MOSQ_ERR_ERRNO.rawValue, error != 0 {
            return BrokerFault("the connection to \(place) broke: \(String(cString: strerror(error)))")
        }
        guard established else { return BrokerFault("\(place) closed the connection before accepting it") }
        return BrokerFault("\(place) closed the connection")
    }

    /// A handshake that failed, from what OpenSSL logged through libmosquitto and from its verify result.
    private static func failedTLS(client: MosquittoClient, settings: BrokerSettings) -> BrokerFault {
        let said = client.arrivals.complaints.joined(separator: " ").lowercased()
        let place = Self.place(settings)
        let ca = settings.tls?.caFile ?? ""
        if said.contains("host name verification failed") {
            return BrokerFault(
                "the certificate of \(place) does not name \"\(settings.endpoint.host)\": connect by a name in "
                    + "its subjectAltName, or have it reissued"
            )
        }
        if client.arrivals.certificateVerdict != 0 {
            let verdict = Self.verdict(client.arrivals.certificateVerdict, ca: ca)
            return BrokerFault("the certificate of \(place) is refused: \(verdict)")
        }
        let known: [(needle: String, sentence: String)] = [
            ("unable to load ca certificates", "\(ca) holds no PEM certificate authority"),
            ("unable to load client certificate", "the client certificate file holds no PEM certificate"),
            ("unable to load client key", "the client key file holds no unencrypted PEM private key"),
            ("certificate/key are inconsistent", "the client certificate and the client key do not belong together"),
            ("key values mismatch", "the client certificate and the client key do not belong together"),
            ("certificate verify failed", "its certificate is not signed by an authority in \(ca), or is expired"),
            ("wrong version number", "that port does not speak TLS"),
            ("packet length too long", "that port does not speak TLS"),
            ("certificate required", "it demands a client certificate"),
            ("handshake failure", "it refuses the handshake; perhaps it demands a client certificate"),
            ("alert unknown ca", "it does not know the authority that signed the client certificate"),
            ("alert certificate expired", "it says that the client certificate is expired"),
            ("alert bad certificate", "it refuses the client certificate"),
            ("alert protocol version", "it offers no TLS version that is allowed here"),
            ("unsupported protocol", "it offers no TLS version that is allowed here"),
        ]
        for (needle, sentence) in known where said.contains(needle) {
            return BrokerFault("no TLS connection to \(place): \(sentence)")
        }
        // TLS 1.3 servers judge the client after it has begun to send; their alert is often lost with the reset.
        let fallback =
            settings.tls?.clientCertificate == nil
            ? "it broke off the handshake; perhaps it demands a client certificate"
            : "it broke off the handshake; perhaps it refuses the client certificate"
        return BrokerFault("no TLS connection to \(place): \(client.arrivals.complaints.last ?? fallback)")
    }

    /// OpenSSL's X509_V_ERR code for the server's certificate; 0 when it was accepted or never judged.
    ///
    /// libmosquitto links OpenSSL and hands out its SSL object; the symbol is looked up at run time because
    /// OpenSSL is no dependency of ours.
    static func certificateVerdict(_ client: OpaquePointer) -> Int {
        typealias Judge = @convention(c) (UnsafeMutableRawPointer) -> CLong
        guard let session = mosquitto_ssl_get(client), let symbol = dlsym(nil, "SSL_get_verify_result") else {
            return 0
        }
        return unsafeBitCast(symbol, to: Judge.self)(session)
    }

    /// The X509_V_ERR codes of openssl/x509_vfy.h that operators meet.
    private static func verdict(_ number: Int, ca: String) -> String {
        switch number {
        case 9: "it is not valid yet (check both clocks)"
        case 10: "it is expired"
        case 18: "it is self-signed and not itself in \(ca)"
        case 2, 19, 20, 21: "it is not signed by an authority in \(ca)"
        case 23: "it is revoked"
        case 26: "it is not meant for servers (extended key usage)"
        default: "OpenSSL verify error \(number)"
        }
    }

    private static func reason(_ code: Int32, _ settings: BrokerSettings) -> String {
        switch settings.endpoint.version {
        case .v5: String(cString: mosquitto_reason_string(code))
        case .v311: String(cString: mosquitto_connack_string(code))
        }
    }

    private static func place(_ settings: BrokerSettings) -> String {
        "\(settings.endpoint.host):\(settings.endpoint.port)"
    }
}

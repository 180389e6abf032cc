internal import NIOSSL

/// What an operator can do about a failure of TLS with a server.
enum TLSTrouble {
    /// Says what is wrong in the words of `agent.yaml`; certificates and keys are not shown.
    ///
    /// - Returns: nil for an error that is not of TLS.
    static func words(for error: any Error) -> String? {
        switch error {
        case NIOSSLError.uncleanShutdown: return "the connection ended within an answer"
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            return "the server's certificate is not for the host name in url"
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: break
        default: return nil
        }
        let text = "\(error)"
        if text.hasSuffix("EOF during handshake])))") || text.hasSuffix("EOF during handshake]))") {
            return "the server ends the connection instead of speaking TLS"
        }
        return Self.words(reason: Self.reason(in: text) ?? String(text.prefix(100)))
    }

    /// The library names its reasons in a text alone: `…:SSL routines:OPENSSL_internal:REASON at file:line`.
    static func reason(in text: String) -> String? {
        let mark = "OPENSSL_internal:"
        var rest = Substring(text)
        while !rest.isEmpty, !rest.hasPrefix(mark) { rest = rest.dropFirst() }
        let name = rest.dropFirst(mark.count).prefix { $0.isASCII && ($0.isUppercase || $0.isNumber || $0 == "_") }
        return name.isEmpty ? nil : String(name)
    }

    private static func words(reason: String) -> String {
        switch reason {
        case "CERTIFICATE_VERIFY_FAILED":
            "no authority of tls.ca_file, or of the system without it, stands for the server's certificate, "
                + "or the certificate is not valid now"
        case "TLSV1_ALERT_CERTIFICATE_REQUIRED":
            "the server wants a client certificate: set tls.certificate_file and tls.key_file"
        case "SSLV3_ALERT_BAD_CERTIFICATE", "SSLV3_ALERT_CERTIFICATE_EXPIRED", "SSLV3_ALERT_CERTIFICATE_REVOKED",
            "SSLV3_ALERT_CERTIFICATE_UNKNOWN", "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE", "TLSV1_ALERT_UNKNOWN_CA":
            "the server refuses the client certificate (\(reason))"
        case "WRONG_VERSION_NUMBER": "what answers there speaks no TLS"
        default: "TLS with the server fails (\(reason))"
        }
    }
}

/// Why a request to a privacy center or custodian brought nothing.
package enum UplinkFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// No answer: name, network, TLS, or a deadline.
    case unreachable(String)
    /// An answer that says no.
    ///
    /// - Parameters:
    ///   - status: of HTTP.
    ///   - code: the stable code of the problem; empty when there is none.
    ///   - detail: for people.
    ///   - retryAfterSeconds: when the server said so.
    case refused(status: Int, code: String, detail: String, retryAfterSeconds: Int?)
    /// A privacy center's signed statement that it has no such envelope, not verified.
    case denied([UInt8])
    /// An answer that is not what it should be, or whose signature does not verify.
    case malformed(String)

    package var description: String {
        switch self {
        case .unreachable(let text), .malformed(let text): text
        case .denied: "the privacy center denies having the envelope"
        case .refused(let status, let code, let detail, _):
            "HTTP \(status)\(code.isEmpty ? "" : " \(code)")\(detail.isEmpty ? "" : ": \(detail)")"
        }
    }

    /// How long the other side asked to be left alone, in seconds.
    package var retryAfterSeconds: Int? {
        if case .refused(_, _, _, let seconds) = self { seconds } else { nil }
    }

    /// Whether the same envelope would be refused for ever: it is at fault, not the moment or the center's state.
    package var isPermanent: Bool {
        switch self {
        // An envelope is of the certificate that sealed it: once that is revoked, no later attempt brings it in.
        case .refused(403, "certificate-revoked", _, _): true
        case .refused(let status, _, _, _): [400, 409, 413, 415, 422].contains(status)
        case .unreachable, .denied, .malformed: false
        }
    }
}

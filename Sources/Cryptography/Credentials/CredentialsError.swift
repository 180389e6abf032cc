/// Why an identity cannot be used, made or renewed; every text says what to do.
package enum CredentialsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The directory holds no identity yet.
    case notEnrolled(String)
    /// A file cannot be read.
    case unreadable(String)
    /// Others than the owner may read a secret.
    case exposed(String)
    /// A file, token or answer is not what it should be.
    case malformed(String)
    /// A file cannot be written.
    case unwritable(String)
    /// A systemd credential cannot be made or opened.
    case sealing(String)
    /// The authority said no; `code` is stable.
    case refused(code: String, detail: String)
    /// The authority does not answer.
    case unreachable(String)

    package var description: String {
        switch self {
        case .notEnrolled(let text), .unreadable(let text), .exposed(let text), .malformed(let text),
            .unwritable(let text), .sealing(let text), .unreachable(let text):
            text
        case .refused(let code, let detail): "the authority refused (\(code)): \(detail)"
        }
    }
}

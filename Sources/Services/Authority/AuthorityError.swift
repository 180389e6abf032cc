/// Why the authority does not do what it is asked for.
package enum AuthorityError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The directory is no authority's, or its files are damaged.
    case directory(String)
    case tokenUnknown
    case tokenExpired
    /// The token has issued certificates to another request.
    case tokenUsed
    /// A request without valid proofs, or for what cannot be certified.
    case request(String)
    /// A host that the token, the former certificate or the role does not allow.
    case host(String)
    /// A certificate that this authority did not issue, or has revoked.
    case certificate(String)
    /// An argument of an operator's command.
    case argument(String)
    /// The party cannot have the credential that it asks for.
    case credential(String)
    /// The party has got as many credentials as it may for now.
    case credentialLimit(String)

    /// Stable, for programs.
    package var code: String {
        switch self {
        case .directory: "authority-directory"
        case .tokenUnknown: "token-unknown"
        case .tokenExpired: "token-expired"
        case .tokenUsed: "token-used"
        case .request: "request-invalid"
        case .host: "host-not-allowed"
        case .certificate: "certificate-not-valid"
        case .argument: "argument"
        case .credential: "credential-not-possible"
        case .credentialLimit: "credential-limit"
        }
    }

    package var description: String {
        switch self {
        case .tokenUnknown: "the authority does not know this token"
        case .tokenExpired: "the token has expired; ask for a new one"
        case .tokenUsed: "the token was used by another request; ask for a new one"
        case .directory(let text), .request(let text), .host(let text), .certificate(let text), .argument(let text),
            .credential(let text), .credentialLimit(let text):
            text
        }
    }
}

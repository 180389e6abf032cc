package import CanonicalBytes
internal import ChainReading

/// Why an attribute authority issues nothing.
package enum AttributeRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    case refused(Reason, String)
    /// The request is not what it must be.
    case invalid(ProtocolFailure)

    /// Stable words for programs; those about the chain are the words of `ChainReadingError`.
    package enum Reason: String, Sendable, CaseIterable {
        case malformedParameter = "malformed-parameter"
        case unsupportedMediaType = "unsupported-media-type"
        /// The request is another party's than the connection's, or made with another's certificate.
        case anotherRequester = "another-requester"
        case certificateRevoked = "certificate-revoked"
        case noPermission = "no-permission"
        case permissionRevoked = "permission-revoked"
        case permissionExpired = "permission-expired"
        case consentForbids = "consent-forbids"
        case consentRequired = "consent-required"
        case labelForbids = "label-forbids"
        case labelConsentRequired = "label-consent-required"
        /// The offer that the permission stands on does not stand any more.
        case offerWithdrawn = "offer-withdrawn"
        case anotherScope = "another-scope"
        /// The certificate's attributes make no key.
        case unusableAttributes = "unusable-attributes"
        /// The chain does not hold the authority's public key yet.
        case keyNotPublished = "key-not-published"
        case chainUnavailable = "chain-unavailable"
        case storeFailed = "store-failed"
    }

    /// What the chain says against it.
    init(_ error: ChainReadingError) {
        self = .refused(Reason(rawValue: error.reason.rawValue) ?? .noPermission, error.detail)
    }

    /// The stable word.
    package var code: String {
        switch self {
        case .refused(let reason, _): reason.rawValue
        case .invalid(let failure): failure.code.rawValue
        }
    }

    package var description: String {
        switch self {
        case .refused(let reason, let detail): "\(reason.rawValue): \(detail)"
        case .invalid(let failure): "\(failure)"
        }
    }
}

/// What a step gives, with its failure the request's fault.
func refusing<Value>(_ step: () throws(ProtocolFailure) -> Value) throws(AttributeRefusal) -> Value {
    do throws(ProtocolFailure) { return try step() } catch { throw .invalid(error) }
}

internal import CanonicalBytes
internal import ChainReading

/// Why an authority of pseudonyms does not do what it was asked; nothing was changed.
package struct PseudonymityRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// Stable words for programs.
    package enum Reason: String, Sendable, CaseIterable {
        /// A part of the path is not of its form.
        case malformedParameter = "malformed-parameter"
        case malformedBody = "malformed-body"
        case unsupportedMediaType = "unsupported-media-type"
        /// Neither the running epoch nor the next.
        case anotherEpoch = "another-epoch"
        /// More certificates than one request, or one user in an epoch, may have.
        case tooMany = "too-many-certificates"
        /// The request is another party's than the connection's.
        case anotherRequester = "another-requester"
        case certificateRevoked = "certificate-revoked"
        /// The registration authority gives this user no more pseudonyms.
        case userRevoked = "user-revoked"
        case unknownRequest = "unknown-request"
        /// The certificates are being issued.
        case notReady = "not-ready"
        /// They were fetched and dropped, or their epoch has passed.
        case gone
        /// Not one of the registration authorities that the pseudonym authority serves.
        case anotherAuthority = "another-authority"
        /// A cocoon key has a certificate already, from another batch.
        case keyUsed = "key-used"
        /// The chain holds no such order of this tracing authority.
        case noOrder = "no-order"
        /// The order names another certificate.
        case anotherCertificate = "another-certificate"
        /// The certificate is none of this authority's, or too old to be traced.
        case unknownCertificate = "unknown-certificate"
        /// The authority has no chain to look for orders on.
        case noChain = "no-chain"
        case chainUnavailable = "chain-unavailable"
        case storeFailed = "store-failed"
    }

    package let reason: Reason
    /// For people.
    package let detail: String

    package init(_ reason: Reason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }

    package var description: String { "\(self.reason.rawValue): \(self.detail)" }
}

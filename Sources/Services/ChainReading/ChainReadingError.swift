/// Why the chain does not carry what somebody wants to do, or cannot be read.
package struct ChainReadingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Stable words for programs.
    package enum Reason: String, Sendable, CaseIterable {
        /// Too few validators prove what the chain holds now.
        case chainUnavailable = "chain-unavailable"
        /// The chain holds no such permission of this requester.
        case noPermission = "no-permission"
        case permissionRevoked = "permission-revoked"
        case permissionExpired = "permission-expired"
        /// Somebody with a say in the scope forbids it.
        case consentForbids = "consent-forbids"
        /// Somebody with a say in the scope requires a consent that is missing.
        case consentRequired = "consent-required"
        /// Somebody with a say in the scope's whole label forbids it.
        case labelForbids = "label-forbids"
        /// Somebody with a say in the scope's whole label requires a consent that is missing.
        case labelConsentRequired = "label-consent-required"
        /// The offer that the permission stands on is withdrawn, or over.
        case offerWithdrawn = "offer-withdrawn"
        /// The permission is for another scope, or of another organization than the scope's owner.
        case anotherScope = "another-scope"
        case certificateRevoked = "certificate-revoked"
        /// The gateway is not one that writes to the scope.
        case senderNotListed = "sender-not-listed"
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

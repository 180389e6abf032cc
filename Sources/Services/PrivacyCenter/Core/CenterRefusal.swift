package import CanonicalBytes
package import Records

/// Why a privacy center does not do what it was asked.
package enum CenterRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// Against the center's rules; nothing was changed.
    case refused(Reason, String)
    /// A cryptographic object is not what it must be; the code is the specification's.
    case invalid(ProtocolFailure)
    /// There is no envelope with this H1; the answer carries a signed denial.
    case missingEnvelope(Digest)

    /// Stable words for programs.
    package enum Reason: String, Sendable, CaseIterable {
        /// A part of the path or query is not of its form.
        case malformedParameter = "malformed-parameter"
        /// The body is not of its form.
        case malformedBody = "malformed-body"
        /// The body has another type than the route takes.
        case unsupportedMediaType = "unsupported-media-type"
        /// The path names another object than the body.
        case digestMismatch = "digest-mismatch"
        /// A certificate that an object names was not put yet.
        case unknownCertificate = "unknown-certificate"
        /// The capsule of the epoch key that an envelope names was not put yet.
        case unknownCapsule = "unknown-capsule"
        /// Who sends and who sealed, or whose certificate it is, are of different organizations.
        case foreignOrganization = "foreign-organization"
        /// The sender's certificate has a role that seals no envelopes.
        case senderNotPermitted = "sender-not-permitted"
        /// A certificate that an object names is revoked.
        case certificateRevoked = "certificate-revoked"
        /// The caller does not own the scope.
        case notOwner = "not-owner"
        /// The caller is not the receiver of the grant.
        case notReceiver = "not-receiver"
        /// The sender used the sequence number for another envelope of the scope.
        case sequenceRepeated = "sequence-repeated"
        /// The nonce was used under this grant.
        case nonceUsed = "nonce-used"
        /// Another object has the digest.
        case conflict = "conflict"
        /// There is no such object.
        case notFound = "not-found"
        /// No rekey was registered for the grant.
        case unknownGrant = "unknown-grant"
        /// The owner revoked the grant.
        case grantRevoked = "grant-revoked"
        /// The chain does not hold the grant.
        case grantNotOnChain = "grant-not-on-chain"
        /// The grant's time, its own or that on the chain, is over or has not come.
        case grantExpired = "grant-expired"
        /// The chain holds no such permission of the receiver.
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
        /// The permission is for another scope.
        case anotherScope = "another-scope"
        /// The permission is for data under another policy.
        case anotherPolicy = "another-policy"
        /// The chain rejected the record of the delivery.
        case deliveryRejected = "delivery-rejected"
        /// Too few validators prove what the chain holds now, or take a transaction.
        case chainUnavailable = "chain-unavailable"
        /// The newest block that a quorum confirmed is too old to be acted on.
        case staleHead = "stale-head"
        /// Who asks without a certificate must prove to be the receiver.
        case receiverProofRequired = "receiver-proof-required"
        /// What was asked for at once has more bytes than an answer may have.
        case answerTooLarge = "answer-too-large"
        /// Too much waits already; the same request works later.
        case busy
        /// The store does not answer.
        case storeUnavailable = "store-unavailable"
        /// The store found that its content is not what was written.
        case storeDamaged = "store-damaged"
        /// The disk has no room.
        case diskFull = "disk-full"
    }

    package var description: String {
        switch self {
        case .refused(let reason, let detail): "\(reason.rawValue): \(detail)"
        case .invalid(let failure): failure.description
        case .missingEnvelope: "not-found: there is no such envelope"
        }
    }
}

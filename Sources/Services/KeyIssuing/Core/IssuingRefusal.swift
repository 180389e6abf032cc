internal import CanonicalBytes
internal import Certificates
internal import ChainReading
package import IdentityEncryption

/// Why an issuing party does not do what it was asked.
package enum IssuingRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// Against the party's rules; nothing was changed.
    case refused(Reason, String)
    /// A cryptographic object is not what it must be; who made it, when that is known.
    case invalid(PartyFailure, name: String?)

    /// Stable words for programs.
    package enum Reason: String, Sendable, CaseIterable {
        /// A part of the path is not of its form.
        case malformedParameter = "malformed-parameter"
        case malformedBody = "malformed-body"
        case unsupportedMediaType = "unsupported-media-type"
        /// No set of this epoch is configured.
        case unknownSet = "unknown-parameters"
        /// The plan is not the one that the party's operator configured.
        case anotherPlan = "another-plan"
        /// The setup has not come so far, or the party kept something else at this stage.
        case anotherSetup = "another-setup"
        case notSetUp = "not-set-up"
        /// Shares of the round that was asked for are not in use yet, or no longer.
        case anotherRound = "another-round"
        /// Another refresh is under way.
        case refreshUnderWay = "refresh-under-way"
        case noRefresh = "no-refresh"
        case refreshTooSoon = "refresh-too-soon"
        /// The other party of a refresh did not answer as it should.
        case otherParty = "other-party"
        case notTheGiver = "not-the-giver"
        /// The nonce was used for another request.
        case nonceUsed = "nonce-used"
        case certificateRevoked = "certificate-revoked"
        /// The request is another party's than the connection's.
        case anotherRequester = "another-requester"
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
        /// The gateway is not one that writes to the scope.
        case senderNotListed = "sender-not-listed"
        /// Too few validators prove what the chain holds now.
        case chainUnavailable = "chain-unavailable"
        case storeFailed = "store-failed"
    }

    init(_ failure: PartyFailure, in plan: IssuingPlan?) {
        let name = failure.party.flatMap { place in
            plan.flatMap { $0.parties.indices.contains(place) ? $0.parties[place].name.description : nil }
        }
        self = .invalid(failure, name: name)
    }

    init(_ error: ChainReadingError) {
        let reason: Reason =
            switch error.reason {
            case .chainUnavailable: .chainUnavailable
            case .noPermission: .noPermission
            case .permissionRevoked: .permissionRevoked
            case .permissionExpired: .permissionExpired
            case .consentForbids: .consentForbids
            case .consentRequired: .consentRequired
            case .labelForbids: .labelForbids
            case .labelConsentRequired: .labelConsentRequired
            case .offerWithdrawn: .offerWithdrawn
            case .anotherScope: .anotherScope
            case .certificateRevoked: .certificateRevoked
            case .senderNotListed: .senderNotListed
            }
        self = .refused(reason, error.detail)
    }

    package var description: String {
        switch self {
        case .refused(let reason, let detail): "\(reason.rawValue): \(detail)"
        case .invalid(let failure, let name): name.map { "\(failure) (\($0))" } ?? "\(failure)"
        }
    }
}

/// What a step gives, with its failure laid to the charge of the party at fault, by name.
func blaming<Value>(
    _ plan: IssuingPlan?,
    _ step: () throws(PartyFailure) -> Value
) throws(IssuingRefusal) -> Value {
    do throws(PartyFailure) { return try step() } catch { throw IssuingRefusal(error, in: plan) }
}

/// What a step gives, with its failure nobody's fault but the request's.
func refusing<Value>(_ step: () throws(ProtocolFailure) -> Value) throws(IssuingRefusal) -> Value {
    do throws(ProtocolFailure) { return try step() } catch {
        throw .invalid(PartyFailure(party: nil, error), name: nil)
    }
}

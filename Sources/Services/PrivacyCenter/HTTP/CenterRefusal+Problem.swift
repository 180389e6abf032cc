internal import CanonicalBytes
internal import Hummingbird
internal import PrivacyCenterStore
internal import SecureHTTP

extension CenterRefusal {
    /// How a client sees the refusal.
    var problem: Problem {
        switch self {
        case .refused(let reason, let detail):
            var problem = Problem(reason.status, code: reason.rawValue, detail: detail)
            if reason.status == .serviceUnavailable { problem.headers[.retryAfter] = "1" }
            return problem
        case .invalid(let failure): return Problem(failure)
        case .missingEnvelope:
            return Problem(.notFound, code: Reason.notFound.rawValue, detail: "there is no such envelope")
        }
    }
}

extension CenterRefusal.Reason {
    var status: HTTPResponse.Status {
        switch self {
        case .malformedParameter, .malformedBody: .badRequest
        case .unsupportedMediaType: .unsupportedMediaType
        case .digestMismatch, .answerTooLarge: .unprocessableContent
        case .unknownCertificate, .unknownCapsule, .grantNotOnChain: .failedDependency
        case .foreignOrganization, .senderNotPermitted, .certificateRevoked, .notOwner, .notReceiver, .grantRevoked,
            .grantExpired, .noPermission, .permissionRevoked, .permissionExpired, .consentForbids,
            .consentRequired, .labelForbids, .labelConsentRequired, .offerWithdrawn, .anotherScope, .anotherPolicy,
            .deliveryRejected:
            .forbidden
        case .receiverProofRequired: .unauthorized
        case .sequenceRepeated, .nonceUsed, .conflict: .conflict
        case .notFound, .unknownGrant: .notFound
        case .busy, .storeUnavailable, .chainUnavailable, .staleHead: .serviceUnavailable
        case .storeDamaged: .internalServerError
        case .diskFull: .insufficientStorage
        }
    }
}

extension StoreError {
    /// How a client sees the error: what to do, and nothing of where the store is.
    var refusal: CenterRefusal {
        switch self {
        case .busy: .refused(.busy, "the store is busy; try again later")
        case .diskFull: .refused(.diskFull, "the disk of the privacy center is full")
        case .damaged: .refused(.storeDamaged, "the store of the privacy center is damaged; its operator was told")
        case .invalid(let text): .refused(.malformedBody, text)
        case .inUse, .unavailable, .newerSchema, .notEmpty, .unsuitable, .closed, .cancelled, .failed:
            .refused(.storeUnavailable, "the store of the privacy center does not answer; try again later")
        }
    }
}

extension HTTPResponse.Status {
    static let failedDependency = HTTPResponse.Status(code: 424, reasonPhrase: "Failed Dependency")
    static let insufficientStorage = HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")
}

internal import CanonicalBytes
internal import Certificates
package import Ledger
internal import Records

extension RejectionCode {
    package static let requestExists = RejectionCode(301, "request-exists")
    package static let noSuchRequest = RejectionCode(302, "no-such-request")
    package static let requestDecided = RejectionCode(303, "request-decided")
    package static let requestExpired = RejectionCode(304, "request-expired")
    package static let accessTimeOutOfRange = RejectionCode(305, "time-out-of-range")
    package static let consentForbids = RejectionCode(306, "consent-forbids")
    package static let consentRequired = RejectionCode(307, "consent-required")
    package static let noSuchPermission = RejectionCode(308, "no-such-permission")
    package static let permissionRevokedAlready = RejectionCode(309, "permission-revoked-already")
    package static let consentExists = RejectionCode(310, "consent-exists")
    package static let noSuchConsent = RejectionCode(311, "no-such-consent")
    package static let consentWithdrawnAlready = RejectionCode(312, "consent-withdrawn-already")
    package static let tooManyConsents = RejectionCode(313, "too-many-consents")
    package static let notTheHolder = RejectionCode(314, "not-the-holder")
    package static let holderKnown = RejectionCode(315, "holder-known")
    package static let offerExists = RejectionCode(316, "offer-exists")
    package static let noSuchOffer = RejectionCode(317, "no-such-offer")
    package static let offerWithdrawn = RejectionCode(318, "offer-withdrawn")
    package static let offerExpired = RejectionCode(319, "offer-expired")
    package static let notTheGrantee = RejectionCode(320, "not-the-grantee")
    package static let scopeNotOffered = RejectionCode(321, "scope-not-offered")
    package static let offerAcceptedAlready = RejectionCode(322, "offer-accepted-already")
    package static let traceExists = RejectionCode(323, "trace-exists")
    package static let noSuchTrace = RejectionCode(324, "no-such-trace")
    package static let traceAnsweredAlready = RejectionCode(325, "trace-answered-already")
    package static let tooManyAnswers = RejectionCode(326, "too-many-answers")
    package static let labelForbids = RejectionCode(327, "label-forbids")
    package static let labelConsentRequired = RejectionCode(328, "label-consent-required")
    package static let labelKnown = RejectionCode(329, "label-known")
    package static let anotherLabel = RejectionCode(330, "another-label")
}

/// `access`: requests, permissions and consents.
enum AccessContract {
    static var methods: [Method] {
        [Method(self.request), Method(self.permit), Method(self.deny), Method(self.revokePermission)]
            + ConsentRules.methods + HolderRules.methods + LabelRules.methods + OfferRules.methods
            + EmergencyRules.methods
            + TraceRules.methods
    }

    @Sendable private static func request(_ arguments: RequestAccess, _ call: ContractCall) throws(ContractFailure) {
        let name = try self.requesterName(call)
        try self.requireNew(arguments, call)
        try call.requireSoon(arguments.expires, within: .requestSecondsMax, .accessTimeOutOfRange)
        _ = try self.open(arguments, name: name, call)
    }

    /// The name that a request is filed under.
    static func requesterName(_ call: ContractCall) throws(ContractFailure) -> String {
        switch call.caller {
        case .pseudonym: ""
        default: try call.party(in: [.researcher, .clinician]).description
        }
    }

    static func requireNew(_ arguments: RequestAccess, _ call: ContractCall) throws(ContractFailure) {
        let isNew = try call.value(of: AccessKey.request(arguments.request)) == nil
        try ensure(isNew, .requestExists, "a request of this identifier is known")
    }

    /// Files a request that nobody has decided yet.
    static func open(
        _ arguments: RequestAccess,
        name: String,
        _ call: ContractCall
    ) throws(ContractFailure) -> AccessRequest {
        let requester = try call.signer()
        let request = AccessRequest(arguments, requester: requester, name: name, time: call.block.time)
        try call.store(request, at: AccessKey.request(arguments.request))
        try Self.noteShare(arguments, requester, call)
        try call.emit(
            AccessRequested(
                request: arguments.request,
                scope: arguments.scope,
                requester: requester,
                organization: arguments.organization
            )
        )
        return request
    }

    /// On a chain that others can ask: finds the request by the digest that an exchange about it names, so that nobody can
    /// end the exchange as if it had not been filed.
    private static func noteShare(
        _ arguments: RequestAccess,
        _ requester: [UInt8],
        _ call: ContractCall
    ) throws(ContractFailure) {
        guard let certificate = call.caller.certificate, try call.value(of: InterchainKey.link) != nil else { return }
        let asker = Digest.sha256(of: certificate.bytes).bytes
        let share = ShareRequest.digest(arguments, by: requester, asker: asker)
        try call.set(AccessKey.filed(share), to: arguments.request)
    }

    @Sendable private static func permit(_ arguments: PermitAccess, _ call: ContractCall) throws(ContractFailure) {
        let (request, party) = try self.decision(about: arguments.request, call)
        try call.requireSoon(arguments.validUntil, within: .permissionSecondsMax, .accessTimeOutOfRange)
        let decision = Permission.Decision(decider: party, validUntil: arguments.validUntil, kind: .decided)
        if let objection = try self.objection(to: request.arguments, decision, call) {
            throw .rejected(objection, "a consent stands in the way")
        }
        try self.permit(request, decision, call)
    }

    /// The code of the consent that stands in a decision's way; nil when none does.
    static func objection(
        to asked: RequestAccess,
        _ decision: Permission.Decision,
        _ call: ContractCall
    ) throws(ContractFailure) -> RejectionCode? {
        let judgement = try call.judgement(of: asked.scope, asked.organization)
        let ground = PermissionGround(
            request: asked.request,
            purpose: asked.purpose,
            kind: decision.kind,
            basis: decision.basis
        )
        return judgement.objection(to: ground, at: call.block.time)
    }

    /// Grants an open request that no consent objects to.
    @discardableResult
    static func permit(
        _ request: AccessRequest,
        _ decision: Permission.Decision,
        _ call: ContractCall
    ) throws(ContractFailure) -> Permission {
        let permission = Permission(request, decision, chain: call.block.chain, at: call.block.time)
        var request = request
        request.status = .permitted
        request.permission = permission.id
        try call.store(request, at: AccessKey.request(permission.request))
        try call.store(permission, at: AccessKey.permission(permission.id))
        try call.emit(permission)
        return permission
    }

    @Sendable private static func deny(_ arguments: DenyAccess, _ call: ContractCall) throws(ContractFailure) {
        var (request, party) = try self.decision(about: arguments.request, call)
        request.status = .denied
        try call.store(request, at: AccessKey.request(arguments.request))
        try call.emit(
            AccessDenied(
                request: arguments.request,
                scope: request.arguments.scope,
                requester: request.requester,
                party: party
            )
        )
    }

    /// The open request that the caller may decide.
    private static func decision(
        about id: [UInt8],
        _ call: ContractCall
    ) throws(ContractFailure) -> (AccessRequest, PartyName) {
        let party = try call.party(in: .dataOwners)
        guard let request = try call.record(AccessRequest.self, at: AccessKey.request(id)) else {
            throw .rejected(.noSuchRequest, "no request of this identifier")
        }
        let isTheirs = party.organization.isSame(as: request.arguments.organization)
        try ensure(isTheirs, .notAllowed, "a request for another organization's data")
        try ensure(request.status == .open, .requestDecided, "the request is decided")
        try ensure(request.arguments.expires >= call.block.time, .requestExpired, "the request is over")
        return (request, party)
    }

    @Sendable private static func revokePermission(
        _ arguments: RevokePermission,
        _ call: ContractCall
    ) throws(ContractFailure) {
        let party = try call.party(in: .dataOwners)
        let key = AccessKey.permission(arguments.permission)
        guard var permission = try call.record(Permission.self, at: key) else {
            throw .rejected(.noSuchPermission, "no permission of this identifier")
        }
        let isTheirs = party.organization.isSame(as: permission.organization)
        try ensure(isTheirs, .notAllowed, "a permission of another organization")
        try ensure(permission.revoked == 0, .permissionRevokedAlready, "it is revoked")
        permission.revoked = call.block.time
        try call.store(permission, at: key)
        try call.emit(PermissionRevoked(permission, by: party))
    }
}

internal import CanonicalBytes
internal import Certificates
internal import Consensus
package import Ledger

extension RejectionCode {
    package static let anotherPermission = RejectionCode(601, "another-permission")
    package static let permissionExpired = RejectionCode(602, "permission-expired")
    package static let permissionRevoked = RejectionCode(603, "permission-revoked")
    package static let permissionUsed = RejectionCode(604, "permission-used")
    package static let notTheDataOwner = RejectionCode(605, "not-the-data-owner")
    package static let grantTimeOutOfRange = RejectionCode(606, "time-out-of-range")
    package static let grantExists = RejectionCode(607, "grant-exists")
    package static let noSuchGrant = RejectionCode(608, "no-such-grant")
    package static let grantRevoked = RejectionCode(609, "grant-revoked")
    package static let grantNotValidNow = RejectionCode(610, "grant-not-valid-now")
    package static let anotherReceiver = RejectionCode(611, "another-receiver")
    package static let deliveryExists = RejectionCode(612, "delivery-exists")
    package static let noSuchDelivery = RejectionCode(613, "no-such-delivery")
    package static let acknowledgedAlready = RejectionCode(614, "acknowledged-already")
    package static let consentObjects = RejectionCode(615, "consent-objects")
    package static let refusalKnown = RejectionCode(616, "refusal-known")
    package static let faultKnown = RejectionCode(617, "fault-known")
    package static let tooManyFaults = RejectionCode(618, "too-many-faults")
}

/// `sharing`: grants on permissions of the access channel, and deliveries under them.
struct SharingContract: Sendable {
    private let citation: Citation

    init(scheme: any SignatureScheme) { self.citation = Citation(scheme: scheme) }

    var methods: [Method] {
        [
            Method(self.grant), Method(self.revokeGrant), Method(self.bringRevocation), Method(self.deliver),
            Method(self.acknowledge),
        ] + ConsentBringing(citation: self.citation).methods + ReportRules.methods
    }

    @Sendable private func grant(_ arguments: RecordGrant, _ call: ContractCall) throws(ContractFailure) {
        let party = try call.party(in: .dataOwners)
        let permission = try self.permission(of: arguments.proof, call)
        let grant = Grant(
            arguments,
            permission,
            height: call.block.height,
            permitted: arguments.proof.header.height
        )
        let isMeant = permission.id == arguments.permission && permission.scope == arguments.scope
        try ensure(isMeant, .anotherPermission, "the proof is of another permission or scope")
        try self.requireOwner(party, of: permission, call)
        try ensure(permission.validUntil >= call.block.time, .permissionExpired, "the permission is over")
        try self.requireStanding(permission.id, call)
        let isWithin = arguments.notAfter <= permission.validUntil && arguments.notAfter >= call.block.time
        try ensure(isWithin, .grantTimeOutOfRange, "a grant ends in the future and with its permission at the latest")
        try ensure(try call.value(of: SharingKey.grant(arguments.grant)) == nil, .grantExists, "the grant is known")
        let key = SharingKey.permission(permission.id)
        try ensure(try call.value(of: key) == nil, .permissionUsed, "another grant stands on the permission")
        try ConsentBringing.requireConsent(to: grant, call)
        try call.set(key, to: arguments.grant)
        try call.set(SharingKey.lastGrant(permission.id), to: arguments.grant)
        try call.store(grant, at: SharingKey.grant(arguments.grant))
        try call.emit(GrantRecorded(arguments.grant, grant))
    }

    /// What gives a permission.
    private static let permitting: [any MethodArguments.Type] = [
        PermitAccess.self, ProveAccess.self, AcceptOffer.self, EmergencyAccess.self,
    ]

    /// The permission that a proven transaction gave; its event carries it.
    private func permission(of proof: TransactionProof, _ call: ContractCall) throws(ContractFailure) -> Permission {
        try self.citation.check(proof, isOf: Self.permitting, call)
        guard let event = proof.receipt.events.first(where: { $0.topic.isSame(as: Permission.topic) }) else {
            throw .rejected(.citesSomethingElse, "no permission in the receipt")
        }
        do throws(ProtocolFailure) { return try Permission(bytes: event.data) } catch {
            throw .rejected(.citesSomethingElse, error.description)
        }
    }

    /// The permission's organization decided, and the scope must be that organization's own.
    private func requireOwner(
        _ party: PartyName,
        of permission: Permission,
        _ call: ContractCall
    ) throws(ContractFailure) {
        let scope = try call.record(ScopeRecord.self, at: IndexKey.scope(permission.scope))
        let isOwner =
            party.organization.isSame(as: permission.organization)
            && scope?.owner.isSame(as: party.organization) ?? false
        try ensure(isOwner, .notTheDataOwner, "neither the scope's owner nor who permitted")
    }

    private func requireStanding(_ permission: [UInt8], _ call: ContractCall) throws(ContractFailure) {
        let revoked = try call.value(of: SharingKey.revokedPermission(permission))
        try ensure(revoked == nil, .permissionRevoked, "the permission is revoked")
    }

    @Sendable private func revokeGrant(_ arguments: RevokeGrant, _ call: ContractCall) throws(ContractFailure) {
        let party = try call.party(in: .dataOwners)
        var grant = try call.grant(arguments.grant)
        try ensure(grant.organization.isSame(as: party.organization), .notTheDataOwner, "another's grant")
        try ensure(grant.revoked == 0, .grantRevoked, "it is revoked")
        grant.revoked = call.block.time
        try call.store(grant, at: SharingKey.grant(arguments.grant))
        // A new grant may take its place, for example for other privacy centers.
        try call.set(SharingKey.permission(grant.permission), to: nil)
        try call.emit(GrantRevoked(arguments.grant, grant))
    }

    @Sendable private func bringRevocation(
        _ arguments: BringPermissionRevocation,
        _ call: ContractCall
    ) throws(ContractFailure) {
        try self.citation.check(arguments.proof, isOf: [RevokePermission.self, DeliverMessage.self], call)
        guard
            let event = arguments.proof.receipt.events.first(where: { $0.topic.isSame(as: PermissionRevoked.topic) }),
            let permission = (try? PermissionRevoked(bytes: event.data))?.permission
        else { throw .rejected(.citesSomethingElse, "no permission is revoked in the receipt") }
        try self.requireStanding(permission, call)
        try call.set(SharingKey.revokedPermission(permission), to: call.block.time.bigEndianBytes)
        try call.emit("sharing.permission-revoked", permission)
    }

    @Sendable private func deliver(_ arguments: RecordDelivery, _ call: ContractCall) throws(ContractFailure) {
        let center = try call.party(in: [.privacyCenter])
        let grant = try call.grant(arguments.grant)
        try ensure(grant.revoked == 0, .grantRevoked, "the grant is revoked")
        try self.requireStanding(grant.permission, call)
        let isNow = grant.notBefore <= call.block.time && call.block.time <= grant.notAfter
        try ensure(isNow, .grantNotValidNow, "not the time of the grant")
        try ensure(arguments.receiver == grant.receiver, .anotherReceiver, "the grant is another's")
        try ConsentBringing.requireConsent(to: grant, call)
        let id = Delivery.id(arguments, by: center)
        let key = SharingKey.delivery(id)
        try ensure(try call.value(of: key) == nil, .deliveryExists, "the delivery is known")
        try call.store(Delivery(arguments, by: center, at: call.block.time), at: key)
        try call.emit(DeliveryRecorded(id, arguments, under: grant, by: center))
    }

    @Sendable private func acknowledge(
        _ arguments: AcknowledgeDelivery,
        _ call: ContractCall
    ) throws(ContractFailure) {
        let receiver = try call.signer()
        let key = SharingKey.delivery(arguments.delivery)
        guard var delivery = try call.record(Delivery.self, at: key) else {
            throw .rejected(.noSuchDelivery, "no delivery of this identifier")
        }
        try ensure(delivery.arguments.receiver == receiver, .anotherReceiver, "another's delivery")
        try ensure(delivery.outcome == nil, .acknowledgedAlready, "it is acknowledged")
        delivery.acknowledged = call.block.time
        delivery.outcome = arguments.outcome
        try call.store(delivery, at: key)
        let grant = try call.grant(delivery.arguments.grant)
        try call.emit(DeliveryAcknowledged(arguments, under: delivery.arguments.grant, grant))
    }
}

extension ContractCall {
    /// A recorded grant.
    ///
    /// - Throws: `no-such-grant`.
    func grant(_ digest: [UInt8]) throws(ContractFailure) -> Grant {
        guard let grant = try self.record(Grant.self, at: SharingKey.grant(digest)) else {
            throw .rejected(.noSuchGrant, "no grant of this digest")
        }
        return grant
    }
}

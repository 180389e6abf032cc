internal import CanonicalBytes
internal import Certificates
internal import Ledger

/// Offers of patients, and permissions that stand on them.
enum OfferRules {
    static var methods: [Method] { [Method(self.offer), Method(self.withdraw), Method(self.accept)] }

    @Sendable private static func offer(_ arguments: OfferAccess, _ call: ContractCall) throws(ContractFailure) {
        let author = try call.party(in: [.patient])
        let key = AccessKey.offer(arguments.offer)
        try ensure(try call.value(of: key) == nil, .offerExists, "an offer of this identifier is known")
        try ensure(arguments.validUntil > call.block.time, .accessTimeOutOfRange, "it is over already")
        let longest = try call.parameter(.permissionSecondsMax)
        let isShort = arguments.permissionSeconds <= longest
        try ensure(isShort, .accessTimeOutOfRange, "permissions of more than \(longest) seconds")
        try HolderRules.requireHolder(author, of: arguments.scopes, call)
        try ConsentRules.add(ScopeConsents.Entry(arguments, by: author), to: arguments.scopes, call)
        try call.store(Offer(arguments, by: author, at: call.block.time), at: key)
        let change = ConsentChange(id: arguments.offer, author: author, scopes: arguments.scopes)
        try call.emit(AccessOffered(change, to: arguments.grantee))
    }

    /// By the author, or by a custodian of the author's organization.
    @Sendable private static func withdraw(_ arguments: WithdrawOffer, _ call: ContractCall) throws(ContractFailure) {
        let party = try call.party(in: [.patient, .custodian])
        let key = AccessKey.offer(arguments.offer)
        guard var offer = try call.record(Offer.self, at: key) else {
            throw .rejected(.noSuchOffer, "no offer of this identifier")
        }
        let isCustodian = party.role == .custodian && party.organization.isSame(as: offer.author.organization)
        try ensure(party == offer.author || isCustodian, .notAllowed, "another's offer")
        try ensure(offer.withdrawn == 0, .offerWithdrawn, "it is withdrawn")
        offer.withdrawn = call.block.time
        try call.store(offer, at: key)
        let change = ConsentChange(id: arguments.offer, author: offer.author, scopes: offer.arguments.scopes)
        try ConsentRules.remove(change, isOffer: true, call)
        try call.emit(OfferWithdrawn(change))
    }

    @Sendable private static func accept(_ arguments: AcceptOffer, _ call: ContractCall) throws(ContractFailure) {
        let name = try AccessContract.requesterName(call)
        let requester = try call.signer()
        let offer = try self.standingOffer(arguments, call)
        try ensure(offer.arguments.grantee.admits(call.caller), .notTheGrantee, "the offer is made to others")
        let isOffered = offer.arguments.scopes.contains(arguments.scope)
        try ensure(isOffered, .scopeNotOffered, "the offer is of other scopes")
        // Else somebody whose permission was revoked could take another one.
        let key = AccessKey.acceptance(of: arguments.offer, scope: arguments.scope, by: requester)
        try ensure(try call.value(of: key) == nil, .offerAcceptedAlready, "accepted for this scope")
        let decision = try self.decision(on: offer, call)
        let asked = RequestAccess(
            request: arguments.request,
            scope: arguments.scope,
            policy: Permission.noBasis,
            organization: offer.author.organization,
            purpose: offer.arguments.purpose,
            nonce: arguments.nonce,
            expires: decision.validUntil
        )
        try AccessContract.requireNew(asked, call)
        if let objection = try AccessContract.objection(to: asked, decision, call) {
            throw .rejected(objection, "a consent stands in the way")
        }
        let request = try AccessContract.open(asked, name: name, call)
        let permission = try AccessContract.permit(request, decision, call)
        try call.set(key, to: permission.id)
    }

    private static func standingOffer(
        _ arguments: AcceptOffer,
        _ call: ContractCall
    ) throws(ContractFailure) -> Offer {
        guard let offer = try call.record(Offer.self, at: AccessKey.offer(arguments.offer)) else {
            throw .rejected(.noSuchOffer, "no offer of this identifier")
        }
        try ensure(offer.withdrawn == 0, .offerWithdrawn, "the offer is withdrawn")
        try ensure(offer.arguments.validUntil >= call.block.time, .offerExpired, "the offer is over")
        return offer
    }

    private static func decision(on offer: Offer, _ call: ContractCall) throws(ContractFailure) -> Permission.Decision {
        let seconds = min(offer.arguments.permissionSeconds, try call.parameter(.permissionSecondsMax))
        return Permission.Decision(
            decider: offer.author,
            validUntil: call.block.time + seconds * 1_000,
            kind: .offered,
            basis: offer.arguments.offer
        )
    }
}

extension Grantee {
    /// Whether an offer is made to a caller; a pseudonym shows attributes and its certificate, and nothing else.
    fileprivate func admits(_ caller: Caller) -> Bool {
        guard let certificate = caller.certificate else { return false }
        switch (self, caller) {
        case (.party(let name), .party(let party, _)): return name == party
        case (.organization(let word), .party(let party, _)): return party.organization.isSame(as: word)
        case (.attribute(let text), _): return certificate.has(attribute: text)
        case (.certificate(let digest), _): return certificate.digest == digest
        default: return false
        }
    }
}

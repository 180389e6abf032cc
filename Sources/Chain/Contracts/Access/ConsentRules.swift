internal import CanonicalBytes
internal import Certificates
internal import Ledger

/// Consents of the access contract.
enum ConsentRules {
    static var methods: [Method] { [Method(self.set), Method(self.withdraw)] }

    @Sendable private static func set(_ arguments: SetConsent, _ call: ContractCall) throws(ContractFailure) {
        let author = try call.party(in: [.patient, .custodian])
        let key = AccessKey.consent(arguments.consent)
        try ensure(try call.value(of: key) == nil, .consentExists, "a consent of this identifier is known")
        try ensure(arguments.validUntil > call.block.time, .accessTimeOutOfRange, "it is over already")
        if author.role == .patient { try HolderRules.requireHolder(author, of: arguments.scopes, call) }
        try self.add(ScopeConsents.Entry(arguments, by: author), to: arguments.scopes, call)
        try call.store(Consent(arguments, by: author, at: call.block.time), at: key)
        let change = ConsentChange(id: arguments.consent, author: author, scopes: arguments.scopes)
        try call.emit(ConsentSet(change, mode: arguments.mode))
    }

    /// Enters a consent or an offer under scopes, or a label, of its author's organization.
    static func add(
        _ entry: ScopeConsents.Entry,
        to scopes: [[UInt8]],
        _ call: ContractCall
    ) throws(ContractFailure) {
        for scope in scopes {
            let key = AccessKey.consents(of: scope, entry.author.organization)
            var consents = try call.record(ScopeConsents.self, at: key) ?? ScopeConsents()
            let isAdded = consents.add(entry, at: call.block.time)
            try ensure(isAdded, .tooManyConsents, "too many consents about one scope")
            try call.store(consents, at: key)
        }
    }

    /// Takes a consent or an offer away from the scopes that it is about.
    static func remove(
        _ change: ConsentChange,
        isOffer: Bool = false,
        _ call: ContractCall
    ) throws(ContractFailure) {
        for scope in change.scopes {
            let key = AccessKey.consents(of: scope, change.author.organization)
            guard var consents = try call.record(ScopeConsents.self, at: key) else { continue }
            consents.remove(change.id, of: change.author, isOffer: isOffer)
            try call.store(consents, at: key)
        }
    }

    /// By the author, or by a custodian of the author's organization.
    @Sendable private static func withdraw(
        _ arguments: WithdrawConsent,
        _ call: ContractCall
    ) throws(ContractFailure) {
        let party = try call.party(in: [.patient, .custodian])
        let key = AccessKey.consent(arguments.consent)
        guard var consent = try call.record(Consent.self, at: key) else {
            throw .rejected(.noSuchConsent, "no consent of this identifier")
        }
        let isCustodian = party.role == .custodian && party.organization.isSame(as: consent.author.organization)
        try ensure(party == consent.author || isCustodian, .notAllowed, "another's consent")
        try ensure(consent.withdrawn == 0, .consentWithdrawnAlready, "it is withdrawn")
        consent.withdrawn = call.block.time
        try call.store(consent, at: key)
        let change = ConsentChange(
            id: arguments.consent,
            author: consent.author,
            scopes: consent.arguments.scopes
        )
        try self.remove(change, call)
        try call.emit(ConsentWithdrawn(change))
    }
}

extension SetConsent {
    /// Under which digests the chain keeps it: the scopes', or the label's.
    var scopes: [[UInt8]] {
        switch self.subject {
        case .scopes(let scopes): scopes
        case .label(let digest): [digest]
        }
    }
}

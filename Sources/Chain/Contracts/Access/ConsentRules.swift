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
        for scope in arguments.scopes {
            let key = AccessKey.consents(of: scope, author.organization)
            var consents = try call.record(ScopeConsents.self, at: key) ?? ScopeConsents()
            let isAdded = consents.add(arguments, by: author, at: call.block.time)
            try ensure(isAdded, .tooManyConsents, "too many consents about one scope")
            try call.store(consents, at: key)
        }
        try call.store(Consent(arguments, by: author, at: call.block.time), at: key)
        try call.emit("access.consent-set", arguments.consent + [arguments.mode.rawValue])
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
        for scope in consent.arguments.scopes {
            let key = AccessKey.consents(of: scope, consent.author.organization)
            guard var consents = try call.record(ScopeConsents.self, at: key) else { continue }
            consents.remove(arguments.consent)
            try call.store(consents, at: key)
        }
        try call.emit("access.consent-withdrawn", arguments.consent)
    }
}

extension SetConsent {
    /// The scopes whose decisions the chain holds to this consent.
    fileprivate var scopes: [[UInt8]] {
        switch self.subject {
        case .scopes(let scopes): scopes
        case .label: []
        }
    }
}

internal import Certificates
internal import Ledger

/// Of which label a scope is, and so which consents about labels bind it.
enum LabelRules {
    static var methods: [Method] { [Method(self.set)] }

    @Sendable private static func set(_ arguments: SetScopeLabel, _ call: ContractCall) throws(ContractFailure) {
        let party = try call.party(in: [.custodian, .institution])
        var isNew = false
        for scope in arguments.scopes {
            let key = AccessKey.consents(of: scope, party.organization)
            var consents = try call.record(ScopeConsents.self, at: key) ?? ScopeConsents()
            guard consents.label != arguments.label else { continue }
            try ensure(consents.label == nil, .anotherLabel, "a scope is of another label")
            consents.label = arguments.label
            try call.store(consents, at: key)
            isNew = true
        }
        try ensure(isNew, .labelKnown, "all of them are known to be of this label")
        try call.emit(
            ScopesLabelled(ConsentChange(id: arguments.label, author: party, scopes: arguments.scopes))
        )
    }
}

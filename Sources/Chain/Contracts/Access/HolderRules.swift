internal import Certificates
internal import Ledger

/// Whose data lies in a scope, and so who may speak for it.
enum HolderRules {
    static var methods: [Method] { [Method(self.set)] }

    @Sendable private static func set(_ arguments: SetScopeHolder, _ call: ContractCall) throws(ContractFailure) {
        let party = try call.party(in: [.custodian, .institution])
        let isTheirs = arguments.holder.organization.isSame(as: party.organization)
        try ensure(isTheirs, .notAllowed, "a patient of another organization")
        var isNew = false
        for scope in arguments.scopes {
            let key = AccessKey.holder(of: scope, party.organization)
            let known = try call.record(ScopeHolder.self, at: key)
            guard known?.holder != arguments.holder else { continue }
            isNew = true
            try call.store(ScopeHolder(arguments.holder, namedBy: party, at: call.block.time), at: key)
        }
        try ensure(isNew, .holderKnown, "she is the holder of all of them")
        try call.emit("access.scope-holder", arguments.bytes)
    }

    /// Requires that a patient is the holder of scopes of her organization.
    ///
    /// - Throws: `not-the-holder`.
    static func requireHolder(
        _ patient: PartyName,
        of scopes: [[UInt8]],
        _ call: ContractCall
    ) throws(ContractFailure) {
        for scope in scopes {
            let key = AccessKey.holder(of: scope, patient.organization)
            let holder = try call.record(ScopeHolder.self, at: key)?.holder
            try ensure(holder == patient, .notTheHolder, "the scope is not hers to speak for")
        }
    }
}

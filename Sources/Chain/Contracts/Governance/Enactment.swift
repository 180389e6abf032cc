internal import CanonicalBytes
internal import Certificates
internal import Consensus
internal import Ledger

/// What a change needs, and how it is done.
struct Enactment {
    private let change: ProposedChange

    init(_ change: ProposedChange) { self.change = change }

    /// Refuses what could not be carried out now; asked again before it is.
    ///
    /// Only ``carryOut(_:)`` asks whether a committee is lawful: the present one may have gone by then.
    func check(_ call: ContractCall) throws(ContractFailure) {
        switch self.change {
        case .parameter(let name, let value):
            guard let range = ContractParameter.range(of: name) else {
                throw .rejected(.unknownParameter, "no such parameter")
            }
            try ensure(range.contains(value), .valueOutOfRange, "\(name) must be in \(range)")
        case .committee(let committee, let names): try CommitteeRules(committee, names).check(call)
        case .addIssuer(let issuer):
            let list = try call.issuers()
            try ensure(!list.issuers.contains(issuer), .issuerKnown, "it is trusted already")
            try ensure(list.issuers.count < IssuerList.countMax, .tooManyIssuers, "\(list.issuers.count) issuers")
        case .removeIssuer(let kind, let name): _ = try self.listWithout(kind, name, call)
        case .activation(let contract, _, let height):
            // Whoever puts these off could never call them again.
            let isVital = contract.isSame(as: "governance") || contract.isSame(as: "chain")
            try ensure(!isVital, .notToBePutOff, "always active")
            try ensure(height != .max, .valueOutOfRange, "a height that never comes")
        case .governors(let governors):
            let isLawful = governors.parties.count <= Governors.countMax && governors.isLawful
            try ensure(isLawful, .governorsOutOfOrder, "ascending, and a threshold of more than half and at most all")
        }
    }

    /// Changes the state.
    func carryOut(_ call: ContractCall) throws(ContractFailure) {
        try self.check(call)
        switch self.change {
        case .parameter(let name, let value): try call.set(StateKey.parameter(name), to: value.bigEndianBytes)
        case .committee(let committee, let names):
            try call.enthrone(committee)
            for (member, name) in zip(committee.members, names) {
                let bytes = Array(name.description.utf8)
                try call.set(StateKey.validator(member.id), to: bytes)
            }
        case .addIssuer(let issuer):
            var list = try call.issuers()
            if let place = list.place(of: issuer.kind, issuer.issuer.name) {
                list.issuers[place] = issuer
            } else {
                list.issuers.append(issuer)
            }
            try call.setIssuers(list)
        case .removeIssuer(let kind, let name): try call.setIssuers(try self.listWithout(kind, name, call))
        case .activation(let contract, let method, let height):
            let target = method.isEmpty ? contract : contract + "." + method
            try call.set(SystemKey.activation(Array(target.utf8)), to: height.bigEndianBytes)
        case .governors(let governors): try call.store(governors, at: GovernanceKey.governors)
        }
    }

    private func listWithout(
        _ kind: TrustedIssuer.Kind,
        _ name: String,
        _ call: ContractCall
    ) throws(ContractFailure) -> IssuerList {
        var list = try call.issuers()
        guard let place = list.place(of: kind, name) else { throw .rejected(.issuerUnknown, "it is not trusted") }
        list.issuers.remove(at: place)
        try ensure(list.hasAuthority, .lastAuthority, "nobody could sign a transaction any more")
        return list
    }
}

/// What a proposed committee must keep, besides the law of succession.
private struct CommitteeRules {
    private let committee: Committee
    private let names: [PartyName]

    init(_ committee: Committee, _ names: [PartyName]) {
        self.committee = committee
        self.names = names
    }

    func check(_ call: ContractCall) throws(ContractFailure) {
        let members = self.committee.members
        let isNamed =
            self.names.count == members.count && Set(self.names).count == members.count
            && self.names.allSatisfy { $0.role == .validator }
        try ensure(isNamed, .validatorNames, "one validator's name for each member, all different")
        // Two members with one key would be one validator with two votes.
        let keys = members.map(\.votingKey) + members.map(\.shareKey)
        let isOwn = Set(keys).count == keys.count && keys.allSatisfy { !$0.isEmpty }
        try ensure(isOwn, .validatorKeyShared, "every validator has two keys of its own")
        for (member, name) in zip(members, self.names) {
            guard let known = try call.value(of: StateKey.validator(member.id)) else { continue }
            let isSame = known == Array(name.description.utf8)
            try ensure(isSame, .validatorNumberUsed, "number \(member.id.number) is another validator's")
        }
    }
}

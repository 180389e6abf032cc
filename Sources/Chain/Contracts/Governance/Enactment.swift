internal import CanonicalBytes
internal import Certificates
internal import Consensus
internal import Incentives
internal import Ledger

/// What changes are checked and carried out with.
struct GovernanceTools: Sendable {
    /// Knows the keys that members of a committee may have.
    let scheme: any SignatureScheme
    let connecting: Connecting
    let registering: Registering

    /// - Parameters:
    ///   - scheme: knows the keys that members of a committee may have.
    ///   - hub: the relay chain of this one.
    ///   - spokes: the chains of which this one is the relay chain.
    ///   - attested: judges chains of the rule attested.
    init(
        scheme: any SignatureScheme,
        hub: ForeignChains,
        spokes: ForeignChains,
        attested: (any AttestedSource)?
    ) {
        self.scheme = scheme
        self.connecting = Connecting(chains: hub)
        self.registering = Registering(chains: spokes, attested: attested)
    }
}

/// What a change needs, and how it is done.
struct Enactment {
    private let change: ProposedChange
    private let tools: GovernanceTools

    init(_ change: ProposedChange, _ tools: GovernanceTools) {
        self.change = change
        self.tools = tools
    }

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
        case .committee(let committee, let names): try CommitteeRules(committee, names, self.tools.scheme).check(call)
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
        case .registerCircuit(let registration): try CircuitRules.check(registration, call)
        case .retireCircuit(let circuit): _ = try CircuitRules.circuit(circuit, call)
        case .connect(let connect): try self.tools.connecting.check(connect, call)
        case .registerChain(let register): try self.tools.registering.check(register, call)
        case .standing(let change): try self.tools.registering.check(change, call)
        case .reanchor(let change): try self.tools.registering.check(change, call)
        case .incentives(let parameters):
            try RelayCredits.paid { () throws(IncentiveFailure) in try parameters.requireLawful() }
        // What an account has by the time of the last vote shows then only.
        case .credits: break
        case .condemnCode(let name): try RelayCredits.requireCode(name, call)
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
        case .registerCircuit(let registration): try CircuitRules.register(registration, call)
        case .retireCircuit(let circuit): try CircuitRules.retire(circuit, call)
        case .connect(let connect): try self.tools.connecting.carryOut(connect, call)
        case .registerChain(let register): try self.tools.registering.carryOut(register, call)
        case .standing(let change): try self.tools.registering.carryOut(change, call)
        case .reanchor(let change): try self.tools.registering.carryOut(change, call)
        case .incentives(let parameters):
            let transfer = RelayCredits.transfer(call)
            try RelayCredits.paid { () throws(IncentiveFailure) in try transfer.set(parameters) }
        case .credits(let credits): try credits.carryOut(call)
        case .condemnCode(let name): try RelayCredits.condemn(name, call)
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
    private let scheme: any SignatureScheme

    init(_ committee: Committee, _ names: [PartyName], _ scheme: any SignatureScheme) {
        self.committee = committee
        self.names = names
        self.scheme = scheme
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
        try self.checkKeys(call)
        for (member, name) in zip(members, self.names) {
            guard let known = try call.value(of: StateKey.validator(member.id)) else { continue }
            let isSame = known == Array(name.description.utf8)
            try ensure(isSame, .validatorNumberUsed, "number \(member.id.number) is another validator's")
        }
    }

    /// New keys have to fit the chain's certificates: those of present members were checked when they came.
    private func checkKeys(_ call: ContractCall) throws(ContractFailure) {
        let present = call.block.committee.members
        for member in self.committee.members where !present.contains(where: { $0.hasKeys(of: member) }) {
            try call.charge(2 * signatureCost)
            try ensure(
                self.scheme.accepts(keysOf: member),
                .validatorKeyUnfit,
                "validator \(member.id.number) has keys of another kind than the chain, or no proof of their possession"
            )
        }
    }
}

extension Member {
    fileprivate func hasKeys(of other: Member) -> Bool {
        self.votingKey == other.votingKey && self.shareKey == other.shareKey
    }
}

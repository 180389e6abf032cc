package import Consensus
package import Contracts
package import Ledger

/// What both channels keep and the access channel decides: committees, and the values under some keys.
package struct SharedFacts: Sendable {
    /// A committee change of the access channel, ascending.
    package var handovers: [Handover]
    /// The epoch of the index channel's committee.
    package var indexEpoch: CommitteeEpoch
    /// The values of the keys, in their order.
    package var values: [Pair]

    /// One key's value on both channels; nil where there is none.
    package struct Pair: Hashable, Sendable {
        package let key: [UInt8]
        package let access: [UInt8]?
        package let index: [UInt8]?

        package init(key: [UInt8], access: [UInt8]?, index: [UInt8]?) {
            self.key = key
            self.access = access
            self.index = index
        }
    }

    package init(handovers: [Handover], indexEpoch: CommitteeEpoch, values: [Pair]) {
        self.handovers = handovers
        self.indexEpoch = indexEpoch
        self.values = values
    }

    /// What the index channel has to be told, in this order: proofs of later epochs need their committees first.
    package var missing: [SharedFact] {
        let committees = self.handovers.filter { $0.next.epoch > self.indexEpoch }
        return committees.map(SharedFact.committee)
            + self.values.filter { $0.access != $0.index }.map { .value(key: $0.key) }
    }

    /// Every key that both channels keep: issuers, parameters, names of validators, activations.
    ///
    /// - Parameters:
    ///   - genesis: lists the first validators.
    ///   - handovers: name those that came later.
    ///   - contracts: whose activation may be put off.
    /// - Returns: the keys, in an order that is always the same.
    package static func keys(
        genesis: Genesis,
        handovers: [Handover],
        contracts: ConsortiumContracts
    ) -> [[UInt8]] {
        let parameters = ChainParameter.allCases.map(\.rawValue) + ContractParameter.allCases.map(\.rawValue)
        let known = genesis.validators.map(\.id) + handovers.flatMap(\.next.members).map(\.id)
        var targets: [String] = []
        var last = ""
        for (contract, method, _) in contracts.methodNames {
            if contract != last { targets.append(contract) }
            targets.append("\(contract).\(method)")
            last = contract
        }
        return [StateKey.issuers] + parameters.map(StateKey.parameter)
            + Set(known).sorted().map(StateKey.validator)
            + targets.map { SystemKey.activation(Array($0.utf8)) }
    }
}

/// One thing that the index channel has to be told.
package enum SharedFact: Hashable, Sendable {
    case committee(Handover)
    case value(key: [UInt8])

    /// The call that tells of a committee; nil for a value.
    package var follow: FollowCommittee? {
        guard case .committee(let handover) = self else { return nil }
        return FollowCommittee(header: handover.header, certificate: handover.certificate, next: handover.next)
    }

    /// The call that tells of a proven value; nil for a key that the channels do not share.
    package static func call(bringing proof: ValueProof) -> (any MethodArguments)? {
        func isUnder(_ prefix: [UInt8]) -> Bool { proof.key.starts(with: prefix) }
        if proof.key == StateKey.issuers { return BringIssuers(proof: proof) }
        if isUnder(StateKey.parameter("")) { return BringParameter(proof: proof) }
        if isUnder(Array(StateKey.validator(ReplicaID(0)).dropLast(2))) { return BringValidator(proof: proof) }
        return isUnder(SystemKey.activation([])) ? BringActivation(proof: proof) : nil
    }
}

/// Where the facts of both channels are read: a validator of one's own, or others from afar.
package protocol SharedFactSource: Sendable {
    var genesis: Genesis { get }

    /// The changes of a channel's committee, ascending from the genesis on.
    func handovers(of channel: Channel) async throws -> [Handover]

    /// A value's proof after the last block; nil while there is no block.
    func value(of key: [UInt8], on channel: Channel) async throws -> ValueProof?
}

extension SharedFactSource {
    /// Reads what both channels hold now.
    ///
    /// - Throws: what reading throws.
    package func sharedFacts(_ contracts: ConsortiumContracts) async throws -> SharedFacts {
        let handovers = try await self.handovers(of: .access)
        let epoch = try await self.handovers(of: .index).last?.next.epoch ?? 0
        var values: [SharedFacts.Pair] = []
        for key in SharedFacts.keys(genesis: self.genesis, handovers: handovers, contracts: contracts) {
            let access = try await self.value(key, .access, contracts)
            values.append(
                SharedFacts.Pair(key: key, access: access, index: try await self.value(key, .index, contracts))
            )
        }
        return SharedFacts(handovers: handovers, indexEpoch: epoch, values: values)
    }

    /// As the last block left it, or the genesis.
    private func value(_ key: [UInt8], _ channel: Channel, _ contracts: ConsortiumContracts) async throws -> [UInt8]? {
        if let proof = try await self.value(of: key, on: channel) { return proof.value }
        return contracts.genesisState(of: channel, self.genesis).first { $0.key == key }?.value
    }

    /// Makes the call that tells a fact; nil when there is nothing to tell after all.
    package func call(telling fact: SharedFact) async throws -> (any MethodArguments)? {
        switch fact {
        case .committee: return fact.follow
        case .value(let key):
            guard let proof = try await self.value(of: key, on: .access) else { return nil }
            return SharedFact.call(bringing: proof)
        }
    }
}

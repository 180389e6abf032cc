internal import CanonicalBytes
package import Consensus
package import Ledger

/// The native contracts of a consortium: a fixed table of deterministic methods.
///
/// What each of them takes, does and refuses is specified in `docs/spec/contracts.md`.
package struct ConsortiumContracts: ContractLogic {
    private let methods: [Method]
    private let zeroKnowledge: ZeroKnowledgeContract

    /// - Parameters:
    ///   - scheme: checks the certificates and votes that proofs and evidence carry.
    ///   - proofs: what is remembered of zero-knowledge proofs.
    ///   - attested: judges chains of the rule attested; nil: none of them can be registered.
    package init(
        scheme: any SignatureScheme,
        proofs: ProofCache = ProofCache(),
        attested: (any AttestedSource)? = EVMSource()
    ) {
        self.zeroKnowledge = ZeroKnowledgeContract(proofs)
        let (hub, spokes) = ForeignChains.ofBothContracts()
        let governance = GovernanceTools(scheme: scheme, hub: hub, spokes: spokes, attested: attested)
        self.methods =
            SystemContract(scheme: scheme).methods + RegistryContract.methods + AccessContract.methods
            + self.zeroKnowledge.methods
            + GovernanceContract(governance).methods + IndexContract.methods
            + SharingContract(scheme: scheme).methods
            + EvidenceContract(scheme: scheme).methods
            + InterchainContract(chains: hub, scheme: scheme).methods
            + RelayContract(chains: spokes, attested: attested).methods
    }

    package func genesisState(of channel: Channel, _ genesis: Genesis) -> [StateChange] {
        GenesisState(genesis, channel).changes
    }

    package func execute(_ call: ContractCall) throws(ContractFailure) {
        let contract = Array(call.transaction.contract.utf8)
        let name = Array(call.transaction.method.utf8)
        guard let method = self.methods.first(where: { $0.name == name && $0.contract == contract }) else {
            let isContract = self.methods.contains { $0.contract == contract }
            throw .rejected(isContract ? .unknownMethod : .unknownContract, "nothing of this name")
        }
        let channel = call.block.channel
        try ensure(method.channels.contains(channel), .wrongChannel, "not a method of the channel \(channel.name)")
        try call.requireActive(contract, name)
        try method.carryOut(call)
    }

    package func prepare(_ transactions: [VerifiedTransaction], for block: BlockContext, _ state: any StateReader) {
        self.zeroKnowledge.prepare(transactions, for: block, state)
    }

    /// Every contract and method, in the order of the specification.
    package var methodNames: [(contract: String, method: String, channels: [Channel])] {
        self.methods.map {
            (String(decoding: $0.contract, as: UTF8.self), String(decoding: $0.name, as: UTF8.self), $0.channels)
        }
    }
}

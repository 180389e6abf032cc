internal import CanonicalBytes
internal import Certificates
internal import FiniteFields
internal import Ledger
internal import PolicyProofs

/// A request that is in order but for its proof, which is not verified yet.
struct RequestCheck {
    /// The name that the request is filed under.
    let name: String
    let binding: PolicyBinding
    let proof: StatedProof

    /// Checks everything but the proof; the public inputs are the chain's own.
    init(_ arguments: ProveAccess, _ call: ContractCall) throws(ContractFailure) {
        self.name = try AccessContract.requesterName(call)
        let circuit = try CircuitRules.circuit(arguments.circuit, call)
        self.binding = try Self.binding(arguments, call)
        try Self.checkRoot(arguments.root, call)
        let context = try Self.context(arguments, call)
        let isNew = try call.value(of: ZeroKnowledgeKey.nym(arguments.nym)) == nil
        try ensure(isNew, .nymUsed, "the nym of this slot was used")
        try AccessContract.requireNew(arguments.access, call)
        try ensure(arguments.access.expires > call.block.time, .requestExpired, "the request is over")
        try call.requireSoon(arguments.access.expires, within: .requestSecondsMax, .accessTimeOutOfRange)
        let nonce = try Self.nonce(arguments, call)
        self.proof = StatedProof(
            circuit: arguments.circuit,
            registration: circuit.registration,
            inputs: [arguments.root, self.binding.publicInput, nonce.bytes, context.bytes, arguments.nym],
            proof: arguments.proof
        )
    }

    private static func binding(
        _ arguments: ProveAccess,
        _ call: ContractCall
    ) throws(ContractFailure) -> PolicyBinding {
        let asked = arguments.access
        let binding = try PolicyRules.binding(of: asked.scope, asked.organization, call)
        try ensure(binding.policy == asked.policy, .anotherPolicy, "the scope has another policy")
        try ensure(binding.circuit == arguments.circuit, .anotherCircuit, "the policy is proven with another circuit")
        return binding
    }

    private static func checkRoot(_ root: [UInt8], _ call: ContractCall) throws(ContractFailure) {
        let roots = try call.record(RecentRoots.self, at: ZeroKnowledgeKey.roots) ?? RecentRoots()
        let objection = roots.objection(
            to: root,
            at: call.block.time,
            age: try call.parameter(.rootSecondsMax) * 1_000,
            revokedAge: try call.parameter(.revokedRootSeconds) * 1_000
        )
        if let objection { throw .rejected(objection, "not a root that proofs may be made with now") }
    }

    private static func context(_ arguments: ProveAccess, _ call: ContractCall) throws(ContractFailure) -> Fr {
        let epoch = try call.scopeEpoch(at: call.block.time / 1_000)
        try ensure(arguments.epoch == epoch, .notTheEpoch, "the epoch is \(epoch)")
        let limit = UInt32(truncatingIfNeeded: try call.parameter(.slotsPerEpoch))
        do throws(ProtocolFailure) {
            return try RequestScalars.context(
                chain: call.block.chain,
                epoch: epoch,
                slot: arguments.slot,
                limit: limit
            )
        } catch { throw .rejected(.slotBeyondLimit, error.description) }
    }

    private static func nonce(_ arguments: ProveAccess, _ call: ContractCall) throws(ContractFailure) -> Fr {
        let signer = try call.signer()
        try ensure(arguments.requester == signer, .anotherRequester, "the proof was made for another requester")
        do throws(ProtocolFailure) {
            let nonce = try RequestScalars.nonce(
                chain: call.block.chain,
                requestID: arguments.access.request,
                certificateDigest: signer,
                target: arguments.access.scope
            )
            try require(nonce.bytes == arguments.nonce, .context, "the proof was made for another request")
            return nonce
        } catch { throw .rejected(.anotherRequest, error.description) }
    }
}

internal import CanonicalBytes
internal import Groth16
internal import Ledger

/// `zk`: whoever proves the policy of a scope may have its data, and nobody learns who it is.
struct ZeroKnowledgeContract: Sendable {
    private let cache: ProofCache

    init(_ cache: ProofCache) { self.cache = cache }

    var methods: [Method] { PolicyRules.methods + CredentialRules.methods + [Method(self.request)] }

    @Sendable private func request(_ arguments: ProveAccess, _ call: ContractCall) throws(ContractFailure) {
        let check = try RequestCheck(arguments, call)
        try call.charge(try call.parameter(.proofCost))
        do throws(ProtocolFailure) { try self.cache.verify(check.proof) } catch {
            throw .rejected(Self.code(of: error), error.description)
        }
        let asked = arguments.access
        let decision = try self.decision(by: check.binding, call)
        var objection: RejectionCode?
        if let decision { objection = try AccessContract.objection(to: asked, decision, call) }
        if let objection, objection.isForbidding { throw .rejected(objection, "a consent stands in the way") }
        try call.set(ZeroKnowledgeKey.nym(arguments.nym), to: asked.request)
        let proven = ProvenRequest(arguments, time: call.block.time)
        try call.store(proven, at: ZeroKnowledgeKey.proven(asked.request))
        let request = try AccessContract.open(asked, name: check.name, call)
        try call.emit("zk.proven", asked.request + asked.policy + arguments.nym)
        // Whoever has to be asked about this very request cannot have been asked before it was known.
        guard let decision, objection == nil else { return }
        try AccessContract.permit(request, decision, call)
    }

    /// The decision that a proof brings at once, in the name of the policy's author; nil when an owner decides.
    private func decision(
        by binding: PolicyBinding,
        _ call: ContractCall
    ) throws(ContractFailure) -> Permission.Decision? {
        guard binding.permissionSeconds > 0 else { return nil }
        let seconds = min(binding.permissionSeconds, try call.parameter(.permissionSecondsMax))
        let validUntil = call.block.time + seconds * 1_000
        return Permission.Decision(decider: binding.author, validUntil: validUntil, kind: .proven)
    }

    private static func code(of failure: ProtocolFailure) -> RejectionCode {
        switch failure.code {
        case .format: .proofFormat
        case .point: .proofPoint
        case .subgroup: .proofSubgroup
        case .identity: .proofIdentity
        default: .proofWrong
        }
    }

    // MARK: - Before a block

    /// Verifies the proofs of a block's requests together; those that are refused without are left out.
    func prepare(_ transactions: [VerifiedTransaction], for block: BlockContext, _ state: any StateReader) {
        let requests = transactions.filter { $0.transaction.calls(ProveAccess.self) }
        guard requests.count > 1 else { return }
        let session = StateSession(over: state)
        let limit = (try? self.proofsMax(block, requests[0], session)) ?? 0
        var proofs: [StatedProof] = []
        for request in requests where proofs.count < limit {
            let call = ContractCall(block: block, verified: request, state: session, costMax: .max)
            guard let arguments = try? ProveAccess(bytes: call.arguments),
                let check = try? RequestCheck(arguments, call)
            else { continue }
            proofs.append(check.proof)
        }
        self.cache.verifyTogether(proofs)
    }

    /// Proofs that one block has room for.
    private func proofsMax(
        _ block: BlockContext,
        _ any: VerifiedTransaction,
        _ state: StateSession
    ) throws -> Int {
        let call = ContractCall(block: block, verified: any, state: state, costMax: .max)
        let cost = try call.parameter(.proofCost)
        return Int(clamping: try state.parameter(.blockCostMax) / cost + 1)
    }
}

extension Transaction {
    fileprivate func calls(_ method: any MethodArguments.Type) -> Bool {
        self.contract.isSame(as: method.contract) && self.method.isSame(as: method.method)
    }
}

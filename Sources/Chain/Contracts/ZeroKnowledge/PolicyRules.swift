internal import AccessPolicies
internal import CanonicalBytes
internal import Certificates
internal import FiniteFields
internal import Ledger
internal import PolicyProofs

/// Policies of the contract of zero-knowledge proofs.
enum PolicyRules {
    static var methods: [Method] { [Method(self.set), Method(self.withdraw)] }

    @Sendable private static func set(_ arguments: SetPolicy, _ call: ContractCall) throws(ContractFailure) {
        let author = try call.party(in: .dataOwners)
        let circuit = try CircuitRules.circuit(arguments.circuit, call)
        let policy = try self.policy(arguments.text, call)
        let input = try self.publicInput(of: policy, for: circuit.registration.kind)
        let longest = try call.parameter(.permissionSecondsMax)
        try ensure(arguments.permissionSeconds <= longest, .permissionTooLong, "more than \(longest) seconds")
        let binding = PolicyBinding(
            policy: policy.digest,
            circuit: arguments.circuit,
            publicInput: input.bytes,
            permissionSeconds: arguments.permissionSeconds,
            author: author,
            time: call.block.time
        )
        try call.set(ZeroKnowledgeKey.policy(policy.digest), to: Array(policy.text.utf8))
        try call.store(binding, at: ZeroKnowledgeKey.binding(of: arguments.scope, author.organization))
        try call.emit("zk.policy", arguments.scope + policy.digest + Array(author.organization.utf8))
    }

    private static func policy(_ text: String, _ call: ContractCall) throws(ContractFailure) -> AccessPolicy {
        // Reading takes time in proportion to the length; the table of a policy takes eighteen permutations.
        try call.charge(UInt64(text.utf8.count) * 4 + 20 * CredentialRules.hashCost)
        do throws(ProtocolFailure) { return try AccessPolicy(canonical: text) } catch {
            throw .rejected(.badPolicy, error.description)
        }
    }

    /// How the circuit names the policy.
    private static func publicInput(of policy: AccessPolicy, for kind: CircuitKind) throws(ContractFailure) -> Fr {
        switch kind {
        case .policy(let digest):
            try ensure(digest == policy.digest, .circuitOfAnotherPolicy, "the circuit is of another policy")
            return policy.publicInput
        case .universal:
            do throws(ProtocolFailure) { return try PolicyTable(policy).commitment } catch {
                throw .rejected(.policyTooLarge, error.description)
            }
        }
    }

    @Sendable private static func withdraw(_ arguments: WithdrawPolicy, _ call: ContractCall) throws(ContractFailure) {
        let organization = try call.party(in: .dataOwners).organization
        let key = ZeroKnowledgeKey.binding(of: arguments.scope, organization)
        try ensure(try call.value(of: key) != nil, .noPolicy, "the scope has no policy of its own")
        try call.set(key, to: nil)
        try call.emit("zk.policy-withdrawn", arguments.scope + Array(organization.utf8))
    }

    /// The policy that requests for an organization's scope have to prove.
    ///
    /// - Throws: `no-policy`.
    static func binding(
        of scope: [UInt8],
        _ organization: String,
        _ call: ContractCall
    ) throws(ContractFailure) -> PolicyBinding {
        for scope in [scope, SetPolicy.everyScope] {
            let key = ZeroKnowledgeKey.binding(of: scope, organization)
            if let binding = try call.record(PolicyBinding.self, at: key) { return binding }
        }
        throw .rejected(.noPolicy, "nobody of \(organization) has stated a policy for this scope")
    }
}

internal import AccessPolicies
internal import CanonicalBytes
internal import ChainReading
package import Contracts
internal import FiniteFields
internal import Ledger
internal import PolicyProofs
package import ProofFiles

/// Makes the proof of a request.
package protocol ProofSource: Sendable {
    /// - Parameters:
    ///   - access: what is asked for.
    ///   - binding: what the scope's requests have to prove.
    ///   - requester: digest of the certificate that the request is signed under.
    ///   - slotsTaken: slots of this epoch that other requests of the same share use.
    /// - Returns: the request with its proof.
    /// - Throws: ``ShareTrouble``.
    func proof(
        for access: RequestAccess,
        _ binding: PolicyBinding,
        requester: [UInt8],
        slotsTaken: Set<UInt32>
    ) async throws -> ProveAccess
}

/// Proves with a credential and the keys of ceremonies, reading the rest from the chain.
package struct CredentialProver: ProofSource {
    private let credential: CredentialFile
    private let keys: ProvingKeyFolder
    private let chain: any RequesterChain
    /// Milliseconds since 1970.
    private let clock: @Sendable () -> UInt64

    /// - Parameters:
    ///   - credential: complete.
    ///   - keys: the folder of proving keys.
    ///   - chain: has the tree of credentials.
    ///   - clock: milliseconds since 1970.
    package init(
        _ credential: CredentialFile,
        keys: ProvingKeyFolder,
        chain: any RequesterChain,
        clock: @escaping @Sendable () -> UInt64
    ) {
        self.credential = credential
        self.keys = keys
        self.chain = chain
        self.clock = clock
    }

    package func proof(
        for access: RequestAccess,
        _ binding: PolicyBinding,
        requester: [UInt8],
        slotsTaken: Set<UInt32>
    ) async throws -> ProveAccess {
        guard let issue = self.credential.issue else {
            throw ShareTrouble(
                .request,
                isWaiting: true,
                "the credential waits for its issuer; `wardline credential complete` or `request` adds it"
            )
        }
        async let path = CredentialPathReader(chain: self.chain, leaf: issue.credential.leaf, index: issue.index).read()
        async let prepared = self.prepared(binding)
        async let limits = self.limits()
        let (epochSeconds, limit) = try await limits
        let epoch = self.clock() / 1_000 / epochSeconds
        let statement = try await self.statement(
            access,
            requester,
            issue,
            Slots(epoch: epoch, limit: limit, taken: slotsTaken),
            root: path.root.bytes
        )
        let claim = PolicyProver.Claim(
            statement: statement,
            policy: try await prepared.policy,
            issue: issue,
            path: try await path
        )
        let file: ProofFile
        let prover = try await prepared.prover
        do { file = try prover.prove(claim) } catch {
            throw ShareTrouble(.request, isWaiting: false, code: "not-provable", "no proof can be made: \(error)")
        }
        return ProveAccess(
            access: access,
            circuit: binding.circuit,
            root: statement.root,
            epoch: epoch,
            slot: statement.slot,
            nym: file.statement.nym.bytes,
            requester: requester,
            nonce: file.statement.nonce.bytes,
            proof: file.proof
        )
    }

    private struct Prepared: Sendable {
        let policy: WrittenPolicy
        let prover: PolicyProver
    }

    /// Policy and proving key, read while others are asked for the rest of the statement.
    private func prepared(_ binding: PolicyBinding) async throws -> Prepared {
        async let policy = self.policy(binding)
        async let circuit = self.circuit(binding.circuit)
        let written = try await policy
        let prover = try await self.keys.prover(of: circuit, policy: written.policy)
        return Prepared(policy: written, prover: prover)
    }

    private struct Slots {
        let epoch: UInt64
        let limit: UInt64
        let taken: Set<UInt32>
    }

    /// The statement for a slot of the epoch that nobody used, from a random one on: requests with one credential that are
    /// made at the same time hardly ever take the same.
    private func statement(
        _ access: RequestAccess,
        _ requester: [UInt8],
        _ issue: CredentialFile.Issue,
        _ slots: Slots,
        root: [UInt8]
    ) async throws -> StatementFile {
        for slot in SlotOrder.slots(slots.limit) where !slots.taken.contains(slot) {
            let statement = try StatementFile(
                JSONValue.object([
                    ("version", .integer(1)),
                    ("chain", .text(self.chain.identifier.hex)),
                    ("request", .text(access.request.hex)),
                    ("certificate", .text(requester.hex)),
                    ("scope", .text(access.scope.hex)),
                    ("epoch", .integer(slots.epoch)),
                    ("slot", .integer(UInt64(slot))),
                    ("limit", .integer(slots.limit)),
                    ("root", .text(root.hex)),
                ]).bytes
            )
            let nym = try issue.credential.nym(in: statement.context())
            let used = try await self.chain.fact(of: ZeroKnowledgeKey.nym(nym.bytes), on: .access)
            if used.value == nil { return statement }
        }
        throw ShareTrouble(
            .request,
            isWaiting: true,
            code: "slot-beyond-limit",
            "all \(slots.limit) requests of this epoch are used"
        )
    }

    private func policy(_ binding: PolicyBinding) async throws -> WrittenPolicy {
        let fact = try await self.chain.fact(of: ZeroKnowledgeKey.policy(binding.policy), on: .access)
        guard let bytes = fact.value, let policy = try? WrittenPolicy(String(decoding: bytes, as: UTF8.self)) else {
            throw ShareTrouble(.request, isWaiting: false, code: "no-policy", "the chain holds no text of the policy")
        }
        return policy
    }

    private func circuit(_ id: [UInt8]) async throws -> CircuitRegistration {
        let fact = try await self.chain.fact(of: ZeroKnowledgeKey.circuit(id), on: .access)
        guard let bytes = fact.value, let circuit = try? RegisteredCircuit(bytes: bytes) else {
            throw ShareTrouble(.request, isWaiting: false, code: "no-such-circuit", "the policy's circuit is not known")
        }
        guard circuit.retired == 0 else {
            throw ShareTrouble(.request, isWaiting: false, code: "circuit-retired", "the policy's circuit was retired")
        }
        return circuit.registration
    }

    /// Seconds of an epoch, and requests in one.
    private func limits() async throws -> (UInt64, UInt64) {
        let (epochs, slots) = (ChainParameter.epochSeconds, ContractParameter.slotsPerEpoch)
        async let seconds = self.parameter(epochs.rawValue, epochs.defaultValue, epochs.range)
        async let limit = self.parameter(slots.rawValue, slots.defaultValue, slots.range)
        return try await (seconds, limit)
    }

    /// A parameter's value as contracts take it.
    private func parameter(_ name: String, _ initial: UInt64, _ range: ClosedRange<UInt64>) async throws -> UInt64 {
        guard let bytes = try await self.chain.fact(of: StateKey.parameter(name), on: .access).value else {
            return initial
        }
        var reader = CanonicalReader(bytes)
        return min(max(try reader.u64(), range.lowerBound), range.upperBound)
    }
}

/// The order in which the slots of an epoch are tried.
enum SlotOrder {
    /// Every slot once, from a random one on.
    static func slots(_ limit: UInt64) -> [UInt32] {
        let count = UInt32(clamping: limit)
        guard count > 0 else { return [] }
        let first = UInt32.random(in: 0..<count)
        return Array(first..<count) + Array(0..<first)
    }
}

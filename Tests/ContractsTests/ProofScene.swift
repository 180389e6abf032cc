import AccessPolicies
import CanonicalBytes
import Certificates
import ConstraintSystems
import FiniteFields
import Groth16
import Ledger
import PolicyProofs
import Testing

@testable import Contracts

/// A circuit with its keys.
struct TestCircuit: Sendable {
    let circuit: Circuit
    let prover: Prover

    /// Makes the keys from a trapdoor that everybody knows.
    init(_ circuit: Circuit, seed: UInt64) throws {
        self.circuit = circuit
        let values = (1...5).map { Fr(seed * 1_000_003 + $0).squared().squared().squared() }
        let trapdoor = try Trapdoor(
            tau: values[0],
            alpha: values[1],
            beta: values[2],
            gamma: values[3],
            delta: values[4]
        )
        self.prover = try Prover(ProvingKey(circuit.system, trapdoor), circuit.system)
    }

    /// As many public inputs as the contract wants, which may have any value: for what the contract itself checks.
    static let open = Result { try TestCircuit(Self.squares(of: 5), seed: 1) }
    /// The same circuit under another key.
    static let otherKey = Result { try TestCircuit(Self.squares(of: 5), seed: 2) }
    static let fourInputs = Result { try TestCircuit(Self.squares(of: 4), seed: 3) }

    private static func squares(of count: Int) -> Circuit {
        var builder = CircuitBuilder()
        let inputs = (0..<count).map { _ in builder.publicInput() }
        for input in inputs { _ = builder.product(input, input) }
        return builder.circuit()
    }

    func registration(_ kind: CircuitKind) -> CircuitRegistration {
        CircuitRegistration(
            kind: kind,
            system: self.circuit.system.digest,
            ceremony: id(0xce),
            key: self.prover.key.verificationKey.bytes
        )
    }

    /// Proves a statement about the open circuit.
    func prove(_ inputs: [[UInt8]]) throws -> [UInt8] {
        try self.prover.prove(self.circuit.witness(inputs.map { try Fr($0) })).bytes
    }
}

/// A request in the making, with a proof of all that it says.
struct RequestDraft {
    var request: [UInt8]
    var scope: [UInt8]
    var policy: [UInt8]
    var organization: String
    var expires: UInt64
    var circuit: [UInt8]
    var root: [UInt8]
    var epoch: UInt64
    var slot: UInt32
    var nym: [UInt8]
    var requester: [UInt8]
    var nonce: [UInt8]
    var proof: [UInt8] = []

    var arguments: ProveAccess {
        ProveAccess(
            access: RequestAccess(
                request: self.request,
                scope: self.scope,
                policy: self.policy,
                organization: self.organization,
                purpose: "TREAT",
                nonce: id(9),
                expires: self.expires
            ),
            circuit: self.circuit,
            root: self.root,
            epoch: self.epoch,
            slot: self.slot,
            nym: self.nym,
            requester: self.requester,
            nonce: self.nonce,
            proof: self.proof
        )
    }

    func with(_ change: (inout RequestDraft) throws -> Void) rethrows -> RequestDraft {
        var changed = self
        try change(&changed)
        return changed
    }
}

/// A consortium with a registered circuit, a policy and credentials.
final class ProofScene {
    static let policyText = "(role:cardiologist and level >= 3)"

    let consortium: Consortium
    let policy: AccessPolicy
    let registration: CircuitRegistration
    private let circuit: TestCircuit

    init(
        circuit: TestCircuit? = nil,
        text: String = policyText,
        isUniversal: Bool = false,
        permissionSeconds: UInt64 = 3_600,
        parameters: [(name: String, value: UInt64)] = []
    ) throws {
        self.consortium = try Consortium(parameters: parameters)
        self.policy = try AccessPolicy(text)
        self.circuit = try circuit ?? TestCircuit.open.get()
        self.registration = self.circuit.registration(isUniversal ? .universal : .policy(self.policy.digest))
        try #require(try self.consortium.decide(.registerCircuit(self.registration)) == 0)
        try #require(try self.setPolicy(permissionSeconds: permissionSeconds) == 0)
    }

    var access: TestChannel { self.consortium.access }

    func setPolicy(
        scope: [UInt8] = id(7),
        circuit: [UInt8]? = nil,
        permissionSeconds: UInt64 = 3_600,
        text: String? = nil,
        by name: String = "north:steward:s1"
    ) throws -> UInt16 {
        let arguments = SetPolicy(
            scope: scope,
            circuit: circuit ?? self.registration.id,
            permissionSeconds: permissionSeconds,
            text: text ?? self.policy.text
        )
        return try self.consortium.call(arguments, by: name)
    }

    @discardableResult
    func add(_ leaves: [[UInt8]], by name: String = "north:attribute-authority:aa") throws -> UInt16 {
        try self.consortium.call(AddCredentials(leaves: leaves), by: name)
    }

    @discardableResult
    func revoke(_ leaves: [[UInt8]], by name: String = "north:attribute-authority:aa") throws -> UInt16 {
        try self.consortium.call(RevokeCredentials(reason: .attributes, leaves: leaves), by: name)
    }

    var roots: RecentRoots {
        get throws { try self.access.record(RecentRoots.self, at: ZeroKnowledgeKey.roots) ?? RecentRoots() }
    }

    var root: [UInt8] { get throws { try #require(try self.roots.entries.last).root } }

    var epoch: UInt64 { self.access.now / 1_000 / 604_800 }

    func binding(_ scope: [UInt8] = id(7)) throws -> PolicyBinding {
        try #require(
            try self.access.record(PolicyBinding.self, at: ZeroKnowledgeKey.binding(of: scope, "north"))
        )
    }

    /// A request without proof for the next block.
    func plainDraft(
        _ byte: UInt8,
        by signer: Signer,
        slot: UInt32 = 0,
        nym: Fr
    ) throws -> RequestDraft {
        RequestDraft(
            request: id(byte),
            scope: id(7),
            policy: self.policy.digest,
            organization: "north",
            expires: self.access.now + 1_000_000,
            circuit: self.registration.id,
            root: try self.root,
            epoch: self.epoch,
            slot: slot,
            nym: nym.bytes,
            requester: signer.certificate.digest,
            nonce: try self.nonce(id(byte), signer)
        )
    }

    func nonce(_ request: [UInt8], _ signer: Signer, scope: [UInt8] = id(7)) throws -> [UInt8] {
        try RequestScalars.nonce(
            chain: Consortium.chain,
            requestID: request,
            certificateDigest: signer.certificate.digest,
            target: scope
        ).bytes
    }

    static func context(_ epoch: UInt64, _ slot: UInt32) throws -> Fr {
        try RequestScalars.context(chain: Consortium.chain, epoch: epoch, slot: slot, limit: .max)
    }

    /// The public inputs of a request.
    func inputs(_ draft: RequestDraft) throws -> [[UInt8]] {
        let context = try Self.context(draft.epoch, draft.slot)
        return [draft.root, try self.binding().publicInput, draft.nonce, context.bytes, draft.nym]
    }

    /// A request with a proof in the open circuit.
    func draft(_ byte: UInt8, by signer: Signer, slot: UInt32 = 0, nym: UInt64 = 1_000) throws -> RequestDraft {
        let draft = try self.plainDraft(byte, by: signer, slot: slot, nym: Fr(nym))
        return try draft.with { $0.proof = try self.circuit.prove(self.inputs(draft)) }
    }

    /// The draft with a proof of what it now says.
    func proven(_ draft: RequestDraft) throws -> RequestDraft {
        try draft.with { $0.proof = try self.circuit.prove(self.inputs(draft)) }
    }

    func send(_ draft: RequestDraft, by signer: Signer) throws -> UInt16 {
        try self.consortium.call(draft.arguments, by: signer)
    }
}

/// The code of a refusal; 0 when there is none.
func number(_ code: RejectionCode?) -> UInt16 { code?.number ?? 0 }

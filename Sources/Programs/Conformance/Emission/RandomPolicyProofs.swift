internal import AccessPolicies
internal import CanonicalBytes
internal import ConstraintSystems
internal import FiniteFields
internal import Groth16
internal import PolicyProofs
internal import Transcripts

/// Random cases of set G: hashes, credentials and their trees, requests, circuits of random policies, and proofs.
enum RandomPolicyProofs {
    static func play(_ writer: inout CaseWriter) throws {
        _ = try writer.play("poseidon.params", [:])
        _ = try writer.play("poseidon.perm", ["state": self.elements(3)])
        _ = try writer.play(
            "poseidon.hash",
            ["domain": .integer(.random(in: 1...4)), "inputs": self.elements(.random(in: 1...19))]
        )
        try self.playCircuit(&writer)
        try self.playProof(&writer)
    }

    /// A credential, its place in a tree, a request, and the circuit of a policy that the credential satisfies.
    private static func playCircuit(_ writer: inout CaseWriter) throws {
        let (policy, attributes) = try self.policyAndAttributes()
        let credential: JSONObject = [
            "secret": self.element(), "salt": self.element(), "attrs": .strings(attributes),
        ]
        _ = try writer.play("zk.slots", credential.only("attrs"))
        let leaf = try writer.play("zk.leaf", credential)
        let before = self.elements(.random(in: 0...5))
        guard case .array(var leaves) = before, let own = leaf["leaf"] else { return }
        let index = UInt64(leaves.count)
        leaves.append(own)
        let tree = try writer.play(
            "zk.tree",
            ["leaves": .array(leaves), "index": .integer(index), "depth": .integer(UInt64(CredentialTree.depth))]
        )
        let limit = UInt64.random(in: 1...9)
        let scalars = try writer.play(
            "zk.request_scalars",
            [
                "chain": Chance.hex(upTo: 20), "request_id": Chance.hex(32), "pseudonym_cert_digest": Chance.hex(32),
                "target": Chance.hex(32), "epoch": .integer(Chance.integer()),
                "slot": .integer(.random(in: 0..<limit)), "limit": .integer(limit),
            ]
        )
        let nym = try writer.play("zk.nym", credential.only("secret").merging(scalars.only("ctx")))
        _ = try writer.play(
            "zk.circuit",
            credential.merging(tree).merging(scalars).merging(nym).merging(["policy": .string(policy)])
        )
    }

    /// A policy's canonical text, and attributes that satisfy it.
    private static func policyAndAttributes() throws -> (String, [String]) {
        while true {
            let policy = try AccessPolicy(RandomPolicies.text(depth: .random(in: 0...3)))
            let roles = "abcd".filter { _ in .random() }.map { "role:\($0)" }
            let attributes = ["level=\(Int.random(in: 0...70))"] + roles
            if policy.isSatisfied(by: try AttributeSet(attributes)) { return (policy.text, attributes) }
        }
    }

    /// A proof that somebody knows `x` with `x³ + x + 5 = y`, under keys of its own.
    private static func playProof(_ writer: inout CaseWriter) throws {
        var builder = CircuitBuilder()
        let y = builder.publicInput()
        let x = builder.input()
        let cube = builder.product(builder.product(x, x), x)
        builder.enforceEqual(cube + x + LinearCombination(constant: Fr(5)), y)
        let circuit = builder.circuit()
        let key = try ProvingKey(
            circuit.system,
            Trapdoor(
                tau: self.fieldElement(),
                alpha: self.fieldElement(),
                beta: self.fieldElement(),
                gamma: self.fieldElement(),
                delta: self.fieldElement()
            )
        )
        let secret = self.fieldElement()
        let result = secret.squared() * secret + secret + Fr(5)
        let proof = try Prover(key, circuit.system).prove(circuit.witness([result, secret]))
        _ = try writer.play(
            "groth16.verify",
            [
                "vk": .hex(key.verificationKey.bytes), "public": .array([.hex(result.bytes)]),
                "proof": .hex(proof.bytes),
            ]
        )
    }

    private static func fieldElement() -> Fr { Fr(reducing: SecureRandom.bytes(48)) }

    private static func element() -> JSONValue { .hex(self.fieldElement().bytes) }

    private static func elements(_ count: Int) -> JSONValue { .array((0..<count).map { _ in self.element() }) }
}

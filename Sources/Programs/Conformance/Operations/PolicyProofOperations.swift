internal import AccessPolicies
internal import CanonicalBytes
internal import ConstraintSystems
internal import FiniteFields
internal import Groth16
internal import PolicyProofs
internal import SecretSharing

/// Set G, proofs of policies (specification section 8).
enum PolicyProofOperations {
    static let all = Self.hashing + Self.credentials + Self.requests + Self.proofs

    private static let hashing: [Operation] = [
        Operation("poseidon.params") { _ in
            let parameters = PoseidonParameters.standard
            let constants = parameters.roundConstants.flatMap(\.elements)
            return [
                "round_constants_sha256": .hex(parameters.roundConstantsDigest),
                "rc_first": .hex(constants[0].bytes), "rc_last": .hex(constants[constants.count - 1].bytes),
                "mds": .array(parameters.matrix.map { Self.list($0.elements) }),
            ]
        },
        Operation("poseidon.perm") { input in
            let cells = try Self.elements(input, "state")
            guard cells.count == 3 else { throw MalformedInput("`state` has no three cells") }
            let permuted = Poseidon.permutation(PoseidonCells(cells[0], cells[1], cells[2]))
            return ["state": Self.list(permuted.elements)]
        },
        Operation("poseidon.hash") { input in
            guard let domain = PoseidonDomain(rawValue: try input.u64("domain")) else {
                throw MalformedInput("`domain` is none of the specification's")
            }
            return ["hash": .hex(try Poseidon.hash(domain, encoded: input.byteLists("inputs")).bytes)]
        },
    ]

    private static let credentials: [Operation] = [
        Operation("zk.slots") { input in
            let slots = try CredentialAttributes(input.texts("attrs")).slots
            return ["slots": .array(slots.map { Self.list([$0.id, $0.value]) })]
        },
        Operation("zk.leaf") { input in
            let credential = try Self.credential(input)
            return ["holder": .hex(credential.holder.bytes), "leaf": .hex(credential.leaf.bytes)]
        },
        Operation("zk.tree") { input in
            let leaves = try Self.elements(input, "leaves")
            let depth = try input.integer("depth", as: Int.self)
            let index = try input.integer("index", as: Int.self)
            guard (1...32).contains(depth), leaves.indices.contains(index) else {
                throw MalformedInput("no tree of such a depth, or no such leaf")
            }
            let tree = try CredentialTree(leaves: leaves, depth: depth)
            let path = try tree.path(of: index)
            return [
                "root": .hex(tree.root.bytes), "path": Self.list(path.siblings),
                "bits": .array(path.isRight.map { .integer($0 ? 1 : 0) }),
            ]
        },
    ]

    private static let requests: [Operation] = [
        Operation("zk.nym") { input in
            let secret = try SecretFr(bytes: input.bytes("secret"))
            let context = try Fr(input.bytes("ctx"))
            let nym = secret.withValue { Poseidon.hash(.nym, [$0, context]) }
            return ["nym": .hex(nym.bytes)]
        },
        Operation("zk.request_scalars") { input in
            let nonce = try RequestScalars.nonce(
                chain: input.bytes("chain"),
                requestID: input.bytes("request_id"),
                certificateDigest: input.bytes("pseudonym_cert_digest"),
                target: input.bytes("target")
            )
            let context = try RequestScalars.context(
                chain: input.bytes("chain"),
                epoch: input.u64("epoch"),
                slot: input.integer("slot", as: UInt32.self),
                limit: input.integer("limit", as: UInt32.self)
            )
            return ["nonce": .hex(nonce.bytes), "ctx": .hex(context.bytes)]
        },
    ]

    private static let proofs: [Operation] = [
        Operation("zk.circuit", circuit),
        Operation("groth16.verify") { input in
            let key = PreparedVerificationKey(try VerificationKey(input.bytes("vk")))
            try key.verify(input.bytes("proof"), inputs: input.byteLists("public"))
            return [:]
        },
    ]

    private static func circuit(_ input: CaseInput) throws -> JSONObject {
        let secret = try SecretFr(bytes: input.bytes("secret"))
        let salt = try SecretFr(bytes: input.bytes("salt"))
        let siblings = try self.elements(input, "path")
        let root = try Fr(input.bytes("root"))
        let nonce = try Fr(input.bytes("nonce"))
        let context = try Fr(input.bytes("ctx"))
        let nym = try Fr(input.bytes("nym"))
        let sides = try input.integers("bits", as: UInt8.self)
        guard sides.count == siblings.count, sides.allSatisfy({ $0 <= 1 }) else {
            throw MalformedInput("`bits` has no bit for each node of `path`")
        }
        let policy = try AccessPolicy(canonical: input.text("policy"))
        let attributes = try CredentialAttributes(input.texts("attrs"))
        let circuit = try PolicyCircuit(policy)
        let witness = try circuit.witness(
            PolicyStatement(root: root, policy: policy.publicInput, nonce: nonce, context: context, nym: nym),
            Credential(secret: secret, salt: salt, attributes: attributes),
            CredentialPath(siblings: siblings, isRight: sides.map { $0 == 1 })
        )
        let system = circuit.circuit.system
        return [
            "constraints": .integer(UInt64(system.constraints.count)),
            "policy_constraints": .integer(UInt64(circuit.policyConstraints)),
            "variables": .integer(UInt64(system.variables)), "r1cs_digest": .hex(system.digest),
            "public": self.list(Array(witness[1...system.publicInputs])),
        ]
    }

    private static func credential(_ input: CaseInput) throws -> Credential {
        Credential(
            secret: try SecretFr(bytes: input.bytes("secret")),
            salt: try SecretFr(bytes: input.bytes("salt")),
            attributes: try CredentialAttributes(input.texts("attrs"))
        )
    }

    private static func elements(_ input: CaseInput, _ name: String) throws -> [Fr] {
        try input.byteLists(name).map { try Fr($0) }
    }

    private static func list(_ elements: [Fr]) -> JSONValue { .array(elements.map { .hex($0.bytes) }) }
}

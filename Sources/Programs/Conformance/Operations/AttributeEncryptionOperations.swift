internal import AccessPolicies
internal import AttributeEncryption
internal import BLS12381
internal import CanonicalBytes
internal import SecretSharing

/// Sets E and I, encryption under policies (specification sections 7.4 to 7.6).
enum AttributeEncryptionOperations {
    static let all = Self.keys + Self.encapsulation

    private static let keys: [Operation] = [
        Operation("abe.setup") {
            let alpha = try SecretFr(bytes: $0.bytes("alpha"))
            let beta = try SecretFr(bytes: $0.bytes("beta"))
            let authority = AttributeAuthority(name: try $0.text("authority"), alpha: alpha, beta: beta)
            return [
                "pk": .hex(try authority.publicKey().bytes), "mk_g_alpha": .hex(try authority.secretAlphaPoint()),
            ]
        },
        Operation("abe.hash_attr") {
            let point = AttributeHash.point(try $0.text("attr"), authority: try $0.text("authority"))
            return ["point": .hex(try point.encoded())]
        },
        Operation("abe.keygen", issue),
        Operation("abe.sk_check") {
            let publicKey = try AttributePublicKey(bytes: $0.bytes("pk"))
            try AttributeKey(bytes: $0.bytes("sk")).check(under: publicKey)
            return [:]
        },
        Operation("abe.delegate") { input in
            let randomness = try Self.randomness(input)
            let publicKey = try AttributePublicKey(bytes: input.bytes("pk"))
            let key = try AttributeKey(bytes: input.bytes("sk"))
            let attributes = try AttributeSet(input.texts("attrs"))
            let delegated = try key.delegated(attributes, under: publicKey, randomness: randomness)
            return ["sk": .hex(try delegated.secretBytes())]
        },
    ]

    private static let encapsulation: [Operation] = [
        Operation("abe.encap", encapsulate),
        Operation("abe.decap") { input in
            let key = try Self.decryptor(input).decapsulate(input.bytes("ct"), associated: input.bytes("aad"))
            return ["key": .hex(key)]
        },
        Operation("abe.index_policy") {
            let policy = try IndexPolicy($0.text("policy"), scopeDigest: $0.bytes("scope_digest"))
            return ["attribute": .string(policy.permission), "policy": .string(policy.policy.text)]
        },
        Operation("abe.seal", seal),
        Operation("abe.open") { input in
            let plaintext = try Self.decryptor(input).open(input.bytes("blob"), associated: input.bytes("aad"))
            return ["pt": .hex(plaintext)]
        },
    ]

    private static func issue(_ input: CaseInput) throws -> JSONObject {
        let beta = try SecretFr(bytes: input.bytes("beta"))
        let randomness = try self.randomness(input)
        let attributes = try AttributeSet(input.texts("attrs"))
        let authority = try AttributeAuthority(
            name: input.text("authority"),
            alphaPoint: input.bytes("mk_g_alpha"),
            beta: beta
        )
        return ["sk": .hex(try authority.issue(attributes, randomness: randomness).secretBytes())]
    }

    private static func randomness(_ input: CaseInput) throws -> KeyRandomness {
        KeyRandomness(
            key: try SecretFr(bytes: input.bytes("r")),
            attributes: try input.byteLists("r_j").map { try SecretFr(bytes: $0) }
        )
    }

    private static func encapsulate(_ input: CaseInput) throws -> JSONObject {
        let publicKey = try AttributePublicKey(bytes: input.bytes("pk"))
        let (seed, policy) = try self.seedAndPolicy(input)
        let encapsulation = try publicKey.encapsulate(under: policy, associated: input.bytes("aad"), seed: seed)
        return ["ct": .hex(encapsulation.ciphertext), "key": .hex(encapsulation.key)]
    }

    private static func seal(_ input: CaseInput) throws -> JSONObject {
        let publicKey = try AttributePublicKey(bytes: input.bytes("pk"))
        let (seed, policy) = try self.seedAndPolicy(input)
        let blob = try publicKey.seal(
            input.bytes("pt"),
            under: policy,
            associated: input.bytes("aad"),
            seed: seed
        )
        return ["blob": .hex(blob)]
    }

    private static func seedAndPolicy(_ input: CaseInput) throws -> ([UInt8], AccessPolicy) {
        let seed = try input.bytes("m")
        try require(seed.count == 32, .format, "a seed has 32 bytes")
        return (seed, try AccessPolicy(canonical: input.text("policy")))
    }

    private static func decryptor(_ input: CaseInput) throws -> AttributeDecryptor {
        let publicKey = try AttributePublicKey(bytes: input.bytes("pk"))
        return AttributeDecryptor(try AttributeKey(bytes: input.bytes("sk")), publicKey: publicKey)
    }
}

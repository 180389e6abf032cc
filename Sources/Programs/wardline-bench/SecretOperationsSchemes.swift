import AccessPolicies
import AttributeEncryption
import BLS12381
import FiniteFields
import IdentityEncryption
import SecretSharing
import ThresholdSignatures
import Transcripts

extension SecretOperation {
    /// What the schemes over the pairing do with keys, shares and seeds.
    static func schemes(_ secrets: BLSSecrets) throws -> [SecretOperation] {
        try [self.sharing(secrets)] + self.identityKeys(secrets) + self.attributeKeys(secrets)
            + self.signatures(secrets)
    }

    private static func sharing(_ secrets: BLSSecrets) -> SecretOperation {
        let others = (1..<5).map { _ in secrets.scalar(.random) }
        return SecretOperation("share of a secret", repeats: 64) { kind in
            let polynomial = SharingPolynomial([secrets.scalar(kind)] + others)
            return { (1...64).reduce(0) { $0 ^ Self.word(polynomial.value(at: $1)) } }
        }
    }

    private static func identityKeys(_ secrets: BLSSecrets) throws -> [SecretOperation] {
        let identity = Array("identity".utf8)
        let parameters = try IdentityParameters(G2Point.generator(times: secrets.scalar(.random)).encoded())
        let cached = EncapsulationKey.cached(identity: identity, parameters: parameters)
        let ciphertext = try cached.encapsulate().ciphertext
        let base = G1Point.generator(times: secrets.scalar(.random))
        let previous = try G2Point.generator(times: secrets.scalar(.random)).encoded()
        let aux = SecureRandom.bytes(32)
        return [
            SecretOperation("IBE setup step") { kind in
                let secret = try SecretFr(secrets.scalar(kind))
                return {
                    UInt64(try SetupStep(secret, party: 1, previous: previous, context: [], aux: aux).product[95])
                }
            },
            SecretOperation("IBE encapsulate, cached") { kind in
                let seed = secrets.scalar(kind).bytes
                return { UInt64(try cached.encapsulate(seed: seed).key[0]) }
            },
            // A foreign key fails at the last check, in every class alike.
            SecretOperation("IBE decapsulate") { kind in
                let point = try (secrets.scalar(kind) * base).encoded()
                let key = try IdentityKey(stored: point, identity: identity, parameters: parameters)
                return { (try? key.decapsulate(ciphertext)) == nil ? 0 : 1 }
            },
        ]
    }

    private static func attributeKeys(_ secrets: BLSSecrets) throws -> [SecretOperation] {
        let authority = AttributeAuthority(name: "authority")
        let publicKey = try authority.publicKey()
        let attributes = try AttributeSet(["role:nurse"])
        let policy = try AccessPolicy("role:nurse")
        return [
            SecretOperation("ABE issue") { kind in
                let randomness = KeyRandomness(
                    key: try SecretFr(secrets.scalar(kind)),
                    attributes: [try SecretFr(secrets.scalar(kind))]
                )
                return { Self.word(try authority.issue(attributes, randomness: randomness).d) }
            },
            SecretOperation("ABE encapsulate") { kind in
                let seed = secrets.scalar(kind).bytes
                return { UInt64(try publicKey.encapsulate(under: policy, associated: [], seed: seed).key[0]) }
            },
        ]
    }

    private static func signatures(_ secrets: BLSSecrets) -> [SecretOperation] {
        let message = Array("message".utf8)
        return [
            SecretOperation("BLS sign") { kind in
                let key = try BLSKeyPair(secret: SecretFr(secrets.scalar(kind)))
                return { UInt64(try key.sign(message).encoded[95]) }
            }
        ]
    }
}

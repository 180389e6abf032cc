package import AccessPolicies
internal import BLS12381
package import CanonicalBytes
internal import FiniteFields
internal import Transcripts

/// A key encapsulated under a policy, "WLX1" (specification section 7.5).
package struct AttributeEncapsulation: Sendable {
    static let seedLength = 32

    /// The canonical encoding.
    package let ciphertext: [UInt8]
    /// The encapsulated key, 32 bytes; the caller wipes it.
    package let key: [UInt8]
}

extension AttributePublicKey {
    /// Encapsulates a new key for all who satisfy a policy.
    ///
    /// - Parameters:
    ///   - policy: who may open it.
    ///   - associated: what the ciphertext is bound to.
    ///   - seed: 32 random bytes, which serve once.
    /// - Returns: the ciphertext and the key.
    /// - Throws: `FORMAT` for a seed of another length.
    package func encapsulate(
        under policy: AccessPolicy,
        associated: [UInt8],
        seed: [UInt8] = SecureRandom.bytes(32)
    ) throws(ProtocolFailure) -> AttributeEncapsulation {
        try require(seed.count == AttributeEncapsulation.seedLength, .format, "a seed has 32 bytes")
        let sealed = try SealedSeed(seed, policy: policy, associated: associated, publicKey: self) {
            AttributeHash.point($0, authority: self.authority)
        }
        let ciphertext = sealed.head + sealed.masked(seed, associated: associated)
        let key = SealedSeed.key(seed, ciphertext: ciphertext, associated: associated)
        return AttributeEncapsulation(ciphertext: ciphertext, key: key)
    }
}

/// What a seed determines: the head of its ciphertext and the element of GT that masks it.
struct SealedSeed {
    let head: [UInt8]
    /// `A^s`.
    let shared: GT

    // `attributePoint` gives `H(j)` of an attribute.
    init(
        _ seed: [UInt8],
        policy: AccessPolicy,
        associated: [UInt8],
        publicKey: AttributePublicKey,
        attributePoint: (String) -> G1Point
    ) throws(ProtocolFailure) {
        let tree = try SecretTree(
            policy.tree,
            coins: Coins(
                seed: seed,
                publicKeyDigest: publicKey.digest,
                policy: Array(policy.text.utf8),
                associated: associated
            )
        )
        let attributes = policy.tree.leaves
        var writer = CanonicalWriter(capacity: 256 + policy.text.utf8.count + attributes.count * 144)
        writer.magic("WLX1")
        writer.lengthPrefixed(publicKey.authority)
        writer.raw(publicKey.digest)
        writer.lengthPrefixed(policy.text)
        writer.raw(try (tree.secret * publicKey.h).encoded())
        writer.u16(UInt16(attributes.count))
        for (attribute, value) in zip(attributes, tree.leaves) {
            writer.raw(try G2Point.generator(times: value).encoded())
            writer.raw(try (value * attributePoint(attribute)).encoded())
        }
        self.head = writer.bytes
        self.shared = publicKey.powers.power(tree.secret)
    }

    /// The seed masked, or unmasked.
    func masked(_ seed: [UInt8], associated: [UInt8]) -> [UInt8] {
        Self.mask(seed, shared: self.shared, head: self.head, associated: associated)
    }

    static func mask(_ seed: [UInt8], shared: GT, head: [UInt8], associated: [UInt8]) -> [UInt8] {
        var secret = shared.bytes
        defer { secret.wipe() }
        let context = transcript(head, associated)
        var mask = KeyDerivation.hkdf("ABE-MASK", secret: secret, info: context, length: seed.count)
        defer { mask.wipe() }
        return zip(seed, mask).map { $0 ^ $1 }
    }

    static func key(_ seed: [UInt8], ciphertext: [UInt8], associated: [UInt8]) -> [UInt8] {
        KeyDerivation.hkdf("ABE-KEY", secret: seed, info: transcript(ciphertext, associated), length: 32)
    }
}

internal import AccessPolicies
internal import BLS12381
package import CanonicalBytes
package import IndexPages
internal import Transcripts

/// Index keys sealed for those who satisfy a scope's data policy and have a permission for the scope (specification
/// section 7.6).
package enum IndexKeySealing {
    /// Seals an index key under `(P and perm_attr)`, bound to the scope.
    ///
    /// - Parameters:
    ///   - key: of one sender's pages.
    ///   - scopeDigest: 32 bytes.
    ///   - policy: the data policy in its canonical text.
    ///   - publicKey: of the attribute authority, proven by the chain.
    /// - Returns: the sealed bytes, which are public.
    /// - Throws: as ``IndexPolicy/init(_:scopeDigest:)``.
    package static func seal(
        _ key: IndexKey,
        scopeDigest: [UInt8],
        policy: String,
        under publicKey: AttributePublicKey
    ) throws(ProtocolFailure) -> [UInt8] {
        let sealed = try IndexPolicy(policy, scopeDigest: scopeDigest)
        var secret = key.secretBytes()
        defer { secret.wipe() }
        return try publicKey.seal(secret, under: sealed.policy, associated: scopeDigest)
    }

    /// Opens what ``seal(_:scopeDigest:policy:under:)`` made.
    ///
    /// Whoever hears of a failure must not learn from it what attributes the key has. Failures of the public bytes are
    /// told apart; from then on there is one failure, whether attributes or the permission are missing, the scope is
    /// another one, or the bytes were changed. A key that does not satisfy the policy does the work of one that does, in
    /// its place one made of known points, so that the time tells no more than the text.
    ///
    /// - Parameters:
    ///   - sealed: bytes of any origin.
    ///   - scopeDigest: 32 bytes.
    ///   - decryptor: of the requester's attribute key.
    /// - Returns: the index key.
    /// - Throws: `FORMAT`, `POINT`, `IDENTITY`, `SUBGROUP`, `POLICY` for bytes that are no sealed key; `CONTEXT` for
    ///   another authority or public key; `UNSATISFIED` for all else.
    package static func open(
        _ sealed: [UInt8],
        scopeDigest: [UInt8],
        with decryptor: AttributeDecryptor
    ) throws(ProtocolFailure) -> IndexKey {
        try require(scopeDigest.count == 32, .format, "a scope digest has 32 bytes")
        var reader = CanonicalReader(sealed)
        let ciphertext = try AttributeCiphertext(bytes: try reader.lengthPrefixed())
        let leaves = try ciphertext.policy().tree.leaves
        let isSatisfied =
            LeafSelection(try ciphertext.policy().tree, has: { decryptor.key.place(of: $0) != nil }) != nil
        let worker = isSatisfied ? decryptor : try self.decoy(of: leaves, for: decryptor)
        do throws(ProtocolFailure) {
            var secret = try worker.open(sealed, associated: scopeDigest)
            defer { secret.wipe() }
            return try IndexKey(secret)
        } catch {
            guard error.code != .context else { throw error }
            throw ProtocolFailure(.unsatisfied, "the index key does not open with this attribute key")
        }
    }

    /// A key that claims all attributes of a policy and fits no ciphertext.
    private static func decoy(
        of leaves: [String],
        for decryptor: AttributeDecryptor
    ) throws(ProtocolFailure) -> AttributeDecryptor {
        let names = Set(leaves.map { Array($0.utf8) }).sorted { $0.lexicographicallyPrecedes($1) }
        let components = names.map {
            AttributeKey.Component(
                attribute: String(decoding: $0, as: UTF8.self),
                d: G1Point.generator,
                dPrime: G2Point.generator
            )
        }
        let key = try AttributeKey(authority: decryptor.key.authority, d: .generator, components: components)
        return AttributeDecryptor(key, publicKey: decryptor.publicKey)
    }
}

internal import BLS12381
package import CanonicalBytes
internal import FiniteFields
package import SecretSharing
internal import Transcripts

/// `Q_ID`: identities as points of G1 (specification section 6).
package enum IdentityPoint {
    /// `HG1("IBE-H1", id)` in 48 bytes.
    ///
    /// - Throws: `IDENTITY`, which does not happen.
    package static func encoded(_ identity: [UInt8]) throws(ProtocolFailure) -> [UInt8] {
        try self.point(identity).encoded()
    }

    static func point(_ identity: [UInt8]) -> G1Point { G1Point.hash(tag: "IBE-H1", identity) }
}

/// What a requester asks the parties for: the key of an identity under a permission (specification section 6.2).
package struct KeyRequestTerms: Sendable {
    package let identity: [UInt8]
    /// The requester's certificate digest in lower-case hexadecimal digits, as the permission names it.
    package let requester: String
    /// The permission's identifier.
    package let permission: [UInt8]
    /// 32 bytes that every party accepts once.
    package let nonce: [UInt8]

    package init(identity: [UInt8], requester: String, permission: [UInt8], nonce: [UInt8]) {
        self.identity = identity
        self.requester = requester
        self.permission = permission
        self.nonce = nonce
    }

    var proofContext: [UInt8] {
        transcript(
            Array("IBE-REQ".utf8),
            self.identity,
            Array(self.requester.utf8),
            self.permission,
            self.nonce
        )
    }
}

/// A blinded request: `X = x·Q_ID` with a proof that it is of this identity.
///
/// Without the proof somebody entitled to one identity would ask for another's key.
package struct KeyRequest: Sendable {
    package let terms: KeyRequestTerms
    /// `E(X)`, 48 bytes.
    package let blinded: [UInt8]
    /// 64 bytes.
    package let proof: [UInt8]

    package init(terms: KeyRequestTerms, blinded: [UInt8], proof: [UInt8]) {
        self.terms = terms
        self.blinded = blinded
        self.proof = proof
    }

    /// Blinds a request.
    ///
    /// - Parameters:
    ///   - terms: what is asked for.
    ///   - blinding: x, random; ``IdentityKey`` needs it again.
    ///   - aux: 32 random bytes that hedge the proof's nonce.
    /// - Throws: nothing in practice.
    package init(
        _ terms: KeyRequestTerms,
        blinding: SecretFr,
        aux: [UInt8] = SecureRandom.bytes(32)
    ) throws(ProtocolFailure) {
        let point = IdentityPoint.point(terms.identity)
        let blinded = blinding.withValue { $0 * point }
        let statement = try ExponentProof(bases: [point], values: [blinded], context: terms.proofContext)
        self.init(
            terms: terms,
            blinded: try blinded.encoded(),
            proof: try statement.prove(blinding, aux: aux)
        )
    }

    /// Verifies that the blinded point is of the terms' identity.
    ///
    /// - Throws: `FORMAT`, `POINT`, `IDENTITY` or `SUBGROUP` for the point, as ``ExponentProof/verify(_:)``.
    package func verify() throws(ProtocolFailure) { _ = try self.verifiedPoint() }

    func verifiedPoint() throws(ProtocolFailure) -> G1Point {
        let blinded = try G1Point(self.blinded)
        let statement = try ExponentProof(
            bases: [IdentityPoint.point(self.terms.identity)],
            values: [blinded],
            context: self.terms.proofContext
        )
        try statement.verify(self.proof)
        return blinded
    }
}

package import BLS12381
package import CanonicalBytes
internal import FiniteFields

/// A public key `pk = sk·P1`: a point of G1 other than the identity, with its encoding.
package struct BLSPublicKey: Sendable, Hashable {
    package let point: G1Point
    /// `E(pk)`, 48 bytes.
    package let encoded: [UInt8]

    /// - Throws: `FORMAT`, `POINT`, `IDENTITY` or `SUBGROUP`.
    package init(_ encoded: [UInt8]) throws(ProtocolFailure) {
        self.point = try G1Point(encoded)
        self.encoded = encoded
    }

    /// - Throws: `IDENTITY`.
    package init(_ point: G1Point) throws(ProtocolFailure) {
        self.point = point
        self.encoded = try point.encoded()
    }

    /// The key under which an aggregate of signatures of one message verifies.
    ///
    /// Every key must have proved its possession, or a key made from the others' forges the aggregate.
    ///
    /// - Throws: `IDENTITY` when the keys add up to it, as no keys do.
    package init(aggregating keys: [BLSPublicKey]) throws(ProtocolFailure) {
        try self.init(keys.reduce(G1Point.identity) { $0 + $1.point })
    }

    /// Verifies a signature.
    ///
    /// - Throws: as decoding a signature does, `SIGNATURE`.
    package func verify(_ signature: [UInt8], of message: [UInt8]) throws(ProtocolFailure) {
        let signature = try BLSSignature(signature)
        let isValid = Self.fits(self.point, signature.point, SignatureSuite.hash(message))
        try require(isValid, .signature, "the signature does not fit")
    }

    /// Verifies an aggregate of signatures of one message, one of each key.
    ///
    /// Every key must have proved its possession, as for ``init(aggregating:)``.
    ///
    /// - Throws: `IDENTITY` when the keys add up to it, as no keys do; `SIGNATURE`.
    package static func verify(
        _ aggregate: BLSSignature,
        of message: HashedMessage,
        by keys: [BLSPublicKey]
    ) throws(ProtocolFailure) {
        let sum = keys.reduce(G1Point.identity) { $0 + $1.point }
        try require(!sum.isIdentity, .identity, "the keys add up to the identity")
        let isValid = self.fits(sum, aggregate.point, message.point)
        try require(isValid, .signature, "the signature does not fit")
    }

    /// Verifies a proof that the key's owner has its secret.
    ///
    /// - Throws: as decoding a signature does, `PROOF`.
    package func verifyPossession(_ proof: [UInt8]) throws(ProtocolFailure) {
        let proof = try BLSSignature(proof)
        let isValid = Self.fits(self.point, proof.point, SignatureSuite.hash(possessionOf: self.encoded))
        try require(isValid, .proof, "the proof of possession does not fit")
    }

    /// Whether `e(key, hash) = e(P1, signature)`.
    private static func fits(_ key: G1Point, _ signature: G2Point, _ hash: G2Point) -> Bool {
        Pairing.productIsOne([(key, hash), (-G1Point.generator, signature)])
    }

    package static func == (a: BLSPublicKey, b: BLSPublicKey) -> Bool { a.encoded == b.encoded }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.encoded) }
}

/// A signature `σ = sk·HG2(message)`, or a sum of such.
package struct BLSSignature: Sendable, Hashable {
    package let point: G2Point
    /// `E(σ)`, 96 bytes.
    package let encoded: [UInt8]

    /// - Throws: `FORMAT`, `POINT`, `IDENTITY` or `SUBGROUP`.
    package init(_ encoded: [UInt8]) throws(ProtocolFailure) {
        self.point = try G2Point(encoded)
        self.encoded = encoded
    }

    /// - Throws: `IDENTITY`.
    package init(_ point: G2Point) throws(ProtocolFailure) {
        self.point = point
        self.encoded = try point.encoded()
    }

    /// The sum of signatures, which verifies under the sum of their keys when all are of one message.
    ///
    /// - Throws: as decoding a signature does; `IDENTITY` when the signatures add up to it, as none do.
    package init(aggregating signatures: [[UInt8]]) throws(ProtocolFailure) {
        var decoded: [BLSSignature] = []
        for signature in signatures { decoded.append(try BLSSignature(signature)) }
        try self.init(adding: decoded)
    }

    /// The sum of signatures that are decoded already.
    ///
    /// - Throws: `IDENTITY` when the signatures add up to it, as none do.
    package init(adding signatures: [BLSSignature]) throws(ProtocolFailure) {
        try self.init(signatures.reduce(G2Point.identity) { $0 + $1.point })
    }

    package static func == (a: BLSSignature, b: BLSSignature) -> Bool { a.encoded == b.encoded }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.encoded) }
}

package import CanonicalBytes

/// An ECDSA signature over secp256k1 from which the signer's key can be computed (SEC 1 section 4.1.6).
///
/// Of the two signatures that one signer can make from one nonce only that with the lower `s` is one here (EIP-2), so
/// that nobody makes a second one out of a first.
package struct Secp256k1Signature: Hashable, Sendable {
    package static let byteCount = 65

    /// 32 bytes.
    package let r: [UInt8]
    /// 32 bytes, at most half of the group's order.
    package let s: [UInt8]
    /// Whether the nonce's point has an odd `y`: `yParity` of typed transactions, `v - 27` of ``bytes``.
    package let isOdd: Bool

    /// - Throws: `FORMAT` for another length than 32 bytes; `SCALAR` for a number out of range, and for an `s` in the
    ///   upper half.
    package init(r: [UInt8], s: [UInt8], isOdd: Bool) throws(ProtocolFailure) {
        try require(r.count == 32 && s.count == 32, .format, "a signature's numbers have 32 bytes")
        let isInRange = Secp256k1Curve.isScalar(r) && Secp256k1Curve.isScalar(s)
        try require(isInRange, .scalar, "a signature's number out of range")
        let isLow = !Secp256k1Curve.halfOrder.lexicographicallyPrecedes(s)
        try require(isLow, .scalar, "a signature with the upper s")
        self.r = r
        self.s = s
        self.isOdd = isOdd
    }

    /// Reads `r || s || v`, with `v` 27 or 28.
    ///
    /// - Throws: `FORMAT`; `SCALAR`.
    package init(_ bytes: [UInt8]) throws(ProtocolFailure) {
        try require(bytes.count == Self.byteCount, .format, "a signature has 65 bytes, not \(bytes.count)")
        try require(bytes[64] == 27 || bytes[64] == 28, .format, "a signature ends with 27 or 28")
        try self.init(r: Array(bytes[0..<32]), s: Array(bytes[32..<64]), isOdd: bytes[64] == 28)
    }

    /// `r || s || v`.
    package var bytes: [UInt8] { self.r + self.s + [self.isOdd ? 28 : 27] }

    /// The key that has signed.
    ///
    /// - Parameter digest: what was signed, 32 bytes.
    /// - Returns: the only key for which the signature is valid.
    /// - Throws: `FORMAT` for a digest of another length; `SIGNATURE` when nobody has signed.
    package func signer(of digest: [UInt8]) throws(ProtocolFailure) -> Secp256k1PublicKey {
        try require(digest.count == 32, .format, "a digest has 32 bytes")
        // r + n is below the field's prime for one r in 2^128 only; such a signature is not made and not taken.
        let nonce: PublicPoint
        do throws(ProtocolFailure) { nonce = try PublicPoint([self.isOdd ? 3 : 2] + self.r) } catch {
            throw ProtocolFailure(.signature, "no point belongs to r")
        }
        // Q = r⁻¹ (s·R - z·G)
        let inverse = PublicNumber(self.r)
        let order = PublicNumber(Secp256k1Curve.order)
        let z = PublicNumber(digest)
        let s = PublicNumber(self.s)
        guard let context = BigNumberContext() else { throw ProtocolFailure(.signature, "out of memory") }
        context.invert(inverse, modulo: order)
        let a = context.negatedProduct(z, inverse, modulo: order)
        let b = context.product(s, inverse, modulo: order)
        let key = PublicPoint(base: a, plus: b, times: nonce)
        try require(!key.isIdentity, .signature, "nobody's signature")
        return Secp256k1PublicKey(coordinates: key.coordinates)
    }

    /// Requires that a key has signed.
    ///
    /// - Throws: `FORMAT` for a digest of another length; `SIGNATURE`.
    package func verify(_ digest: [UInt8], by key: Secp256k1PublicKey) throws(ProtocolFailure) {
        try require(self.signer(of: digest) == key, .signature, "the signature is another's")
    }
}

/// A public key: a point of the curve other than the identity.
package struct Secp256k1PublicKey: Hashable, Sendable {
    /// `x || y`, 64 bytes.
    package let coordinates: [UInt8]

    init(coordinates: [UInt8]) { self.coordinates = coordinates }

    /// Reads the compressed (33 bytes) or the long form (65 bytes).
    ///
    /// - Throws: `FORMAT` or `POINT`.
    package init(encoded: [UInt8]) throws(ProtocolFailure) {
        self.coordinates = try PublicPoint(encoded).coordinates
    }

    /// The compressed form, 33 bytes.
    package var encoded: [UInt8] { [2 + (self.coordinates[63] & 1)] + self.coordinates.prefix(32) }
}

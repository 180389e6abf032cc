internal import COpenSSL
package import CanonicalBytes
internal import Transcripts

/// An integer modulo the order `n` of P-256.
///
/// Arithmetic takes the same time for all values. A scalar that is secret lives shortly and is wiped, or lives in a
/// ``P256KeyPair``.
package struct P256Scalar: Sendable, Hashable {
    /// Four 64-bit limbs, least significant first, below `n`.
    var limbs: Limbs

    typealias Limbs = (UInt64, UInt64, UInt64, UInt64)

    init(limbs: Limbs) { self.limbs = limbs }

    package static let zero = P256Scalar(0)
    package static let one = P256Scalar(1)

    package init(_ small: UInt64) { self.limbs = (small, 0, 0, 0) }

    /// Decodes 32 big-endian bytes (specification section 2.1).
    ///
    /// - Throws: `FORMAT` for another length, `SCALAR` for a value not below `n`, or zero unless allowed.
    package init(_ bytes: [UInt8], allowingZero: Bool = false) throws(ProtocolFailure) {
        try require(bytes.count == 32, .format, "a scalar has 32 bytes, not \(bytes.count)")
        let value = P256Scalar(limbs: Self.limbs(bytes[...]))
        try require(ScalarField.isReduced(value.limbs), .scalar, "a scalar not below the group order")
        try require(allowingZero || !value.isZero, .scalar, "a scalar that is zero")
        self = value
    }

    /// `hn(tag, f…)`: hashes to a scalar (specification section 1.3).
    ///
    /// - Throws: `SCALAR` when the hash is zero, which does not happen in practice.
    package static func hash(_ tag: String, _ fields: [UInt8]...) throws(ProtocolFailure) -> P256Scalar {
        try self.hash(tag, list: fields)
    }

    /// `hn` of a list of fields.
    ///
    /// - Throws: `SCALAR` when the hash is zero.
    package static func hash(_ tag: String, list fields: [[UInt8]]) throws(ProtocolFailure) -> P256Scalar {
        var material = TaggedHash.fieldMaterial(tag, fields)
        defer { material.wipe() }
        let high = P256Scalar(limbs: (Self.word(material[8..<16]), Self.word(material[0..<8]), 0, 0))
        let low = ScalarField.reduceOnce(Self.limbs(material[16...]))
        let value = P256Scalar(limbs: ScalarField.add(ScalarField.toMontgomery(high.limbs), low))
        try require(!value.isZero, .scalar, "the hash is zero")
        return value
    }

    /// A random scalar other than zero.
    package static func random() -> P256Scalar {
        while true {
            var bytes = SecureRandom.bytes(32)
            defer { bytes.wipe() }
            if let scalar = try? P256Scalar(bytes) { return scalar }
        }
    }

    package var isZero: Bool { self.limbs.0 | self.limbs.1 | self.limbs.2 | self.limbs.3 == 0 }

    /// 32 bytes, big-endian.
    package var bytes: [UInt8] {
        var words = (
            self.limbs.3.bigEndian, self.limbs.2.bigEndian, self.limbs.1.bigEndian, self.limbs.0.bigEndian
        )
        return withUnsafeMutableBytes(of: &words) { buffer in
            defer { OPENSSL_cleanse(buffer.baseAddress, buffer.count) }
            return Array(buffer)
        }
    }

    package static func + (a: P256Scalar, b: P256Scalar) -> P256Scalar {
        P256Scalar(limbs: ScalarField.add(a.limbs, b.limbs))
    }

    package static func - (a: P256Scalar, b: P256Scalar) -> P256Scalar {
        P256Scalar(limbs: ScalarField.subtract(a.limbs, b.limbs))
    }

    package static func * (a: P256Scalar, b: P256Scalar) -> P256Scalar {
        P256Scalar(limbs: ScalarField.montgomeryProduct(ScalarField.toMontgomery(a.limbs), b.limbs))
    }

    /// `self^-1 mod n`, by Fermat's little theorem; zero for zero.
    package var inverse: P256Scalar { P256Scalar(limbs: ScalarField.inverse(self.limbs)) }

    /// Overwrites the value.
    package mutating func wipe() {
        withUnsafeMutableBytes(of: &self.limbs) { OPENSSL_cleanse($0.baseAddress, $0.count) }
    }

    package static func == (a: P256Scalar, b: P256Scalar) -> Bool {
        let (x, y) = (a.limbs, b.limbs)
        return (x.0 ^ y.0) | (x.1 ^ y.1) | (x.2 ^ y.2) | (x.3 ^ y.3) == 0
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(self.limbs.0)
        hasher.combine(self.limbs.1)
        hasher.combine(self.limbs.2)
        hasher.combine(self.limbs.3)
    }

    private static func limbs(_ bytes: ArraySlice<UInt8>) -> Limbs {
        let start = bytes.startIndex
        return (
            self.word(bytes[start + 24..<start + 32]), self.word(bytes[start + 16..<start + 24]),
            self.word(bytes[start + 8..<start + 16]), self.word(bytes[start..<start + 8])
        )
    }

    private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.withUnsafeBytes { UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)) }
    }
}

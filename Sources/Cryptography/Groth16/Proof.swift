package import BLS12381
package import CanonicalBytes

/// A Groth16 proof: 192 bytes.
///
/// Anyone can turn a valid proof into another valid one of the same statement without the witness. So the bytes
/// identify nothing: whoever must recognize a repetition compares public inputs, never proofs.
package struct Proof: Sendable, Equatable {
    package let a: G1Point
    package let b: G2Point
    package let c: G1Point
    /// `A || B || C`, compressed.
    package let bytes: [UInt8]

    /// Bytes of a proof.
    package static let byteCount = 2 * G1Point.byteCount + G2Point.byteCount

    /// - Throws: `IDENTITY` for an element that is the identity.
    package init(a: G1Point, b: G2Point, c: G1Point) throws(ProtocolFailure) {
        (self.a, self.b, self.c) = (a, b, c)
        self.bytes = try a.encoded() + b.encoded() + c.encoded()
    }

    /// Decodes a proof; every point is checked to be in its subgroup and not the identity.
    ///
    /// - Throws: `FORMAT` for another length, then `POINT`, `IDENTITY` or `SUBGROUP`.
    package init(_ bytes: [UInt8]) throws(ProtocolFailure) {
        try require(bytes.count == Self.byteCount, .format, "a proof has 192 bytes, not \(bytes.count)")
        let endOfB = G1Point.byteCount + G2Point.byteCount
        self.a = try G1Point(Array(bytes[..<G1Point.byteCount]))
        self.b = try G2Point(Array(bytes[G1Point.byteCount..<endOfB]))
        self.c = try G1Point(Array(bytes[endOfB...]))
        self.bytes = bytes
    }

    package static func == (a: Proof, b: Proof) -> Bool { a.bytes == b.bytes }
}

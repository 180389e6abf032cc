package import BLS12381
package import CanonicalBytes
internal import Transcripts

/// What the verifier of one circuit's proofs needs (specification section 8.5).
package struct VerificationKey: Sendable, Equatable {
    package let alpha: G1Point
    package let beta: G2Point
    /// The generator in keys of a ceremony, which has no γ of its own: nothing in the proof system needs γ to be
    /// random, and the equation of the verifier is the same.
    package let gamma: G2Point
    package let delta: G2Point
    /// One point for the constant and one for each public input, none of them the identity: every input is bound.
    package let inputs: [G1Point]
    /// `WLV1 …`.
    package let bytes: [UInt8]

    /// Public inputs that a proof comes with.
    package var publicInputs: Int { self.inputs.count - 1 }

    /// The digest under which a key is known.
    package var digest: [UInt8] { TaggedHash.digest("G16-VERIFICATION-KEY", self.bytes) }

    /// Most points for inputs, the constant's included.
    static let inputPointsMax = 64

    /// - Throws: `IDENTITY` for an element that is the identity, `FORMAT` for no or too many inputs.
    package init(
        alpha: G1Point,
        beta: G2Point,
        gamma: G2Point,
        delta: G2Point,
        inputs: [G1Point]
    ) throws(ProtocolFailure) {
        try Self.checkCount(inputs.count)
        var writer = CanonicalWriter()
        writer.magic("WLV1")
        writer.raw(try alpha.encoded())
        for point in [beta, gamma, delta] { writer.raw(try point.encoded()) }
        writer.u32(UInt32(inputs.count))
        for point in inputs { writer.raw(try point.encoded()) }
        (self.alpha, self.beta, self.gamma, self.delta) = (alpha, beta, gamma, delta)
        self.inputs = inputs
        self.bytes = writer.bytes
    }

    /// Decodes a key; every point is checked to be in its subgroup and not the identity.
    ///
    /// - Throws: `FORMAT`, `POINT`, `IDENTITY` or `SUBGROUP`.
    package init(_ bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLV1")
        self.alpha = try G1Point(reader.take(G1Point.byteCount))
        self.beta = try G2Point(reader.take(G2Point.byteCount))
        self.gamma = try G2Point(reader.take(G2Point.byteCount))
        self.delta = try G2Point(reader.take(G2Point.byteCount))
        let count = Int(try reader.u32())
        try Self.checkCount(count)
        var inputs: [G1Point] = []
        for _ in 0..<count { inputs.append(try G1Point(reader.take(G1Point.byteCount))) }
        try reader.finish()
        self.inputs = inputs
        self.bytes = bytes
    }

    private static func checkCount(_ count: Int) throws(ProtocolFailure) {
        try require((1...self.inputPointsMax).contains(count), .format, "a key for \(count) input points")
    }

    package static func == (a: VerificationKey, b: VerificationKey) -> Bool { a.bytes == b.bytes }
}

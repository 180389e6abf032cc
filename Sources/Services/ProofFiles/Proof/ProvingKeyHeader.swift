internal import BLS12381
package import CanonicalBytes
package import Groth16

/// What stands at the beginning of a proving key, read without its points.
package struct ProvingKeyHeader: Sendable, Equatable {
    /// Whether points have one coordinate.
    package let isCompressed: Bool
    package let system: [UInt8]
    package let publicInputs: Int
    package let variables: Int
    package let logarithm: Int
    package let verificationKey: VerificationKey

    /// Bytes of the longest key that commands read: 2^20 rows with both coordinates.
    package static let bytesMax = 800 << 20

    /// - Throws: `FORMAT` for what is no key of this length; `POINT`, `IDENTITY`, `SUBGROUP` for its verification key.
    package init(_ bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLK1")
        let form = try reader.u8()
        try require(form <= 1, .format, "points in form \(form)")
        self.isCompressed = form == 0
        self.system = try reader.take(32)
        let publicInputs = Int(try reader.u32())
        let variables = Int(try reader.u32())
        let logarithm = Int(try reader.u8())
        try require(
            logarithm <= QuadraticProgram.logarithmMax && publicInputs < variables,
            .format,
            "a key of \(variables) variables for 2^\(logarithm) rows"
        )
        self.verificationKey = try VerificationKey(reader.lengthPrefixed())
        try require(self.verificationKey.publicInputs == publicInputs, .format, "the public inputs do not fit")
        self.publicInputs = publicInputs
        self.variables = variables
        self.logarithm = logarithm
        let inG1 = 2 * variables + (variables - publicInputs - 1) + (1 << logarithm) - 1
        let points = inG1 * G1Point.byteCount + variables * G2Point.byteCount
        let length = 2 * G1Point.byteCount + points * (form == 0 ? 1 : 2)
        try require(reader.remaining == length, .format, "\(reader.remaining) bytes of points, not \(length)")
    }
}

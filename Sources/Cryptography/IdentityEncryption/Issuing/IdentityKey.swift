internal import BLS12381
package import CanonicalBytes
internal import FiniteFields
package import SecretSharing
internal import Transcripts

/// The key `S_ID` of an identity, which opens what was encapsulated to it; wiped when the last user lets go of it.
package final class IdentityKey: Sendable {
    package let identity: [UInt8]
    package let parameters: IdentityParameters
    private let point: SecretCell<G1Point>

    /// Removes the blinding of the last party's step (specification section 6.2).
    ///
    /// - Parameters:
    ///   - step: `E(D_n)`.
    ///   - blinding: x of the request.
    ///   - identity: that was asked for.
    ///   - parameters: under which it was issued.
    /// - Throws: `FORMAT`, `POINT`, `IDENTITY` or `SUBGROUP` for the step, `KEY` when the key is not the identity's.
    package convenience init(
        finishing step: [UInt8],
        blinding: SecretFr,
        identity: [UInt8],
        parameters: IdentityParameters
    ) throws(ProtocolFailure) {
        let step = try G1Point(step)
        let point = blinding.withValue { $0.inverse() * step }
        let isKey = Pairing.productIsOne([
            (point, PreparedG2.generator), (-IdentityPoint.point(identity), parameters.prepared),
        ])
        try require(isKey, .key, "the key is not the identity's")
        self.init(point, identity, parameters)
    }

    /// Takes a key that was issued before, as its holder stores it.
    ///
    /// - Throws: `FORMAT`, `POINT`, `IDENTITY` or `SUBGROUP`.
    package convenience init(
        stored encoded: [UInt8],
        identity: [UInt8],
        parameters: IdentityParameters
    ) throws(ProtocolFailure) {
        self.init(try G1Point(encoded), identity, parameters)
    }

    private init(_ point: G1Point, _ identity: [UInt8], _ parameters: IdentityParameters) {
        self.identity = identity
        self.parameters = parameters
        self.point = SecretCell(point)
    }

    /// `E(S_ID)`, 48 bytes, to store it sealed; the caller wipes it.
    ///
    /// - Throws: nothing in practice: the key is not the identity element.
    package func secretBytes() throws(ProtocolFailure) -> [UInt8] {
        try self.point.withValue { (point) throws(ProtocolFailure) in try point.encoded() }
    }

    /// Opens an encapsulation (specification section 6.3).
    ///
    /// - Parameter ciphertext: 128 bytes of any origin.
    /// - Returns: the epoch key, 32 bytes; the caller wipes it.
    /// - Throws: `FORMAT`, `POINT`, `IDENTITY` or `SUBGROUP` for the ciphertext, `FO` when it was not made for this
    ///   identity and these parameters.
    package func decapsulate(_ ciphertext: [UInt8]) throws(ProtocolFailure) -> [UInt8] {
        try require(ciphertext.count == Encapsulation.ciphertextLength, .format, "a ciphertext has 128 bytes")
        let header = Array(ciphertext[..<G2Point.byteCount])
        let point = try G2Point(header)
        let shared = self.point.withValue { Pairing.pair($0, point) }
        let coding = Encapsulation(identity: self.identity, key: self.parameters.encoded)
        var seed = coding.mask(Array(ciphertext[G2Point.byteCount...]), shared: shared, header: header)
        defer { seed.wipe() }
        var exponent = try coding.exponent(seed)
        defer { exponent.wipe() }
        let expected = try G2Point.generator(times: exponent).encoded()
        try require(expected.equalsInConstantTime(header), .fo, "the encapsulation is of another seed")
        return coding.epochKey(seed, ciphertext: ciphertext)
    }
}

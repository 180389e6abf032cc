package import CanonicalBytes
internal import Certificates
internal import P256Group
internal import Transcripts

/// What the pseudonym authority found in a certificate, with the proof that it is true (specification section 10,
/// step 7).
package struct TraceFinding: Sendable, Hashable {
    private static let context = "PSEU-TRACE"

    /// `E(B_i)`.
    package let cocoonKey: [UInt8]
    /// For the registration authority to open.
    package let handle: [UInt8]
    /// A signature under `P - B_i`, 64 bytes, which shows `c` without telling it.
    package let proof: [UInt8]

    init(
        certificate: ImplicitCertificate,
        cocoonKey: [UInt8],
        handle: [UInt8],
        contribution: P256KeyPair,
        aux: [UInt8]
    ) throws(ProtocolFailure) {
        self.cocoonKey = cocoonKey
        self.handle = handle
        self.proof = try Schnorr.sign(
            contribution,
            context: Self.context,
            message: transcript(certificate.bytes, cocoonKey),
            aux: aux
        )
    }

    /// Requires that a certificate was made for a cocoon key.
    ///
    /// - Parameters:
    ///   - proof: of the finding, 64 bytes.
    ///   - certificate: the raw certificate.
    ///   - cocoonKey: `E(B_i)`.
    /// - Throws: `FORMAT` for the certificate; `IDENTITY` or `POINT` for its point, then for the cocoon key; `IDENTITY`
    ///   when both are the same; `FORMAT`, `SCALAR` or `SIGNATURE` for the proof.
    package static func verify(
        proof: [UInt8],
        certificate: [UInt8],
        cocoonKey: [UInt8]
    ) throws(ProtocolFailure) {
        let certificate = try ImplicitCertificate(bytes: certificate)
        let point = try P256Point(certificate.reconstructionPoint)
        let cocoon = try P256Point(cocoonKey)
        try Schnorr.verify(
            P256PublicKey(point + -cocoon),
            context: self.context,
            message: transcript(certificate.bytes, cocoonKey),
            signature: proof
        )
    }
}

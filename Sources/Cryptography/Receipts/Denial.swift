package import CanonicalBytes
internal import P256Group
package import Records

/// A privacy center's statement that it does not have an envelope.
///
/// ```
/// "WLDN" || LP(cpc_id) || cpc_cert_digest(32) || H1(32) || u64 time_ms || Sign(d_cpc, "DENIAL", all before)
/// ```
///
/// It comes with every answer 404 for an envelope: against a receipt it proves that an envelope was lost.
package struct Denial: Sendable, Hashable {
    static let context = "DENIAL"

    package let signer: CenterSignature
    package let h1: Digest
    /// When the center looked, ms since 1970.
    package let timeMilliseconds: UInt64

    /// The canonical encoding.
    package var bytes: [UInt8] { self.signedBytes + self.signer.signature }

    /// Signs that an envelope is not there.
    ///
    /// - Throws: never for a key pair that works.
    package static func sign(
        _ h1: Digest,
        timeMilliseconds: UInt64,
        by signer: CenterSigner
    ) throws(ProtocolFailure) -> Denial {
        let message = self.signedBytes(h1, timeMilliseconds, signer.center, signer.certificateDigest)
        return Denial(
            signer: try signer.sign(message, context: self.context),
            h1: h1,
            timeMilliseconds: timeMilliseconds
        )
    }

    init(signer: CenterSignature, h1: Digest, timeMilliseconds: UInt64) {
        self.signer = signer
        self.h1 = h1
        self.timeMilliseconds = timeMilliseconds
    }

    func verifySignature(by key: CenterKey) throws(ProtocolFailure) {
        try self.signer.verify(self.signedBytes, context: Self.context, by: key)
    }

    private var signedBytes: [UInt8] {
        Self.signedBytes(self.h1, self.timeMilliseconds, self.signer.center, self.signer.certificateDigest)
    }

    private static func signedBytes(
        _ h1: Digest,
        _ timeMilliseconds: UInt64,
        _ center: String,
        _ certificate: Digest
    ) -> [UInt8] {
        var writer = CanonicalWriter(capacity: 160)
        writer.magic("WLDN")
        writer.lengthPrefixed(center)
        writer.raw(certificate.bytes)
        writer.raw(h1.bytes)
        writer.u64(timeMilliseconds)
        return writer.bytes
    }
}

/// A denial as it was received: of the right form, nothing more.
package struct ParsedDenial: Sendable, Hashable {
    /// What it says; not to be believed before ``verified(by:)``.
    package let unverified: Denial

    /// Parses a denial.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLDN")
        let (center, certificate) = try reader.centerFields()
        let h1 = try reader.digest()
        let time = try reader.u64()
        let signature = try reader.take(Schnorr.signatureLength)
        try reader.finish()
        self.unverified = Denial(
            signer: CenterSignature(center: center, certificateDigest: certificate, signature: signature),
            h1: h1,
            timeMilliseconds: time
        )
    }

    /// - Throws: `CONTEXT` for another center or certificate, `SCALAR` or `SIGNATURE`.
    package func verified(by key: CenterKey) throws(ProtocolFailure) -> Denial {
        try self.unverified.verifySignature(by: key)
        return self.unverified
    }
}

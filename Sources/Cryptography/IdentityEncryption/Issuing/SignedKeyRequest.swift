internal import BLS12381
package import CanonicalBytes
package import Certificates
package import P256Group
internal import Transcripts

/// A key request that the requester named in the permission signed, "WLI1" (specification section 6.2).
///
/// Without the signature anybody could collect the key under a public permission.
package struct SignedKeyRequest: Sendable {
    package let request: KeyRequest
    /// The requester's implicit certificate as encoded.
    package let certificate: [UInt8]
    /// The canonical encoding, signature included.
    package let bytes: [UInt8]

    private static let signatureContext = "IBE-REQ-SIG"

    /// Signs a request.
    ///
    /// - Throws: `FORMAT` for a nonce, point or proof of another length.
    package init(
        _ request: KeyRequest,
        certificate: [UInt8],
        key: P256KeyPair,
        aux: [UInt8] = SecureRandom.bytes(32)
    ) throws(ProtocolFailure) {
        let isOfForm = request.terms.nonce.count == 32 && request.blinded.count == 48 && request.proof.count == 64
        try require(isOfForm, .format, "a nonce, point or proof of another length")
        var writer = CanonicalWriter()
        writer.magic("WLI1")
        writer.lengthPrefixed(request.terms.identity)
        writer.lengthPrefixed(request.terms.requester)
        writer.lengthPrefixed(request.terms.permission)
        writer.raw(request.terms.nonce)
        writer.raw(request.blinded)
        writer.raw(request.proof)
        writer.lengthPrefixed(certificate)
        let body = writer.bytes
        self.request = request
        self.certificate = certificate
        self.bytes = body + (try Schnorr.sign(key, context: Self.signatureContext, message: body, aux: aux))
    }

    /// Parses and verifies a request of any origin.
    ///
    /// That the permission exists, is for this requester and identity, and the nonce is new, each party checks besides.
    ///
    /// - Parameters:
    ///   - bytes: what a party received.
    ///   - issuer: of the certificate, a certificate authority or a pseudonym authority.
    ///   - now: seconds since 1970; nil leaves the certificate's validity unchecked.
    /// - Throws: `FORMAT`; as ``CertificateIssuer/publicKey(of:at:usage:)``; `CONTEXT` for a certificate that may
    ///   neither sign nor be a pseudonym or is not the one that the request names; as Schnorr's verification and
    ///   ``KeyRequest/verify()``.
    package init(
        verifying bytes: [UInt8],
        issuer: CertificateIssuer,
        at now: UInt64?
    ) throws(ProtocolFailure) {
        self = try Self.verified(bytes, issuer, now).request
    }

    /// The certificate in a request of any origin, which says who must have issued it.
    ///
    /// - Throws: `FORMAT`.
    package static func certificate(in bytes: [UInt8]) throws(ProtocolFailure) -> ImplicitCertificate {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLI1")
        for _ in 0..<3 { _ = try reader.lengthPrefixed() }
        _ = try reader.take(32 + 48 + 64)
        return try ImplicitCertificate(bytes: try reader.lengthPrefixed())
    }

    /// The verified request and its blinded point.
    static func verified(
        _ bytes: [UInt8],
        _ issuer: CertificateIssuer,
        _ now: UInt64?
    ) throws(ProtocolFailure) -> (request: SignedKeyRequest, point: G1Point) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLI1")
        let terms = KeyRequestTerms(
            identity: try reader.lengthPrefixed(),
            requester: try reader.text(),
            permission: try reader.lengthPrefixed(),
            nonce: try reader.take(32)
        )
        let request = KeyRequest(terms: terms, blinded: try reader.take(48), proof: try reader.take(64))
        let certificateBytes = try reader.lengthPrefixed()
        let body = reader.consumed
        let signature = try reader.take(Schnorr.signatureLength)
        try reader.finish()

        let certificate = try ImplicitCertificate(bytes: certificateBytes)
        let key = try issuer.publicKey(of: certificate, at: now)
        let mayAsk = !certificate.fields.usage.isDisjoint(with: [.sign, .pseudonym])
        try require(mayAsk, .context, "the certificate does not allow this use")
        let isNamed = certificate.digest.hex.utf8.elementsEqual(terms.requester.utf8)
        try require(isNamed, .context, "the request names another certificate")
        try Schnorr.verify(key, context: self.signatureContext, message: body, signature: signature)
        let point = try request.verifiedPoint()
        return (SignedKeyRequest(request: request, certificate: certificateBytes, bytes: bytes), point)
    }

    private init(request: KeyRequest, certificate: [UInt8], bytes: [UInt8]) {
        self.request = request
        self.certificate = certificate
        self.bytes = bytes
    }
}

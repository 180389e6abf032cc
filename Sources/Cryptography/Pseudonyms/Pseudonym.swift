package import CanonicalBytes
package import Certificates
package import P256Group
internal import Transcripts

/// A pseudonym certificate with its private key (specification section 10, steps 5 and 6).
package struct Pseudonym: Sendable {
    static let transactionContext = "PSEU-TX"

    /// Names no subject.
    package let certificate: ImplicitCertificate
    /// `d` with `Q`.
    package let key: P256KeyPair

    /// - Parameters:
    ///   - certificate: a pseudonym certificate.
    ///   - key: the pair `d` that the certificate stands for.
    package init(certificate: ImplicitCertificate, key: P256KeyPair) {
        self.certificate = certificate
        self.key = key
    }

    /// Opens what the pseudonym authority answered.
    ///
    /// - Parameters:
    ///   - response: box and signature.
    ///   - cocoon: the pair `b_i`.
    ///   - issuer: the pseudonym authority.
    /// - Throws: `FORMAT`, `SCALAR` or `SIGNATURE` for a box that the authority did not make for this key; `IDENTITY`,
    ///   `POINT` or `AEAD` for one that does not open; as ``IssuedCertificate/keyPair(for:from:usage:)``.
    package init(
        response: [UInt8],
        cocoon: P256KeyPair,
        issuer: CertificateIssuer
    ) throws(ProtocolFailure) {
        try require(response.count > Schnorr.signatureLength, .format, "the response is shorter than a signature")
        let box = Array(response.dropLast(Schnorr.signatureLength))
        try Schnorr.verify(
            issuer.publicKey,
            context: PseudonymAuthority.boxContext,
            message: transcript(cocoon.publicKey.encoded, box),
            signature: Array(response.suffix(Schnorr.signatureLength))
        )
        let associated = domainSeparationTag(PseudonymAuthority.boxContext)
        var reader = CanonicalReader(try ECIES.open(cocoon, associated: associated, ciphertext: box))
        let certificate = try reader.lengthPrefixed()
        let contribution = try reader.take(32)
        try reader.finish()
        let issued = IssuedCertificate(
            certificate: try ImplicitCertificate(bytes: certificate),
            contribution: contribution
        )
        self.certificate = issued.certificate
        self.key = try issued.keyPair(for: cocoon, from: issuer, usage: .pseudonym)
    }

    /// Signs a transaction payload, which names the chains, a sequence number and an expiry.
    ///
    /// A certificate signs one transaction or a short session: what one certificate signs is linked.
    ///
    /// - Parameters:
    ///   - message: the payload.
    ///   - aux: 32 random bytes that hedge the signature's nonce.
    /// - Returns: the encoding that ``PseudonymSignature/init(bytes:)`` reads.
    /// - Throws: nothing in practice; `SCALAR` for a hash that is zero.
    package func sign(
        _ message: [UInt8],
        aux: [UInt8] = SecureRandom.bytes(32)
    ) throws(ProtocolFailure) -> [UInt8] {
        var writer = CanonicalWriter(capacity: self.certificate.bytes.count + 72)
        writer.magic("WLNS")
        writer.lengthPrefixed(self.certificate.bytes)
        writer.raw(
            try Schnorr.sign(
                self.key,
                context: Self.transactionContext,
                message: transcript(self.certificate.bytes, message),
                aux: aux
            )
        )
        return writer.bytes
    }
}

/// A signature under a pseudonym, with the certificate: parsed, not verified.
package struct PseudonymSignature: Sendable, Hashable {
    /// The raw certificate.
    package let certificate: [UInt8]
    private let signature: [UInt8]

    /// Parses `"WLNS" || LP(cert) || signature`.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLNS")
        self.certificate = try reader.lengthPrefixed()
        self.signature = try reader.take(Schnorr.signatureLength)
        try reader.finish()
    }

    /// Requires that the holder of a current pseudonym certificate signed the message.
    ///
    /// - Parameters:
    ///   - message: the payload.
    ///   - issuer: the pseudonym authority.
    ///   - now: seconds since 1970; nil leaves the window of validity unchecked.
    /// - Returns: the certificate; the caller looks its digest up in the revocation list.
    /// - Throws: `FORMAT` for the certificate; as ``CertificateIssuer/publicKey(of:at:usage:)``; `CONTEXT` for a
    ///   certificate that names a subject; `SCALAR` or `SIGNATURE`.
    package func verify(
        _ message: [UInt8],
        issuer: CertificateIssuer,
        at now: UInt64?
    ) throws(ProtocolFailure) -> ImplicitCertificate {
        let certificate = try ImplicitCertificate(bytes: self.certificate)
        let key = try issuer.publicKey(of: certificate, at: now, usage: .pseudonym)
        try require(certificate.fields.subject.isEmpty, .context, "the pseudonym certificate names a subject")
        try Schnorr.verify(
            key,
            context: Pseudonym.transactionContext,
            message: transcript(self.certificate, message),
            signature: self.signature
        )
        return certificate
    }
}

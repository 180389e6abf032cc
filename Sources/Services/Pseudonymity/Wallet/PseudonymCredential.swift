internal import CanonicalBytes
package import Certificates
package import ChainReading
package import P256Group
internal import Transcripts

/// A pseudonym certificate with its private key and its issuer: all that is needed to act under it.
package struct PseudonymCredential: Sendable {
    package let certificate: ImplicitCertificate
    package let key: P256KeyPair
    package let issuer: CertificateIssuer

    package init(certificate: ImplicitCertificate, key: P256KeyPair, issuer: CertificateIssuer) {
        self.certificate = certificate
        self.key = key
        self.issuer = issuer
    }

    /// For whatever signs in a requester's name.
    package var requesterKey: RequesterKey {
        RequesterKey(certificate: self.certificate, key: self.key, issuer: self.issuer)
    }

    /// Whether the certificate is valid at a time in seconds since 1970.
    package func isValid(at now: UInt64) -> Bool {
        self.certificate.fields.notBefore <= now && now <= self.certificate.fields.notAfter
    }

    /// `"WLPC" || LP(certificate) || d(32) || LP(issuer) || E(Q_pca)`: a file of mode 0600; the caller wipes it.
    func fileBytes() -> [UInt8] {
        var writer = CanonicalWriter(capacity: 1_024)
        writer.magic("WLPC")
        writer.lengthPrefixed(self.certificate.bytes)
        var secret = self.key.secretBytes()
        defer { secret.wipe() }
        writer.raw(secret)
        writer.lengthPrefixed(self.issuer.name)
        writer.raw(self.issuer.publicKey.encoded)
        return writer.bytes
    }

    /// Reads a file and requires that its parts belong together.
    ///
    /// - Throws: `FORMAT`, `SCALAR`, `POINT`; `CONTEXT` or `KEY` when certificate, issuer and key do not fit.
    init(fileBytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(fileBytes)
        try reader.magic("WLPC")
        let certificate = try ImplicitCertificate(bytes: try reader.lengthPrefixed())
        var secret = try reader.take(32)
        defer { secret.wipe() }
        let name = try reader.text()
        let issuer = CertificateIssuer(name: name, publicKey: try P256PublicKey(try reader.take(33)))
        try reader.finish()
        var scalar = try P256Scalar(secret)
        defer { scalar.wipe() }
        let key = try P256KeyPair(secret: scalar)
        let expected = try issuer.publicKey(of: certificate, at: nil, usage: .pseudonym)
        try require(key.publicKey == expected, .key, "the key does not fit the pseudonym certificate")
        self.init(certificate: certificate, key: key, issuer: issuer)
    }
}

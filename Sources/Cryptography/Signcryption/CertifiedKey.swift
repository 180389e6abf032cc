package import CanonicalBytes
package import Certificates
package import P256Group

/// A certificate together with the public key that it stands for, computed once.
///
/// The key of an implicit certificate costs a multiplication, so a caller that sees a party again keeps this value.
/// It authenticates nobody: only a signature that verifies under the key does.
package struct CertifiedKey: Sendable, Hashable {
    package let certificate: ImplicitCertificate
    package let publicKey: P256PublicKey

    /// Reconstructs the key; usage and time are checked where the key is used.
    ///
    /// - Throws: `POINT` or `IDENTITY` for the reconstruction point, `CONTEXT` for another issuer.
    package init(_ certificate: ImplicitCertificate, from issuer: CertificateIssuer) throws(ProtocolFailure) {
        self.publicKey = try issuer.publicKey(of: certificate, at: nil)
        self.certificate = certificate
    }

    /// Parses a certificate and reconstructs its key.
    ///
    /// - Throws: `FORMAT`, then as ``init(_:from:)``.
    package init(bytes: [UInt8], from issuer: CertificateIssuer) throws(ProtocolFailure) {
        try self.init(ImplicitCertificate(bytes: bytes), from: issuer)
    }

    /// `cert_digest`, 32 bytes.
    package var digest: [UInt8] { self.certificate.digest }
    package var subject: String { self.certificate.fields.subject }

    /// Requires that the certificate allows a use at a time.
    ///
    /// - Parameters:
    ///   - usage: every one of these.
    ///   - now: seconds since 1970; nil leaves the window of validity unchecked.
    /// - Throws: `CONTEXT`, then `TIME`.
    package func require(_ usage: CertificateUsage, at now: UInt64?) throws(ProtocolFailure) {
        let fields = self.certificate.fields
        try CanonicalBytes.require(
            fields.usage.isSuperset(of: usage),
            .context,
            "the certificate does not allow this use"
        )
        guard let now else { return }
        let isValid = fields.notBefore <= now && now <= fields.notAfter
        try CanonicalBytes.require(isValid, .time, "the certificate is not valid now")
    }

    /// Requires that this is the certificate that an object names.
    ///
    /// - Throws: `CONTEXT`.
    func require(subject: String, digest: [UInt8]) throws(ProtocolFailure) {
        let isNamed = self.subject.utf8.elementsEqual(subject.utf8) && self.digest == digest
        try CanonicalBytes.require(isNamed, .context, "the object names another certificate")
    }
}

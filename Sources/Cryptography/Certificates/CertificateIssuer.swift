package import CanonicalBytes
package import P256Group

/// The public side of a certificate authority: its name and key.
package struct CertificateIssuer: Sendable, Hashable {
    package let name: String
    /// `Q_CA`.
    package let publicKey: P256PublicKey

    package init(name: String, publicKey: P256PublicKey) {
        self.name = name
        self.publicKey = publicKey
    }

    // Names are compared as bytes: `String ==` equates different ones.
    package static func == (a: CertificateIssuer, b: CertificateIssuer) -> Bool {
        a.name.utf8.elementsEqual(b.name.utf8) && a.publicKey == b.publicKey
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(self.publicKey) }

    /// The public key that a certificate stands for: `Q_U = e·P_U + Q_CA` (specification section 4).
    ///
    /// - Parameters:
    ///   - certificate: names this issuer.
    ///   - now: seconds since 1970; nil leaves the window of validity unchecked.
    ///   - usage: usages that the certificate must allow.
    /// - Returns: `Q_U`.
    /// - Throws: `POINT` or `IDENTITY` for the reconstruction point, `CONTEXT` for another issuer or usage,
    ///   `TIME`, `IDENTITY` when the key is the identity.
    package func publicKey(
        of certificate: ImplicitCertificate,
        at now: UInt64?,
        usage: CertificateUsage = []
    ) throws(ProtocolFailure) -> P256PublicKey {
        let point = try P256Point(certificate.reconstructionPoint)
        let fields = certificate.fields
        let isOurs = fields.issuer.utf8.elementsEqual(self.name.utf8)
        try require(isOurs, .context, "the certificate has another issuer")
        try require(fields.usage.isSuperset(of: usage), .context, "the certificate does not allow this use")
        if let now {
            try require(fields.notBefore <= now && now <= fields.notAfter, .time, "the certificate is not valid now")
        }
        return try P256PublicKey(self.hash(of: certificate) * point + self.publicKey.point)
    }

    /// `e(cert)`, which binds the issuer's key.
    package func hash(of certificate: ImplicitCertificate) throws(ProtocolFailure) -> P256Scalar {
        try P256Scalar.hash("ECQV-E", self.publicKey.encoded, certificate.bytes)
    }
}

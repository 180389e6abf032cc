package import CanonicalBytes
package import P256Group
internal import Transcripts

/// A request for a certificate: `R_U` and the proof that the requester knows `k_U` (specification section 4).
package struct CertificateRequest: Sendable, Hashable {
    private static let proofContext = "ECQV-REQ"

    /// `R_U`, as encoded.
    package let requestPoint: [UInt8]
    /// A signature under `R_U` over the subject, 64 bytes.
    package let proofOfPossession: [UInt8]

    package init(requestPoint: [UInt8], proofOfPossession: [UInt8]) {
        self.requestPoint = requestPoint
        self.proofOfPossession = proofOfPossession
    }

    /// Makes the request of a key pair `k_U` that the requester keeps until the certificate arrives.
    package init(
        _ key: P256KeyPair,
        subject: String,
        aux: [UInt8] = SecureRandom.bytes(32)
    ) throws(ProtocolFailure) {
        let message = transcript(Array(subject.utf8))
        self.requestPoint = key.publicKey.encoded
        self.proofOfPossession = try Schnorr.sign(
            key,
            context: Array(Self.proofContext.utf8),
            message: message,
            aux: aux
        )
    }

    /// - Returns: `R_U`, proven.
    /// - Throws: `FORMAT`, `POINT`, `IDENTITY`, `SCALAR` or `SIGNATURE`.
    func verified(for subject: String) throws(ProtocolFailure) -> P256PublicKey {
        let point = try P256PublicKey(self.requestPoint)
        try Schnorr.verify(
            point,
            context: Self.proofContext,
            message: transcript(Array(subject.utf8)),
            signature: self.proofOfPossession
        )
        return point
    }
}

/// A certificate with `r`, the issuer's contribution to the subject's private key.
package struct IssuedCertificate: Sendable {
    package let certificate: ImplicitCertificate
    /// `r`, 32 bytes; it tells nothing without `k_U`.
    package let contribution: [UInt8]

    package init(certificate: ImplicitCertificate, contribution: [UInt8]) {
        self.certificate = certificate
        self.contribution = contribution
    }

    /// The subject's key pair `d_U = e·k_U + r` (specification section 4, Receive).
    ///
    /// - Parameters:
    ///   - request: the key pair `k_U` of the request.
    ///   - issuer: who issued.
    ///   - usage: usages that the certificate must allow.
    /// - Returns: `d_U` with `Q_U`.
    /// - Throws: as ``CertificateIssuer/publicKey(of:at:usage:)`` without time; `FORMAT` or `SCALAR` for `r`; `KEY`
    ///   when it does not fit the certificate.
    package func keyPair(
        for request: P256KeyPair,
        from issuer: CertificateIssuer,
        usage: CertificateUsage = []
    ) throws(ProtocolFailure) -> P256KeyPair {
        let publicKey = try issuer.publicKey(of: self.certificate, at: nil, usage: usage)
        let r = try P256Scalar(self.contribution, allowingZero: true)
        let e = try issuer.hash(of: self.certificate)
        var secret = request.withSecret { e * $0 + r }
        defer { secret.wipe() }
        try require(!secret.isZero, .key, "the private key is zero")
        let key = try P256KeyPair(secret: secret)
        try require(key.publicKey == publicKey, .key, "the contribution does not fit the certificate")
        return key
    }
}

/// The private side of a certificate authority.
package struct CertificateAuthority: Sendable {
    package let issuer: CertificateIssuer
    let key: P256KeyPair

    /// - Parameters:
    ///   - name: stands in every certificate.
    ///   - key: `d_CA`.
    package init(name: String, key: P256KeyPair) {
        self.issuer = CertificateIssuer(name: name, publicKey: key.publicKey)
        self.key = key
    }

    /// Issues a certificate after checking the proof of possession.
    ///
    /// - Parameters:
    ///   - request: what the subject sent over an authenticated channel.
    ///   - fields: what is certified; the issuer's name must be this authority's.
    ///   - nonce: random and fresh: two certificates under one nonce reveal the authority's key.
    /// - Returns: the certificate and `r`.
    /// - Throws: `FORMAT`, `POINT`, `IDENTITY`, `SCALAR` or `SIGNATURE` for the request; `FORMAT` for the fields;
    ///   `IDENTITY` when another nonce is needed.
    package func issue(
        _ request: CertificateRequest,
        fields: CertificateFields,
        nonce: P256Scalar = .random()
    ) throws(ProtocolFailure) -> IssuedCertificate {
        let requestPoint = try request.verified(for: fields.subject)
        let point = requestPoint.point + P256Point.base(times: nonce)
        let certificate = try ImplicitCertificate(fields, reconstructionPoint: try point.encoded())
        let e = try self.issuer.hash(of: certificate)
        let subjectKey = e * point + self.issuer.publicKey.point
        try require(!subjectKey.isIdentity, .identity, "choose another nonce")
        let r = self.key.withSecret { e * nonce + $0 }
        return IssuedCertificate(certificate: certificate, contribution: r.bytes)
    }
}

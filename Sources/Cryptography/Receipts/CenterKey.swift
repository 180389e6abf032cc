package import CanonicalBytes
package import Certificates
package import P256Group
package import Records

/// What verifies the statements of one privacy center: its name, its certificate's digest and its key.
///
/// A center whose certificate was renewed has one such key for each certificate.
package struct CenterKey: Sendable, Hashable {
    /// The certificate's subject, `<organization>:privacy-center:<name>`.
    package let center: String
    package let certificateDigest: Digest
    package let publicKey: P256PublicKey

    package init(center: String, certificateDigest: Digest, publicKey: P256PublicKey) {
        self.center = center
        self.certificateDigest = certificateDigest
        self.publicKey = publicKey
    }

    /// Takes the key from the center's certificate.
    ///
    /// - Parameters:
    ///   - certificate: of the role `privacy-center` and for signing.
    ///   - issuer: who issued it.
    ///   - now: seconds since 1970; nil for old statements, whose certificate may have ended since.
    /// - Throws: as ``CertificateIssuer/publicKey(of:at:usage:)``; `CONTEXT` for another role.
    package init(
        _ certificate: ImplicitCertificate,
        from issuer: CertificateIssuer,
        at now: UInt64?
    ) throws(ProtocolFailure) {
        let publicKey = try issuer.publicKey(of: certificate, at: now, usage: .sign)
        let isCenter = certificate.has(attribute: "role:\(PartyRole.privacyCenter.rawValue)")
        try require(isCenter, .context, "not the certificate of a privacy center")
        guard let digest = Digest(bytes: certificate.digest) else {
            throw ProtocolFailure(.format, "a certificate digest has 32 bytes")
        }
        self.init(center: certificate.fields.subject, certificateDigest: digest, publicKey: publicKey)
    }
}

/// Who made a statement, with which certificate: the first fields of every statement of a center.
package struct CenterSignature: Sendable, Hashable {
    /// The longest name that a statement may hold, bytes.
    static let nameBytesMax = 255

    /// The center's name.
    package let center: String
    package let certificateDigest: Digest
    /// 64 bytes.
    package let signature: [UInt8]

    package init(center: String, certificateDigest: Digest, signature: [UInt8]) {
        self.center = center
        self.certificateDigest = certificateDigest
        self.signature = signature
    }

    /// - Throws: `CONTEXT` when another center or certificate is named; `FORMAT`, `SCALAR` or `SIGNATURE`.
    func verify(_ message: [UInt8], context: String, by key: CenterKey) throws(ProtocolFailure) {
        let isNamed = self.center.utf8.elementsEqual(key.center.utf8)
        try require(isNamed, .context, "the statement is another center's")
        let fits = self.certificateDigest == key.certificateDigest
        try require(fits, .context, "the statement was signed with another certificate")
        try Schnorr.verify(key.publicKey, context: context, message: message, signature: self.signature)
    }
}

/// Signs the statements of a center.
package struct CenterSigner: Sendable {
    package let center: String
    package let certificateDigest: Digest
    private let key: P256KeyPair

    /// - Parameters:
    ///   - certificate: the center's.
    ///   - key: fits the certificate.
    /// - Throws: `FORMAT` for a name that statements cannot hold.
    package init(certificate: ImplicitCertificate, key: P256KeyPair) throws(ProtocolFailure) {
        let center = certificate.fields.subject
        let fits = (1...CenterSignature.nameBytesMax).contains(center.utf8.count)
        guard fits, let digest = Digest(bytes: certificate.digest) else {
            throw ProtocolFailure(.format, "a center's name has 1 to \(CenterSignature.nameBytesMax) bytes")
        }
        self.center = center
        self.certificateDigest = digest
        self.key = key
    }

    func sign(_ message: [UInt8], context: String) throws(ProtocolFailure) -> CenterSignature {
        CenterSignature(
            center: self.center,
            certificateDigest: self.certificateDigest,
            signature: try Schnorr.sign(self.key, context: context, message: message)
        )
    }
}

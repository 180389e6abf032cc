package import CanonicalBytes
package import Certificates
package import ChainReading
package import P256Group
internal import Transcripts

/// A request for an attribute key, "WLAQ": who asks under her own name proves that a permission's certificate is hers.
///
/// ```
/// "WLAQ" || LP(authority) || permission(32) || nonce(32) || LP(identity certificate) || LP(permission certificate)
///        || Sign(permission key, "ABE-REQUEST", m) || Sign(identity key, "ABE-REQUEST-IDENTITY", m)
/// m = T(authority, permission, identity certificate's digest, permission certificate's digest, nonce)
/// ```
///
/// Two signatures, because an implicit certificate is verified by the use of its key only: without the second one
/// anybody could write attributes into a certificate of her own. The first one binds the permission to this identity, so
/// that nobody joins her attributes to another's permission without that one's consent in writing.
package struct AttributeKeyRequest: Sendable {
    package static let permissionContext = "ABE-REQUEST"
    package static let identityContext = "ABE-REQUEST-IDENTITY"
    package static let bytesMax = 128 << 10

    /// The authority's name.
    package let authority: String
    /// 32 bytes.
    package let permission: [UInt8]
    /// The requester's own, with her attributes.
    package let identity: ImplicitCertificate
    /// The one that the permission names: a pseudonym's, or the requester's own.
    package let certificate: ImplicitCertificate
    /// The canonical bytes.
    package let bytes: [UInt8]
    private let message: [UInt8]
    private let permissionSignature: [UInt8]
    private let identitySignature: [UInt8]

    /// Signs a request.
    ///
    /// - Parameters:
    ///   - permission: 32 bytes.
    ///   - authority: who is asked.
    ///   - requester: what the permission names.
    ///   - identity: the requester's own certificate.
    ///   - identityKey: of that certificate.
    ///   - nonce: 32 random bytes.
    /// - Throws: `FORMAT` for a permission or nonce of another length.
    package init(
        permission: [UInt8],
        authority: String,
        requester: RequesterKey,
        identity: ImplicitCertificate,
        identityKey: P256KeyPair,
        nonce: [UInt8] = SecureRandom.bytes(32)
    ) throws(ProtocolFailure) {
        try require(permission.count == 32 && nonce.count == 32, .format, "permission and nonce have 32 bytes")
        let message = Self.message(authority, permission, identity, requester.certificate, nonce)
        var writer = CanonicalWriter(capacity: 1_024)
        writer.magic("WLAQ")
        writer.lengthPrefixed(authority)
        writer.raw(permission)
        writer.raw(nonce)
        writer.lengthPrefixed(identity.bytes)
        writer.lengthPrefixed(requester.certificate.bytes)
        writer.raw(try Schnorr.sign(requester.key, context: Self.permissionContext, message: message))
        writer.raw(try Schnorr.sign(identityKey, context: Self.identityContext, message: message))
        try self.init(bytes: writer.bytes)
    }

    /// Reads a request strictly; ``verify(identity:certificate:at:)`` judges it.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        try require(bytes.count <= Self.bytesMax, .format, "the request is too long")
        var reader = CanonicalReader(bytes)
        try reader.magic("WLAQ")
        self.authority = try reader.text()
        self.permission = try reader.take(32)
        let nonce = try reader.take(32)
        self.identity = try ImplicitCertificate(bytes: try reader.lengthPrefixed())
        self.certificate = try ImplicitCertificate(bytes: try reader.lengthPrefixed())
        self.permissionSignature = try reader.take(Schnorr.signatureLength)
        self.identitySignature = try reader.take(Schnorr.signatureLength)
        try reader.finish()
        self.bytes = bytes
        self.message = Self.message(self.authority, self.permission, self.identity, self.certificate, nonce)
    }

    package var isPseudonymous: Bool { self.certificate.fields.usage.contains(.pseudonym) }

    /// Requires that both keys signed.
    ///
    /// - Parameters:
    ///   - identity: issuer of the requester's own certificate.
    ///   - certificate: issuer of the permission's certificate.
    ///   - now: seconds since 1970.
    /// - Throws: as `CertificateIssuer.publicKey(of:at:usage:)`; `CONTEXT` for a pseudonym with a subject, or as an
    ///   identity; `SCALAR`, `SIGNATURE`.
    package func verify(
        identity: CertificateIssuer,
        certificate: CertificateIssuer,
        at now: UInt64
    ) throws(ProtocolFailure) {
        let isNamed = self.certificate.fields.subject.isEmpty == self.isPseudonymous
        let isIdentity = !self.identity.fields.usage.contains(.pseudonym)
        try require(isNamed && isIdentity, .context, "a pseudonym names nobody, and an identity somebody")
        let usage: CertificateUsage = self.isPseudonymous ? .pseudonym : .sign
        try Schnorr.verify(
            try certificate.publicKey(of: self.certificate, at: now, usage: usage),
            context: Self.permissionContext,
            message: self.message,
            signature: self.permissionSignature
        )
        try Schnorr.verify(
            try identity.publicKey(of: self.identity, at: now, usage: .sign),
            context: Self.identityContext,
            message: self.message,
            signature: self.identitySignature
        )
    }

    private static func message(
        _ authority: String,
        _ permission: [UInt8],
        _ identity: ImplicitCertificate,
        _ certificate: ImplicitCertificate,
        _ nonce: [UInt8]
    ) -> [UInt8] {
        transcript(Array(authority.utf8), permission, identity.digest, certificate.digest, nonce)
    }
}

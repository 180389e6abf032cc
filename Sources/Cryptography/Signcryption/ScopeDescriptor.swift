package import CanonicalBytes
internal import Certificates
package import P256Group
internal import Transcripts

/// The owner's signed statement of a scope's public key, as read (specification section 5.1).
///
/// Nothing in it is believed before ``verify(owner:at:)``.
package struct ScopeDescriptor: Sendable, Hashable {
    package let owner: String
    package let ownerCertificateDigest: [UInt8]
    package let label: String
    package let epoch: UInt64
    /// `E(Q_scope)` as read; 33 bytes that need not be a point.
    package let scopeKey: [UInt8]
    package let bytes: [UInt8]
    /// `scope_digest`, 32 bytes.
    package let digest: [UInt8]

    private let body: [UInt8]
    private let possession: [UInt8]
    private let signature: [UInt8]

    /// Parses a descriptor.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLS1")
        self.owner = try reader.text()
        self.ownerCertificateDigest = try reader.take(32)
        self.label = try reader.text()
        self.epoch = try reader.u64()
        self.scopeKey = try reader.take(33)
        self.body = reader.consumed
        self.possession = try reader.take(Schnorr.signatureLength)
        self.signature = try reader.take(Schnorr.signatureLength)
        try reader.finish()
        self.bytes = bytes
        self.digest = Self.digest(of: bytes)
    }

    /// Signs the descriptor of a scope.
    ///
    /// - Parameters:
    ///   - scope: the scope with its key.
    ///   - owner: the owner's identity key `d_owner`.
    ///   - certificateDigest: of the owner's certificate.
    ///   - possessionAux: 32 random bytes for the proof of possession.
    ///   - signatureAux: 32 random bytes for the owner's signature.
    /// - Throws: `FORMAT` when the digest has another length than 32.
    package init(
        signing scope: ScopeKey,
        owner: P256KeyPair,
        certificateDigest: [UInt8],
        possessionAux: [UInt8] = SecureRandom.bytes(32),
        signatureAux: [UInt8] = SecureRandom.bytes(32)
    ) throws(ProtocolFailure) {
        var writer = CanonicalWriter()
        writer.magic("WLS1")
        writer.lengthPrefixed(scope.owner)
        writer.raw(certificateDigest)
        writer.lengthPrefixed(scope.label)
        writer.u64(scope.epoch)
        writer.raw(scope.keyPair.publicKey.encoded)
        writer.raw(
            try Schnorr.sign(scope.keyPair, context: "SCOPE-POP", message: writer.bytes, aux: possessionAux)
        )
        writer.raw(try Schnorr.sign(owner, context: "SCOPE", message: writer.bytes, aux: signatureAux))
        try self.init(bytes: writer.bytes)
    }

    /// `scope_digest` of a descriptor's bytes.
    package static func digest(of bytes: [UInt8]) -> [UInt8] { TaggedHash.digest("CBSRE-SCOPE-ID", bytes) }

    /// Verifies possession of the scope's key and the owner's signature.
    ///
    /// - Parameters:
    ///   - owner: the owner's certificate and key; evaluated after the scope's key was decoded, so that a certificate
    ///     made in place is refused in the order of the specification.
    ///   - now: seconds since 1970; nil leaves times unchecked.
    /// - Returns: the scope, as one that may be sealed to.
    /// - Throws: `IDENTITY` or `POINT` for the scope's key; what `owner` throws; `CONTEXT`, `TIME`; `SCALAR`,
    ///   `SIGNATURE`.
    package func verify(
        owner: @autoclosure () throws(ProtocolFailure) -> CertifiedKey,
        at now: UInt64?
    ) throws(ProtocolFailure) -> VerifiedScope {
        let scopeKey = try P256PublicKey(self.scopeKey)
        let owner = try owner()
        try owner.require(.sign, at: now)
        try owner.require(subject: self.owner, digest: self.ownerCertificateDigest)
        try Schnorr.verify(scopeKey, context: "SCOPE-POP", message: self.body, signature: self.possession)
        try Schnorr.verify(
            owner.publicKey,
            context: "SCOPE",
            message: self.body + self.possession,
            signature: self.signature
        )
        return VerifiedScope(self, scopeKey)
    }
}

/// A scope whose descriptor was verified; made by ``ScopeDescriptor/verify(owner:at:)`` alone.
package struct VerifiedScope: Sendable, Hashable {
    package let descriptor: ScopeDescriptor
    /// `Q_scope`.
    package let publicKey: P256PublicKey

    fileprivate init(_ descriptor: ScopeDescriptor, _ publicKey: P256PublicKey) {
        self.descriptor = descriptor
        self.publicKey = publicKey
    }

    package var isEpochKeyScope: Bool { ScopeKey.isEpochKeyScope(self.descriptor.label) }

    /// Requires that an envelope's header names this scope, which a sender checks before it seals (section 5.3,
    /// step 0).
    ///
    /// - Throws: `CONTEXT`.
    package func requireNamed(by header: EnvelopeHeader) throws(ProtocolFailure) {
        let isNamed = header.scopeDigest == self.descriptor.digest && header.scopeKey == self.publicKey.encoded
        try require(isNamed, .context, "the header names another scope")
    }
}

package import CanonicalBytes
internal import Certificates
internal import P256Group
internal import Transcripts

/// A grant as read; nothing in it is believed before ``verify(owner:descriptor:at:)``.
package struct ParsedGrant: Sendable {
    package let terms: GrantTerms
    package let bytes: [UInt8]
    fileprivate let body: [UInt8]
    fileprivate let signature: [UInt8]
    fileprivate let keys: GrantKeys

    /// Parses a grant.
    ///
    /// - Throws: `FORMAT` or `DUPLICATE`; `IDENTITY` or `POINT` for a key or commitment.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        self.terms = try GrantTerms(&reader)
        self.body = reader.consumed
        self.signature = try reader.take(Schnorr.signatureLength)
        try reader.finish()
        try require(self.terms.encoded() == self.body, .format, "a grant that is not canonical")
        self.keys = try GrantKeys(self.terms)
        self.bytes = bytes
    }

    /// Verifies the owner's signature and that the grant is for the scope of the descriptor (specification
    /// section 5.5).
    ///
    /// - Parameters:
    ///   - owner: the owner's certificate with its key.
    ///   - descriptor: bytes of the scope's descriptor.
    ///   - now: seconds since 1970; nil, as for a receiver that opens stored data, leaves times unchecked.
    /// - Returns: the grant, as one that may be acted on.
    /// - Throws: `CONTEXT` or `TIME` for the certificate; `SCALAR` or `SIGNATURE`; `TIME` for the grant; `CONTEXT` for
    ///   another descriptor, what ``ScopeDescriptor/verify(owner:at:)`` throws, `CONTEXT` for another scope or one
    ///   for epoch keys.
    package func verify(
        owner: CertifiedKey,
        descriptor: [UInt8],
        at now: UInt64?
    ) throws(ProtocolFailure) -> VerifiedGrant {
        let terms = self.terms
        try owner.require(.sign, at: now)
        try owner.require(subject: terms.owner, digest: terms.ownerCertificateDigest)
        try Schnorr.verify(owner.publicKey, context: "GRANT", message: self.body, signature: self.signature)
        if let now { try terms.requireValid(at: now) }
        let isOurs = ScopeDescriptor.digest(of: descriptor) == terms.scopeDigest
        try require(isOurs, .context, "the grant is for another scope descriptor")
        let scope = try ScopeDescriptor(bytes: descriptor).verify(owner: owner, at: nil)
        let isSame =
            scope.publicKey.encoded == terms.scopeKey
            && scope.descriptor.owner.utf8.elementsEqual(terms.owner.utf8)
            && scope.descriptor.ownerCertificateDigest == terms.ownerCertificateDigest
        try require(isSame, .context, "the descriptor differs from the grant")
        try require(!scope.isEpochKeyScope, .context, "scopes for epoch keys are never granted")
        return VerifiedGrant(self, owner: owner, scope: scope)
    }
}

/// A grant that its owner signed for a scope of its own; made by ``ParsedGrant/verify(owner:descriptor:at:)`` alone.
package struct VerifiedGrant: Sendable {
    package let terms: GrantTerms
    package let bytes: [UInt8]
    /// `grant_digest`, 32 bytes.
    package let digest: [UInt8]
    package let owner: CertifiedKey
    package let scope: VerifiedScope
    let keys: GrantKeys

    fileprivate init(_ grant: ParsedGrant, owner: CertifiedKey, scope: VerifiedScope) {
        self.terms = grant.terms
        self.bytes = grant.bytes
        self.digest = Self.digest(of: grant.bytes)
        self.owner = owner
        self.scope = scope
        self.keys = grant.keys
    }

    /// `grant_digest` of a grant's bytes.
    package static func digest(of bytes: [UInt8]) -> [UInt8] { TaggedHash.digest("CBSRE-GRANT-ID", bytes) }

    /// `V_i = share_i·G`, as the commitments fix it.
    ///
    /// - Parameter index: 1 to n.
    /// - Returns: `V_i`.
    /// - Throws: `IDENTITY`.
    func shareCommitment(_ index: UInt8) throws(ProtocolFailure) -> P256PublicKey {
        let commitments = self.keys.commitments
        // Horner's rule: the factors stay below 256.
        guard commitments.count > 1 else { return commitments[0] }
        var value = commitments[commitments.count - 1].point
        for commitment in commitments.dropLast().reversed() {
            value = value.multiplied(bySmall: index) + commitment.point
        }
        return try P256PublicKey(value)
    }

    /// Requires that an envelope belongs to the granted scope.
    ///
    /// - Throws: `CONTEXT`.
    func requireScope(of header: EnvelopeHeader) throws(ProtocolFailure) {
        let isOurs = header.scopeDigest == self.terms.scopeDigest && header.scopeKey == self.terms.scopeKey
        try require(isOurs, .context, "the grant is for another scope")
    }
}

/// The points of a grant.
struct GrantKeys: Sendable {
    let scopeKey: P256PublicKey
    let ephemeral: P256PublicKey
    let commitments: [P256PublicKey]

    init(_ terms: GrantTerms) throws(ProtocolFailure) {
        self.scopeKey = try P256PublicKey(terms.scopeKey)
        self.ephemeral = try P256PublicKey(terms.ephemeral)
        var commitments: [P256PublicKey] = []
        for commitment in terms.commitments { commitments.append(try P256PublicKey(commitment)) }
        self.commitments = commitments
    }
}

extension GrantTerms {
    /// - Throws: `TIME`.
    func requireValid(at now: UInt64) throws(ProtocolFailure) {
        try require(self.notBefore <= now && now <= self.notAfter, .time, "the grant is not valid now")
    }
}

extension EnvelopeHeader {
    /// Requires dual control, or that the data set's entry on the chain says that single control is enough
    /// (specification section 5.6).
    ///
    /// - Throws: `CONTEXT`.
    func requireModeAllowed(singleControl: Bool) throws(ProtocolFailure) {
        let isAllowed = self.mode == .scopeAndEpochKey || singleControl
        try require(isAllowed, .context, "mode 0 in a data set under dual control")
    }
}

internal import CanonicalBytes
package import Certificates
internal import ChainReading
internal import Credentials
internal import IdentityEncryption
internal import Ledger
internal import Signcryption
internal import Transcripts

/// What a requester sends to every party in turn; bytes of any origin.
package struct KeyQuestion: Sendable {
    /// "WLI1".
    package let request: [UInt8]
    /// `E(D_0)` and so on.
    package let steps: [[UInt8]]
    package let round: UInt64
    /// "WLS1".
    package let descriptor: [UInt8]
    package let ownerCertificate: [UInt8]
    package let sender: String

    package init(
        request: [UInt8],
        steps: [[UInt8]],
        round: UInt64,
        descriptor: [UInt8],
        ownerCertificate: [UInt8],
        sender: String
    ) {
        self.request = request
        self.steps = steps
        self.round = round
        self.descriptor = descriptor
        self.ownerCertificate = ownerCertificate
        self.sender = sender
    }
}

/// Answers requests for keys: the cheap checks first, then the chain, then the nonce, then the step.
package struct IssuingDesk: Sendable {
    private let permissions: PermissionCheck
    private let nonces: NonceBook
    private let context: PartyContext
    /// Of the genesis.
    private let issuers: [TrustedIssuer]
    private let refusals: RefusalRecorder

    init(
        permissions: PermissionCheck,
        nonces: NonceBook,
        context: PartyContext,
        issuers: [TrustedIssuer],
        refusals: RefusalRecorder
    ) {
        self.permissions = permissions
        self.nonces = nonces
        self.context = context
        self.issuers = issuers
        self.refusals = refusals
    }

    /// This party's step.
    ///
    /// - Parameters:
    ///   - question: of any origin.
    ///   - keeper: of the parameters that were asked for.
    ///   - peer: who asks, by its connection; nil for a stranger, whose request alone says it.
    /// - Returns: `E(D_i)`.
    /// - Throws: ``IssuingRefusal``, or a database error; then nothing was issued.
    package func answer(_ question: KeyQuestion, from keeper: SetKeeper, to peer: PartyName?) async throws -> [UInt8] {
        let party = try await keeper.party(round: question.round)
        let now = self.context.clock()
        let (signed, certificate, issuer) = try self.verified(question.request, from: peer, at: now)
        let (scope, sender) = try self.scope(question, of: signed.request.terms)
        try await self.requirePermission(
            PermissionCheck.Claim(
                permission: signed.request.terms.permission,
                certificate: certificate,
                issuer: issuer,
                scope: scope,
                sender: sender
            )
        )
        let isNew = try await self.nonces.use(
            signed.request.terms.nonce,
            for: TaggedHash.digest("IBE-REQUEST", signed.bytes),
            expires: certificate.fields.notAfter,
            at: now
        )
        guard isNew else { throw IssuingRefusal.refused(.nonceUsed, "the nonce was used for another request") }
        return try blaming(keeper.plan) { () throws(PartyFailure) in
            try party.issue(question.request, after: question.steps, issuer: issuer.trusted.issuer, at: now)
        }
    }

    private func requirePermission(_ claim: PermissionCheck.Claim) async throws {
        let outcome: Result<Void, any Error>
        do {
            try await self.permissions.require(claim)
            outcome = .success(())
        } catch { outcome = .failure(error) }
        if case .failure(let error as ChainReadingError) = outcome {
            // What is no permission of the requester's, or of this moment, says nothing about a permission.
            if ![.chainUnavailable, .noPermission].contains(error.reason) {
                self.refusals.record(permission: claim.permission, code: error.reason.rawValue)
            }
            throw IssuingRefusal(error)
        }
        try outcome.get()
    }

    /// The request with the certificate that signed it.
    private func verified(
        _ bytes: [UInt8],
        from peer: PartyName?,
        at now: UInt64
    ) throws(IssuingRefusal) -> (SignedKeyRequest, ImplicitCertificate, TrustedParty) {
        let (signed, certificate, issuer) = try refusing {
            () throws(ProtocolFailure) -> (SignedKeyRequest, ImplicitCertificate, TrustedParty) in
            let certificate = try SignedKeyRequest.certificate(in: bytes)
            let issuer = try TrustedParty.issuer(of: certificate, among: self.issuers)
            let signed = try SignedKeyRequest(verifying: bytes, issuer: issuer.trusted.issuer, at: now)
            return (signed, certificate, issuer)
        }
        guard !self.context.revocations.contains(certificate.digest) else {
            throw .refused(.certificateRevoked, "the requester's certificate is revoked")
        }
        let isPseudonym = certificate.fields.usage.contains(.pseudonym)
        let isPeers = peer.map { certificate.fields.subject.utf8.elementsEqual($0.description.utf8) } ?? true
        guard isPseudonym || isPeers else {
            throw .refused(.anotherRequester, "the request is of another party than the connection")
        }
        return (signed, certificate, issuer)
    }

    /// The scope and the gateway whose data the identity names.
    private func scope(
        _ question: KeyQuestion,
        of terms: KeyRequestTerms
    ) throws(IssuingRefusal) -> (ScopeDescriptor, PartyName) {
        guard terms.permission.count == 32 else {
            throw .refused(.noPermission, "a permission's identifier has 32 bytes")
        }
        guard let sender = PartyName(question.sender), sender.description.utf8.elementsEqual(question.sender.utf8)
        else { throw .refused(.senderNotListed, "the sender is no party of a consortium") }
        let descriptor = try refusing { () throws(ProtocolFailure) in
            let descriptor = try ScopeDescriptor(bytes: question.descriptor)
            let certificate = try ImplicitCertificate(bytes: question.ownerCertificate)
            let issuer = try TrustedParty.issuer(of: certificate, among: self.issuers).trusted.issuer
            // Old data stays readable after its owner's certificate has expired.
            let verified = try descriptor.verify(owner: CertifiedKey(certificate, from: issuer), at: nil)
            try require(!verified.isEpochKeyScope, .context, "keys of a scope of epoch keys are not issued")
            return descriptor
        }
        let identity = EpochCapsule.dataIdentity(
            owner: descriptor.owner,
            label: descriptor.label,
            epoch: descriptor.epoch,
            sender: question.sender
        )
        guard identity == terms.identity else {
            throw .refused(.anotherScope, "the identity is not of this scope and sender")
        }
        return (descriptor, sender)
    }
}

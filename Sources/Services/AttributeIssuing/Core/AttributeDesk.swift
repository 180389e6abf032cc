internal import AccessPolicies
internal import AttributeEncryption
internal import CanonicalBytes
internal import Certificates
internal import ChainReading
internal import Contracts
internal import Credentials
internal import Ledger
internal import SecretSharing

/// Answers requests for attribute keys: the cheap checks first, then the chain, then the ledger, then the key.
struct AttributeDesk: Sendable {
    let authority: AttributeAuthority
    let chain: any ChainFacts
    let permissions: PermissionCheck
    /// Of the genesis.
    let issuers: [TrustedIssuer]
    let revocations: any RevocationSource
    let rules: ProvenAttributes
    let links: LinkLedger
    let refusals: RefusalNotes
    /// Seconds since 1970.
    let clock: @Sendable () -> UInt64

    /// A request whose signatures hold.
    private struct Verified: Sendable {
        let request: AttributeKeyRequest
        /// Of the requester's own certificate.
        let identityIssuer: TrustedParty
        /// Of the permission's certificate.
        let issuer: TrustedParty
    }

    /// Issues a key.
    ///
    /// - Parameters:
    ///   - bytes: "WLAQ", of any origin.
    ///   - peer: who asks, by her connection.
    /// - Returns: "WLA1", a secret; the caller wipes it.
    /// - Throws: ``AttributeRefusal``, or a database error; then nothing was issued.
    func answer(_ bytes: [UInt8], to peer: PartyName) async throws -> [UInt8] {
        let now = self.clock()
        let verified = try refusing { () throws(ProtocolFailure) in try self.verified(bytes, at: now) }
        let outcome: Result<AttributeSet, any Error>
        do { outcome = .success(try await self.granted(verified, to: peer)) } catch { outcome = .failure(error) }
        let attributes = try await self.settle(outcome, verified.request)
        let request = verified.request
        try await self.links.note(
            LinkLedger.Link(
                time: now,
                party: peer.description,
                identity: request.identity.digest,
                permission: request.permission,
                certificate: request.certificate.digest,
                request: request.bytes
            ),
            at: now
        )
        return try refusing { () throws(ProtocolFailure) in try self.authority.issue(attributes).secretBytes() }
    }

    /// A refusal of a request that its author signed is put on the chain, too.
    private func settle(
        _ outcome: Result<AttributeSet, any Error>,
        _ request: AttributeKeyRequest
    ) async throws -> AttributeSet {
        switch outcome {
        case .success(let attributes): return attributes
        case .failure(let error):
            let refusal = (error as? ChainReadingError).map { AttributeRefusal($0) } ?? error
            if let refusal = refusal as? AttributeRefusal {
                await self.refusals.note(refusal, of: request)
            }
            throw refusal
        }
    }

    private func verified(_ bytes: [UInt8], at now: UInt64) throws(ProtocolFailure) -> Verified {
        let request = try AttributeKeyRequest(bytes: bytes)
        let isOurs = request.authority.utf8.elementsEqual(self.authority.name.utf8)
        try require(isOurs, .context, "the request is for another authority")
        let identityIssuer = try TrustedParty.issuer(of: request.identity, among: self.issuers)
        let issuer = try TrustedParty.issuer(of: request.certificate, among: self.issuers)
        try request.verify(
            identity: identityIssuer.trusted.issuer,
            certificate: issuer.trusted.issuer,
            at: now
        )
        return Verified(request: request, identityIssuer: identityIssuer, issuer: issuer)
    }

    /// What the requester's key may have, if she may have one.
    private func granted(_ verified: Verified, to peer: PartyName) async throws -> AttributeSet {
        let request = verified.request
        try self.requireOwn(request, peer)
        guard !self.revocations.contains(request.identity.digest),
            !self.revocations.contains(request.certificate.digest)
        else { throw AttributeRefusal.refused(.certificateRevoked, "a certificate of the requester is revoked") }
        async let identity: Void = self.requireStanding(request.identity, verified.identityIssuer.trusted)
        async let permission = self.permissions.require(
            PermissionCheck.Claim(
                permission: request.permission,
                certificate: request.certificate,
                issuer: verified.issuer
            )
        )
        let scope = try await permission.scope
        try await identity
        return try self.rules.attributes(of: request.identity, scope: scope)
    }

    /// Both certificates are the connection's party's, unless one is a pseudonym.
    private func requireOwn(_ request: AttributeKeyRequest, _ peer: PartyName) throws(AttributeRefusal) {
        let name = peer.description.utf8
        guard request.identity.fields.subject.utf8.elementsEqual(name),
            request.identity.has(attribute: "role:\(peer.role.rawValue)")
        else { throw .refused(.anotherRequester, "the request is of another party than the connection") }
        guard request.isPseudonymous || request.certificate.fields.subject.utf8.elementsEqual(name) else {
            throw .refused(.anotherRequester, "the permission's certificate is another party's")
        }
    }

    /// The chain still lists the issuer of the requester's own certificate, and does not list it as revoked.
    private func requireStanding(_ certificate: ImplicitCertificate, _ issuer: TrustedIssuer) async throws {
        let name = issuer.issuer.name
        async let listed = self.chain.fact(of: StateKey.issuer(issuer.kind, name), on: .access)
        async let revoked = self.chain.fact(of: StateKey.revocation(of: certificate.digest, by: name), on: .access)
        var writer = CanonicalWriter()
        issuer.write(to: &writer)
        guard try await listed.value == writer.bytes else {
            throw AttributeRefusal.refused(.noPermission, "the chain does not trust the requester's issuer")
        }
        guard try await revoked.value == nil else {
            throw AttributeRefusal.refused(.certificateRevoked, "the requester's certificate is revoked on the chain")
        }
    }
}

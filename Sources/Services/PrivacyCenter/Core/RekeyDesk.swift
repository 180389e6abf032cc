internal import CanonicalBytes
internal import Certificates
internal import P256Group
internal import PrivacyCenterStore
internal import Records
internal import Signcryption
internal import Transcripts

/// What an owner sends to let this center re-encrypt a scope for a receiver.
struct RekeyRequest: Sendable {
    let grant: [UInt8]
    /// This center's package, with its share.
    let package: [UInt8]
    let descriptor: [UInt8]
    let ownerCertificate: [UInt8]
    /// The owner's signature that mode 0 may be re-encrypted (context `SINGLE-CONTROL`, over `T(grant_digest)`).
    let singleControl: [UInt8]?
}

/// Takes over and ends this center's part in grants (specification section 5.5).
struct RekeyDesk: Sendable {
    private static let singleControlContext = "SINGLE-CONTROL"

    private let context: CenterContext
    private let scopes: ScopeDirectory
    private let vault: ShareVault

    init(_ context: CenterContext, scopes: ScopeDirectory, vault: ShareVault) {
        self.context = context
        self.scopes = scopes
        self.vault = vault
    }

    /// What became of a request.
    struct Registration: Sendable {
        let grantDigest: Digest
        /// The center's number in the grant.
        let index: UInt8
        let isNew: Bool
    }

    /// Verifies a grant, opens this center's package and keeps the share.
    ///
    /// - Throws: ``CenterRefusal``, `StoreError`.
    func register(_ request: RekeyRequest, by peer: PartyName) async throws -> Registration {
        let owner = try self.context.certificates.parse(request.ownerCertificate).key
        guard peer.isNamed(by: owner.subject) else {
            throw CenterRefusal.refused(.notOwner, "the grant is another party's")
        }
        try self.context.requireUnrevoked(owner.digest, of: "owner")
        let keys = try self.context.keys()
        let now = self.context.nowSeconds
        let opened = try await self.context.verifying {
            let grant = try ParsedGrant(bytes: request.grant)
                .verify(owner: owner, descriptor: request.descriptor, at: now)
            try self.context.requireUnrevoked(grant.terms.receiverCertificateDigest, of: "receiver")
            return (grant, try self.openPackage(request, of: grant, keys))
        }
        _ = try await self.context.certificates.put(request.ownerCertificate)
        _ = try await self.scopes.keep(opened.0.scope)
        return try await self.keep(opened.0, opened.1, singleControl: request.singleControl)
    }

    /// Ends this center's part in a grant for good.
    ///
    /// - Throws: ``CenterRefusal``, `StoreError`.
    func revoke(_ grantDigest: Digest, by peer: PartyName) async throws {
        guard let rekey = try await self.context.store.rekey(grantDigest) else {
            throw CenterRefusal.refused(.unknownGrant, "no rekey was registered for the grant")
        }
        let owner = try await self.context.certificates.requiredKey(rekey.owner, of: "owner")
        guard peer.isNamed(by: owner.subject) else {
            throw CenterRefusal.refused(.notOwner, "the grant is another party's")
        }
        _ = try await self.context.store.revokeRekey(grantDigest)
    }

    private func openPackage(_ request: RekeyRequest, of grant: VerifiedGrant, _ keys: CenterKeys) throws -> KeyShare {
        let own = keys.certificate
        let position = grant.terms.centers.firstIndex { center in
            center.id.utf8.elementsEqual(own.fields.subject.utf8) && center.certificateDigest == own.digest
        }
        guard let position, let index = UInt8(exactly: position + 1) else {
            throw ProtocolFailure(.context, "the grant does not name this center with its present certificate")
        }
        try require(own.fields.usage.contains(.proxy), .context, "this center's certificate is not for re-encryption")
        let share = try grant.openPackage(request.package, index: index, key: keys.key)
        if let signature = request.singleControl {
            try Schnorr.verify(
                grant.owner.publicKey,
                context: Self.singleControlContext,
                message: transcript(grant.digest),
                signature: signature
            )
        }
        return share
    }

    private func keep(
        _ grant: VerifiedGrant,
        _ share: KeyShare,
        singleControl: [UInt8]?
    ) async throws -> Registration {
        let digest = try Digest(checking: grant.digest)
        if let known = try await self.context.store.rekey(digest) {
            return try self.repeated(known, singleControl: singleControl)
        }
        var secret = share.keyPair.secretBytes()
        defer { secret.wipe() }
        let entry = ShareVault.Entry(singleControl: singleControl, share: secret)
        let outcome = try await self.context.store.putRekey(
            Rekey(
                grantDigest: digest,
                scope: try Digest(checking: grant.terms.scopeDigest),
                receiver: try Digest(checking: grant.terms.receiverCertificateDigest),
                owner: try Digest(checking: grant.terms.ownerCertificateDigest),
                grant: grant.bytes,
                descriptor: grant.scope.descriptor.bytes,
                index: share.index,
                sealedShare: self.vault.seal(entry, grant: digest, index: share.index),
                notBefore: grant.terms.notBefore,
                notAfter: grant.terms.notAfter
            )
        )
        // A share is sealed differently each time: the same grant from two requests at once looks like a conflict.
        if outcome == .conflict, let known = try await self.context.store.rekey(digest) {
            return try self.repeated(known, singleControl: singleControl)
        }
        return Registration(grantDigest: digest, index: share.index, isNew: true)
    }

    private func repeated(_ known: Rekey, singleControl: [UInt8]?) throws -> Registration {
        guard !known.isRevoked else {
            throw CenterRefusal.refused(.grantRevoked, "the grant was revoked; make a new one")
        }
        var entry = try self.vault.open(known.sealedShare, grant: known.grantDigest, index: known.index)
        entry.share.wipe()
        guard (entry.singleControl == nil) == (singleControl == nil) else {
            throw CenterRefusal.refused(.conflict, "the grant is registered under the other control; make a new one")
        }
        return Registration(grantDigest: known.grantDigest, index: known.index, isNew: false)
    }
}

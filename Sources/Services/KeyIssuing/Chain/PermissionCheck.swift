internal import CanonicalBytes
package import Certificates
package import Contracts
internal import Ledger
package import Signcryption

/// Whether the chain allows a requester a key, as this party sees it for itself.
///
/// A permission is for a scope; the identity of a key is of a scope's owner, label and epoch and of one gateway. What
/// binds them: the scope's descriptor, signed by its owner, has the digest that the permission names; the permission was
/// granted within the owner's organization; and the owner lists the gateway as a writer of the scope.
package struct PermissionCheck: Sendable {
    /// What a request must be allowed.
    package struct Claim: Sendable {
        /// 32 bytes.
        package let permission: [UInt8]
        /// The requester's certificate, under which the request was verified.
        package let certificate: ImplicitCertificate
        package let issuer: TrustedParty
        /// Verified.
        package let scope: ScopeDescriptor
        /// The gateway whose data it is; nil for what concerns all of the scope.
        package let sender: PartyName?

        package init(
            permission: [UInt8],
            certificate: ImplicitCertificate,
            issuer: TrustedParty,
            scope: ScopeDescriptor,
            sender: PartyName?
        ) {
            self.permission = permission
            self.certificate = certificate
            self.issuer = issuer
            self.scope = scope
            self.sender = sender
        }
    }

    private let chain: any ChainFacts
    /// Milliseconds since 1970.
    private let clock: @Sendable () -> UInt64

    package init(chain: any ChainFacts, clock: @escaping @Sendable () -> UInt64) {
        self.chain = chain
        self.clock = clock
    }

    /// Requires that everything on the chain stands for the claim now.
    ///
    /// - Returns: the permission.
    /// - Throws: ``IssuingRefusal``.
    @discardableResult
    package func require(_ claim: Claim) async throws -> Permission {
        guard let owner = PartyName(claim.scope.owner), owner.description.utf8.elementsEqual(claim.scope.owner.utf8)
        else { throw IssuingRefusal.refused(.anotherScope, "the scope's owner is no party of a consortium") }
        async let standing: Void = self.requireStanding(claim)
        async let permitted = self.requirePermission(claim, owner)
        async let written: Void = self.requireWriter(claim, owner)
        return try await (standing, permitted, written).1
    }

    /// The issuer is still one of the chain's, and has not revoked the certificate there.
    private func requireStanding(_ claim: Claim) async throws {
        let issuer = claim.issuer.trusted
        let listed = try await self.chain.fact(
            of: StateKey.issuer(issuer.kind, issuer.issuer.name),
            on: .access
        )
        var writer = CanonicalWriter()
        issuer.write(to: &writer)
        guard listed.value == writer.bytes else {
            throw IssuingRefusal.refused(.noPermission, "the chain does not trust the requester's issuer")
        }
        let revocation = StateKey.revocation(of: claim.certificate.digest, by: issuer.issuer.name)
        guard try await self.chain.fact(of: revocation, on: .access).value == nil else {
            throw IssuingRefusal.refused(.certificateRevoked, "the requester's certificate is revoked on the chain")
        }
    }

    private func requirePermission(_ claim: Claim, _ owner: PartyName) async throws -> Permission {
        let fact = try await self.chain.fact(of: AccessKey.permission(claim.permission), on: .access)
        guard let bytes = fact.value, let permission = try? Permission(bytes: bytes),
            permission.id == claim.permission
        else { throw IssuingRefusal.refused(.noPermission, "the chain holds no such permission") }
        guard permission.requester == claim.certificate.digest else {
            throw IssuingRefusal.refused(.noPermission, "the permission is another requester's")
        }
        guard permission.revoked == 0 else {
            throw IssuingRefusal.refused(.permissionRevoked, "the permission is revoked")
        }
        // The later of both clocks: neither a slow machine nor an idle chain prolongs a permission.
        guard max(self.clock(), fact.time) <= permission.validUntil else {
            throw IssuingRefusal.refused(.permissionExpired, "the permission is over")
        }
        guard permission.scope == claim.scope.digest else {
            throw IssuingRefusal.refused(.anotherScope, "the permission is for another scope")
        }
        // Anybody may ask for any digest within an organization of theirs: only the owner's counts.
        guard permission.organization.utf8.elementsEqual(owner.organization.utf8) else {
            throw IssuingRefusal.refused(.anotherScope, "the permission is not of the scope owner's organization")
        }
        let revoked = try await self.chain.fact(of: SharingKey.revokedPermission(claim.permission), on: .index)
        guard revoked.value == nil else {
            throw IssuingRefusal.refused(.permissionRevoked, "the permission is revoked")
        }
        return permission
    }

    private func requireWriter(_ claim: Claim, _ owner: PartyName) async throws {
        guard let sender = claim.sender else { return }
        let refusal = IssuingRefusal.refused(.senderNotListed, "\(sender) does not write to this scope")
        guard sender.role == .gateway else { throw refusal }
        let fact = try await self.chain.fact(of: IndexKey.scope(claim.scope.digest), on: .index)
        guard let bytes = fact.value, let record = try? ScopeRecord(bytes: bytes) else {
            throw IssuingRefusal.refused(.senderNotListed, "the chain knows nothing of this scope yet")
        }
        guard record.owner.utf8.elementsEqual(owner.organization.utf8) else {
            throw IssuingRefusal.refused(.anotherScope, "the chain has another owner of this scope")
        }
        guard let list = record.list else {
            guard sender.organization.utf8.elementsEqual(owner.organization.utf8) else { throw refusal }
            return
        }
        guard list.epoch == claim.scope.epoch else {
            throw IssuingRefusal.refused(.anotherScope, "the chain has another epoch of this scope")
        }
        if list.writers.contains(.party(sender)) { return }
        for case .certificate(let digest) in list.writers {
            let fact = try await self.chain.fact(of: RegistryKey.certificate(digest), on: .access)
            let registered = fact.value.flatMap { try? RegisteredCertificate(bytes: $0) }
            if registered?.subject == sender { return }
        }
        throw refusal
    }
}

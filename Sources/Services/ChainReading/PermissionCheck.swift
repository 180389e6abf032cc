internal import CanonicalBytes
package import Certificates
package import Contracts
internal import Ledger
package import Signcryption

/// Whether the chain lets a requester have what belongs to a permission, as this party sees it for itself: the permission
/// is in force, and the certificate and its issuer still stand.
///
/// A permission is for a scope; the identity of a key is of a scope's owner, label and epoch and of one gateway. What
/// binds them: the scope's descriptor, signed by its owner, has the digest that the permission names; the permission was
/// granted within the owner's organization; and the owner lists the gateway as a writer of the scope.
package struct PermissionCheck: Sendable {
    /// What a request must be allowed.
    package struct Claim: Sendable {
        /// The scope that the permission must be for.
        struct Scope: Sendable {
            let digest: [UInt8]
            /// The owner's name, or its organization alone.
            let owner: String
            let isOrganization: Bool
            /// Of the list of writers; nil when no writer is asked about.
            let epoch: UInt64?
        }

        /// 32 bytes.
        package let permission: [UInt8]
        /// The requester's certificate, under which the request was verified.
        package let certificate: ImplicitCertificate
        package let issuer: TrustedParty
        let scope: Scope?
        /// The gateway whose data it is; nil for what concerns all of the scope.
        package let sender: PartyName?

        /// For what is in a scope whose descriptor is at hand.
        ///
        /// - Parameters:
        ///   - permission: 32 bytes.
        ///   - certificate: the requester's, under which the request was verified.
        ///   - issuer: of the certificate.
        ///   - scope: verified.
        ///   - sender: the gateway whose data it is; nil for what concerns all of the scope.
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
            self.scope = Scope(digest: scope.digest, owner: scope.owner, isOrganization: false, epoch: scope.epoch)
            self.sender = sender
        }

        /// For what is in a scope that is known by its digest.
        ///
        /// - Parameters:
        ///   - permission: 32 bytes.
        ///   - certificate: the requester's, under which the request was verified.
        ///   - issuer: of the certificate.
        ///   - scope: the descriptor's digest.
        ///   - organization: the scope owner's.
        package init(
            permission: [UInt8],
            certificate: ImplicitCertificate,
            issuer: TrustedParty,
            scope: [UInt8],
            organization: String
        ) {
            self.permission = permission
            self.certificate = certificate
            self.issuer = issuer
            self.scope = Scope(digest: scope, owner: organization, isOrganization: true, epoch: nil)
            self.sender = nil
        }

        /// For whatever scope the permission is for, as long as the chain knows it as one of the organization that
        /// granted it.
        ///
        /// - Parameters:
        ///   - permission: 32 bytes.
        ///   - certificate: the requester's, under which the request was verified.
        ///   - issuer: of the certificate.
        package init(permission: [UInt8], certificate: ImplicitCertificate, issuer: TrustedParty) {
            self.permission = permission
            self.certificate = certificate
            self.issuer = issuer
            self.scope = nil
            self.sender = nil
        }
    }

    /// A permission in force, with the block of the access channel after which it was.
    package struct Standing: Sendable {
        package let permission: Permission
        /// The newest block of the access channel that was read.
        package let access: ChainFact
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
    /// - Throws: ``ChainReadingError``.
    @discardableResult
    package func require(_ claim: Claim) async throws -> Permission {
        try await self.standing(of: claim).permission
    }

    /// Requires that everything on the chain stands for the claim now; all of it is read at once.
    ///
    /// - Returns: the permission, and up to which block it was seen to be in force.
    /// - Throws: ``ChainReadingError``.
    package func standing(of claim: Claim) async throws -> Standing {
        let organization = try claim.organization()
        async let standing: Void = self.requireStanding(claim)
        async let permitted = self.permission(claim, organization)
        async let written: Void = self.requireWriter(claim, organization)
        return try await (standing, permitted, written).1
    }

    // MARK: - The requester

    /// The issuer is still one of the chain's, and has not revoked the certificate there.
    private func requireStanding(_ claim: Claim) async throws {
        let issuer = claim.issuer.trusted
        let name = issuer.issuer.name
        let revocation = StateKey.revocation(of: claim.certificate.digest, by: name)
        async let listed = self.chain.fact(of: StateKey.issuer(issuer.kind, name), on: .access)
        async let revoked = self.chain.fact(of: revocation, on: .access)
        var writer = CanonicalWriter()
        issuer.write(to: &writer)
        guard try await listed.value == writer.bytes else {
            throw ChainReadingError(.noPermission, "the chain does not trust the requester's issuer")
        }
        guard try await revoked.value == nil else {
            throw ChainReadingError(.certificateRevoked, "the requester's certificate is revoked on the chain")
        }
    }

    // MARK: - The permission

    private func permission(_ claim: Claim, _ organization: String?) async throws -> Standing {
        async let held = self.chain.fact(of: AccessKey.permission(claim.permission), on: .access)
        async let revoked = self.chain.fact(of: SharingKey.revokedPermission(claim.permission), on: .index)
        let fact: ChainFact
        let consents: ChainFact
        let permission: Permission
        if let scope = claim.scope, let organization {
            async let about = self.chain.fact(of: AccessKey.consents(of: scope.digest, organization), on: .access)
            fact = try await held
            permission = try self.permission(fact, claim)
            consents = try await about
        } else {
            fact = try await held
            permission = try self.permission(fact, claim)
            async let known: Void = self.requireOwner(permission)
            async let about = self.chain.fact(
                of: AccessKey.consents(of: permission.scope, permission.organization),
                on: .access
            )
            consents = try await about
            try await known
        }
        // The later of both clocks: neither a slow machine nor an idle chain prolongs a permission.
        let now = max(self.clock(), fact.time)
        guard now <= permission.validUntil else {
            throw ChainReadingError(.permissionExpired, "the permission is over")
        }
        try self.requireScope(permission, claim, organization)
        guard try await revoked.value == nil else {
            throw ChainReadingError(.permissionRevoked, "the permission is revoked")
        }
        let about = try await self.requireConsent(consents, to: permission, at: now)
        return Standing(permission: permission, access: fact.height < about.height ? about : fact)
    }

    /// The requester's permission, unless it is revoked.
    private func permission(_ fact: ChainFact, _ claim: Claim) throws(ChainReadingError) -> Permission {
        guard let bytes = fact.value, let permission = try? Permission(bytes: bytes),
            permission.id == claim.permission
        else { throw ChainReadingError(.noPermission, "the chain holds no such permission") }
        guard permission.requester == claim.certificate.digest else {
            throw ChainReadingError(.noPermission, "the permission is another requester's")
        }
        guard permission.revoked == 0 else {
            throw ChainReadingError(.permissionRevoked, "the permission is revoked")
        }
        return permission
    }

    private func requireScope(
        _ permission: Permission,
        _ claim: Claim,
        _ organization: String?
    ) throws(ChainReadingError) {
        guard let scope = claim.scope, let organization else { return }
        guard permission.scope == scope.digest else {
            throw ChainReadingError(.anotherScope, "the permission is for another scope")
        }
        // Anybody may ask for any digest within an organization of theirs: only the owner's counts.
        guard permission.organization.utf8.elementsEqual(organization.utf8) else {
            throw ChainReadingError(.anotherScope, "the permission is not of the scope owner's organization")
        }
    }

    /// Requires that nothing said about the scope or its label objects.
    ///
    /// - Returns: what was read last.
    private func requireConsent(
        _ fact: ChainFact,
        to permission: Permission,
        at now: UInt64
    ) async throws -> ChainFact {
        let scope = try Self.consents(fact)
        var (label, last) = (ScopeConsents?.none, fact)
        if let digest = scope.label {
            last = try await self.chain.fact(of: AccessKey.consents(of: digest, permission.organization), on: .access)
            label = try Self.consents(last)
        }
        let judgement = ConsentJudgement(scope: scope, label: label)
        try Self.require(judgement.objection(to: permission, at: max(now, last.time)))
        return last.height < fact.height ? fact : last
    }

    private static func consents(_ fact: ChainFact) throws(ChainReadingError) -> ScopeConsents {
        guard let bytes = fact.value else { return ScopeConsents() }
        // What cannot be read might forbid.
        guard let consents = try? ScopeConsents(bytes: bytes) else {
            throw ChainReadingError(.chainUnavailable, "the consents about the scope cannot be read by this release")
        }
        return consents
    }

    private static func require(_ objection: RejectionCode?) throws(ChainReadingError) {
        switch objection {
        case nil: return
        case .consentRequired?:
            throw ChainReadingError(.consentRequired, "somebody with a say in the scope requires a consent for this")
        case .labelConsentRequired?:
            throw ChainReadingError(
                .labelConsentRequired,
                "somebody with a say in the scope's whole label requires a consent for this"
            )
        case .labelForbids?:
            throw ChainReadingError(.labelForbids, "somebody with a say in the scope's whole label forbids it")
        case .offerWithdrawn?:
            throw ChainReadingError(.offerWithdrawn, "the offer that the permission stands on does not stand any more")
        case .some: throw ChainReadingError(.consentForbids, "somebody with a say in the scope forbids it")
        }
    }

    // MARK: - The scope

    /// What the index channel holds of a scope must be of the organization that permitted.
    private func requireOwner(_ permission: Permission) async throws {
        let record = try await self.scope(permission.scope)
        guard let record else {
            throw ChainReadingError(.anotherScope, "the chain knows nothing of the permission's scope yet")
        }
        guard record.owner.utf8.elementsEqual(permission.organization.utf8) else {
            throw ChainReadingError(.anotherScope, "the permission is not of the scope owner's organization")
        }
    }

    private func requireWriter(_ claim: Claim, _ organization: String?) async throws {
        guard let sender = claim.sender, let scope = claim.scope, let organization else { return }
        let refusal = ChainReadingError(.senderNotListed, "\(sender) does not write to this scope")
        guard sender.role == .gateway else { throw refusal }
        guard let record = try await self.scope(scope.digest) else {
            throw ChainReadingError(.senderNotListed, "the chain knows nothing of this scope yet")
        }
        guard record.owner.utf8.elementsEqual(organization.utf8) else {
            throw ChainReadingError(.anotherScope, "the chain has another owner of this scope")
        }
        guard let list = record.list else {
            guard sender.organization.utf8.elementsEqual(organization.utf8) else { throw refusal }
            return
        }
        guard list.epoch == scope.epoch else {
            throw ChainReadingError(.anotherScope, "the chain has another epoch of this scope")
        }
        if list.writers.contains(.party(sender)) { return }
        for case .certificate(let digest) in list.writers {
            let fact = try await self.chain.fact(of: RegistryKey.certificate(digest), on: .access)
            let registered = fact.value.flatMap { try? RegisteredCertificate(bytes: $0) }
            if registered?.subject == sender { return }
        }
        throw refusal
    }

    private func scope(_ digest: [UInt8]) async throws -> ScopeRecord? {
        let fact = try await self.chain.fact(of: IndexKey.scope(digest), on: .index)
        return fact.value.flatMap { try? ScopeRecord(bytes: $0) }
    }
}

extension PermissionCheck.Claim {
    /// Of the scope's owner; nil when any scope is good.
    fileprivate func organization() throws(ChainReadingError) -> String? {
        guard let scope = self.scope else { return nil }
        if scope.isOrganization { return scope.owner }
        guard let owner = PartyName(scope.owner), owner.description.utf8.elementsEqual(scope.owner.utf8) else {
            throw ChainReadingError(.anotherScope, "the scope's owner is no party of a consortium")
        }
        return owner.organization
    }
}

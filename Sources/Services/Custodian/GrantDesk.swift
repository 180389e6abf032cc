internal import CanonicalBytes
internal import Certificates
internal import Credentials
package import Signcryption
internal import Uplink

/// A grant that was made, and who has it.
package struct GrantOutcome: Sendable {
    package let file: GrantFile
    /// The grant's digest, 32 bytes.
    package let digest: [UInt8]
    /// Whether it was there before, from an earlier attempt.
    package let isRepeated: Bool
    /// Parts that open an envelope, of how many centers.
    package let threshold: Int
    /// Centers that did not take it, and why.
    package let refusals: [(center: String, why: String)]

    /// Whether enough centers have it.
    package var isUsable: Bool { self.file.addresses.count - self.refusals.count >= self.threshold }
}

/// Makes grants of a custodian's scopes and brings them to the privacy centers.
package struct GrantDesk: Sendable {
    private let custodian: Custodian
    private let client: SecureClient
    private let grants: KeptGrants

    /// - Throws: `CredentialsError` when the custodian's directory cannot be used.
    package init(custodian: Custodian) throws {
        self.custodian = custodian
        self.client = SecureClient(identity: IdentityWatch(custodian.identity), servers: [.privacyCenter])
        self.grants = try KeptGrants(directory: custodian.directory)
    }

    package func close() async { await self.client.close() }

    /// Grants what was ordered; the same order goes on with the grant that was made first.
    ///
    /// The caller has seen that the permission stands and names the receiver's certificate and the scope.
    ///
    /// - Parameters:
    ///   - order: what, to whom, through whom.
    ///   - renew: make another grant although there is one under this permission.
    ///   - now: seconds since 1970.
    /// - Returns: the grant, and the centers that did not take it.
    /// - Throws: ``CustodianError``; `ProtocolFailure` for a certificate that does not serve, an impossible threshold, a
    ///   window that ends before it begins, or a scope of epoch keys.
    package func grant(_ order: GrantOrder, renew: Bool = false, at now: UInt64) async throws -> GrantOutcome {
        let centers = try order.centers.map { try CustodianService.center($0, self.client) }
        let kept = renew ? nil : try self.grants.grant(under: order.permission)
        let grant: KeptGrant
        if let kept {
            try Self.require(kept, fits: order)
            grant = kept
        } else {
            grant = try await self.make(order, centers, at: now)
            try self.grants.keep(grant, under: order.permission)
        }
        var refusals: [(center: String, why: String)] = []
        for (center, package) in zip(centers, grant.packages) {
            let rekey = Rekey(
                grant: grant.file.grant,
                package: package,
                descriptor: grant.file.descriptor,
                ownerCertificate: grant.file.ownerCertificate
            )
            do { try await center.register(rekey) } catch { refusals.append((center.name, "\(error)")) }
        }
        return GrantOutcome(
            file: grant.file,
            digest: VerifiedGrant.digest(of: grant.file.grant),
            isRepeated: kept != nil,
            threshold: try ParsedGrant(bytes: grant.file.grant).terms.threshold,
            refusals: refusals
        )
    }

    private func make(_ order: GrantOrder, _ centers: [PrivacyCenterClient], at now: UInt64) async throws -> KeptGrant {
        let scope = order.scope
        let descriptor = try ScopeDescriptor(bytes: scope.descriptor)
        // The descriptor's signature binds the scope to the certificate of then: after a rotation that one's key signs.
        guard let owner = try self.custodian.identity.generation(certified: descriptor.ownerCertificateDigest) else {
            throw CustodianError.grant(
                "the scope was described under a certificate whose key is gone from \(self.custodian.identity.directory)"
            )
        }
        let receiver = try CertifiedKey(bytes: order.receiverCertificate, from: owner.issuer)
        let threshold = order.threshold ?? centers.count
        guard (1...max(centers.count, 1)).contains(threshold), (1...255).contains(centers.count) else {
            throw CustodianError.grant("\(threshold) of \(centers.count) privacy centers cannot be asked for")
        }
        var named: [GrantCenter] = []
        for center in centers { named.append(try await Self.named(center, owner.issuer, at: now)) }
        let issued = try self.custodian.scopeKey(label: scope.label, epoch: scope.epoch).grant(
            to: GrantReceiver(id: receiver.subject, key: receiver, at: now),
            through: named,
            descriptor: descriptor,
            ownerCertificateDigest: owner.certificate.digest,
            ownerKey: owner.key,
            validity: (notBefore: order.notBefore, notAfter: order.notAfter),
            randomness: GrantRandomness(threshold: threshold, of: named.count)
        )
        let file = GrantFile(
            grant: issued.grant,
            descriptor: scope.descriptor,
            ownerCertificate: scope.ownerCertificate,
            addresses: order.centers
        )
        return KeptGrant(file: file, packages: issued.packages)
    }

    /// The center with the certificate that it proves to have now.
    private static func named(
        _ center: PrivacyCenterClient,
        _ issuer: CertificateIssuer,
        at now: UInt64
    ) async throws -> GrantCenter {
        let certificate: ImplicitCertificate
        do { certificate = try await center.presentCertificate(issuer: issuer, at: now) } catch {
            throw CustodianError.center(center.name, "\(error)")
        }
        let key = try CertifiedKey(certificate, from: issuer)
        return try GrantCenter(id: key.subject, key: key, at: now)
    }

    /// A repeated order must be the one that the grant was made for; what would differ needs another grant.
    private static func require(_ kept: KeptGrant, fits order: GrantOrder) throws {
        let terms = try ParsedGrant(bytes: kept.file.grant).terms
        let receiver = try ImplicitCertificate(bytes: order.receiverCertificate)
        let isSame =
            terms.scopeDigest == order.scope.digest && terms.receiverCertificateDigest == receiver.digest
            && kept.file.addresses == order.centers && terms.threshold == (order.threshold ?? order.centers.count)
        guard isSame else {
            throw CustodianError.grant(
                "under this permission there is a grant to another certificate, or through other centers; --renew makes another"
            )
        }
    }
}

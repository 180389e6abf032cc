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

/// A grant that is kept in the custodian's directory.
struct KeptTerms: Sendable, Equatable {
    /// The grant's, 32 bytes.
    let digest: [UInt8]
    /// Seconds since 1970, inclusive.
    let notBefore: UInt64
    let notAfter: UInt64
    /// Parts that open an envelope.
    let threshold: Int
    /// Addresses in the order of the grant.
    let centers: [String]
}

/// Makes grants, keeps them and brings them to the privacy centers, each step by itself.
protocol GrantPost: Sendable {
    /// Makes a grant and keeps it; the one that is kept already stays as it is.
    ///
    /// - Throws: ``CustodianError`` for what may work later; `ProtocolFailure` for what never will.
    func keep(_ order: GrantOrder, at now: UInt64) async throws -> KeptTerms

    /// The terms of the grant under a permission; nil when none is kept.
    func kept(under permission: [UInt8]) throws -> KeptTerms?

    /// Brings the kept grant to some of its centers.
    ///
    /// - Returns: those that did not take it, and why.
    func send(under permission: [UInt8], to centers: [String]) async throws -> [(center: String, why: String)]

    /// Has the centers forget the kept grant.
    ///
    /// - Returns: those that did not answer, and why.
    func withdraw(under permission: [UInt8]) async throws -> [(center: String, why: String)]

    /// What the receiver gets, public; nil when there is none.
    func file(under permission: [UInt8]) throws -> GrantFile?
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
        return GrantOutcome(
            file: grant.file,
            digest: VerifiedGrant.digest(of: grant.file.grant),
            isRepeated: kept != nil,
            threshold: try ParsedGrant(bytes: grant.file.grant).terms.threshold,
            refusals: try await self.send(grant)
        )
    }

    /// Registers a grant's packages with its privacy centers, all at once.
    ///
    /// - Returns: the centers that did not take theirs, in the grant's order.
    private func send(
        _ grant: KeptGrant,
        to wanted: [String]? = nil
    ) async throws -> [(center: String, why: String)] {
        var sendings: [(center: PrivacyCenterClient, rekey: Rekey)] = []
        for (address, package) in zip(grant.file.addresses, grant.packages) where wanted?.contains(address) ?? true {
            let rekey = Rekey(
                grant: grant.file.grant,
                package: package,
                descriptor: grant.file.descriptor,
                ownerCertificate: grant.file.ownerCertificate
            )
            sendings.append((try CustodianService.center(address, self.client), rekey))
        }
        return await withTaskGroup(of: (Int, String)?.self) { group in
            for (index, sending) in sendings.enumerated() {
                group.addTask {
                    do {
                        try await sending.center.register(sending.rekey)
                        return nil
                    } catch { return (index, "\(error)") }
                }
            }
            var refusals: [(Int, String)] = []
            for await refusal in group { if let refusal { refusals.append(refusal) } }
            return refusals.sorted { $0.0 < $1.0 }.map { (sendings[$0.0].center.name, $0.1) }
        }
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
        let receiver = try CertifiedKey(bytes: order.receiverCertificate, from: order.receiverIssuer ?? owner.issuer)
        let threshold = order.threshold ?? centers.count
        guard (1...max(centers.count, 1)).contains(threshold), (1...255).contains(centers.count) else {
            throw CustodianError.grant("\(threshold) of \(centers.count) privacy centers cannot be asked for")
        }
        let named = try await Self.named(centers, owner.issuer, at: now)
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

    /// The centers in their order, each with the certificate that it proves to have now.
    private static func named(
        _ centers: [PrivacyCenterClient],
        _ issuer: CertificateIssuer,
        at now: UInt64
    ) async throws -> [GrantCenter] {
        try await withThrowingTaskGroup(of: (Int, GrantCenter).self) { group in
            for (index, center) in centers.enumerated() {
                group.addTask { (index, try await self.named(center, issuer, at: now)) }
            }
            var named: [(Int, GrantCenter)] = []
            for try await center in group { named.append(center) }
            return named.sorted { $0.0 < $1.0 }.map(\.1)
        }
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

extension GrantDesk: GrantPost {
    func keep(_ order: GrantOrder, at now: UInt64) async throws -> KeptTerms {
        if let kept = try self.kept(under: order.permission) { return kept }
        let centers = try order.centers.map { try CustodianService.center($0, self.client) }
        let grant = try await self.make(order, centers, at: now)
        try self.grants.keep(grant, under: order.permission)
        return try KeptTerms(grant.file)
    }

    func kept(under permission: [UInt8]) throws -> KeptTerms? {
        try self.grants.grant(under: permission).map { try KeptTerms($0.file) }
    }

    func send(under permission: [UInt8], to centers: [String]) async throws -> [(center: String, why: String)] {
        guard let grant = try self.grants.grant(under: permission) else { return [] }
        return try await self.send(grant, to: centers)
    }

    func withdraw(under permission: [UInt8]) async throws -> [(center: String, why: String)] {
        guard let grant = try self.grants.grant(under: permission) else { return [] }
        let digest = VerifiedGrant.digest(of: grant.file.grant)
        var refusals: [(center: String, why: String)] = []
        for address in grant.file.addresses {
            let center = try CustodianService.center(address, self.client)
            do throws(UplinkFailure) { try await center.deleteRekey(digest) } catch {
                // It never had it.
                if case .refused(404, _, _, _) = error { continue }
                refusals.append((address, "\(error)"))
            }
        }
        return refusals
    }

    func file(under permission: [UInt8]) throws -> GrantFile? { try self.grants.grant(under: permission)?.file }
}

extension KeptTerms {
    fileprivate init(_ file: GrantFile) throws {
        let terms = try ParsedGrant(bytes: file.grant).terms
        self.init(
            digest: VerifiedGrant.digest(of: file.grant),
            notBefore: terms.notBefore,
            notAfter: terms.notAfter,
            threshold: terms.threshold,
            centers: file.addresses
        )
    }
}

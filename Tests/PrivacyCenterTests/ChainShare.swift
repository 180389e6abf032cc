import CanonicalBytes
import Certificates
import ChainReading
import Contracts
import Credentials
import Foundation
import Ledger
import P256Group
import Signcryption
import TestIdentities
import Transcripts

/// A grant of the site's scope to a receiver through this center, with what the chain holds about it.
struct ChainShare: Sendable {
    let receiver: RequesterKey
    let issued: IssuedGrant
    /// What may be changed before ``put(into:of:)``.
    var permission = [UInt8](repeating: 0x31, count: 32)
    var permissionRequester: [UInt8]
    var permissionScope: [UInt8]
    var policy = [UInt8](repeating: 9, count: 32)
    var kind = Permission.Kind.proven
    var basis = Permission.noBasis
    var permissionUntil: UInt64
    var permissionRevoked: UInt64 = 0
    var isRevokedOnIndex = false
    var hasGrant = true
    var grantReceiver: [UInt8]
    var grantScope: [UInt8]
    var grantUntil: UInt64
    var grantRevoked: UInt64 = 0
    /// Of modes, each of another author.
    var consents: [ConsentMode] = []
    /// Of the label that the scope is of; nil: the chain knows no label of it.
    var labelConsents: [ConsentMode]?
    private static let label = [UInt8](repeating: 0x70, count: 32)
    var isCertificateRevoked = false

    /// For a party, or for a new pseudonym when there is none.
    init(_ site: TestSite, receiver: Identity? = nil) throws {
        let now = site.nowSeconds
        self.receiver = try receiver.map(RequesterKey.init) ?? Self.pseudonym(site)
        let name = self.receiver.certificate.fields.subject
        self.issued = try site.scope.key.grant(
            to: GrantReceiver(
                id: name,
                key: CertifiedKey(self.receiver.certificate, from: self.receiver.issuer),
                at: now
            ),
            through: [
                GrantCenter(
                    id: site.centerIdentity.name.description,
                    key: site.certified(site.centerIdentity),
                    at: now
                )
            ],
            descriptor: site.scope.descriptor,
            ownerCertificateDigest: site.owner.certificate.digest,
            ownerKey: site.owner.key,
            validity: (now - 10, now + 1_000),
            randomness: GrantRandomness(threshold: 1, of: 1)
        )
        self.permissionRequester = self.receiver.certificate.digest
        self.permissionScope = site.scope.descriptor.digest
        self.permissionUntil = (now + 1_000) * 1_000
        self.grantReceiver = self.receiver.certificate.digest
        self.grantScope = site.scope.descriptor.digest
        self.grantUntil = (now + 1_000) * 1_000
    }

    private static func pseudonym(_ site: TestSite) throws -> RequesterKey {
        let request = P256KeyPair.generate()
        let issued = try site.pseudonyms.issue(
            CertificateRequest(request, subject: ""),
            fields: CertificateFields(
                issuer: site.pseudonyms.issuer.name,
                serial: 1,
                subject: "",
                notBefore: site.nowSeconds - 60,
                notAfter: site.nowSeconds + 6_000,
                usage: [.pseudonym, .keyExchange],
                attributes: []
            )
        )
        let key = try issued.keyPair(for: request, from: site.pseudonyms.issuer, usage: .pseudonym)
        return RequesterKey(certificate: issued.certificate, key: key, issuer: site.pseudonyms.issuer)
    }

    var digest: [UInt8] { VerifiedGrant.digest(of: self.issued.grant) }

    // MARK: - On the chain

    /// Writes everything into the state, in the contracts' own encodings.
    func put(into chain: FakeChain, of site: TestSite) {
        let issuers = [
            TrustedIssuer(kind: .authority, issuer: site.authority.authority.issuer),
            TrustedIssuer(kind: .pseudonymAuthority, issuer: site.pseudonyms.issuer),
        ]
        for issuer in issuers {
            var writer = CanonicalWriter()
            issuer.write(to: &writer)
            chain.set(writer.bytes, at: StateKey.issuer(issuer.kind, issuer.issuer.name), on: .access)
        }
        let revocation = StateKey.revocation(of: self.receiver.certificate.digest, by: self.receiver.issuer.name)
        chain.set(self.isCertificateRevoked ? [1] : nil, at: revocation, on: .access)
        chain.set(self.permissionBytes, at: AccessKey.permission(self.permission), on: .access)
        let index = SharingKey.revokedPermission(self.permission)
        chain.set(self.isRevokedOnIndex ? UInt64(1).bigEndianBytes : nil, at: index, on: .index)
        chain.set(self.hasGrant ? self.grantBytes : nil, at: SharingKey.grant(self.digest), on: .index)
        let consents = AccessKey.consents(of: site.scope.descriptor.digest, "ward")
        let isEmpty = self.consents.isEmpty && self.labelConsents == nil
        chain.set(isEmpty ? nil : self.bytes(of: self.consents, self.labelConsents != nil), at: consents, on: .access)
        let about = self.labelConsents.map { self.bytes(of: $0) }
        chain.set(about, at: AccessKey.consents(of: Self.label, "ward"), on: .access)
    }

    private var permissionBytes: [UInt8] {
        var writer = CanonicalWriter()
        writer.raw(self.permission)
        writer.raw([UInt8](repeating: 1, count: 32))
        writer.raw(self.permissionRequester)
        writer.raw(self.permissionScope)
        writer.raw(self.policy)
        writer.lengthPrefixed("ward")
        writer.lengthPrefixed("ward:steward:decider")
        writer.u64(1)
        writer.u64(self.permissionUntil)
        writer.u64(self.permissionRevoked)
        writer.lengthPrefixed("study")
        writer.u8(self.kind.rawValue)
        writer.raw(self.basis)
        return writer.bytes
    }

    private var grantBytes: [UInt8] {
        var writer = CanonicalWriter()
        writer.raw(self.grantScope)
        writer.raw(self.permission)
        writer.raw(self.grantReceiver)
        writer.lengthPrefixed("ward")
        writer.u64(1)
        writer.u64(self.grantUntil)
        writer.u64(self.grantRevoked)
        writer.u64(5)
        writer.raw([UInt8](repeating: 1, count: 32))
        writer.lengthPrefixed("study")
        writer.u8(self.kind.rawValue)
        writer.raw(self.basis)
        writer.u64(4)
        return writer.bytes
    }

    private func bytes(of consents: [ConsentMode], _ isOfLabel: Bool = false) -> [UInt8] {
        var writer = CanonicalWriter()
        writer.u16(UInt16(consents.count) | (isOfLabel ? 0x8000 : 0))
        if isOfLabel { writer.raw(Self.label) }
        for (place, mode) in consents.enumerated() {
            writer.raw([UInt8](repeating: UInt8(place), count: 32))
            writer.u8(mode.rawValue)
            writer.raw(SetConsent.anyRequest)
            writer.lengthPrefixed("")
            writer.u64(.max)
            writer.lengthPrefixed("ward:patient:p\(place)")
        }
        return writer.bytes
    }

    // MARK: - At the center

    /// Registers the grant and puts the receiver's certificate.
    func register(_ site: TestSite) async throws {
        let body = [
            "grant": self.issued.grant.base64, "package": self.issued.packages[0].base64,
            "descriptor": site.scope.descriptor.bytes.base64,
            "owner_certificate": site.owner.certificate.bytes.base64,
        ]
        _ = try await site.client(site.owner).post("/v1/rekeys", body)
        let certificate = self.receiver.certificate
        _ = try await site.stranger().put("/v1/certificates/\(certificate.digest.hex)", certificate.bytes)
    }

    func request(_ h1s: [[UInt8]], nonce: [UInt8] = SecureRandom.bytes(32)) throws -> [String: Any] {
        let signature = try Schnorr.sign(
            self.receiver.key,
            context: "REENC-REQ",
            message: transcript([self.digest, nonce] + h1s)
        )
        return [
            "grant": self.digest.hex, "envelopes": h1s.map(\.hex), "nonce": nonce.base64,
            "signature": signature.base64,
        ]
    }

    /// What a receiver shows in the place of a certificate.
    func proof(
        _ site: TestSite,
        by key: P256KeyPair? = nil,
        center: String = "cloud:privacy-center:one",
        grant: [UInt8]? = nil,
        time: UInt64? = nil
    ) throws -> String {
        let time = time ?? site.nowSeconds
        let signature = try Schnorr.sign(
            key ?? self.receiver.key,
            context: "CENTER-READ",
            message: transcript(Array(center.utf8), grant ?? self.digest, time.bigEndianBytes)
        )
        return (time.bigEndianBytes + signature).base64
    }
}

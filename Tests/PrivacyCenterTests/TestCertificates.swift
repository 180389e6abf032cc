import CanonicalBytes
import Certificates
import Credentials
import P256Group
import TestIdentities
import Testing

/// Certificates and lists beyond what an identity directory holds.
enum TestCertificates {
    /// Issues a certificate with any attributes.
    static func issue(
        _ site: TestSite,
        subject: String,
        attributes: [String]
    ) throws -> (certificate: ImplicitCertificate, key: P256KeyPair) {
        let request = P256KeyPair.generate()
        let issued = try site.authority.authority.issue(
            CertificateRequest(request, subject: subject),
            fields: CertificateFields(
                issuer: site.authority.authority.issuer.name,
                serial: 1,
                subject: subject,
                notBefore: site.nowSeconds - 60,
                notAfter: site.nowSeconds + 600,
                usage: [.sign],
                attributes: attributes
            )
        )
        return (issued.certificate, try issued.keyPair(for: request, from: site.authority.authority.issuer))
    }

    /// Puts a revocation list where the center reads it.
    static func revoke(_ digests: [[UInt8]], at site: TestSite) throws {
        let list = try RevocationList.sign(
            digests,
            number: 1,
            thisUpdate: site.nowSeconds - 10,
            nextUpdate: site.nowSeconds + 600,
            by: site.authority.authority
        )
        try PrivateFile.write(list.bytes, to: "\(site.centerIdentity.directory)/revocations.wlrl")
    }

    /// Asks until the center has read what was changed; every question is a request, so nothing sleeps here.
    static func eventually(_ condition: () async throws -> Bool) async throws {
        for _ in 0..<2_000 where try await condition() { return }
        Issue.record("the center did not take notice")
    }
}

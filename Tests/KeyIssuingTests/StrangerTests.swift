import CanonicalBytes
import Certificates
import ChainReading
import Contracts
import IdentityEncryption
import Ledger
import P256Group
import TestIdentities
import Testing
import Uplink

@testable import KeyIssuing

@Suite struct StrangerTests {
    private static func pseudonym(_ site: TestSite) throws -> RequesterKey {
        let request = P256KeyPair.generate()
        let now = TestSite.milliseconds / 1_000
        let issued = try site.pseudonyms.issue(
            CertificateRequest(request, subject: ""),
            fields: CertificateFields(
                issuer: site.pseudonyms.issuer.name,
                serial: 1,
                subject: "",
                notBefore: now - 60,
                notAfter: now + 600,
                usage: [.pseudonym, .keyExchange],
                attributes: []
            )
        )
        let key = try issued.keyPair(for: request, from: site.pseudonyms.issuer, usage: .pseudonym)
        return RequesterKey(certificate: issued.certificate, key: key, issuer: site.pseudonyms.issuer)
    }

    private static func permit(_ requester: RequesterKey, at site: TestSite) {
        var grounds = Grounds(site)
        grounds.requester = requester.certificate.digest
        grounds.put(into: site.chain, of: site)
        var writer = CanonicalWriter()
        TrustedIssuer(kind: .pseudonymAuthority, issuer: site.pseudonyms.issuer).write(to: &writer)
        site.chain.set(
            writer.bytes,
            at: StateKey.issuer(.pseudonymAuthority, site.pseudonyms.issuer.name),
            on: .access
        )
    }

    @Test("A pseudonym that shows no certificate gets the key that it is permitted, and nothing else is open")
    func pseudonym() async throws {
        try await TestSite.with { site in
            let file = try await site.setUp()
            let requester = try Self.pseudonym(site)
            Self.permit(requester, at: site)
            let directory = try site.strangersDirectory()
            let key = try await KeyRequester(
                file,
                parties: directory,
                requester: requester,
                issuer: site.authority.authority.issuer
            ).key(site.wish)
            try site.expectOpens(key, file)
            let other = try KeyRequester(
                file,
                parties: directory,
                requester: Self.pseudonym(site),
                issuer: site.authority.authority.issuer
            )
            let failure = await #expect(throws: DrivingFailure.self) { try await other.key(site.wish) }
            #expect(failure?.code == "no-permission")
            let closed = await #expect(throws: DrivingFailure.self) {
                try await directory.ask(0) { try await $0.commitment(plan: site.plan.bytes) }
            }
            #expect(closed?.code == "certificate-required")
        }
    }

    @Test("A refusal that is a verdict about the permission is told to the chain; others are not")
    func refusals() async throws {
        try await TestSite.with { site in
            let file = try await site.setUp()
            var grounds = Grounds(site)
            grounds.hasPermission = false
            grounds.put(into: site.chain, of: site)
            let requester = try site.requester(file)
            await #expect(throws: DrivingFailure.self) { try await requester.key(site.wish) }
            grounds.hasPermission = true
            grounds.consents = [.forbid]
            grounds.put(into: site.chain, of: site)
            let expected = RecordRefusal(
                permission: grounds.permission,
                step: .identityKey,
                code: "consent-forbids"
            )
            for _ in 0..<1_000 where site.chain.refusals.isEmpty {
                await #expect(throws: DrivingFailure.self) { try await requester.key(site.wish) }
            }
            #expect(site.chain.refusals.allSatisfy { $0 == expected } && !site.chain.refusals.isEmpty)
        }
    }
}

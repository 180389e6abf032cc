import CanonicalBytes
import Certificates
import Contracts
import Credentials
import Foundation
import IdentityEncryption
import Ledger
import P256Group
import SecretSharing
import Signcryption
import TestIdentities
import Testing
import Transcripts
import Uplink

@testable import KeyIssuing

@Suite struct IssuingTests {
    /// A request whose blinding the test knows.
    private struct Asked {
        let request: KeyRequest
        let blinding: SecretFr
        let question: IssuingPartyClient.KeyQuestion

        /// The same request after steps of other parties.
        func after(_ steps: [UInt8]...) -> IssuingPartyClient.KeyQuestion {
            var question = self.question
            question.steps = steps
            return question
        }

        init(_ site: TestSite, nonce: [UInt8] = SecureRandom.bytes(32), by identity: Identity? = nil) throws {
            let identity = identity ?? site.researcher
            let terms = KeyRequestTerms(
                identity: site.wish.identity,
                requester: identity.certificate.digest.hex,
                permission: site.wish.permission,
                nonce: nonce
            )
            self.blinding = .random()
            self.request = try KeyRequest(terms, blinding: self.blinding)
            let signed = try SignedKeyRequest(
                self.request,
                certificate: identity.certificate.bytes,
                key: identity.key
            )
            self.question = .init(
                request: signed.bytes,
                round: 0,
                descriptor: site.descriptor.bytes,
                ownerCertificate: site.owner.certificate.bytes,
                sender: site.gateway.description
            )
        }
    }

    /// One thing on the chain that is not as it must be.
    struct Flaw: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: String
        let change: @Sendable (inout Grounds) -> Void

        init(_ name: String, _ code: String, _ change: @escaping @Sendable (inout Grounds) -> Void) {
            self.testDescription = name
            self.code = code
            self.change = change
        }
    }

    @Test("A permitted requester gets the key, which opens what is encapsulated for it")
    func key() async throws {
        try await TestSite.with { site in
            let file = try await site.setUp()
            let key = try await site.requester(file).key(site.wish)
            try site.expectOpens(key, file)
            let stored = try IdentityKey(fileBytes: key.fileBytes(), parameters: file.parameters)
            try site.expectOpens(stored, file)
        }
    }

    @Test("Nobody gets a key before the setup is complete")
    func notSetUp() async throws {
        try await TestSite.with { site in
            let asked = try Asked(site)
            let refused = await refusal { _ = try await site.client(0, as: site.researcher).issue(asked.question) }
            #expect(refused?.code == "not-set-up")
        }
    }

    @Test(
        "Each party refuses what the chain does not allow",
        arguments: [
            Flaw("no permission", "no-permission") { $0.hasPermission = false },
            Flaw("another requester's", "no-permission") { $0.requester[0] ^= 1 },
            Flaw("revoked", "permission-revoked") { $0.revoked = 1 },
            Flaw("revoked as the index channel knows", "permission-revoked") { $0.isRevokedOnIndex = true },
            Flaw("expired", "permission-expired") { $0.validUntil = TestSite.milliseconds - 1 },
            Flaw("for another scope", "another-scope") { $0.scope[0] ^= 1 },
            Flaw("granted in another organization", "another-scope") { $0.organization = "lab" },
            Flaw("a scope that nobody listed", "sender-not-listed") { $0.isScopeKnown = false },
            Flaw("a scope of another organization", "another-scope") { $0.owner = "lab" },
            Flaw("a list of another epoch", "another-scope") { $0.listEpoch = 2 },
            Flaw("a list without the gateway", "sender-not-listed") { $0.writers = [] },
            Flaw("an issuer that the chain dropped", "no-permission") { $0.issuer = nil },
            Flaw("a certificate revoked on the chain", "certificate-revoked") { $0.isCertificateRevoked = true },
            Flaw("forbidden by a consent", "consent-forbids") { $0.consents = [.allow, .forbid] },
            Flaw("without a consent that is required", "consent-required") { $0.consents = [.require] },
        ]
    )
    func refusals(_ flaw: Flaw) async throws {
        try await TestSite.with { site in
            let file = try await site.setUp()
            var grounds = Grounds(site)
            flaw.change(&grounds)
            grounds.put(into: site.chain, of: site)
            let asked = try Asked(site)
            let first = try site.client(0, as: site.researcher)
            #expect(await refusal { _ = try await first.issue(asked.question) }?.code == flaw.code)
            // The second party, asked after an honest first one, does not believe that one's check.
            Grounds(site).put(into: site.chain, of: site)
            let next = asked.after(try await first.issue(asked.question))
            grounds.put(into: site.chain, of: site)
            let second = try site.client(1, as: site.researcher)
            #expect(await refusal { _ = try await second.issue(next) }?.code == flaw.code)
            Grounds(site).put(into: site.chain, of: site)
            try site.expectOpens(try await site.requester(file).key(site.wish), file)
        }
    }

    @Test("A gateway without a list must be the owner's; one that is listed by its certificate may be anybody's")
    func writers() async throws {
        try await TestSite.with { site in
            _ = try await site.setUp()
            let client = try site.client(0, as: site.researcher)
            var grounds = Grounds(site)
            grounds.writers = nil
            grounds.put(into: site.chain, of: site)
            _ = try await client.issue(Asked(site).question)
            let digest = [UInt8](repeating: 8, count: 32)
            grounds.writers = [.certificate(digest)]
            grounds.put(into: site.chain, of: site)
            #expect(await refusal { _ = try await client.issue(Asked(site).question) }?.code == "sender-not-listed")
            var writer = CanonicalWriter()
            writer.lengthPrefixed(site.gateway.description)
            writer.lengthPrefixed("Test CA")
            for _ in 0..<3 { writer.u64(1) }
            site.chain.set(writer.bytes, at: RegistryKey.certificate(digest), on: .access)
            _ = try await client.issue(Asked(site).question)
        }
    }

    @Test("The very same request is answered again alike; its nonce in another one is refused, also after a restart")
    func nonces() async throws {
        try await TestSite.with { site in
            _ = try await site.setUp()
            let asked = try Asked(site)
            let client = try site.client(0, as: site.researcher)
            let answer = try await client.issue(asked.question)
            #expect(try await client.issue(asked.question) == answer)
            let other = try Asked(site, nonce: asked.request.terms.nonce)
            #expect(await refusal { _ = try await client.issue(other.question) }?.code == "nonce-used")
            try await site.restart()
            let again = try site.client(0, as: site.researcher)
            #expect(await refusal { _ = try await again.issue(other.question) }?.code == "nonce-used")
            #expect(try await again.issue(asked.question) == answer)
        }
    }

    @Test("A step that its party's secret did not make is refused by the next party, which names the author")
    func wrongStep() async throws {
        try await TestSite.with { site in
            let file = try await site.setUp()
            let asked = try Asked(site)
            let honest = try await site.client(0, as: site.researcher).issue(asked.question)
            let wrong = try IdentityPoint.encoded(site.wish.identity)
            let second = try site.client(1, as: site.researcher)
            let blamed = await refusal { _ = try await second.issue(asked.after(wrong)) }
            #expect(blamed?.code == "PROOF" && blamed?.detail.hasPrefix("party 0 (cloud:kgc:kgc): ") == true)
            let joint = try file.verify(issuer: site.authority.authority.issuer)
            let failure = #expect(throws: PartyFailure.self) {
                try joint.verify(beginning: [wrong], of: asked.request)
            }
            #expect(failure?.party == 0)
            let last = try site.client(2, as: site.researcher)
            let other = await refusal { _ = try await last.issue(asked.after(honest, honest)) }
            #expect(other?.code == "PROOF" && other?.detail.hasPrefix("party 1 ") == true)
            #expect(await refusal { _ = try await second.issue(asked.after(honest, honest)) }?.code == "CONTEXT")
        }
    }

    @Test("Whoever took another's request off the wire gets nothing for it")
    func stolen() async throws {
        try await TestSite.with { site in
            _ = try await site.setUp()
            let thief = try site.authority.enroll("lab:researcher:thief")
            let asked = try Asked(site)
            let client = try site.client(0, as: thief)
            #expect(await refusal { _ = try await client.issue(asked.question) }?.code == "another-requester")
            let own = try Asked(site, by: thief)
            #expect(await refusal { _ = try await client.issue(own.question) }?.code == "no-permission")
        }
    }

    @Test("The identity must be of the descriptor and the sender, and no scope of epoch keys")
    func identity() async throws {
        try await TestSite.with { site in
            _ = try await site.setUp()
            let client = try site.client(0, as: site.researcher)
            let asked = try Asked(site)
            let elsewhere = IssuingPartyClient.KeyQuestion(
                request: asked.question.request,
                round: 0,
                descriptor: asked.question.descriptor,
                ownerCertificate: asked.question.ownerCertificate,
                sender: "ward:gateway:bed-2"
            )
            #expect(await refusal { _ = try await client.issue(elsewhere) }?.code == "another-scope")
            let forged = IssuingPartyClient.KeyQuestion(
                request: asked.question.request,
                round: 0,
                descriptor: asked.question.descriptor,
                ownerCertificate: site.researcher.certificate.bytes,
                sender: site.gateway.description
            )
            #expect(await refusal { _ = try await client.issue(forged) }?.code == "CONTEXT")
        }
    }

    @Test("Without a quorum of validators nothing is issued, and the nonce stays unused")
    func chainDown() async throws {
        try await TestSite.with { site in
            _ = try await site.setUp()
            let asked = try Asked(site)
            let client = try site.client(0, as: site.researcher)
            site.chain.fail()
            #expect(await refusal { _ = try await client.issue(asked.question) }?.code == "chain-unavailable")
            site.chain.fail(false)
            let other = try Asked(site, nonce: asked.request.terms.nonce)
            _ = try await client.issue(other.question)
        }
        try await TestSite.with(usesChain: false) { site in
            _ = try await site.setUp()
            let client = try site.client(0, as: site.researcher)
            #expect(await refusal { _ = try await client.issue(Asked(site).question) }?.code == "chain-unavailable")
        }
    }
}

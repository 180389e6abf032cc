import AccessPolicies
import AttributeEncryption
import CanonicalBytes
import Certificates
import ChainReading
import Contracts
import Credentials
import Foundation
import IndexPages
import Ledger
import P256Group
import TestIdentities
import Testing
import Uplink

@testable import AttributeIssuing

@Suite struct IssuingTests {
    /// One thing on the chain that is not as it must be.
    struct Flaw: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: String
        let isRecorded: Bool
        let change: @Sendable (inout Grounds) -> Void

        init(
            _ name: String,
            _ code: String,
            recorded isRecorded: Bool = true,
            _ change: @escaping @Sendable (inout Grounds) -> Void
        ) {
            self.testDescription = name
            self.code = code
            self.isRecorded = isRecorded
            self.change = change
        }
    }

    private static func permissionAttribute(_ site: TestSite) throws -> String {
        try IndexPolicy.permission(scopeDigest: Grounds(site).scope)
    }

    @Test("A permitted requester gets a key for her own certificate's attributes and the permission's scope alone")
    func key() async throws {
        try await TestSite.with { site in
            let client = try site.client()
            let permission = Grounds(site).permission
            let key = try await client.key(
                permission: permission,
                requester: site.pseudonym,
                identity: site.researcher
            )
            let expected = try AttributeSet([
                "role:researcher", "site:lab", "study:atrial", "board=12", "training=2025",
                Self.permissionAttribute(site),
            ])
            #expect(key.attributes == expected.attributes)
            let publicKey = try await client.publicKey()
            #expect(try await site.raw().publicKey() == publicKey.bytes)
            let other = try await client.key(
                permission: permission,
                requester: site.pseudonym,
                identity: site.researcher
            )
            let bytes = try (other.secretBytes(), key.secretBytes())
            #expect(bytes.0 != bytes.1)
        }
    }

    @Test("The key opens an index key only with the policy's attributes and the permission's, in that scope only")
    func opens() async throws {
        try await TestSite.with { site in
            let file = try await site.client().file(
                permission: Grounds(site).permission,
                requester: site.pseudonym,
                identity: site.researcher
            )
            let scope = Grounds(site).scope
            let secret = IndexKey.generate()
            let policy = try AccessPolicy("study:atrial and training >= 2024").text
            let sealed = try IndexKeySealing.seal(secret, scopeDigest: scope, policy: policy, under: file.publicKey)
            let opened = try IndexKeySealing.open(sealed, scopeDigest: scope, with: file.decryptor)
            #expect(opened.secretBytes() == secret.secretBytes())
            // Other attributes, another scope, and both.
            let other = scope.map { $0 ^ 1 }
            for (policy, scope) in [("study:other", scope), (policy, other), ("training >= 2026", other)] {
                let sealed = try IndexKeySealing.seal(
                    secret,
                    scopeDigest: scope,
                    policy: policy,
                    under: file.publicKey
                )
                #expect(throws: ProtocolFailure(.unsatisfied, "the index key does not open with this attribute key")) {
                    try IndexKeySealing.open(sealed, scopeDigest: scope, with: file.decryptor)
                }
            }
        }
    }

    @Test("Clinicians get keys, and requesters whose permission names their own certificate")
    func ownCertificate() async throws {
        try await TestSite.with { site in
            let clinician = try site.authority.enroll("ward:clinician:c")
            for identity in [site.researcher, clinician] {
                var grounds = Grounds(site)
                grounds.requester = identity.certificate.digest
                grounds.put(into: site.chain, of: site)
                let key = try await site.client(as: identity).key(
                    permission: grounds.permission,
                    requester: RequesterKey(identity),
                    identity: identity
                )
                #expect(key.attributes.contains("role:\(identity.name.role.rawValue)"))
            }
        }
    }

    @Test(
        "What the chain does not allow is refused, and recorded there if the permission is the requester's",
        arguments: [
            Flaw("no permission", "no-permission", recorded: false) { $0.hasPermission = false },
            Flaw("another requester's", "no-permission", recorded: false) { $0.requester[0] ^= 1 },
            Flaw("revoked", "permission-revoked") { $0.revoked = 1 },
            Flaw("revoked as the index channel knows", "permission-revoked") { $0.isRevokedOnIndex = true },
            Flaw("expired", "permission-expired") { $0.validUntil = TestChain.milliseconds - 1 },
            Flaw("forbidden by a patient", "consent-forbids") { $0.consents = [(.forbid, "ward:patient:p")] },
            Flaw("a consent that is missing", "consent-required") { $0.consents = [(.require, "ward:patient:p")] },
            Flaw("an offer that was withdrawn", "offer-withdrawn") { $0.kind = .offered },
            Flaw("a scope that the chain does not know", "another-scope") { $0.isScopeKnown = false },
            Flaw("a scope of another organization", "another-scope") { $0.owner = "lab" },
            Flaw("an issuer that the chain dropped", "no-permission", recorded: false) { $0.hasIssuer = false },
            Flaw("an issuer of pseudonyms that the chain dropped", "no-permission", recorded: false) {
                $0.hasPseudonymIssuer = false
            },
            Flaw("an identity revoked on the chain", "certificate-revoked") { $0.isIdentityRevoked = true },
            Flaw("a pseudonym revoked on the chain", "certificate-revoked") { $0.isPseudonymRevoked = true },
            Flaw("revoked, of somebody else's permission", "certificate-revoked", recorded: false) {
                $0.isPseudonymRevoked = true
                $0.requester[0] ^= 1
            },
        ]
    )
    func refusals(_ flaw: Flaw) async throws {
        try await TestSite.with { site in
            var grounds = Grounds(site)
            flaw.change(&grounds)
            grounds.put(into: site.chain, of: site)
            #expect(try await site.ask() == flaw.code)
            // Refused again: recorded once.
            #expect(try await site.ask() == flaw.code)
            #expect(try await site.links().isEmpty)
            // One that is recorded in any case shows that no other came before.
            var last = Grounds(site)
            last.permission = [UInt8](repeating: 0x32, count: 32)
            last.revoked = 1
            last.put(into: site.chain, of: site)
            _ = try await site.ask(permission: last.permission)
            if flaw.isRecorded {
                let first = await site.chain.refusal()
                #expect(first == RecordRefusal(permission: grounds.permission, step: .attributeKey, code: flaw.code))
            }
            let second = await site.chain.refusal()
            #expect(second?.permission == last.permission && second?.code == "permission-revoked")
            Grounds(site).put(into: site.chain, of: site)
            #expect(try await site.ask() == nil)
        }
    }

    @Test("An emergency's permission does not wait for consents")
    func emergency() async throws {
        try await TestSite.with { site in
            var grounds = Grounds(site)
            grounds.kind = .emergency
            grounds.consents = [(.forbid, "ward:patient:p")]
            grounds.put(into: site.chain, of: site)
            let code = try await site.ask()
            #expect(code == nil)
        }
    }

    @Test("Whoever has another's request gets nothing for it, and it is recorded")
    func stolen() async throws {
        try await TestSite.with { site in
            let thief = try site.authority.enroll("lab:researcher:thief")
            #expect(try await site.ask(as: thief) == "another-requester")
            let recorded = await site.chain.refusal()
            #expect(recorded?.code == "another-requester")
            // A permission of somebody's own certificate is of nobody else's use, even with that one's signature.
            let own = try site.request(by: thief, under: RequesterKey(site.researcher))
            #expect(try await site.refusal(own.bytes, as: thief) == "another-requester")
            // The same party in another role is another party.
            let clinician = try site.authority.enroll("lab:clinician:r")
            #expect(try await site.ask(as: clinician) == "another-requester")
        }
    }

    @Test("A certificate that the requester wrote herself proves nothing: its key cannot be used")
    func forgedAttributes() async throws {
        try await TestSite.with { site in
            var fields = site.researcher.certificate.fields
            fields.attributes = ["role:researcher", "study:other"]
            let forged = try ImplicitCertificate(
                fields,
                reconstructionPoint: site.researcher.certificate.reconstructionPoint
            )
            let request = try AttributeKeyRequest(
                permission: Grounds(site).permission,
                authority: site.server.name.description,
                requester: site.pseudonym,
                identity: forged,
                identityKey: site.researcher.key
            )
            #expect(try await site.refusal(request.bytes) == "SIGNATURE")
        }
    }

    @Test("A pseudonym is used by its holder only, and every part of a request is signed")
    func signatures() async throws {
        try await TestSite.with { site in
            let stranger = RequesterKey(
                certificate: site.pseudonym.certificate,
                key: .generate(),
                issuer: site.pseudonym.issuer
            )
            #expect(try await site.ask(under: stranger) == "SIGNATURE")
            let request = try site.request().bytes
            // Behind the mark and the authority's name: permission and nonce.
            let start = 8 + site.server.name.description.utf8.count
            for place in [start, start + 32] {
                var changed = request
                changed[place] ^= 1
                #expect(try await site.refusal(changed) == "SIGNATURE")
            }
            #expect(try await site.refusal(Array(request.dropLast())) == "FORMAT")
            #expect(try await site.refusal(request + [0]) == "FORMAT")
            let elsewhere = try site.request(authority: "cloud:attribute-authority:other")
            #expect(try await site.refusal(elsewhere.bytes) == "CONTEXT")
            let foreign = try TestSite.pseudonym(CertificateAuthority(name: "Nobody", key: .generate()))
            #expect(try await site.ask(under: foreign) == "CONTEXT")
            let named = try TestSite.pseudonym(site.pseudonyms, subject: "lab:researcher:r")
            #expect(try await site.ask(under: named) == "CONTEXT")
            #expect(try await site.links().isEmpty)
        }
    }

    @Test("Attributes that are no numbers where numbers must be make no key")
    func numbers() async throws {
        try await TestSite.with { site in
            let identity = try site.authority.enroll(
                "lab:researcher:n",
                attributes: ["role:researcher", "training:soon"]
            )
            let request = try site.request(by: identity)
            #expect(try await site.refusal(request.bytes, as: identity) == "unusable-attributes")
            let recorded = await site.chain.refusal()
            #expect(recorded?.code == "unusable-attributes")
        }
    }

    @Test("Without a quorum of validators nothing is issued")
    func chainDown() async throws {
        try await TestSite.with { site in
            site.chain.fail()
            let code = try await site.ask()
            #expect(code == "chain-unavailable")
            let failure = await #expect(throws: AttributeKeyFailure.self) { try await site.client().publicKey() }
            #expect(failure?.code == "chain-unavailable")
            site.chain.fail(false)
            let later = try await site.ask()
            #expect(later == nil)
        }
    }

    @Test("A party that asks too often waits")
    func rate() async throws {
        try await TestSite.with(adjust: {
            $0.requestsPerSecond = 0.001
            $0.requestsBurst = 1
        }) { site in
            let codes = try await [site.ask(), site.ask()]
            #expect(codes == [nil, "too-many-requests"])
        }
    }

    @Test("The client believes no key but one under the public key that the chain proves")
    func holderCheck() async throws {
        try await TestSite.with { site in
            let other = try AttributeAuthority(name: site.server.name.description).publicKey()
            site.chain.publish(other.bytes, of: site.server.name)
            let failure = await #expect(throws: AttributeKeyFailure.self) {
                try await site.client().key(
                    permission: Grounds(site).permission,
                    requester: site.pseudonym,
                    identity: site.researcher
                )
            }
            #expect(failure?.code == "KEY")
            site.chain.set(nil, at: RegistryKey.attributeKey(site.server.name), on: .access)
            let unknown = await #expect(throws: AttributeKeyFailure.self) { try await site.client().publicKey() }
            #expect(unknown?.code == "authority-key-unknown")
        }
    }

    @Test("Every reason that the chain can give has its code here")
    func codes() {
        for reason in ChainReadingError.Reason.allCases where reason != .senderNotListed {
            #expect(AttributeRefusal(ChainReadingError(reason, "")).code == reason.rawValue)
        }
    }
}

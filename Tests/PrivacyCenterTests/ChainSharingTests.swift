import CanonicalBytes
import Certificates
import ChainReading
import Contracts
import Credentials
import Foundation
import Ledger
import P256Group
import Records
import Signcryption
import Synchronization
import TestIdentities
import Testing
import Transcripts

@Suite struct ChainSharingTests {
    /// A site with a chain that carries a share, and the H1 of some envelopes.
    private static func with(
        adjust: @escaping @Sendable (inout ChainShare) -> Void = { _ in },
        count: Int = 1,
        _ body: (TestSite, FakeChain, ChainShare, [[UInt8]]) async throws -> Void
    ) async throws {
        try await TestSite.with(hasChain: true) { site in
            let chain = try #require(site.chain)
            _ = try await site.putCertificate(site.gateway)
            var h1s: [[UInt8]] = []
            for number in 1...count {
                let envelope = try site.envelope(UInt64(number))
                #expect(try await site.put(envelope).status == 201)
                h1s.append(ParsedEnvelope.indexPointer(of: envelope))
            }
            var share = try ChainShare(site)
            try await share.register(site)
            adjust(&share)
            share.put(into: chain, of: site)
            try await body(site, chain, share, h1s)
        }
    }

    @Test("A pseudonym without a certificate gets parts, the proof of their delivery and the head they rest on")
    func delivered() async throws {
        try await Self.with(count: 40) { site, chain, share, h1s in
            let nonce = SecureRandom.bytes(32)
            let answer = try await site.stranger().post("/v1/reencryptions", share.request(h1s, nonce: nonce))
            #expect(answer.status == 200)
            let parts = try #require(answer.object["parts"] as? [[String: Any]])
            #expect(parts.compactMap { $0["h1"] as? String } == h1s.map(\.hex))
            let proof = try TransactionProof(bytes: Self.bytes(answer, "delivery"))
            let delivery = try RecordDelivery(bytes: proof.transaction.body.arguments)
            #expect(delivery.list == TaggedHash.digest("DELIVERY-LIST", list: [nonce] + h1s))
            #expect(delivery.grant == share.digest && delivery.receiver == share.receiver.certificate.digest)
            #expect(delivery.count == 40 && delivery.parts == 40)
            #expect(chain.deliveries == [delivery])
            let head = try CertifiedHead(bytes: Self.bytes(answer, "head"))
            #expect(head.header.channel == .access && head.header.height == 7)
        }
    }

    /// One thing that is wrong on the chain.
    struct Flaw: Sendable, CustomTestStringConvertible {
        let code: String
        let status: Int
        let isRecorded: Bool
        let testDescription: String
        let adjust: @Sendable (inout ChainShare) -> Void

        init(
            _ description: String,
            _ code: String,
            _ status: Int = 403,
            isRecorded: Bool = true,
            _ adjust: @escaping @Sendable (inout ChainShare) -> Void
        ) {
            self.testDescription = description
            self.code = code
            self.status = status
            self.isRecorded = isRecorded
            self.adjust = adjust
        }
    }

    static let flaws: [Flaw] = [
        Flaw("no grant", "grant-not-on-chain", 424, isRecorded: false) { $0.hasGrant = false },
        Flaw("grant for another", "not-receiver", isRecorded: false) { $0.grantReceiver[0] ^= 1 },
        Flaw("grant of another scope", "another-scope") { $0.grantScope[0] ^= 1 },
        Flaw("grant revoked", "grant-revoked") { $0.grantRevoked = 1 },
        Flaw("grant over", "grant-expired") { $0.grantUntil = 2 },
        Flaw("another's permission", "no-permission", isRecorded: false) { $0.permissionRequester[0] ^= 1 },
        Flaw("permission of another scope", "another-scope") { $0.permissionScope[0] ^= 1 },
        Flaw("permission revoked", "permission-revoked") { $0.permissionRevoked = 1 },
        Flaw("permission revoked on index alone", "permission-revoked") { $0.isRevokedOnIndex = true },
        Flaw("permission over", "permission-expired") { $0.permissionUntil = 2 },
        Flaw("consent forbids", "consent-forbids") { $0.consents = [.allow, .forbid] },
        Flaw("consent missing", "consent-required") { $0.consents = [.require] },
        Flaw("consent forbids the label", "label-forbids") { $0.labelConsents = [.allow, .forbid] },
        Flaw("consent missing for the label", "label-consent-required") { $0.labelConsents = [.require] },
        Flaw("offer gone", "offer-withdrawn") {
            $0.kind = .offered
            $0.basis = [UInt8](repeating: 8, count: 32)
        },
        Flaw("certificate revoked", "certificate-revoked") { $0.isCertificateRevoked = true },
        Flaw("another policy", "another-policy") { $0.policy[0] ^= 1 },
    ]

    @Test(
        "What does not stand on the chain is refused by its code, recorded once, and nothing is delivered",
        arguments: flaws
    )
    func refused(_ flaw: Flaw) async throws {
        try await Self.with(adjust: flaw.adjust) { site, chain, share, h1s in
            for _ in 0..<2 {
                let answer = try await site.stranger().post("/v1/reencryptions", share.request(h1s))
                #expect(answer.status == flaw.status && answer.code == flaw.code)
                #expect(answer.object["parts"] == nil)
            }
            #expect(chain.deliveries.isEmpty)
            let expected = RecordRefusal(permission: share.permission, step: .reencryption, code: flaw.code)
            guard flaw.isRecorded else { return #expect(chain.refusals.isEmpty) }
            try await TestCertificates.eventually {
                _ = try await site.stranger().get("/v1/tree/head")
                return chain.refusals == [expected]
            }
        }
    }

    @Test("Offers and emergencies name no policy, and consents do not stop an emergency", arguments: [3, 4] as [UInt8])
    func kinds(_ number: UInt8) async throws {
        let kind = try #require(Permission.Kind(rawValue: number))
        try await Self.with(adjust: { share in
            share.kind = kind
            share.policy = [UInt8](repeating: 0, count: 32)
            share.consents = kind == .offered ? [.offer] : [.forbid]
        }) { site, _, share, h1s in
            let answer = try await site.stranger().post("/v1/reencryptions", share.request(h1s))
            #expect(answer.status == 200)
        }
    }

    @Test("A chain that refuses the delivery, or takes none, means that nothing is handed over")
    func deliveryFirst() async throws {
        try await Self.with { site, chain, share, h1s in
            let stranger = try site.stranger()
            for (code, word) in [
                (609, "grant-revoked"), (615, "consent-forbids"), (612, "delivery-rejected"),
            ] as [(UInt16, String)] {
                chain.code = code
                let answer = try await stranger.post("/v1/reencryptions", share.request(h1s))
                #expect(answer.status == 403 && answer.code == word && answer.object["parts"] == nil)
            }
            chain.code = 0
            chain.writesFail = true
            let down = try await stranger.post("/v1/reencryptions", share.request(h1s))
            #expect(down.status == 503 && down.code == "chain-unavailable" && down.object["parts"] == nil)
            #expect(chain.deliveries.isEmpty)
            chain.writesFail = false
            #expect(try await stranger.post("/v1/reencryptions", share.request(h1s)).status == 200)
            #expect(chain.deliveries.count == 1)
        }
    }

    @Test("A consent withdrawn between two batches stops the second")
    func betweenBatches() async throws {
        try await Self.with { site, chain, share, h1s in
            let stranger = try site.stranger()
            #expect(try await stranger.post("/v1/reencryptions", share.request(h1s)).status == 200)
            var changed = share
            changed.consents = [.forbid]
            changed.put(into: chain, of: site)
            chain.height += 1
            let second = try await stranger.post("/v1/reencryptions", share.request(h1s))
            #expect(second.code == "consent-forbids" && chain.deliveries.count == 1)
        }
    }

    @Test("What was read before a slow delivery is read again before anything is handed over")
    func slowDelivery() async throws {
        try await Self.with { site, chain, share, h1s in
            var changed = share
            changed.permissionRevoked = 1
            let revoked = changed
            chain.beforeDelivery.withLock { hook in
                hook = {
                    site.clockOffset.withLock { $0 += 11_000 }
                    revoked.put(into: chain, of: site)
                }
            }
            let answer = try await site.stranger().post("/v1/reencryptions", share.request(h1s))
            #expect(answer.code == "permission-revoked" && answer.object["parts"] == nil)
            #expect(chain.deliveries.count == 1)
        }
    }

    @Test("Without validators nothing is handed over, and after ten seconds the head is called stale")
    func silence() async throws {
        try await Self.with { site, chain, share, h1s in
            let stranger = try site.stranger()
            #expect(try await stranger.post("/v1/reencryptions", share.request(h1s)).status == 200)
            chain.isDown = true
            let first = try await stranger.post("/v1/reencryptions", share.request(h1s))
            #expect(first.status == 503 && first.code == "chain-unavailable")
            site.clockOffset.withLock { $0 += 11_000 }
            let second = try await stranger.post("/v1/reencryptions", share.request(h1s))
            #expect(second.status == 503 && second.code == "stale-head")
            let ready = try await site.client(site.gateway).get("/readyz")
            #expect(ready.status == 503 && String(decoding: ready.body, as: UTF8.self).contains("no quorum"))
        }
    }

    @Test("Validators that show an older block than before are not believed")
    func olderHead() async throws {
        try await Self.with { site, chain, share, h1s in
            chain.height = 9
            #expect(try await site.stranger().post("/v1/reencryptions", share.request(h1s)).status == 200)
            chain.height = 8
            let answer = try await site.stranger().post("/v1/reencryptions", share.request(h1s))
            #expect(answer.status == 503 && answer.code == "stale-head")
        }
    }

    // MARK: - Without a certificate

    @Test("A stranger reads under a grant with the receiver's proof for this center, grant and time, and with no other")
    func proofs() async throws {
        try await Self.with { site, _, share, h1s in
            let stranger = try site.stranger()
            let envelope = "/v1/envelopes/\(h1s[0].hex)?grant=\(share.digest.hex)"
            let scope = site.scope.descriptor.digest.hex
            let capsule = site.capsule(of: site.gateway, in: site.scope).digest.hex
            let paths = [
                envelope, "/v1/envelopes?scope=\(scope)&grant=\(share.digest.hex)",
                "/v1/capsules/\(capsule)?grant=\(share.digest.hex)",
            ]
            for path in paths {
                #expect(try await stranger.get(path).code == "receiver-proof-required")
                #expect(try await stranger.get(path, proof: share.proof(site)).status == 200)
            }
            let other = try ChainShare(site)
            try await other.register(site)
            let flawed: [(String, String)] = [
                (try share.proof(site, by: other.receiver.key), "SIGNATURE"),
                (try other.proof(site), "SIGNATURE"),
                (try share.proof(site, center: "cloud:privacy-center:two"), "SIGNATURE"),
                (try share.proof(site, grant: other.digest), "SIGNATURE"),
                (try share.proof(site, time: site.nowSeconds - 400), "TIME"),
                (try share.proof(site, time: site.nowSeconds + 400), "TIME"),
                ("AAAA", "malformed-parameter"),
            ]
            for (proof, code) in flawed { #expect(try await stranger.get(envelope, proof: proof).code == code) }
            // A proof that was taken once grows old like any other.
            let proof = try share.proof(site)
            #expect(try await stranger.get(envelope, proof: proof).status == 200)
            site.clockOffset.withLock { $0 += 400_000 }
            #expect(try await stranger.get(envelope, proof: proof).code == "TIME")
            #expect(try await stranger.get("/v1/envelopes/\(h1s[0].hex)").code == "receiver-proof-required")
        }
    }

    @Test("A grant whose time is over gives nothing to read and no parts, by its code")
    func expiredGrant() async throws {
        try await Self.with { site, chain, share, h1s in
            let stranger = try site.stranger()
            let capsule = site.capsule(of: site.gateway, in: site.scope).digest.hex
            let paths = [
                "/v1/envelopes/\(h1s[0].hex)?grant=\(share.digest.hex)",
                "/v1/envelopes?scope=\(site.scope.descriptor.digest.hex)&grant=\(share.digest.hex)",
                "/v1/capsules/\(capsule)?grant=\(share.digest.hex)",
            ]
            site.clockOffset.withLock { $0 += 1_100_000 }
            for path in paths {
                let answer = try await stranger.get(path, proof: share.proof(site, time: site.nowSeconds + 1_100))
                #expect(answer.status == 403 && answer.code == "grant-expired", "\(path)")
            }
            let parts = try await stranger.post("/v1/reencryptions", share.request(h1s))
            #expect(parts.status == 403 && parts.code == "grant-expired")
            #expect(chain.deliveries.isEmpty)
        }
    }

    @Test("A stranger puts the certificate of a grant's receiver, and no other")
    func certificates() async throws {
        try await Self.with { site, _, share, _ in
            let stranger = try site.stranger()
            let known = share.receiver.certificate
            #expect(try await stranger.put("/v1/certificates/\(known.digest.hex)", known.bytes).status == 200)
            let unknown = try ChainShare(site).receiver.certificate
            let path = "/v1/certificates/\(unknown.digest.hex)"
            #expect(try await stranger.put(path, unknown.bytes).code == "not-receiver")
            #expect(try await stranger.get(path).status == 404)
            let party = site.owner.certificate
            #expect(
                try await stranger.put("/v1/certificates/\(party.digest.hex)", party.bytes).code == "not-receiver"
            )
        }
    }

    @Test("Grants and sealed index keys are there for everybody; only owners put keys, under their own digest")
    func grantsAndWraps() async throws {
        try await Self.with { site, _, share, _ in
            let stranger = try site.stranger()
            let file = try GrantFile(bytes: try await stranger.get("/v1/grants/\(share.digest.hex)").body)
            #expect(file.grant == share.issued.grant && file.descriptor == site.scope.descriptor.bytes)
            #expect(file.ownerCertificate == site.owner.certificate.bytes && file.addresses.isEmpty)
            let wrap = [UInt8](repeating: 3, count: 5_000)
            let path = "/v1/wraps/\(TaggedHash.digest("INDEX-WRAP", wrap).hex)"
            #expect(try await stranger.get(path).code == "not-found")
            #expect(try await stranger.put(path, wrap).code == "certificate-required")
            #expect(try await site.client(site.gateway).put(path, wrap).code == "role-not-allowed")
            let owner = try site.client(site.owner)
            #expect(try await owner.put(path, wrap).status == 201)
            #expect(try await owner.put(path, wrap).status == 200)
            #expect(try await owner.put(path, wrap + [1]).code == "digest-mismatch")
            #expect(try await stranger.get(path).body == wrap)
            let certificate = share.receiver.certificate.digest.hex
            #expect(try await stranger.get("/v1/wraps/\(certificate)").code == "not-found")
        }
    }

    private static func bytes(_ answer: TestClient.Answer, _ name: String) throws -> [UInt8] {
        [UInt8](try #require(Data(base64Encoded: answer.object[name] as? String ?? "")))
    }
}

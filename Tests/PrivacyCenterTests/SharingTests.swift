import CanonicalBytes
import Certificates
import Credentials
import Foundation
import P256Group
import Signcryption
import TestIdentities
import Testing
import Transcripts

@Suite struct SharingTests {
    /// A grant of the site's scope to a receiver, through this center alone.
    struct Share: Sendable {
        let receiver: Identity
        let issued: IssuedGrant

        init(
            _ site: TestSite,
            receiver: String = "lab:researcher:r",
            scope: TestScope? = nil,
            validity: (UInt64, UInt64)? = nil
        ) throws {
            let scope = scope ?? site.scope
            let now = site.nowSeconds
            self.receiver = try site.authority.enroll(receiver)
            self.issued = try scope.key.grant(
                to: GrantReceiver(id: receiver, key: site.certified(self.receiver), at: now),
                through: [
                    GrantCenter(
                        id: site.centerIdentity.name.description,
                        key: site.certified(site.centerIdentity),
                        at: now
                    )
                ],
                descriptor: scope.descriptor,
                ownerCertificateDigest: site.owner.certificate.digest,
                ownerKey: site.owner.key,
                validity: (validity?.0 ?? now - 10, validity?.1 ?? now + 1_000),
                randomness: GrantRandomness(threshold: 1, of: 1)
            )
        }

        var digest: [UInt8] { VerifiedGrant.digest(of: self.issued.grant) }

        func rekey(_ site: TestSite, singleControl: Bool = false, scope: TestScope? = nil) throws -> [String: Any] {
            var body: [String: Any] = [
                "grant": self.issued.grant.base64, "package": self.issued.packages[0].base64,
                "descriptor": (scope ?? site.scope).descriptor.bytes.base64,
                "owner_certificate": site.owner.certificate.bytes.base64,
            ]
            if singleControl {
                body["single_control"] = try Schnorr.sign(
                    site.owner.key,
                    context: "SINGLE-CONTROL",
                    message: transcript(self.digest)
                ).base64
            }
            return body
        }

        func request(
            _ h1s: [[UInt8]],
            nonce: [UInt8] = SecureRandom.bytes(32),
            signer: Identity? = nil,
            includeEnvelopes: Bool = false
        ) throws -> [String: Any] {
            let signature = try Schnorr.sign(
                (signer ?? self.receiver).key,
                context: "REENC-REQ",
                message: transcript([self.digest, nonce] + h1s)
            )
            return [
                "grant": self.digest.hex, "envelopes": h1s.map(\.hex), "nonce": nonce.base64,
                "signature": signature.base64, "include_envelopes": includeEnvelopes,
            ]
        }
    }

    /// A site with one envelope of each mode, and a share.
    private static func with(
        _ body: (TestSite, Share, _ dual: [UInt8], _ single: [UInt8]) async throws -> Void
    ) async throws {
        try await TestSite.with { site in
            _ = try await site.putCertificate(site.gateway)
            let dual = try site.envelope(1)
            let single = try site.envelope(2, mode: .scopeKey, text: "for the receiver")
            #expect(try await site.put(dual).status == 201)
            #expect(try await site.put(single).status == 201)
            let share = try Share(site)
            #expect(try await site.putCertificate(share.receiver).status == 201)
            try await body(site, share, dual, single)
        }
    }

    @Test("A receiver decrypts with the center's part, and only after the owner allowed single control")
    func receiverDecrypts() async throws {
        try await Self.with { site, share, _, single in
            let owner = try site.client(site.owner)
            let body = try share.rekey(site, singleControl: true)
            let first = try await owner.post("/v1/rekeys", body)
            #expect(first.status == 201)
            #expect(first.object["index"] as? Int == 1)
            #expect(first.object["grant"] as? String == share.digest.hex)
            #expect(try await owner.post("/v1/rekeys", body).status == 200)
            try await site.stop()
            try await site.start()

            let nonce = SecureRandom.bytes(32)
            let h1 = ParsedEnvelope.indexPointer(of: single)
            let receiver = try site.client(share.receiver)
            let answer = try await receiver.post(
                "/v1/reencryptions",
                share.request([h1], nonce: nonce, includeEnvelopes: true)
            )
            #expect(answer.status == 200)
            let entry = try #require((answer.object["parts"] as? [[String: Any]])?.first)
            let part = Array(try #require(Data(base64Encoded: entry["part"] as? String ?? "")))
            let bytes = Array(try #require(Data(base64Encoded: entry["envelope"] as? String ?? "")))
            #expect(bytes == single)
            let read = try await receiver.get("/v1/envelopes/\(h1.hex)?grant=\(share.digest.hex)")
            #expect(read.body == single)
            let grant = try ParsedGrant(bytes: share.issued.grant)
                .verify(owner: site.certified(site.owner), descriptor: site.scope.descriptor.bytes, at: nil)
            let reader = GrantReader(
                grant: grant,
                key: share.receiver.key,
                certificateDigest: share.receiver.certificate.digest
            )
            let records = try reader.open(
                ParsedEnvelope(bytes: bytes).verify(sender: site.certified(site.gateway)),
                parts: [part],
                context: .init(nonce: nonce, singleControl: true)
            )
            #expect(records.map(\.data) == [Array("for the receiver".utf8)])
        }
    }

    @Test("A receiver reads the capsules of the granted scope under the grant, and no others")
    func capsules() async throws {
        try await Self.with { site, share, dual, _ in
            let capsule = site.capsule(of: site.gateway, in: site.scope)
            let path = "/v1/capsules/\(capsule.digest.hex)?grant=\(share.digest.hex)"
            let receiver = try site.client(share.receiver)
            #expect(try await receiver.get(path).code == "unknown-grant")
            #expect(try await site.client(site.owner).post("/v1/rekeys", share.rekey(site)).status == 201)
            let answer = try await receiver.get(path)
            #expect(answer.status == 200)
            #expect(EpochCapsule(bytes: answer.body).digest == (try ParsedEnvelope(bytes: dual).header.capsuleDigest))
            let someone = try site.authority.enroll("ward:researcher:someone")
            #expect(try await site.client(someone).get(path).code == "not-receiver")
            let alarms = try TestScope(site.owner, label: "alarms")
            let other = site.capsule(of: site.gateway, in: alarms)
            #expect(try await site.putCapsule(other).status == 201)
            let refused = try await receiver.get("/v1/capsules/\(other.digest.hex)?grant=\(share.digest.hex)")
            #expect(refused.status == 403)
            #expect(refused.code == "not-receiver")
        }
    }

    @Test("Without the owner's statement mode 0 is refused as CONTEXT and mode 1 is re-encrypted")
    func dualControl() async throws {
        try await Self.with { site, share, dual, single in
            #expect(try await site.client(site.owner).post("/v1/rekeys", share.rekey(site)).status == 201)
            let receiver = try site.client(share.receiver)
            let refused = try await receiver.post(
                "/v1/reencryptions",
                share.request([ParsedEnvelope.indexPointer(of: single)])
            )
            #expect(refused.status == 422)
            #expect(refused.code == "CONTEXT")
            let nonce = SecureRandom.bytes(32)
            let h1 = ParsedEnvelope.indexPointer(of: dual)
            let answer = try await receiver.post("/v1/reencryptions", share.request([h1], nonce: nonce))
            let entry = try #require((answer.object["parts"] as? [[String: Any]])?.first)
            #expect(entry["envelope"] == nil)
            let part = Array(try #require(Data(base64Encoded: entry["part"] as? String ?? "")))
            let grant = try ParsedGrant(bytes: share.issued.grant)
                .verify(owner: site.certified(site.owner), descriptor: site.scope.descriptor.bytes, at: nil)
            #expect(try grant.check(part, of: ParsedEnvelope(bytes: dual), nonce: nonce).index == 1)
        }
    }

    @Test("A nonce is taken once, even when the answer was another")
    func nonces() async throws {
        try await Self.with { site, share, dual, _ in
            _ = try await site.client(site.owner).post("/v1/rekeys", share.rekey(site))
            let receiver = try site.client(share.receiver)
            let nonce = SecureRandom.bytes(32)
            let h1 = ParsedEnvelope.indexPointer(of: dual)
            #expect(try await receiver.post("/v1/reencryptions", share.request([h1], nonce: nonce)).status == 200)
            let again = try await receiver.post("/v1/reencryptions", share.request([h1], nonce: nonce))
            #expect(again.status == 409)
            #expect(again.code == "nonce-used")
            let short = try await receiver.post("/v1/reencryptions", share.request([h1], nonce: [1]))
            #expect(short.code == "FORMAT")
            let missing = try await receiver.post("/v1/reencryptions", share.request([nonce]))
            #expect(missing.status == 404)
            #expect(missing.object["denial"] != nil)
        }
    }

    @Test("Only the receiver's own signature is answered, and it cannot be used for others' envelopes")
    func requestsOfOthers() async throws {
        try await Self.with { site, share, dual, _ in
            _ = try await site.client(site.owner).post("/v1/rekeys", share.rekey(site))
            let h1 = ParsedEnvelope.indexPointer(of: dual)
            let other = try site.authority.enroll("lab:researcher:other")
            let stranger = try await site.client(other).post("/v1/reencryptions", share.request([h1]))
            #expect(stranger.status == 403)
            #expect(stranger.code == "not-receiver")
            let receiver = try site.client(share.receiver)
            let forged = try await receiver.post("/v1/reencryptions", share.request([h1], signer: other))
            #expect(forged.code == "SIGNATURE")
            var swapped = try share.request([h1])
            swapped["envelopes"] = [h1.hex, [UInt8](repeating: 1, count: 32).hex]
            #expect(try await receiver.post("/v1/reencryptions", swapped).code == "SIGNATURE")
            let twice = try await receiver.post("/v1/reencryptions", share.request([h1, h1]))
            #expect(twice.code == "DUPLICATE")
            let scope = try TestScope(site.owner, label: "alarms")
            let foreign = try site.envelope(9, in: scope)
            _ = try await site.put(foreign)
            let outside = try await receiver.post(
                "/v1/reencryptions",
                share.request([ParsedEnvelope.indexPointer(of: foreign)])
            )
            #expect(outside.code == "CONTEXT")
            let read =
                try await receiver
                .get("/v1/envelopes/\(ParsedEnvelope.indexPointer(of: foreign).hex)?grant=\(share.digest.hex)")
            #expect(read.code == "not-receiver")
        }
    }

    @Test("A receiver gets several envelopes in one answer, and nothing for those that the grant does not open")
    func batch() async throws {
        try await Self.with { site, share, dual, single in
            let path = "/v1/envelopes/batch"
            _ = try await site.client(site.owner).post("/v1/rekeys", share.rekey(site))
            let foreign = try site.envelope(9, in: TestScope(site.owner, label: "alarms"))
            _ = try await site.put(foreign)
            let h1s = [dual, foreign, single].map { ParsedEnvelope.indexPointer(of: $0).hex }
            let unknown = [UInt8](repeating: 1, count: 32).hex
            let question: [String: Any] = ["grant": share.digest.hex, "envelopes": h1s + [unknown]]
            let receiver = try site.client(share.receiver)
            let answer = try await receiver.post(path, question)
            #expect(answer.status == 200)
            var reader = CanonicalReader(answer.body)
            var found: [[UInt8]] = []
            while reader.remaining > 0 { found.append(try reader.lengthPrefixed()) }
            #expect(found == [dual, [], single, []])
            for count in [0, 129] {
                let many = [String](repeating: h1s[0], count: count)
                let refused = try await receiver.post(path, ["grant": share.digest.hex, "envelopes": many])
                #expect(refused.status == 400)
                #expect(refused.code == "malformed-body")
            }
            let other = try site.authority.enroll("lab:researcher:other")
            #expect(try await site.client(other).post(path, question).code == "not-receiver")
            #expect(try await site.stranger().post(path, question).code == "receiver-proof-required")
            _ = try await site.client(site.owner).send("DELETE", "/v1/rekeys/\(share.digest.hex)")
            #expect(try await receiver.post(path, question).code == "grant-revoked")
        }
    }

    @Test("A grant that the owner revoked stays revoked")
    func revokedGrant() async throws {
        try await Self.with { site, share, dual, _ in
            let owner = try site.client(site.owner)
            _ = try await owner.post("/v1/rekeys", share.rekey(site))
            let path = "/v1/rekeys/\(share.digest.hex)"
            let thief = try site.authority.enroll("ward:custodian:thief")
            #expect(try await site.client(thief).send("DELETE", path).code == "not-owner")
            #expect(try await owner.send("DELETE", path).status == 204)
            #expect(try await owner.send("DELETE", path).status == 204)
            #expect(try await owner.send("DELETE", "/v1/rekeys/\(dual[..<32].hex)").code == "unknown-grant")
            let receiver = try site.client(share.receiver)
            let h1 = ParsedEnvelope.indexPointer(of: dual)
            #expect(try await receiver.post("/v1/reencryptions", share.request([h1])).code == "grant-revoked")
            let read = try await receiver.get("/v1/envelopes/\(h1.hex)?grant=\(share.digest.hex)")
            #expect(read.code == "grant-revoked")
            #expect(try await owner.post("/v1/rekeys", share.rekey(site)).code == "grant-revoked")
        }
    }

    @Test("Grants of epoch-key scopes, for other centers, out of time or not one's own are refused")
    func unfitGrants() async throws {
        try await Self.with { site, share, _, _ in
            let owner = try site.client(site.owner)
            let expired = try Share(site, receiver: "lab:researcher:e", validity: (10, 20))
            #expect(try await owner.post("/v1/rekeys", expired.rekey(site)).code == "TIME")
            let thief = try site.authority.enroll("ward:custodian:thief")
            #expect(try await site.client(thief).post("/v1/rekeys", share.rekey(site)).code == "not-owner")
            var other = try share.rekey(site)
            other["package"] = try Share(site, receiver: "lab:researcher:f").issued.packages[0].base64
            #expect(try await owner.post("/v1/rekeys", other).code == "CONTEXT")
            var tampered = share.issued.packages[0]
            tampered[50] ^= 1
            other["package"] = tampered.base64
            #expect(try await owner.post("/v1/rekeys", other).code == "SIGNATURE")
            var unsigned = try share.rekey(site)
            unsigned["single_control"] = [UInt8](repeating: 1, count: 64).base64
            #expect(try await owner.post("/v1/rekeys", unsigned).code == "SIGNATURE")
            #expect(try await owner.post("/v1/rekeys", ["grant": 5]).code == "malformed-body")
        }
    }

    @Test("A revoked receiver gets nothing any more")
    func revokedReceiver() async throws {
        try await Self.with { site, share, dual, _ in
            _ = try await site.client(site.owner).post("/v1/rekeys", share.rekey(site))
            try TestCertificates.revoke([share.receiver.certificate.digest], at: site)
            let h1 = ParsedEnvelope.indexPointer(of: dual)
            try await TestCertificates.eventually {
                let answer = try await site.client(share.receiver).post("/v1/reencryptions", share.request([h1]))
                return answer.code == "certificate-revoked"
            }
            let again = try Share(site, receiver: "lab:researcher:r")
            #expect(try await site.client(site.owner).post("/v1/rekeys", again.rekey(site)).status == 201)
        }
    }
}

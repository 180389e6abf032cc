import CanonicalBytes
import Certificates
import Credentials
import Foundation
import P256Group
import PrivacyCenter
import PrivacyCenterStore
import Receipts
import Records
import Signcryption
import TestIdentities
import Testing

@Suite struct EnvelopeTests {
    @Test("An envelope is stored once: 201 with a receipt that verifies, then 200 with one for the same leaf")
    func putTwice() async throws {
        try await TestSite.with { site in
            #expect(try await site.putCertificate(site.gateway).status == 201)
            #expect(try await site.putCertificate(site.gateway).status == 200)
            let envelope = try site.envelope(1)
            let first = try await site.put(envelope)
            let second = try await site.put(envelope)
            #expect(first.status == 201)
            #expect(second.status == 200)
            let receipts = (try site.receipt(first), try site.receipt(second))
            #expect(receipts.0.h1.bytes == ParsedEnvelope.indexPointer(of: envelope))
            #expect(receipts.0.claim == receipts.1.claim)
        }
    }

    @Test("An envelope whose sender's certificate is unknown is answered 424")
    func unknownCertificate() async throws {
        try await TestSite.with { site in
            let answer = try await site.put(site.envelope(1))
            #expect(answer.status == 424)
            #expect(answer.code == "unknown-certificate")
        }
    }

    @Test("Another envelope with a used sequence number is answered 409; another scope has its own numbers")
    func sequenceRepeated() async throws {
        try await TestSite.with { site in
            _ = try await site.putCertificate(site.gateway)
            #expect(try await site.put(site.envelope(5)).status == 201)
            let repeated = try await site.put(site.envelope(5, text: "another"))
            #expect(repeated.status == 409)
            #expect(repeated.code == "sequence-repeated")
            #expect(try await site.put(site.envelope(4)).status == 201)
            let other = try TestScope(site.owner, label: "alarms")
            #expect(try await site.put(site.envelope(5, in: other)).status == 201)
        }
    }

    @Test("A path that names another envelope is answered 422, one that is no digest 400")
    func wrongPath() async throws {
        try await TestSite.with { site in
            _ = try await site.putCertificate(site.gateway)
            let client = try site.client(site.gateway)
            let envelope = try site.envelope(1)
            let other = [UInt8](repeating: 3, count: 32).hex
            let mismatch = try await client.put("/v1/envelopes/\(other)", envelope)
            #expect(mismatch.status == 422)
            #expect(mismatch.code == "digest-mismatch")
            let malformed = try await client.put("/v1/envelopes/\(other)0", envelope)
            #expect(malformed.status == 400)
            #expect(malformed.code == "malformed-parameter")
            #expect(try await site.head().tree.size == 0)
        }
    }

    @Test("Forged, truncated and prolonged envelopes are answered 422 with the specification's code")
    func forged() async throws {
        try await TestSite.with { site in
            _ = try await site.putCertificate(site.gateway)
            let envelope = try site.envelope(1)
            var flipped = envelope
            flipped[flipped.count - 1] ^= 1
            let thief = try site.authority.enroll("ward:gateway:thief")
            let parsed = try ParsedEnvelope(bytes: envelope)
            let forged = try parsed.header.seal(
                [EnvelopeRecord(id: "", type: "t", time: 0, data: [])],
                by: thief.key,
                epochKey: [UInt8](repeating: 5, count: 32)
            )
            let cases: [([UInt8], String)] = [
                (flipped, "SIGNATURE"), (forged, "SIGNATURE"), (Array(envelope.dropLast()), "FORMAT"),
                (envelope + [0], "FORMAT"), ([], "FORMAT"), (Array("WLE1".utf8), "FORMAT"),
            ]
            for (bytes, code) in cases {
                let answer = try await site.put(bytes)
                #expect(answer.status == 422)
                #expect(answer.code == code)
            }
            #expect(try await site.head().tree.size == 0)
        }
    }

    @Test("An envelope from the future is answered 422 TIME, one just ahead of the clock is taken")
    func createdAhead() async throws {
        try await TestSite.with { site in
            _ = try await site.putCertificate(site.gateway)
            let late = try await site.put(site.envelope(1, created: site.nowSeconds + 330))
            #expect(late.status == 422)
            #expect(late.code == "TIME")
            #expect(try await site.put(site.envelope(2, created: site.nowSeconds + 250)).status == 201)
        }
    }

    @Test("An envelope created before its sender's certificate is answered 422 TIME")
    func createdBeforeCertificate() async throws {
        try await TestSite.with { site in
            _ = try await site.putCertificate(site.gateway)
            let answer = try await site.put(site.envelope(1, created: site.nowSeconds - 90_000))
            #expect(answer.status == 422)
            #expect(answer.code == "TIME")
        }
    }

    @Test("Bodies over the limit are answered 413, of another type 415")
    func limits() async throws {
        try await TestSite.with(adjust: { $0.limits.envelopeBytesMax = 10_000 }) { site in
            _ = try await site.putCertificate(site.gateway)
            let answer = try await site.put([UInt8](repeating: 0, count: 10_001))
            #expect(answer.status == 413)
            let client = try site.client(site.gateway)
            let envelope = try site.envelope(1)
            let path = "/v1/envelopes/\(ParsedEnvelope.indexPointer(of: envelope).hex)"
            let typed = try await client.put(path, envelope, type: "text/plain")
            #expect(typed.status == 415)
            #expect(typed.code == "unsupported-media-type")
        }
    }

    @Test("A researcher's or another organization's envelope is answered 403")
    func senders() async throws {
        try await TestSite.with { site in
            let stranger = try site.authority.enroll("other:gateway:bed-1")
            let researcher = try site.authority.enroll("ward:researcher:r")
            _ = try await site.putCertificate(stranger)
            _ = try await site.putCertificate(researcher)
            let foreign = try await site.put(site.envelope(1, by: stranger))
            #expect(foreign.status == 403)
            #expect(foreign.code == "foreign-organization")
            let unfit = try await site.put(site.envelope(1, by: researcher))
            #expect(unfit.status == 403)
            #expect(unfit.code == "sender-not-permitted")
            #expect(try await site.put(site.envelope(1, by: stranger), by: stranger).status == 201)
        }
    }

    @Test("A certificate without the role attribute seals nothing, whatever its subject says")
    func roleAttribute() async throws {
        try await TestSite.with { site in
            // The identity itself is refused by Credentials; the certificate alone can still be put.
            let request = try TestCertificates.issue(site, subject: "ward:gateway:bed-9", attributes: ["role:relay"])
            let path = "/v1/certificates/\(request.certificate.digest.hex)"
            #expect(try await site.client(site.gateway).put(path, request.certificate.bytes).status == 201)
            let header = try EnvelopeHeader(
                mode: .scopeKey,
                sender: "ward:gateway:bed-9",
                senderCertificateDigest: request.certificate.digest,
                scopeDigest: site.scope.descriptor.digest,
                scopeKey: site.scope.key.keyPair.publicKey.encoded,
                created: site.nowSeconds,
                sequence: 1,
                policyDigest: [UInt8](repeating: 0, count: 32),
                recordCount: 1
            )
            let sealed = try header.seal([EnvelopeRecord(id: "", type: "", time: 0, data: [])], by: request.key)
            let answer = try await site.put(sealed)
            #expect(answer.status == 403)
            #expect(answer.code == "sender-not-permitted")
        }
    }

    @Test("From the moment that a sender is revoked, nothing of it is taken, whenever it was created")
    func revokedSender() async throws {
        try await TestSite.with { site in
            let second = try site.authority.enroll("ward:gateway:bed-2")
            _ = try await site.putCertificate(site.gateway)
            #expect(try await site.put(site.envelope(1)).status == 201)
            try TestCertificates.revoke([site.gateway.certificate.digest], at: site)
            try await TestCertificates.eventually {
                let answer = try await site.put(site.envelope(2, created: site.nowSeconds - 3_000), by: second)
                return answer.status == 403 && answer.code == "certificate-revoked"
            }
        }
    }

    @Test("A peer whose X.509 certificate is revoked is answered 403 on every route")
    func revokedPeer() async throws {
        try await TestSite.with { site in
            try TestCertificates.revoke([site.gateway.peer.fingerprint], at: site)
            try await TestCertificates.eventually {
                try await site.client(site.gateway).get("/healthz").status == 403
            }
            #expect(try await site.client(site.owner).get("/healthz").status == 200)
        }
    }

    @Test("Certificates of another issuer, under another digest or of another organization are refused")
    func certificates() async throws {
        try await TestSite.with { site in
            let client = try site.client(site.gateway)
            let elsewhere = try TestAuthority(directory: site.directory).enroll("ward:gateway:bed-1")
            let foreign = try site.authority.enroll("other:gateway:bed-1")
            func put(_ identity: Identity, digest: [UInt8]? = nil) async throws -> TestClient.Answer {
                let digest = digest ?? identity.certificate.digest
                return try await client.put("/v1/certificates/\(digest.hex)", identity.certificate.bytes)
            }
            #expect(try await put(foreign).code == "foreign-organization")
            #expect(try await put(site.gateway, digest: foreign.certificate.digest).code == "digest-mismatch")
            // The issuer's name is the same, its key is not: what it yields is a key that verifies nothing.
            #expect(try await put(elsewhere).status == 201)
            let answer = try await site.put(site.envelope(1, by: elsewhere))
            #expect(answer.code == "SIGNATURE")
            let read = try await site.client(site.owner).get("/v1/certificates/\(elsewhere.certificate.digest.hex)")
            #expect(read.body == elsewhere.certificate.bytes)
        }
    }

    @Test("A restart keeps certificates, envelopes and the tree")
    func restart() async throws {
        try await TestSite.with { site in
            _ = try await site.putCertificate(site.gateway)
            _ = try await site.putScope()
            let envelopes = try (1...5).map { try site.envelope($0) }
            for envelope in envelopes { #expect(try await site.put(envelope).status == 201) }
            let before = try await site.head()
            try await site.stop()
            try await site.start()
            #expect(try await site.head().tree == before.tree)
            #expect(try await site.put(envelopes[2]).status == 200)
            #expect(try await site.put(site.envelope(6)).status == 201)
            let h1 = ParsedEnvelope.indexPointer(of: envelopes[4]).hex
            #expect(try await site.client(site.owner).get("/v1/envelopes/\(h1)").body == envelopes[4])
        }
    }
}

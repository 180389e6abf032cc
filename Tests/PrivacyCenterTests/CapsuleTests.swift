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

@Suite struct CapsuleTests {
    @Test("An envelope of mode 1 is answered 424 until its capsule is here, one of mode 0 needs none")
    func order() async throws {
        try await TestSite.with { site in
            _ = try await site.putCertificate(site.gateway)
            let envelope = try site.envelope(1)
            let early = try await site.put(envelope, withCapsule: false)
            #expect(early.status == 424)
            #expect(early.code == "unknown-capsule")
            #expect(try await site.head().tree.size == 0)
            let capsule = site.capsule(of: site.gateway, in: site.scope)
            #expect(try await site.putCapsule(capsule).status == 201)
            #expect(try await site.putCapsule(capsule).status == 200)
            #expect(try await site.put(envelope, withCapsule: false).status == 201)
            #expect(try await site.put(site.envelope(2, mode: .scopeKey), withCapsule: false).status == 201)
        }
    }

    @Test("A capsule of another sender, or of another scope that is known, does not serve an envelope")
    func otherData() async throws {
        try await TestSite.with { site in
            _ = try await site.putCertificate(site.gateway)
            let second = try site.authority.enroll("ward:gateway:bed-2")
            let alarms = try TestScope(site.owner, label: "alarms")
            _ = try await site.putScope()
            for capsule in [site.capsule(of: second, in: site.scope), site.capsule(of: site.gateway, in: alarms)] {
                #expect(try await site.putCapsule(capsule).status == 201)
                let header = try EnvelopeHeader(
                    mode: .scopeAndEpochKey,
                    sender: site.gateway.name.description,
                    senderCertificateDigest: site.gateway.certificate.digest,
                    scopeDigest: site.scope.descriptor.digest,
                    scopeKey: site.scope.key.keyPair.publicKey.encoded,
                    capsuleDigest: capsule.digest,
                    created: site.nowSeconds,
                    sequence: 1,
                    policyDigest: [UInt8](repeating: 0, count: 32),
                    recordCount: 1
                )
                let record = EnvelopeRecord(id: "", type: "t", time: 0, data: [])
                let envelope = try header.seal(
                    [record],
                    by: site.gateway.key,
                    epochKey: [UInt8](repeating: 5, count: 32)
                )
                let answer = try await site.put(envelope)
                #expect(answer.status == 422)
                #expect(answer.code == "CONTEXT")
            }
            #expect(try await site.head().tree.size == 0)
        }
    }

    @Test("What is no capsule, has another digest, is too long or of another organization is not taken")
    func refused() async throws {
        try await TestSite.with { site in
            let client = try site.client(site.gateway)
            let good = site.capsule(of: site.gateway, in: site.scope)
            func put(_ bytes: [UInt8], type: String = "application/octet-stream") async throws -> TestClient.Answer {
                try await client.put("/v1/capsules/\(EpochCapsule(bytes: bytes).digest.hex)", bytes, type: type)
            }
            for bytes in [
                [], Array("WLK1".utf8), Array(good.bytes.dropLast()), good.bytes + [0],
                Array("WLK2".utf8) + good.bytes.dropFirst(4), site.gateway.certificate.bytes,
                Self.capsule(identity: []), Self.capsule(identity: [UInt8](repeating: 0, count: 40)),
            ] {
                let answer = try await put(bytes)
                #expect(answer.status == 422)
                #expect(answer.code == "FORMAT")
            }
            let digest = [UInt8](repeating: 3, count: 32).hex
            let mismatch = try await client.put("/v1/capsules/\(digest)", good.bytes)
            #expect(mismatch.status == 422)
            #expect(mismatch.code == "digest-mismatch")
            #expect(try await put([UInt8](repeating: 0, count: 5_000)).status == 413)
            #expect(try await put(good.bytes, type: "text/plain").status == 415)
            let stranger = try site.authority.enroll("other:gateway:bed-1")
            let foreign = try await site.putCapsule(good, by: stranger)
            #expect(foreign.status == 403)
            #expect(foreign.code == "foreign-organization")
            let researcher = try site.authority.enroll("ward:researcher:r")
            let unfit = try await site.putCapsule(site.capsule(of: researcher, in: site.scope))
            #expect(unfit.status == 403)
            #expect(unfit.code == "sender-not-permitted")
        }
    }

    @Test("The data's owner and the sender's organization read a capsule; others do not, and certificates are none")
    func reading() async throws {
        try await TestSite.with { site in
            _ = try await site.putCertificate(site.gateway)
            let capsule = site.capsule(of: site.gateway, in: site.scope)
            _ = try await site.putCapsule(capsule)
            let path = "/v1/capsules/\(capsule.digest.hex)"
            for reader in [site.owner, site.gateway] {
                let answer = try await site.client(reader).get(path)
                #expect(answer.status == 200)
                #expect(answer.body == capsule.bytes)
            }
            let stranger = try site.authority.enroll("other:institution:archive")
            let refused = try await site.client(stranger).get(path)
            #expect(refused.status == 403)
            #expect(refused.code == "not-owner")
            let researcher = try site.authority.enroll("ward:researcher:r")
            #expect(try await site.client(researcher).get(path).status == 403)
            let grant = [UInt8](repeating: 1, count: 32).hex
            #expect(try await site.client(researcher).get("\(path)?grant=\(grant)").code == "unknown-grant")
            for digest in [[UInt8](repeating: 1, count: 32), site.gateway.certificate.digest] {
                #expect(try await site.client(site.owner).get("/v1/capsules/\(digest.hex)").status == 404)
            }
            // The other way round: a capsule is no certificate.
            let asCertificate = try await site.client(site.owner).get("/v1/certificates/\(capsule.digest.hex)")
            #expect(asCertificate.status == 404)
        }
    }

    @Test("Capsules are in the store's backups, and a scrub knows them")
    func backup() async throws {
        try await TestSite.with { site in
            _ = try await site.putCertificate(site.gateway)
            _ = try await site.put(site.envelope(1))
            let capsule = site.capsule(of: site.gateway, in: site.scope)
            try await site.stop()
            let folder = site.directory
            let copy = "\(folder)/copy.wlb"
            let first = try RelationalStore.sqlite(directory: site.storeDirectory)
            _ = try await first.backUp(to: copy)
            try await first.close()
            let second = try RelationalStore.sqlite(directory: "\(folder)/restored")
            let report = try await second.restore(from: copy) { bytes in
                (try? ParsedEnvelope(bytes: bytes)).flatMap { Digest(bytes: $0.indexPointer) }
            }
            #expect(report.isClean && report.envelopes == 1)
            let digest = try #require(Digest(bytes: capsule.digest))
            #expect(try await second.certificate(digest) == capsule.bytes)
            try await second.close()
            try await site.start()
        }
    }

    private static func capsule(identity: [UInt8]) -> [UInt8] {
        var writer = CanonicalWriter()
        writer.magic("WLK1")
        writer.lengthPrefixed(identity)
        writer.raw([UInt8](repeating: 7, count: 160))
        return writer.bytes
    }
}

import CanonicalBytes
import Certificates
import Credentials
import Foundation
import P256Group
import Receipts
import Records
import Signcryption
import TestIdentities
import Testing
import Transcripts

@Suite struct ReadingTests {
    @Test("The scope's owner reads, lists page by page and opens what the gateway sealed")
    func owner() async throws {
        try await TestSite.with { site in
            _ = try await site.putCertificate(site.gateway)
            #expect(try await site.putScope().status == 201)
            #expect(try await site.putScope().status == 200)
            let envelopes = try (1...5).map { try site.envelope($0, mode: .scopeKey, text: "reading \($0)") }
            for envelope in envelopes { #expect(try await site.put(envelope).status == 201) }
            let client = try site.client(site.owner)
            var listed: [String] = []
            var after = ""
            repeat {
                let path = "/v1/envelopes?scope=\(site.scope.descriptor.digest.hex)&limit=2\(after)"
                let page = try await client.get(path).object
                let entries = try #require(page["envelopes"] as? [[String: Any]])
                listed += entries.compactMap { $0["h1"] as? String }
                after = (page["next"] as? Int).map { "&after=\($0)" } ?? ""
            } while !after.isEmpty
            #expect(listed == envelopes.map { ParsedEnvelope.indexPointer(of: $0).hex })
            let read = try await client.get("/v1/envelopes/\(listed[3])")
            let verified = try ParsedEnvelope(bytes: read.body).verify(sender: site.certified(site.gateway))
            let records = try verified.open(
                with: site.scope.key.keyPair,
                descriptorDigest: site.scope.descriptor.digest
            )
            #expect(records.map(\.data) == [Array("reading 4".utf8)])
        }
    }

    @Test("Another owner, a researcher without a grant and the gateway read nothing")
    func strangers() async throws {
        try await TestSite.with { site in
            _ = try await site.putCertificate(site.gateway)
            _ = try await site.putScope()
            let envelope = try site.envelope(1)
            _ = try await site.put(envelope)
            let path = "/v1/envelopes/\(ParsedEnvelope.indexPointer(of: envelope).hex)"
            let list = "/v1/envelopes?scope=\(site.scope.descriptor.digest.hex)"
            let others = ["ward:institution:other", "ward:custodian:archive", "other:institution:archive"]
            for name in others + ["ward:researcher:r", "ward:gateway:bed-2"] {
                let client = try site.client(site.authority.enroll(name))
                #expect(try await client.get(path).status == 403, "\(name)")
                #expect(try await client.get(list).status == 403, "\(name)")
            }
            #expect(try await site.client(site.gateway).get(path).status == 403)
        }
    }

    @Test("An owner lists the descriptors that it signed, page by page, and nobody else's")
    func scopeList() async throws {
        try await TestSite.with { site in
            func put(_ scope: TestScope, by owner: Identity) async throws -> Int {
                let body: [String: Any] = [
                    "descriptor": scope.descriptor.bytes.base64,
                    "owner_certificate": owner.certificate.bytes.base64,
                ]
                let bytes = Array(try JSONSerialization.data(withJSONObject: body))
                let path = "/v1/scopes/\(scope.descriptor.digest.hex)"
                return try await site.client(owner).put(path, bytes, type: "application/json").status
            }
            let other = try site.authority.enroll("ward:custodian:other")
            let mine = try (0..<5).map { try TestScope(site.owner, label: "mine-\($0)") }
            let theirs = try (0..<3).map { try TestScope(other, label: "theirs-\($0)") }
            for scope in mine { #expect(try await put(scope, by: site.owner) == 201) }
            for scope in theirs { #expect(try await put(scope, by: other) == 201) }
            func list(_ owner: Identity) async throws -> [[UInt8]] {
                var (found, after, pages) = ([[UInt8]](), "", 0)
                repeat {
                    let page = try await site.client(owner).get("/v1/scopes?limit=2\(after)").object
                    for entry in try #require(page["scopes"] as? [[String: Any]]) {
                        let data = Data(base64Encoded: try #require(entry["descriptor"] as? String))
                        found.append([UInt8](try #require(data)))
                        #expect(ScopeDescriptor.digest(of: found[found.count - 1]).hex == entry["digest"] as? String)
                    }
                    after = (page["next"] as? String).map { "&after=\($0)" } ?? ""
                    pages += 1
                } while !after.isEmpty && pages < 100
                return found
            }
            let byDigest: (TestScope, TestScope) -> Bool = {
                $0.descriptor.digest.lexicographicallyPrecedes($1.descriptor.digest)
            }
            #expect(try await list(site.owner) == mine.sorted(by: byDigest).map(\.descriptor.bytes))
            #expect(try await list(other) == theirs.sorted(by: byDigest).map(\.descriptor.bytes))
            let client = try site.client(site.owner)
            for query in ["?limit=0", "?limit=1001", "?after=0", "?owner=ward"] {
                #expect(try await client.get("/v1/scopes\(query)").status == 400, "\(query)")
            }
        }
    }

    @Test("A scope descriptor that another party signed, or under another digest, is refused")
    func foreignScopes() async throws {
        try await TestSite.with { site in
            let thief = try site.authority.enroll("ward:custodian:thief")
            func put(_ scope: TestScope, _ certificate: Identity, by party: Identity) async throws -> String {
                let body: [String: Any] = [
                    "descriptor": scope.descriptor.bytes.base64,
                    "owner_certificate": certificate.certificate.bytes.base64,
                ]
                let bytes = Array(try JSONSerialization.data(withJSONObject: body))
                return try await site.client(party)
                    .put("/v1/scopes/\(scope.descriptor.digest.hex)", bytes, type: "application/json").code
            }
            #expect(try await put(site.scope, site.owner, by: thief) == "not-owner")
            #expect(try await put(site.scope, thief, by: thief) == "CONTEXT")
            let forged = try ScopeDescriptor(
                signing: ScopeKey(owner: site.owner.name.description, label: "x", epoch: 1, keyPair: .generate()),
                owner: thief.key,
                certificateDigest: site.owner.certificate.digest
            )
            let forgery = TestScope(key: site.scope.key, descriptor: forged)
            #expect(try await put(forgery, site.owner, by: site.owner) == "SIGNATURE")
        }
    }

    @Test("An envelope that is not there is answered 404 with a denial that the center signed")
    func denial() async throws {
        try await TestSite.with { site in
            let h1 = Digest.sha256(of: [1])
            for path in ["/v1/envelopes/\(h1.bytes.hex)", "/v1/tree/inclusion?h1=\(h1.bytes.hex)"] {
                let answer = try await site.client(site.owner).get(path)
                #expect(answer.status == 404)
                #expect(answer.code == "not-found")
                let text = try #require(answer.object["denial"] as? String)
                let bytes = Array(try #require(Data(base64Encoded: text)))
                #expect(try ParsedDenial(bytes: bytes).verified(by: site.centerKey).h1 == h1)
            }
        }
    }

    @Test(
        "Misspelt, repeated and senseless parameters are answered 400",
        arguments: [
            "/v1/envelopes", "/v1/envelopes?scope=12", "/v1/envelopes?skope=1", "/v1/tree/inclusion",
            "/v1/tree/inclusion?leaf=-1", "/v1/tree/inclusion?leaf=1&leaf=1", "/v1/tree/consistency?first=1",
            "/v1/tree/consistency?first=1&second=1x", "/v1/tree/head?x=1", "/v1/certificates/zz",
            "/v1/tree/inclusion?leaf=99999999999999999999",
        ]
    )
    func parameters(_ path: String) async throws {
        try await TestSite.with { site in
            let answer = try await site.client(site.owner).get(path)
            #expect(answer.status == 400)
            #expect(answer.code == "malformed-parameter")
        }
    }
}

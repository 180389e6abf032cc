import AsyncHTTPClient
import Certificates
import Consensus
import Contracts
import Credentials
import Ledger
import NIOHTTP1
import NIOSSL
import SecureHTTP
import TestIdentities
import Testing
import Uplink

@testable import ChainInterface

/// Clients that show no certificate.
@Suite struct StrangerTests {
    private static let everyone: [RequestOrigin] = (0..<10).map { .stranger(network: "10.0.0.\($0)") }

    @Test(
        "A stranger reads everything that is final, and its proofs",
        arguments: [
            "/v1/genesis", "/v1/openapi.json", "/healthz", "/v1/channels/access/blocks", "/v1/channels/access/blocks/1",
            "/v1/channels/access/blocks/1/receipts", "/v1/channels/access/headers", "/v1/channels/access/committees",
            "/v1/channels/access/state/00",
        ]
    )
    func reads(_ path: String) async throws {
        try await TestSite.with { site in
            try #require(try await site.submit(site.proposal()).status == 200)
            let answer = try await site.stranger().get(path)
            #expect(answer.status == 200, "\(answer.code)")
            #expect(try await site.client(site.gateway).get(path).body == answer.body)
        }
    }

    @Test("A client that presents nothing hands in a transaction and verifies its proof, and hears of it")
    func submits() async throws {
        try await TestSite.with { site in
            let identity = IdentityWatch(site.gateway)
            let http = SecureClient(identity: identity, servers: [.validator], presents: .nothing)
            let url = try #require(ServiceURL("https://localhost:\(site.port)"))
            let client = ChainClient(validators: [url], genesis: site.genesis, scheme: Ed25519Scheme(), client: http)
            let transaction = try site.proposal()
            let proof = try #require(try await client.submit(transaction))
            #expect(proof.transaction == transaction)
            #expect(try await client.proof(of: transaction.id, on: .access) == proof)
            #expect(try await client.value(of: GovernanceKey.proposal(transaction.id), on: .access).value != nil)
            let events = try await site.stranger().open("GET", "/v1/channels/access/events?since=0.0")
            #expect(events.status.code == 200)
            await http.close()
        }
    }

    @Test("A client that presents nothing sends no request to a server of another role")
    func otherServer() async throws {
        try await TestSite.with { site in
            let identity = IdentityWatch(site.gateway)
            let http = SecureClient(identity: identity, servers: [.privacyCenter], presents: .nothing)
            let url = try #require(ServiceURL("https://localhost:\(site.port)"))
            await #expect(throws: UplinkFailure.self) {
                try await ValidatorClient(base: url, client: http).genesis()
            }
            await http.close()
        }
    }

    @Test("A stranger gets nowhere on routes for parties", arguments: ["/v1/status", "/metrics", "/readyz"])
    func closed(_ path: String) async throws {
        try await TestSite.with { site in
            let answer = try await site.stranger().get(path)
            #expect(answer.status == 401 && answer.code == "certificate-required")
            let batch = try await site.stranger().post("/v1/transactions/batch", [])
            #expect(batch.status == 401 && batch.code == "certificate-required")
        }
    }

    @Test("A certificate that is shown must not be revoked, on open routes too")
    func revoked() async throws {
        let all = EveryRevocation()
        try await TestSite.with(revocations: all) { site in
            let refusal = try await site.client(site.gateway).get("/v1/genesis")
            #expect(refusal.status == 403 && refusal.code == "client-certificate-revoked")
            #expect(try await site.stranger().get("/v1/genesis").status == 200)
        }
    }

    @Test("A certificate of another authority does not come in as a stranger")
    func foreign() async throws {
        try await TestSite.with { site in
            let other = try TestAuthority(directory: site.directory + "/other").enroll("clinic:gateway:bed-1")
            var tls = try other.clientTLS()
            tls.trustRoots = try site.gateway.clientTLS().trustRoots
            let client = TestClient(tls, port: site.port)
            await #expect(throws: (any Error).self) { try await client.get("/v1/genesis") }
            try await client.close()
        }
    }

    @Test("A flood of strangers is answered 429, and a party is not held up")
    func flood() async throws {
        try await TestSite.with(adjust: {
            $0.requestsPerSecond = 0.001
            $0.requestsBurst = 4
        }) { site in
            var statuses: [Int] = []
            for _ in 0..<6 { statuses.append(try await site.stranger().get("/v1/genesis").status) }
            #expect(statuses == [200, 200, 429, 429, 429, 429])
            for _ in 0..<4 { #expect(try await site.client(site.gateway).get("/v1/genesis").status == 200) }
        }
    }

    @Test("Strangers hand in fewer transactions than they ask questions")
    func submissions() async throws {
        try await TestSite.with(adjust: {
            $0.strangerSubmissionsPerSecond = 0.001
            $0.strangerSubmissionsBurst = 2
        }) { site in
            let stranger = try site.stranger()
            #expect(try await stranger.post("/v1/transactions", [1]).code == "malformed")
            let refused = try await stranger.post("/v1/transactions", try site.proposal().bytes)
            #expect(refused.status == 429 && refused.code == "too-many-requests" && refused.retryAfter != nil)
            #expect(try await stranger.get("/v1/genesis").status == 200)
            #expect(try await site.submit(site.proposal()).status == 200)
        }
    }

    @Test("Strangers take half of what is scarce at most, one network half of a party's; parties have the rest")
    func allowance() throws {
        let allowance = Allowance(total: 16, perParty: 8)
        let shares = Self.everyone.flatMap { origin in (0..<8).map { _ in allowance.share(of: origin) } }
        #expect(shares.prefix(8).count { $0 != nil } == 4)
        #expect(shares.count { $0 != nil } == 8 && allowance.used == 8)
        let party = allowance.share(of: .party(try #require(PartyName("a:gateway:x"))), 8)
        #expect(party != nil && allowance.used == 16)
        withExtendedLifetime((shares, party)) {}
    }

    @Test("A share that strangers give back is theirs again")
    func returned() {
        let allowance = Allowance(total: 4, perParty: 4)
        for origin in Self.everyone {
            let share = allowance.share(of: origin, 2)
            #expect(share != nil && allowance.share(of: Self.everyone[0]) == nil)
            withExtendedLifetime(share) {}
        }
    }
}

/// Everybody's certificate is revoked.
private struct EveryRevocation: RevocationSource {
    func contains(_ digest: [UInt8]) -> Bool { true }
}

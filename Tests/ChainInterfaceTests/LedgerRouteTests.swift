import CanonicalBytes
import Certificates
import Consensus
import Contracts
import Credentials
import Foundation
import Ledger
import Testing
import Uplink

@testable import ChainInterface

@Suite struct LedgerRouteTests {
    /// Blocks of one transaction each on the access channel.
    private static func with(_ count: Int, _ body: (TestSite, TestClient) async throws -> Void) async throws {
        try await TestSite.with { site in
            for number in 0..<count {
                let transaction = number % 2 == 0 ? try site.proposal() : try site.rejectedVote()
                try #require(try await site.submit(transaction).status == 200)
            }
            try await body(site, site.client(site.gateway))
        }
    }

    @Test("A list of blocks begins where asked, ends at the limit and is empty at the tip")
    func blocks() async throws {
        try await Self.with(5) { site, client in
            let all = try await client.get("/v1/channels/access/blocks").list()
            let stored = try #require(site.backend.ledger(.access)).blocks
            #expect(all == stored.flatMap { [$0.payload, $0.certificate.bytes] })
            let some = try await client.get("/v1/channels/access/blocks?from=3&limit=2").list()
            #expect(some == Array(all[4..<8]))
            let none = try await client.get("/v1/channels/access/blocks?from=6")
            #expect(none.status == 200 && none.body.isEmpty)
            let beyond = try await client.get("/v1/channels/access/blocks?from=18446744073709551615")
            #expect(beyond.status == 200 && beyond.body.isEmpty)
            #expect(try await client.get("/v1/channels/index/blocks").body.isEmpty)
        }
    }

    @Test("Headers come with certificates that hold")
    func headers() async throws {
        try await Self.with(4) { site, client in
            let list = try await client.get("/v1/channels/access/headers?since=1&limit=2").list()
            try #require(list.count == 4)
            for (place, height) in [(0, 2), (2, 3)] {
                let header = try BlockHeader(bytes: list[place])
                #expect(header.height == UInt64(height))
                try site.view().check(header, QuorumCertificate(bytes: list[place + 1]))
            }
            #expect(try await client.get("/v1/channels/access/headers?since=4").body.isEmpty)
        }
    }

    @Test(
        "What no block says to another chain is not found, and what is misspelt is refused",
        arguments: [
            ("1/outbound/0", 404, "unknown-leaf"), ("latest/outbound/0?tree=timeout", 404, "unknown-leaf"),
            ("9/outbound/0", 404, "unknown-block"), ("1/outbound/x", 400, "malformed-parameter"),
            ("1/outbound/4294967296", 400, "malformed-parameter"), ("1/outbound/0?tree=in", 400, "malformed-parameter"),
            ("1/outbound/0?leaf=1", 400, "malformed-parameter"),
        ]
    )
    func outboundRefusals(path: String, status: Int, code: String) async throws {
        try await Self.with(2) { _, client in
            let answer = try await client.get("/v1/channels/access/blocks/\(path)")
            #expect(answer.status == status)
            #expect(String(decoding: answer.body, as: UTF8.self).contains("\"\(code)\""))
        }
    }

    @Test("One block, the latest block, and receipts that lead to the header's root")
    func block() async throws {
        try await Self.with(3) { site, client in
            let pair = try await client.get("/v1/channels/access/blocks/2").list()
            let block = try LedgerBlock(bytes: pair[0])
            #expect(block.header.height == 2)
            try site.view().check(block.header, QuorumCertificate(bytes: pair[1]))
            let latest = try await client.get("/v1/channels/access/blocks/latest").list()
            #expect(try LedgerBlock(bytes: latest[0]).header.height == 3)
            let receipts = try await client.get("/v1/channels/access/blocks/2/receipts").list()
            #expect(BlockTrees.root(receipts) == block.header.receiptRoot)
            #expect(try TransactionReceipt(bytes: receipts[0]).code != 0)
        }
    }

    @Test("A value and an absence are proven after the last block")
    func values() async throws {
        try await Self.with(1) { site, client in
            let proposal = try #require(site.backend.ledger(.access)?.blocks.first?.block.transactions.first)
            for (key, isThere) in [(GovernanceKey.proposal(proposal.id), true), ([1, 2, 3], false)] {
                let proof = try ValueProof(bytes: try await client.get("/v1/channels/access/state/\(key.hex)").body)
                #expect(proof.key == key && (proof.value != nil) == isThere)
                try proof.verify(by: site.view())
            }
            let early = try await client.get("/v1/channels/index/state/00")
            #expect(early.status == 404 && early.code == "no-block" && early.retryAfter == "1")
        }
    }

    @Test(
        "What is misspelt or not there is refused with its code",
        arguments: [
            ("/v1/channels/acces/blocks", 404, "unknown-channel"),
            ("/v1/channels/access/blocks?from=0", 400, "malformed-parameter"),
            ("/v1/channels/access/blocks?from=-1", 400, "malformed-parameter"),
            ("/v1/channels/access/blocks?limit=0", 400, "malformed-parameter"),
            ("/v1/channels/access/blocks?limit=4097", 400, "malformed-parameter"),
            ("/v1/channels/access/blocks?from=1&from=2", 400, "malformed-parameter"),
            ("/v1/channels/access/blocks/0", 404, "unknown-block"),
            ("/v1/channels/access/blocks/2", 404, "unknown-block"),
            ("/v1/channels/access/blocks/last", 400, "malformed-parameter"),
            ("/v1/channels/access/blocks/2/receipts", 404, "unknown-block"),
            ("/v1/channels/access/state/xy", 400, "malformed-parameter"),
            ("/v1/channels/access/transactions/00", 400, "malformed-parameter"),
            ("/v1/channels/access/headers?since=18446744073709551615", 400, "malformed-parameter"),
            ("/v1/channels/access/events?since=1", 400, "malformed-parameter"),
            ("/v1/channels/access/events?since=1.x", 400, "malformed-parameter"), ("/v1/nothing", 404, "not-found"),
        ]
    )
    func refusals(_ path: String, _ status: Int, _ code: String) async throws {
        try await Self.with(1) { _, client in
            let answer = try await client.get(path)
            #expect(answer.status == status && answer.code == code, "\(answer.status) \(answer.code)")
        }
    }

    @Test("Pruned blocks are answered 410")
    func pruned() async throws {
        try await Self.with(3) { site, client in
            site.backend.prune(below: 3)
            for path in ["blocks?from=1", "blocks/2", "blocks/2/receipts", "headers?since=0", "events?since=1.0"] {
                let answer = try await client.get("/v1/channels/access/\(path)")
                #expect(answer.status == 410 && answer.code == "pruned", "\(path)")
            }
            #expect(try await client.get("/v1/channels/access/blocks?from=3").status == 200)
        }
    }

    @Test("A change of the committee is handed over, and lets later certificates be judged")
    func committees() async throws {
        try await TestSite.with { site in
            let members = [1, 2, 3, 5].map { site.signers[$0 - 1].member(ReplicaID(UInt16($0))) }
            let next = try #require(Committee(epoch: 1, members: members))
            let names = site.genesis.validators.dropLast().map(\.name) + [try #require(site.validator5)]
            let change = ProposedChange.committee(next, names: names)
            let proposal = try site.transaction(Propose(expires: TestBackend.now + 1_000_000, change: change))
            #expect(try await site.submit(proposal).status == 200)
            let vote = try await site.submit(site.transaction(Approve(proposal: proposal.id)))
            #expect(try TransactionProof(bytes: vote.body).receipt.code == 0)
            let later = try TransactionProof(bytes: try await site.submit(site.rejectedVote()).body)
            #expect(throws: ProtocolFailure.self) { try later.verify(by: site.view()) }

            let answer = try await site.client(site.gateway).get("/v1/channels/access/committees")
            var reader = CanonicalReader(answer.body)
            let handover = try Handover(from: &reader)
            try reader.finish()
            var view = site.view()
            try view.follow(handover.header, handover.certificate, next: handover.next)
            try later.verify(by: view)
            #expect(try await site.client(site.gateway).get("/v1/channels/access/committees?after=1").body.isEmpty)
        }
    }

    @Test("The chain's own client gets through: submission, proof, value, blocks, over a change of the committee")
    func client() async throws {
        try await TestSite.with { site in
            let http = SecureClient(identity: IdentityWatch(site.gateway), servers: [.validator])
            let url = try #require(ServiceURL("https://localhost:\(site.port)"))
            let client = ChainClient(validators: [url], genesis: site.genesis, scheme: Ed25519Scheme(), client: http)
            let transaction = try site.proposal()
            let proof = try #require(try await client.submit(transaction))
            #expect(proof.transaction == transaction)
            #expect(try await client.submit(transaction) == proof)
            #expect(try await client.proof(of: transaction.id, on: .access) == proof)
            #expect(try await client.proof(of: [UInt8](repeating: 0, count: 32), on: .access) == nil)
            #expect(try await client.value(of: GovernanceKey.proposal(transaction.id), on: .access).value != nil)
            #expect(try await client.blocks(from: 1, on: .access).count == 1)
            let explorer = ExplorerClient(base: url, client: http)
            #expect(
                try await explorer.block(at: nil, on: .access).payload
                    == site.backend.ledger(.access)?.blocks[0].payload
            )
            #expect(try await explorer.receipts(at: 1, on: .access) == [proof.receipt])
            #expect(try await explorer.headers(since: 0, limit: 5, on: .access).map(\.header) == [proof.header])
            #expect(try await ValidatorClient(base: url, client: http).genesis() == site.genesis.bytes)
            let used = try site.transaction(Approve(proposal: [UInt8](repeating: 1, count: 32)), nonce: 1)
            // It can never get into a block, and whoever waited for it would wait in vain.
            let refusal = await #expect(throws: UplinkFailure.self) { try await client.submit(used) }
            guard case .refused(409, ChainClient.nonceUsed, _, _)? = refusal else {
                Issue.record("refused otherwise: \(String(describing: refusal))")
                return
            }
            await http.close()
        }
    }
}

extension TestSite {
    fileprivate var validator5: PartyName? { PartyName("clinic:validator:v5") }
}

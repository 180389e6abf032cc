import CanonicalBytes
import Consensus
import Contracts
import HTTPTypes
import Ledger
import SecureHTTP
import Testing

@testable import ChainInterface

@Suite struct TransactionRouteTests {
    @Test("A transaction's answer is a proof that holds, of a rejected one too")
    func submit() async throws {
        try await TestSite.with { site in
            for (transaction, isTaken) in [(try site.proposal(), true), (try site.rejectedVote(), false)] {
                let answer = try await site.submit(transaction)
                try #require(answer.status == 200, "\(answer.code)")
                let proof = try TransactionProof(bytes: answer.body)
                try proof.verify(by: site.view())
                #expect(proof.transaction == transaction)
                #expect((proof.receipt.code == 0) == isTaken)
                let path = "/v1/channels/access/transactions/\(transaction.id.hex)"
                #expect(try await site.client(site.gateway).get(path).body == answer.body)
            }
        }
    }

    @Test("Repeating the same bytes brings the same proof")
    func repetition() async throws {
        try await TestSite.with { site in
            let transaction = try site.proposal()
            let first = try await site.submit(transaction)
            #expect(try await site.submit(transaction).body == first.body)
            #expect(site.backend.height(of: .access) == 1)
        }
    }

    @Test("A transaction that waits is answered 202 with nothing, and proven once its block is there")
    func waiting() async throws {
        try await TestSite.with { site in
            site.backend.hold()
            let transaction = try site.proposal()
            let path = "/v1/channels/access/transactions/\(transaction.id.hex)"
            let client = try site.client(site.gateway)
            #expect(try await client.get(path).code == "unknown-transaction")
            let open = try await site.submit(transaction, wait: 0)
            #expect(open.status == 202 && open.body.isEmpty)
            let still = try await client.get(path)
            #expect(still.status == 202 && still.body.isEmpty)
            async let patient = site.submit(transaction, wait: 30_000)
            site.backend.commit()
            let answer = try await patient
            #expect(answer.status == 200)
            #expect(try await client.get(path).body == answer.body)
        }
    }

    @Test("A refusal has its status and stable code")
    func refusals() async throws {
        try await TestSite.with { site in
            let client = try site.client(site.gateway)
            #expect(try await site.submit(site.proposal()).status == 200)

            let malformed = try await client.post("/v1/transactions", [1, 2, 3])
            #expect(malformed.status == 400 && malformed.code == "malformed")

            var forged = try site.proposal().bytes
            forged[forged.count - 1] ^= 1
            let unsigned = try await client.post("/v1/transactions", forged)
            #expect(unsigned.status == 422 && unsigned.code == "bad-signature")

            let used = try await site.submit(
                site.transaction(Approve(proposal: [UInt8](repeating: 1, count: 32)), nonce: 1)
            )
            #expect(used.status == 409 && used.code == "nonce-used")

            let late = try await site.submit(site.transaction(Register(), by: site.gateway, validUntil: 1_000))
            #expect(late.status == 422 && late.code == "expired")

            let typed = try await client.post("/v1/transactions", [], type: "application/json")
            #expect(typed.status == 415)
            let long = try await client.post("/v1/transactions", [UInt8](repeating: 0, count: Transaction.bytesMax + 1))
            #expect(long.status == 413)
            let patient = try await client.post("/v1/transactions?wait=30001", try site.proposal().bytes)
            #expect(patient.status == 400 && patient.code == "malformed-parameter")
            let odd = try await client.post("/v1/transactions?wiat=1", try site.proposal().bytes)
            #expect(odd.status == 400)
            #expect(site.backend.height(of: .access) == 1)
        }
    }

    @Test(
        "Each refusal has its place in HTTP",
        arguments: [
            (ChainRefusal.inadmissible(code: AdmissionFailure.revoked.code), 403),
            (.inadmissible(code: AdmissionFailure.replayed.code), 409),
            (.inadmissible(code: AdmissionFailure.tooLong.code), 422), (.poolFull(code: "quota-exceeded"), 429),
            (.notReady("silent"), 503), (.noBlock, 404), (.pruned(earliest: 7), 410), (.damaged("/secret/path"), 500),
        ]
    )
    func statuses(_ refusal: ChainRefusal, _ status: Int) {
        let problem = refusal.problem
        #expect(problem.status.code == status)
        #expect(problem.code == refusal.code)
        #expect((problem.headers[.retryAfter] != nil) == [404, 429, 503].contains(status))
        #expect(!problem.detail.contains("/secret"))
    }

    @Test("A full pool is answered 429, and says when to come back")
    func full() async throws {
        try await TestSite.with { site in
            site.backend.hold(poolMax: 1)
            #expect(try await site.submit(site.proposal(), wait: 0).status == 202)
            let answer = try await site.submit(site.proposal(), wait: 0)
            #expect(answer.status == 429 && answer.code == "pool-full" && answer.retryAfter == "1")
        }
    }

    @Test("One party's waiting clients never take all places")
    func waits() async throws {
        try await TestSite.with(adjust: { $0.waitsMax = 2 }) { site in
            site.backend.hold()
            let transaction = try site.proposal()
            async let first = site.submit(transaction, wait: 30_000)
            // The first one waits as soon as its transaction is in the pool.
            while !(await site.backend.isWaiting(transaction.id, on: .access)) { await Task.yield() }
            let second = try await site.submit(site.proposal(), wait: 30_000)
            #expect(second.status == 503 && second.code == "busy")
            let other = try site.client(site.operator_)
            #expect(try await other.post("/v1/transactions?wait=0", try site.proposal().bytes).status == 202)
            site.backend.commit()
            #expect(try await first.status == 200)
        }
    }

    @Test("A batch answers for each transaction in its order and waits for no block")
    func batch() async throws {
        try await TestSite.with { site in
            site.backend.hold()
            let good = try site.proposal()
            var forged = try site.proposal().bytes
            forged[forged.count - 1] ^= 1
            var writer = CanonicalWriter()
            for entry in [good.bytes, [0], forged, try site.rejectedVote().bytes] { writer.lengthPrefixed(entry) }
            let answer = try await site.client(site.gateway).post("/v1/transactions/batch", writer.bytes)
            #expect(answer.status == 200)
            let codes = try answer.list().map { String(decoding: $0, as: UTF8.self) }
            #expect(codes == ["", "malformed", "bad-signature", ""])
            #expect(await site.backend.isWaiting(good.id, on: .access))
            #expect(site.backend.height(of: .access) == 0)
        }
    }

    @Test("A batch of more than a thousand, of too many bytes or of broken lengths is refused whole")
    func badBatches() async throws {
        try await TestSite.with { site in
            let client = try site.client(site.gateway)
            let thousand = [UInt8](repeating: 0, count: 4 * 1_000)
            #expect(try await client.post("/v1/transactions/batch", thousand).list().count == 1_000)
            let more = try await client.post("/v1/transactions/batch", thousand + [0, 0, 0, 0])
            #expect(more.status == 413)
            let broken = try await client.post("/v1/transactions/batch", [0, 0, 0, 2, 1])
            #expect(broken.status == 400 && broken.code == "malformed")
            let large = [UInt8](repeating: 0, count: ChainAPILimits.batchBytesMax + 1)
            #expect(try await client.post("/v1/transactions/batch", large).status == 413)
        }
    }

    @Test("Bodies that would take more memory than allowed are refused, and the memory is given back")
    func memory() async throws {
        try await TestSite.with(adjust: { $0.bodyBytesHeldMax = 4_000 }) { site in
            let client = try site.client(site.gateway)
            let answer = try await client.post("/v1/transactions", [UInt8](repeating: 0, count: 3_000))
            #expect(answer.status == 503 && answer.code == "busy")
            for _ in 0..<3 {
                #expect(try await client.post("/v1/transactions", [UInt8](repeating: 0, count: 1_500)).status == 400)
            }
        }
    }
}

import CanonicalBytes
import Certificates
import Contracts
import Credentials
import Foundation
import Ledger
import Testing
import Uplink

@testable import Agent
@testable import Spool

@Suite("The share outbox", .timeLimit(.minutes(10)))
struct ShareDeskTests {
    @Test("requests get onto the chain in their order; proof and code are kept, the transaction is let go")
    func committed() async throws {
        let sharing = try ShareSite()
        let transactions = try (1...40).map { try sharing.transaction($0) }
        for transaction in transactions { try sharing.accept(transaction) }
        var desk = sharing.desk()
        #expect(try await sharing.round(&desk) == ShareDesk.inFlightMax)
        #expect(try await sharing.round(&desk) == ShareDesk.inFlightMax)
        #expect(try await sharing.round(&desk) == 8)
        #expect(try await sharing.round(&desk) == 0)
        for transaction in transactions {
            let found = try #require(try sharing.spool.shareRequest(transaction.id))
            #expect(found.state == .committed && found.code == 0 && found.reason.isEmpty && found.handedIn != nil)
            let proof = try TransactionProof(bytes: try #require(try sharing.spool.shareProof(transaction.id)))
            #expect(proof.transaction == transaction && proof.header.height == found.height)
            #expect(try sharing.spool.shareTransaction(transaction.id) == nil)
        }
        #expect(sharing.ledger.submissions == 40, "each once")
        let counts = try sharing.store.statistics().shareRequests
        #expect(counts.committed == 40 && counts.open == 0 && counts.openBytes == 0 && counts.oldestOpen == nil)
    }

    @Test("what the contract refuses is in a block with its code and the code's name")
    func refusedByContract() async throws {
        let sharing = try ShareSite()
        let first = try sharing.accept(sharing.transaction(1))
        let again = try sharing.accept(sharing.transaction(1, nonce: 2, purpose: "other"))
        var desk = sharing.desk()
        try await sharing.round(&desk)
        #expect(try sharing.spool.shareRequest(first)?.code == 0)
        let found = try #require(try sharing.spool.shareRequest(again))
        #expect(found.state == .committed)
        #expect(found.code == RejectionCode.requestExists.number && found.reason == "request-exists")
    }

    /// Where a crash can come, and what the chain has seen by then.
    enum Crash: CaseIterable, Sendable {
        case afterAcceptance
        /// Marked as handed in, and nobody has seen it.
        case beforeHandingIn
        /// In the pool of a validator.
        case beforeBlock
        /// In a block, and the answer is lost.
        case afterBlock
        /// The answer came, and was not stored.
        case beforeStoring
    }

    @Test("a crash at any point leaves every accepted request in a block exactly once", arguments: Crash.allCases)
    func crashes(_ crash: Crash) async throws {
        var sharing = try ShareSite()
        let ids = try (1...5).map { try sharing.accept(sharing.transaction($0)) }
        var desk = sharing.desk()
        switch crash {
        case .afterAcceptance: break
        case .beforeHandingIn: #expect(try desk.begin(now: sharing.now, wall: sharing.wall).count == 5)
        case .beforeBlock:
            sharing.ledger.set(.slow)
            try await sharing.round(&desk)
            sharing.ledger.commitPool()
        case .afterBlock:
            sharing.ledger.set(.forgetful)
            try await sharing.round(&desk)
        case .beforeStoring:
            for job in try desk.begin(now: sharing.now, wall: sharing.wall) {
                _ = await ShareDialogue(chain: sharing.ledger).carryOut(job)
            }
        }
        let states = try ids.map { try sharing.state($0) }
        #expect(states.allSatisfy { $0 == (crash == .afterAcceptance ? .queued : .submitted) })
        sharing.ledger.set(.answering)
        desk = sharing.desk()
        sharing.advance(milliseconds: 1_000)
        try await sharing.round(&desk)
        #expect(try ids.allSatisfy { try sharing.spool.shareRequest($0)?.code == 0 })
        #expect(try await sharing.round(&desk) == 0)
        let proofs = try ids.map { try TransactionProof(bytes: try #require(try sharing.spool.shareProof($0))) }
        #expect(Set(proofs.map(\.transaction.id)).count == 5)
        #expect(desk.state == ShareState())
    }

    @Test("while the chain is away one request at a time asks, ever less often; then all go")
    func outage() async throws {
        var sharing = try ShareSite()
        let ids = try (1...3).map { try sharing.accept(sharing.transaction($0, lifetime: 3_500_000)) }
        sharing.ledger.set(.away)
        var desk = sharing.desk()
        #expect(try await sharing.round(&desk) == 3)
        #expect(desk.state.problem == "nobody answers")
        for _ in 0..<50 {
            sharing.advance(milliseconds: 60_001)
            #expect(try await sharing.round(&desk) == 1)
        }
        #expect(try desk.begin(now: sharing.now, wall: sharing.wall).count <= 1)
        sharing.ledger.set(.full)
        desk = sharing.desk()
        try await sharing.round(&desk)
        #expect(desk.state.problem?.contains("pool-full") == true)
        sharing.ledger.set(.answering)
        for _ in 0..<4 {
            sharing.advance(milliseconds: 60_001)
            try await sharing.round(&desk)
        }
        #expect(try ids.allSatisfy { try sharing.state($0) == .committed })
        #expect(desk.state.problem == nil)
    }

    @Test("a request that nobody saw expires at its end, without the chain")
    func expiredUnseen() async throws {
        var sharing = try ShareSite()
        sharing.ledger.set(.away)
        let id = try sharing.accept(sharing.transaction(1))
        sharing.advance(milliseconds: 600_001)
        var desk = sharing.desk()
        #expect(try await sharing.round(&desk) == 0)
        #expect(try sharing.state(id) == .expired)
        #expect(try sharing.spool.shareTransaction(id) == nil)
        #expect(sharing.ledger.submissions == 0)
    }

    @Test("one that was handed in expires when a certified state past its end shows that it is in no block")
    func expiredProven() async throws {
        var sharing = try ShareSite()
        sharing.ledger.set(.slow)
        let id = try sharing.accept(sharing.transaction(1))
        var desk = sharing.desk()
        try await sharing.round(&desk)
        sharing.ledger.dropPool()
        sharing.ledger.set(.answering)
        sharing.advance(milliseconds: 600_001)
        try await sharing.round(&desk)
        #expect(try sharing.state(id) == .submitted, "no block is past its end: one might still come")
        try sharing.ledger.commit(sharing.transaction(2))
        sharing.advance(milliseconds: 15_001)
        try await sharing.round(&desk)
        #expect(try sharing.state(id) == .expired)
        #expect(try sharing.spool.shareRequest(id)?.reason == "no block took it while it was valid")
    }

    @Test("on a chain without blocks it is given up ten minutes after its end")
    func expiredOnIdleChain() async throws {
        var sharing = try ShareSite()
        sharing.ledger.set(.slow)
        let id = try sharing.accept(sharing.transaction(1))
        var desk = sharing.desk()
        try await sharing.round(&desk)
        sharing.ledger.dropPool()
        sharing.advance(milliseconds: 600_000 + ShareDesk.graceMilliseconds)
        try await sharing.round(&desk)
        #expect(try sharing.state(id) == .submitted)
        sharing.advance(milliseconds: 15_001)
        try await sharing.round(&desk)
        #expect(try sharing.state(id) == .expired)
    }

    @Test("one that got into a block is committed, however late the answer comes")
    func committedBeforeEnd() async throws {
        var sharing = try ShareSite()
        sharing.ledger.set(.slow)
        let id = try sharing.accept(sharing.transaction(1))
        var desk = sharing.desk()
        try await sharing.round(&desk)
        sharing.ledger.commitPool()
        sharing.ledger.set(.away)
        sharing.advance(milliseconds: 6_000_000)
        try await sharing.round(&desk)
        #expect(try sharing.state(id) == .submitted)
        sharing.ledger.set(.answering)
        sharing.advance(milliseconds: 60_001)
        try await sharing.round(&desk)
        #expect(try sharing.state(id) == .committed)
    }

    @Test("what validators refuse for good is rejected with their code, and holds up nobody")
    func rejected() async throws {
        let sharing = try ShareSite()
        // Signed for the researcher's certificate with another key: a chain that knows the issuer refuses it.
        let body = sharing.body([1], nonce: 1)
        let bad = Transaction(
            body,
            authorization: .identity(
                certificate: sharing.researcher.certificate.bytes,
                signature: [UInt8](repeating: 1, count: 64)
            )
        )
        try sharing.spool.accept(
            ShareRequest(
                id: bad.id,
                channel: 1,
                method: "access.request",
                validUntil: sharing.wall + 600_000,
                source: .http,
                bytes: bad.bytes
            )
        )
        let good = try sharing.accept(sharing.transaction(2))
        var desk = sharing.desk()
        try await sharing.round(&desk)
        let found = try #require(try sharing.spool.shareRequest(bad.id))
        #expect(found.state == .rejected && found.reason.hasPrefix("HTTP 422"))
        #expect(try sharing.state(good) == .committed)
        #expect(desk.state == ShareState())
    }

    @Test("a request whose nonce another transaction took is rejected after its end")
    func nonceTaken() async throws {
        var sharing = try ShareSite()
        try sharing.ledger.commit(sharing.transaction(2, nonce: 1))
        let id = try sharing.accept(sharing.transaction(1, nonce: 1))
        var desk = sharing.desk()
        try await sharing.round(&desk)
        #expect(try sharing.state(id) == .submitted)
        sharing.advance(milliseconds: 600_001)
        try sharing.ledger.commit(sharing.transaction(3))
        for _ in 0..<ShareDesk.missesMax {
            #expect(try sharing.state(id) == .submitted)
            try await sharing.round(&desk)
            sharing.advance(milliseconds: 15_001)
        }
        let found = try #require(try sharing.spool.shareRequest(id))
        #expect(found.state == .rejected && found.reason.hasPrefix("nonce-used"))
    }

    @Test("a request that may take effect only later waits for its time")
    func tooFarAhead() async throws {
        var sharing = try ShareSite()
        let id = try sharing.accept(sharing.transaction(1, lifetime: 3_600_000 + 40_000))
        var desk = sharing.desk()
        try await sharing.round(&desk)
        #expect(try sharing.state(id) == .submitted)
        sharing.advance(milliseconds: 15_001)
        try await sharing.round(&desk)
        #expect(try sharing.state(id) == .submitted)
        sharing.advance(milliseconds: 30_000)
        try await sharing.round(&desk)
        #expect(try sharing.state(id) == .committed)
    }

    @Test(
        "nonces tell what they know",
        arguments: [
            ([], 5, UsedNonces.Verdict.unused), ([5], 5, .used), ([6], 5, .unused),
            (Array(6...37), 5, .forgotten), (Array(6...37), 6, .used), (Array(6...36) + [40], 38, .unused),
        ] as [([UInt64], UInt64, UsedNonces.Verdict)]
    )
    func verdicts(recent: [UInt64], nonce: UInt64, verdict: UsedNonces.Verdict) {
        #expect(UsedNonces(time: 1, recent: recent).verdict(on: nonce) == verdict)
    }
}

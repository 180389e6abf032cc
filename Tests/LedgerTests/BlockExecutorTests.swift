import CanonicalBytes
import Certificates
import Consensus
import Ledger
import P256Group
import StateTree
import Testing

@Suite struct BlockExecutorTests {
    let chain: TestChain
    let gateway: TestParty

    init() throws {
        self.chain = try TestChain()
        self.gateway = try self.chain.party("clinic-1:gateway:g1")
    }

    @Test func `what one replica builds another finds valid, byte for byte`() throws {
        let ledger = try TestLedger(self.chain)
        let transactions = try (1...20).map { try self.gateway.transaction("add", nonce: $0) }
        let built = try #require(try ledger.build(transactions).block)
        let decoded = try LedgerBlock(bytes: built.payload)
        let verifier = self.chain.verifier()
        let judged = try ledger.executor.validate(
            decoded,
            transactions: try decoded.transactions.map { try verifier.verify($0) },
            on: ledger.parent,
            latest: TestChain.start + 10
        )
        #expect(judged.hash == built.hash)
        #expect(judged.receipts == built.receipts)
        #expect(built.changes.first { $0.key == CounterLogic.key }?.value == UInt64(20).bigEndianBytes)
    }

    @Test func `a refused transaction leaves a receipt and nothing else`() throws {
        let ledger = try TestLedger(self.chain)
        let built = try #require(
            try ledger.build([
                try self.gateway.transaction("add", nonce: 1), try self.gateway.transaction("refuse", nonce: 2),
                try self.gateway.transaction("spin", nonce: 3), try self.gateway.transaction("nonsense", nonce: 4),
            ]).block
        )
        #expect(built.receipts.map(\.code) == [0, 900, RejectionCode.tooMuchWork.number, 3])
        #expect(built.receipts.map(\.events.count) == [1, 0, 0, 0])
        #expect(built.changes.first { $0.key == CounterLogic.key }?.value == UInt64(1).bigEndianBytes)
    }

    @Test func `what may not stand in a block is told apart`() throws {
        let ledger = try TestLedger(self.chain)
        let late = try self.chain.party("clinic-1:gateway:g3", from: 1, to: TestChain.start / 1_000 - 5)
        let refused = try ledger.build([
            try self.gateway.transaction("add", nonce: 1), try self.gateway.transaction("add", nonce: 1),
            try self.gateway.transaction("add", nonce: 2, validUntil: TestChain.start),
            try self.gateway.transaction("add", nonce: 3, validUntil: TestChain.start + 7_200_000),
            try self.gateway.transaction("add", nonce: 4, channel: .access),
            try late.transaction("add", nonce: 5),
        ]).refused.map(\.1)
        #expect(refused == [.replayed, .expired, .notYetValid, .wrongChannel, .certificateTime])
    }

    @Test func `a revoked certificate and a dropped issuer are refused`() throws {
        var ledger = try TestLedger(self.chain)
        let transaction = try self.gateway.transaction("add", nonce: 1)
        ledger.values.values[StateKey.revocation(of: self.gateway.certificate.digest, by: "other-ca")] = [0]
        #expect(try ledger.build([transaction]).refused.isEmpty, "another issuer's list says nothing")
        ledger.values.values[StateKey.revocation(of: self.gateway.certificate.digest, by: "test-ca")] = [0]
        #expect(try ledger.build([transaction]).refused.map(\.1) == [.revoked])
        ledger.values.values[StateKey.issuer(.authority, "test-ca")] = nil
        #expect(try ledger.build([transaction]).refused.map(\.1) == [.untrustedIssuer])
    }

    @Test func `a block with a replayed, missing or foreign transaction is invalid`() throws {
        var ledger = try TestLedger(self.chain)
        let verifier = self.chain.verifier()
        let first = try self.gateway.transaction("add", nonce: 1)
        let built = try #require(try ledger.build([first, try self.gateway.transaction("add", nonce: 2)]).block)
        let verified = try built.block.transactions.map { try verifier.verify($0) }
        func judge(_ block: LedgerBlock, _ list: [VerifiedTransaction], latest: UInt64 = .max) throws {
            _ = try ledger.executor.validate(block, transactions: list, on: ledger.parent, latest: latest)
        }
        try judge(built.block, verified)
        #expect(throws: ProtocolFailure.self) { try judge(built.block, Array(verified.dropLast())) }
        #expect(throws: ProtocolFailure.self) { try judge(built.block, verified.reversed()) }
        #expect(throws: ProtocolFailure.self, "from the future") { try judge(built.block, verified, latest: 5) }
        let short = LedgerBlock(
            header: built.block.header,
            transactions: Array(built.block.transactions.dropLast()),
            nextCommittee: nil
        )
        #expect(throws: ProtocolFailure.self) { try judge(short, Array(verified.dropLast())) }
        ledger.keep(built)
        let again = try ledger.build([first])
        #expect(again.block == nil)
        #expect(again.refused.map(\.1) == [.replayed])
    }

    @Test func `the limits of a block hold, and the rest waits`() throws {
        var ledger = try TestLedger(self.chain)
        ledger.values.values[StateKey.parameter("block.transactions_max")] = UInt64(3).bigEndianBytes
        let transactions = try (1...5).map { try self.gateway.transaction("add", nonce: $0) }
        let made = try ledger.build(transactions)
        #expect(made.block?.block.transactions.count == 3)
        #expect(made.refused.isEmpty)
    }

    @Test func `nothing follows a change of the committee in its block`() throws {
        let next = try TestChain.committee(epoch: 1, of: self.chain.signers, [1, 2, 3, 4, 5])
        let ledger = try TestLedger(self.chain, logic: CounterLogic(next: next))
        let built = try #require(
            try ledger.build([
                try self.gateway.transaction("add", nonce: 1), try self.gateway.transaction("committee", nonce: 2),
                try self.gateway.transaction("add", nonce: 3),
            ]).block
        )
        #expect(built.block.transactions.count == 2)
        #expect(built.block.nextCommittee == next)
        #expect(built.block.header.validatorsRoot == CommitteeDigest.of(next))
        #expect(try LedgerBlock(bytes: built.payload).nextCommittee == next)
    }

    @Test func `a committee that turns over too far is refused`() throws {
        let next = try TestChain.committee(epoch: 1, of: self.chain.signers, [2, 3, 5])
        let ledger = try TestLedger(self.chain, logic: CounterLogic(next: next))
        let built = try #require(try ledger.build([try self.gateway.transaction("committee", nonce: 2)]).block)
        #expect(built.receipts.map(\.code) == [RejectionCode.unlawfulCommittee.number])
        #expect(built.block.nextCommittee == nil)
    }
}

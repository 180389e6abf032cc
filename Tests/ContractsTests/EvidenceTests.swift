import CanonicalBytes
import Consensus
import Ledger
import Testing

@testable import Contracts

@Suite("Evidence") struct EvidenceTests {
    let consortium: Consortium

    init() throws { self.consortium = try Consortium() }

    private func prepare(
        _ block: UInt8,
        by number: UInt16 = 2,
        view: UInt64 = 1,
        epoch: UInt64 = 0,
        on channel: Channel = .access
    ) throws -> Prepare {
        let hash = try #require(BlockHash(id(block)))
        let slot = Slot(epoch: epoch, view: view, height: 9, block: hash, parent: .zero)
        let signer = self.consortium.validators[Int(number) - 1]
        return Prepare(
            signing: slot,
            as: ReplicaID(number),
            in: self.consortium.genesis.context(of: channel),
            with: signer
        )
    }

    private func report(_ evidence: Evidence, on channel: TestChannel) throws -> CommittedBlock {
        try channel.commit([try self.transaction(evidence.bytes, on: channel)])
    }

    /// What nobody signed and what says nothing new takes no room in a block.
    private func isRefused(_ evidence: Evidence, on channel: TestChannel) throws -> Bool {
        let (block, refused) = try channel.build([try self.transaction(evidence.bytes, on: channel)])
        return block == nil && refused.map(\.1) == [.unsigned]
    }

    private func transaction(_ bytes: [UInt8], on channel: TestChannel) throws -> Transaction {
        let body = TransactionBody(
            chain: Consortium.chain,
            channel: channel.channel,
            signer: id(0),
            nonce: 0,
            validUntil: 0,
            contract: "evidence",
            method: "report",
            arguments: bytes
        )
        return Transaction(body, authorization: .none)
    }

    @Test("a validator that votes for two blocks is convicted once, by whoever brings it, on either channel")
    func conviction() throws {
        for channel in [self.consortium.access, self.consortium.index] {
            let votes = (
                try self.prepare(1, on: channel.channel), try self.prepare(2, on: channel.channel)
            )
            let block = try self.report(.prepares(votes.0, votes.1), on: channel)
            #expect(block.receipts[0].code == 0 && block.receipts[0].events.map(\.topic) == ["evidence.recorded"])
            #expect(block.block.header.evidenceRoot != BlockHeader.noRoot)
            let key = EvidenceKey.record(ReplicaID(2), 0, kind: 1)
            #expect(channel.values.values[key]?.prefix(32) == block.block.transactions[0].id[...])
            #expect(try self.isRefused(.prepares(votes.1, votes.0), on: channel), "known already")
        }
    }

    @Test("votes that do not contradict each other, or are not the validator's, convict nobody")
    func innocence() throws {
        let stranger = try self.prepare(2, by: 5)
        let cases: [Evidence] = [
            .prepares(try self.prepare(1), try self.prepare(1)),
            .prepares(try self.prepare(1), try self.prepare(2, by: 3)),
            .prepares(try self.prepare(1), try self.prepare(2, view: 2)),
            .prepares(try self.prepare(1), try self.prepare(2, on: .index)),
            .prepares(
                try self.prepare(1),
                Prepare(slot: stranger.slot, replica: ReplicaID(2), signature: stranger.signature)
            ),
            .prepares(try self.prepare(1, by: 5), stranger),
            .prepares(try self.prepare(1, epoch: 4), try self.prepare(2, epoch: 4)),
        ]
        for (place, evidence) in cases.enumerated() {
            #expect(try self.isRefused(evidence, on: self.consortium.access), "case \(place)")
        }
    }

    @Test("faults of a committee that has gone are recorded too")
    func pastEpochs() throws {
        #expect(try self.consortium.decide(self.consortium.committeeChange(1, [1, 3, 4, 5])) == 0)
        let old = try self.report(.prepares(self.prepare(1), self.prepare(2)), on: self.consortium.access)
        #expect(old.receipts[0].code == 0)
        let gone = Evidence.prepares(try self.prepare(1, epoch: 1), try self.prepare(2, epoch: 1))
        #expect(try self.isRefused(gone, on: self.consortium.access))
        let new = Evidence.prepares(try self.prepare(1, by: 5, epoch: 1), try self.prepare(2, by: 5, epoch: 1))
        #expect(try self.report(new, on: self.consortium.access).receipts[0].code == 0)
    }

    @Test("only evidence comes unsigned, and it must be evidence")
    func unsigned() throws {
        let access = self.consortium.access
        #expect(try access.build([self.transaction([9, 9], on: access)]).1.map(\.1) == [.unsigned])
        let body = TransactionBody(
            chain: Consortium.chain,
            channel: .access,
            signer: id(0),
            nonce: 0,
            validUntil: .max,
            contract: "registry",
            method: "register",
            arguments: []
        )
        let register = Transaction(body, authorization: .none)
        #expect(try access.build([register]).1.map(\.1) == [.unsigned])
    }
}

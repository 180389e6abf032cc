import CanonicalBytes
import Certificates
import Consensus
import Ledger
import StateTree
import Testing

@testable import Contracts

@Suite("Determinism") struct DeterminismTests {
    @Test("two executors that come to a state on different ways make the same block of the same transactions")
    func sameBlock() throws {
        let consortium = try Consortium()
        let access = consortium.access
        for name in ["north:gateway:g1", "north:steward:s1", "south:gateway:g2", "north:patient:p1"] {
            try consortium.call(Register(), by: name)
        }
        try consortium.hold(Array(0..<20), by: "north:patient:p1")
        let scopes = (0..<20 as Range<UInt8>).map { id($0) }
        let consent = SetConsent(consent: id(1), mode: .allow, subject: .scopes(scopes), validUntil: .max)
        let request = RequestAccess(
            request: id(3),
            scope: id(7),
            policy: id(8),
            organization: "north",
            purpose: "TREAT",
            nonce: id(9),
            expires: access.now + 100_000
        )
        let transactions = [
            try consortium.transaction(consent, by: consortium.party("north:patient:p1"), on: access),
            try consortium.transaction(request, by: consortium.pseudonym("ada"), on: access),
            try consortium.transaction(
                PermitAccess(request: id(3), validUntil: access.now + 50_000),
                by: consortium.party("north:steward:s1"),
                on: access
            ),
            try consortium.transaction(Register(), by: consortium.party("north:steward:s1"), on: access),
        ]
        let verifier = TransactionVerifier(chain: Consortium.chain, issuers: consortium.genesis.issuers)
        let verified = try transactions.map { try verifier.verify($0) }
        var blocks: [[UInt8]] = []
        for isReversed in [false, true] {
            let parent = try self.rebuilt(access, isReversed: isReversed)
            let executor = BlockExecutor(
                chain: Consortium.chain,
                channel: .access,
                logic: ConsortiumContracts(scheme: Ed25519Scheme())
            )
            let (block, refused) = try executor.build(verified, on: parent, time: access.now)
            let executed = try #require(block)
            #expect(refused.isEmpty && executed.receipts.map(\.code) == [0, 0, 0, 201])
            blocks.append(executed.payload)
        }
        #expect(blocks[0] == blocks[1])
    }

    /// The same state with its values and tree put together in another order.
    private func rebuilt(_ channel: TestChannel, isReversed: Bool) throws -> ParentState {
        var keys = channel.values.values.keys.sorted { $0.lexicographicallyPrecedes($1) }
        if isReversed { keys.reverse() }
        var values = MemoryState()
        var nodes = MemoryNodes()
        for key in keys {
            values.values[key] = channel.values.values[key]
            nodes.apply(try StateTree.update(nodes, [(key, channel.values.values[key])]))
        }
        #expect(try StateTree.root(of: nodes) == channel.header.stateRoot)
        return ParentState(
            header: channel.header,
            hash: channel.header.hash,
            values: values,
            nodes: nodes,
            committee: channel.committee
        )
    }
}

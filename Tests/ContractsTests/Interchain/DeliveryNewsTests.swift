import CanonicalBytes
import Certificates
import IBTP
import Ledger
import Testing

@testable import Contracts

/// News of a delivery, which is recorded on the index channel, to the chain that asked for the data.
@Suite("Deliveries between chains") struct DeliveryNewsTests {
    let world: Archipelago

    init() throws { self.world = try Archipelago() }

    private var bravo: Consortium { get throws { try self.world.chain("bravo") } }

    /// A share exchange that ended with a permission, and a delivery under it.
    private func delivered() throws -> (id: MessageID, delivery: [UInt8], proof: TransactionProof) {
        let bravo = try self.bravo
        let list = SetScopeWriters(scope: id(7), epoch: 3_000, isSingleControl: false, writers: [])
        try bravo.call(list, by: "north:custodian:c1")
        let (id, request) = try self.world.exchange()
        let block = try #require(bravo.access.blocks.dropLast().last)
        let permission = try Permission(bytes: block.receipts[0].events[0].data)
        #expect(permission.request == request.request)
        let grant = RecordGrant(
            grant: id32(1),
            scope: id32(7),
            permission: permission.id,
            notBefore: Consortium.start,
            notAfter: permission.validUntil,
            proof: try block.proof()
        )
        try #require(try bravo.call(grant, by: "north:custodian:c1") == 0)
        let record = RecordDelivery(grant: id32(1), list: id32(2), count: 5, receiver: permission.requester, parts: 5)
        try #require(try bravo.call(record, by: "east:privacy-center:p1") == 0)
        let center = try #require(PartyName("east:privacy-center:p1"))
        return (id, Delivery.id(record, by: center), try #require(bravo.index.blocks.last).proof())
    }

    @Test("whoever asked learns on its own chain what was delivered, once, and that is answered at once")
    func wholeWay() throws {
        let (id, delivery, proof) = try self.delivered()
        try self.world.bring(try self.world.message(from: "bravo"))
        let bravo = try self.bravo
        let tell = TellDelivery(id: id, proof: proof)
        #expect(try bravo.call(tell, by: Archipelago.gateway) == 0)
        #expect(try bravo.call(tell, by: Archipelago.gateway) == RejectionCode.toldAlready.number)
        let block = try #require(bravo.access.blocks.dropLast().last)
        #expect(block.receipts[0].code == 0)
        let leaf = try self.world.leaves(block)[0]
        guard case .message(let message) = leaf else { throw ProtocolFailure(.context, "no message") }
        #expect(message.from == "hub:bravo:delivery" && message.to == "hub:alpha:delivery")
        #expect(try bravo.call(RepeatMessage(message: message), by: Archipelago.gateway) == 0)
        #expect(try self.world.bring(try self.world.message(from: "bravo")) == 0)
        #expect(try self.world.bring(try self.world.told("alpha")) == 0)
        let alpha = try self.world.chain("alpha")
        let told = try alpha.access.record(ToldDelivery.self, at: InterchainKey.delivered(delivery))
        #expect(told?.share == id && told?.list == id32(2) && told?.count == 5)
        let answer = try self.world.message(from: "alpha")
        #expect(answer.message.type == .receiptSuccess)
        #expect(try self.world.bring(answer) == 0)
        #expect(try self.world.bring(try self.world.told("bravo")) == 0)
    }

    @Test(
        "only a delivery under the exchange's own permission is told, and only this chain's own index channel proves it"
    )
    func refusals() throws {
        let (id, _, proof) = try self.delivered()
        let bravo = try self.bravo
        let unknown = try MessageID(id.pair, index: 9)
        let another = try #require(bravo.index.blocks.dropLast().last).proof()
        let access = try #require(bravo.access.blocks.last).proof()
        let cases: [(TellDelivery, RejectionCode)] = [
            (TellDelivery(id: unknown, proof: proof), .notADelivery),
            (TellDelivery(id: id, proof: another), .notADelivery),
            (TellDelivery(id: id, proof: access), .badRelayProof),
        ]
        for (tell, expected) in cases {
            #expect(try bravo.call(tell, by: Archipelago.gateway) == expected.number)
        }
    }

    @Test("news about an exchange that was never opened here is answered as failed")
    func strangeNews() throws {
        let (id, _, proof) = try self.delivered()
        let bravo = try self.bravo
        try #require(try bravo.call(TellDelivery(id: id, proof: proof), by: Archipelago.gateway) == 0)
        let carried = try self.world.message(from: "bravo")
        #expect(try self.world.bring(carried) == 0)
        let told = try self.world.told("alpha")
        let alpha = try Archipelago().chain("alpha")
        #expect(alpha.access.values.values[InterchainKey.call(id)] == nil)
        // The same relay chain speaks to a chain that has lost nothing and asked for nothing.
        #expect(try alpha.call(DeliverMessage(relayed: told.relayed), by: Archipelago.gateway) == 0)
        let block = try #require(alpha.access.blocks.last)
        guard case .message(let answer) = try self.world.leaves(block)[0] else {
            throw ProtocolFailure(.context, "no message")
        }
        #expect(answer.type == .receiptFailure)
    }

    @Test("the access channel follows the index channel's committees, and takes no block of one outside of its reign")
    func indexCommittees() throws {
        let bravo = try self.bravo
        let (id, _, proof) = try self.delivered()
        try #require(try bravo.decide(bravo.committeeChange(1, [1, 2, 3, 5])) == 0)
        try #require(try bravo.call(bravo.follow(), by: Archipelago.gateway) == 0)
        let block = try #require(bravo.index.blocks.last)
        let next = try #require(block.block.nextCommittee)
        let follow = FollowIndex(header: block.block.header, certificate: block.certificate, next: next)
        #expect(try bravo.call(follow, by: Archipelago.gateway) == 0)
        #expect(try bravo.call(follow, by: Archipelago.gateway) == RejectionCode.relayFollowedAlready.number)
        let key = SystemKey.indexReign(1)
        #expect(try bravo.access.number(at: key) == block.block.header.height + 1)
        // The old committee's block is of its time; a later one of theirs is not.
        #expect(try bravo.call(TellDelivery(id: id, proof: proof), by: Archipelago.gateway) == 0)
        let wrong = FollowIndex(header: proof.header, certificate: proof.certificate, next: next)
        #expect(try bravo.call(wrong, by: Archipelago.gateway) != 0)
    }
}

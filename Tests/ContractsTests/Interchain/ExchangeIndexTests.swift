import CanonicalBytes
import Consensus
import IBTP
import Ledger
import Testing

@testable import Contracts

@Suite("Index of exchanges") struct ExchangeIndexTests {
    /// What an index of subjects would hold of an event.
    private struct Found: Hashable {
        let topic: String
        let height: Height
        let transaction: [UInt8]
    }

    let world: Archipelago

    init() throws { self.world = try Archipelago() }

    /// What a chain's blocks say of a subject, in their order.
    private func found(_ subject: [UInt8], on name: String) throws -> [Found] {
        try self.world.chain(name).access.blocks.flatMap { block in
            block.receipts.flatMap { receipt in
                receipt.events.filter { EventSubjects.subjects(of: $0).contains(subject) }.map {
                    Found(topic: $0.topic, height: block.block.header.height, transaction: receipt.transaction)
                }
            }
        }
    }

    @Test("every step of an exchange is found by its identifier, on each of the three chains")
    func steps() throws {
        let (id, _) = try self.world.exchange()
        try #require(try self.world.bring(try self.world.message(from: "bravo")) == 0)
        try #require(try self.world.bring(try self.world.told("alpha")) == 0)
        let subject = EventSubjects.exchange(id)
        #expect(try self.found(subject, on: "alpha").map(\.topic) == ["interchain.out", "interchain.closed"])
        #expect(
            try self.found(subject, on: "hub").map(\.topic)
                == ["interchain.out", "relay.taken", "interchain.out", "relay.taken"]
        )
        #expect(try self.found(subject, on: "bravo").map(\.topic) == ["interchain.received", "interchain.out"])
        #expect(try self.found(subject, on: "charlie").isEmpty)
    }

    @Test("what a relay chain says again leads back to the transaction that brought the message")
    func repeated() throws {
        try self.world.ask()
        let carried = try self.world.message(from: "alpha")
        try #require(try self.world.bring(carried) == 0)
        let told = try self.world.told("bravo")
        let first = try #require(self.world.hub.access.blocks.last)
        try #require(try self.world.hub.call(RepeatNotice(notice: told.notice), by: Archipelago.gateway) == 0)
        let found = try self.found(EventSubjects.exchange(told.notice.id), on: "hub")
        let taken = found.filter { $0.topic == ExchangeTaken.topic }
        #expect(taken.map(\.transaction) == [first.receipts[0].transaction])
        let again = try #require(found.last)
        #expect(again.topic == "interchain.out" && again.height > first.block.header.height)
    }

    @Test("the answer of a group's member is found although nobody is told of it yet")
    func groups() throws {
        let asked = try self.world.ask(["bravo", "charlie"])
        try #require(asked.code == 0)
        let requests = try [0, 1].map { try self.world.message(from: "alpha", $0) }
        try #require(try self.world.bring(requests[0]) == 0)
        let told = try self.world.told("bravo")
        try #require(try self.world.bring(told) == 0)
        try #require(try self.world.bring(requests[1]) == 0)
        try self.world.decide(asked.requests[0], on: "bravo")
        try #require(try self.world.finish(told.notice.id, asked.requests[0]) == 0)
        try #require(try self.world.bring(try self.world.message(from: "bravo")) == 0)
        let newest = try #require(self.world.hub.access.blocks.last)
        let found = try self.found(EventSubjects.exchange(told.notice.id), on: "hub")
        #expect(found.filter { $0.height == newest.block.header.height }.map(\.topic) == [ExchangeTaken.topic])
    }

    @Test("those who know no identifier find requests, leaves and lists by their topics")
    func topics() throws {
        let (id, _) = try self.world.exchange()
        func count(_ topic: String, on name: String) throws -> Int {
            try self.found(EventSubjects.topic(topic), on: name).count
        }
        #expect(try count(ExchangeReceived.topic, on: "bravo") == 1)
        #expect(try count("interchain.out", on: "alpha") == 1)
        #expect(try count("interchain.out", on: "bravo") == 1)
        let next = try self.world.list("alpha").adding(key: 23)
        let height = try self.world.chain("alpha").access.header.height + 1
        let call = FollowNodeList(
            chain: "alpha",
            succession: try self.world.list("alpha").succession(to: next, at: height)
        )
        try #require(try self.world.hub.call(call, by: Archipelago.gateway) == 0)
        #expect(try count("relay.list", on: "hub") == 1)
        #expect(try self.world.status(id) == .begin)
    }
}

import Foundation
import Records
import Spool
import Testing

@testable import Agent

@Suite("Redelivered messages")
struct RedeliveryFilterTests {
    private static let stored = Arrival(payload: "36.6", packetIdentifier: 7)

    private static func filter(
        _ stored: [Arrival],
        broker: UInt8 = 0,
        sessionPresent: Bool = true,
        receiveMaximum: Int = 10
    ) -> RedeliveryFilter {
        var filter = RedeliveryFilter(secret: (1, 2))
        filter.arm(
            stored: [burst(stored)],
            broker: broker,
            sessionPresent: sessionPresent,
            receiveMaximum: receiveMaximum
        )
        return filter
    }

    @Test("a repetition is recognised once, at its place among new messages")
    func recognised() {
        var filter = Self.filter([Self.stored])
        let again = burst([Arrival(payload: "new", packetIdentifier: 8), Self.stored, Self.stored])
        #expect(filter.redelivered(in: again) == [1])
        #expect(filter.redelivered(in: burst([Self.stored])) == [])
    }

    @Test("a message is recognised as often as it was stored", arguments: 1...4)
    func asOftenAsStored(_ times: Int) {
        var filter = Self.filter(Array(repeating: Self.stored, count: times))
        let positions = (0..<6).flatMap { _ in filter.redelivered(in: burst([Self.stored])) }
        #expect(positions.count == times)
    }

    @Test(
        "a message that differs in identifier or content is new",
        arguments: [
            Arrival(payload: "36.6", packetIdentifier: 8),
            Arrival(payload: "36.7", packetIdentifier: 7),
            Arrival(topic: "ward/7/bed/4/thermometer/T1", payload: "36.6", packetIdentifier: 7),
            // The same bytes, cut into topic and payload elsewhere.
            Arrival(topic: "ward/7/bed/3/thermometer/T13", payload: "6.6", packetIdentifier: 7),
        ]
    )
    func different(_ arrival: Arrival) {
        var filter = Self.filter([Self.stored])
        #expect(filter.redelivered(in: burst([arrival])) == [])
    }

    @Test("messages of another broker are not taken for repetitions of this one")
    func otherBroker() {
        var filter = Self.filter([Self.stored], broker: 1)
        #expect(filter.redelivered(in: burst([Arrival(payload: "36.6", packetIdentifier: 7, broker: 1)])) == [])
    }

    @Test("without a session nothing is a repetition, not even after an armed connection")
    func noSession() {
        var filter = Self.filter([Self.stored])
        filter.arm(stored: [burst([Self.stored])], broker: 0, sessionPresent: false, receiveMaximum: 10)
        #expect(filter.redelivered(in: burst([Self.stored])) == [])
    }

    @Test("QoS 0 messages have no identifier and are never repetitions")
    func withoutIdentifier() {
        let loose = Arrival(payload: "36.6", packetIdentifier: 0)
        var filter = Self.filter([loose])
        #expect(filter.redelivered(in: burst([loose])) == [])
    }

    @Test("after the receive maximum the repetitions are over", arguments: [(2, [Int]()), (3, [0])])
    func afterReceiveMaximum(_ receiveMaximum: Int, _ expected: [Int]) {
        var filter = Self.filter([Self.stored], receiveMaximum: receiveMaximum)
        let new = (0..<2).map { Arrival(payload: "new \($0)", packetIdentifier: 20 + UInt16($0)) }
        #expect(filter.redelivered(in: burst(new)) == [])
        #expect(filter.redelivered(in: burst([Self.stored])) == expected)
    }

    @Test("the receive maximum counts within a burst, too")
    func receiveMaximumWithinBurst() {
        var filter = Self.filter([Self.stored], receiveMaximum: 1)
        #expect(filter.redelivered(in: burst([Arrival(packetIdentifier: 20), Self.stored])) == [])
    }

    @Test("a number without a time, redelivered after a crash, stays one Observation; an equal new one is a second")
    func scalarStaysOne() throws {
        let site = try TestSite()
        let store = try site.openStore()
        func agent() throws -> IngestStore {
            IngestStore(
                inbox: store.inbox,
                receiveMaximum: 10,
                secret: try store.dedupSecret(),
                logger: TestSite.logger
            )
        }
        let first = try agent()
        first.connected(broker: 0, sessionPresent: false)
        try first.store(burst([Self.stored]), oversized: [])
        // The crash is here: stored, not acknowledged. The restarted agent gets it again, later, then a new one.
        let second = try agent()
        second.connected(broker: 0, sessionPresent: true)
        var again = Self.stored
        again.receivedAt += 5_000_000_000
        var equal = again
        equal.packetIdentifier = 8
        try second.store(burst([again, equal]), oversized: [])
        try site.normalize(store)
        let statistics = try store.statistics()
        #expect(statistics.observationsStored == 2)
        #expect(statistics.messages.redelivered == 1)
        #expect(statistics.messages.received == 3)
    }

    @Test("what other brokers stored meanwhile does not push a broker's last messages out of sight")
    func manyBrokers() throws {
        let site = try TestSite()
        let store = try site.openStore()
        let ingest = IngestStore(
            inbox: store.inbox,
            receiveMaximum: 10,
            secret: try store.dedupSecret(),
            logger: TestSite.logger
        )
        ingest.connected(broker: 0, sessionPresent: false)
        try ingest.store(burst([Self.stored]), oversized: [])
        for number in 0..<20 {
            let other = Arrival(payload: "other \(number)", packetIdentifier: UInt16(100 + number), broker: 1)
            try ingest.store(burst([other]), oversized: [])
        }
        ingest.connected(broker: 0, sessionPresent: true)
        try ingest.store(burst([Self.stored]), oversized: [])
        let last = try store.inbox.recent(ofBroker: 0, messagesMax: 1)
        #expect(last.first?.burst.message(at: 0)?.message.marks == .redelivered)
    }

    @Test("the secret of the hashes survives a restart")
    func secretIsKept() throws {
        let site = try TestSite()
        let first = try site.openStore().dedupSecret()
        let second = try site.openStore().dedupSecret()
        #expect(first == second)
        let other = try TestSite()
        #expect(try other.openStore().dedupSecret() != first)
    }
}

import CanonicalBytes
import Testing

@testable import IBTP

@Suite struct ServiceBrokerTests {
    private typealias Broker = ServiceBroker<MemoryState>

    private static func broker(_ chain: String) -> Broker {
        ServiceBroker(chain: chain, storage: MemoryState(), prefix: Array("broker\0".utf8))
    }

    private static let id = "h:a:x-h:b:y-1"

    @Test func exchangesAreCountedFromOne() throws {
        let broker = Self.broker("h:a")
        let pair = try MessageID(Self.id).pair
        #expect(try broker.open(pair).description == Self.id)
        #expect(try broker.open(pair).index == 2)
        #expect(try broker.sent(pair)?.requests == 2)
        let back = ServicePair(from: pair.to, to: pair.from)
        #expect(try bookRefusal { try broker.open(back) } == .anotherHub)
    }

    @Test func anExchangeIsClosedOnceAndInAnyOrder() throws {
        let broker = Self.broker("h:a")
        let pair = try MessageID(Self.id).pair
        let first = try broker.open(pair)
        let second = try broker.open(pair)
        #expect(try bookRefusal { try broker.close(first, .begin) } == .unexpectedReceipt(.begin))
        #expect(try !broker.close(second, .beginRollback))
        #expect(try broker.close(first, .success))
        for id in [first, second] { #expect(try bookRefusal { try broker.close(id, .success) } == .indexExists) }
        #expect(try broker.sent(pair)?.settled == 2)
        let third = try MessageID(pair, index: 3)
        #expect(try bookRefusal { try broker.close(third, .success) } == .unknownRequest)
    }

    @Test func aServiceIsCalledOnceAndInOrder() throws {
        let broker = Self.broker("h:b")
        let first = try MessageID(Self.id)
        let second = try MessageID(first.pair, index: 2)
        #expect(try bookRefusal { try broker.deliver(second, .begin, isOrdered: true) } == .indexGap(expected: 1))
        #expect(try broker.deliver(first, .begin, isOrdered: true) == .call)
        #expect(try bookRefusal { try broker.deliver(first, .begin, isOrdered: true) } == .indexExists)
        #expect(try broker.finish(first, isSuccess: true) == .receiptSuccess)
        #expect(try bookRefusal { try broker.finish(first, isSuccess: false) } == .indexExists)
        #expect(try bookRefusal { try broker.finish(second, isSuccess: true) } == .unknownRequest)
        #expect(try broker.received(first.pair)?.requests == 1)
        #expect(try bookRefusal { try broker.deliver(second, .success, isOrdered: true) } == .wrongType)
    }

    @Test func anUnorderedServiceIsCalledOnceInAnyOrder() throws {
        let broker = Self.broker("h:b")
        let pair = try MessageID(Self.id).pair
        for index in [3, 1, 2] as [UInt64] {
            let id = try MessageID(pair, index: index)
            #expect(try broker.deliver(id, .begin, isOrdered: false) == .call)
            #expect(try bookRefusal { try broker.deliver(id, .begin, isOrdered: false) } == .indexExists)
        }
    }

    @Test(arguments: [
        (TransactionStatus.beginFailure, MessageType.receiptFailure), (.beginRollback, .receiptRollback),
    ])
    func whatSucceededIsUndoneOnce(_ status: TransactionStatus, _ answer: MessageType) throws {
        let broker = Self.broker("h:b")
        let id = try MessageID(Self.id)
        _ = try broker.deliver(id, .begin, isOrdered: true)
        _ = try broker.finish(id, isSuccess: true)
        #expect(try broker.deliver(id, status, isOrdered: true) == .undo(answer))
        #expect(try bookRefusal { try broker.deliver(id, status, isOrdered: true) } == .indexExists)
    }

    @Test func whatDidNotHappenIsNotUndone() throws {
        let broker = Self.broker("h:b")
        let first = try MessageID(Self.id)
        _ = try broker.deliver(first, .begin, isOrdered: true)
        _ = try broker.finish(first, isSuccess: false)
        #expect(try broker.deliver(first, .beginRollback, isOrdered: true) == .answer(.receiptRollback))
        // One that never came is counted, so that those after it are not held up, and is never called.
        let second = try MessageID(first.pair, index: 2)
        #expect(try broker.deliver(second, .beginFailure, isOrdered: true) == .answer(.receiptFailure))
        #expect(try bookRefusal { try broker.deliver(second, .begin, isOrdered: true) } == .indexExists)
        let third = try MessageID(first.pair, index: 3)
        #expect(try broker.deliver(third, .begin, isOrdered: true) == .call)
    }

    /// Source, relay chain and destination, with a gateway that delivers late, repeatedly and in any order.
    @Test func aCallCountsOnBothSidesOrOnNeither() throws {
        var successes = 0
        var failures = 0
        var undone = 0
        for seed in 1...20 {
            var chance = Chance(seed: UInt64(seed))
            var journey = try Journey(isOrdered: chance.flag())
            for _ in 0..<8 { try journey.open(timeout: Int64(chance.below(3) * 6)) }
            for _ in 0..<1_500 { try journey.deliverOne(&chance) }
            // At last everything arrives.
            try journey.deliverAll()
            #expect(journey.ended.count == 8)
            for (id, isSuccess) in journey.ended {
                let calls = journey.calls[id, default: 0]
                #expect(calls <= 1)
                #expect(calls - journey.undone[id, default: 0] == (isSuccess ? 1 : 0), "seed \(seed), \(id)")
            }
            successes += journey.ended.values.count { $0 }
            failures += journey.ended.values.count { !$0 }
            undone += journey.undone.values.reduce(0, +)
        }
        #expect(successes > 40 && failures > 40 && undone > 5, "\(successes) \(failures) \(undone)")
    }
}

/// Eight exchanges between two chains over a relay chain, and all messages that were ever sent.
private struct Journey {
    let source = ServiceBroker(chain: "h:a", storage: MemoryState(), prefix: [])
    let destination = ServiceBroker(chain: "h:b", storage: MemoryState(), prefix: [])
    var relay = BookScene()
    let pair: ServicePair
    let isOrdered: Bool
    var requests: [InterchainMessage] = []
    var notices: [StatusNotice] = []
    var receipts: [InterchainMessage] = []
    /// Calls that took effect, undone ones included.
    var calls: [MessageID: Int] = [:]
    var undone: [MessageID: Int] = [:]
    var ended: [MessageID: Bool] = [:]

    init(isOrdered: Bool) throws {
        self.pair = ServicePair(from: try ServiceID("h:a:x"), to: try ServiceID("h:b:y"))
        self.isOrdered = isOrdered
    }

    mutating func open(timeout: Int64) throws {
        let id = try self.source.open(self.pair)
        var request = InterchainMessage(from: id.from.description, to: id.to.description, index: id.index)
        request.timeoutHeight = timeout
        self.requests.append(request)
    }

    mutating func deliverOne(_ chance: inout Chance) throws {
        switch chance.below(10) {
        case 0...1: try self.relay(.request(self.requests[chance.below(8)], self.context))
        case 2...3:
            self.relay.height += chance.below(4) == 0 ? 1 : 0
            try self.relay(.blockEnd(expiriesMax: 3))
        case 4 where !self.receipts.isEmpty: try self.relay(.receipt(self.receipts[chance.below(self.receipts.count)]))
        case 5...9:
            guard !self.notices.isEmpty else { return }
            try self.tell(self.notices[chance.below(self.notices.count)], isSuccess: chance.below(4) > 0)
        default: break
        }
    }

    mutating func deliverAll() throws {
        for _ in 0..<20 {
            for request in self.requests { try self.relay(.request(request, self.context)) }
            for notice in self.notices { try self.tell(notice, isSuccess: true) }
            for receipt in self.receipts { try self.relay(.receipt(receipt)) }
        }
    }

    private var context: RequestContext { RequestContext(isAvailable: true, isOrdered: self.isOrdered) }

    private mutating func relay(_ event: BookEvent) throws {
        do { self.notices += try self.relay.step(event).notices } catch BookFailure<MemoryState.Full>.refused {}
    }

    private mutating func tell(_ notice: StatusNotice, isSuccess: Bool) throws {
        let id = notice.message
        do {
            guard notice.side == .destination else {
                self.ended[id] = try self.source.close(id, notice.status)
                return
            }
            switch try self.destination.deliver(id, notice.status, isOrdered: self.isOrdered) {
            case .call:
                if isSuccess { self.calls[id, default: 0] += 1 }
                self.answer(id, try self.destination.finish(id, isSuccess: isSuccess))
            case .undo(let type):
                self.undone[id, default: 0] += 1
                self.answer(id, type)
            case .answer(let type): self.answer(id, type)
            }
        } catch BookFailure<MemoryState.Full>.refused {}
    }

    private mutating func answer(_ id: MessageID, _ type: MessageType) {
        self.receipts.append(
            InterchainMessage(from: id.from.description, to: id.to.description, index: id.index, type: type)
        )
    }
}

import CanonicalBytes
import Testing

@testable import IBTP

@Suite struct BookPropertyTests {
    /// Random requests, answers and blocks, among them repeated, early, late and wrong ones.
    @Test(arguments: 1...20)
    func everyExchangeEndsOnceWhateverComes(_ seed: Int) throws {
        var chance = Chance(seed: UInt64(seed))
        var scene = BookScene()
        var ends: [MessageID: Int] = [:]
        var statuses: [String: TransactionStatus] = [:]
        let isOrdered = chance.flag()
        for _ in 0..<600 {
            let index = 1 + chance.below(6)
            let group = ["h:a:x-h:b:y-\(index)", "h:a:x-h:c:y-\(index)"]
            let id = group[chance.below(2)]
            let types: [MessageType] = [.receiptSuccess, .receiptFailure, .receiptRollback]
            let timeout = Int64(index % 3 * 4)
            let isAvailable = chance.below(5) > 0
            let type = types[chance.below(3)]
            do {
                let effects =
                    switch chance.below(10) {
                    case 0..<4:
                        try scene.request(
                            id,
                            timeout: timeout,
                            group: index.isMultiple(of: 2) ? group : [],
                            isAvailable: isAvailable,
                            isOrdered: isOrdered
                        )
                    case 4..<9: try scene.receipt(id, type)
                    default: try scene.end(upTo: scene.height + 1, expiriesMax: 1 + chance.below(4))
                    }
                for message in effects.settled { ends[message, default: 0] += 1 }
                #expect(effects.notices == effects.notices.sorted())
                #expect(Set(effects.notices).count == effects.notices.count)
            } catch BookFailure<MemoryState.Full>.refused {}
            let status = try scene.status(id)
            if let before = statuses[id], before.isFinal { #expect(status == before) }
            statuses[id] = status
        }
        #expect(ends.values.allSatisfy { $0 == 1 })
        #expect(!ends.isEmpty)
        for (id, _) in ends { #expect(try scene.status(id.description)?.isFinal == true) }
        for pair in Set(ends.keys.map(\.pair)) {
            let counters = try #require(try scene.book.counters(of: pair))
            #expect(counters.settled == UInt64(ends.keys.count { $0.pair == pair }))
            #expect(counters.settled <= counters.requests)
        }
    }

    @Test func theSameEventsGiveTheSameBytes() throws {
        func run() throws -> [[UInt8]: [UInt8]] {
            var scene = BookScene()
            for number in 1...30 { try scene.request("h:a:x-h:b:y-\(number)", timeout: Int64(number % 7)) }
            for number in 1...9 { try scene.receipt("h:a:x-h:b:y-\(number)", .receiptSuccess) }
            try scene.end(upTo: 103)
            return scene.state.values
        }
        #expect(try run() == run())
    }
}

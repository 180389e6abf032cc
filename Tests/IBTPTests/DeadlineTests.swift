import CanonicalBytes
import Testing

@testable import IBTP

@Suite struct DeadlineTests {
    private static let first = "h:a:x-h:b:y-1"

    private static func id(_ number: Int) -> String { "h:a:x-h:b:y\(number)-1" }

    @Test func anAnswerInTheLastBlockCounts() throws {
        var scene = BookScene()
        try scene.request(Self.first, timeout: 5)
        #expect(try scene.end(upTo: 104).notices.isEmpty)
        scene.height = 105
        try scene.receipt(Self.first, .receiptSuccess)
        #expect(try scene.end(upTo: 105).notices.isEmpty)
        #expect(try scene.status(Self.first) == .success)
    }

    @Test func aLateSuccessIsRefusedAndTheDestinationUndoesItOnce() throws {
        var scene = BookScene()
        try scene.request(Self.first, timeout: 5)
        let effects = try scene.end(upTo: 105)
        #expect(shown(effects) == ["S \(Self.first) beginRollback", "D \(Self.first) beginRollback"])
        #expect(
            try bookRefusal { try scene.receipt(Self.first, .receiptSuccess) } == .unexpectedReceipt(.beginRollback)
        )
        #expect(shown(try scene.receipt(Self.first, .receiptRollback)).isEmpty)
        #expect(try scene.status(Self.first) == .rollback)
        #expect(try bookRefusal { try scene.receipt(Self.first, .receiptRollback) } == .indexExists)
        #expect(try scene.end(upTo: 300).notices.isEmpty)
    }

    /// Earlier implementations left messages of unordered services out of the time limit.
    @Test func anUnorderedMessageIsUndoneInTimeToo() throws {
        var scene = BookScene()
        try scene.request("h:a:x-h:b:y-7", timeout: 3, isOrdered: false)
        #expect(try scene.end(upTo: 103).notices.count == 2)
        #expect(try scene.status("h:a:x-h:b:y-7") == .beginRollback)
    }

    @Test(arguments: [0, Int64.max])
    func whatHasNoLimitOrOneBeyondAllBlocksIsNeverUndone(_ timeout: Int64) throws {
        var scene = BookScene()
        scene.height = UInt64.max - UInt64(Int64.max)
        try scene.request(Self.first, timeout: timeout)
        #expect(scene.state.values.count == 2)
        #expect(try scene.end(upTo: .max - 1).notices.isEmpty)
    }

    @Test func deadlinesLeaveNothingBehind() throws {
        var scene = BookScene()
        for number in 1...20 { try scene.request(Self.id(number), timeout: 5) }
        var chance = Chance(seed: 5)
        for number in (1...20).shuffled(using: &chance).prefix(13) {
            try scene.receipt(Self.id(number), .receiptSuccess)
        }
        #expect(try scene.end(upTo: 105).notices.count == 14)
        let due = scene.state.values.keys.filter { $0.starts(with: Array("relay\0due".utf8)) }
        #expect(due.isEmpty)
    }

    /// Earlier implementations wrote the whole list of a block anew whenever one message left it.
    @Test func theCostOfOneDeadlineDoesNotGrowWithThoseBesides() throws {
        func costs(_ count: Int) throws -> (leave: Int, expire: Int) {
            var scene = BookScene()
            for number in 0..<count { try scene.request(Self.id(number), timeout: 5) }
            var before = scene.state.accesses
            try scene.receipt(Self.id(0), .receiptSuccess)
            let leave = scene.state.accesses - before
            _ = try scene.end(upTo: 104)
            before = scene.state.accesses
            let expired = try scene.end(upTo: 105).notices.count / 2
            #expect(expired == count - 1)
            return (leave, (scene.state.accesses - before) / expired)
        }
        let few = try costs(3)
        let many = try costs(600)
        #expect(many.leave == few.leave)
        #expect(many.expire <= few.expire)
        #expect(many.expire < 12)
    }

    @Test func whatIsLeftOverOfABlockIsUndoneInTheNextAndCountsAsUndone() throws {
        var scene = BookScene()
        for number in 0..<10 { try scene.request(Self.id(number), timeout: 5) }
        _ = try scene.end(upTo: 104)
        #expect(try scene.end(upTo: 105, expiriesMax: 4).notices.count == 8)
        scene.height = 106
        let late = try #require(try (0..<10).map(Self.id).first { try scene.status($0) == .begin })
        #expect(try bookRefusal { try scene.receipt(late, .receiptSuccess) } == .unexpectedReceipt(.beginRollback))
        // The limit counts the step from a block that is done, too.
        #expect(try scene.end(upTo: 106, expiriesMax: 4).notices.count == 8)
        #expect(try scene.end(upTo: 107, expiriesMax: 4).notices.count == 4)
        #expect(try (0..<10).allSatisfy { try scene.status(Self.id($0)) == .beginRollback })
    }

    @Test func aLongPauseIsCaughtUpInBoundedSteps() throws {
        var scene = BookScene()
        try scene.request(Self.first, timeout: 50)
        var rounds = 0
        while try scene.status(Self.first) == .begin, rounds < 100 {
            let before = scene.state.accesses
            _ = try scene.end(upTo: 10_000, expiriesMax: 10)
            #expect(scene.state.accesses - before < 40)
            rounds += 1
        }
        #expect(rounds == 5)
    }

    @Test func aRequestAfterAPauseWaitsForItsOwnBlock() throws {
        var scene = BookScene()
        try scene.request(Self.id(1), timeout: 5)
        scene.height = 1_000
        try scene.request(Self.id(2), timeout: 5)
        #expect(shown(try scene.end(upTo: 1_004)).allSatisfy { $0.contains(Self.id(1)) })
        #expect(try scene.status(Self.id(2)) == .begin)
        #expect(try scene.end(upTo: 1_005).notices.count == 2)
    }
}

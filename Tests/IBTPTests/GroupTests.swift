import CanonicalBytes
import Testing

@testable import IBTP

@Suite struct GroupTests {
    private static let b = "h:a:x-h:b:y-1"
    private static let c = "h:a:x-h:c:y-1"
    private static let d = "h:a:x-h:d:y-1"
    private static let all = [Self.b, Self.c, Self.d]

    private static func begun(_ timeout: Int64 = 0, isOrdered: Bool = true) throws -> BookScene {
        let scene = BookScene()
        for id in self.all { try scene.request(id, timeout: timeout, group: self.all, isOrdered: isOrdered) }
        return scene
    }

    private static func settled(_ scene: BookScene) throws -> [UInt64?] { try self.all.map { try scene.settled($0) } }

    @Test func aGroupSucceedsWhenAllOfItDid() throws {
        let scene = try Self.begun()
        #expect(shown(try scene.receipt(Self.c, .receiptSuccess)).isEmpty)
        #expect(shown(try scene.receipt(Self.d, .receiptSuccess)).isEmpty)
        #expect(try scene.status(Self.c) == .begin)
        #expect(try Self.settled(scene) == [0, 0, 0])
        #expect(try bookRefusal { try scene.receipt(Self.c, .receiptSuccess) } == .indexExists)
        let effects = try scene.receipt(Self.b, .receiptSuccess)
        #expect(shown(effects) == Self.all.map { "S \($0) success" })
        #expect(effects.settled.map(\.description) == Self.all)
        #expect(try Self.settled(scene) == [1, 1, 1])
        #expect(try scene.status(Self.c) == .success)
        #expect(try bookRefusal { try scene.receipt(Self.b, .receiptSuccess) } == .indexExists)
    }

    @Test func aGroupFailsWhenOneOfItDoes() throws {
        let scene = try Self.begun()
        try scene.receipt(Self.b, .receiptSuccess)
        let effects = try scene.receipt(Self.c, .receiptFailure)
        #expect(
            shown(effects) == [
                "S \(Self.b) beginFailure", "S \(Self.c) beginFailure", "S \(Self.d) beginFailure",
                "D \(Self.b) beginFailure", "D \(Self.d) beginFailure",
            ]
        )
        #expect(try Self.settled(scene) == [0, 0, 0])
        #expect(try bookRefusal { try scene.receipt(Self.b, .receiptSuccess) } == .unexpectedReceipt(.beginFailure))
        #expect(shown(try scene.receipt(Self.b, .receiptFailure)).isEmpty)
        let end = try scene.receipt(Self.d, .receiptFailure)
        #expect(shown(end).isEmpty)
        #expect(end.settled.map(\.description) == Self.all)
        #expect(try scene.status(Self.b) == .failure)
        #expect(try Self.settled(scene) == [1, 1, 1])
    }

    @Test func aServiceThatSucceededCannotFailAfterwards() throws {
        let scene = try Self.begun()
        try scene.receipt(Self.b, .receiptSuccess)
        #expect(try bookRefusal { try scene.receipt(Self.b, .receiptFailure) } == .indexExists)
        #expect(try scene.status(Self.b) == .begin)
    }

    /// Earlier implementations told every rollback to the chain of the first one.
    @Test func everyDestinationIsToldOnItsOwnChain() throws {
        var scene = try Self.begun(5)
        try scene.receipt(Self.c, .receiptSuccess)
        let notices = try scene.end(upTo: 105).notices.filter { $0.side == .destination }
        #expect(notices.map(\.chain) == ["h:b", "h:c", "h:d"])
        #expect(notices.map(\.message.description) == Self.all)
        #expect(notices.allSatisfy { $0.status == .beginRollback })
    }

    @Test func aLateGroupIsUndoneEverywhere() throws {
        var scene = try Self.begun(5)
        try scene.receipt(Self.c, .receiptSuccess)
        let effects = try scene.end(upTo: 105)
        #expect(effects.notices.count { $0.side == .source } == 3)
        #expect(try bookRefusal { try scene.receipt(Self.b, .receiptSuccess) } == .unexpectedReceipt(.beginRollback))
        try scene.receipt(Self.c, .receiptRollback)
        // One that never did anything answers with a failure.
        try scene.receipt(Self.b, .receiptFailure)
        let end = try scene.receipt(Self.d, .receiptRollback)
        #expect(end.settled.count == 3)
        #expect(try scene.status(Self.d) == .rollback)
        #expect(try scene.end(upTo: 1_000).notices.isEmpty)
    }

    @Test func whatComesToAFailedGroupFailsWithIt() throws {
        let scene = BookScene()
        try scene.request(Self.c, group: Self.all)
        let effects = try scene.request(Self.b, group: Self.all, isAvailable: false)
        #expect(
            shown(effects) == [
                "S \(Self.b) beginFailure", "S \(Self.c) beginFailure", "D \(Self.b) beginFailure",
                "D \(Self.c) beginFailure",
            ]
        )
        #expect(
            shown(try scene.request(Self.d, group: Self.all)) == [
                "S \(Self.d) beginFailure", "D \(Self.d) beginFailure",
            ]
        )
        for id in Self.all { try scene.receipt(id, .receiptFailure) }
        #expect(try scene.status(Self.d) == .failure)
    }

    @Test func aGroupWaitsForAllThatItNames() throws {
        let scene = BookScene()
        try scene.request(Self.b, group: Self.all)
        try scene.receipt(Self.b, .receiptSuccess)
        #expect(try scene.status(Self.b) == .begin)
        try scene.request(Self.c, group: Self.all)
        try scene.receipt(Self.c, .receiptSuccess)
        try scene.request(Self.d, group: Self.all)
        #expect(try scene.receipt(Self.d, .receiptSuccess).settled.count == 3)
    }

    @Test func aGroupOfOneEnds() throws {
        let failed = BookScene()
        try failed.request(Self.b, group: [Self.b])
        let effects = try failed.receipt(Self.b, .receiptFailure)
        #expect(shown(effects) == ["S \(Self.b) beginFailure"])
        #expect(effects.settled.count == 1)
        #expect(try failed.status(Self.b) == .failure)
    }

    @Test func aGroupIsOfThisHubAndNamesTheRequestItself() throws {
        let scene = BookScene()
        #expect(try bookRefusal { try scene.request(Self.b, group: [Self.c, Self.d]) } == .notOfTheGroup)
        #expect(try bookRefusal { try scene.request(Self.b, group: ["h:a:x-h:b:y-2"]) } == .notOfTheGroup)
        let foreign = [Self.b, "h:a:x-g:b:y-1"]
        #expect(try bookRefusal { try scene.request(Self.b, group: foreign) } == .notOfTheGroup)
    }

    @Test func groupsOfOtherIndicesAreOthers() throws {
        let scene = try Self.begun()
        for id in Self.all { try scene.receipt(id, .receiptSuccess) }
        let next = ["h:a:x-h:b:y-2", "h:a:x-h:c:y-2"]
        for id in next { try scene.request(id, group: next) }
        try scene.receipt(next[1], .receiptFailure)
        #expect(try scene.status(next[0]) == .beginFailure)
        #expect(try scene.status(Self.b) == .success)
    }

    /// Earlier implementations let the order of a hash table reach the state.
    @Test func whatComesInAnotherOrderGivesTheSameState() throws {
        let forward = BookScene()
        for id in Self.all { try forward.request(id, timeout: 9, group: Self.all) }
        let backward = BookScene()
        for id in Self.all.reversed() { try backward.request(id, timeout: 9, group: Self.all.reversed()) }
        #expect(forward.state.values == backward.state.values)
        let effects = try forward.receipt(Self.c, .receiptFailure)
        #expect(try backward.receipt(Self.c, .receiptFailure) == effects)
        #expect(effects.notices == effects.notices.sorted())
        #expect(forward.state.values == backward.state.values)
    }
}

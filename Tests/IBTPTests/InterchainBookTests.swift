import CanonicalBytes
import Testing

@testable import IBTP

@Suite struct InterchainBookTests {
    private static let first = "h:a:x-h:b:y-1"
    private static let second = "h:a:x-h:b:y-2"
    private static let third = "h:a:x-h:b:y-3"

    @Test func aRequestThatSucceedsIsToldToBothSidesOnce() throws {
        let scene = BookScene()
        #expect(shown(try scene.request(Self.first)) == ["D \(Self.first) begin"])
        #expect(try scene.status(Self.first) == .begin)
        let effects = try scene.receipt(Self.first, .receiptSuccess)
        #expect(shown(effects) == ["S \(Self.first) success"])
        #expect(effects.settled.map(\.description) == [Self.first])
        #expect(try scene.status(Self.first) == .success)
        #expect(try scene.settled(Self.first) == 1)
    }

    @Test func aRepeatedRequestChangesNothing() throws {
        let scene = BookScene()
        try scene.request(Self.first)
        let before = scene.state.values
        #expect(try bookRefusal { try scene.request(Self.first) } == .indexExists)
        #expect(scene.state.values == before)
        try scene.receipt(Self.first, .receiptSuccess)
        #expect(try bookRefusal { try scene.request(Self.first) } == .indexExists)
        #expect(try bookRefusal { try scene.receipt(Self.first, .receiptSuccess) } == .indexExists)
        #expect(try scene.settled(Self.first) == 1)
    }

    @Test func twoRequestsOfOneIndexAreToldApart() throws {
        let scene = BookScene()
        try scene.request(Self.first, payload: [1])
        #expect(try bookRefusal { try scene.request(Self.first, payload: [2]) } == .conflictingRequest)
    }

    @Test func aGapIsNamedAndThenFilled() throws {
        let scene = BookScene()
        #expect(try bookRefusal { try scene.request(Self.second) } == .indexGap(expected: 1))
        try scene.request(Self.first)
        #expect(try bookRefusal { try scene.request(Self.third) } == .indexGap(expected: 2))
        try scene.request(Self.second)
        try scene.request(Self.third)
        #expect(try bookRefusal { try scene.receipt(Self.second, .receiptSuccess) } == .indexGap(expected: 1))
        try scene.receipt(Self.first, .receiptSuccess)
        try scene.receipt(Self.second, .receiptFailure)
        try scene.receipt(Self.third, .receiptSuccess)
        #expect(try scene.settled(Self.first) == 3)
    }

    @Test func anUnorderedServiceTakesAnyOrderAndNothingTwice() throws {
        let scene = BookScene()
        for id in [Self.third, Self.first, Self.second] { try scene.request(id, isOrdered: false) }
        #expect(try bookRefusal { try scene.request(Self.third, isOrdered: false) } == .indexExists)
        for id in [Self.second, Self.third, Self.first] { try scene.receipt(id, .receiptSuccess) }
        #expect(try bookRefusal { try scene.receipt(Self.second, .receiptSuccess) } == .indexExists)
        #expect(try scene.settled(Self.first) == 3)
        let far = "h:a:x-h:b:y-1028"
        #expect(try bookRefusal { try scene.request(far, isOrdered: false) } == .indexGap(expected: 4))
    }

    @Test func theFirstRequestFixesTheOrderOfAPair() throws {
        let scene = BookScene()
        try scene.request(Self.first, isOrdered: true)
        #expect(try bookRefusal { try scene.request(Self.third, isOrdered: false) } == .indexGap(expected: 2))
    }

    @Test func anAnswerToWhatNobodyAskedIsRefused() throws {
        let scene = BookScene()
        #expect(try bookRefusal { try scene.receipt(Self.first, .receiptSuccess) } == .unknownRequest)
        try scene.request(Self.first)
        #expect(try bookRefusal { try scene.receipt("h:a:x-h:b:z-1", .receiptSuccess) } == .unknownRequest)
    }

    @Test func anAnswerThatDoesNotFitIsRefused() throws {
        let scene = BookScene()
        try scene.request(Self.first)
        #expect(try bookRefusal { try scene.receipt(Self.first, .receiptRollback) } == .unexpectedReceipt(.begin))
        #expect(try bookRefusal { try scene.receipt(Self.first, .receiptRollbackEnd) } == .wrongType)
        #expect(try bookRefusal { try scene.receipt(Self.first, .interchain) } == .wrongType)
        let answer = InterchainMessage(from: "h:a:x", to: "h:b:y", index: 2, type: .receiptSuccess)
        let context = RequestContext(isAvailable: true, isOrdered: true)
        #expect(try bookRefusal { try scene.step(.request(answer, context)) } == .wrongType)
    }

    @Test func aServiceThatCannotBeReachedFailsTheRequestAtOnce() throws {
        let scene = BookScene()
        let effects = try scene.request(Self.first, timeout: 5, isAvailable: false)
        #expect(shown(effects) == ["S \(Self.first) beginFailure", "D \(Self.first) beginFailure"])
        #expect(try bookRefusal { try scene.receipt(Self.first, .receiptSuccess) } == .unexpectedReceipt(.beginFailure))
        let end = try scene.receipt(Self.first, .receiptFailure)
        #expect(shown(end).isEmpty)
        #expect(try scene.status(Self.first) == .failure)
    }

    @Test func whatIsMalformedOrNotOursIsRefused() throws {
        let scene = BookScene()
        #expect(try bookRefusal { try scene.request("g:a:x-g:b:y-1") } == .anotherHub)
        let context = RequestContext(isAvailable: true, isOrdered: true)
        let zero = InterchainMessage(from: "h:a:x", to: "h:b:y", index: 0)
        let nameless = InterchainMessage(from: "h:a", to: "h:b:y", index: 1)
        for message in [zero, nameless] {
            guard case .malformed? = try bookRefusal({ try scene.step(.request(message, context)) }) else {
                Issue.record("taken: \(message)")
                continue
            }
        }
        guard case .malformed? = try bookRefusal({ try scene.request(Self.first, timeout: -1) }) else {
            Issue.record("a negative number of blocks")
            return
        }
        #expect(scene.state.values.isEmpty)
    }

    @Test func aStateThatRefusesEndsTheStep() throws {
        let scene = BookScene()
        try scene.request(Self.first)
        scene.state.accessesMax = scene.state.accesses + 2
        #expect(throws: BookFailure<MemoryState.Full>.self) { try scene.receipt(Self.first, .receiptSuccess) }
        scene.state.accessesMax = nil
        #expect(try scene.status(Self.first) == .begin)
    }

    @Test func aDamagedRecordIsNotTakenForAnother() throws {
        let scene = BookScene()
        try scene.request(Self.first)
        var values = scene.state.values
        for (key, value) in values { values[key] = value + [0] }
        scene.state.replace(values)
        #expect {
            try scene.receipt(Self.first, .receiptSuccess)
        } throws: {
            guard case BookFailure<MemoryState.Full>.damaged = $0 else { return false }
            return true
        }
    }
}

/// Two relay chains: the destination's decides, the source's follows.
@Suite struct TwoHubTests {
    private static let id = "h:a:x-g:b:y-1"

    @Test func onlyTheDestinationsHubWatchesTheTime() throws {
        var source = BookScene(hub: "h")
        var destination = BookScene(hub: "g")
        try source.request(Self.id, timeout: 2)
        try destination.request(Self.id, timeout: 2)
        #expect(try source.end(upTo: 200).notices.isEmpty)
        #expect(shown(try destination.end(upTo: 102)) == ["D \(Self.id) beginRollback", "S \(Self.id) beginRollback"])
        let id = try MessageID(Self.id)
        #expect(shown(try source.step(.destinationStatus(id, .beginRollback))) == ["S \(Self.id) rollback"])
        #expect(try source.status(Self.id) == .rollback)
        #expect(try bookRefusal { try source.step(.destinationStatus(id, .rollback)) } == .indexExists)
    }

    /// Earlier implementations never read the record that is there, and took every exchange for one that has just
    /// begun.
    @Test func theOtherHubsWordIsHeldAgainstTheRecord() throws {
        let source = BookScene(hub: "h")
        let id = try MessageID(Self.id)
        #expect(try bookRefusal { try source.step(.destinationStatus(id, .failure)) } == .unknownRequest)
        try source.request(Self.id)
        try source.receipt(Self.id, .receiptSuccess)
        let before = source.state.values
        #expect(try bookRefusal { try source.step(.destinationStatus(id, .rollback)) } == .indexExists)
        #expect(source.state.values == before)
        #expect(try source.status(Self.id) == .success)
    }

    @Test func theRecordOfAnUnorderedPairIsReadToo() throws {
        let source = BookScene(hub: "h")
        let id = try MessageID(Self.id)
        try source.request(Self.id, isAvailable: false, isOrdered: false)
        let refusal = try bookRefusal { try source.step(.destinationStatus(id, .rollback)) }
        #expect(refusal == .unexpectedReceipt(.beginFailure))
    }

    @Test func onlyTheSourcesHubFollowsAndOnlyABadEnd() throws {
        let destination = BookScene(hub: "g")
        try destination.request(Self.id)
        let id = try MessageID(Self.id)
        #expect(try bookRefusal { try destination.step(.destinationStatus(id, .failure)) } == .anotherHub)
        let source = BookScene(hub: "h")
        try source.request(Self.id)
        #expect(try bookRefusal { try source.step(.destinationStatus(id, .success)) } == .wrongType)
        try source.request("h:a:x-h:b:y-1")
        let local = try MessageID("h:a:x-h:b:y-1")
        #expect(try bookRefusal { try source.step(.destinationStatus(local, .failure)) } == .anotherHub)
        #expect(shown(try source.step(.destinationStatus(id, .beginFailure))) == ["S \(Self.id) failure"])
    }
}

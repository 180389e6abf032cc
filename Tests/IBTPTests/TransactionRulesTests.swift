import IBTP
import Testing

@Suite struct TransactionRulesTests {
    /// Every transition that there is; every other pair of a status and an event is refused.
    private static let transitions: [(TransactionStatus?, TransactionEvent, TransactionStatus)] = [
        (nil, .begin, .begin), (nil, .beginFailure, .beginFailure), (.begin, .beginFailure, .beginFailure),
        (.begin, .timeout, .beginRollback), (.begin, .success, .success), (.begin, .failure, .failure),
        (.beginFailure, .failure, .failure), (.beginRollback, .rollback, .rollback),
        (.beginRollback, .failure, .rollback), (.begin, .destinationFailure, .failure),
        (.begin, .destinationRollback, .rollback),
    ]

    @Test func theTableHasElevenTransitionsAndNoOther() {
        for status in [nil] + TransactionStatus.allCases.map(Optional.some) {
            for event in TransactionEvent.allCases {
                let expected = Self.transitions.first { $0.0 == status && $0.1 == event }?.2
                #expect(TransactionRules.next(status, event) == expected, "\(String(describing: status)) \(event)")
            }
        }
    }

    @Test(arguments: TransactionStatus.allCases)
    func nothingFollowsAnEnd(_ status: TransactionStatus) {
        let isFinal = TransactionEvent.allCases.allSatisfy { TransactionRules.next(status, $0) == nil }
        #expect(status.isFinal == isFinal)
    }

    @Test func whoIsToldOfAChange() {
        let told: [(TransactionStatus?, TransactionStatus, Bool, Bool)] = [
            (nil, .begin, false, true), (nil, .beginFailure, true, true), (.begin, .beginFailure, true, true),
            (.begin, .beginRollback, true, true), (.begin, .success, true, false), (.begin, .failure, true, false),
            (.begin, .rollback, true, false), (.beginFailure, .failure, false, false),
            (.beginRollback, .rollback, false, false),
        ]
        for (previous, current, source, destination) in told {
            let flags = TransactionRules.notices(from: previous, to: current)
            #expect(flags.source == source && flags.destination == destination, "to \(current)")
        }
    }

    @Test func anAnswerIsAnEvent() {
        #expect(TransactionEvent(receipt: .receiptSuccess) == .success)
        #expect(TransactionEvent(receipt: .receiptFailure) == .failure)
        #expect(TransactionEvent(receipt: .receiptRollback) == .rollback)
        #expect(TransactionEvent(receipt: .interchain) == nil)
        #expect(TransactionEvent(receipt: .receiptRollbackEnd) == nil)
    }

    @Test func anIndexIsDueOrThereOrTooEarly() {
        #expect(IndexRule.ordered(1, after: 0) == .next)
        #expect(IndexRule.ordered(3, after: 3) == .duplicate)
        #expect(IndexRule.ordered(0, after: 0) == .duplicate)
        #expect(IndexRule.ordered(6, after: 3) == .gap(expected: 4))
        #expect(IndexRule.ordered(.max, after: .max) == .duplicate)
        #expect(IndexRule.unordered(1_024, count: 0) == .next)
        #expect(IndexRule.unordered(1_025, count: 0) == .gap(expected: 1))
        #expect(IndexRule.unordered(.max, count: .max) == .next)
    }
}

import Testing

@testable import PatientMovements

@Suite("Whose a bed is, by the movements of patients")
struct MovementLedgerTests {
    /// Movements, the bed, its history, and what is contradictory in them.
    struct Story: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let movements: [Movement]
        let bed: String
        let history: String
        var contradictions: [Contradiction.Kind] = []
    }

    static let merged: [Story] = [
        Story(
            testDescription: "who lies in a bed is there under the surviving number from the merge on",
            movements: [
                move(.admit, "ann", at: 10, to: "1"), move(.merge, "bea", at: 20, merged: "ann"),
                move(.discharge, "bea", at: 30, to: "1"),
            ],
            bed: "1",
            history: "ann 10-20, bea 20-30"
        ),
        Story(
            testDescription: "messages with the number that was given up are hers as well",
            movements: [
                move(.admit, "ann", at: 10, to: "1"), move(.merge, "bea", at: 20, merged: "ann"),
                move(.transfer, "ann", at: 30, to: "2", from: "1"), move(.discharge, "ann", at: 40, to: "2"),
            ],
            bed: "2",
            history: "bea 30-40"
        ),
        Story(
            testDescription: "merged twice",
            movements: [
                move(.admit, "ann", at: 10, to: "1"), move(.merge, "bea", at: 20, merged: "ann"),
                move(.merge, "cid", at: 30, merged: "bea"), move(.discharge, "ann", at: 40, to: "1"),
            ],
            bed: "1",
            history: "ann 10-20, bea 20-30, cid 30-40"
        ),
        Story(
            testDescription: "merged and merged back",
            movements: [
                move(.admit, "ann", at: 10, to: "1"), move(.merge, "bea", at: 20, merged: "ann"),
                move(.merge, "ann", at: 30, merged: "bea"),
            ],
            bed: "1",
            history: "ann 10-20, bea 20-30, ann 30-"
        ),
        Story(
            testDescription: "a merge of somebody who is not there changes no bed",
            movements: [move(.admit, "ann", at: 10, to: "1"), move(.merge, "ann", at: 20, merged: "bea")],
            bed: "1",
            history: "ann 10-"
        ),
        Story(
            testDescription: "both there: she is where she came last, and the other bed is nobody's",
            movements: [
                move(.admit, "ann", at: 10, to: "1"), move(.admit, "bea", at: 15, to: "2"),
                move(.merge, "bea", at: 20, merged: "ann"),
            ],
            bed: "1",
            history: "ann 10-20",
            contradictions: [.mergedInTwoBeds]
        ),
        Story(
            testDescription: "both there, and the number that is given up came last",
            movements: [
                move(.admit, "bea", at: 10, to: "1"), move(.admit, "ann", at: 15, to: "2"),
                move(.merge, "bea", at: 20, merged: "ann"),
            ],
            bed: "2",
            history: "ann 15-20, bea 20-",
            contradictions: [.mergedInTwoBeds]
        ),
        Story(
            testDescription: "both in one bed are one from the merge on",
            movements: [
                move(.admit, "ann", at: 10, to: "1"), move(.admit, "bea", at: 15, to: "1"),
                move(.merge, "bea", at: 20, merged: "ann"),
            ],
            bed: "1",
            history: "ann 10-15, bea 20-",
            contradictions: [.bedTakenTwice]
        ),
        Story(
            testDescription: "a cancelled discharge of the number that was given up brings her back",
            movements: [
                move(.admit, "ann", at: 10, to: "1"), move(.discharge, "ann", at: 15, to: "1"),
                move(.merge, "bea", at: 20, merged: "ann"), move(.cancelDischarge, "bea", at: 30, to: "1"),
            ],
            bed: "1",
            history: "ann 10-20, bea 20-"
        ),
        Story(
            testDescription: "before the merge one's cancellation is not the other's",
            movements: [
                move(.admit, "ann", at: 10, to: "1"), move(.admit, "bea", at: 11, to: "2"),
                move(.cancelAdmit, "bea", at: 12, to: "2"), move(.merge, "bea", at: 20, merged: "ann"),
            ],
            bed: "1",
            history: "ann 10-20, bea 20-"
        ),
    ]

    @Test("merged numbers are one patient's from then on, in whatever order it is told", arguments: merged)
    func merges(_ story: Story) throws {
        for movements in [story.movements, story.movements.reversed()] {
            let found = try ledger(movements)
            #expect(history(found, story.bed) == story.history)
            #expect(found.kinds == story.contradictions)
            #expect(found.picture == MovementLedger(saved: movements).picture)
        }
    }

    @Test("a patient of two numbers is forgotten whole, and either number begins anew")
    func forgetMerged() throws {
        var found = try ledger([
            move(.admit, "ann", at: 10, to: "1"), move(.merge, "bea", at: 20, merged: "ann"),
            move(.discharge, "bea", at: 30, to: "1"),
        ])
        found.forget(before: .max)
        #expect(found.count == 0 && found.beds.isEmpty)
        #expect(found.forgotten.count == 3)
        _ = try found.insert(move(.admit, "ann", at: 5_000_000, to: "2"))
        #expect(history(found, "2") == "ann 5000000-")
    }

    static let known: [Story] = [
        Story(
            testDescription: "admitted and discharged, then nobody's",
            movements: [move(.admit, "ann", at: 10, to: "1"), move(.discharge, "ann", at: 20, to: "1")],
            bed: "1",
            history: "ann 10-20"
        ),
        Story(
            testDescription: "moved out of a bed",
            movements: [move(.admit, "ann", at: 10, to: "1"), move(.transfer, "ann", at: 20, to: "2", from: "1")],
            bed: "1",
            history: "ann 10-20"
        ),
        Story(
            testDescription: "moved into a bed",
            movements: [move(.admit, "ann", at: 10, to: "1"), move(.transfer, "ann", at: 20, to: "2", from: "1")],
            bed: "2",
            history: "ann 20-"
        ),
        Story(
            testDescription: "moved to where there is no bed",
            movements: [move(.admit, "ann", at: 10, to: "1"), move(.transfer, "ann", at: 20, to: "")],
            bed: "1",
            history: "ann 10-20"
        ),
        Story(
            testDescription: "moved in from a ward that is not known here",
            movements: [move(.transfer, "ann", at: 20, to: "1", from: "9")],
            bed: "1",
            history: "ann 20-"
        ),
        Story(
            testDescription: "an admission that is cancelled never was",
            movements: [
                move(.admit, "ann", at: 10, to: "1"), move(.transfer, "ann", at: 15, to: "2"),
                move(.cancelAdmit, "ann", at: 20),
            ],
            bed: "2",
            history: ""
        ),
        Story(
            testDescription: "a transfer that is cancelled leaves her where she was",
            movements: [
                move(.admit, "ann", at: 10, to: "1"), move(.transfer, "ann", at: 15, to: "2"),
                move(.cancelTransfer, "ann", at: 20, to: "1"),
            ],
            bed: "1",
            history: "ann 10-"
        ),
        Story(
            testDescription: "a cancelled transfer that names a third bed",
            movements: [
                move(.admit, "ann", at: 10, to: "1"), move(.transfer, "ann", at: 15, to: "2"),
                move(.cancelTransfer, "ann", at: 20, to: "3"),
            ],
            bed: "1",
            history: "ann 10-15",
            contradictions: [.cancelNamesAnotherBed]
        ),
        Story(
            testDescription: "a discharge that is cancelled did not happen",
            movements: [
                move(.admit, "ann", at: 10, to: "1"), move(.discharge, "ann", at: 15, to: "1"),
                move(.cancelDischarge, "ann", at: 20, to: "1"),
            ],
            bed: "1",
            history: "ann 10-"
        ),
        Story(
            testDescription: "a cancelled discharge into another bed: in between nobody knows",
            movements: [
                move(.admit, "ann", at: 10, to: "1"), move(.discharge, "ann", at: 15, to: "1"),
                move(.cancelDischarge, "ann", at: 20, to: "2"),
            ],
            bed: "1",
            history: "ann 10-15"
        ),
        Story(
            testDescription: "the second transfer is cancelled, then the first",
            movements: [
                move(.admit, "ann", at: 10, to: "1"), move(.transfer, "ann", at: 12, to: "2"),
                move(.transfer, "ann", at: 14, to: "3"), move(.cancelTransfer, "ann", at: 16, to: "2"),
                move(.cancelTransfer, "ann", at: 18, to: "1"),
            ],
            bed: "1",
            history: "ann 10-"
        ),
        Story(
            testDescription: "a cancellation without its event",
            movements: [move(.admit, "ann", at: 10, to: "1"), move(.cancelDischarge, "ann", at: 20, to: "1")],
            bed: "1",
            history: "ann 10-",
            contradictions: [.nothingToCancel]
        ),
        Story(
            testDescription: "the next patient comes when the last has gone",
            movements: [
                move(.admit, "ann", at: 10, to: "1"), move(.discharge, "ann", at: 20, to: "1"),
                move(.admit, "bea", at: 20, to: "1"),
            ],
            bed: "1",
            history: "ann 10-20, bea 20-"
        ),
        Story(
            testDescription: "two patients in one bed: it is nobody's",
            movements: [move(.admit, "ann", at: 10, to: "1"), move(.admit, "bea", at: 20, to: "1")],
            bed: "1",
            history: "ann 10-20",
            contradictions: [.bedTakenTwice]
        ),
        Story(
            testDescription: "two patients in one bed until the first is discharged",
            movements: [
                move(.admit, "ann", at: 10, to: "1"), move(.admit, "bea", at: 20, to: "1"),
                move(.discharge, "ann", at: 30, to: "1"),
            ],
            bed: "1",
            history: "ann 10-20, bea 30-",
            contradictions: [.bedTakenTwice]
        ),
        Story(
            testDescription: "a bill is updated after the discharge",
            movements: [
                move(.admit, "ann", at: 10, to: "1"), move(.discharge, "ann", at: 20, to: "1"),
                move(.update, "ann", at: 30, to: "1"),
            ],
            bed: "1",
            history: "ann 10-20"
        ),
        Story(
            testDescription: "an update names another bed",
            movements: [move(.admit, "ann", at: 10, to: "1"), move(.update, "ann", at: 20, to: "2")],
            bed: "2",
            history: "ann 20-",
            contradictions: [.movedByUpdate]
        ),
        Story(
            testDescription: "discharged from a bed in which she was not",
            movements: [move(.admit, "ann", at: 10, to: "1"), move(.discharge, "ann", at: 20, to: "2")],
            bed: "1",
            history: "ann 10-20",
            contradictions: [.dischargedFromAnotherBed]
        ),
        Story(
            testDescription: "the end of another visit ends nothing",
            movements: [
                move(.admit, "ann", at: 10, to: "1", visit: "in"), move(.discharge, "ann", at: 20, visit: "out"),
            ],
            bed: "1",
            history: "ann 10-"
        ),
        Story(
            testDescription: "the end of a visit without a number ends what there is",
            movements: [move(.admit, "ann", at: 10, to: "1", visit: "in"), move(.discharge, "ann", at: 20)],
            bed: "1",
            history: "ann 10-20"
        ),
        Story(
            testDescription: "the end of another visit from the very bed ends the stay",
            movements: [
                move(.admit, "ann", at: 10, to: "1", visit: "in"),
                move(.discharge, "ann", at: 20, to: "1", visit: "out"),
            ],
            bed: "1",
            history: "ann 10-20",
            contradictions: [.dischargedByAnotherVisit]
        ),
        Story(
            testDescription: "moved after her discharge",
            movements: [
                move(.admit, "ann", at: 10, to: "1"), move(.discharge, "ann", at: 20, to: "1"),
                move(.transfer, "ann", at: 30, to: "1"),
            ],
            bed: "1",
            history: "ann 10-20",
            contradictions: [.movedAfterDischarge]
        ),
        Story(
            testDescription: "discharged by a clock that is ahead: when the message came at the latest",
            movements: [
                move(.admit, "ann", at: 10, to: "1"), move(.discharge, "ann", at: 500, to: "1", received: 21),
            ],
            bed: "1",
            history: "ann 10-21"
        ),
        Story(
            testDescription: "discharged and admitted anew within a minute, told apart by when it was entered",
            movements: [
                move(.admit, "ann", at: 10, to: "1"), move(.discharge, "ann", at: 20, to: "1", recorded: 21),
                move(.admit, "ann", at: 20, to: "1", recorded: 22),
            ],
            bed: "1",
            history: "ann 10-20, ann 20-"
        ),
        Story(
            testDescription: "admitted again elsewhere",
            movements: [move(.admit, "ann", at: 10, to: "1"), move(.admit, "ann", at: 20, to: "2")],
            bed: "1",
            history: "ann 10-20",
            contradictions: [.admittedTwice]
        ),
    ]

    @Test("every story, in every order of its messages", arguments: MovementLedgerTests.known)
    func everyOrder(_ story: Story) throws {
        for order in Self.permutations(story.movements) {
            let found = try ledger(order)
            // Neighbouring intervals of one patient may be one or two.
            let expected = story.history.replacing("ann 10-20, ann 20-", with: "ann 10-")
            #expect(history(found, story.bed) == expected)
            #expect(found.kinds == story.contradictions)
        }
    }

    @Test("repeated messages change nothing, one of the same name with other content is refused")
    func repetitions() throws {
        var found = try ledger([move(.admit, "ann", at: 10, to: "1", id: "7")])
        let again = try found.insert(move(.admit, "ann", at: 10, to: "1", id: "7", received: 99))
        #expect(again == .repeated)
        #expect(found.count == 1 && found.unsaved.count == 1)
        let other = #expect(throws: MovementFailure.self) {
            _ = try found.insert(move(.discharge, "ann", at: 20, id: "7"))
        }
        #expect(other?.code == "adt-control-id-reused")
        #expect(history(found, "1") == "ann 10-")
        // Another sender counts for itself.
        let foreign = try found.insert(move(.discharge, "ann", at: 20, id: "7", sender: "LAB|H"))
        #expect(foreign == .new)
        #expect(history(found, "1") == "ann 10-20")
    }

    @Test("what is forgotten is gone with its contradictions, and its past cannot come back")
    func forgetting() throws {
        var found = try ledger([
            move(.admit, "ann", at: 10, to: "1", received: 11), move(.discharge, "ann", at: 20, to: "3", received: 21),
            move(.admit, "bea", at: 12, to: "2", received: 13),
        ])
        found.markSaved()
        #expect(found.kinds == [.dischargedFromAnotherBed])
        found.forget(before: 1_000)
        #expect(history(found, "1") == "" && history(found, "2") == "bea 12-")
        #expect(found.kinds.isEmpty && found.count == 1)
        #expect(found.forgotten.count == 2 && found.forgottenUntil == 21)
        let late = #expect(throws: MovementFailure.self) {
            _ = try found.insert(move(.admit, "cid", at: 15, to: "1", id: "late"))
        }
        #expect(late?.code == "adt-too-old")
        let end = try found.insert(move(.discharge, "bea", at: 15, to: "2", id: "end"))
        #expect(end == .new)
        let restored = MovementLedger(saved: [move(.admit, "bea", at: 12, to: "2")], forgottenUntil: 21)
        #expect(history(restored, "2") == "bea 12-")
    }

    @Test("at its limit the ledger forgets those who are gone, never those who are there")
    func limits() throws {
        var limits = MovementLedger.Limits()
        limits.movementsMax = 10
        var found = MovementLedger(limits: limits)
        for number in 0..<4 {
            let time = Int64(number * 10)
            _ = try found.insert(move(.admit, "p\(number)", at: time, to: "b\(number)", received: time))
            _ = try found.insert(move(.discharge, "p\(number)", at: time + 5, to: "b\(number)", received: time + 5))
        }
        for number in 4..<12 {
            _ = try found.insert(move(.admit, "p\(number)", at: 100, to: "b\(number)", received: 100))
        }
        #expect(found.count <= 10)
        #expect(history(found, "b0") == "" && history(found, "b11") == "p11 100-")
        for number in 12..<14 {
            _ = try found.insert(move(.admit, "p\(number)", at: 100, to: "b\(number)", received: 100))
        }
        let full = #expect(throws: MovementFailure.self) {
            _ = try found.insert(move(.admit, "p14", at: 100, to: "b14", received: 100))
        }
        #expect(full?.code == "adt-full")
    }

    /// All orders of up to five, and some of more.
    static func permutations(_ movements: [Movement]) -> [[Movement]] {
        guard movements.count > 1 else { return [movements] }
        return movements.indices.flatMap { index in
            var rest = movements
            let first = rest.remove(at: index)
            return Self.permutations(rest).map { [first] + $0 }
        }
    }
}

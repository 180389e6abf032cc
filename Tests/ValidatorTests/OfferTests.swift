import Ledger
import Testing

@testable import Validator

@Suite("Transactions that are handed in together")
struct OfferTests {
    @Test("A batch gets an answer for each, in their order, and what is good is committed", .timeLimit(.minutes(2)))
    func batch() async throws {
        try await TestConsortium().run { site in
            try site.startAll()
            let client = try site.client()
            let validator = try site[2]
            // More than one run of checks, on both channels.
            var good = try (UInt8(0)..<20).map { try client.transaction([$0]) }
            good += try (UInt8(20)..<40).map { try client.transaction([$0], channel: .access) }
            var forged = try client.transaction([50]).bytes
            forged[forged.count - 1] ^= 1
            let late = try client.transaction([51], validFor: 10_000_000).bytes
            let bad: [([UInt8], String)] = [
                ([], "malformed"), (Array(good[0].bytes.dropLast()), "malformed"), (forged, "bad-signature"),
                (late, "valid-until-too-far-ahead"),
            ]
            var batch: [[UInt8]] = []
            var expected: [String?] = []
            for (place, transaction) in good.enumerated() {
                batch.append(transaction.bytes)
                expected.append(nil)
                guard place % 11 == 3 else { continue }
                batch.append(bad[place / 11].0)
                expected.append(bad[place / 11].1)
            }
            let answers = await validator.offer(batch)
            #expect(answers.map { $0?.code } == expected)
            for transaction in good {
                let proof = try await site[1].submit(transaction.bytes)
                #expect(proof.receipt.code == 0)
            }
            // Who got no answer hands in again.
            let again = await validator.offer(good.map(\.bytes))
            #expect(again.allSatisfy { $0 == nil })
            let none = await validator.offer([])
            #expect(none.isEmpty)
        }
    }

    @Test("Answers come run by run, in any order, and the client gets them together")
    func runs() async {
        let failures = await withCheckedContinuation { continuation in
            let batch = OfferedBatch(count: 5, continuation)
            batch.answer(from: 3, [.timedOut(id: [3]), nil])
            batch.answer(from: 0, [nil, .timedOut(id: [1])])
            // The same place again, and places that there are not, change nothing.
            batch.answer(from: 1, [nil])
            batch.answer(from: 4, [.timedOut(id: [4]), .timedOut(id: [5])])
            batch.answer(from: 2, [.timedOut(id: [2])])
        }
        #expect(failures == [nil, .timedOut(id: [1]), .timedOut(id: [2]), .timedOut(id: [3]), nil])
    }

    @Test("A run that is dropped is answered all the same")
    func dropped() async {
        let failures = await withCheckedContinuation { continuation in
            let batch = OfferedBatch(count: 3, continuation)
            batch.answer(from: 1, [nil])
        }
        #expect(failures.map { $0?.code } == ["not-ready", nil, "not-ready"])
    }

    @Test("What clients hand in together counts one by one against the inbox's bound")
    func bound() async {
        let inbox = Inbox(submissionsMax: 5, queriesMax: 1)
        for (count, isTaken) in [(3, true), (3, false), (2, true)] {
            let answers = await withCheckedContinuation { continuation in
                let batch = OfferedBatch(count: count, continuation)
                let checked = [Result<VerifiedTransaction, SubmissionFailure>](
                    repeating: .failure(.malformed("x")),
                    count: count
                )
                let run = OfferedRun(batch: batch, first: 0, checked: checked)
                // What is not taken is dropped here.
                if inbox.push(.offered(run)) { run.answer { _ in nil } }
            }
            #expect(answers.map { $0?.code } == Array(repeating: isTaken ? "malformed" : "not-ready", count: count))
        }
        #expect(inbox.close().count == 2)
    }
}

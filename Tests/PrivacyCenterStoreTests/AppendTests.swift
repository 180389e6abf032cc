import Merkle
import Records
import Testing

@testable import PrivacyCenterStore

@Suite struct AppendTests {
    @Test(
        "an envelope comes back as it was appended, also after the store was opened again",
        arguments: Backend.allCases
    )
    func roundTrip(backend: Backend) async throws {
        let test = try backend.makeStore()
        try await test.enrol()
        let envelopes = [
            Sample.envelope(0), Sample.envelope(.max), Sample.envelope(1, sender: 1, byteCount: 100_000),
            Sample.envelope(2, scope: 1),
        ]
        let appended = try await test.store.append(envelopes)
        #expect(appended.head.size == 4)
        let reopened = try await test.reopened()
        for (index, envelope) in envelopes.enumerated() {
            let stored = try await reopened.store.envelope(envelope.h1)
            #expect(stored == StoredEnvelope(leafIndex: UInt64(index), envelope: envelope))
        }
        #expect(try await reopened.store.treeHead() == appended.head)
        #expect(try await reopened.store.envelope(Sample.scope(9)) == nil)
        #expect(try await reopened.scrub().findings == [])
    }

    @Test(
        "leaf indexes have no gaps, and every proof leads from the leaf to the head of its batch",
        arguments: Backend.allCases
    )
    func proofs(backend: Backend) async throws {
        let test = try backend.makeStore()
        try await test.enrol()
        var (next, heads) = (UInt64(0), [TreeHead(size: 0, root: MerkleHash.emptyRoot)])
        for size in [1, 1, 2, 3, 5, 8, 64, 100] as [UInt64] {
            let batch = Sample.envelopes(next..<next + size)
            let appended = try await test.store.append(batch)
            for (offset, outcome) in appended.outcomes.enumerated() {
                let proof = try #require(outcome.proof)
                #expect(outcome.isStored)
                #expect(proof.leafIndex == next + UInt64(offset))
                #expect(proof.treeSize == appended.head.size)
                #expect(proof.verifies(leafHash: batch[offset].leafHash, root: appended.head.root))
            }
            next += size
            heads.append(appended.head)
            #expect(try await test.store.treeHead() == appended.head)
        }
        let leaves = Sample.envelopes(0..<next).map(\.leafHash)
        var frontier = MerkleFrontier()
        for leaf in leaves { _ = frontier.append(leaf) }
        #expect(heads.last == TreeHead(size: next, root: frontier.root))
        for earlier in heads {
            for later in heads where later.size >= earlier.size {
                let proof = try await test.store.consistency(from: earlier.size, to: later.size)
                #expect(proof?.verifies(firstRoot: earlier.root, secondRoot: later.root) == true)
            }
        }
        #expect(try await test.store.consistency(from: 1, to: next + 1) == nil)
        #expect(try await test.store.consistency(from: 2, to: 1) == nil)
    }

    @Test("an envelope that is appended again keeps its place, within a batch as well", arguments: Backend.allCases)
    func idempotence(backend: Backend) async throws {
        let test = try backend.makeStore()
        try await test.enrol()
        let first = try await test.store.append(Sample.envelopes(0..<5))
        let again = Sample.envelope(3)
        let late = NewEnvelope(
            h1: again.h1,
            bytes: again.bytes,
            sender: again.sender,
            scope: again.scope,
            sequence: again.sequence,
            created: again.created,
            receivedMilliseconds: again.receivedMilliseconds + 60_000
        )
        let second = try await test.store.append([late, Sample.envelope(7), Sample.envelope(7)])
        #expect(second.head.size == first.head.size + 1)
        guard case .alreadyStored(let proof, let received) = second.outcomes[0] else {
            Issue.record("the first outcome is \(second.outcomes[0])")
            return
        }
        #expect(received == again.receivedMilliseconds)
        #expect(proof.leafIndex == 3)
        #expect(proof.verifies(leafHash: again.leafHash, root: second.head.root))
        #expect(second.outcomes[1].isStored)
        #expect(!second.outcomes[2].isStored)
        #expect(second.outcomes[2].proof == second.outcomes[1].proof)
        let third = try await test.store.append([late])
        #expect(third.head == second.head)
    }

    @Test("a sequence number is used once by a sender in a scope", arguments: Backend.allCases)
    func sequences(backend: Backend) async throws {
        let test = try backend.makeStore()
        try await test.enrol()
        _ = try await test.store.append([Sample.envelope(5)])
        let outcomes = try await test.store.append([
            Sample.envelope(5, salt: 1), Sample.envelope(5, sender: 1), Sample.envelope(5, scope: 1),
            Sample.envelope(6), Sample.envelope(6, salt: 1), Sample.envelope(4),
        ]).outcomes
        #expect(outcomes.map(\.isStored) == [false, true, true, true, false, true])
        #expect(outcomes[0] == .sequenceRepeated)
        #expect(outcomes[4] == .sequenceRepeated)
        #expect(try await test.store.treeHead().size == 5)
    }

    @Test(
        "an envelope of an unknown sender is refused, and the rest of its batch is stored",
        arguments: Backend.allCases
    )
    func unknownSender(backend: Backend) async throws {
        let test = try backend.makeStore()
        try await test.enrol([0])
        let batch = [Sample.envelope(1, sender: 1), Sample.envelope(1)]
        #expect(try await test.store.append(batch).outcomes.map(\.isStored) == [false, true])
        #expect(try await test.store.append([batch[0]]).outcomes == [.certificateUnknown])
        try await test.enrol([1])
        #expect(try await test.store.append(batch).outcomes.map(\.isStored) == [true, false])
    }

    @Test("an empty batch changes nothing, and an oversized envelope is refused", arguments: Backend.allCases)
    func bounds(backend: Backend) async throws {
        var limits = StoreLimits()
        limits.envelopeBytesMax = 1_000
        let test = try backend.makeStore(limits: limits)
        try await test.enrol()
        let appended = try await test.store.append([])
        #expect(appended == AppendedBatch(outcomes: [], head: TreeHead(size: 0, root: MerkleHash.emptyRoot)))
        await #expect(throws: StoreError.invalid("an envelope has 1 to 1000 bytes")) {
            try await test.store.append([Sample.envelope(1), Sample.envelope(2, byteCount: 1_001)])
        }
        #expect(try await test.store.treeHead().size == 0)
    }

    @Test("two processes on one PostgreSQL database append to one tree")
    func twoProcesses() async throws {
        let first = try Backend.postgreSQL.makeStore()
        try await first.enrol()
        let connection = try #require(first.connection)
        let second = try TestStore(connection: connection)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 as Range<UInt64> {
                let store = number % 2 == 0 ? first.store : second.store
                group.addTask { _ = try await store.append(Sample.envelopes(number * 5..<number * 5 + 7)) }
            }
            try await group.waitForAll()
        }
        #expect(try await first.store.treeHead().size == 202)
        #expect(try await first.scrub().findings == [])
    }

    @Test("after the server cut its connections the next calls work")
    func reconnection() async throws {
        let test = try Backend.postgreSQL.makeStore()
        try await test.enrol()
        _ = try await test.store.append(Sample.envelopes(0..<3))
        for round in 0..<3 as Range<UInt64> {
            let connection = try #require(test.connection)
            try PostgreSQLConnection(connection).command(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE pid <> pg_backend_pid() AND application_name = current_setting('application_name')
                """
            )
            #expect(try await test.store.treeHead().size == 3 + round)
            #expect(try await test.store.append([Sample.envelope(10 + round)]).outcomes[0].isStored)
        }
    }
}

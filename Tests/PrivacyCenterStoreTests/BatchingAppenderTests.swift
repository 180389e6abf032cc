import Merkle
import Records
import Synchronization
import Testing

@testable import PrivacyCenterStore

@Suite struct BatchingAppenderTests {
    @Test(
        "concurrent envelopes are all stored once, each with a proof in the tree of its batch",
        arguments: Backend.allCases
    )
    func concurrency(backend: Backend) async throws {
        let test = try backend.makeStore()
        try await test.enrol()
        let appender = BatchingAppender(store: test.store)
        let appended = try await withThrowingTaskGroup(of: (UInt64, Appended).self) { group in
            for number in 0..<400 as Range<UInt64> {
                // Every tenth comes twice.
                for _ in 0..<(number % 10 == 0 ? 2 : 1) {
                    group.addTask { (number, try await appender.append(Sample.envelope(number))) }
                }
            }
            return try await group.reduce(into: [(UInt64, Appended)]()) { $0.append($1) }
        }
        #expect(appended.count == 440)
        #expect(appended.count { $0.1.outcome.isStored } == 400)
        for (number, item) in appended {
            let leaf = Sample.envelope(number).leafHash
            #expect(item.outcome.proof?.verifies(leafHash: leaf, root: item.head.root) == true)
        }
        // Fewer trees than envelopes: they were grouped.
        #expect(Set(appended.map(\.1.head.size)).count < 200)
        #expect(try await test.store.treeHead().size == 400)
        #expect(appender.waitingCount == 0)
    }

    @Test("beyond its bounds the appender refuses at once, and takes envelopes again afterwards")
    func bounds() async throws {
        let test = try Backend.sqlite.makeStore()
        try await test.enrol()
        var limits = BatchingAppender.Limits()
        limits.waitingMax = 8
        limits.batchMax = 4
        let appender = BatchingAppender(store: test.store, limits: limits)
        let outcomes = await withTaskGroup(of: Result<Appended, any Error>.self) { group in
            for number in 0..<200 as Range<UInt64> {
                group.addTask {
                    do {
                        return .success(try await appender.append(Sample.envelope(number)))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            return await group.reduce(into: [Result<Appended, any Error>]()) { $0.append($1) }
        }
        let refused = outcomes.compactMap { outcome -> StoreError? in
            if case .failure(let error) = outcome { error as? StoreError } else { nil }
        }
        #expect(refused.allSatisfy { $0 == .busy })
        #expect(!refused.isEmpty)
        #expect(try await test.store.treeHead().size == UInt64(200 - refused.count))
        let later = try await appender.append(Sample.envelope(1_000))
        #expect(later.outcome.isStored)
    }

    @Test("a failure of the store reaches every caller of the batch")
    func failure() async throws {
        let test = try Backend.sqlite.makeStore()
        try await test.enrol()
        let appender = BatchingAppender(store: test.store)
        try await test.store.close()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<20 as Range<UInt64> {
                group.addTask {
                    await #expect(throws: StoreError.closed) { try await appender.append(Sample.envelope(number)) }
                }
            }
        }
        #expect(appender.waitingCount == 0)
    }
}

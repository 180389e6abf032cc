import Consensus
import Foundation
import Glibc
import Ledger
import LedgerStore
import Synchronization
import Testing

@testable import Validator

@Suite("After a crash", .serialized)
struct RecoveryTests {
    @Test("A validator that dies at any effect comes back, and nothing is lost or doubled")
    func everyEffect() async throws {
        try await TestConsortium().run { site in
            try site.startAll()
            let client = try site.client()
            _ = try await site.commit(try client.transaction([0]), at: [1])
            for effects in 0..<24 {
                let victim = UInt16(effects % 4) + 1
                let other = victim % 4 + 1
                try site[victim].crash(afterEffects: effects)
                let transaction = try client.transaction([1, UInt8(effects)])
                _ = try await site.commit(transaction, at: [other])
                #expect(await site.end(of: victim) != nil)
                try site.start(victim)
            }
            let last = try await site.commit(try client.transaction([2]), at: [1, 2, 3, 4])
            for number in UInt16(1)...4 { try await site.wait(number, for: last.height) }
            for effects in UInt8(0)..<24 {
                #expect(try await site[1].valueProof(TestLogic.key([1, effects]), channel: .index).value == [1])
            }
        }
    }

    @Test("When all die at once, what was confirmed is still there", arguments: [3, 9, 14])
    func everybody(effects: Int) async throws {
        try await TestConsortium().run { site in
            try site.startAll()
            let client = try site.client()
            let before = try await site.commit(try client.transaction([1]), at: [1])
            for number in UInt16(1)...4 { try site[number].crash(afterEffects: effects + Int(number)) }
            let open = try client.transaction([2])
            _ = try? await site[2].commit(open.bytes)
            for number in UInt16(1)...4 { await site.end(of: number) }
            try site.startAll()
            #expect(try site[3].block(at: before.height, channel: .index) != nil || site[1].height(of: .index) > 0)
            let place = try await site.commit(open, at: [1, 2, 3, 4])
            try await site.wait(1, for: max(before.height, place.height))
            #expect(try await site[1].valueProof(TestLogic.key([1]), channel: .index).value == [1])
            #expect(try await site[1].valueProof(TestLogic.key([2]), channel: .index).value == [1])
        }
    }

    @Test("A lost state is computed again from the blocks")
    func lostState() async throws {
        try await TestConsortium().run { site in
            let place = try await self.someBlocks(site)
            await site.kill(4)
            for name in ["state.sqlite", "state.sqlite-wal", "state.sqlite-shm", "transactions.sqlite"] {
                try? FileManager.default.removeItem(atPath: "\(site.folder(4))/ledger/index/\(name)")
            }
            try site.start(4)
            #expect(try site[4].height(of: .index) >= place.height)
            let proof = try await site[4].valueProof(TestLogic.key([9]), channel: .index)
            #expect(proof.value == [1])
        }
    }

    @Test("An index of transactions that is older than the state is made whole before blocks are executed again")
    func oldIndex() async throws {
        try await TestConsortium().run { site in
            let folder = "\(site.folder(4))/ledger/index"
            let client = try site.client()
            func blocks(_ value: UInt8) async throws -> (Transaction, TransactionPlace) {
                try site.startAll()
                let transaction = try client.transaction([value])
                let place = try await site.commit(transaction, at: [1, 2, 3, 4])
                try await site.wait(4, for: place.height)
                await site.stopAll()
                return (transaction, place)
            }
            _ = try await blocks(1)
            let index = try FileCopies(of: "transactions.sqlite", in: folder)
            let (between, place) = try await blocks(2)
            let state = try FileCopies(of: "state.sqlite", in: folder)
            _ = try await blocks(3)
            try index.restore()
            try state.restore()
            try site.start(4)
            #expect(try site[4].proof(of: between.id, channel: .index)?.header.height == place.height)
            #expect(try site[4].height(of: .index) > place.height)
        }
    }

    @Test("Lost blocks come from the others, and the validator keeps silent meanwhile")
    func lostBlocks() async throws {
        try await TestConsortium().run { site in
            let place = try await self.someBlocks(site)
            await site.stop(4)
            try FileManager.default.removeItem(atPath: "\(site.folder(4))/ledger/index/blocks")
            try site.start(4)
            try await site.wait(4, for: place.height)
            _ = try await site.commit(try site.client().transaction([3]), at: [4])
            #expect(try site[4].status().channels[1].isSilent)
        }
    }

    @Test("Without its log a validator follows and does not vote")
    func lostLog() async throws {
        try await TestConsortium().run { site in
            _ = try await self.someBlocks(site)
            await site.stop(4)
            try FileManager.default.removeItem(atPath: "\(site.folder(4))/ledger/wal")
            try site.start(4)
            let client = try site.client()
            let place = try await site.commit(try client.transaction([3]), at: [4])
            try await site.wait(4, for: place.height)
            #expect(try site[4].status().channels.allSatisfy(\.isSilent))
            // It stays so after another start.
            await site.stop(4)
            try site.start(4)
            try await site.wait(4, for: place.height)
            _ = try await site.commit(try client.transaction([4]), at: [4])
            #expect(try site[4].status().channels.allSatisfy(\.isSilent))
        }
    }

    @Test("A damaged log is refused with advice")
    func damagedLog() async throws {
        try await TestConsortium().run { site in
            _ = try await self.someBlocks(site)
            await site.stop(4)
            let folder = "\(site.folder(4))/ledger/wal"
            let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
            var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
            bytes[200] ^= 1
            try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
            #expect {
                try site.start(4)
            } throws: {
                "\($0)".contains("stays silent")
            }
        }
    }

    @Test("A second process on one directory is refused")
    func locked() async throws {
        try await TestConsortium().run { site in
            try site.start(1)
            #expect {
                try site.open(1)
            } throws: {
                "\($0)".contains("stop that one")
            }
        }
    }

    @Test("Disks that are slower than the patience with a leader delay blocks, and do not prevent them")
    func slowDisks() async throws {
        try await TestConsortium().run { site in
            var calls = DiskCalls.system
            let synchronize = calls.synchronize
            calls.synchronize = { descriptor in
                usleep(200_000)
                return synchronize(descriptor)
            }
            for number in UInt16(1)...4 { try site.start(number, calls: calls) }
            let client = try site.client()
            var last: Height = 0
            for value in UInt8(1)...3 {
                last = try await site.commit(try client.transaction([value]), at: [1, 2, 3, 4]).height
            }
            try await site.wait(2, for: last)
            #expect(try await site[2].valueProof(TestLogic.key([3]), channel: .index).value == [1])
        }
    }

    @Test("On a full disk a validator does not vote, and goes on when there is room")
    func diskFull() async throws {
        try await TestConsortium().run { site in
            try await self.fill(site)
        }
    }

    private func fill(_ site: TestConsortium) async throws {
        let flag = Flag()
        let system = DiskCalls.system
        let calls = DiskCalls(
            write: { descriptor, bytes, offset in
                guard !flag.isSet else {
                    errno = ENOSPC
                    return -1
                }
                return system.write(descriptor, bytes, offset)
            },
            synchronize: system.synchronize,
            reserve: system.reserve
        )
        for number in UInt16(1)...3 { try site.start(number) }
        try site.start(4, calls: calls)
        let client = try site.client()
        _ = try await site.commit(try client.transaction([1]), at: [4])
        flag.isSet = true
        let during = try await site.commit(try client.transaction([2]), at: [1])
        while try !site[4].status().isDiskFull { await Task.yield() }
        await #expect(throws: SubmissionFailure.notReady("the disk is full")) {
            try await site[4].commit(try client.transaction([3]).bytes)
        }
        flag.isSet = false
        try await site.wait(4, for: during.height)
        _ = try await site.commit(try client.transaction([4]), at: [4])
        #expect(try !site[4].status().isDiskFull)
    }

    @Test("A log that grew is compacted, and what it then holds is enough")
    func compaction() async throws {
        try await TestConsortium { $0.limits.logBytesMax = 1 << 16 }.run { site in
            try site.startAll()
            let client = try site.client()
            for round in UInt8(0)..<40 {
                let transaction = try client.transaction([round] + [UInt8](repeating: 1, count: 4_000))
                _ = try await site.commit(transaction, at: [UInt16(round % 4) + 1])
            }
            #expect(try site[1].status().logBytes < 1 << 17)
            for number in UInt16(1)...4 { await site.kill(number) }
            try site.startAll()
            _ = try await site.commit(try client.transaction([99]), at: [1])
        }
    }

    private func someBlocks(_ site: TestConsortium) async throws -> TransactionPlace {
        try site.startAll()
        let client = try site.client()
        for round in UInt8(0)..<5 { _ = try await site.commit(try client.transaction([round]), at: [1]) }
        let place = try await site.commit(try client.transaction([9]), at: [1])
        try await site.wait(4, for: place.height)
        return place
    }
}

/// A switch that threads share.
final class Flag: Sendable {
    private let value = Mutex(false)

    var isSet: Bool {
        get { self.value.withLock { $0 } }
        set { self.value.withLock { $0 = newValue } }
    }
}

/// A database's files as they were.
private struct FileCopies {
    private let folder: String
    private let names: [String]
    private let contents: [String: Data]

    init(of name: String, in folder: String) throws {
        self.folder = folder
        self.names = [name, "\(name)-wal", "\(name)-shm"]
        var contents: [String: Data] = [:]
        for name in self.names { contents[name] = FileManager.default.contents(atPath: "\(folder)/\(name)") }
        try #require(contents[name] != nil)
        self.contents = contents
    }

    func restore() throws {
        for name in self.names {
            let path = "\(self.folder)/\(name)"
            try? FileManager.default.removeItem(atPath: path)
            guard let data = self.contents[name] else { continue }
            let isMade = FileManager.default.createFile(
                atPath: path,
                contents: data,
                attributes: [.posixPermissions: 0o600]
            )
            try #require(isMade)
        }
    }
}

import Foundation
import Merkle
import Records
import Testing

@testable import PrivacyCenterStore

@Suite struct BackupTests {
    private func filled(_ backend: Backend) async throws -> TestStore {
        let test = try backend.makeStore()
        try await test.enrol()
        _ = try await test.store.append(Sample.envelopes(0..<150))
        for number in 1...3 as ClosedRange<UInt8> { _ = try await test.store.putRekey(Sample.rekey(number)) }
        _ = try await test.store.revokeRekey(Sample.grant(2))
        _ = try await test.store.useNonce([1, 2, 3], grant: Sample.grant(1), at: 77)
        return test
    }

    @Test(
        "a backup is restored into either kind of store, with all that was in it",
        arguments: Backend.allCases,
        Backend.allCases
    )
    func roundTrip(source: Backend, target: Backend) async throws {
        let test = try await self.filled(source)
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/backup.db"
        let head = try await test.store.backUp(to: path)
        #expect(try await test.store.treeHead() == head)
        _ = try await test.store.append(Sample.envelopes(1_000..<1_010))

        let restored = try target.makeStore()
        let report = try await restored.store.restore(from: path, digest: Sample.h1)
        #expect(report.isClean && report.envelopes == 150 && report.rekeys == 3 && report.nonces == 1)
        let reopened = try await restored.reopened()
        #expect(try await reopened.store.treeHead() == head)
        #expect(try await reopened.store.envelope(Sample.envelope(77).h1)?.leafIndex == 77)
        #expect(try await reopened.store.rekey(Sample.grant(2))?.isRevoked == true)
        #expect(try await reopened.store.useNonce([1, 2, 3], grant: Sample.grant(1), at: 78) == false)
        let appended = try await reopened.store.append(Sample.envelopes(1_000..<1_010))
        #expect(try await test.store.treeHead() == appended.head)
    }

    @Test("a backup taken while envelopes are appended holds a whole tree of some moment", arguments: Backend.allCases)
    func beside(backend: Backend) async throws {
        let test = try await self.filled(backend)
        let folder = try TemporaryFolder()
        let writing = Task {
            for number in 1_000..<1_060 as Range<UInt64> { _ = try await test.store.append([Sample.envelope(number)]) }
        }
        var heads: [TreeHead] = []
        for number in 0..<3 { heads.append(try await test.store.backUp(to: "\(folder.path)/\(number).db")) }
        try await writing.value
        for (number, head) in heads.enumerated() {
            let restored = try Backend.sqlite.makeStore()
            _ = try await restored.store.restore(from: "\(folder.path)/\(number).db", digest: Sample.h1)
            #expect(try await restored.store.treeHead() == head)
            let proof = try await test.store.consistency(from: head.size, to: 210)
            let root = try await test.store.treeHead().root
            #expect(proof?.verifies(firstRoot: head.root, secondRoot: root) == true)
        }
        #expect(try await test.scrub().findings == [])
    }

    @Test("a backup overwrites nothing, is its owner's only, and has its digest beside it")
    func file() async throws {
        let test = try await self.filled(.sqlite)
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/backup.db"
        _ = try await test.store.backUp(to: path)
        await #expect(throws: StoreError.self) { try await test.store.backUp(to: path) }
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let sum = try String(contentsOfFile: "\(path).sha256", encoding: .utf8)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(sum == "\(Digest.sha256(of: Array(bytes)))  backup.db\n")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
                "backup.db", "backup.db.sha256",
            ]
        )
    }

    @Test("a restore refuses a store with data in it, and a damaged backup", arguments: Backend.allCases)
    func refusals(backend: Backend) async throws {
        let test = try await self.filled(.sqlite)
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/backup.db"
        _ = try await test.store.backUp(to: path)

        let occupied = try backend.makeStore()
        _ = try await occupied.store.useNonce([1], grant: Sample.grant(1), at: 1)
        await #expect(throws: StoreError.self) { try await occupied.store.restore(from: path, digest: Sample.h1) }
        #expect(try await occupied.scrub().findings == [])

        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let envelope = Sample.envelope(33)
        let place = try #require(bytes.range(of: Data(envelope.bytes)))
        bytes[place.lowerBound + 100] ^= 4
        try bytes.write(to: URL(fileURLWithPath: path))
        let empty = try backend.makeStore()
        await #expect(throws: StoreError.self) { try await empty.store.restore(from: path, digest: Sample.h1) }
        #expect(try await empty.store.treeHead().size == 0)
        // Without the digest beside it the scrub finds what the copy took over.
        try FileManager.default.removeItem(atPath: "\(path).sha256")
        await #expect(throws: StoreError.self) { try await empty.store.restore(from: path, digest: Sample.h1) }
        await #expect(throws: StoreError.self) { try await empty.reopened() }
    }
}

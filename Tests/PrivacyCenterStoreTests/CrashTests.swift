import Foundation
import Merkle
import Records
import Synchronization
import Testing

@testable import PrivacyCenterStore

/// The files as a crash would leave them, copied while appends go on.
@Suite struct CrashTests {
    @Test("what was acknowledged before a crash is there after it, and the tree is whole")
    func acknowledged() async throws {
        let test = try Backend.sqlite.makeStore()
        try await test.enrol()
        let folder = try #require(test.folder)
        let acknowledged = Mutex<[UInt64]>([])
        let writing = Task {
            for number in 0..<400 as Range<UInt64> {
                let first = number * 4
                _ = try await test.store.append(Sample.envelopes(first..<first + 1 + number % 4))
                acknowledged.withLock { $0 += Array(first..<first + 1 + number % 4) }
            }
        }
        for target in [3, 60, 200, 333, 500, 700, 900] {
            while acknowledged.withLock({ $0.count < target }) { await Task.yield() }
            try await self.checkCrash(folder, acknowledged.withLock { $0 })
        }
        try await writing.value
        try await self.checkCrash(folder, acknowledged.withLock { $0 })
        #expect(try await test.scrub().findings == [])
    }

    /// Copies the files after the list was taken, so that the copy must hold all of it.
    ///
    /// The checkpoint that moves the log into the database would tear a copy of both; each copy is made anew until none
    /// ran meanwhile, as no crash can see two moments at once.
    private func checkCrash(_ folder: TemporaryFolder, _ acknowledged: [UInt64]) async throws {
        func database() throws -> Data { try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/store.db")) }
        var (copy, before) = (try folder.copy(), Data())
        repeat {
            before = try database()
            copy = try folder.copy()
        } while try database() != before
        let test = try TestStore(directory: copy)
        #expect(try await test.scrub().findings == [])
        let head = try await test.store.treeHead()
        #expect(head.size >= acknowledged.count)
        for number in acknowledged {
            let inclusion = try await test.store.inclusion(of: Sample.envelope(number).h1, treeSize: nil)
            let leaf = Sample.envelope(number).leafHash
            #expect(inclusion?.proof.verifies(leafHash: leaf, root: head.root) == true, "envelope \(number)")
        }
        let next = try await test.store.append([Sample.envelope(1_000_000)])
        #expect(next.head.size == head.size + 1)
        try await test.store.close()
    }

    @Test("checkpoints while readers work leave a store that scrub finds whole")
    func checkpoints() async throws {
        let test = try Backend.sqlite.makeStore()
        try await test.enrol()
        for number in 0..<60 as Range<UInt64> {
            let first = number * 50
            async let listing = test.store.envelopes(ofScope: Sample.scope(0), after: nil, limit: 1_000)
            _ = try await test.store.append((first..<first + 50).map { Sample.envelope($0, byteCount: 2_000) })
            _ = try await listing
        }
        #expect(try await test.scrub().findings == [])
        let reopened = try await test.reopened()
        let report = try await reopened.scrub()
        #expect(report.findings == [] && report.envelopes == 3_000)
    }

    @Test("a second process is refused, and may read beside the first")
    func secondProcess() async throws {
        let test = try Backend.sqlite.makeStore()
        let folder = try #require(test.folder)
        try await test.enrol()
        _ = try await test.store.append(Sample.envelopes(0..<5))
        #expect(throws: StoreError.inUse(folder.path)) { try TestStore(directory: folder) }
        let reader = try RelationalStore.sqliteReadOnly(directory: folder.path)
        #expect(try await reader.treeHead().size == 5)
        let report = try await reader.scrub(digest: Sample.h1) { _ in }
        #expect(report.isClean && report.notes.count == 1)
        await #expect(throws: StoreError.self) { try await reader.append([Sample.envelope(9)]) }
    }

    @Test("the writer commits with synchronous=FULL into a write-ahead log; files are their owner's only")
    func durability() async throws {
        let test = try Backend.sqlite.makeStore()
        try await test.enrol()
        let values = try test.store.engine.write { db in
            try ["synchronous", "journal_mode", "wal_autocheckpoint", "page_size"].map { name in
                try db.rows("PRAGMA \(name)").first?.values
            }
        }
        #expect(values == [[.integer(2)], [.text(Array("wal".utf8))], [.integer(0)], [.integer(8192)]])
        let folder = try #require(test.folder)
        for name in ["store.db", "store.db-wal", "store.sums", "store.trail", "store.lock"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/\(name)")
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
        }
    }

    @Test("a store of a later release is refused", arguments: Backend.allCases)
    func laterRelease(backend: Backend) async throws {
        let test = try backend.makeStore()
        try test.store.engine.write { db in
            _ = try db.change("DELETE FROM meta WHERE name = 'schema_version'", [])
            try Meta.insert("schema_version", Array("2".utf8), db)
        }
        await #expect(throws: StoreError.newerSchema(found: 2, supported: 1)) { try await test.reopened() }
    }

    @Test("a connection file that others may read is refused")
    func connectionFile() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/postgresql.conf"
        try Data("host=/tmp password=secret\n".utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        #expect(throws: StoreError.self) { try ConnectionString(file: path) }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        let connection = try ConnectionString(file: path)
        #expect(connection.text == "host=/tmp password=secret")
        #expect(!"\(connection)".contains("secret"))
        #expect(throws: StoreError.self) { try ConnectionString(file: "\(folder.path)/none") }
    }
}

import Foundation
import Records
import Testing

@testable import PrivacyCenterStore

/// Bits flipped in the files of a stopped store.
@Suite struct FlippedBitTests {
    private static func stopped() async throws -> TemporaryFolder {
        let test = try Backend.sqlite.makeStore()
        try await test.enrol()
        for start in stride(from: 0 as UInt64, to: 120, by: 30) {
            _ = try await test.store.append(Sample.envelopes(start..<start + 30))
        }
        _ = try await test.store.append([Sample.envelope(500, byteCount: 30_000)])
        for number in 1...20 as ClosedRange<UInt8> {
            _ = try await test.store.putRekey(Sample.rekey(number))
            _ = try await test.store.useNonce([number], grant: Sample.grant(1), at: UInt64(number))
        }
        // Leaves free pages and gaps behind.
        _ = try await test.store.pruneNonces(before: 10)
        try await test.store.close()
        return try #require(test.folder)
    }

    /// Whether opening or scrubbing a copy of the store with one bit flipped tells of it.
    private func isFound(_ folder: TemporaryFolder, file: String, bit: Int) async throws -> Bool {
        let copy = try folder.copy()
        let path = "\(copy.path)/\(file)"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        try bytes.write(to: URL(fileURLWithPath: path))
        do {
            let test = try TestStore(directory: copy)
            let report = try await test.scrub()
            try? await test.store.close()
            return !report.isClean
        } catch is StoreError {
            return true
        }
    }

    private func bits(_ folder: TemporaryFolder, file: String) throws -> Int {
        try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\(file)")).count * 8
    }

    @Test("a bit flipped anywhere in the database file is found, in gaps and free pages as well")
    func database() async throws {
        let folder = try await Self.stopped()
        let bits = try self.bits(folder, file: "store.db")
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<150 {
            let bit = Int.random(in: 0..<bits, using: &generator)
            #expect(try await self.isFound(folder, file: "store.db", bit: bit), "bit \(bit) of \(bits)")
        }
        // The header, where SQLite itself ignores some bytes.
        for bit in stride(from: 0, to: 112 * 8, by: 13) {
            #expect(try await self.isFound(folder, file: "store.db", bit: bit), "bit \(bit) of the header")
        }
    }

    @Test("a bit flipped in the page digests is found")
    func digests() async throws {
        let folder = try await Self.stopped()
        let bits = try self.bits(folder, file: "store.sums")
        for bit in stride(from: 0, to: bits, by: bits / 60) {
            #expect(try await self.isFound(folder, file: "store.sums", bit: bit), "bit \(bit) of \(bits)")
        }
    }

    @Test("a bit flipped in the log or the trail that a crash left is found")
    func log() async throws {
        let test = try Backend.sqlite.makeStore()
        try await test.enrol()
        for number in 0..<12 as Range<UInt64> { _ = try await test.store.append([Sample.envelope(number)]) }
        let crashed = try #require(test.folder).copy()
        #expect(try await TestStore(directory: crashed.copy()).scrub().findings == [])
        let bits = try self.bits(crashed, file: "store.db-wal")
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<60 {
            let bit = Int.random(in: 0..<bits, using: &generator)
            #expect(try await self.isFound(crashed, file: "store.db-wal", bit: bit), "bit \(bit) of \(bits)")
        }
        for bit in stride(from: 0, to: 32 * 8, by: 7) {
            #expect(try await self.isFound(crashed, file: "store.db-wal", bit: bit), "bit \(bit) of the log's header")
        }
        let trail = try self.bits(crashed, file: "store.trail")
        for bit in stride(from: 0, to: trail, by: max(1, trail / 40)) {
            #expect(try await self.isFound(crashed, file: "store.trail", bit: bit), "bit \(bit) of the trail")
        }
        try await test.store.close()
    }

    @Test("without page digests a flipped bit is found or changes nothing that is stored")
    func contentOnly() async throws {
        let folder = try await Self.stopped()
        let path = "\(folder.path)/store.db"
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        let content = try Self.content(ofFile: path)
        var (generator, harmless) = (SystemRandomNumberGenerator(), 0)
        for _ in 0..<150 {
            let copy = try TemporaryFolder()
            let altered = "\(copy.path)/store.db"
            let bit = Int.random(in: 0..<whole.count * 8, using: &generator)
            var bytes = whole
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            try bytes.write(to: URL(fileURLWithPath: altered))
            guard let store = try? RelationalStore.sqliteReadOnly(directory: copy.path) else { continue }
            let report = try await store.scrub(digest: Sample.h1) { _ in }
            guard report.isClean else { continue }
            harmless += 1
            #expect(try Self.content(ofFile: altered) == content, "bit \(bit)")
        }
        #expect(harmless < 150)
    }

    /// All rows of all tables.
    private static func content(ofFile path: String) throws -> [[SQLValue]] {
        try SQLiteEngine(readOnlyFile: path, readers: 1).read { db in
            try ["tally", "meta", "certificate", "envelope", "node", "rekey", "nonce"].flatMap { table in
                try db.rows("SELECT * FROM \(table) ORDER BY 1, 2").map(\.values)
            }
        }
    }
}

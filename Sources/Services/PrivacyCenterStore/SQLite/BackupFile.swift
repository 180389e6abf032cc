internal import Crypto
internal import GRDB
@preconcurrency internal import Glibc

/// A backup while it is written: a SQLite store in one file without a log, under another name until it is whole.
struct BackupFile {
    private let path: String
    private let partial: String

    /// - Throws: ``StoreError/notEmpty(_:)`` when the file exists.
    init(path: String) throws {
        guard !RawFile.exists(path) else {
            throw StoreError.notEmpty("\(path) exists; a backup goes to a new file")
        }
        self.path = path
        self.partial = "\(path).partial"
        unlink(self.partial)
        // Made before SQLite does, because it holds what only its owner may read.
        _ = try RawFile(path: self.partial)
    }

    /// Runs `body`, which passes steps of the copy on to the closure that it is given.
    func fill(_ body: (_ perform: (StoreCopy.Step) throws -> Void) throws -> Void) throws {
        do {
            let queue = try DatabaseQueue(path: self.partial)
            try queue.inDatabase { db in
                // Without a journal: what a crash leaves is not under the backup's name.
                try db.execute(sql: "PRAGMA page_size = \(SQLiteFiles.pageBytes); PRAGMA synchronous = OFF;")
                _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = OFF")
                try SQLiteEngine.makeTables(db)
                try body { step in
                    try db.inTransaction(.immediate) {
                        try step(SQLiteConnection(database: db))
                        return .commit
                    }
                }
            }
            try queue.close()
        } catch {
            unlink(self.partial)
            throw StoreError(error)
        }
    }

    /// Makes the backup durable under its name, with its digest beside it.
    func finish() throws {
        let file = try RawFile(path: self.partial)
        try file.synchronize()
        let name = self.path.split(separator: "/").last.map(String.init) ?? self.path
        let sum = try RawFile(path: Self.sumPath(self.path))
        try sum.truncate(to: 0)
        try sum.write(Array("\(try Self.digest(of: file))  \(name)\n".utf8), at: 0)
        try sum.synchronize()
        guard rename(self.partial, self.path) == 0 else {
            throw StoreError.unavailable("cannot name the backup \(self.path): \(String(cString: strerror(errno)))")
        }
        let folder = self.path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        try RawFile.synchronizeDirectory(
            folder.isEmpty ? "." : folder == [""] ? "/" : folder.joined(separator: "/")
        )
    }

    /// Compares a backup with the digest beside it, where there is one: `sha256sum -c` does the same.
    ///
    /// - Throws: ``StoreError/damaged(_:)`` when they differ.
    static func checkDigest(of path: String) throws {
        guard RawFile.exists(path) else { throw StoreError.unavailable("there is no backup at \(path)") }
        guard RawFile.exists(self.sumPath(path)) else { return }
        let sum = try RawFile(path: self.sumPath(path), readOnly: true)
        let expected = String(decoding: try sum.read(64, at: 0), as: UTF8.self)
        guard try self.digest(of: RawFile(path: path, readOnly: true)) == expected else {
            throw StoreError.damaged("the backup \(path) does not have the digest in \(self.sumPath(path))")
        }
    }

    private static func sumPath(_ path: String) -> String { "\(path).sha256" }

    private static func digest(of file: RawFile) throws -> String {
        var (hash, offset) = (SHA256(), 0)
        while true {
            let bytes = try file.read(1 << 20, at: offset)
            guard !bytes.isEmpty else { break }
            hash.update(data: bytes)
            offset += bytes.count
        }
        return hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

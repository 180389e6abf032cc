internal import Foundation
internal import GRDB
@preconcurrency internal import Glibc

/// One open database file: a connection that writes, one that reads, and the keys of its rows.
///
/// Two connections, because a reader must not wait while a commit waits for the disk.
final class StoreFile: Sendable {
    let path: String
    let writer: DatabaseQueue
    let reader: DatabaseQueue
    let keys: SpoolKeyRing
    /// The database's random name; a file that was deleted and made anew has another one.
    let identity: [UInt8]
    let space: StoreSpace

    /// Opens a database, or makes it.
    ///
    /// - Parameters:
    ///   - directory: where it lies; made when it does not exist.
    ///   - name: of the file.
    ///   - schemas: SQL that makes version 1 and, for each later version, what it changes. A file of an earlier
    ///     version is brought to the last one.
    ///   - master: wraps the keys of the rows.
    ///   - rotationSeconds: how long one of them seals.
    /// - Throws: ``SpoolError`` in words; a file that cannot be opened is left as it is.
    init(directory: String, name: String, schemas: [String], master: MasterKey, rotationSeconds: Int64) throws {
        self.path = "\(directory)/\(name)"
        self.space = StoreSpace(directory: directory)
        do {
            try Self.makeFile(directory: directory, path: self.path)
            self.writer = try DatabaseQueue(path: self.path, configuration: Self.configuration(cacheKiB: 2_000))
            try Self.makeSchema(schemas, path: self.path, master: master, self.writer)
            self.identity = try Self.checkIdentity(path: self.path, master: master, self.writer)
            self.reader = try DatabaseQueue(path: self.path, configuration: Self.configuration(cacheKiB: 500))
            try self.reader.inDatabase { try $0.execute(sql: "PRAGMA query_only = ON") }
        } catch let error as DatabaseError {
            throw SpoolError.unusable("cannot open \(self.path): \(error.message ?? "SQLite \(error.resultCode)")")
        }
        self.keys = SpoolKeyRing(master: master, identity: self.identity, rotationSeconds: rotationSeconds)
        try self.checkDurability()
    }

    /// Runs one write transaction; `now` (ms since 1970) decides which epoch key seals.
    func write<T>(now: Int64, _ body: (Database, _ epoch: Int64) throws -> T) throws(StoreRefusal) -> T {
        do {
            return try self.writer.writeWithoutTransaction { db in
                let epoch = try self.keys.currentEpoch(now: now, db)
                var result: T?
                try db.inTransaction(.immediate) {
                    result = try body(db, epoch)
                    return .commit
                }
                guard let result else { throw StoreRefusal.failed("the transaction gave no result") }
                return result
            }
        } catch {
            throw StoreRefusal(error, space: self.space)
        }
    }

    /// Bytes of free pages that the next writes fill before the file grows.
    func reusableBytes(_ db: Database) throws -> Int64 {
        let statement = try PreparedStatement(db, "PRAGMA freelist_count")
        defer { statement.reset() }
        return try statement.next() ? statement.integer(0) * Self.pageBytes : 0
    }

    /// Gives free pages back to the file system, a bounded number per call, once they are a quarter of the file.
    func shrink(pagesMax: Int = 512) throws {
        try self.writer.writeWithoutTransaction { db in
            let free = try Int64.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
            let all = try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            guard free > 256, free > all / 4 else { return }
            _ = try Row.fetchAll(db, sql: "PRAGMA incremental_vacuum(\(pagesMax))")
        }
    }

    /// Erases epoch keys so that their bytes leave the file and its log.
    ///
    /// `prepare` runs first in the same transaction and returns the first epoch that must stay.
    func destroyEpochs(now: Int64, _ prepare: (Database, _ epoch: Int64) throws -> Int64) throws -> Int {
        try self.writer.inDatabase { try $0.execute(sql: "PRAGMA secure_delete = ON") }
        defer { try? self.writer.inDatabase { try $0.execute(sql: "PRAGMA secure_delete = OFF") } }
        let count = try self.write(now: now) { db, epoch in
            try self.keys.destroy(before: min(try prepare(db, epoch), epoch), db)
        }
        _ = try self.writer.inDatabase { try Row.fetchAll($0, sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        return count
    }

    private static let pageBytes: Int64 = 4096

    private static func configuration(cacheKiB: Int) -> Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            // Page size and vacuum mode only act before the first table; rows are sealed, so that overwriting
            // deleted ones (Debian's default) would only wear the disk.
            try db.execute(
                sql: """
                    PRAGMA page_size = \(Self.pageBytes);
                    PRAGMA auto_vacuum = INCREMENTAL;
                    PRAGMA cache_size = -\(cacheKiB);
                    PRAGMA mmap_size = 0;
                    PRAGMA temp_store = MEMORY;
                    PRAGMA secure_delete = OFF;
                    """
            )
            _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
            try db.execute(sql: "PRAGMA synchronous = FULL")
            _ = try Int64.fetchOne(db, sql: "PRAGMA wal_autocheckpoint = 1000")
            _ = try Int64.fetchOne(db, sql: "PRAGMA journal_size_limit = \(8 << 20)")
        }
        return configuration
    }

    /// Makes the file before SQLite does, because its log files take over the file's mode.
    private static func makeFile(directory: String, path: String) throws {
        if mkdir(directory, 0o700) != 0, errno != EEXIST {
            throw SpoolError.unusable("cannot make \(directory): \(String(cString: strerror(errno)))")
        }
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw SpoolError.unusable("cannot open \(path): \(String(cString: strerror(errno)))")
        }
        close(descriptor)
        FileNames.synchronizeDirectory(of: path)
    }

    private static func makeSchema(
        _ schemas: [String],
        path: String,
        master: MasterKey,
        _ writer: DatabaseQueue
    ) throws {
        let supported = Int64(schemas.count)
        let found = try writer.inDatabase { try Self.foundVersion($0) } ?? 0
        guard found <= supported else {
            throw SpoolError.newerSchema(file: path, found: found, supported: supported)
        }
        guard found < supported else { return }
        // The key is checked first: a file of another key must stay as it is.
        if found > 0 { _ = try Self.checkIdentity(path: path, master: master, writer) }
        var migrator = DatabaseMigrator()
        for (index, schema) in schemas.enumerated() {
            let version = Int64(index + 1)
            migrator.registerMigration("\(version)") { db in
                if version == 1 { try Self.makeMeta(master: master, db) }
                try db.execute(sql: schema)
                try db.execute(sql: "UPDATE meta SET value = ? WHERE name = 'schema_version'", arguments: [version])
            }
        }
        try migrator.migrate(writer)
    }

    private static func makeMeta(master: MasterKey, _ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
                CREATE TABLE epoch_key (epoch INTEGER PRIMARY KEY, wrapped BLOB);
                """
        )
        var generator = SystemRandomNumberGenerator()
        let identity = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let check = try SpoolKeyRing(master: master, identity: identity, rotationSeconds: 1).makeKeyCheck()
        try db.execute(
            sql: "INSERT INTO meta VALUES ('schema_version', 1), ('identity', ?), ('key_check', ?)",
            arguments: [Data(identity), Data(check)]
        )
    }

    private static func foundVersion(_ db: Database) throws -> Int64? {
        guard try db.tableExists("meta") else { return nil }
        return try Int64.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'schema_version'")
    }

    private static func checkIdentity(path: String, master: MasterKey, _ writer: DatabaseQueue) throws -> [UInt8] {
        let (identity, check) = try writer.inDatabase { db in
            (
                try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'identity'"),
                try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'key_check'")
            )
        }
        guard let identity, let check else {
            throw SpoolError.unusable("\(path) is not a spool file of this program")
        }
        let keys = SpoolKeyRing(master: master, identity: [UInt8](identity), rotationSeconds: 1)
        guard keys.passes(keyCheck: [UInt8](check)) else { throw SpoolError.wrongMasterKey(file: path) }
        return [UInt8](identity)
    }

    /// Reads back what durability rests on: a driver may have set something else after us.
    private func checkDurability() throws {
        try self.writer.inDatabase { db in
            let synchronous = try Int64.fetchOne(db, sql: "PRAGMA synchronous")
            let journal = try String.fetchOne(db, sql: "PRAGMA journal_mode")
            guard synchronous == 2, journal == "wal" else {
                throw SpoolError.unusable(
                    "\(self.path) is not durable: synchronous \(synchronous ?? -1), journal \(journal ?? "unknown")"
                )
            }
        }
    }
}

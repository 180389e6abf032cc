internal import GRDB
internal import Synchronization

/// A store in SQLite files: one connection that writes, several that read.
final class SQLiteEngine: StoreEngine {
    let place: String
    let rowLock = ""
    let writersMax = 1
    private let path: String
    /// Nil for a store that another process may be writing, and for a backup.
    private let writer: DatabaseQueue?
    private let idle = Mutex<[DatabaseQueue]>([])
    private let readersMax: Int
    private let framesAtCheckpoint = Mutex(0)
    /// Released after the connections: closing a descriptor takes SQLite's locks away.
    private let openFiles: Mutex<SQLiteFiles?>

    /// Frames of the log after which it is emptied into the database.
    private static let checkpointFrames = 1_000

    /// Opens or makes the store of a directory, alone.
    init(directory: String, readers: Int) throws {
        self.place = directory
        self.path = SQLiteFiles.databasePath(directory)
        self.readersMax = readers
        let files = try SQLiteFiles(directory: directory)
        self.openFiles = Mutex(files)
        do {
            let writer = try DatabaseQueue(path: self.path, configuration: Self.configuration(readOnly: false))
            self.writer = writer
            try Self.prepare(writer, place: directory)
        } catch {
            throw StoreError(error)
        }
        try self.checkpoint()
        try self.read { try Meta.checkVersion($0) }
    }

    /// Opens a store file to read it, also while another process writes it.
    init(readOnlyFile path: String, readers: Int) throws {
        guard RawFile.exists(path) else { throw StoreError.unavailable("there is no store at \(path)") }
        self.place = path
        self.path = path
        self.readersMax = readers
        self.openFiles = Mutex(nil)
        self.writer = nil
        try self.read { try Meta.checkVersion($0) }
    }

    func read<T>(_ body: (any StoreConnection) throws -> T) throws -> T {
        let queue: DatabaseQueue
        do {
            queue =
                try self.idle.withLock { $0.popLast() }
                ?? DatabaseQueue(path: self.path, configuration: Self.configuration(readOnly: true))
        } catch {
            throw StoreError(error)
        }
        defer {
            self.idle.withLock { idle in
                if idle.count < self.readersMax { idle.append(queue) }
            }
        }
        return try self.transaction(on: queue, .deferred, body)
    }

    func write<T>(_ body: (any StoreConnection) throws -> T) throws -> T {
        guard let writer = self.writer else {
            throw StoreError.unsuitable("\(self.place) is open for reading only")
        }
        let result = try self.transaction(on: writer, .immediate, body)
        // The commit is durable already: what follows may fail and is made up for by the next one.
        try? self.files?.noteCommit()
        if let files = self.files, self.isCheckpointDue(frames: files.logFrames) { try? self.checkpoint() }
        return result
    }

    private func transaction<T>(
        on queue: DatabaseQueue,
        _ kind: Database.TransactionKind,
        _ body: (any StoreConnection) throws -> T
    ) throws -> T {
        do {
            return try queue.inDatabase { db in
                var result: T?
                try db.inTransaction(kind) {
                    result = try body(SQLiteConnection(database: db))
                    return .commit
                }
                guard let result else { throw StoreError.failed("the transaction gave no result") }
                return result
            }
        } catch {
            throw StoreError(error)
        }
    }

    private var files: SQLiteFiles? { self.openFiles.withLock { $0 } }

    func storageBytes() throws -> UInt64 { self.files?.bytes ?? 0 }

    func close() throws {
        guard let writer = self.writer else { return }
        do {
            try self.checkpoint()
            for queue in self.idle.withLock({ idle in
                defer { idle = [] }; return idle
            }) { try queue.close() }
            try writer.close()
            self.openFiles.withLock { $0 = nil }
        } catch {
            throw StoreError(error)
        }
    }

    /// Whether the log grew enough since the last attempt: while a reader keeps it, not every commit shall try.
    private func isCheckpointDue(frames: Int) -> Bool {
        self.framesAtCheckpoint.withLock { last in
            // A log that is emptied or started over counts from the beginning.
            if frames < last { last = 0 }
            guard frames - last >= Self.checkpointFrames else { return false }
            last = frames
            return true
        }
    }

    /// Empties the log without waiting for readers: what they keep in it, a later checkpoint moves.
    private func checkpoint() throws {
        guard let files = self.files, let writer = self.writer else { return }
        // No commit can come between what is noted and what is moved: this thread has the connection.
        try writer.inDatabase { db in
            try files.checkpoint {
                try db.execute(sql: "PRAGMA busy_timeout = 0")
                defer { try? db.execute(sql: "PRAGMA busy_timeout = \(Self.busyMilliseconds)") }
                let blocked = try Int64.fetchOne(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
                return blocked == 0
            }
        }
    }

    func inspect(_ findings: ScrubFindings) throws {
        if let files = self.files {
            try? self.checkpoint()
            if files.trailWasDamaged { findings.add("store.trail", "", "a record is not what was written") }
            try findings.examine("store.db") { try files.inspect(findings) }
        } else {
            findings.note("the pages of the file were not compared with their digests: it was opened for reading only")
        }
        try findings.examine("store.db") { try self.read { try Self.checkStructure($0, findings) } }
        try findings.examine("store.db") { try self.read { try Self.checkSchema($0, findings) } }
    }

    private static func checkStructure(_ db: any StoreConnection, _ findings: ScrubFindings) throws {
        for row in try db.rows("PRAGMA integrity_check(1000)") {
            guard case .text(let text)? = row.values.first else { continue }
            let message = String(decoding: text, as: UTF8.self)
            if message != "ok" { findings.add("store.db", "integrity_check", message) }
        }
    }

    private static func checkSchema(_ db: any StoreConnection, _ findings: ScrubFindings) throws {
        let found = try db.rows("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid").map(\.values)
        if found != Self.schema.map({ [SQLValue.text(Array($0.utf8))] }) {
            findings.add("store.db", "schema", "the tables are not those that this release makes")
        }
    }
}

// Opening
extension SQLiteEngine {
    private static let busyMilliseconds = 5_000

    /// STRICT: SQLite then refuses, and its integrity check finds, a value of another type.
    static let schema = Schema.statements(integer: "INTEGER", bytes: "BLOB", tableSuffix: " STRICT")

    private static func configuration(readOnly: Bool) -> Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(Double(Self.busyMilliseconds) / 1_000)
        configuration.readonly = readOnly
        configuration.label = "privacy-center-store"
        configuration.prepareDatabase { db in
            try db.execute(
                sql:
                    "PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -\(readOnly ? 2_000 : 16_000);"
            )
            guard !readOnly else { return }
            try db.execute(sql: "PRAGMA page_size = \(SQLiteFiles.pageBytes); PRAGMA secure_delete = OFF;")
            _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
            try db.execute(sql: "PRAGMA synchronous = FULL")
            // Checkpoints are ours, because the digests of pages go with them.
            _ = try Int64.fetchOne(db, sql: "PRAGMA wal_autocheckpoint = 0")
        }
        return configuration
    }

    private static func prepare(_ writer: DatabaseQueue, place: String) throws {
        try writer.inDatabase { db in
            let synchronous = try Int64.fetchOne(db, sql: "PRAGMA synchronous")
            let journal = try String.fetchOne(db, sql: "PRAGMA journal_mode")
            let pageBytes = try Int.fetchOne(db, sql: "PRAGMA page_size")
            guard synchronous == 2, journal == "wal", pageBytes == SQLiteFiles.pageBytes else {
                throw StoreError.unsuitable(
                    "\(place) is not durable: synchronous \(synchronous ?? -1), journal \(journal ?? "unknown")"
                )
            }
            try Self.makeTables(db)
        }
    }

    /// Makes the tables in an empty database.
    static func makeTables(_ db: Database) throws {
        let connection = SQLiteConnection(database: db)
        guard try connection.rows("SELECT count(*) FROM sqlite_schema").first?.integer(0) == 0 else { return }
        try db.inTransaction(.immediate) {
            for statement in self.schema { try db.execute(sql: statement) }
            try Meta.fill(connection)
            return .commit
        }
    }
}

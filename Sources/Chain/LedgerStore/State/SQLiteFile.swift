internal import GRDBSQLite
@preconcurrency internal import Glibc

/// A SQLite database that belongs to this module, and its compiled statements.
///
/// Used from one thread. SQLite is called directly, because a node of the state is read in a microsecond or two.
final class SQLiteFile {
    let path: String
    private let handle: OpaquePointer
    private var statements: [String: SQLiteStatement] = [:]
    private var isClosed = false
    /// Whether a transaction that only reads is open.
    private var isReading = false

    /// How a database is opened.
    struct Options {
        /// `PRAGMA application_id`; a file with another one is refused.
        let applicationID: Int32
        /// `PRAGMA user_version`; a file with another one is refused.
        let schemaVersion: Int32
        /// Makes the tables of an empty file.
        let schema: String
        /// Of pages, in bytes.
        var cacheBytes: Int
        /// Pages in SQLite's own log before it is moved into the file.
        var checkpointPages = 8_192
        /// A file that counts only once it is complete needs neither journal nor synchronization.
        var isBulk = false
        /// What to do about a damaged file.
        let remedy: String
    }

    private let remedy: String

    init(_ path: String, _ options: Options) throws(LedgerStoreFailure) {
        try Self.makeFile(path)
        self.path = path
        self.remedy = options.remedy
        self.handle = try Self.connect(path)
        try self.execute(
            """
            PRAGMA busy_timeout = 5000; PRAGMA cache_size = -\(options.cacheBytes >> 10); PRAGMA temp_store = MEMORY;
            PRAGMA mmap_size = 0; PRAGMA secure_delete = OFF; PRAGMA cell_size_check = ON;
            """
        )
        try self.checkOwner(options)
        try self.execute(
            options.isBulk
                ? "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE"
                : """
                PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = \(64 << 20);
                PRAGMA wal_autocheckpoint = \(options.checkpointPages);
                """
        )
        try self.makeSchema(options)
    }

    /// Opens a database for reading only.
    init(reading path: String, cacheKiB: Int, remedy: String) throws(LedgerStoreFailure) {
        self.path = path
        self.remedy = remedy
        self.handle = try Self.connect(path)
        try self.execute(
            "PRAGMA busy_timeout = 5000; PRAGMA cache_size = -\(cacheKiB); PRAGMA query_only = ON; PRAGMA mmap_size = 0"
        )
    }

    deinit { self.close() }

    /// Lets go of the file, and of its log when nobody else uses it; everything after that is refused.
    func close() {
        guard !self.isClosed else { return }
        self.isClosed = true
        for statement in self.statements.values { statement.finalize() }
        self.statements = [:]
        sqlite3_close_v2(self.handle)
    }

    private func checkOpen() throws(LedgerStoreFailure) {
        guard !self.isClosed else { throw .ioError("\(self.path) is closed") }
    }

    /// A statement that is compiled once, ready for binding.
    func statement(_ sql: String) throws(LedgerStoreFailure) -> SQLiteStatement {
        try self.checkOpen()
        if let known = self.statements[sql] {
            known.reset()
            return known
        }
        var compiled: OpaquePointer?
        let code = sqlite3_prepare_v3(self.handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &compiled, nil)
        guard code == SQLITE_OK, let compiled else { throw self.failure() }
        let statement = SQLiteStatement(compiled, of: self)
        self.statements[sql] = statement
        return statement
    }

    /// Runs statements without results that anybody needs.
    func execute(_ sql: String) throws(LedgerStoreFailure) {
        try self.checkOpen()
        guard sqlite3_exec(self.handle, sql, nil, nil, nil) == SQLITE_OK else { throw self.failure() }
    }

    /// Makes what follows read one state of the file until the next ``transaction(_:)``.
    ///
    /// For the only connection that writes: a read then takes no locks, which cost more than the read.
    func keepReading() throws(LedgerStoreFailure) {
        guard !self.isReading else { return }
        try self.execute("BEGIN")
        self.isReading = true
    }

    /// Runs a transaction; when it throws, nothing of it stays.
    func transaction(_ body: () throws(LedgerStoreFailure) -> Void) throws(LedgerStoreFailure) {
        if self.isReading {
            self.isReading = false
            try self.execute("COMMIT")
        }
        try self.execute("BEGIN IMMEDIATE")
        do {
            try body()
            try self.execute("COMMIT")
        } catch {
            // SQLite has rolled back by itself after some failures, so that this one may find nothing to do.
            if !self.isClosed, sqlite3_get_autocommit(self.handle) == 0 { try? self.execute("ROLLBACK") }
            throw error
        }
    }

    /// The integer that a statement yields.
    func integer(_ sql: String) throws(LedgerStoreFailure) -> Int64? {
        let statement = try self.statement(sql)
        defer { statement.reset() }
        return try statement.next() ? statement.integer(0) : nil
    }

    /// What SQLite's last failure means.
    func failure() -> LedgerStoreFailure {
        Self.failure(sqlite3_extended_errcode(self.handle), String(cString: sqlite3_errmsg(self.handle)), self)
    }

    /// Deletes a database's own log, which means nothing without the database.
    static func removeLog(of path: String) {
        unlink(path + "-wal")
        unlink(path + "-shm")
    }

    private static func failure(_ code: Int32, _ message: String, _ file: SQLiteFile) -> LedgerStoreFailure {
        let text = "\(file.path): SQLite \(code): \(message)"
        // A page that cannot be read whole lies behind the file's end: the file was cut off.
        let isShort = code == SQLITE_IOERR | (2 << 8)
        switch code & 0xff {
        case SQLITE_FULL: return .diskFull(file.path)
        case SQLITE_NOTADB: return .foreign("\(file.path) is not a database of this program")
        case SQLITE_CORRUPT: return .corrupt(file: file.path, offset: 0, reason: text, remedy: file.remedy)
        default:
            return isShort ? .corrupt(file: file.path, offset: 0, reason: text, remedy: file.remedy) : .ioError(text)
        }
    }

    /// Makes the file before SQLite does, because its log takes over the file's mode.
    private static func makeFile(_ path: String) throws(LedgerStoreFailure) {
        if access(path, F_OK) != 0 { self.removeLog(of: path) }
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw DiskFile.failure("cannot open", path, errno) }
        Glibc.close(descriptor)
    }

    private static func connect(_ path: String) throws(LedgerStoreFailure) -> OpaquePointer {
        var handle: OpaquePointer?
        let code = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let handle else {
            sqlite3_close_v2(handle)
            throw .ioError("cannot open \(path): SQLite \(code): \(String(cString: sqlite3_errstr(code)))")
        }
        sqlite3_extended_result_codes(handle, 1)
        return handle
    }

    private func checkOwner(_ options: Options) throws(LedgerStoreFailure) {
        let tables = try self.integer("SELECT count(*) FROM sqlite_schema") ?? 0
        let application = try self.integer("PRAGMA application_id") ?? 0
        guard tables > 0 || application != 0 else { return }
        guard application == Int64(options.applicationID) else {
            throw .foreign("\(self.path) is not a database of this program; nothing was changed")
        }
        let version = try self.integer("PRAGMA user_version") ?? 0
        guard version == Int64(options.schemaVersion) else {
            throw .foreign(
                "\(self.path) has schema \(version), this release knows \(options.schemaVersion): install the release "
                    + "that made it; \(self.remedy)"
            )
        }
    }

    private func makeSchema(_ options: Options) throws(LedgerStoreFailure) {
        guard try self.integer("SELECT count(*) FROM sqlite_schema") == 0 else { return }
        try self.execute(
            """
            BEGIN IMMEDIATE; \(options.schema);
            PRAGMA application_id = \(options.applicationID); PRAGMA user_version = \(options.schemaVersion); COMMIT
            """
        )
    }
}

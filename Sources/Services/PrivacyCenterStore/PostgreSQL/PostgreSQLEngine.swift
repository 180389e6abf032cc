internal import Synchronization

/// A store in a PostgreSQL database; several processes may use one at the same time.
final class PostgreSQLEngine: StoreEngine {
    let place = "the PostgreSQL database"
    let rowLock = " FOR UPDATE"
    let writersMax = 4
    private let connection: ConnectionString
    private let idle = Mutex<[PostgreSQLConnection]>([])
    private let idleMax: Int

    /// Names the lock that makes processes which start together make the tables once.
    private static let schemaLock: Int64 = 0x5741_5244_4c49_4e45

    init(_ connection: ConnectionString, readers: Int) throws {
        self.connection = connection
        self.idleMax = readers + self.writersMax
        try self.write { db in
            try Self.checkDurability(db)
            try Self.makeTables(db)
        }
        try self.read { try Meta.checkVersion($0) }
    }

    func read<T>(_ body: (any StoreConnection) throws -> T) throws -> T {
        try self.transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", body)
    }

    func write<T>(_ body: (any StoreConnection) throws -> T) throws -> T {
        try self.transaction("BEGIN ISOLATION LEVEL READ COMMITTED", body)
    }

    /// Runs a transaction, and once more on a new connection when the old one was lost.
    ///
    /// Nobody knows whether a commit whose connection was lost took place. Every write of the store may therefore be
    /// repeated: what the first time wrote, the second time finds.
    private func transaction<T>(_ begin: String, _ body: (any StoreConnection) throws -> T) throws -> T {
        if let connection = self.idle.withLock({ $0.popLast() }) {
            do {
                return try self.transaction(begin, connection, body)
            } catch {
                guard connection.isLost else { throw error }
                // The others were most likely lost with it.
                self.idle.withLock { $0 = [] }
            }
        }
        return try self.transaction(begin, PostgreSQLConnection(self.connection), body)
    }

    private func transaction<T>(
        _ begin: String,
        _ connection: PostgreSQLConnection,
        _ body: (any StoreConnection) throws -> T
    ) throws -> T {
        do {
            try connection.command(begin)
            let result = try body(connection)
            try connection.command("COMMIT")
            self.giveBack(connection)
            return result
        } catch {
            if !connection.isLost, (try? connection.command("ROLLBACK")) != nil { self.giveBack(connection) }
            throw error
        }
    }

    private func giveBack(_ connection: PostgreSQLConnection) {
        self.idle.withLock { idle in
            if idle.count < self.idleMax { idle.append(connection) }
        }
    }

    func storageBytes() throws -> UInt64 {
        try self.read { db in
            try db.rows("SELECT pg_database_size(current_database())").first?.number(0) ?? 0
        }
    }

    func close() throws { self.idle.withLock { $0 = [] } }

    func inspect(_ findings: ScrubFindings) throws {
        if try self.read({ try Self.setting("data_checksums", $0) }) != "on" {
            findings.note("PostgreSQL does not checksum its pages: `pg_checksums --enable` lets it find damage in gaps")
        }
        let canCheckIndexes = try self.read { db in
            try !db.rows("SELECT 1::bigint FROM pg_extension WHERE extname = 'amcheck'").isEmpty
        }
        guard canCheckIndexes else {
            findings.note("indexes were not compared with their tables: `CREATE EXTENSION amcheck` lets scrub do so")
            return
        }
        for index in try self.read({ try Self.indexes($0) }) {
            try findings.examine("index \(index)") {
                try self.read { db in
                    _ = try db.rows("SELECT bt_index_check($1::bigint::oid::regclass, true)", [.integer(index)])
                }
            }
        }
    }

    private static func indexes(_ db: any StoreConnection) throws -> [Int64] {
        try db.rows(
            """
            SELECT i.indexrelid::bigint FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
            WHERE c.relnamespace = current_schema()::regnamespace AND c.relname IN
                ('meta', 'tally', 'certificate', 'envelope', 'node', 'rekey', 'nonce')
            ORDER BY i.indexrelid
            """
        ).map { try $0.integer(0) }
    }
}

// Opening
extension PostgreSQLEngine {
    private static func setting(_ name: String, _ db: any StoreConnection) throws -> String {
        guard case .text(let text)? = try db.rows("SELECT current_setting('\(name)')").first?.values.first else {
            return ""
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// A receipt promises that an envelope outlives a power cut.
    private static func checkDurability(_ db: any StoreConnection) throws {
        for name in ["fsync", "synchronous_commit", "full_page_writes"]
        where try self.setting(name, db) != "on" {
            throw StoreError.unsuitable("PostgreSQL runs with \(name) off: a power cut would take envelopes away")
        }
    }

    private static func makeTables(_ db: any StoreConnection) throws {
        _ = try db.rows("SELECT pg_advisory_xact_lock($1)", [.integer(Self.schemaLock)])
        let tables = try db.rows(
            "SELECT 1::bigint FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'meta'"
        )
        guard tables.isEmpty else { return }
        for statement in Schema.statements(integer: "BIGINT", bytes: "BYTEA", tableSuffix: "") {
            _ = try db.change(statement, [])
        }
        // Ciphertext does not compress: trying would only cost.
        _ = try db.change("ALTER TABLE envelope ALTER COLUMN bytes SET STORAGE EXTERNAL", [])
        try Meta.fill(db)
    }
}

extension RelationalStore {
    /// Opens the store in a PostgreSQL database, and makes its tables when they do not exist.
    ///
    /// - Parameters:
    ///   - connection: names a database, and possibly a schema, that is the store's own.
    ///   - limits: bounds of envelopes, threads and connections.
    /// - Returns: the open store.
    /// - Throws: ``StoreError``.
    package static func postgreSQL(
        _ connection: ConnectionString,
        limits: StoreLimits = StoreLimits()
    ) throws -> RelationalStore {
        RelationalStore(engine: try PostgreSQLEngine(connection, readers: limits.readers), limits: limits)
    }
}

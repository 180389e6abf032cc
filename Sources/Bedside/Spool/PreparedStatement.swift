internal import GRDB
internal import GRDBSQLite

/// A cached SQLite statement, bound and stepped without intermediate values.
///
/// Used where one call per message or reading counts; a value per column would cost more than the row.
struct PreparedStatement {
    private let statement: Statement
    private let database: Database
    private var handle: OpaquePointer { self.statement.sqliteStatement }

    init(_ database: Database, _ sql: String) throws {
        self.statement = try database.cachedStatement(sql: sql)
        self.database = database
        sqlite3_reset(self.statement.sqliteStatement)
    }

    /// Binds an integer; indices start at 1.
    func bind(_ index: Int32, _ value: Int64) { sqlite3_bind_int64(self.handle, index, value) }

    /// Steps a statement that yields no rows, and resets it.
    func run() throws {
        let code = sqlite3_step(self.handle)
        sqlite3_reset(self.handle)
        guard code == SQLITE_DONE else { throw self.failure(code) }
    }

    /// Binds a blob without copying it, steps, and lets go of the blob.
    func run(blob bytes: [UInt8], at index: Int32) throws {
        try bytes.withUnsafeBytes { buffer in
            // A nil destructor is SQLITE_STATIC: the bytes stay in place until the step is over.
            sqlite3_bind_blob64(self.handle, index, buffer.baseAddress, UInt64(buffer.count), nil)
            defer { sqlite3_bind_null(self.handle, index) }
            try self.run()
        }
    }

    /// Steps to the next row.
    ///
    /// - Returns: false at the end; the statement is reset then.
    func next() throws -> Bool {
        let code = sqlite3_step(self.handle)
        if code == SQLITE_ROW { return true }
        sqlite3_reset(self.handle)
        guard code == SQLITE_DONE else { throw self.failure(code) }
        return false
    }

    /// Ends a read before its last row.
    func reset() { sqlite3_reset(self.handle) }

    /// Rows that the last insert, update or delete changed.
    var changes: Int { Int(sqlite3_changes(self.database.sqliteConnection)) }

    /// An integer column of the current row; columns start at 0.
    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(self.handle, column) }

    /// A copy of a blob column of the current row.
    func blob(_ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(self.handle, column) else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(self.handle, column))))
    }

    private func failure(_ code: Int32) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: sqlite3_extended_errcode(self.database.sqliteConnection)),
            message: String(cString: sqlite3_errstr(code))
        )
    }
}

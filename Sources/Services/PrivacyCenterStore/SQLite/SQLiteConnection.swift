internal import GRDB
internal import GRDBSQLite

/// A SQLite connection within a transaction, with cached statements.
struct SQLiteConnection: StoreConnection {
    let database: Database

    func rows(_ sql: String, _ parameters: [SQLValue]) throws -> [SQLRow] {
        var rows: [SQLRow] = []
        try self.run(sql, parameters, into: &rows)
        return rows
    }

    func change(_ sql: String, _ parameters: [SQLValue]) throws -> Int {
        var rows: [SQLRow] = []
        try self.run(sql, parameters, into: &rows)
        return Int(sqlite3_changes(self.database.sqliteConnection))
    }

    func bulk(_ statement: BulkStatement, _ parameters: [[SQLValue]]) throws -> [SQLRow] {
        var rows: [SQLRow] = []
        for values in parameters { try self.run(statement.single, values, into: &rows) }
        return rows
    }

    private func run(_ sql: String, _ parameters: [SQLValue], into rows: inout [SQLRow]) throws {
        let statement: Statement
        do {
            statement = try self.database.cachedStatement(sql: sql)
        } catch {
            throw StoreError(error)
        }
        // GRDB steps its own statements; here a value per column would cost more than the row.
        let handle = statement.sqliteStatement
        sqlite3_reset(handle)
        defer {
            sqlite3_reset(handle)
            sqlite3_clear_bindings(handle)
        }
        for (index, value) in parameters.enumerated() { Self.bind(value, at: Int32(index + 1), of: handle) }
        var code = sqlite3_step(handle)
        while code == SQLITE_ROW {
            rows.append(Self.row(handle))
            code = sqlite3_step(handle)
        }
        guard code == SQLITE_DONE else { throw self.failure(code) }
    }

    private static func bind(_ value: SQLValue, at index: Int32, of handle: OpaquePointer?) {
        switch value {
        case .integer(let number): sqlite3_bind_int64(handle, index, number)
        case .blob(let bytes) where bytes.isEmpty: sqlite3_bind_zeroblob(handle, index, 0)
        case .blob(let bytes):
            bytes.withUnsafeBytes { buffer in
                // SQLITE_TRANSIENT: SQLite copies before the array may move.
                let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
                sqlite3_bind_blob64(handle, index, buffer.baseAddress, UInt64(buffer.count), transient)
            }
        case .text, .null: sqlite3_bind_null(handle, index)
        }
    }

    private static func row(_ handle: OpaquePointer?) -> SQLRow {
        SQLRow(
            values: (0..<sqlite3_column_count(handle)).map { column in
                switch sqlite3_column_type(handle, column) {
                case SQLITE_INTEGER: .integer(sqlite3_column_int64(handle, column))
                case SQLITE_BLOB: .blob(Self.bytes(handle, column))
                case SQLITE_TEXT: .text(Self.bytes(handle, column))
                default: .null
                }
            }
        )
    }

    private static func bytes(_ handle: OpaquePointer?, _ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(handle, column) else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }

    private func failure(_ code: Int32) -> StoreError {
        StoreError(
            code: sqlite3_extended_errcode(self.database.sqliteConnection),
            message: String(cString: sqlite3_errstr(code))
        )
    }
}

extension StoreError {
    /// Translates what SQLite, GRDB or our own code threw.
    init(_ error: any Error) {
        if let known = error as? StoreError {
            self = known
        } else if let database = error as? DatabaseError {
            self.init(code: database.extendedResultCode.rawValue, message: database.message ?? "no message")
        } else {
            self = .failed(String(describing: error))
        }
    }

    init(code: Int32, message: String) {
        let text = "SQLite \(code): \(message)"
        switch code & 0xff {
        case SQLITE_FULL: self = .diskFull
        case SQLITE_CORRUPT, SQLITE_NOTADB: self = .damaged(text)
        // A page that cannot be read whole lies behind the file's end: it was cut off.
        case SQLITE_IOERR where code == SQLITE_IOERR | (2 << 8): self = .damaged(text)
        case SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_BUSY, SQLITE_LOCKED: self = .unavailable(text)
        default: self = .failed(text)
        }
    }
}

internal import GRDBSQLite

/// A compiled statement of a database.
///
/// It is finalized by its database, and not used after that.
final class SQLiteStatement {
    private let handle: OpaquePointer
    private unowned let file: SQLiteFile

    init(_ handle: OpaquePointer, of file: SQLiteFile) {
        self.handle = handle
        self.file = file
    }

    func finalize() { sqlite3_finalize(self.handle) }

    /// Ends a run; what was bound stays until it is bound anew.
    func reset() { sqlite3_reset(self.handle) }

    /// Binds bytes, which SQLite copies, or NULL; indices start at 1.
    func bind(_ index: Int32, _ bytes: [UInt8]?) {
        guard let bytes else {
            sqlite3_bind_null(self.handle, index)
            return
        }
        // A null pointer would bind NULL, and no bytes are a value like others.
        guard !bytes.isEmpty else {
            sqlite3_bind_zeroblob(self.handle, index, 0)
            return
        }
        bytes.withUnsafeBytes { buffer in
            let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
            sqlite3_bind_blob64(self.handle, index, buffer.baseAddress, UInt64(buffer.count), transient)
        }
    }

    /// Binds an integer; indices start at 1.
    func bind(_ index: Int32, _ number: Int64) { sqlite3_bind_int64(self.handle, index, number) }

    /// Steps to the next row; false at the end.
    func next() throws(LedgerStoreFailure) -> Bool {
        switch sqlite3_step(self.handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE:
            self.reset()
            return false
        default:
            let failure = self.file.failure()
            self.reset()
            throw failure
        }
    }

    /// Steps a statement that yields no rows.
    func run() throws(LedgerStoreFailure) { while try self.next() {} }

    /// Binds a number and runs.
    func run(_ number: Int64) throws(LedgerStoreFailure) {
        self.bind(1, number)
        try self.run()
    }

    /// Binds a number and bytes, and runs.
    func run(_ number: Int64, _ bytes: [UInt8]) throws(LedgerStoreFailure) {
        self.bind(1, number)
        self.bind(2, bytes)
        try self.run()
    }

    /// Binds bytes, and more bytes, and runs.
    func run(_ key: [UInt8], _ bytes: [UInt8]) throws(LedgerStoreFailure) {
        self.bind(1, key)
        self.bind(2, bytes)
        try self.run()
    }

    /// An integer column of the current row; columns start at 0.
    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(self.handle, column) }

    /// Whether a column of the current row is NULL.
    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(self.handle, column) == SQLITE_NULL }

    /// A copy of a blob column of the current row.
    func blob(_ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(self.handle, column) else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(self.handle, column))))
    }
}

/// The state of one channel after some block, in SQLite (rule W6).
///
/// The block store is the truth: a commit here need not survive a loss of power, it may lag, and it is repeated from
/// the blocks. What is there belongs to exactly ``height``. Used from one thread.
package final class StateStore {
    static let remedy = "delete the file with its -wal and -shm; the state is then computed or fetched again"
    static let options = SQLiteFile.Options(
        applicationID: 0x574c_5354,
        schemaVersion: 1,
        schema: """
            CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
            CREATE TABLE nodes (path BLOB PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID;
            CREATE TABLE entries (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID
            """,
        cacheKiB: 64 << 10,
        remedy: StateStore.remedy
    )
    let file: SQLiteFile
    /// The height that the state belongs to; nil for a new store.
    package private(set) var height: UInt64?

    /// Opens the state, or makes the file.
    ///
    /// - Throws: ``LedgerStoreFailure/foreign(_:)`` for another program's or release's file, which stays as it is;
    ///   ``LedgerStoreFailure/corrupt(file:offset:reason:remedy:)``; the failures of the disk.
    package init(path: String) throws(LedgerStoreFailure) {
        self.file = try SQLiteFile(path, Self.options)
        self.height = try Self.height(of: self.file)
    }

    /// Lets go of the file, so that another may take its place; everything after that is refused.
    package func close() { self.file.close() }

    /// The node at a path; nil when there is none.
    package func node(path: [UInt8]) throws(LedgerStoreFailure) -> [UInt8]? {
        try self.bytes("SELECT bytes FROM nodes WHERE path = ?1", path)
    }

    /// The value of a key; nil when there is none.
    package func value(key: [UInt8]) throws(LedgerStoreFailure) -> [UInt8]? {
        try self.bytes("SELECT value FROM entries WHERE key = ?1", key)
    }

    /// Applies a change in one transaction.
    ///
    /// - Throws: ``LedgerStoreFailure/refused(_:)`` unless its height is above ``height``;
    ///   ``LedgerStoreFailure/diskFull(_:)``: nothing is changed, the call may be repeated.
    package func apply(_ change: StateChange) throws(LedgerStoreFailure) {
        if let height = self.height, change.height <= height {
            throw .refused("the state of height \(height) cannot become that of height \(change.height)")
        }
        try self.file.transaction { () throws(LedgerStoreFailure) in
            try Self.write(change.nodes, table: .nodes, self.file)
            try Self.write(change.entries, table: .entries, self.file)
            try Self.write(height: change.height, self.file)
        }
        self.height = change.height
    }

    /// Entries whose key begins with a prefix, in the order of their keys.
    ///
    /// - Parameters:
    ///   - prefix: empty for all.
    ///   - after: only keys behind this one.
    ///   - limit: how many at most.
    /// - Returns: the first ones.
    /// - Throws: the failures of the disk.
    package func entries(
        prefix: [UInt8],
        after: [UInt8]? = nil,
        limit: Int
    ) throws(LedgerStoreFailure) -> [StateEntry] {
        var scan = try EntryScan(self.file, KeyRange(prefix: prefix, after: after))
        defer { scan.end() }
        var entries: [StateEntry] = []
        while entries.count < limit, let entry = try scan.next() { entries.append(entry) }
        return entries
    }

    /// How many entries there are; reads all of them.
    package func entryCount() throws(LedgerStoreFailure) -> Int {
        Int(try self.file.integer("SELECT count(*) FROM entries") ?? 0)
    }

    private func bytes(_ sql: String, _ key: [UInt8]) throws(LedgerStoreFailure) -> [UInt8]? {
        let statement = try self.file.statement(sql)
        defer { statement.reset() }
        statement.bind(1, key)
        return try statement.next() ? statement.blob(0) : nil
    }
}

/// The tables of a state that hold bytes by key.
enum StateTable {
    case nodes, entries

    var upsert: String {
        switch self {
        case .nodes: "INSERT INTO nodes VALUES (?1, ?2) ON CONFLICT (path) DO UPDATE SET bytes = excluded.bytes"
        case .entries: "INSERT INTO entries VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
        }
    }

    var delete: String {
        switch self {
        case .nodes: "DELETE FROM nodes WHERE path = ?1"
        case .entries: "DELETE FROM entries WHERE key = ?1"
        }
    }
}

extension StateStore {
    /// Writes rows, in the order that is given.
    static func write(
        _ rows: [([UInt8], [UInt8]?)],
        table: StateTable,
        _ file: SQLiteFile
    ) throws(LedgerStoreFailure) {
        for (key, value) in rows {
            let statement = try file.statement(value == nil ? table.delete : table.upsert)
            statement.bind(1, key)
            if let value { statement.bind(2, value) }
            try statement.run()
        }
    }

    static func write(height: UInt64, _ file: SQLiteFile) throws(LedgerStoreFailure) {
        let statement = try file.statement("INSERT OR REPLACE INTO meta VALUES ('height', ?1)")
        statement.bind(1, Int64(bitPattern: height))
        try statement.run()
    }

    static func height(of file: SQLiteFile) throws(LedgerStoreFailure) -> UInt64? {
        try file.integer("SELECT value FROM meta WHERE name = 'height'").map { UInt64(bitPattern: $0) }
    }
}

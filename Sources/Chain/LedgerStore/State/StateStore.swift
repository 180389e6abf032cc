/// The state of one channel after some block, in SQLite (rule W6).
///
/// The block store is the truth: a commit here need not survive a loss of power, it may lag, and it is repeated from
/// the blocks. What is there belongs to exactly ``height``. Used from one thread.
package final class StateStore {
    static let remedy = "delete the file with its -wal and -shm; the state is then computed or fetched again"
    static let options = SQLiteFile.Options(
        applicationID: 0x574c_5354,
        schemaVersion: 2,
        schema: """
            CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
            CREATE TABLE nodes (path INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
            CREATE TABLE deep_nodes (path BLOB PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID;
            CREATE TABLE entries (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
            \(TopNodes.schema)
            """,
        // The inner pages of the tables, and what one transaction changes: other pages seldom are needed twice.
        cacheBytes: 24 << 20,
        remedy: StateStore.remedy
    )
    let file: SQLiteFile
    private var top: TopNodes
    /// The height that the state belongs to; nil for a new store.
    package private(set) var height: UInt64?

    /// Opens the state, or makes the file.
    ///
    /// - Parameters:
    ///   - path: of the file.
    ///   - journalBytes: of changes of the tree's top, during which each of its rows is written once; opening repeats
    ///     up to twice as many.
    ///   - cacheBytes: of the file's pages in memory.
    /// - Throws: ``LedgerStoreFailure/foreign(_:)`` for another program's or release's file, which stays as it is;
    ///   ``LedgerStoreFailure/corrupt(file:offset:reason:remedy:)``; the failures of the disk.
    package init(
        path: String,
        journalBytes: Int = 32 << 20,
        cacheBytes: Int = 24 << 20
    ) throws(LedgerStoreFailure) {
        var options = Self.options
        options.cacheBytes = cacheBytes
        self.file = try SQLiteFile(path, options)
        self.height = try Self.height(of: self.file)
        self.top = try TopNodes(self.file, journalBytes: journalBytes, remedy: Self.remedy)
    }

    /// Bytes of the nodes that are always in memory.
    var bytesInMemory: Int { self.top.bytes }

    /// Lets go of the file, so that another may take its place; everything after that is refused.
    package func close() { self.file.close() }

    /// The node at a path; nil when there is none.
    package func node(path: [UInt8]) throws(LedgerStoreFailure) -> [UInt8]? { try self.node(NodeKey(path)) }

    /// The node at a place; nil when there is none.
    func node(_ key: NodeKey) throws(LedgerStoreFailure) -> [UInt8]? {
        if let place = TopNodes.place(of: key) { return self.top[place] }
        try self.file.keepReading()
        guard key.isNumber else { return try self.bytes("SELECT bytes FROM deep_nodes WHERE path = ?1", key.path) }
        let statement = try self.file.statement("SELECT bytes FROM nodes WHERE path = ?1")
        defer { statement.reset() }
        statement.bind(1, key.row)
        return try statement.next() ? statement.blob(0) : nil
    }

    /// The value of a key; nil when there is none.
    package func value(key: [UInt8]) throws(LedgerStoreFailure) -> [UInt8]? {
        try self.file.keepReading()
        return try self.bytes("SELECT value FROM entries WHERE key = ?1", key)
    }

    /// Applies a change in one transaction.
    ///
    /// - Throws: ``LedgerStoreFailure/refused(_:)`` unless its height is above ``height``;
    ///   ``LedgerStoreFailure/diskFull(_:)``: nothing is changed, the call may be repeated.
    package func apply(_ change: StateChange) throws(LedgerStoreFailure) {
        if let height = self.height, change.height <= height {
            throw .refused("the state of height \(height) cannot become that of height \(change.height)")
        }
        var rest: [(key: NodeKey, bytes: [UInt8]?)] = []
        for (path, bytes) in change.nodes {
            let key = NodeKey(path)
            if !self.change(key, to: bytes) { rest.append((key, bytes)) }
        }
        rest.sort { $0.key.isBelow($1.key) }
        do {
            try self.write(height: change.height, nodes: rest, entries: change.entries)
        } catch {
            self.top.revert()
            throw error
        }
    }

    /// Changes a node that is always in memory; false when it is none of them.
    func change(_ key: NodeKey, to bytes: [UInt8]?) -> Bool {
        guard let place = TopNodes.place(of: key) else { return false }
        self.top.change(place, to: bytes)
        return true
    }

    /// Changes of nodes in memory that are not in the file.
    var changeCount: Int { self.top.changeCount }

    /// Writes a height above ``height``: nodes that were changed in memory, other nodes in the order of their rows, and
    /// entries.
    func write(
        height: UInt64,
        nodes: [(key: NodeKey, bytes: [UInt8]?)],
        entries: [(key: [UInt8], value: [UInt8]?)]
    ) throws(LedgerStoreFailure) {
        let step = self.top.step()
        try self.file.transaction { () throws(LedgerStoreFailure) in
            try TopNodes.write(step, self.file)
            try Self.write(nodes, self.file)
            try Self.write(entries: entries, self.file)
            try Self.write(height: height, self.file)
        }
        self.top.finish(step)
        self.height = height
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

extension StateStore {
    /// Writes nodes, in the order that is given.
    static func write(
        _ nodes: [(key: NodeKey, bytes: [UInt8]?)],
        _ file: SQLiteFile
    ) throws(LedgerStoreFailure) {
        let insertion = try file.statement("INSERT OR REPLACE INTO nodes VALUES (?1, ?2)")
        let deletion = try file.statement("DELETE FROM nodes WHERE path = ?1")
        for (key, bytes) in nodes {
            switch bytes {
            case let bytes? where key.isNumber: try insertion.run(key.row, bytes)
            case nil where key.isNumber: try deletion.run(key.row)
            default: try self.write([(key.path, bytes)], table: "deep_nodes", key: "path", file)
            }
        }
    }

    /// Writes entries, in the order that is given.
    static func write(
        entries: [([UInt8], [UInt8]?)],
        _ file: SQLiteFile
    ) throws(LedgerStoreFailure) {
        try self.write(entries, table: "entries", key: "key", file)
    }

    private static func write(
        _ rows: [([UInt8], [UInt8]?)],
        table: String,
        key column: String,
        _ file: SQLiteFile
    ) throws(LedgerStoreFailure) {
        let value = table == "entries" ? "value" : "bytes"
        let upsert = try file.statement(
            "INSERT INTO \(table) VALUES (?1, ?2) ON CONFLICT (\(column)) DO UPDATE SET \(value) = excluded.\(value)"
        )
        let deletion = try file.statement("DELETE FROM \(table) WHERE \(column) = ?1")
        for (key, bytes) in rows {
            if let bytes {
                try upsert.run(key, bytes)
            } else {
                deletion.bind(1, key)
                try deletion.run()
            }
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

extension TransactionIndex {
    /// Ids that are not in the file yet; nobody who has the lock waits for the disk.
    struct Pending {
        private var new: [EntryKey: TransactionPlace] = [:]
        /// What is being written.
        private var writing: [EntryKey: TransactionPlace] = [:]
        private(set) var height: UInt64?

        init(height: UInt64?) { self.height = height }

        var count: Int { self.new.count }

        mutating func add(height: UInt64, identifiers: [[UInt8]]) throws(LedgerStoreFailure) {
            if let known = self.height, height != known &+ 1 {
                throw .refused("block \(height) does not follow block \(known) in the index of transactions")
            }
            for (position, identifier) in identifiers.enumerated() {
                self.new[EntryKey(identifier)] = TransactionPlace(height: height, position: UInt32(clamping: position))
            }
            self.height = height
        }

        func find(_ identifier: [UInt8]) -> TransactionPlace? {
            let key = EntryKey(identifier)
            return self.new[key] ?? self.writing[key]
        }

        /// What is to be written; ``finishWriting(isDone:)`` follows.
        mutating func beginWriting() -> (places: [EntryKey: TransactionPlace], height: UInt64?) {
            self.writing = self.new
            self.new = [:]
            return (self.writing, self.height)
        }

        mutating func finishWriting(isDone: Bool) {
            if !isDone { self.new.merge(self.writing) { new, _ in new } }
            self.writing = [:]
        }
    }

    /// What is in the file.
    struct Stored {
        private static let options = SQLiteFile.Options(
            applicationID: 0x574c_5449,
            schemaVersion: 1,
            schema: """
                CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
                CREATE TABLE generations (number INTEGER PRIMARY KEY, keys INTEGER NOT NULL, last INTEGER NOT NULL);
                CREATE TABLE transactions (generation INTEGER NOT NULL, id BLOB NOT NULL, height INTEGER NOT NULL,
                    position INTEGER NOT NULL, PRIMARY KEY (generation, id)) WITHOUT ROWID
                """,
            cacheBytes: 32 << 20,
            remedy: "delete the file with its -wal and -shm; the index is then made again from the blocks"
        )
        /// Rows that one step of pruning deletes, while others wait for the lock.
        private static let pruneRows: Int64 = 10_000
        private let file: SQLiteFile
        private let generationKeys: Int64
        /// Numbers of the generations, the latest first.
        private var generations: [Int64]
        /// Ids in the latest generation.
        private var keys: Int64

        init(path: String, generationKeys: Int, cacheBytes: Int) throws(LedgerStoreFailure) {
            var options = Self.options
            options.cacheBytes = cacheBytes
            self.file = try SQLiteFile(path, options)
            self.generationKeys = Int64(generationKeys)
            self.generations = []
            let statement = try self.file.statement("SELECT number FROM generations ORDER BY number DESC")
            while try statement.next() { self.generations.append(statement.integer(0)) }
            self.keys = try self.file.integer("SELECT keys FROM generations ORDER BY number DESC LIMIT 1") ?? 0
        }

        func height() throws(LedgerStoreFailure) -> UInt64? { try StateStore.height(of: self.file) }

        func find(_ identifier: [UInt8]) throws(LedgerStoreFailure) -> TransactionPlace? {
            let statement = try self.file.statement(
                "SELECT height, position FROM transactions WHERE generation = ?1 AND id = ?2"
            )
            defer { statement.reset() }
            for generation in self.generations {
                statement.bind(1, generation)
                statement.bind(2, identifier)
                guard try statement.next() else { continue }
                return TransactionPlace(
                    height: UInt64(bitPattern: statement.integer(0)),
                    position: UInt32(clamping: statement.integer(1))
                )
            }
            return nil
        }

        mutating func write(
            _ places: [EntryKey: TransactionPlace],
            height: UInt64?
        ) throws(LedgerStoreFailure) {
            guard let height, try self.height() != height else { return }
            let isFull = self.generations.isEmpty || self.keys >= self.generationKeys
            let generation = isFull ? (self.generations.first ?? 0) + 1 : self.generations[0]
            let keys = (isFull ? 0 : self.keys) + Int64(places.count)
            let rows = places.sorted { $0.key.isBelow($1.key) }
            let file = self.file
            try file.transaction { () throws(LedgerStoreFailure) in
                for (identifier, place) in rows { try Self.insert(identifier.bytes, place, generation, file) }
                let statement = try file.statement("INSERT OR REPLACE INTO generations VALUES (?1, ?2, ?3)")
                statement.bind(1, generation)
                statement.bind(2, keys)
                statement.bind(3, Int64(bitPattern: height))
                try statement.run()
                try StateStore.write(height: height, file)
            }
            if isFull { self.generations.insert(generation, at: 0) }
            self.keys = keys
        }

        mutating func removeAll() throws(LedgerStoreFailure) {
            let file = self.file
            try file.execute(
                "BEGIN IMMEDIATE; DELETE FROM transactions; DELETE FROM generations; DELETE FROM meta; COMMIT"
            )
            self.generations = []
            self.keys = 0
        }

        /// Deletes some rows of a generation that nobody needs; false when there is none.
        mutating func pruneSome(below height: UInt64) throws(LedgerStoreFailure) -> Bool {
            guard self.generations.count > 1, let oldest = self.generations.last else { return false }
            let last = try self.file.integer("SELECT last FROM generations WHERE number = \(oldest)") ?? 0
            guard UInt64(bitPattern: last) < height else { return false }
            let statement = try self.file.statement(
                """
                DELETE FROM transactions WHERE generation = ?1 AND id <= coalesce((SELECT id FROM transactions
                    WHERE generation = ?1 ORDER BY id LIMIT 1 OFFSET ?2), x'')
                """
            )
            statement.bind(1, oldest)
            statement.bind(2, Self.pruneRows)
            try statement.run()
            if try self.file.integer("SELECT changes()") == 0 {
                try self.file.execute(
                    """
                    BEGIN IMMEDIATE; DELETE FROM transactions WHERE generation = \(oldest);
                    DELETE FROM generations WHERE number = \(oldest); COMMIT
                    """
                )
                self.generations.removeLast()
            }
            return true
        }

        private static func insert(
            _ identifier: [UInt8],
            _ place: TransactionPlace,
            _ generation: Int64,
            _ file: SQLiteFile
        ) throws(LedgerStoreFailure) {
            let statement = try file.statement("INSERT OR REPLACE INTO transactions VALUES (?1, ?2, ?3, ?4)")
            statement.bind(1, generation)
            statement.bind(2, identifier)
            statement.bind(3, Int64(bitPattern: place.height))
            statement.bind(4, Int64(place.position))
            try statement.run()
        }
    }
}

@preconcurrency internal import Glibc

extension SubjectIndex {
    /// What the lock of an index protects.
    struct State {
        var stored: Stored
        private(set) var height: UInt64?
        /// Rows that are not in the file yet, ascending for each subject.
        private var pending: [EntryKey: [SubjectEvent]] = [:]
        private(set) var pendingCount = 0

        init(stored: Stored, height: UInt64?) {
            self.stored = stored
            self.height = height
        }

        mutating func add(
            height: UInt64,
            _ events: [(event: SubjectEvent, subjects: [[UInt8]])]
        ) throws(LedgerStoreFailure) {
            if let known = self.height, height != known &+ 1 {
                throw .refused("block \(height) does not follow block \(known) in the index of subjects")
            }
            for (event, subjects) in events {
                for subject in subjects {
                    let key = EntryKey(subject)
                    guard self.pending[key]?.last?.place != event.place else { continue }
                    self.pending[key, default: []].append(event)
                    self.pendingCount += 1
                }
            }
            self.height = height
        }

        func events(
            of subject: [UInt8],
            after place: EventPlace?,
            limit: Int
        ) throws(LedgerStoreFailure) -> [SubjectEvent] {
            var found = try self.stored.events(of: subject, after: place, limit: limit)
            for event in self.pending[EntryKey(subject)] ?? []
            where found.count < limit && place.map({ $0 < event.place }) ?? true {
                found.append(event)
            }
            return found
        }

        mutating func flush() throws(LedgerStoreFailure) {
            try self.stored.write(self.pending, count: self.pendingCount, height: self.height)
            self.pending = [:]
            self.pendingCount = 0
        }

        mutating func removeAll() throws(LedgerStoreFailure) {
            try self.stored.removeAll()
            self.pending = [:]
            self.pendingCount = 0
            self.height = nil
        }
    }

    /// What is in the file.
    struct Stored {
        private static let options = SQLiteFile.Options(
            applicationID: 0x574c_5349,
            schemaVersion: 1,
            schema: """
                CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
                CREATE TABLE topics (number INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE);
                CREATE TABLE generations (number INTEGER PRIMARY KEY, row_count INTEGER NOT NULL, last INTEGER NOT NULL);
                CREATE TABLE events (generation INTEGER NOT NULL, subject BLOB NOT NULL, height INTEGER NOT NULL,
                    place INTEGER NOT NULL, transaction_id BLOB NOT NULL, topic INTEGER NOT NULL,
                    PRIMARY KEY (generation, subject, height, place)) WITHOUT ROWID
                """,
            cacheBytes: 16 << 20,
            remedy: "delete the file with its -wal and -shm; the index is then made again from the blocks"
        )
        /// Rows that one step of pruning deletes, while others wait for the lock.
        private static let pruneRows: Int64 = 10_000

        /// A part of the index that covers blocks up to `last`, and none of the part before it.
        private struct Generation {
            let number: Int64
            var rows: Int64
            var last: UInt64
        }

        private let file: SQLiteFile
        private let generationRows: Int64
        /// Ascending.
        private var generations: [Generation] = []
        private var topicNumbers: [String: Int64] = [:]
        private var topicNames: [Int64: String] = [:]

        init(path: String, rules: UInt32, generationRows: Int, cacheBytes: Int) throws(LedgerStoreFailure) {
            var options = Self.options
            options.cacheBytes = cacheBytes
            self.file = try SQLiteFile(path, options)
            self.generationRows = Int64(generationRows)
            let generations = try self.file.statement("SELECT number, row_count, last FROM generations ORDER BY number")
            while try generations.next() {
                self.generations.append(
                    Generation(
                        number: generations.integer(0),
                        rows: generations.integer(1),
                        last: UInt64(bitPattern: generations.integer(2))
                    )
                )
            }
            let topics = try self.file.statement("SELECT number, name FROM topics ORDER BY number")
            while try topics.next() {
                self.learn(String(decoding: topics.blob(1), as: UTF8.self), topics.integer(0))
            }
            guard try self.file.integer("SELECT value FROM meta WHERE name = 'rules'") != Int64(rules) else { return }
            try self.removeAll()
            let statement = try self.file.statement("INSERT OR REPLACE INTO meta VALUES ('rules', ?1)")
            try statement.run(Int64(rules))
        }

        /// Deletes a file that cannot be used.
        static func delete(_ path: String) throws(LedgerStoreFailure) {
            SQLiteFile.removeLog(of: path)
            guard unlink(path) == 0 || errno == ENOENT else { throw DiskFile.failure("cannot delete", path, errno) }
        }

        func height() throws(LedgerStoreFailure) -> UInt64? { try StateStore.height(of: self.file) }

        // MARK: - Reading

        func events(
            of subject: [UInt8],
            after place: EventPlace?,
            limit: Int
        ) throws(LedgerStoreFailure) -> [SubjectEvent] {
            var found: [SubjectEvent] = []
            for generation in self.generations where found.count < limit {
                if let place, generation.last < place.height { continue }
                try self.read(generation.number, subject, after: place, upTo: limit, into: &found)
            }
            return found
        }

        private func read(
            _ generation: Int64,
            _ subject: [UInt8],
            after place: EventPlace?,
            upTo limit: Int,
            into found: inout [SubjectEvent]
        ) throws(LedgerStoreFailure) {
            let statement = try self.file.statement(
                """
                SELECT height, place, transaction_id, topic FROM events WHERE generation = ?1 AND subject = ?2
                    AND (height, place) > (?3, ?4) ORDER BY height, place LIMIT ?5
                """
            )
            defer { statement.reset() }
            statement.bind(1, generation)
            statement.bind(2, subject)
            statement.bind(3, place.map { Int64(clamping: $0.height) } ?? -1)
            statement.bind(4, place.map { Int64($0.index) } ?? 0)
            statement.bind(5, Int64(limit - found.count))
            while try statement.next() {
                let place = EventPlace(
                    height: UInt64(bitPattern: statement.integer(0)),
                    index: UInt32(clamping: statement.integer(1))
                )
                let topic = self.topicNames[statement.integer(3)] ?? ""
                found.append(SubjectEvent(place: place, transaction: statement.blob(2), topic: topic))
            }
        }

        // MARK: - Writing

        mutating func write(
            _ rows: [EntryKey: [SubjectEvent]],
            count: Int,
            height: UInt64?
        ) throws(LedgerStoreFailure) {
            guard let height, try self.height() != height else { return }
            let numbers = self.numbers(of: rows)
            var current = self.generations.last ?? Generation(number: 0, rows: .max, last: 0)
            let isFull = current.rows >= self.generationRows
            if isFull { current = Generation(number: current.number + 1, rows: 0, last: height) }
            current.rows += Int64(count)
            current.last = height
            let (file, generation) = (self.file, current)
            // Neighbours in the file come after each other, so that each page is written once.
            let sorted = rows.sorted { $0.key.isBelow($1.key) }
            try file.transaction { () throws(LedgerStoreFailure) in
                for (name, number) in numbers.new { try Self.insert(topic: name, number, file) }
                for (subject, events) in sorted {
                    for event in events {
                        try Self.insert(subject.bytes, event, numbers.all[event.topic] ?? 0, generation.number, file)
                    }
                }
                try Self.insert(generation, file)
                try StateStore.write(height: height, file)
            }
            for (name, number) in numbers.new { self.learn(name, number) }
            if isFull {
                self.generations.append(current)
            } else {
                self.generations[self.generations.count - 1] = current
            }
        }

        /// Numbers of the topics, with those that have none yet.
        private func numbers(
            of rows: [EntryKey: [SubjectEvent]]
        ) -> (all: [String: Int64], new: [(name: String, number: Int64)]) {
            var topics = Set<String>()
            for events in rows.values { topics.formUnion(events.map(\.topic)) }
            var all = self.topicNumbers
            var new: [(name: String, number: Int64)] = []
            for name in topics.sorted() where all[name] == nil {
                let number = Int64(all.count) + 1
                all[name] = number
                new.append((name, number))
            }
            return (all, new)
        }

        private mutating func learn(_ topic: String, _ number: Int64) {
            self.topicNumbers[topic] = number
            self.topicNames[number] = topic
        }

        private static func insert(topic: String, _ number: Int64, _ file: SQLiteFile) throws(LedgerStoreFailure) {
            try file.statement("INSERT INTO topics VALUES (?1, ?2)").run(number, Array(topic.utf8))
        }

        private static func insert(
            _ subject: [UInt8],
            _ event: SubjectEvent,
            _ topic: Int64,
            _ generation: Int64,
            _ file: SQLiteFile
        ) throws(LedgerStoreFailure) {
            let statement = try file.statement("INSERT OR REPLACE INTO events VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
            statement.bind(1, generation)
            statement.bind(2, subject)
            statement.bind(3, Int64(bitPattern: event.place.height))
            statement.bind(4, Int64(event.place.index))
            statement.bind(5, event.transaction)
            statement.bind(6, topic)
            try statement.run()
        }

        private static func insert(_ generation: Generation, _ file: SQLiteFile) throws(LedgerStoreFailure) {
            let statement = try file.statement("INSERT OR REPLACE INTO generations VALUES (?1, ?2, ?3)")
            statement.bind(1, generation.number)
            statement.bind(2, generation.rows)
            statement.bind(3, Int64(bitPattern: generation.last))
            try statement.run()
        }

        mutating func removeAll() throws(LedgerStoreFailure) {
            try self.file.execute(
                """
                BEGIN IMMEDIATE; DELETE FROM events; DELETE FROM generations;
                DELETE FROM meta WHERE name = 'height'; COMMIT
                """
            )
            self.generations = []
        }

        /// Deletes some rows of a generation that nobody needs; false when there is none.
        mutating func pruneSome(below height: UInt64) throws(LedgerStoreFailure) -> Bool {
            guard self.generations.count > 1, let oldest = self.generations.first, oldest.last < height else {
                return false
            }
            let statement = try self.file.statement(
                """
                DELETE FROM events WHERE generation = ?1 AND (subject, height, place) <= (
                    SELECT subject, height, place FROM events WHERE generation = ?1
                    ORDER BY subject, height, place LIMIT 1 OFFSET ?2)
                """
            )
            statement.bind(1, oldest.number)
            statement.bind(2, Self.pruneRows)
            try statement.run()
            guard try self.file.integer("SELECT changes()") == 0 else { return true }
            try self.file.execute(
                """
                BEGIN IMMEDIATE; DELETE FROM events WHERE generation = \(oldest.number);
                DELETE FROM generations WHERE number = \(oldest.number); COMMIT
                """
            )
            self.generations.removeFirst()
            return true
        }
    }
}

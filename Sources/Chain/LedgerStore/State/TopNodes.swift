internal import CanonicalBytes

/// The nodes of the tree's first five levels: at most 69,905, all of them in memory.
///
/// Almost every key changes nodes of its own on the lowest of these levels, and each would cost a page of the disk. So
/// what a transaction changes of them goes into a journal, a hundred bytes a node, and the rows follow slowly: each
/// transaction writes those of the next few places, and a cycle through all places takes a few megabytes of
/// the journal. What is older than a whole cycle is deleted. A row says up to where it has the journal's changes.
struct TopNodes {
    /// Nibbles of the longest path.
    static let depthMax = 4
    /// First places of the levels, and the number of all.
    private static let offsets = [0, 1, 17, 273, 4_369, 69_905]
    /// Bytes of the journal in one cycle.
    private let journalBytes: Int
    private var nodes: [[UInt8]?] = []
    /// What the file has of nodes that were changed since the last transaction.
    private var stored: [(place: Int, bytes: [UInt8]?)] = []
    private var isChanged: [Bool] = []
    /// Whether a place's row lags behind.
    private var isStale: [Bool] = []
    /// Where the next transaction goes on writing rows.
    private var cursor = 0
    /// The journal's number at which the current cycle began.
    private var cycle: Int64 = 0
    /// The journal's last number.
    private var number: Int64 = 0
    /// Bytes of all nodes.
    private(set) var bytes = 0

    /// Changes that are not in the file.
    var changeCount: Int { self.stored.count }

    /// What one transaction does.
    struct Step {
        fileprivate var record: [UInt8] = []
        fileprivate var rows: [(place: Int, bytes: [UInt8]?)] = []
        fileprivate var cursor: Int
        fileprivate var cycle: Int64
        fileprivate var number: Int64
        /// Everything of the journal below this number is no longer needed.
        fileprivate var obsoleteBelow: Int64?
    }

    /// A node's place; nil for those further down.
    static func place(of key: NodeKey) -> Int? {
        guard key.isNumber, key.depth <= self.depthMax else { return nil }
        return self.offsets[key.depth] + Int(key.nibbles)
    }

    subscript(place: Int) -> [UInt8]? { place < self.nodes.count ? self.nodes[place] : nil }

    /// Changes a node in memory.
    mutating func change(_ place: Int, to bytes: [UInt8]?) {
        self.reserve(place)
        if !self.isChanged[place] {
            self.isChanged[place] = true
            self.stored.append((place, self.nodes[place]))
        }
        self.set(place, bytes)
    }

    /// Forgets all changes that are not in the file.
    mutating func revert() {
        for (place, bytes) in self.stored {
            self.set(place, bytes)
            self.isChanged[place] = false
        }
        self.stored = []
    }

    /// Plans the transaction that writes all changes; nothing has happened yet.
    func step() -> Step {
        var step = Step(cursor: self.cursor, cycle: self.cycle, number: self.number + 1)
        guard !self.stored.isEmpty else { return step }
        var writer = CanonicalWriter(capacity: 192 * self.stored.count)
        for (place, bytes) in self.stored { Self.append(place, from: bytes, to: self.nodes[place], &writer) }
        step.record = writer.bytes
        let count = self.nodes.count
        let end = min(count, self.cursor + 1 + count * step.record.count / self.journalBytes)
        for place in min(self.cursor, end)..<end where self.isStale[place] || self.isChanged[place] {
            step.rows.append((place, self.nodes[place]))
        }
        step.cursor = end
        if end == count {
            // Every row was written since the cycle began, and holds what came before.
            (step.cursor, step.obsoleteBelow, step.cycle) = (0, self.cycle, step.number)
        }
        return step
    }

    /// Takes note that a transaction has written all changes.
    mutating func finish(_ step: Step) {
        guard !self.stored.isEmpty else { return }
        for (place, _) in self.stored {
            self.isChanged[place] = false
            self.isStale[place] = true
        }
        for (place, _) in step.rows { self.isStale[place] = false }
        self.stored.removeAll(keepingCapacity: true)
        (self.cursor, self.cycle, self.number) = (step.cursor, step.cycle, step.number)
    }

    /// Makes room for whole levels, down to that of a place.
    private mutating func reserve(_ place: Int) {
        guard place >= self.nodes.count else { return }
        let new = (Self.offsets.first { $0 > place } ?? place + 1) - self.nodes.count
        self.nodes.append(contentsOf: repeatElement(nil, count: new))
        self.isStale.append(contentsOf: repeatElement(false, count: new))
        self.isChanged.append(contentsOf: repeatElement(false, count: new))
    }

    private mutating func set(_ place: Int, _ bytes: [UInt8]?) {
        self.reserve(place)
        self.bytes += (bytes?.count ?? 0) - (self.nodes[place]?.count ?? 0)
        self.nodes[place] = bytes
    }
}

// MARK: - The journal's bytes

extension TopNodes {
    private enum Kind: UInt8 {
        case removed = 0
        case whole = 1
        /// The head, and some bytes further on.
        case part = 2
    }

    /// Bytes at the front of a node that are told in any case: there it says what follows.
    private static let headLength = 8

    /// Writes one change: `u32 place || u8 kind ||` nothing, `LP(node)`, or `head(8) || u16 offset || u16 n ||
    /// LP(bytes)`, where the bytes stand for `n` old ones.
    private static func append(
        _ place: Int,
        from old: [UInt8]?,
        to new: [UInt8]?,
        _ writer: inout CanonicalWriter
    ) {
        writer.u32(UInt32(truncatingIfNeeded: place))
        guard let new else { return writer.u8(Kind.removed.rawValue) }
        guard let old, min(old.count, new.count) >= self.headLength, max(old.count, new.count) <= Int(UInt16.max)
        else {
            writer.u8(Kind.whole.rawValue)
            return writer.lengthPrefixed(new)
        }
        let common = min(old.count, new.count)
        var front = self.headLength
        while front < common, old[front] == new[front] { front += 1 }
        var back = 0
        while back < common - front, old[old.count - 1 - back] == new[new.count - 1 - back] { back += 1 }
        writer.u8(Kind.part.rawValue)
        writer.raw(new[..<self.headLength])
        writer.u16(UInt16(front))
        writer.u16(UInt16(old.count - back - front))
        writer.lengthPrefixed(Array(new[front..<new.count - back]))
    }

    /// Repeats the changes of one transaction where the rows do not have them.
    private mutating func replay(
        _ record: [UInt8],
        above versions: [Int: Int64]
    ) throws(ProtocolFailure) {
        var reader = CanonicalReader(record)
        while reader.remaining > 0 {
            let place = Int(try reader.u32())
            try require(place < Self.offsets[Self.depthMax + 1], .format, "a place that is none")
            let isNew = self.number > versions[place] ?? .min
            var bytes: [UInt8]?
            switch Kind(rawValue: try reader.u8()) {
            case .removed: bytes = nil
            case .whole: bytes = try reader.lengthPrefixed()
            case .part:
                let head = try reader.take(Self.headLength)
                let (front, count) = (Int(try reader.u16()), Int(try reader.u16()))
                let part = try reader.lengthPrefixed()
                guard isNew else { continue }
                guard let old = self[place], front >= Self.headLength, front + count <= old.count else {
                    throw ProtocolFailure(.format, "a change of a node that was another one")
                }
                bytes = head + old[Self.headLength..<front] + part + old[(front + count)...]
            case nil: throw ProtocolFailure(.format, "a change of no known kind")
            }
            guard isNew else { continue }
            self.set(place, bytes)
            self.isStale[place] = true
        }
    }
}

// MARK: - The file

extension TopNodes {
    static let schema = """
        CREATE TABLE top (place INTEGER PRIMARY KEY, number INTEGER NOT NULL, bytes BLOB);
        CREATE TABLE journal (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL)
        """

    /// Reads the rows, and what the journal has beyond them.
    init(_ file: SQLiteFile, journalBytes: Int, remedy: String) throws(LedgerStoreFailure) {
        self.journalBytes = max(journalBytes, 1)
        func damage(_ reason: String) -> LedgerStoreFailure {
            .corrupt(file: file.path, offset: 0, reason: reason, remedy: remedy)
        }
        var versions: [Int: Int64] = [:]
        let rows = try file.statement("SELECT place, number, bytes FROM top")
        defer { rows.reset() }
        while try rows.next() {
            let place = rows.integer(0)
            guard place >= 0, place < Self.offsets[Self.depthMax + 1] else { throw damage("a node of no place") }
            self.set(Int(place), rows.isNull(2) ? nil : rows.blob(2))
            versions[Int(place)] = rows.integer(1)
        }
        let records = try file.statement("SELECT number, bytes FROM journal ORDER BY number")
        defer { records.reset() }
        while try records.next() {
            self.number = records.integer(0)
            do throws(ProtocolFailure) { try self.replay(records.blob(1), above: versions) } catch {
                throw damage("record \(self.number) of the journal: \(error.detail)")
            }
        }
        self.cycle = try file.integer("SELECT value FROM meta WHERE name = 'cycle'") ?? 0
        let cursor = try file.integer("SELECT value FROM meta WHERE name = 'cursor'") ?? 0
        guard 0...Int64(Self.offsets[Self.depthMax + 1]) ~= cursor else { throw damage("a cycle of no place") }
        self.cursor = Int(cursor)
    }

    /// Writes what a transaction does.
    static func write(_ step: Step, _ file: SQLiteFile) throws(LedgerStoreFailure) {
        guard !step.record.isEmpty else { return }
        try file.statement("INSERT INTO journal VALUES (?1, ?2)").run(step.number, step.record)
        for (place, bytes) in step.rows { try self.write(place, bytes, number: step.number, file) }
        if let obsolete = step.obsoleteBelow {
            try file.execute("DELETE FROM journal WHERE number < \(obsolete)")
        }
        for (name, value) in [("cursor", Int64(step.cursor)), ("cycle", step.cycle)] {
            try file.statement("INSERT OR REPLACE INTO meta VALUES ('\(name)', ?1)").run(value)
        }
    }

    /// Writes a row, also of no node, so that what the journal says of it is over; `number` is the last one of the
    /// journal whose changes the row has.
    static func write(
        _ place: Int,
        _ bytes: [UInt8]?,
        number: Int64,
        _ file: SQLiteFile
    ) throws(LedgerStoreFailure) {
        let statement = try file.statement("INSERT OR REPLACE INTO top VALUES (?1, ?2, ?3)")
        statement.bind(1, Int64(place))
        statement.bind(2, number)
        statement.bind(3, bytes)
        try statement.run()
    }
}

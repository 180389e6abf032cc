internal import CanonicalBytes
internal import Foundation
internal import GRDB

/// Where an event stands on the access channel.
struct ChainPlace: Sendable, Hashable, Comparable {
    let height: UInt64
    /// Of the transaction in its block.
    let place: UInt32

    static func < (left: Self, right: Self) -> Bool {
        (left.height, left.place) < (right.height, right.place)
    }
}

/// The desk's queue, in `sharing.db` of the custodian's directory.
///
/// What it says is on the disk before it is acted on.
final class ShareStore: Sendable {
    static let fileName = "sharing.db"
    private static let version = 1

    let queue: DatabaseQueue

    /// - Throws: as `PrivateDatabase.open`.
    init(directory: String) throws {
        self.queue = try PrivateDatabase.open(
            "\(directory)/\(Self.fileName)",
            version: Self.version,
            schema: Self.schema + DatasetStore.schema + ExchangeStore.schema + DeliveryStore.schema
        )
    }

    // MARK: Following the chain

    /// Adds items that are new, in one transaction with the place up to which the chain was read.
    ///
    /// - Returns: the identifiers of those that were new.
    func take(_ items: [ShareItem], upTo place: ChainPlace?) throws -> [[UInt8]] {
        try self.queue.write { db in
            var new: [[UInt8]] = []
            for item in items {
                try db.execute(sql: Self.insert, arguments: StatementArguments(item.row))
                if db.changesCount > 0 { new.append(item.id) }
            }
            if let place { try Self.keep(place, as: "followed", db) }
            return new
        }
    }

    func place(_ name: String) throws -> ChainPlace? {
        try self.queue.read { db in
            try Row.fetchOne(db, sql: "SELECT height, place FROM place WHERE name = ?", arguments: [name]).map {
                ChainPlace(
                    height: UInt64(bitPattern: $0["height"] as Int64),
                    place: UInt32(truncatingIfNeeded: $0["place"] as Int64)
                )
            }
        }
    }

    func keep(_ place: ChainPlace, as name: String) throws {
        try self.queue.write { try Self.keep(place, as: name, $0) }
    }

    static func keep(_ place: ChainPlace, as name: String, _ db: Database) throws {
        try db.execute(
            sql: "INSERT OR REPLACE INTO place VALUES (?, ?, ?)",
            arguments: [name, Int64(bitPattern: place.height), Int64(place.place)]
        )
    }

    /// Whether an item came from a transaction.
    func knows(transaction: [UInt8]) throws -> Bool {
        try self.queue.read { db in
            let sql = "SELECT EXISTS (SELECT 1 FROM item WHERE made_by = ?)"
            return try Bool.fetchOne(db, sql: sql, arguments: [Data(transaction)]) ?? false
        }
    }

    // MARK: Items

    func item(_ id: [UInt8]) throws -> ShareItem? {
        try self.queue.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM item WHERE id = ?", arguments: [Data(id)]).map(ShareItem.init)
        }
    }

    /// Items in some states, oldest first.
    func items(in states: [ShareState], limit: Int) throws -> [ShareItem] {
        try self.queue.read { db in
            let words = states.map { "'\($0.rawValue)'" }.joined(separator: ", ")
            let sql = "SELECT * FROM item WHERE state IN (\(words)) ORDER BY time, id LIMIT ?"
            return try Row.fetchAll(db, sql: sql, arguments: [limit]).map(ShareItem.init)
        }
    }

    /// Items in all states, newest first.
    func newest(limit: Int) throws -> [ShareItem] {
        try self.queue.read { db in
            let sql = "SELECT * FROM item ORDER BY time DESC, id LIMIT ?"
            return try Row.fetchAll(db, sql: sql, arguments: [limit]).map(ShareItem.init)
        }
    }

    /// Items with something to do now, those that wait longest first.
    func due(at now: UInt64, limit: Int) throws -> [ShareItem] {
        try self.queue.read { db in
            let words = ShareState.active.map { "'\($0.rawValue)'" }.joined(separator: ", ")
            let sql = """
                SELECT * FROM item WHERE next_try <= :now
                AND (state IN (\(words)) OR (state = 'recorded' AND missing <> ''))
                ORDER BY next_try, time, id LIMIT :limit
                """
            return try Row.fetchAll(db, sql: sql, arguments: ["now": Int64(clamping: now), "limit": limit])
                .map(ShareItem.init)
        }
    }

    /// Writes what became of an item, unless somebody moved it on meanwhile.
    ///
    /// - Returns: whether it was written.
    @discardableResult
    func update(_ item: ShareItem, from state: ShareState) throws -> Bool {
        try self.queue.write { db in
            try db.execute(sql: Self.change, arguments: StatementArguments(item.progress(from: state)))
            return db.changesCount > 0
        }
    }

    /// How many items are in each state; a state that nothing is in is there with 0.
    func counts() throws -> [(state: ShareState, count: Int)] {
        let rows = try self.queue.read { db in
            try Row.fetchAll(db, sql: "SELECT state, count(*) AS n FROM item GROUP BY state")
        }
        var found: [String: Int] = [:]
        for row in rows { found[row["state"]] = row["n"] }
        return ShareState.allCases.map { ($0, found[$0.rawValue] ?? 0) }
    }

    // MARK: Stewards

    /// Notes a steward's consent, and moves an item on when enough different ones agree.
    ///
    /// - Parameters:
    ///   - item: is waiting, as it was read.
    ///   - moved: what it becomes with enough consents.
    ///   - approval: of one steward; a second one of the same person changes nothing.
    /// - Returns: how many stewards agree now, and whether the item moved.
    /// - Throws: a database error.
    func approve(
        _ item: ShareItem,
        moving moved: ShareItem,
        _ approval: ShareApproval
    ) throws -> (count: Int, hasMoved: Bool) {
        try self.queue.write { db in
            let known = try String.fetchOne(db, sql: "SELECT state FROM item WHERE id = ?", arguments: [Data(item.id)])
            guard known == item.state.rawValue else { return (0, false) }
            try db.execute(
                sql: "INSERT OR IGNORE INTO approval VALUES (?, ?, ?)",
                arguments: [Data(item.id), approval.steward, Int64(clamping: approval.time)]
            )
            let sql = "SELECT count(*) FROM approval WHERE item = ?"
            let count = try Int.fetchOne(db, sql: sql, arguments: [Data(item.id)]) ?? 0
            guard count >= item.approvals else { return (count, false) }
            try db.execute(sql: Self.change, arguments: StatementArguments(moved.progress(from: item.state)))
            return (count, db.changesCount > 0)
        }
    }

    func approvals(of id: [UInt8]) throws -> [ShareApproval] {
        try self.queue.read { db in
            let sql = "SELECT steward, time FROM approval WHERE item = ? ORDER BY time, steward"
            return try Row.fetchAll(db, sql: sql, arguments: [Data(id)]).map {
                ShareApproval(steward: $0["steward"], time: UInt64(clamping: $0["time"] as Int64))
            }
        }
    }

    /// Forgets consents, so that a decision is made anew.
    func forgetApprovals(of id: [UInt8]) throws {
        try self.queue.write { try $0.execute(sql: "DELETE FROM approval WHERE item = ?", arguments: [Data(id)]) }
    }

    // MARK: Emergencies

    /// Keeps the reason of an emergency; the first one stays.
    func keep(statement: String, of author: String, for permission: [UInt8], at time: UInt64) throws {
        try self.queue.write { db in
            try db.execute(
                sql: "INSERT OR IGNORE INTO statement VALUES (?, ?, ?, ?)",
                arguments: [Data(permission), author, statement, Int64(clamping: time)]
            )
        }
    }

    func statement(for permission: [UInt8]) throws -> (author: String, text: String)? {
        try self.queue.read { db in
            let sql = "SELECT author, text FROM statement WHERE permission = ?"
            return try Row.fetchOne(db, sql: sql, arguments: [Data(permission)]).map { ($0["author"], $0["text"]) }
        }
    }

    private static let schema = """
        CREATE TABLE IF NOT EXISTS item (
            id BLOB PRIMARY KEY,
            subject TEXT NOT NULL,
            made_by BLOB NOT NULL,
            request BLOB NOT NULL,
            scope BLOB NOT NULL,
            kind TEXT NOT NULL,
            purpose TEXT NOT NULL,
            certificate BLOB NOT NULL,
            requester TEXT NOT NULL,
            decider TEXT NOT NULL,
            basis BLOB NOT NULL,
            time INTEGER NOT NULL,
            ends INTEGER NOT NULL,
            state TEXT NOT NULL,
            rule TEXT NOT NULL,
            approvals INTEGER NOT NULL,
            days_max INTEGER,
            code TEXT NOT NULL,
            reason TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            next_try INTEGER NOT NULL,
            outcome BLOB NOT NULL,
            missing TEXT NOT NULL,
            is_told INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS item_by_state ON item (state, next_try);
        CREATE INDEX IF NOT EXISTS item_by_transaction ON item (made_by);
        CREATE TABLE IF NOT EXISTS approval (
            item BLOB NOT NULL,
            steward TEXT NOT NULL,
            time INTEGER NOT NULL,
            PRIMARY KEY (item, steward)
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS statement (
            permission BLOB PRIMARY KEY,
            author TEXT NOT NULL,
            text TEXT NOT NULL,
            time INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS place (
            name TEXT PRIMARY KEY,
            height INTEGER NOT NULL,
            place INTEGER NOT NULL
        ) WITHOUT ROWID;

        """

    private static let insert =
        "INSERT OR IGNORE INTO item VALUES (" + Array(repeating: "?", count: 24).joined(separator: ", ") + ")"

    private static let change = """
        UPDATE item SET state = ?, rule = ?, approvals = ?, days_max = ?, code = ?, reason = ?, attempts = ?,
        next_try = ?, outcome = ?, missing = ?, is_told = ? WHERE id = ? AND state = ?
        """
}

extension ShareItem {
    fileprivate var row: [(any DatabaseValueConvertible)?] {
        [
            Data(self.id), self.subject.rawValue, Data(self.transaction), Data(self.request), Data(self.scope),
            self.kind.rawValue, self.purpose, Data(self.certificate), self.requester, self.decider, Data(self.basis),
            Int64(clamping: self.time), Int64(clamping: self.ends),
        ] + self.changing
    }

    fileprivate func progress(from state: ShareState) -> [(any DatabaseValueConvertible)?] {
        self.changing + [Data(self.id), state.rawValue]
    }

    private var changing: [(any DatabaseValueConvertible)?] {
        [
            self.state.rawValue, self.rule, self.approvals, self.daysMax.map { Int64(clamping: $0) }, self.code,
            self.reason, self.attempts, Int64(clamping: self.nextTry), Data(self.outcome),
            self.missing.joined(separator: "\n"), self.isTold,
        ]
    }

    fileprivate init(_ row: Row) {
        self.init(
            id: [UInt8](row["id"] as Data),
            subject: Subject(rawValue: row["subject"]) ?? .permission,
            transaction: [UInt8](row["made_by"] as Data),
            request: [UInt8](row["request"] as Data),
            scope: [UInt8](row["scope"] as Data),
            kind: ShareKind(rawValue: row["kind"]) ?? .decided,
            purpose: row["purpose"],
            certificate: [UInt8](row["certificate"] as Data),
            requester: row["requester"],
            decider: row["decider"],
            basis: [UInt8](row["basis"] as Data),
            time: UInt64(clamping: row["time"] as Int64),
            ends: UInt64(clamping: row["ends"] as Int64)
        )
        self.state = ShareState(rawValue: row["state"]) ?? .seen
        self.rule = row["rule"]
        self.approvals = row["approvals"]
        self.daysMax = (row["days_max"] as Int64?).map { UInt64(clamping: $0) }
        self.code = row["code"]
        self.reason = row["reason"]
        self.attempts = row["attempts"]
        self.nextTry = UInt64(clamping: row["next_try"] as Int64)
        self.outcome = [UInt8](row["outcome"] as Data)
        self.missing = (row["missing"] as String).split(separator: "\n").map(String.init)
        self.isTold = row["is_told"]
    }
}

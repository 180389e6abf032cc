internal import CanonicalBytes
internal import Foundation
internal import GRDB

/// Requests of other chains, in the desk's own database: what it says is on the disk before it is acted on.
struct ExchangeStore: Sendable {
    let queue: DatabaseQueue

    /// Adds items that are new, in one transaction with the place up to which the chain was read.
    ///
    /// - Returns: how many were new.
    func take(_ items: [ExchangeItem], upTo place: ChainPlace?) throws -> Int {
        try self.queue.write { db in
            var count = 0
            for item in items {
                try db.execute(sql: Self.insert, arguments: StatementArguments(item.row))
                count += db.changesCount
            }
            if let place { try ShareStore.keep(place, as: Self.placeName, db) }
            return count
        }
    }

    static let placeName = "exchanges"
    static let lookedName = "exchanges-looked-again"

    func item(_ id: String) throws -> ExchangeItem? {
        try self.queue.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM exchange WHERE id = ?", arguments: [id]).map(ExchangeItem.init)
        }
    }

    /// Items with something to do now, those that wait longest first: what is due, and what the share desk saw decided.
    func due(at now: UInt64, limit: Int) throws -> [ExchangeItem] {
        try self.queue.read { db in
            let words = ExchangeState.active.map { "'\($0.rawValue)'" }.joined(separator: ", ")
            let sql = """
                SELECT * FROM exchange WHERE state IN (\(words)) AND (next_try <= :now OR (state = 'filed'
                AND attempts = 0 AND EXISTS (SELECT 1 FROM item WHERE item.id = exchange.request
                AND item.state IN ('permitted', 'denied', 'lapsed'))))
                ORDER BY next_try, time, id LIMIT :limit
                """
            return try Row.fetchAll(db, sql: sql, arguments: ["now": Int64(clamping: now), "limit": limit])
                .map(ExchangeItem.init)
        }
    }

    /// Writes what became of an item, unless somebody moved it on meanwhile.
    ///
    /// - Returns: whether it was written.
    @discardableResult
    func update(_ item: ExchangeItem, from state: ExchangeState) throws -> Bool {
        try self.queue.write { db in
            let arguments = item.changing + [item.id, state.rawValue]
            try db.execute(sql: Self.change, arguments: StatementArguments(arguments))
            return db.changesCount > 0
        }
    }

    /// How many items are in each state; a state that nothing is in is there with 0.
    func counts() throws -> [(state: ExchangeState, count: Int)] {
        let rows = try self.queue.read { db in
            try Row.fetchAll(db, sql: "SELECT state, count(*) AS n FROM exchange GROUP BY state")
        }
        var found: [String: Int] = [:]
        for row in rows { found[row["state"]] = row["n"] }
        return ExchangeState.allCases.map { ($0, found[$0.rawValue] ?? 0) }
    }

    static let schema = """
        CREATE TABLE IF NOT EXISTS exchange (
            id TEXT PRIMARY KEY,
            made_by BLOB NOT NULL,
            share BLOB NOT NULL,
            asker BLOB NOT NULL,
            expiry INTEGER NOT NULL,
            request BLOB NOT NULL,
            inner_transaction BLOB NOT NULL,
            time INTEGER NOT NULL,
            state TEXT NOT NULL,
            code TEXT NOT NULL,
            reason TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            next_try INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS exchange_by_state ON exchange (state, next_try);

        """

    private static let insert =
        "INSERT OR IGNORE INTO exchange VALUES (" + Array(repeating: "?", count: 13).joined(separator: ", ") + ")"

    private static let change = """
        UPDATE exchange SET state = ?, code = ?, reason = ?, attempts = ?, next_try = ? WHERE id = ? AND state = ?
        """
}

extension ExchangeItem {
    fileprivate var row: [(any DatabaseValueConvertible)?] {
        [
            self.id, Data(self.transaction), Data(self.share), Data(self.asker), Int64(clamping: self.expiry),
            Data(self.request), Data(self.inner), Int64(clamping: self.time),
        ] + self.changing
    }

    fileprivate var changing: [(any DatabaseValueConvertible)?] {
        [self.state.rawValue, self.code, self.reason, self.attempts, Int64(clamping: self.nextTry)]
    }

    fileprivate init(_ row: Row) {
        self.init(
            id: row["id"],
            transaction: [UInt8](row["made_by"] as Data),
            share: [UInt8](row["share"] as Data),
            asker: [UInt8](row["asker"] as Data),
            expiry: UInt64(clamping: row["expiry"] as Int64),
            request: [UInt8](row["request"] as Data),
            inner: [UInt8](row["inner_transaction"] as Data),
            time: UInt64(clamping: row["time"] as Int64),
            state: ExchangeState(rawValue: row["state"]) ?? .refused,
            code: row["code"],
            reason: row["reason"],
            attempts: row["attempts"],
            nextTry: UInt64(clamping: row["next_try"] as Int64)
        )
    }
}

internal import CanonicalBytes
internal import Foundation
internal import GRDB

/// What another chain is told of: the deliveries under the permission that an exchange ended with.
struct DeliveryNews: Sendable, Equatable {
    /// `from-to-index` of the exchange that asked for the data.
    let exchange: String
    let permission: [UInt8]
    /// Milliseconds since 1970: the permission's last moment.
    let ends: UInt64

    /// Of the last delivery that was told, on the index channel; nil before the first.
    var place: ChainPlace?
    var told = 0
    /// Milliseconds since 1970: when something was told last, or the permission was seen.
    var active: UInt64
    var attempts = 0
    /// Why the last attempt failed, for people.
    var reason = ""
    /// Milliseconds since 1970; the largest number when nothing can come any more.
    var nextTry: UInt64

    static let never = UInt64(Int64.max)
}

/// An exchange that ended with a permission which nobody follows yet.
struct EndedExchange: Sendable, Equatable {
    let exchange: String
    let request: [UInt8]
}

/// How far other chains are told of deliveries, in the desk's own database.
struct DeliveryStore: Sendable {
    let queue: DatabaseQueue

    /// Exchanges that ended well and whose deliveries nobody follows yet.
    func fresh(limit: Int) throws -> [EndedExchange] {
        try self.queue.read { db in
            let sql = """
                SELECT id, request FROM exchange WHERE state = 'ended' AND code IN ('success', 'permitted')
                AND NOT EXISTS (SELECT 1 FROM delivery_news WHERE delivery_news.exchange = exchange.id)
                ORDER BY time, id LIMIT ?
                """
            return try Row.fetchAll(db, sql: sql, arguments: [limit]).map {
                EndedExchange(exchange: $0["id"], request: [UInt8]($0["request"] as Data))
            }
        }
    }

    func put(_ news: DeliveryNews) throws {
        try self.queue.write { db in
            try db.execute(
                sql: "INSERT OR REPLACE INTO delivery_news VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    news.exchange, Data(news.permission), Int64(clamping: news.ends),
                    news.place.map { Int64(clamping: $0.height) }, news.place.map { Int64($0.place) }, news.told,
                    Int64(clamping: news.active), news.attempts, news.reason, Int64(clamping: news.nextTry),
                ]
            )
        }
    }

    /// What is to be looked at now, those that wait longest first.
    func due(at now: UInt64, limit: Int) throws -> [DeliveryNews] {
        try self.queue.read { db in
            let sql = "SELECT * FROM delivery_news WHERE next_try <= ? ORDER BY next_try, exchange LIMIT ?"
            return try Row.fetchAll(db, sql: sql, arguments: [Int64(clamping: now), limit]).map(DeliveryNews.init)
        }
    }

    func news(of exchange: String) throws -> DeliveryNews? {
        try self.queue.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM delivery_news WHERE exchange = ?", arguments: [exchange])
                .map(DeliveryNews.init)
        }
    }

    /// How many deliveries other chains were told of.
    func told() throws -> Int {
        try self.queue.read { try Int.fetchOne($0, sql: "SELECT sum(told) FROM delivery_news") ?? 0 }
    }

    static let schema = """
        CREATE TABLE IF NOT EXISTS delivery_news (
            exchange TEXT PRIMARY KEY,
            permission BLOB NOT NULL,
            ends INTEGER NOT NULL,
            height INTEGER,
            place INTEGER,
            told INTEGER NOT NULL,
            active INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            reason TEXT NOT NULL,
            next_try INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS delivery_news_by_time ON delivery_news (next_try);

        """
}

extension DeliveryNews {
    fileprivate init(_ row: Row) {
        let (height, place): (Int64?, Int64?) = (row["height"], row["place"])
        self.init(
            exchange: row["exchange"],
            permission: [UInt8](row["permission"] as Data),
            ends: UInt64(clamping: row["ends"] as Int64),
            place: height.flatMap { height in
                place.map { ChainPlace(height: UInt64(clamping: height), place: UInt32(clamping: $0)) }
            },
            told: row["told"],
            active: UInt64(clamping: row["active"] as Int64),
            attempts: row["attempts"],
            reason: row["reason"],
            nextTry: UInt64(clamping: row["next_try"] as Int64)
        )
    }
}

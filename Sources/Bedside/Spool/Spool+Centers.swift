internal import Foundation
internal import GRDB

/// What a privacy center did wrong, with what proves it.
package struct StoredFault: Sendable, Equatable {
    package let center: String
    /// ms since 1970.
    package let seen: Int64
    /// A short word for machines.
    package let kind: String
    /// The center's signed statements.
    package let evidence: [UInt8]
}

/// Envelopes on their way, at one moment.
package struct UplinkStatistics: Sendable, Equatable {
    package var sealedEnvelopes: Int64 = 0
    package var sealedObservations: Int64 = 0
    /// Envelopes with as many receipts as were asked for.
    package var deliveredEnvelopes: Int64 = 0
    package var deliveredObservations: Int64 = 0
    /// Receipts that were verified, ever.
    package var receipts: Int64 = 0
    package var outboxEnvelopes: Int64 = 0
    package var outboxBytes: Int64 = 0
    /// When the oldest envelope of the outbox was sealed, seconds since 1970; nil when it is empty.
    package var oldestCreated: Int64?
    /// Bundles that wait for the key of their scope.
    package var heldBundles: Int64 = 0
    package var heldObservations: Int64 = 0
    /// Envelopes that a center refused for good.
    package var refusedEnvelopes: Int64 = 0
    /// Proven faults of privacy centers.
    package var faults: Int64 = 0
    /// Observations that are not sealed yet; 0 without a sealer.
    package var unsealedObservations: Int64 = 0
}

extension Spool {
    /// The last statement of a center about its tree that was found consistent; nil before the first.
    package func statement(ofCenter name: String) throws -> [UInt8]? {
        try self.file.reader.read { db in
            try Data.fetchOne(db, sql: "SELECT statement FROM center WHERE name = ?", arguments: [name])
                .map { [UInt8]($0) }
        }
    }

    /// Keeps a center's statement, which continues the one before.
    package func storeStatement(_ bytes: [UInt8], ofCenter name: String) throws(StoreRefusal) {
        let now = self.clock()
        try self.file.write(now: now) { db, _ in
            try db.execute(sql: "INSERT OR REPLACE INTO center VALUES (?, ?, ?)", arguments: [name, Data(bytes), now])
        }
    }

    /// A receipt of a center, from a random place; nil when there is none.
    package func sampleReceipt(ofCenter name: String) throws -> [UInt8]? {
        var generator = SystemRandomNumberGenerator()
        let start = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return try self.file.reader.read { db in
            for condition in ["h1 >= ?", "h1 < ?"] {
                let found = try Data.fetchOne(
                    db,
                    sql: "SELECT receipt FROM receipt WHERE \(condition) AND center = ? ORDER BY h1 LIMIT 1",
                    arguments: [Data(start), name]
                )
                if let found { return [UInt8](found) }
            }
            return nil
        }
    }

    /// Keeps evidence against a center; the same evidence is kept once.
    package func storeFault(_ evidence: [UInt8], kind: String, ofCenter name: String) throws(StoreRefusal) {
        let now = self.clock()
        try self.file.write(now: now) { db, _ in
            try db.execute(
                sql: "INSERT OR IGNORE INTO fault (center, seen_ms, kind, evidence) VALUES (?, ?, ?, ?)",
                arguments: [name, now, kind, Data(evidence)]
            )
        }
    }

    /// All evidence, oldest first.
    package func faults() throws -> [StoredFault] {
        try self.file.reader.read { db in
            try Row.fetchAll(db, sql: "SELECT center, seen_ms, kind, evidence FROM fault ORDER BY id").map { row in
                StoredFault(center: row[0], seen: row[1], kind: row[2], evidence: [UInt8](row[3] as Data))
            }
        }
    }

    /// The receipts of an envelope by center, as long as they are kept.
    package func receipts(of h1: [UInt8]) throws -> [StoredReceipt] {
        try self.file.reader.read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT center, receipt FROM receipt WHERE h1 = ? ORDER BY center",
                arguments: [Data(h1)]
            ).map { StoredReceipt(h1: h1, center: $0[0], bytes: [UInt8]($0[1] as Data)) }
        }
    }

    /// All receipts that are kept, in the order of their envelopes' index pointers.
    ///
    /// - Parameters:
    ///   - last: the last one of the page before; nil for the first page.
    ///   - max: receipts at most.
    /// - Returns: fewer than `max` at the end.
    /// - Throws: a database error.
    package func receipts(after last: StoredReceipt?, max: Int) throws -> [StoredReceipt] {
        try self.file.reader.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT h1, center, receipt FROM receipt WHERE (h1, center) > (?, ?) ORDER BY h1, center LIMIT ?
                    """,
                arguments: [Data(last?.h1 ?? []), last?.center ?? "", max]
            ).map { StoredReceipt(h1: [UInt8]($0[0] as Data), center: $0[1], bytes: [UInt8]($0[2] as Data)) }
        }
    }

    static func uplinkStatistics(ledger row: Row, _ db: Database) throws -> UplinkStatistics {
        var statistics = UplinkStatistics()
        statistics.sealedEnvelopes = row["sealed_envelopes"]
        statistics.sealedObservations = row["sealed_observations"]
        statistics.deliveredEnvelopes = row["delivered_envelopes"]
        statistics.deliveredObservations = row["delivered_observations"]
        statistics.receipts = row["receipts"]
        statistics.outboxEnvelopes = row["outbox_envelopes"]
        statistics.outboxBytes = row["outbox_bytes"]
        statistics.refusedEnvelopes = row["refused_envelopes"]
        statistics.oldestCreated = try Int64.fetchOne(db, sql: "SELECT created FROM outbox ORDER BY id LIMIT 1")
        statistics.heldBundles = try Int64.fetchOne(db, sql: "SELECT count(*) FROM held") ?? 0
        statistics.heldObservations = try Int64.fetchOne(db, sql: "SELECT sum(observations) FROM held") ?? 0
        statistics.faults = try Int64.fetchOne(db, sql: "SELECT count(*) FROM fault") ?? 0
        if let sealer = try Self.sinks(db).first(where: { $0.name == Self.sealer }) {
            statistics.unsealedObservations = (row["last_sequence"] as Int64) - sealer.sequence
        }
        return statistics
    }

    static func pruneReceipts(before time: Int64, _ rowsMax: Int, _ db: Database) throws -> Int {
        // With a chain they wait for the anchor as well.
        let unanchored = "AND h1 NOT IN (SELECT h1 FROM anchor_entry WHERE envelope IS NOT NULL)"
        let condition = try Self.isAnchoring(db) ? unanchored : ""
        try db.execute(
            sql: """
                DELETE FROM receipt WHERE (h1, center) IN (
                    SELECT h1, center FROM receipt WHERE stored_ms < ? AND h1 NOT IN (SELECT h1 FROM outbox) \(condition)
                    LIMIT ?)
                """,
            arguments: [time, rowsMax]
        )
        return db.changesCount
    }
}

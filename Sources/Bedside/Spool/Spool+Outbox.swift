internal import Foundation
internal import GRDB

/// An envelope of the outbox, without its bytes.
package struct OutboxEntry: Sendable, Hashable {
    package let id: Int64
    /// The index pointer, 32 bytes.
    package let h1: [UInt8]
    /// Digest of the sender's certificate, 32 bytes.
    package let sender: [UInt8]
    /// Seconds since 1970.
    package let created: UInt64
    /// Centers whose receipts are stored.
    package let receivedBy: [String]
}

/// A verified receipt to keep.
package struct StoredReceipt: Sendable, Equatable {
    /// The envelope's index pointer, 32 bytes.
    package let h1: [UInt8]
    /// The center's name in the configuration.
    package let center: String
    /// The receipt as the center signed it.
    package let bytes: [UInt8]

    package init(h1: [UInt8], center: String, bytes: [UInt8]) {
        self.h1 = h1
        self.center = center
        self.bytes = bytes
    }
}

extension Spool {
    /// Which end of the outbox to read.
    package enum OutboxOrder: String, Sendable {
        case newestFirst = "DESC"
        case oldestFirst = "ASC"
    }

    /// Envelopes that wait for receipts.
    ///
    /// - Parameters:
    ///   - order: which end comes first.
    ///   - lane: only its envelopes; nil for those of both.
    ///   - max: how many at most.
    /// - Returns: the entries in that order.
    /// - Throws: when the store fails.
    package func outbox(_ order: OutboxOrder, of lane: SpoolLane? = nil, max: Int) throws -> [OutboxEntry] {
        try self.file.reader.read { db in
            let condition = lane.map { "WHERE waves = \($0 == .waves ? 1 : 0)" } ?? ""
            let rows = try Row.fetchAll(
                db,
                sql: "SELECT id, h1, sender, created FROM outbox \(condition) ORDER BY id \(order.rawValue) LIMIT ?",
                arguments: [max]
            )
            return try rows.map { row in
                let h1: Data = row[1]
                let centers = try String.fetchAll(
                    db,
                    sql: "SELECT center FROM receipt WHERE h1 = ? ORDER BY center",
                    arguments: [h1]
                )
                return OutboxEntry(
                    id: row[0],
                    h1: [UInt8](h1),
                    sender: [UInt8](row[2] as Data),
                    created: UInt64(row[3] as Int64),
                    receivedBy: centers
                )
            }
        }
    }

    /// The bytes of an envelope in the outbox; nil when it has left.
    package func envelope(_ id: Int64) throws -> [UInt8]? {
        try self.file.reader.read { db in
            try Data.fetchOne(db, sql: "SELECT envelope FROM outbox WHERE id = ?", arguments: [id]).map { [UInt8]($0) }
        }
    }

    /// A certificate kept by its digest; nil when there is none.
    package func certificate(_ digest: [UInt8]) throws -> [UInt8]? {
        try self.file.reader.read { db in
            try Data.fetchOne(db, sql: "SELECT bytes FROM certificate WHERE digest = ?", arguments: [Data(digest)])
                .map { [UInt8]($0) }
        }
    }

    /// Keeps a certificate.
    package func storeCertificate(_ bytes: [UInt8], digest: [UInt8]) throws(StoreRefusal) {
        try self.file.write(now: self.clock()) { db, _ in
            try db.execute(
                sql: "INSERT OR IGNORE INTO certificate VALUES (?, ?)",
                arguments: [Data(digest), Data(bytes)]
            )
        }
    }

    /// Keeps verified receipts, and lets go of envelopes that now have enough, in one durable transaction.
    ///
    /// - Parameters:
    ///   - receipts: verified by the caller.
    ///   - copies: receipts of different centers that an envelope needs.
    /// - Throws: ``StoreRefusal``; nothing is stored then.
    package func store(_ receipts: [StoredReceipt], copies: Int) throws(StoreRefusal) {
        let now = self.clock()
        try self.file.write(now: now) { db, _ in
            var added = 0
            for receipt in receipts {
                try db.execute(
                    sql: "INSERT OR IGNORE INTO receipt VALUES (?, ?, ?, ?)",
                    arguments: [Data(receipt.h1), receipt.center, now, Data(receipt.bytes)]
                )
                added += db.changesCount
            }
            try db.execute(sql: "UPDATE ledger SET receipts = receipts + ?", arguments: [added])
            for h1 in Set(receipts.map(\.h1)) { try Self.release(Data(h1), copies: copies, now: now, db) }
        }
    }

    /// Lets go of envelopes that have enough receipts, after the number needed was lowered.
    package func releaseDelivered(copies: Int) throws(StoreRefusal) {
        let now = self.clock()
        try self.file.write(now: now) { db, _ in
            let enough = try Data.fetchAll(
                db,
                sql: "SELECT h1 FROM outbox JOIN receipt USING (h1) GROUP BY h1 HAVING count(*) >= ?",
                arguments: [copies]
            )
            for h1 in enough { try Self.release(h1, copies: copies, now: now, db) }
        }
    }

    /// Moves an envelope that a center will never take out of the way, where it stays until somebody looks at it.
    ///
    /// - Parameters:
    ///   - id: in the outbox.
    ///   - center: that refused it.
    ///   - reason: the center's code and words; no patient data.
    /// - Throws: ``StoreRefusal``.
    package func refuse(_ id: Int64, center: String, reason: String) throws(StoreRefusal) {
        let now = self.clock()
        try self.file.write(now: now) { db, _ in
            try db.execute(
                sql: """
                    INSERT INTO refused
                    SELECT id, h1, scope, sender, sequence, created, observations, envelope, ?, ?, ?, anchored, waves
                    FROM outbox WHERE id = ?
                    """,
                arguments: [center, String(reason.prefix(1_000)), now, id]
            )
            guard db.changesCount == 1 else { return }
            try Self.countLeaving(id, delivered: false, db)
            try db.execute(sql: "DELETE FROM outbox WHERE id = ?", arguments: [id])
        }
    }

    /// Puts refused envelopes back into the outbox, after what stood against them was mended.
    ///
    /// - Returns: how many.
    @discardableResult
    package func retryRefused() throws(StoreRefusal) -> Int {
        try self.file.write(now: self.clock()) { db, _ in
            try db.execute(
                sql: """
                    INSERT INTO outbox
                    (id, h1, scope, sender, sequence, created, observations, envelope, anchored, waves)
                    SELECT id, h1, scope, sender, sequence, created, observations, envelope, anchored, waves
                    FROM refused
                    """
            )
            let count = db.changesCount
            try db.execute(
                sql: """
                    UPDATE ledger SET refused_envelopes = 0, outbox_envelopes = outbox_envelopes + ?,
                    outbox_bytes = outbox_bytes + (SELECT coalesce(sum(length(envelope)), 0) FROM refused)
                    """,
                arguments: [count]
            )
            try db.execute(sql: "DELETE FROM refused")
            return count
        }
    }

    private static func release(_ h1: Data, copies: Int, now: Int64, _ db: Database) throws {
        let count = try Int.fetchOne(db, sql: "SELECT count(*) FROM receipt WHERE h1 = ?", arguments: [h1]) ?? 0
        guard count >= copies,
            let id = try Int64.fetchOne(db, sql: "SELECT id FROM outbox WHERE h1 = ?", arguments: [h1])
        else { return }
        try Self.countLeaving(id, delivered: true, db)
        try Self.makeAnchorable(id, now: now, db)
        try db.execute(sql: "DELETE FROM outbox WHERE id = ?", arguments: [id])
    }

    private static func countLeaving(_ id: Int64, delivered: Bool, _ db: Database) throws {
        let row = try Row.fetchOne(
            db,
            sql: "SELECT observations, length(envelope) FROM outbox WHERE id = ?",
            arguments: [id]
        )
        guard let row else { return }
        try db.execute(
            sql: """
                UPDATE ledger SET outbox_envelopes = outbox_envelopes - 1, outbox_bytes = outbox_bytes - :bytes,
                delivered_envelopes = delivered_envelopes + :delivered, refused_envelopes = refused_envelopes + :refused,
                delivered_observations = delivered_observations + :observations
                """,
            arguments: [
                "bytes": row[1] as Int64, "delivered": delivered ? 1 : 0, "refused": delivered ? 0 : 1,
                "observations": delivered ? row[0] as Int64 : 0,
            ]
        )
    }
}

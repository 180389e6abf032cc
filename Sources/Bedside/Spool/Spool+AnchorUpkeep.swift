internal import Foundation
internal import GRDB

/// What is known of an envelope that was sealed here, whether or not it is still here.
package struct EnvelopeNote: Sendable, Equatable {
    /// The index pointer, 32 bytes.
    package let h1: [UInt8]
    /// Digest of the scope, 32 bytes.
    package let scope: [UInt8]
    /// Digest of the sender's certificate, 32 bytes.
    package let sender: [UInt8]
    /// Number within sender and scope.
    package let sequence: UInt64
    /// Seconds since 1970.
    package let created: UInt64
    package let observations: Int64
}

extension Spool {
    /// What is known of an envelope; nil when nothing is, or no more.
    package func envelopeNote(_ h1: [UInt8]) throws -> EnvelopeNote? {
        try self.file.reader.read { db in
            try Row.fetchOne(
                db,
                sql: "SELECT h1, scope, sender, sequence, created, observations FROM envelope WHERE h1 = ?",
                arguments: [Data(h1)]
            ).map { row in
                EnvelopeNote(
                    h1: [UInt8](row[0] as Data),
                    scope: [UInt8](row[1] as Data),
                    sender: [UInt8](row[2] as Data),
                    sequence: UInt64(bitPattern: row[3] as Int64),
                    created: UInt64(bitPattern: row[4] as Int64),
                    observations: row[5]
                )
            }
        }
    }

    /// The index pointer of the envelope that holds an Observation.
    ///
    /// - Parameter sequence: the Observation's number.
    /// - Returns: nil when none does, or it is forgotten.
    /// - Throws: a database error.
    package func envelope(ofObservation sequence: Int64) throws -> [UInt8]? {
        try self.file.reader.read { db in
            let rows = try Row.fetchCursor(
                db,
                sql: "SELECT h1, lines FROM envelope WHERE last_line >= ? ORDER BY last_line",
                arguments: [sequence]
            )
            while let row = try rows.next() {
                if NumberList.decode([UInt8](row[1] as Data)).contains(sequence) { return [UInt8](row[0] as Data) }
            }
            return nil
        }
    }

    /// The bytes of an envelope wherever it lies: in the outbox, before its anchor, or among the refused.
    package func envelopeBytes(_ h1: [UInt8]) throws -> [UInt8]? {
        try self.file.reader.read { db in
            for table in ["outbox", "anchor_entry", "refused"] {
                let found = try Data.fetchOne(
                    db,
                    sql: "SELECT envelope FROM \(table) WHERE h1 = ? AND envelope IS NOT NULL",
                    arguments: [Data(h1)]
                )
                if let found { return [UInt8](found) }
            }
            return nil
        }
    }

    /// Notes what was sealed.
    static func note(_ envelope: SealedEnvelope, sender: [UInt8], now: Int64, _ db: Database) throws {
        let lines = envelope.lines.sorted()
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO envelope VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)").execute(
            arguments: [
                Data(envelope.h1), Data(envelope.scope), Data(sender), Int64(envelope.sequence),
                Int64(envelope.created), envelope.observations, now, Data(TagList.encode(envelope.tags)), lines.last,
                lines.isEmpty ? nil : Data(NumberList.encode(lines)),
            ]
        )
    }

    /// Keeps an envelope that leaves the outbox until it is anchored.
    static func makeAnchorable(_ id: Int64, now: Int64, _ db: Database) throws {
        guard try Self.isAnchoring(db) else { return }
        try db.execute(
            sql: """
                INSERT OR IGNORE INTO anchor_entry (h1, scope, created, delivered_ms, envelope)
                SELECT h1, scope, created, ?, envelope FROM outbox WHERE id = ? AND anchored
                """,
            arguments: [now, id]
        )
    }

    static func anchorStatistics(ledger row: Row, _ db: Database) throws -> AnchorStatistics {
        var statistics = AnchorStatistics()
        statistics.isOn = try Self.isAnchoring(db)
        statistics.anchoredWindows = row["anchored_windows"]
        statistics.anchoredEnvelopes = row["anchored_envelopes"]
        statistics.lateWindows = row["late_windows"]
        statistics.lastAnchored = row["last_anchored_ms"]
        for count in try Row.fetchAll(
            db,
            sql: "SELECT state, count(*) FROM anchor_window WHERE state IN ('waiting', 'refused') GROUP BY state"
        ) {
            if count[0] == StoredWindow.State.waiting.rawValue { statistics.waitingWindows = count[1] }
            if count[0] == StoredWindow.State.refused.rawValue { statistics.refusedWindows = count[1] }
        }
        let waiting = try Row.fetchOne(
            db,
            sql: """
                SELECT count(*), coalesce(sum(length(envelope)), 0), min(delivered_ms) FROM anchor_entry
                WHERE envelope IS NOT NULL
                """
        )
        if let waiting {
            (statistics.waitingEnvelopes, statistics.waitingBytes) = (waiting[0], waiting[1])
            statistics.oldestWaiting = waiting[2]
        }
        return statistics
    }

    /// Forgets what belongs to envelopes whose receipts are forgotten as well.
    ///
    /// - Returns: how many rows.
    static func pruneAnchors(before time: Int64, _ rowsMax: Int, _ db: Database) throws -> Int {
        var count = 0
        func delete(_ sql: String) throws {
            try db.execute(sql: sql, arguments: [time, max(0, rowsMax - count)])
            count += db.changesCount
        }
        try delete(
            """
            DELETE FROM anchor_entry WHERE id IN (
                SELECT id FROM anchor_entry JOIN anchor_window USING (number)
                WHERE state = 'anchored' AND anchored_ms < ? LIMIT ?)
            """
        )
        if try !Self.isAnchoring(db) {
            try delete(
                "DELETE FROM anchor_entry WHERE id IN (SELECT id FROM anchor_entry WHERE delivered_ms < ? LIMIT ?)"
            )
        }
        try delete(
            """
            DELETE FROM anchor_window WHERE number IN (
                SELECT number FROM anchor_window WHERE coalesce(anchored_ms, cut_ms) < ?
                AND NOT EXISTS (SELECT 1 FROM anchor_entry WHERE anchor_entry.number = anchor_window.number) LIMIT ?)
            """
        )
        try db.execute(sql: "DELETE FROM anchor_attempt WHERE number NOT IN (SELECT number FROM anchor_window)")
        try delete(
            """
            DELETE FROM envelope WHERE h1 IN (
                SELECT h1 FROM envelope WHERE sealed_ms < ? AND h1 NOT IN (SELECT h1 FROM outbox)
                AND h1 NOT IN (SELECT h1 FROM refused) AND h1 NOT IN (SELECT h1 FROM anchor_entry) LIMIT ?)
            """
        )
        // A scope seals for an epoch; its key goes with the last that is known of its envelopes.
        try delete(
            """
            DELETE FROM index_key WHERE (scope, sender) IN (
                SELECT scope, sender FROM index_key WHERE made_ms < ?
                AND scope NOT IN (SELECT scope FROM envelope) AND scope NOT IN (SELECT scope FROM anchor_entry) LIMIT ?)
            """
        )
        // The centers have a capsule before they have an envelope that names it.
        try delete(
            """
            DELETE FROM capsule WHERE digest IN (
                SELECT digest FROM capsule WHERE made_ms < ? AND digest NOT IN (SELECT capsule FROM sealing_key)
                AND scope NOT IN (SELECT scope FROM outbox) AND scope NOT IN (SELECT scope FROM refused) LIMIT ?)
            """
        )
        return count
    }

    /// Forgets which envelope an Observation is in once the Observation itself is gone.
    static func forgetLines(through sequence: Int64, _ db: Database) throws {
        try db.execute(
            sql: "UPDATE envelope SET last_line = NULL, lines = NULL WHERE last_line <= ?",
            arguments: [sequence]
        )
    }
}

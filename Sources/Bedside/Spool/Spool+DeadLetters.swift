internal import Foundation
internal import GRDB

extension Spool {
    /// Dead letters in the order of their numbers.
    package func deadLetters(_ filter: DeadLetterFilter = DeadLetterFilter()) throws -> [StoredDeadLetter] {
        try self.file.reader.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM dead_letter
                    WHERE id > :after AND (:profile IS NULL OR profile = :profile)
                    AND (:reason IS NULL OR reason = :reason) AND (:since IS NULL OR last_seen_ms >= :since)
                    AND (:replayed OR outcome IS NULL) ORDER BY id LIMIT :limit
                    """,
                arguments: [
                    "after": filter.after, "profile": filter.profile, "reason": filter.reasonCode,
                    "since": filter.since, "replayed": filter.includesReplayed, "limit": filter.limit,
                ]
            ).map { try self.deadLetter($0, db) }
        }
    }

    /// One dead letter; nil when there is none of this number.
    package func deadLetter(_ id: Int64) throws -> StoredDeadLetter? {
        try self.file.reader.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM dead_letter WHERE id = ?", arguments: [id])
                .map { try self.deadLetter($0, db) }
        }
    }

    /// Open dead letters counted by profile and reason, the most frequent first.
    package func deadLetterGroups() throws -> [DeadLetterGroup] {
        try self.file.reader.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT profile, reason, count(*), sum(count) FROM dead_letter WHERE outcome IS NULL
                    GROUP BY profile, reason ORDER BY sum(count) DESC, profile, reason
                    """
            ).map { DeadLetterGroup(profile: $0[0], reasonCode: $0[1], letters: $0[2], messages: $0[3]) }
        }
    }

    /// Notes what a replay brought that yielded nothing to commit.
    ///
    /// - Throws: ``StoreRefusal/failed(_:)`` when no open dead letter has this number.
    package func markReplayed(_ id: Int64, outcome: String) throws(StoreRefusal) {
        let now = self.clock()
        try self.file.write(now: now) { db, _ in try self.close(id, outcome: outcome, now: now, db) }
    }

    /// Deletes a dead letter for good.
    ///
    /// - Returns: false when there is none of this number.
    package func deleteDeadLetter(_ id: Int64) throws(StoreRefusal) -> Bool {
        try self.file.write(now: self.clock()) { db, _ in
            guard let row = try Self.open(id, db) else { return false }
            try db.execute(sql: "DELETE FROM dead_letter WHERE id = ?", arguments: [id])
            if row.isOpen { try Self.countOpen(-1, bytes: -row.bytes, db) }
            return true
        }
    }

    /// Stores a dead letter, or counts it when the same one is known.
    func store(_ letter: DeadLetter, epoch: Int64, _ db: Database) throws {
        let tag = Data(self.file.keys.tag(letter.identifyingFields))
        let time = letter.receivedAt / 1_000_000
        if let known = try Row.fetchOne(
            db,
            sql: "SELECT outcome IS NULL, bytes, id FROM dead_letter WHERE tag = ?",
            arguments: [tag]
        ) {
            // It came again after a replay had resolved it: open once more, and bounded like a new one.
            if !(known[0] as Bool) { try self.admitLetter(bytes: known[1], db) }
            try self.admit(receiptOf: letter, to: known[2], db)
            try db.execute(
                sql: """
                    UPDATE dead_letter SET count = count + 1, bytes = bytes + \(Self.receiptBytes),
                    last_seen_ms = max(last_seen_ms, ?), outcome = NULL, outcome_ms = NULL WHERE tag = ?
                    """,
                arguments: [time, tag]
            )
            return
        }
        try self.admitLetter(bytes: letter.weight, db)
        let sealed = try self.file.keys.seal(
            letter.sealedFields.bytes,
            row: Self.letterRow(tag, letter.profile, letter.reasonCode),
            epoch: epoch,
            db
        )
        try db.execute(
            sql: """
                INSERT INTO dead_letter
                (tag, profile, reason, first_seen_ms, last_seen_ms, count, bytes, epoch, sealed)
                VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?)
                """,
            arguments: [
                tag, letter.profile, letter.reasonCode, time, time, letter.weight, sealed.epoch, Data(sealed.bytes),
            ]
        )
        try Self.insert(receiptOf: letter, to: db.lastInsertedRowID, db)
    }

    /// What one more arrival of a known letter counts against the bound of dead letters, in bytes.
    private static let receiptBytes: Int64 = 32

    /// Notes one more arrival of a known letter: each is a message to replay.
    private func admit(receiptOf letter: DeadLetter, to id: Int64, _ db: Database) throws {
        let total = try Int64.fetchOne(db, sql: "SELECT open_letter_bytes FROM ledger") ?? 0
        guard total + Self.receiptBytes <= self.limits.deadLetterBytesMax else {
            throw StoreRefusal.deadLettersFull(letters: 0, bytes: total)
        }
        try Self.countOpen(0, bytes: Self.receiptBytes, db)
        try Self.insert(receiptOf: letter, to: id, db)
    }

    private static func insert(receiptOf letter: DeadLetter, to id: Int64, _ db: Database) throws {
        try db.execute(
            sql: "INSERT INTO dead_letter_receipt VALUES (?, ?, ?)",
            arguments: [id, letter.receivedAt, Int64(bitPattern: letter.messageNumber)]
        )
    }

    /// The arrivals of a dead letter's message that no replay has resolved, oldest first.
    package func receipts(of id: Int64) throws -> [DeadLetterReceipt] {
        try self.file.reader.read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT received_ns, message FROM dead_letter_receipt WHERE letter = ? ORDER BY rowid",
                arguments: [id]
            ).map { DeadLetterReceipt(receivedAt: $0[0], messageNumber: UInt64(bitPattern: $0[1])) }
        }
    }

    /// Resolves an open dead letter.
    func close(_ id: Int64, outcome: String, now: Int64, _ db: Database) throws {
        guard let row = try Self.open(id, db), row.isOpen else {
            throw StoreRefusal.failed("there is no open dead letter \(id)")
        }
        try db.execute(
            sql: "UPDATE dead_letter SET outcome = ?, outcome_ms = ? WHERE id = ?",
            arguments: [outcome, now, id]
        )
        try db.execute(sql: "DELETE FROM dead_letter_receipt WHERE letter = ?", arguments: [id])
        try db.execute(sql: "UPDATE ledger SET replayed_letters = replayed_letters + 1")
        try Self.countOpen(-1, bytes: -row.bytes, db)
    }

    /// Counts one more open letter, or refuses: the oldest is never dropped to make room.
    private func admitLetter(bytes: Int64, _ db: Database) throws {
        guard let row = try Row.fetchOne(db, sql: "SELECT open_letters, open_letter_bytes FROM ledger") else {
            throw StoreRefusal.failed("the ledger row is missing")
        }
        let (letters, total): (Int64, Int64) = (row[0], row[1])
        guard letters < self.limits.deadLettersMax, total + bytes <= self.limits.deadLetterBytesMax else {
            throw StoreRefusal.deadLettersFull(letters: letters, bytes: total)
        }
        try Self.countOpen(1, bytes: bytes, db)
    }

    private static func countOpen(_ letters: Int64, bytes: Int64, _ db: Database) throws {
        try db.execute(
            sql: "UPDATE ledger SET open_letters = open_letters + ?, open_letter_bytes = open_letter_bytes + ?",
            arguments: [letters, bytes]
        )
    }

    private static func open(_ id: Int64, _ db: Database) throws -> (isOpen: Bool, bytes: Int64)? {
        try Row.fetchOne(
            db,
            sql: "SELECT outcome IS NULL, bytes FROM dead_letter WHERE id = ?",
            arguments: [id]
        ).map { ($0[0], $0[1]) }
    }

    private func deadLetter(_ row: Row, _ db: Database) throws -> StoredDeadLetter {
        let name = Self.letterRow(row["tag"], row["profile"], row["reason"])
        let sealed = SealedBytes(epoch: row["epoch"], bytes: [UInt8](row["sealed"] as Data))
        let plain = try self.file.keys.open(sealed, row: name, db)
        guard let letter = DeadLetter(fields: plain, profile: row["profile"], reasonCode: row["reason"]) else {
            throw SpoolError.damagedRow(name)
        }
        return StoredDeadLetter(
            id: row["id"],
            letter: letter,
            count: row["count"],
            firstSeen: row["first_seen_ms"],
            lastSeen: row["last_seen_ms"],
            outcome: row["outcome"]
        )
    }

    private static func letterRow(_ tag: Data, _ profile: String?, _ reason: String) -> String {
        "dead_letter/\(tag.base64EncodedString())/\(profile ?? "")/\(reason)"
    }
}

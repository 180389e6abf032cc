internal import Foundation
internal import GRDB

extension Spool {
    /// Says whether delivered envelopes are anchored: from now on they stay until their anchor is proven.
    package func setAnchoring(_ isOn: Bool) throws(StoreRefusal) {
        try self.file.write(now: self.clock()) { db, _ in
            let sql =
                isOn
                ? "INSERT OR IGNORE INTO meta VALUES ('anchoring', 1)" : "DELETE FROM meta WHERE name = 'anchoring'"
            try db.execute(sql: sql)
        }
    }

    /// What ``setAnchoring(_:)`` said last.
    package var isAnchoring: Bool { get throws { try self.file.reader.read(Self.isAnchoring) } }

    /// Delivered envelopes that no window holds yet, in the order of their delivery.
    ///
    /// Those of a scope that the chain refuses wait until the refused windows are tried again: each would be refused too.
    package func anchorableEntries(max: Int) throws -> [AnchorEntry] {
        try self.file.reader.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT \(Self.entryColumns) WHERE number IS NULL AND anchor_entry.scope NOT IN (
                        SELECT held.scope FROM anchor_window JOIN anchor_entry AS held USING (number)
                        WHERE state = 'refused')
                    ORDER BY id LIMIT ?
                    """,
                arguments: [max]
            ).map(Self.entry)
        }
    }

    /// The number of the newest window; 0 before the first.
    package func lastWindow() throws -> UInt64 { try self.file.reader.read(Self.lastWindow) }

    /// Makes a window of waiting entries, which belong to it from now on.
    ///
    /// - Throws: ``StoreRefusal`` when an entry is gone or in a window already, or the number is not a new one; nothing
    ///   is stored then.
    package func commit(_ window: CutWindow) throws(StoreRefusal) {
        let now = self.clock()
        try self.file.write(now: now) { db, _ in try Self.insert(window, now: now, db) }
    }

    /// Puts new windows in the place of one that has no anchor, with the same envelopes; its transactions are forgotten.
    package func replace(window number: UInt64, by windows: [CutWindow]) throws(StoreRefusal) {
        let now = self.clock()
        try self.file.write(now: now) { db, _ in
            try db.execute(
                sql: "DELETE FROM anchor_window WHERE number = ? AND state != 'anchored'",
                arguments: [Int64(number)]
            )
            guard db.changesCount == 1 else { throw StoreRefusal.failed("window \(number) cannot be replaced") }
            try db.execute(sql: "DELETE FROM anchor_attempt WHERE number = ?", arguments: [Int64(number)])
            try db.execute(
                sql: "UPDATE anchor_entry SET number = NULL, position = NULL WHERE number = ?",
                arguments: [Int64(number)]
            )
            for window in windows { try Self.insert(window, now: now, db) }
        }
    }

    /// Windows in a state, oldest first.
    package func anchorWindows(_ state: StoredWindow.State, max: Int) throws -> [StoredWindow] {
        try self.file.reader.read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT \(Self.windowColumns) FROM anchor_window WHERE state = ? ORDER BY number LIMIT ?",
                arguments: [state.rawValue, max]
            ).map(Self.window)
        }
    }

    /// The window that holds an envelope; nil when none does.
    package func anchorWindow(of h1: [UInt8]) throws -> StoredWindow? {
        try self.file.reader.read { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT \(Self.windowColumns) FROM anchor_window
                    WHERE number = (SELECT number FROM anchor_entry WHERE h1 = ?)
                    """,
                arguments: [Data(h1)]
            ).map(Self.window)
        }
    }

    /// The envelopes of a window, in the order of the tree's leaves.
    package func anchorEntries(ofWindow number: UInt64) throws -> [AnchorEntry] {
        try self.file.reader.read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT \(Self.entryColumns) WHERE number = ? ORDER BY position",
                arguments: [Int64(number)]
            ).map(Self.entry)
        }
    }

    /// The proof of a window's anchor, as it was verified; nil before.
    package func anchorProof(ofWindow number: UInt64) throws -> [UInt8]? {
        try self.file.reader.read { db in
            try Data.fetchOne(db, sql: "SELECT proof FROM anchor_window WHERE number = ?", arguments: [Int64(number)])
                .map { [UInt8]($0) }
        }
    }

    // MARK: - Transactions

    /// Transactions that are remembered of one window.
    private static let attemptsMax = 8

    /// The transactions that were signed for a window, oldest first.
    package func anchorAttempts(ofWindow number: UInt64) throws -> [AnchorAttempt] {
        try self.file.reader.read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT transaction_id, bytes, outcome FROM anchor_attempt WHERE number = ? ORDER BY id",
                arguments: [Int64(number)]
            ).map { AnchorAttempt(id: [UInt8]($0[0] as Data), bytes: [UInt8]($0[1] as Data), outcome: $0[2]) }
        }
    }

    /// The greatest nonce that a signer has used; 0 before the first.
    package func lastNonce(ofSigner signer: [UInt8]) throws -> UInt64 {
        try self.file.reader.read { db in try Self.lastNonce(signer, db) }
    }

    /// Keeps a signed transaction, before anybody sees it, and its nonce.
    ///
    /// - Throws: ``StoreRefusal`` for a nonce that does not grow, or a window that does not wait.
    package func store(
        _ attempt: AnchorAttempt,
        ofWindow number: UInt64,
        signer: [UInt8],
        nonce: UInt64
    ) throws(StoreRefusal) {
        try self.file.write(now: self.clock()) { db, _ in
            guard try Self.lastNonce(signer, db) < nonce, let nonce = Int64(exactly: nonce) else {
                throw StoreRefusal.failed("the nonce \(nonce) is not a new one")
            }
            let state = try String.fetchOne(
                db,
                sql: "SELECT state FROM anchor_window WHERE number = ?",
                arguments: [Int64(number)]
            )
            guard state == StoredWindow.State.waiting.rawValue else {
                throw StoreRefusal.failed("window \(number) does not wait for an anchor")
            }
            try db.execute(
                sql: "INSERT OR REPLACE INTO anchor_nonce VALUES (?, ?)",
                arguments: [Data(signer), nonce]
            )
            try db.execute(
                sql: "INSERT INTO anchor_attempt (number, transaction_id, bytes) VALUES (?, ?, ?)",
                arguments: [Int64(number), Data(attempt.id), Data(attempt.bytes)]
            )
            // Older ones have ended long ago, and each of them costs a question.
            try db.execute(
                sql: """
                    DELETE FROM anchor_attempt WHERE number = :number AND id NOT IN (
                        SELECT id FROM anchor_attempt WHERE number = :number ORDER BY id DESC LIMIT \(Self.attemptsMax))
                    """,
                arguments: ["number": Int64(number)]
            )
        }
    }

    /// Notes that a transaction can have no effect any more.
    package func spend(attempt id: [UInt8], outcome: String) throws(StoreRefusal) {
        try self.file.write(now: self.clock()) { db, _ in
            try db.execute(
                sql: "UPDATE anchor_attempt SET outcome = ? WHERE transaction_id = ?",
                arguments: [String(outcome.prefix(1_000)), Data(id)]
            )
        }
    }

    /// Keeps the proof of a window's anchor, and lets go of its envelopes; once.
    ///
    /// - Parameters:
    ///   - proof: verified by the caller.
    ///   - number: of the window.
    ///   - height: of the block.
    ///   - isLate: as the chain marked it.
    /// - Throws: ``StoreRefusal``.
    package func storeAnchor(
        _ proof: [UInt8],
        ofWindow number: UInt64,
        height: UInt64,
        isLate: Bool
    ) throws(StoreRefusal) {
        let now = self.clock()
        try self.file.write(now: now) { db, _ in
            try db.execute(
                sql: """
                    UPDATE anchor_window SET state = 'anchored', reason = '', anchored_ms = ?, height = ?, late = ?, proof = ?
                    WHERE number = ? AND state != 'anchored'
                    """,
                arguments: [now, Int64(height), isLate, Data(proof), Int64(number)]
            )
            guard db.changesCount == 1 else { return }
            // The proof holds the transaction.
            try db.execute(sql: "DELETE FROM anchor_attempt WHERE number = ?", arguments: [Int64(number)])
            try db.execute(
                sql: "UPDATE anchor_entry SET envelope = NULL WHERE number = ?",
                arguments: [Int64(number)]
            )
            try db.execute(
                sql: """
                    UPDATE ledger SET anchored_windows = anchored_windows + 1, last_anchored_ms = :now,
                    anchored_envelopes = anchored_envelopes + :envelopes, late_windows = late_windows + :late
                    """,
                arguments: ["now": now, "envelopes": db.changesCount, "late": isLate ? 1 : 0]
            )
        }
    }

    /// Moves a window that the chain does not take out of the way.
    ///
    /// - Parameters:
    ///   - number: of the window.
    ///   - reason: a code and words; no patient data.
    /// - Throws: ``StoreRefusal``.
    package func refuseAnchor(ofWindow number: UInt64, reason: String) throws(StoreRefusal) {
        try self.file.write(now: self.clock()) { db, _ in
            try db.execute(
                sql: "UPDATE anchor_window SET state = 'refused', reason = ? WHERE number = ? AND state = 'waiting'",
                arguments: [String(reason.prefix(1_000)), Int64(number)]
            )
        }
    }

    /// Lets refused windows be tried again, after what stood against them was mended.
    ///
    /// - Returns: how many.
    @discardableResult
    package func retryRefusedAnchors() throws(StoreRefusal) -> Int {
        try self.file.write(now: self.clock()) { db, _ in
            try db.execute(sql: "UPDATE anchor_window SET state = 'waiting', reason = '' WHERE state = 'refused'")
            return db.changesCount
        }
    }

    // MARK: - The committees

    /// The blocks that named the chain's later committees, in their order.
    package func handovers() throws -> [[UInt8]] {
        try self.file.reader.read { db in
            try Data.fetchAll(db, sql: "SELECT bytes FROM handover ORDER BY epoch").map { [UInt8]($0) }
        }
    }

    /// Keeps a verified change of committee.
    ///
    /// - Parameters:
    ///   - bytes: of the handover.
    ///   - epoch: of the committee that it names.
    /// - Throws: ``StoreRefusal``.
    package func storeHandover(_ bytes: [UInt8], to epoch: UInt64) throws(StoreRefusal) {
        try self.file.write(now: self.clock()) { db, _ in
            try db.execute(
                sql: "INSERT OR IGNORE INTO handover VALUES (?, ?)",
                arguments: [Int64(epoch), Data(bytes)]
            )
        }
    }

    // MARK: - Rows

    private static let windowColumns =
        "number, state, root, envelopes, created_min, created_max, cut_ms, reason, anchored_ms, height, late"
    private static let entryColumns = """
        anchor_entry.h1, anchor_entry.scope, anchor_entry.created, delivered_ms, tags
        FROM anchor_entry LEFT JOIN envelope ON envelope.h1 = anchor_entry.h1
        """

    private static func window(_ row: Row) throws -> StoredWindow {
        guard let state = StoredWindow.State(rawValue: row[1]) else {
            throw SpoolError.damagedRow("anchor_window/\(row[0] as Int64)")
        }
        return StoredWindow(
            number: UInt64(bitPattern: row[0] as Int64),
            state: state,
            root: [UInt8](row[2] as Data),
            envelopes: row[3],
            createdMin: UInt64(bitPattern: row[4] as Int64),
            createdMax: UInt64(bitPattern: row[5] as Int64),
            cut: row[6],
            reason: row[7],
            anchored: row[8],
            height: (row[9] as Int64?).map { UInt64(bitPattern: $0) },
            isLate: row[10]
        )
    }

    private static func entry(_ row: Row) -> AnchorEntry {
        AnchorEntry(
            h1: [UInt8](row[0] as Data),
            scope: [UInt8](row[1] as Data),
            created: UInt64(bitPattern: row[2] as Int64),
            delivered: row[3],
            tags: TagList.decode((row[4] as Data?).map { [UInt8]($0) } ?? [])
        )
    }

    private static func insert(_ window: CutWindow, now: Int64, _ db: Database) throws {
        guard try Self.lastWindow(db) < window.number, let number = Int64(exactly: window.number),
            !window.h1s.isEmpty
        else { throw StoreRefusal.failed("window \(window.number) does not follow the last one") }
        try db.execute(
            sql: """
                INSERT INTO anchor_window (number, state, root, envelopes, created_min, created_max, cut_ms)
                VALUES (?, 'waiting', ?, ?, ?, ?, ?)
                """,
            arguments: [
                number, Data(window.root), window.h1s.count, Int64(bitPattern: window.createdMin),
                Int64(bitPattern: window.createdMax), now,
            ]
        )
        for (position, h1) in window.h1s.enumerated() {
            try db.cachedStatement(
                sql: "UPDATE anchor_entry SET number = ?, position = ? WHERE h1 = ? AND number IS NULL"
            ).execute(arguments: [number, position, Data(h1)])
            guard db.changesCount == 1 else { throw StoreRefusal.failed("an envelope of the window does not wait") }
        }
        try db.execute(sql: "UPDATE ledger SET last_window = ?", arguments: [number])
    }

    private static func lastWindow(_ db: Database) throws -> UInt64 {
        UInt64(bitPattern: try Int64.fetchOne(db, sql: "SELECT last_window FROM ledger") ?? 0)
    }

    private static func lastNonce(_ signer: [UInt8], _ db: Database) throws -> UInt64 {
        let last = try Int64.fetchOne(
            db,
            sql: "SELECT last FROM anchor_nonce WHERE signer = ?",
            arguments: [Data(signer)]
        )
        return UInt64(bitPattern: last ?? 0)
    }

    static func isAnchoring(_ db: Database) throws -> Bool {
        try Int64.fetchOne(db, sql: "SELECT 1 FROM meta WHERE name = 'anchoring'") != nil
    }
}

internal import Foundation
internal import GRDB

/// Everything that is derived from raw messages: observations, dead letters, counters, state.
///
/// One writer per process (the normalizer, the sinks, upkeep) in turn, and another process may write at
/// the same time: a command line that associates a patient or replays a dead letter.
package final class Spool: Sendable {
    let file: StoreFile
    let limits: SpoolLimits
    let clock: @Sendable () -> Int64
    let compressor: ChunkCompressor

    /// Opens `spool.db` in a state directory, which is made when it does not exist.
    ///
    /// Nothing but the master key is needed: no configuration and no profile can keep the data from opening.
    /// The clock (milliseconds since 1970) decides which epoch key seals, and what is old.
    ///
    /// - Throws: ``SpoolError``.
    package init(
        directory: String,
        masterKey: MasterKey,
        limits: SpoolLimits = SpoolLimits(),
        clock: @escaping @Sendable () -> Int64 = systemMilliseconds
    ) throws {
        self.file = try StoreFile(
            directory: directory,
            name: FileNames.spool,
            schemas: [
                Self.schema, Self.uplinkSchema, Self.anchorSchema, Self.dualControlSchema, Self.shareSchema,
                Self.laneSchema, Self.replaySchema, Self.deviceSchema, Self.accountSchema, Self.movementSchema,
                Self.sealedAccountSchema,
            ],
            master: masterKey,
            rotationSeconds: limits.keyRotationSeconds
        )
        self.limits = limits
        self.clock = clock
        self.compressor = try ChunkCompressor()
    }

    /// Ties a lane's cursor to its inbox, and says what a stop or a crash left to do.
    ///
    /// An inbox that was deleted and made anew numbers from 1 again: the cursor then starts anew too.
    package func recover(from inbox: Inbox) throws -> RecoveryReport {
        let identity = Data(inbox.file.identity)
        let replaced = try self.file.write(now: self.clock()) { db, _ in
            let known = try Self.knownInbox(of: inbox.lane, db)
            guard known != identity else { return false }
            switch inbox.lane {
            case .numerics:
                try db.execute(sql: "INSERT OR REPLACE INTO meta VALUES ('inbox', ?)", arguments: [identity])
            case .waves:
                try db.execute(sql: "UPDATE lane SET inbox = ? WHERE name = 'waves'", arguments: [identity])
            }
            guard known != nil else { return false }
            try db.execute(sql: "UPDATE \(inbox.lane.cursorTable) SET cursor = 0")
            // What the old inbox held can no longer be held against the accounts.
            let nextHour = self.clock() / AccountSheet.hourMilliseconds + 1
            try db.execute(sql: "UPDATE ledger SET audit_from_hour = ?", arguments: [nextHour])
            return true
        }
        let cursor = try self.cursor(of: inbox.lane)
        let backlog = try inbox.holding(after: cursor)
        return RecoveryReport(
            cursor: cursor,
            batchesToNormalize: backlog.batches,
            messages: backlog.messages,
            inboxReplaced: replaced
        )
    }

    private static func knownInbox(of lane: SpoolLane, _ db: Database) throws -> Data? {
        switch lane {
        case .numerics: try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'inbox'")
        case .waves: try Data.fetchOne(db, sql: "SELECT inbox FROM lane WHERE name = 'waves'")
        }
    }

    /// The newest inbox batch that is committed; 0 before the first.
    package var cursor: Int64 { get throws { try self.cursor(of: .numerics) } }

    /// The newest batch of a lane's inbox that is committed; 0 before the first.
    package func cursor(of lane: SpoolLane) throws -> Int64 {
        try self.file.reader.inDatabase { try Self.cursor(of: lane, $0) }
    }

    static func cursor(of lane: SpoolLane, _ db: Database) throws -> Int64 {
        try Int64.fetchOne(db, sql: "SELECT cursor FROM \(lane.cursorTable)") ?? 0
    }

    /// All state blobs by name, as the last commits left them.
    package func states() throws -> [String: [UInt8]] {
        try self.file.reader.read { db in
            var states: [String: [UInt8]] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT tag, epoch, sealed FROM state") {
                let tag: Data = row[0]
                let sealed = SealedBytes(epoch: row[1], bytes: [UInt8](row[2] as Data))
                var fields = FieldReader(try self.file.keys.open(sealed, row: Self.stateRow(tag), db))
                guard let name = fields.text(), let value = fields.field() else {
                    throw SpoolError.damagedRow(Self.stateRow(tag))
                }
                states[name] = value
            }
            return states
        }
    }

    /// Changes when another process commits; compare with an earlier value to notice new associations.
    package func dataVersion() throws -> Int64 {
        // On the writer: its own commits do not change the value that it reads.
        try self.file.writer.inDatabase { db in
            let query = try PreparedStatement(db, "PRAGMA data_version")
            defer { query.reset() }
            return try query.next() ? query.integer(0) : 0
        }
    }

    /// Names may hold device identifiers, so a row is found by a keyed tag.
    func storeState(_ name: String, _ value: [UInt8], epoch: Int64, _ db: Database) throws {
        var fields = FieldWriter()
        fields.write(name)
        let tag = Data(self.file.keys.tag(fields))
        guard !value.isEmpty else {
            try db.execute(sql: "DELETE FROM state WHERE tag = ?", arguments: [tag])
            return
        }
        fields.write(value)
        let sealed = try self.file.keys.seal(fields.bytes, row: Self.stateRow(tag), epoch: epoch, db)
        try db.execute(
            sql: "INSERT OR REPLACE INTO state (tag, epoch, sealed) VALUES (?, ?, ?)",
            arguments: [tag, sealed.epoch, Data(sealed.bytes)]
        )
    }

    static func stateRow(_ tag: Data) -> String { "state/\(tag.base64EncodedString())" }
}

/// What a start found that an earlier run had not finished.
package struct RecoveryReport: Sendable, Equatable {
    /// The newest batch that had been normalized.
    package let cursor: Int64
    package let batchesToNormalize: Int64
    package let messages: Int64
    /// True when the inbox is not the one that this spool knew.
    package let inboxReplaced: Bool
}

extension Spool {
    static let schema = """
        CREATE TABLE ledger (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            cursor INTEGER NOT NULL DEFAULT 0,
            last_sequence INTEGER NOT NULL DEFAULT 0,
            received INTEGER NOT NULL DEFAULT 0,
            normalized INTEGER NOT NULL DEFAULT 0,
            duplicate INTEGER NOT NULL DEFAULT 0,
            dead_lettered INTEGER NOT NULL DEFAULT 0,
            ignored INTEGER NOT NULL DEFAULT 0,
            redelivered INTEGER NOT NULL DEFAULT 0,
            stored INTEGER NOT NULL DEFAULT 0,
            suppressed INTEGER NOT NULL DEFAULT 0,
            open_letters INTEGER NOT NULL DEFAULT 0,
            open_letter_bytes INTEGER NOT NULL DEFAULT 0,
            replayed_letters INTEGER NOT NULL DEFAULT 0
        );
        INSERT INTO ledger (id) VALUES (1);
        CREATE TABLE reading_key (
            time_ms INTEGER NOT NULL,
            hash INTEGER NOT NULL,
            seen_day INTEGER NOT NULL,
            PRIMARY KEY (time_ms, hash)
        ) WITHOUT ROWID;
        CREATE TABLE chunk (
            first_sequence INTEGER PRIMARY KEY,
            observations INTEGER NOT NULL,
            received_from_ms INTEGER NOT NULL,
            received_to_ms INTEGER NOT NULL,
            plain_bytes INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            sealed BLOB NOT NULL
        );
        CREATE TABLE dead_letter (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            tag BLOB NOT NULL UNIQUE,
            profile TEXT,
            reason TEXT NOT NULL,
            first_seen_ms INTEGER NOT NULL,
            last_seen_ms INTEGER NOT NULL,
            count INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            outcome TEXT,
            outcome_ms INTEGER,
            epoch INTEGER NOT NULL,
            sealed BLOB NOT NULL
        );
        CREATE TABLE dead_letter_receipt (
            letter INTEGER NOT NULL REFERENCES dead_letter (id) ON DELETE CASCADE,
            received_ns INTEGER NOT NULL,
            message INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX dead_letter_receipt_by_letter ON dead_letter_receipt (letter);
        CREATE INDEX dead_letter_by_reason ON dead_letter (profile, reason);
        CREATE TABLE state (tag BLOB PRIMARY KEY, epoch INTEGER NOT NULL, sealed BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE sink (
            name TEXT PRIMARY KEY,
            sequence INTEGER NOT NULL,
            file_offset INTEGER NOT NULL,
            advanced_ms INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE association (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            subject_tag BLOB NOT NULL,
            from_ms INTEGER NOT NULL,
            to_ms INTEGER,
            epoch INTEGER NOT NULL,
            sealed BLOB NOT NULL
        );
        CREATE INDEX association_by_subject ON association (subject_tag, from_ms);
        """
}

extension Spool {
    /// Version 3: what is known of sealed envelopes, and how windows of them get onto the chain.
    static let anchorSchema = """
        CREATE TABLE envelope (
            h1 BLOB PRIMARY KEY,
            scope BLOB NOT NULL,
            sender BLOB NOT NULL,
            sequence INTEGER NOT NULL,
            created INTEGER NOT NULL,
            observations INTEGER NOT NULL,
            sealed_ms INTEGER NOT NULL,
            tags BLOB NOT NULL,
            last_line INTEGER,
            lines BLOB
        ) WITHOUT ROWID;
        CREATE INDEX envelope_by_line ON envelope (last_line) WHERE last_line IS NOT NULL;
        CREATE INDEX envelope_by_time ON envelope (sealed_ms);
        CREATE TABLE index_key (
            scope BLOB NOT NULL,
            sender TEXT NOT NULL,
            handed INTEGER NOT NULL,
            made_ms INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            sealed BLOB NOT NULL,
            PRIMARY KEY (scope, sender)
        ) WITHOUT ROWID;
        CREATE TABLE anchor_entry (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            h1 BLOB NOT NULL UNIQUE,
            scope BLOB NOT NULL,
            created INTEGER NOT NULL,
            delivered_ms INTEGER NOT NULL,
            number INTEGER,
            position INTEGER,
            envelope BLOB
        );
        CREATE INDEX anchor_entry_waiting ON anchor_entry (id) WHERE number IS NULL;
        CREATE INDEX anchor_entry_by_window ON anchor_entry (number, position) WHERE number IS NOT NULL;
        CREATE TABLE anchor_window (
            number INTEGER PRIMARY KEY,
            state TEXT NOT NULL,
            root BLOB NOT NULL,
            envelopes INTEGER NOT NULL,
            created_min INTEGER NOT NULL,
            created_max INTEGER NOT NULL,
            cut_ms INTEGER NOT NULL,
            reason TEXT NOT NULL DEFAULT '',
            anchored_ms INTEGER,
            height INTEGER,
            late INTEGER NOT NULL DEFAULT 0,
            proof BLOB
        );
        CREATE INDEX anchor_window_by_state ON anchor_window (state, number);
        CREATE TABLE anchor_attempt (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            number INTEGER NOT NULL,
            transaction_id BLOB NOT NULL UNIQUE,
            bytes BLOB NOT NULL,
            outcome TEXT
        );
        CREATE INDEX anchor_attempt_by_window ON anchor_attempt (number, id);
        CREATE TABLE anchor_nonce (signer BLOB PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE handover (epoch INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
        ALTER TABLE ledger ADD COLUMN last_window INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE ledger ADD COLUMN anchored_windows INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE ledger ADD COLUMN anchored_envelopes INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE ledger ADD COLUMN late_windows INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE ledger ADD COLUMN last_anchored_ms INTEGER;
        """
}

extension Spool {
    /// Version 2: what is sealed for the institution and delivered to privacy centers.
    static let uplinkSchema = """
        CREATE TABLE material (
            first_sequence INTEGER PRIMARY KEY,
            plain_bytes INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            sealed BLOB NOT NULL
        );
        CREATE TABLE held (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            stream BLOB NOT NULL,
            observations INTEGER NOT NULL,
            held_ms INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            sealed BLOB NOT NULL
        );
        CREATE INDEX held_by_stream ON held (stream, id);
        CREATE TABLE scope (
            stream BLOB NOT NULL,
            scope_epoch INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            sealed BLOB NOT NULL,
            PRIMARY KEY (stream, scope_epoch)
        ) WITHOUT ROWID;
        CREATE TABLE sequence_counter (
            sender BLOB NOT NULL,
            scope BLOB NOT NULL,
            next INTEGER NOT NULL,
            PRIMARY KEY (sender, scope)
        ) WITHOUT ROWID;
        CREATE TABLE certificate (digest BLOB PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE outbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            h1 BLOB NOT NULL UNIQUE,
            scope BLOB NOT NULL,
            sender BLOB NOT NULL,
            sequence INTEGER NOT NULL,
            created INTEGER NOT NULL,
            observations INTEGER NOT NULL,
            envelope BLOB NOT NULL
        );
        CREATE TABLE refused (
            id INTEGER PRIMARY KEY,
            h1 BLOB NOT NULL,
            scope BLOB NOT NULL,
            sender BLOB NOT NULL,
            sequence INTEGER NOT NULL,
            created INTEGER NOT NULL,
            observations INTEGER NOT NULL,
            envelope BLOB NOT NULL,
            center TEXT NOT NULL,
            reason TEXT NOT NULL,
            refused_ms INTEGER NOT NULL
        );
        CREATE TABLE receipt (
            h1 BLOB NOT NULL,
            center TEXT NOT NULL,
            stored_ms INTEGER NOT NULL,
            receipt BLOB NOT NULL,
            PRIMARY KEY (h1, center)
        ) WITHOUT ROWID;
        CREATE INDEX receipt_by_time ON receipt (stored_ms);
        CREATE TABLE center (
            name TEXT PRIMARY KEY,
            statement BLOB NOT NULL,
            checked_ms INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE fault (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            center TEXT NOT NULL,
            seen_ms INTEGER NOT NULL,
            kind TEXT NOT NULL,
            evidence BLOB NOT NULL,
            UNIQUE (center, kind, evidence)
        );
        ALTER TABLE ledger ADD COLUMN sealed_envelopes INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE ledger ADD COLUMN sealed_observations INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE ledger ADD COLUMN delivered_envelopes INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE ledger ADD COLUMN delivered_observations INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE ledger ADD COLUMN receipts INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE ledger ADD COLUMN outbox_envelopes INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE ledger ADD COLUMN outbox_bytes INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE ledger ADD COLUMN refused_envelopes INTEGER NOT NULL DEFAULT 0;
        """
}

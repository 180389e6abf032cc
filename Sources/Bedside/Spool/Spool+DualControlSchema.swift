extension Spool {
    /// Version 4: the epoch keys that envelopes are sealed with, and the capsules that carry these to receivers.
    ///
    /// `sealing_key` has the key alone sealed: scope, sender and capsule stand in every envelope.
    static let dualControlSchema = """
        CREATE TABLE sealing_key (
            scope BLOB NOT NULL,
            sender TEXT NOT NULL,
            scope_epoch INTEGER NOT NULL,
            parameters BLOB NOT NULL,
            capsule BLOB NOT NULL,
            epoch INTEGER NOT NULL,
            sealed BLOB NOT NULL,
            PRIMARY KEY (scope, sender)
        ) WITHOUT ROWID;
        CREATE TABLE capsule (
            digest BLOB PRIMARY KEY,
            scope BLOB NOT NULL,
            made_ms INTEGER NOT NULL,
            bytes BLOB NOT NULL
        ) WITHOUT ROWID;
        ALTER TABLE outbox ADD COLUMN anchored INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE refused ADD COLUMN anchored INTEGER NOT NULL DEFAULT 1;
        """
}

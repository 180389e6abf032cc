extension Spool {
    /// Version 5: signed share requests on their way to the chain.
    ///
    /// The transaction goes when the outcome is known: the proof holds it.
    static let shareSchema = """
        CREATE TABLE share_request (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            id BLOB NOT NULL UNIQUE,
            channel INTEGER NOT NULL,
            method TEXT NOT NULL,
            source TEXT NOT NULL,
            state TEXT NOT NULL DEFAULT 'queued',
            valid_until_ms INTEGER NOT NULL,
            accepted_ms INTEGER NOT NULL,
            handed_ms INTEGER,
            settled_ms INTEGER,
            height INTEGER,
            code INTEGER,
            reason TEXT NOT NULL DEFAULT '',
            bytes INTEGER NOT NULL,
            epoch INTEGER,
            proof_epoch INTEGER,
            sealed BLOB,
            proof BLOB
        );
        CREATE INDEX share_request_open ON share_request (sequence, bytes, accepted_ms) WHERE settled_ms IS NULL;
        CREATE INDEX share_request_by_state ON share_request (state);
        CREATE INDEX share_request_by_end ON share_request (settled_ms) WHERE settled_ms IS NOT NULL;
        CREATE INDEX share_request_by_epoch ON share_request (epoch) WHERE epoch IS NOT NULL;
        CREATE INDEX share_request_by_proof_epoch ON share_request (proof_epoch) WHERE proof_epoch IS NOT NULL;
        ALTER TABLE ledger ADD COLUMN share_requests INTEGER NOT NULL DEFAULT 0;
        """
}

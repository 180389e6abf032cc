/// Which way messages take: each lane has an inbox and a cursor of its own, and both end in one spool.
package enum SpoolLane: String, Sendable, CaseIterable {
    /// Numbers, alarms, events: never behind a waveform.
    case numerics
    /// Blocks of samples.
    case waves

    /// The table whose only row has the lane's cursor.
    var cursorTable: String { self == .waves ? "lane" : "ledger" }

    var fileName: String { self == .waves ? FileNames.waves : FileNames.inbox }
}

extension Spool {
    /// Version 6: the cursor of the waveforms' lane, and which lane an envelope belongs to.
    static let laneSchema = """
        CREATE TABLE lane (name TEXT PRIMARY KEY, cursor INTEGER NOT NULL DEFAULT 0, inbox BLOB) WITHOUT ROWID;
        INSERT INTO lane (name) VALUES ('waves');
        ALTER TABLE outbox ADD COLUMN waves INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE refused ADD COLUMN waves INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX outbox_by_lane ON outbox (waves, id);
        """
}

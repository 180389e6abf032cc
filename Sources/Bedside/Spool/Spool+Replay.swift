internal import GRDB
package import Records

/// Where a chunk of Observations stands, without its content.
package struct ChunkSpan: Sendable, Equatable {
    package let firstSequence: Int64
    package let observations: Int
    /// Receive time of the earliest and latest message of its commit, ms since 1970.
    package let receivedFrom: Int64
    package let receivedTo: Int64

    /// Sequence of the last Observation.
    package var lastSequence: Int64 { self.firstSequence + Int64(self.observations) - 1 }
}

extension Spool {
    /// Version 7: what replays with mended profiles brought.
    static let replaySchema = """
        ALTER TABLE ledger ADD COLUMN corrected INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE ledger ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0;
        """

    /// Whether a reading is stored, or an Observation that was corrected to it.
    package func knows(_ key: DedupKey) throws -> Bool {
        try self.file.reader.inDatabase { db in
            let query = try PreparedStatement(db, "SELECT 1 FROM reading_key WHERE time_ms = ? AND hash = ?")
            query.bind(1, key.timeMilliseconds)
            query.bind(2, Int64(bitPattern: key.hash))
            defer { query.reset() }
            return try query.next()
        }
    }

    /// The chunks after a sequence, in order, without reading them.
    package func chunkSpans(after sequence: Int64) throws -> [ChunkSpan] {
        try self.file.reader.read { db in
            let query = try PreparedStatement(
                db,
                """
                SELECT first_sequence, observations, received_from_ms, received_to_ms FROM chunk
                WHERE first_sequence > ? ORDER BY first_sequence
                """
            )
            query.bind(1, sequence)
            defer { query.reset() }
            var spans: [ChunkSpan] = []
            while try query.next() {
                spans.append(
                    ChunkSpan(
                        firstSequence: query.integer(0),
                        observations: Int(query.integer(1)),
                        receivedFrom: query.integer(2),
                        receivedTo: query.integer(3)
                    )
                )
            }
            return spans
        }
    }
}

extension Inbox {
    /// The last batch that was received before a moment (ms since 1970); 0 when there is none.
    ///
    /// Times of batches ascend as long as nobody sets the gateway's clock.
    package func batch(before time: Int64) throws -> Int64 {
        try self.file.reader.inDatabase { db in
            let query = try PreparedStatement(
                db,
                "SELECT coalesce(max(id), 0) FROM batch WHERE id < "
                    + "coalesce((SELECT id FROM batch WHERE received_ms >= ? ORDER BY id LIMIT 1), 9223372036854775807)"
            )
            query.bind(1, time)
            defer { query.reset() }
            return try query.next() ? query.integer(0) : 0
        }
    }
}

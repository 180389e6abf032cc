internal import Foundation
internal import GRDB

/// Consecutive observations as NDJSON.
package struct ObservationChunk: Sendable, Equatable {
    /// Sequence of the first line.
    package let firstSequence: Int64
    /// Number of lines.
    package let count: Int
    /// Each line ends in a line feed.
    package let lines: [UInt8]
    /// Sequence of the last line: where to go on.
    package var lastSequence: Int64 { self.firstSequence + Int64(self.count) - 1 }
}

/// How far a sink has come.
package struct SinkPosition: Sendable, Equatable {
    package let name: String
    /// The newest observation that the sink has made durable; 0 before the first.
    package let sequence: Int64
    /// Bytes of the sink's file at that moment; what lies beyond is written again.
    package let fileOffset: Int64
}

extension Spool {
    /// The observations after a sequence, in order.
    ///
    /// - Parameters:
    ///   - sequence: the newest observation already seen; 0 for all.
    ///   - chunksMax: bound of the memory used, about a mebibyte each.
    /// - Returns: consecutive chunks; empty at the end.
    /// - Throws: ``SpoolError`` when a chunk does not open.
    package func observations(after sequence: Int64, chunksMax: Int = 1) throws -> [ObservationChunk] {
        try self.file.reader.read { db in
            let query = try PreparedStatement(
                db,
                """
                SELECT first_sequence, observations, plain_bytes, epoch, sealed FROM chunk
                WHERE first_sequence >= coalesce(
                    (SELECT max(first_sequence) FROM chunk WHERE first_sequence <= ?1 + 1), 0)
                AND first_sequence + observations > ?1 + 1 ORDER BY first_sequence LIMIT ?2
                """
            )
            query.bind(1, sequence)
            query.bind(2, Int64(chunksMax))
            defer { query.reset() }
            var chunks: [ObservationChunk] = []
            while try query.next() { chunks.append(try self.chunk(query, after: sequence, db)) }
            return chunks
        }
    }

    /// Makes a sink known: from now on its undelivered observations are kept.
    ///
    /// - Returns: where it stands; at 0 when it is new.
    @discardableResult
    package func registerSink(_ name: String) throws(StoreRefusal) -> SinkPosition {
        let now = self.clock()
        return try self.file.write(now: now) { db, _ in
            try db.execute(sql: "INSERT OR IGNORE INTO sink VALUES (?, 0, 0, ?)", arguments: [name, now])
            return try Self.sinks(db).first { $0.name == name }
                ?? SinkPosition(name: name, sequence: 0, fileOffset: 0)
        }
    }

    /// Forgets a sink, so that it holds nothing back any more; with the sealer goes its raw material.
    package func removeSink(_ name: String) throws(StoreRefusal) {
        try self.file.write(now: self.clock()) { db, _ in
            try db.execute(sql: "DELETE FROM sink WHERE name = ?", arguments: [name])
            if name == Self.sealer { try db.execute(sql: "DELETE FROM material") }
        }
    }

    /// Where a sink stands; nil when it is not registered.
    package func sinkPosition(_ name: String) throws -> SinkPosition? { try self.sinks().first { $0.name == name } }

    /// All registered sinks by name.
    package func sinks() throws -> [SinkPosition] { try self.file.reader.read { try Self.sinks($0) } }

    /// Notes durably that a sink has everything up to a sequence.
    ///
    /// - Throws: ``StoreRefusal/failed(_:)`` when the sink is unknown, or the sequence goes back or beyond the newest.
    package func advanceSink(_ name: String, to sequence: Int64, fileOffset: Int64) throws(StoreRefusal) {
        let now = self.clock()
        try self.file.write(now: now) { db, _ in
            try db.execute(
                sql: """
                    UPDATE sink SET sequence = :to, file_offset = :offset, advanced_ms = :now WHERE name = :name
                    AND sequence <= :to AND :to <= (SELECT last_sequence FROM ledger)
                    """,
                arguments: ["to": sequence, "offset": fileOffset, "now": now, "name": name]
            )
            guard db.changesCount == 1 else {
                throw StoreRefusal.failed("sink `\(name)` cannot stand at observation \(sequence)")
            }
        }
    }

    static func sinks(_ db: Database) throws -> [SinkPosition] {
        try Row.fetchAll(db, sql: "SELECT name, sequence, file_offset FROM sink ORDER BY name")
            .map { SinkPosition(name: $0[0], sequence: $0[1], fileOffset: $0[2]) }
    }

    private func chunk(_ query: PreparedStatement, after sequence: Int64, _ db: Database) throws -> ObservationChunk {
        let (first, count, plain) = (query.integer(0), query.integer(1), query.integer(2))
        let row = Self.chunkRow(first, observations: count, plain: plain)
        let sealed = SealedBytes(epoch: query.integer(3), bytes: query.blob(4))
        let compressed = try self.file.keys.open(sealed, row: row, db)
        guard let lines = self.compressor.decompress(compressed, count: Int(plain)) else {
            throw SpoolError.damagedRow(row)
        }
        let known = max(0, sequence + 1 - first)
        guard known > 0 else { return ObservationChunk(firstSequence: first, count: Int(count), lines: lines) }
        return ObservationChunk(
            firstSequence: first + known,
            count: Int(count - known),
            lines: Self.dropLines(Int(known), lines)
        )
    }

    private static func dropLines(_ count: Int, _ lines: [UInt8]) -> [UInt8] {
        var left = count
        var start = 0
        while left > 0, start < lines.count {
            if lines[start] == UInt8(ascii: "\n") { left -= 1 }
            start += 1
        }
        return Array(lines[start...])
    }
}

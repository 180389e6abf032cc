internal import GRDB

/// Observations with the raw messages they came from: what the sealer takes.
package struct SealableChunk: Sendable {
    /// Sequence of the first Observation.
    package let firstSequence: Int64
    /// Receive time of the earliest message of its commit, ms since 1970.
    package let receivedFrom: Int64
    /// The Observations as NDJSON, each ended by a line feed.
    package let lines: [UInt8]
    /// Where each line ends, line feed included.
    package let lineEnds: [Int]
    /// One item for each line.
    package let material: RawMaterial

    /// Sequence of the last Observation: where to go on.
    package var lastSequence: Int64 { self.firstSequence + Int64(self.lineEnds.count) - 1 }
    /// Bytes that it takes in memory, about.
    package var weight: Int { self.lines.count + self.material.bytes.count }
}

extension Spool {
    /// The name under which the sealer stands among the sinks, so that what it lacks is kept.
    package static let sealer = "uplink"

    /// Whether raw material must be stored, because a sealer is registered.
    package func keepsMaterial() throws -> Bool { try self.sinkPosition(Self.sealer) != nil }

    /// Makes the sealer known: raw material is stored from now on.
    ///
    /// What is in the spool already has no raw material beside it and stays in the ward.
    ///
    /// - Returns: the newest Observation that is sealed.
    @discardableResult
    package func registerSealer() throws(StoreRefusal) -> Int64 {
        let now = self.clock()
        return try self.file.write(now: now) { db, _ in
            try db.execute(
                sql: "INSERT OR IGNORE INTO sink SELECT ?, last_sequence, 0, ? FROM ledger",
                arguments: [Self.sealer, now]
            )
            if db.changesCount == 1 { try Self.beginAccounts(now: now, db) }
            return try Self.sinks(db).first { $0.name == Self.sealer }?.sequence ?? 0
        }
    }

    /// Chunks after a sequence with their raw material, oldest first.
    ///
    /// - Parameters:
    ///   - sequence: the newest Observation already seen; a chunk's last one.
    ///   - bytesMax: where to stop; one chunk is returned however large it is.
    /// - Returns: consecutive chunks; empty at the end.
    /// - Throws: ``SpoolError`` when a row does not open or its material is missing.
    package func sealableChunks(after sequence: Int64, bytesMax: Int) throws -> [SealableChunk] {
        var chunks: [SealableChunk] = []
        var weight = 0
        var last = sequence
        while weight < bytesMax, let chunk = try self.sealableChunk(after: last) {
            last = chunk.lastSequence
            weight += chunk.weight
            chunks.append(chunk)
        }
        return chunks
    }

    private func sealableChunk(after sequence: Int64) throws -> SealableChunk? {
        guard let chunk = try self.observations(after: sequence).first else { return nil }
        return try self.file.reader.read { db in
            let query = try PreparedStatement(
                db,
                """
                SELECT material.epoch, material.sealed, material.plain_bytes, chunk.received_from_ms
                FROM material JOIN chunk USING (first_sequence) WHERE first_sequence = ?
                """
            )
            query.bind(1, chunk.firstSequence)
            defer { query.reset() }
            guard try query.next() else { throw SpoolError.damagedRow("material/\(chunk.firstSequence)") }
            let row = Self.materialRow(chunk.firstSequence, plain: query.integer(2))
            let sealed = SealedBytes(epoch: query.integer(0), bytes: query.blob(1))
            let compressed = try self.file.keys.open(sealed, row: row, db)
            let plain = self.compressor.decompress(compressed, count: Int(query.integer(2)))
            let ends = chunk.lines.indices.filter { chunk.lines[$0] == UInt8(ascii: "\n") }.map { $0 + 1 }
            guard let material = plain.flatMap(RawMaterial.init(encoded:)), material.items.count == ends.count else {
                throw SpoolError.damagedRow(row)
            }
            return SealableChunk(
                firstSequence: chunk.firstSequence,
                receivedFrom: query.integer(3),
                lines: chunk.lines,
                lineEnds: ends,
                material: material
            )
        }
    }

    /// Stores the raw messages beside the chunks of the kept items.
    func storeMaterial(
        _ kept: KeptLines,
        _ batch: NormalizedBatch,
        after sequence: Int64,
        epoch: Int64,
        _ db: Database
    ) throws {
        guard kept.count > 0, try Self.isSealerRegistered(db) else { return }
        guard let material = batch.material else {
            throw StoreRefusal.failed("an uplink was registered meanwhile, which needs the raw messages; try again")
        }
        let insert = try PreparedStatement(
            db,
            "INSERT INTO material (first_sequence, plain_bytes, epoch, sealed) VALUES (?, ?, ?, ?)"
        )
        var first = sequence + 1
        var items = kept.items[...]
        for chunk in kept.chunks {
            let plain = material.encoded(items: items.prefix(chunk.count))
            items = items.dropFirst(chunk.count)
            let sealed = try self.compressor.compress(plain[...]) {
                try self.file.keys.seal($0, row: Self.materialRow(first, plain: Int64(plain.count)), epoch: epoch, db)
            }
            insert.bind(1, first)
            insert.bind(2, Int64(plain.count))
            insert.bind(3, sealed.epoch)
            try insert.run(blob: sealed.bytes, at: 4)
            first += Int64(chunk.count)
        }
    }

    private static func isSealerRegistered(_ db: Database) throws -> Bool {
        // Its name stands in the statement, because a text bound here would be the only one on this path.
        let query = try PreparedStatement(db, "SELECT 1 FROM sink WHERE name = '\(Self.sealer)'")
        defer { query.reset() }
        return try query.next()
    }

    private static func materialRow(_ first: Int64, plain: Int64) -> String { "material/\(first)/\(plain)" }
}

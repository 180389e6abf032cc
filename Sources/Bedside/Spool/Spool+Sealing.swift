internal import Foundation
internal import GRDB

extension Spool {
    /// Stores what the sealer made, together with its cursor and the sequence numbers used, in one durable transaction.
    ///
    /// Until this returns nothing has left the box, so an envelope that was lost with a crash is sealed anew under the
    /// same number. No limit on bytes is applied: the window's raw material goes in the same transaction, and refusing
    /// would only keep it.
    ///
    /// - Throws: ``StoreRefusal``; nothing is stored then.
    package func commit(_ window: SealedWindow) throws(StoreRefusal) {
        let now = self.clock()
        try self.file.write(now: now) { db, epoch in
            if let through = window.through { try Self.advanceSealer(to: through, now: now, db) }
            for id in window.released {
                try db.execute(sql: "DELETE FROM held WHERE id = ?", arguments: [id])
                guard db.changesCount == 1 else { throw StoreRefusal.failed("the held bundle \(id) is gone already") }
            }
            if let accounts = window.accounts { try Self.note(accounts, db) }
            for bundle in window.held { try self.hold(bundle, now: now, epoch: epoch, db) }
            try Self.countUp(window, db)
            for envelope in window.envelopes {
                try Self.insert(envelope, sender: window.sender, db)
                try Self.note(envelope, sender: window.sender, now: now, db)
            }
            try self.keep(window.indexKeys, now: now, epoch: epoch, db)
            try self.keep(window.epochKeys, now: now, epoch: epoch, db)
            if !window.envelopes.isEmpty {
                try db.execute(
                    sql: "INSERT OR IGNORE INTO certificate VALUES (?, ?)",
                    arguments: [Data(window.sender), Data(window.senderCertificate)]
                )
            }
        }
    }

    /// The number that the next envelope of a sender to a scope gets.
    ///
    /// - Parameters:
    ///   - sender: digest of its certificate.
    ///   - scope: digest of the scope.
    /// - Returns: from 1.
    /// - Throws: when the store fails.
    package func nextSequence(sender: [UInt8], scope: [UInt8]) throws -> UInt64 {
        try self.file.reader.inDatabase { try Self.nextSequence(sender: sender, scope: scope, $0) }
    }

    /// Streams that have held bundles, at most the given number of them, longest waiting first.
    package func heldStreams(max: Int) throws -> [PatientStream] {
        let first = try self.file.reader.read { db in
            try Int64.fetchAll(
                db,
                sql: "SELECT min(id) AS first FROM held GROUP BY stream ORDER BY first LIMIT ?",
                arguments: [max]
            )
        }
        return try first.compactMap { try self.heldBundles(where: "id = ?", [$0], max: 1).first?.bundle.stream }
    }

    /// Held bundles of a stream, oldest first.
    package func heldBundles(of stream: PatientStream, max: Int) throws -> [StoredHeldBundle] {
        try self.heldBundles(where: "stream = ?", [Data(self.tag(of: stream))], max: max)
    }

    /// Numbers of the Observations in held bundles, one bundle in memory at a time.
    func heldLines() throws -> [Int64] {
        let ids = try self.file.reader.read { try Int64.fetchAll($0, sql: "SELECT id FROM held ORDER BY id") }
        return try ids.flatMap { id in
            try self.heldBundles(where: "id = ?", [id], max: 1).flatMap(\.bundle.lines)
        }
    }

    private func heldBundles(
        where condition: String,
        _ arguments: StatementArguments,
        max: Int
    ) throws -> [StoredHeldBundle] {
        try self.file.reader.read { db in
            try Row.fetchAll(
                db,
                sql:
                    "SELECT id, stream, observations, epoch, sealed FROM held WHERE \(condition) ORDER BY id LIMIT \(max)",
                arguments: arguments
            ).map { row in
                let name = Self.heldRow(row["stream"], observations: row["observations"])
                let sealed = SealedBytes(epoch: row["epoch"], bytes: [UInt8](row["sealed"] as Data))
                var fields = FieldReader(try self.file.keys.open(sealed, row: name, db))
                guard let stream = fields.text().flatMap(PatientStream.init(label:)), let time = fields.integer(),
                    let data = fields.field()
                else { throw SpoolError.damagedRow(name) }
                // A file of version 2 holds neither numbers nor codes.
                let bundle = HeldBundle(
                    stream: stream,
                    observations: row["observations"],
                    time: time,
                    data: data,
                    lines: NumberList.decode(fields.field() ?? []),
                    codes: TagList.decode(fields.field() ?? []).map { String(decoding: $0, as: UTF8.self) }
                )
                return StoredHeldBundle(id: row["id"], bundle: bundle)
            }
        }
    }

    /// Finds a stream's rows without showing whose they are.
    func tag(of stream: PatientStream, for purpose: ScopePurpose = .records) -> [UInt8] {
        var fields = FieldWriter()
        fields.write("stream")
        fields.write(stream.label(for: purpose))
        return self.file.keys.tag(fields)
    }

    private func hold(_ bundle: HeldBundle, now: Int64, epoch: Int64, _ db: Database) throws {
        let tag = Data(self.tag(of: bundle.stream))
        var fields = FieldWriter()
        fields.write(bundle.stream.label)
        fields.write(bundle.time)
        fields.write(bundle.data)
        fields.write(NumberList.encode(bundle.lines.sorted()))
        fields.write(TagList.encode(bundle.codes.map { Array($0.utf8.prefix(255)) }))
        let row = Self.heldRow(tag, observations: bundle.observations)
        let sealed = try self.file.keys.seal(fields.bytes, row: row, epoch: epoch, db)
        try db.execute(
            sql: "INSERT INTO held (stream, observations, held_ms, epoch, sealed) VALUES (?, ?, ?, ?, ?)",
            arguments: [tag, bundle.observations, now, sealed.epoch, Data(sealed.bytes)]
        )
    }

    private static func heldRow(_ tag: Data, observations: Int) -> String {
        "held/\(tag.base64EncodedString())/\(observations)"
    }

    private static func advanceSealer(to sequence: Int64, now: Int64, _ db: Database) throws {
        try db.execute(
            sql: """
                UPDATE sink SET sequence = :to, advanced_ms = :now WHERE name = :name AND sequence < :to
                AND :to <= (SELECT last_sequence FROM ledger)
                """,
            arguments: ["to": sequence, "now": now, "name": Self.sealer]
        )
        guard db.changesCount == 1 else {
            throw StoreRefusal.failed("the sealer cannot stand at observation \(sequence)")
        }
        try db.execute(sql: "DELETE FROM material WHERE first_sequence <= ?", arguments: [sequence])
    }

    /// Takes the sequence numbers, which must follow those of the last commit without a gap.
    private static func countUp(_ window: SealedWindow, _ db: Database) throws {
        var next: [[UInt8]: UInt64] = [:]
        for envelope in window.envelopes {
            let expected =
                try next[envelope.scope] ?? Self.nextSequence(sender: window.sender, scope: envelope.scope, db)
            guard envelope.sequence == expected else {
                throw StoreRefusal.failed("envelope \(envelope.sequence) does not follow \(expected - 1)")
            }
            next[envelope.scope] = expected + 1
        }
        for (scope, next) in next {
            try db.execute(
                sql: "INSERT OR REPLACE INTO sequence_counter VALUES (?, ?, ?)",
                arguments: [Data(window.sender), Data(scope), Int64(next)]
            )
        }
        try db.execute(
            sql: """
                UPDATE ledger SET sealed_envelopes = sealed_envelopes + :count, outbox_envelopes = outbox_envelopes + :count,
                sealed_observations = sealed_observations + :observations, outbox_bytes = outbox_bytes + :bytes
                """,
            arguments: [
                "count": window.envelopes.count,
                "observations": window.envelopes.reduce(0) { $0 + $1.observations },
                "bytes": window.envelopes.reduce(0) { $0 + $1.bytes.count },
            ]
        )
    }

    private static func nextSequence(sender: [UInt8], scope: [UInt8], _ db: Database) throws -> UInt64 {
        let next = try Int64.fetchOne(
            db,
            sql: "SELECT next FROM sequence_counter WHERE sender = ? AND scope = ?",
            arguments: [Data(sender), Data(scope)]
        )
        return UInt64(next ?? 1)
    }

    private static func insert(_ envelope: SealedEnvelope, sender: [UInt8], _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO outbox (h1, scope, sender, sequence, created, observations, envelope, anchored, waves)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            Data(envelope.h1), Data(envelope.scope), Data(sender), Int64(envelope.sequence),
            Int64(envelope.created), envelope.observations, Data(envelope.bytes), envelope.isAnchored,
            envelope.lane == .waves,
        ])
    }
}

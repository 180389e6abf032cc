internal import Foundation
internal import GRDB

extension Spool {
    /// Takes a share request; it is on the disk when this returns.
    ///
    /// - Returns: false when it was there already, whatever became of it: nothing is changed then.
    /// - Throws: ``StoreRefusal``; ``StoreRefusal/shareRequestsFull(requests:bytes:)`` at the bound of open ones.
    @discardableResult
    package func accept(_ request: ShareRequest) throws(StoreRefusal) -> Bool {
        let now = self.clock()
        return try self.file.write(now: now) { db, epoch in
            guard try !Self.knows(request.id, db) else { return false }
            try self.admit(request, db)
            try self.insert(request, now: now, epoch: epoch, db)
            return true
        }
    }

    /// Notes that a request is about to be handed in; call before anybody else can see it.
    package func noteHandedIn(_ id: [UInt8]) throws(StoreRefusal) {
        let now = self.clock()
        try self.file.write(now: now) { db, _ in
            try db.execute(
                sql: "UPDATE share_request SET state = 'submitted', handed_ms = ? WHERE id = ? AND state = 'queued'",
                arguments: [now, Data(id)]
            )
        }
    }

    /// Keeps a request's outcome and lets go of its transaction; once.
    ///
    /// A proof that it is in a block stands above every other outcome, also when it comes after it.
    package func settle(_ id: [UInt8], _ outcome: ShareOutcome) throws(StoreRefusal) {
        let now = self.clock()
        try self.file.write(now: now) { db, epoch in
            switch outcome {
            case .committed(let height, let code, let name, let proof):
                let sealed = try self.file.keys.seal(proof, row: Self.shareProofRow(id), epoch: epoch, db)
                try db.execute(
                    sql: """
                        UPDATE share_request SET state = 'committed', settled_ms = ?, height = ?, code = ?, reason = ?,
                        proof_epoch = ?, proof = ?, epoch = NULL, sealed = NULL WHERE id = ? AND state != 'committed'
                        """,
                    arguments: [
                        now, Int64(bitPattern: height), Int64(code), String(name.prefix(1_000)), sealed.epoch,
                        Data(sealed.bytes), Data(id),
                    ]
                )
            case .rejected(let reason): try Self.end(id, .rejected, reason, now: now, db)
            case .expired(let reason): try Self.end(id, .expired, reason, now: now, db)
            }
        }
    }

    // MARK: - Reading

    /// Open requests that arrived after a sequence number, oldest first.
    package func openShareRequests(after sequence: Int64, max: Int) throws -> [StoredShareRequest] {
        try self.file.reader.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT \(Self.shareColumns) FROM share_request WHERE sequence > ? AND settled_ms IS NULL
                    ORDER BY sequence LIMIT ?
                    """,
                arguments: [sequence, max]
            ).map(Self.shareRequest)
        }
    }

    /// Requests in the order of arrival.
    ///
    /// - Parameters:
    ///   - state: all of them for nil.
    ///   - sequence: only later ones.
    ///   - max: how many.
    /// - Returns: what is known of them.
    /// - Throws: a database error.
    package func shareRequests(
        _ state: StoredShareRequest.State? = nil,
        after sequence: Int64 = 0,
        max: Int
    ) throws -> [StoredShareRequest] {
        try self.file.reader.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT \(Self.shareColumns) FROM share_request WHERE sequence > :after
                    AND (:state IS NULL OR state = :state) ORDER BY sequence LIMIT :max
                    """,
                arguments: ["after": sequence, "state": state?.rawValue, "max": max]
            ).map(Self.shareRequest)
        }
    }

    /// What is known of a request; nil when it never came, or is forgotten.
    package func shareRequest(_ id: [UInt8]) throws -> StoredShareRequest? {
        try self.file.reader.read { db in
            try Row.fetchOne(
                db,
                sql: "SELECT \(Self.shareColumns) FROM share_request WHERE id = ?",
                arguments: [Data(id)]
            ).map(Self.shareRequest)
        }
    }

    /// The signed transaction of an open request; nil afterwards.
    package func shareTransaction(_ id: [UInt8]) throws -> [UInt8]? {
        try self.opened(id, "epoch, sealed", row: Self.shareRow(id))
    }

    /// The proof that a request is in a block, as it was verified; nil before.
    package func shareProof(_ id: [UInt8]) throws -> [UInt8]? {
        try self.opened(id, "proof_epoch, proof", row: Self.shareProofRow(id))
    }

    // MARK: - Within a commit

    /// Stores what one batch of messages brought.
    ///
    /// - Returns: which of them were new, which there already, and a dead letter for each that the bound refuses.
    /// - Throws: a refusal of the bound when dead letters are replayed: they stay as they are.
    func store(_ batch: NormalizedBatch, now: Int64, epoch: Int64, _ db: Database) throws -> SharedMessages {
        var outcome = SharedMessages()
        for item in batch.shareRequests {
            guard try !Self.knows(item.request.id, db) else {
                outcome.known.append(item.letter.message)
                continue
            }
            do {
                try self.admit(item.request, db)
                try self.insert(item.request, now: now, epoch: epoch, db)
                outcome.new.append(item.letter.message)
            } catch StoreRefusal.shareRequestsFull where batch.sourceBatch != nil {
                outcome.letters.append(item.letter)
            }
        }
        return outcome
    }

    static func shareStatistics(_ db: Database) throws -> ShareStatistics {
        var statistics = ShareStatistics()
        for row in try Row.fetchAll(db, sql: "SELECT state, count(*) FROM share_request GROUP BY state") {
            if let state = StoredShareRequest.State(rawValue: row[0]) { statistics[state] = row[1] }
        }
        if statistics.open > 0,
            let row = try Row.fetchOne(
                db,
                sql: "SELECT coalesce(sum(bytes), 0), min(accepted_ms) FROM share_request WHERE settled_ms IS NULL"
            )
        {
            (statistics.openBytes, statistics.oldestOpen) = (row[0], row[1])
        }
        return statistics
    }

    /// Forgets requests whose outcome was known before a moment.
    static func pruneShareRequests(before time: Int64, _ rowsMax: Int, _ db: Database) throws -> Int {
        try db.execute(
            sql: """
                DELETE FROM share_request WHERE sequence IN (
                    SELECT sequence FROM share_request WHERE settled_ms < ? LIMIT ?)
                """,
            arguments: [time, rowsMax]
        )
        return db.changesCount
    }

    /// Seals requests and proofs of old key epochs with the current key.
    func resealShareRequests(before limit: Int64, epoch: Int64, _ db: Database) throws {
        for (epochs, content, row) in [
            ("epoch", "sealed", Self.shareRow), ("proof_epoch", "proof", Self.shareProofRow),
        ] {
            // One after the other: many of them need not be in memory at once.
            while let found = try Row.fetchOne(
                db,
                sql: "SELECT id, \(epochs), \(content) FROM share_request WHERE \(epochs) < ?",
                arguments: [limit]
            ) {
                let id: Data = found[0]
                let name = row([UInt8](id))
                let old = SealedBytes(epoch: found[1], bytes: [UInt8](found[2] as Data))
                let plain = try self.file.keys.open(old, row: name, db)
                let new = try self.file.keys.seal(plain, row: name, epoch: epoch, db)
                try db.execute(
                    sql: "UPDATE share_request SET \(epochs) = ?, \(content) = ? WHERE id = ?",
                    arguments: [new.epoch, Data(new.bytes), id]
                )
            }
        }
    }

    // MARK: - Rows

    private static let shareColumns = """
        sequence, id, channel, method, source, state, valid_until_ms, accepted_ms, handed_ms, settled_ms, height, code, reason
        """

    private static func shareRequest(_ row: Row) throws -> StoredShareRequest {
        guard let source = ShareRequest.Source(rawValue: row[4]), let state = StoredShareRequest.State(rawValue: row[5])
        else { throw SpoolError.damagedRow("share_request/\(row[0] as Int64)") }
        return StoredShareRequest(
            sequence: row[0],
            id: [UInt8](row[1] as Data),
            channel: row[2],
            method: row[3],
            source: source,
            state: state,
            validUntil: row[6],
            accepted: row[7],
            handedIn: row[8],
            settled: row[9],
            height: (row[10] as Int64?).map { UInt64(bitPattern: $0) },
            code: row[11],
            reason: row[12]
        )
    }

    private static func knows(_ id: [UInt8], _ db: Database) throws -> Bool {
        try Int64.fetchOne(db, sql: "SELECT 1 FROM share_request WHERE id = ?", arguments: [Data(id)]) != nil
    }

    private func admit(_ request: ShareRequest, _ db: Database) throws {
        let open = try Row.fetchOne(
            db,
            sql: "SELECT count(*), coalesce(sum(bytes), 0) FROM share_request WHERE settled_ms IS NULL"
        )
        let (requests, bytes): (Int64, Int64) = (open?[0] ?? 0, open?[1] ?? 0)
        guard requests < self.limits.shareRequestsMax,
            bytes + Int64(request.bytes.count) <= self.limits.shareRequestBytesMax
        else { throw StoreRefusal.shareRequestsFull(requests: requests, bytes: bytes) }
        try self.file.space.admit(
            bytes: request.bytes.count,
            reusable: try self.file.reusableBytes(db),
            limit: self.limits.bytesMax,
            reserve: self.limits.freeDiskReserve
        )
    }

    private func insert(_ request: ShareRequest, now: Int64, epoch: Int64, _ db: Database) throws {
        let sealed = try self.file.keys.seal(request.bytes, row: Self.shareRow(request.id), epoch: epoch, db)
        try db.execute(
            sql: """
                INSERT INTO share_request
                (id, channel, method, source, valid_until_ms, accepted_ms, bytes, epoch, sealed)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                Data(request.id), Int64(request.channel), request.method, request.source.rawValue, request.validUntil,
                now, request.bytes.count, sealed.epoch, Data(sealed.bytes),
            ]
        )
    }

    private static func end(
        _ id: [UInt8],
        _ state: StoredShareRequest.State,
        _ reason: String,
        now: Int64,
        _ db: Database
    ) throws {
        try db.execute(
            sql: """
                UPDATE share_request SET state = ?, settled_ms = ?, reason = ?, epoch = NULL, sealed = NULL
                WHERE id = ? AND settled_ms IS NULL
                """,
            arguments: [state.rawValue, now, String(reason.prefix(1_000)), Data(id)]
        )
    }

    private func opened(_ id: [UInt8], _ columns: String, row name: String) throws -> [UInt8]? {
        try self.file.reader.read { db in
            let row = try Row.fetchOne(
                db,
                sql: "SELECT \(columns) FROM share_request WHERE id = ?",
                arguments: [Data(id)]
            )
            guard let row, let epoch: Int64 = row[0], let sealed: Data = row[1] else { return nil }
            return try self.file.keys.open(SealedBytes(epoch: epoch, bytes: [UInt8](sealed)), row: name, db)
        }
    }

    private static func shareRow(_ id: [UInt8]) -> String { "share_request/\(Data(id).base64EncodedString())" }

    private static func shareProofRow(_ id: [UInt8]) -> String { "share_proof/\(Data(id).base64EncodedString())" }
}

/// What became of the share requests of one batch of messages, by the messages' positions.
struct SharedMessages {
    var new: [Int] = []
    var known: [Int] = []
    var letters: [DeadLetter] = []
}

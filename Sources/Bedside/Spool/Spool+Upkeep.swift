internal import Foundation
internal import GRDB

/// How long the spool keeps what is no longer needed for delivery, in milliseconds.
package struct SpoolRetention: Sendable, Equatable {
    /// Observations that every sink has, since they were received.
    package var observations: Int64
    /// Dedup keys, since their reading's time and since they were seen.
    package var dedupKeys: Int64
    /// Dead letters that a replay has resolved.
    package var replayedDeadLetters: Int64
    /// Receipts of privacy centers whose envelopes have left the outbox.
    package var receipts: Int64
    /// Share requests whose outcome is known.
    package var shareRequests: Int64
    /// History of devices' clocks, and their accounts.
    package var deviceHistory: Int64

    package init(
        observations: Int64 = 72 * 3_600_000,
        dedupKeys: Int64 = 7 * 86_400_000,
        replayedDeadLetters: Int64 = 7 * 86_400_000,
        receipts: Int64 = 90 * 86_400_000,
        shareRequests: Int64 = 30 * 86_400_000,
        deviceHistory: Int64 = 400 * 86_400_000
    ) {
        self.observations = observations
        self.dedupKeys = dedupKeys
        self.replayedDeadLetters = replayedDeadLetters
        self.receipts = receipts
        self.shareRequests = shareRequests
        self.deviceHistory = deviceHistory
    }
}

/// What one ``Spool/prune(_:rowsMax:)`` deleted.
package struct PruneOutcome: Sendable, Equatable {
    package var chunks = 0
    package var observations = 0
    package var dedupKeys = 0
    package var deadLetters = 0
    package var receipts = 0
    /// Rows about anchors and envelopes.
    package var anchors = 0
    package var shareRequests = 0
    /// Rows about devices' clocks and accounts.
    package var deviceHistory = 0
    package var isEmpty: Bool { self == PruneOutcome() }
}

/// The spool's accounts at one moment.
package struct SpoolStatistics: Sendable, Equatable {
    package var messages = MessageCounts()
    package var observationsStored: Int64 = 0
    /// Observations left out because they were already stored.
    package var observationsSuppressed: Int64 = 0
    /// Observations that replays issued again with another content.
    package var observationsCorrected: Int64 = 0
    /// Observations that replays took back.
    package var observationsWithdrawn: Int64 = 0
    package var deadLettersOpen: Int64 = 0
    package var deadLetterBytes: Int64 = 0
    package var deadLettersReplayed: Int64 = 0
    /// Inbox batches and messages that are not normalized yet.
    package var backlog = Inbox.Holding(batches: 0, messages: 0)
    /// The same of the waveforms' lane; nil without one.
    package var waveBacklog: Inbox.Holding?
    /// Sequence of the newest observation.
    package var lastSequence: Int64 = 0
    package var sinks: [SinkPosition] = []
    /// Receive time of the oldest observation that some sink lacks, ms since 1970; nil when there is none.
    package var oldestUndelivered: Int64?
    package var sizes = StoreSpace.Sizes(inbox: 0, inboxLog: 0, spool: 0, spoolLog: 0)
    /// What is sealed and delivered.
    package var uplink = UplinkStatistics()
    /// What is anchored.
    package var anchors = AnchorStatistics()
    /// What others gave the agent to hand in.
    package var shareRequests = ShareStatistics()
}

extension Spool {
    /// Reads the accounts.
    ///
    /// - Parameters:
    ///   - inbox: of the numerics' lane.
    ///   - waves: of the waveforms' lane, if there is one.
    /// - Returns: the accounts of one moment.
    /// - Throws: when the store fails.
    package func statistics(inbox: Inbox, waves: Inbox? = nil) throws -> SpoolStatistics {
        var statistics = try self.file.reader.read { db in
            guard let row = try Row.fetchOne(db, sql: "SELECT * FROM ledger") else {
                throw SpoolError.unusable("the ledger row is missing")
            }
            var statistics = SpoolStatistics(ledger: row)
            statistics.sinks = try Self.sinks(db)
            statistics.oldestUndelivered = try Self.oldestUndelivered(statistics.sinks, db)
            statistics.uplink = try Self.uplinkStatistics(ledger: row, db)
            statistics.anchors = try Self.anchorStatistics(ledger: row, db)
            statistics.shareRequests = try Self.shareStatistics(db)
            return statistics
        }
        statistics.backlog = try inbox.holding(after: try self.cursor)
        statistics.waveBacklog = try waves.map { try $0.holding(after: try self.cursor(of: .waves)) }
        statistics.sizes = self.file.space.sizes
        return statistics
    }

    /// Deletes what is delivered and old; call again while the outcome is not empty.
    ///
    /// Observations stay while no sink is registered or one lacks them. One call deletes at most `rowsMax`
    /// keys and a 256th as many chunks.
    @discardableResult
    package func prune(_ retention: SpoolRetention, rowsMax: Int = 16_384) throws(StoreRefusal) -> PruneOutcome {
        let now = self.clock()
        let outcome = try self.file.write(now: now) { db, _ in
            var outcome = PruneOutcome()
            try Self.pruneChunks(before: now - retention.observations, max(1, rowsMax / 256), &outcome, db)
            outcome.dedupKeys = try Self.pruneKeys(now: now, horizon: retention.dedupKeys, rowsMax, db)
            try db.execute(
                sql: """
                    DELETE FROM dead_letter WHERE id IN (
                        SELECT id FROM dead_letter WHERE outcome_ms < ? ORDER BY id LIMIT ?)
                    """,
                arguments: [now - retention.replayedDeadLetters, rowsMax]
            )
            outcome.deadLetters = db.changesCount
            outcome.receipts = try Self.pruneReceipts(before: now - retention.receipts, rowsMax, db)
            outcome.anchors = try Self.pruneAnchors(before: now - retention.receipts, rowsMax, db)
            outcome.shareRequests = try Self.pruneShareRequests(before: now - retention.shareRequests, rowsMax, db)
            outcome.deviceHistory = try Self.pruneDevices(before: now - retention.deviceHistory, rowsMax, db)
            return outcome
        }
        do { try self.file.shrink() } catch { throw StoreRefusal(error, space: self.file.space) }
        return outcome
    }

    /// Destroys the keys of epochs that ended before a moment; rows that must outlive them are sealed anew.
    ///
    /// An epoch that still seals an observation, raw material or a dead letter stays.
    ///
    /// - Returns: how many keys were destroyed.
    @discardableResult
    package func destroyEpochs(before time: Int64) throws -> Int {
        try self.file.destroyEpochs(now: self.clock()) { db, epoch in
            let needed =
                try Int64.fetchOne(
                    db,
                    sql: """
                        SELECT min(epoch) FROM (SELECT epoch FROM chunk UNION ALL SELECT epoch FROM dead_letter
                        UNION ALL SELECT epoch FROM material UNION ALL SELECT epoch FROM held)
                        """
                )
                ?? .max
            let limit = min(self.file.keys.epoch(atMilliseconds: time), needed, epoch)
            try self.reseal("state", row: Self.stateRow, before: limit, epoch: epoch, db)
            try self.resealAssociations(before: limit, epoch: epoch, db)
            try self.reseal("movement", row: Self.movementRow, before: limit, epoch: epoch, db)
            try self.resealScopes(before: limit, epoch: epoch, db)
            try self.resealIndexKeys(before: limit, epoch: epoch, db)
            try self.resealEpochKeys(before: limit, epoch: epoch, db)
            try self.resealShareRequests(before: limit, epoch: epoch, db)
            try self.reseal("device", row: Self.deviceRow, before: limit, epoch: epoch, db)
            return limit
        }
    }

    private static func oldestUndelivered(_ sinks: [SinkPosition], _ db: Database) throws -> Int64? {
        let delivered = sinks.map(\.sequence).min() ?? 0
        return try Int64.fetchOne(
            db,
            sql: """
                SELECT received_from_ms FROM chunk WHERE first_sequence + observations > :next
                AND first_sequence >= coalesce((SELECT max(first_sequence) FROM chunk WHERE first_sequence <= :next), 0)
                ORDER BY first_sequence LIMIT 1
                """,
            arguments: ["next": delivered + 1]
        )
    }

    private static func pruneChunks(
        before time: Int64,
        _ chunksMax: Int,
        _ outcome: inout PruneOutcome,
        _ db: Database
    ) throws {
        guard let delivered = try Self.sinks(db).map(\.sequence).min() else { return }
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT first_sequence, observations, received_to_ms FROM chunk
                WHERE first_sequence + observations <= ? + 1 ORDER BY first_sequence LIMIT ?
                """,
            arguments: [delivered, chunksMax]
        )
        let old = rows.prefix { ($0[2] as Int64) < time }
        guard let last = old.last else { return }
        try db.execute(sql: "DELETE FROM chunk WHERE first_sequence <= ?", arguments: [last[0] as Int64])
        outcome.chunks = db.changesCount
        try Self.forgetLines(through: (last[0] as Int64) + (last[1] as Int64) - 1, db)
        outcome.observations = old.reduce(0) { $0 + ($1[1] as Int) }
    }

    /// A key goes when its reading's time is far from now and it was not seen lately.
    ///
    /// The second condition keeps keys of devices whose clock is wrong by years; times in the future go too,
    /// or they would stay for good.
    private static func pruneKeys(now: Int64, horizon: Int64, _ rowsMax: Int, _ db: Database) throws -> Int {
        let day = (now - horizon) / 86_400_000
        var count = 0
        for condition in ["time_ms < \(now - horizon)", "time_ms > \(now + 86_400_000)"] {
            try db.execute(
                sql: """
                    DELETE FROM reading_key WHERE (time_ms, hash) IN (
                        SELECT time_ms, hash FROM reading_key WHERE \(condition) AND seen_day < ? LIMIT ?)
                    """,
                arguments: [day, max(0, rowsMax - count)]
            )
            count += db.changesCount
        }
        return count
    }

    /// Seals rows of old epochs with the current key.
    ///
    /// The table has the columns `tag`, which is unique, `epoch` and `sealed`; what is sealed is bound to the row's name, which
    /// is made of the tag.
    private func reseal(
        _ table: String,
        row name: (Data) -> String,
        before limit: Int64,
        epoch: Int64,
        _ db: Database
    ) throws {
        let rows = try Row.fetchAll(
            db,
            sql: "SELECT tag, epoch, sealed FROM \(table) WHERE epoch < ?",
            arguments: [limit]
        )
        for row in rows {
            let tag: Data = row[0]
            let old = SealedBytes(epoch: row[1], bytes: [UInt8](row[2] as Data))
            let plain = try self.file.keys.open(old, row: name(tag), db)
            let new = try self.file.keys.seal(plain, row: name(tag), epoch: epoch, db)
            try db.execute(
                sql: "UPDATE \(table) SET epoch = ?, sealed = ? WHERE tag = ?",
                arguments: [new.epoch, Data(new.bytes), tag]
            )
        }
    }
}

extension SpoolStatistics {
    init(ledger row: Row) {
        self.messages.received = row["received"]
        self.messages.normalized = row["normalized"]
        self.messages.duplicate = row["duplicate"]
        self.messages.deadLettered = row["dead_lettered"]
        self.messages.ignored = row["ignored"]
        self.messages.redelivered = row["redelivered"]
        self.messages.shareRequests = row["share_requests"]
        self.observationsStored = row["stored"]
        self.observationsSuppressed = row["suppressed"]
        self.observationsCorrected = row["corrected"]
        self.observationsWithdrawn = row["withdrawn"]
        self.deadLettersOpen = row["open_letters"]
        self.deadLetterBytes = row["open_letter_bytes"]
        self.deadLettersReplayed = row["replayed_letters"]
        self.lastSequence = row["last_sequence"]
    }
}

internal import Foundation
internal import GRDB
internal import Records

/// What the whole spool says of its messages, to hold the accounts of devices against.
package struct AccountTotals: Sendable, Equatable {
    /// Messages that the ledger counts since the accounts began.
    package let received: Int64
    /// The same, summed over the accounts.
    package let accounted: Int64
    /// First hour since 1970 that the inbox can be held against.
    package let auditFromHour: Int64
    /// Arrivals of messages that are open dead letters.
    package let openReceipts: Int64
    package let deadLettered: Int64
    /// Sequence numbers that no chunk has, between the oldest and the newest Observation.
    package let missing: [ClosedRange<Int64>]
}

/// Observations that not every consumer has.
package struct Undelivered: Sendable, Equatable {
    /// Everything after it is undelivered.
    package let after: Int64
    /// Earlier ones that are in envelopes or bundles on their way; ascending.
    package let inTransit: [Int64]
}

extension Spool {
    /// Version 9: messages by device and hour.
    static let accountSchema = """
        CREATE TABLE account (
            device INTEGER NOT NULL REFERENCES device (number),
            hour INTEGER NOT NULL,
            received INTEGER NOT NULL,
            normalized INTEGER NOT NULL,
            duplicate INTEGER NOT NULL,
            dead_lettered INTEGER NOT NULL,
            ignored INTEGER NOT NULL,
            redelivered INTEGER NOT NULL,
            share_requests INTEGER NOT NULL,
            observations INTEGER NOT NULL,
            beside INTEGER NOT NULL,
            PRIMARY KEY (hour, device)
        ) WITHOUT ROWID;
        ALTER TABLE ledger ADD COLUMN accounted_base INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE ledger ADD COLUMN dead_base INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE ledger ADD COLUMN audit_from_hour INTEGER NOT NULL DEFAULT 0;
        UPDATE ledger SET accounted_base = received, dead_base = dead_lettered,
            audit_from_hour = CASE WHEN received > 0 THEN strftime('%s', 'now') / 3600 + 1 ELSE 0 END;
        """

    /// Enters a commit's messages.
    func store(_ accounts: [(owner: AccountSheet.Owner, counts: AccountCounts)], epoch: Int64, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO account (device, hour, received, normalized, duplicate, dead_lettered, ignored, redelivered,
                share_requests, observations, beside, late) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (hour, device) DO UPDATE SET revision = revision + 1, late = late + excluded.late,
                received = received + excluded.received, normalized = normalized + excluded.normalized,
                duplicate = duplicate + excluded.duplicate, dead_lettered = dead_lettered + excluded.dead_lettered,
                ignored = ignored + excluded.ignored, redelivered = redelivered + excluded.redelivered,
                share_requests = share_requests + excluded.share_requests,
                observations = observations + excluded.observations, beside = beside + excluded.beside
                """
        )
        for (owner, counts) in accounts {
            let messages = counts.messages
            try statement.execute(
                arguments: [
                    try self.deviceNumber(owner.device, epoch: epoch, db), owner.hour, messages.received,
                    messages.normalized, messages.duplicate, messages.deadLettered, messages.ignored,
                    messages.redelivered, messages.shareRequests, counts.observations, counts.beside, counts.late,
                ]
            )
        }
    }

    /// The accounts from an hour on (hours since 1970), by hour and device.
    ///
    /// - Throws: ``SpoolError`` when a name does not open.
    package func accounts(fromHour: Int64 = .min) throws -> [DeviceAccount] {
        try self.file.reader.read { db in
            let names = try self.deviceNames(db)
            let rows = try Row.fetchAll(db, sql: "SELECT * FROM account WHERE hour >= ?", arguments: [fromHour])
            return rows.map { DeviceAccount($0, names: names) }
                .sorted { ($0.hour, $0.device) < ($1.hour, $1.device) }
        }
    }

    /// What the accounts are held against.
    package func accountTotals() throws -> AccountTotals {
        try self.file.reader.read { db in
            guard let ledger = try Row.fetchOne(db, sql: "SELECT * FROM ledger"),
                let sums = try Row.fetchOne(
                    db,
                    sql: "SELECT coalesce(sum(received), 0), coalesce(sum(dead_lettered), 0) FROM account"
                )
            else { throw SpoolError.unusable("the ledger row is missing") }
            let base: Int64 = ledger["accounted_base"]
            let deadBase: Int64 = ledger["dead_base"]
            return AccountTotals(
                received: (ledger["received"] as Int64) - base,
                accounted: sums[0],
                auditFromHour: ledger["audit_from_hour"],
                openReceipts: try Int64.fetchOne(
                    db,
                    sql: """
                        SELECT count(*) FROM dead_letter_receipt JOIN dead_letter ON letter = id WHERE outcome IS NULL
                        """
                ) ?? 0,
                deadLettered: (sums[1] as Int64) + deadBase,
                missing: try Self.missingSequences(ledger["last_sequence"], db)
            )
        }
    }

    private static func missingSequences(_ newest: Int64, _ db: Database) throws -> [ClosedRange<Int64>] {
        let query = try PreparedStatement(db, "SELECT first_sequence, observations FROM chunk ORDER BY first_sequence")
        defer { query.reset() }
        var missing: [ClosedRange<Int64>] = []
        var next: Int64?
        while try query.next() {
            let first = query.integer(0)
            if let next, first != next { missing.append(min(next, first)...max(next, first - 1)) }
            next = first + query.integer(1)
        }
        if let next, next <= newest { missing.append(next...newest) }
        return missing
    }

    /// Which Observations not everybody has: sinks, and with an uplink as many privacy centers as are asked for.
    package func undelivered() throws -> Undelivered {
        let held = try self.heldLines()
        return try self.file.reader.read { db in
            let after = try Self.sinks(db).map(\.sequence).min() ?? 0
            var lines = held
            for list in try Data.fetchAll(
                db,
                sql: "SELECT lines FROM outbox JOIN envelope USING (h1) WHERE lines IS NOT NULL"
            ) { lines += NumberList.decode([UInt8](list)) }
            for list in try Data.fetchAll(
                db,
                sql: "SELECT lines FROM refused JOIN envelope USING (h1) WHERE lines IS NOT NULL"
            ) { lines += NumberList.decode([UInt8](list)) }
            return Undelivered(after: after, inTransit: lines.filter { $0 <= after }.sorted())
        }
    }

    /// Deletes old accounts; what they counted goes on as a sum.
    static func pruneAccounts(before hour: Int64, _ db: Database) throws -> Int {
        try db.execute(
            sql: """
                UPDATE ledger SET
                accounted_base = accounted_base + coalesce((SELECT sum(received) FROM account WHERE hour < :hour), 0),
                dead_base = dead_base + coalesce((SELECT sum(dead_lettered) FROM account WHERE hour < :hour), 0)
                """,
            arguments: ["hour": hour]
        )
        try db.execute(sql: "DELETE FROM account WHERE hour < ?", arguments: [hour])
        return db.changesCount
    }
}

extension DeviceAccount {
    init(_ row: Row, names: [Int64: String]) {
        var counts = MessageCounts()
        counts.received = row["received"]
        counts.normalized = row["normalized"]
        counts.duplicate = row["duplicate"]
        counts.deadLettered = row["dead_lettered"]
        counts.ignored = row["ignored"]
        counts.redelivered = row["redelivered"]
        counts.shareRequests = row["share_requests"]
        self.init(
            device: names[row["device"]] ?? "",
            hour: row["hour"],
            counts: counts,
            observations: row["observations"],
            beside: row["beside"]
        )
    }
}

/// What a commit adds to one device's hour.
struct AccountCounts {
    var messages = MessageCounts()
    var observations: Int64 = 0
    var beside: Int64 = 0
    /// Observations that replays of dead letters brought.
    var late: Int64 = 0
}

extension Inbox {
    /// Messages by the hour of their receipt, as the inbox itself has them, through a batch.
    ///
    /// A batch is counted by its first message; batches near the end of an hour are opened, because they may reach into the
    /// next one.
    ///
    /// - Returns: hours since 1970 with their messages; the first one may be incomplete unless `isComplete`.
    package func messagesByHour(through id: Int64) throws -> (hours: [Int64: Int64], isComplete: Bool) {
        let hour = AccountSheet.hourMilliseconds
        var hours: [Int64: Int64] = [:]
        var edges: [Int64] = []
        var isComplete = true
        try self.file.reader.inDatabase { db in
            let query = try PreparedStatement(
                db,
                "SELECT id, first_message, messages, received_ms FROM batch WHERE id <= ? ORDER BY id"
            )
            query.bind(1, id)
            defer { query.reset() }
            var isFirst = true
            while try query.next() {
                if isFirst { isComplete = query.integer(1) == 1 }
                isFirst = false
                let time = query.integer(3)
                if time % hour > hour - Self.burstMillisecondsMax {
                    edges.append(query.integer(0))
                } else {
                    hours[time / hour, default: 0] += query.integer(2)
                }
            }
        }
        for edge in edges {
            guard let batch = try self.nextBatch(after: edge - 1), batch.id == edge else { continue }
            var offset = 0
            while let (message, next) = batch.burst.message(at: offset) {
                hours[message.receivedAt / 1_000_000 / hour, default: 0] += 1
                offset = next
            }
        }
        return (hours, isComplete)
    }

    /// How long a burst may gather at most.
    private static let burstMillisecondsMax: Int64 = 30_000
}

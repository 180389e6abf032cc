internal import Foundation
internal import GRDB

/// Accounts of devices that no sealed record states yet, and where the gateway's chain of records stands.
package struct UnsealedAccounts: Sendable, Equatable {
    /// A device's hour as it stands now.
    package struct Line: Sendable, Equatable {
        package let account: DeviceAccount
        /// Observations that replays of dead letters brought.
        package let late: Int64
        /// Names the row and its state.
        fileprivate let mark: Mark
    }

    fileprivate struct Mark: Sendable, Equatable {
        let hour: Int64
        let device: Int64
        let revision: Int64
    }

    /// Number of the record that is to state them, from 1.
    package let number: UInt64
    /// Digest of the record before it, 32 bytes; zeros for the first.
    package let previous: [UInt8]
    /// Hours since 1970; the record before it ended here.
    package let fromHour: Int64
    package let toHour: Int64
    package let lines: [Line]
}

/// A record of accounts that a window seals.
package struct SealedAccounts: Sendable, Equatable {
    package let stated: UnsealedAccounts
    /// The record's digest, 32 bytes.
    package let digest: [UInt8]

    package init(stated: UnsealedAccounts, digest: [UInt8]) {
        self.stated = stated
        self.digest = digest
    }
}

extension Spool {
    /// Version 11: which accounts a sealed record states.
    ///
    /// What was counted before is not stated: nobody knows any more whether all of it was sealed.
    static let sealedAccountSchema = """
        ALTER TABLE account ADD COLUMN late INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE account ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE account ADD COLUMN sealed_revision INTEGER NOT NULL DEFAULT 0;
        UPDATE account SET sealed_revision = revision;
        CREATE INDEX account_unsealed ON account (hour) WHERE revision > sealed_revision;
        CREATE TABLE account_seal (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            number INTEGER NOT NULL DEFAULT 0,
            head BLOB NOT NULL DEFAULT (zeroblob(32)),
            begin_hour INTEGER NOT NULL DEFAULT 0,
            to_hour INTEGER NOT NULL DEFAULT 0
        );
        INSERT INTO account_seal (id, begin_hour)
            SELECT 1, CASE WHEN received > 0 THEN strftime('%s', 'now') / 3600 + 1 ELSE 0 END FROM ledger;
        """

    /// Accounts of complete hours that no record states, or no longer as they are.
    ///
    /// - Parameters:
    ///   - hour: the first hour since 1970 that is not complete.
    ///   - linesMax: how many at most; the others make the next record.
    /// - Returns: nil when there are none.
    /// - Throws: when the store fails or a name does not open.
    package func unsealedAccounts(before hour: Int64, linesMax: Int) throws -> UnsealedAccounts? {
        try self.file.reader.read { db in
            guard let seal = try Row.fetchOne(db, sql: "SELECT * FROM account_seal") else {
                throw SpoolError.unusable("the row of sealed accounts is missing")
            }
            let begin: Int64 = seal["begin_hour"]
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM account WHERE revision > sealed_revision AND hour >= ? AND hour < ?
                    ORDER BY hour, device LIMIT ?
                    """,
                arguments: [begin, hour, linesMax + 1]
            )
            guard let first = rows.first else { return nil }
            let names = try self.deviceNames(db)
            let stated = rows.prefix(linesMax)
            // A record that cannot hold all of an hour ends before it.
            let end = rows.count > linesMax ? rows[linesMax]["hour"] as Int64 : hour
            let number: Int64 = seal["number"]
            let from: Int64 = number == 0 ? first["hour"] : seal["to_hour"]
            return UnsealedAccounts(
                number: UInt64(number) + 1,
                previous: [UInt8](seal["head"] as Data),
                fromHour: from,
                // Lines of the hour that it cannot hold stand there all the same, as of an hour that is stated again.
                toHour: max(from, end, (stated.last?["hour"] as Int64? ?? from) + 1),
                lines: stated.map { row in
                    UnsealedAccounts.Line(
                        account: DeviceAccount(row, names: names),
                        late: row["late"],
                        mark: UnsealedAccounts.Mark(hour: row["hour"], device: row["device"], revision: row["revision"])
                    )
                }
            )
        }
    }

    /// Notes what a record states, in the transaction of its envelope.
    static func note(_ accounts: SealedAccounts, _ db: Database) throws {
        try db.execute(
            sql: "UPDATE account_seal SET number = :number, head = :head, to_hour = :to WHERE number = :number - 1",
            arguments: [
                "number": Int64(accounts.stated.number), "head": Data(accounts.digest), "to": accounts.stated.toHour,
            ]
        )
        guard db.changesCount == 1 else {
            throw StoreRefusal.failed("record \(accounts.stated.number) of accounts does not follow the last one")
        }
        let update = try PreparedStatement(
            db,
            "UPDATE account SET sealed_revision = ? WHERE hour = ? AND device = ? AND sealed_revision < revision"
        )
        for line in accounts.stated.lines {
            update.bind(1, line.mark.revision)
            update.bind(2, line.mark.hour)
            update.bind(3, line.mark.device)
            try update.run()
        }
    }

    /// Where an uplink begins in a spool that already has messages: only what comes after this hour is sealed as a whole.
    static func beginAccounts(now: Int64, _ db: Database) throws {
        try db.execute(
            sql: """
                UPDATE account_seal SET begin_hour = max(begin_hour, :hour)
                WHERE EXISTS (SELECT 1 FROM ledger WHERE received > 0)
                """,
            arguments: ["hour": now / AccountSheet.hourMilliseconds + 1]
        )
    }
}

internal import Foundation
internal import GRDB
internal import Pseudonyms

/// Batches on their way to the authority of pseudonyms, and keys that it shall revoke.
extension RegistrationBooks {
    /// A batch that was put together; it is the same however often it is sent.
    struct Batch: Sendable {
        let id: [UInt8]
        let content: CocoonBatch
    }

    /// Requests of an epoch that are in no batch.
    struct Waiting: Sendable {
        let epoch: UInt64
        /// Users with such a request.
        let users: Int
        /// When the oldest came, seconds since 1970.
        let since: UInt64
    }

    /// What waits to be put into batches, ascending by epoch.
    func waiting() throws -> [Waiting] {
        try self.file.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT epoch, count(DISTINCT subject) AS users, min(received) AS since FROM request
                    WHERE is_over = 0
                    AND EXISTS (SELECT 1 FROM cocoon WHERE request = request.id AND batch IS NULL)
                    GROUP BY epoch ORDER BY epoch
                    """
            ).map { row in
                Waiting(
                    epoch: UInt64(row["epoch"] as Int64),
                    users: Int(row["users"] as Int64),
                    since: UInt64(row["since"] as Int64)
                )
            }
        }
    }

    /// Puts keys of an epoch into a batch, in an order that tells nothing.
    ///
    /// - Parameters:
    ///   - epoch: of the batch.
    ///   - id: 32 random bytes.
    /// - Throws: when the database fails.
    func putTogether(_ epoch: UInt64, id: [UInt8]) throws {
        try self.file.write { database in
            let keys = try Data.fetchAll(
                database,
                sql: """
                    SELECT key FROM cocoon JOIN request ON request.id = cocoon.request
                    WHERE batch IS NULL AND epoch = ? AND is_over = 0 LIMIT \(CocoonBatch.countMax)
                    """,
                arguments: [Int64(epoch)]
            )
            guard !keys.isEmpty else { return }
            try database.execute(
                sql: "INSERT INTO batch (id, epoch) VALUES (?, ?)",
                arguments: [Data(id), Int64(epoch)]
            )
            var random = SystemRandomNumberGenerator()
            for (place, key) in keys.shuffled(using: &random).enumerated() {
                try database.execute(
                    sql: "UPDATE cocoon SET batch = ?, batch_place = ? WHERE key = ?",
                    arguments: [Data(id), place, key]
                )
            }
        }
    }

    /// Batches without an answer.
    func openBatches() throws -> [Batch] {
        try self.file.read { database in
            try Row.fetchAll(database, sql: "SELECT id, epoch FROM batch ORDER BY id").map { row in
                let id = row["id"] as Data
                let orders = try Row.fetchAll(
                    database,
                    sql: "SELECT key, handle FROM cocoon WHERE batch = ? ORDER BY batch_place",
                    arguments: [id]
                ).map { CocoonOrder(cocoonKey: Array($0["key"] as Data), handle: Array($0["handle"] as Data)) }
                let epoch = UInt64(row["epoch"] as Int64)
                return Batch(id: Array(id), content: CocoonBatch(epoch: epoch, orders: orders))
            }
        }
    }

    /// Keeps the answer to a batch.
    func keep(_ boxes: [[UInt8]], of batch: Batch) throws {
        try self.file.write { database in
            for (order, box) in zip(batch.content.orders, boxes) {
                // A request that is over, or fetched before a repeated answer, stays empty.
                try database.execute(
                    sql: "UPDATE cocoon SET response = ? WHERE key = ? AND batch = ? AND response IS NULL",
                    arguments: [Data(box), Data(order.cocoonKey), Data(batch.id)]
                )
            }
            try database.execute(sql: "DELETE FROM batch WHERE id = ?", arguments: [Data(batch.id)])
        }
    }

    // MARK: - Revocation

    /// Notes that a user gets no pseudonyms any more, and that those of running epochs shall be revoked.
    ///
    /// - Returns: how many keys that concerns.
    func revoke(_ subject: String, since epoch: UInt64, at now: UInt64) throws -> Int {
        try self.file.write { database in
            try database.execute(
                sql: "INSERT INTO revoked_user (subject, time) VALUES (?, ?) ON CONFLICT DO NOTHING",
                arguments: [subject, Int64(now)]
            )
            let ids = try Data.fetchAll(
                database,
                sql: "SELECT id FROM request WHERE subject = ? AND epoch >= ?",
                arguments: [subject, Int64(epoch)]
            )
            var count = 0
            for id in ids {
                // What is in no batch yet is never issued.
                try database.execute(
                    sql: "UPDATE cocoon SET response = x'', revocation = 2 WHERE request = ? AND batch IS NULL",
                    arguments: [id]
                )
                let marked =
                    "UPDATE cocoon SET revocation = 1 WHERE request = ? AND batch IS NOT NULL AND revocation = 0"
                try database.execute(sql: marked, arguments: [id])
                try database.execute(sql: "UPDATE request SET is_over = 1 WHERE id = ?", arguments: [id])
                count +=
                    try Int.fetchOne(
                        database,
                        sql: "SELECT count(*) FROM cocoon WHERE request = ? AND batch IS NOT NULL",
                        arguments: [id]
                    ) ?? 0
            }
            return count
        }
    }

    /// Keys that the authority of pseudonyms has to be told about: those whose batch it has answered.
    func keysToRevoke() throws -> [[UInt8]] {
        try self.file.read { database in
            try Data.fetchAll(
                database,
                sql: """
                    SELECT key FROM cocoon WHERE revocation = 1 AND response IS NOT NULL
                    ORDER BY key LIMIT \(RevokedKeys.countMax)
                    """
            ).map { Array($0) }
        }
    }

    /// Notes that it was told.
    func setRevoked(_ keys: [[UInt8]]) throws {
        try self.file.write { database in
            for key in keys {
                try database.execute(sql: "UPDATE cocoon SET revocation = 2 WHERE key = ?", arguments: [Data(key)])
            }
        }
    }
}

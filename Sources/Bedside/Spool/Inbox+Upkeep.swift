internal import Foundation
internal import GRDB

extension Inbox {
    /// Batches and messages that the inbox holds.
    package struct Holding: Sendable, Equatable {
        package var batches: Int64
        package var messages: Int64
    }

    /// What is stored after a batch; 0 counts everything.
    package func holding(after id: Int64 = 0) throws -> Holding {
        try self.file.reader.inDatabase { db in
            // Numbers run on, so both ends suffice: no scan however long the backlog.
            let query = try PreparedStatement(
                db,
                """
                SELECT last.id - first.id + 1, last.first_message + last.messages - first.first_message
                FROM (SELECT id, first_message FROM batch WHERE id > ? ORDER BY id LIMIT 1) AS first,
                     (SELECT id, first_message, messages FROM batch ORDER BY id DESC LIMIT 1) AS last
                """
            )
            query.bind(1, id)
            defer { query.reset() }
            return try query.next()
                ? Holding(batches: query.integer(0), messages: query.integer(1)) : Holding(batches: 0, messages: 0)
        }
    }

    /// Messages that the inbox holds, normalized ones within their retention included.
    package var messageCount: Int64 { get throws { try self.holding().messages } }

    /// Sizes of the files of the state directory.
    package var sizes: StoreSpace.Sizes { self.file.space.sizes }

    /// Whether a burst of the usual size would be taken now.
    package func hasRoom() -> Bool {
        do {
            try self.file.writer.inDatabase { db in
                try self.file.space.admit(
                    bytes: 1 << 20,
                    reusable: try self.file.reusableBytes(db),
                    limit: self.limits.inboxBytesMax(of: self.lane),
                    reserve: self.limits.freeDiskReserve
                )
            }
            return true
        } catch {
            return false
        }
    }

    /// Deletes the oldest batches that are normalized and past their retention; never the newest batch.
    ///
    /// - Parameters:
    ///   - id: the spool's cursor; later batches stay.
    ///   - time: batches received at or after this moment stay, ms since 1970.
    ///   - batchesMax: bound of the work of one call.
    /// - Returns: how many were deleted.
    /// - Throws: ``StoreRefusal``.
    @discardableResult
    package func deleteBatches(
        through id: Int64,
        olderThan time: Int64,
        batchesMax: Int = 64
    ) throws(StoreRefusal) -> Int {
        let count: Int
        do {
            count = try self.file.writer.writeWithoutTransaction { db in
                let rows = try Row.fetchAll(
                    db,
                    sql: "SELECT id, received_ms FROM batch WHERE id <= ? ORDER BY id LIMIT ?",
                    arguments: [min(id, self.newestBatch - 1), batchesMax]
                )
                guard let last = rows.prefix(while: { ($0[1] as Int64) < time }).last else { return 0 }
                try db.execute(sql: "DELETE FROM batch WHERE id <= ?", arguments: [last[0] as Int64])
                return db.changesCount
            }
            try self.file.shrink()
        } catch {
            throw StoreRefusal(error, space: self.file.space)
        }
        return count
    }

    /// Destroys the keys of epochs that ended before a moment and that no stored batch needs.
    ///
    /// - Returns: how many keys were destroyed.
    @discardableResult
    package func destroyEpochs(before time: Int64, now: Int64) throws -> Int {
        try self.file.destroyEpochs(now: now) { db, _ in
            let needed = try Int64.fetchOne(db, sql: "SELECT min(epoch) FROM batch") ?? .max
            return min(self.file.keys.epoch(atMilliseconds: time), needed)
        }
    }
}

internal import Foundation
internal import GRDB
package import Records
internal import Synchronization

/// The durable queue of raw messages: what a broker has been told that we hold.
///
/// One sealed row per burst. ``append(_:)`` returns when the burst is on the disk (`synchronous=FULL`), so
/// the acknowledgements may leave after it. Rows are numbered without gaps in use; the newest row is never
/// deleted, because it carries the numbering.
package final class Inbox: Sendable {
    static let schema = """
        CREATE TABLE batch (
            id INTEGER PRIMARY KEY,
            first_message INTEGER NOT NULL,
            messages INTEGER NOT NULL,
            received_ms INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            sealed BLOB NOT NULL
        );
        """

    let file: StoreFile
    let limits: SpoolLimits
    package let lane: SpoolLane
    private let clock: @Sendable () -> Int64
    private let arrival = NSCondition()
    private let newest: Mutex<Int64>

    /// Opens the inbox of a lane (`inbox.db`, `waves.db`) in a state directory, which is made when it does not exist.
    ///
    /// The clock (milliseconds since 1970) decides which epoch key seals.
    ///
    /// - Throws: ``SpoolError``.
    package init(
        directory: String,
        masterKey: MasterKey,
        limits: SpoolLimits = SpoolLimits(),
        lane: SpoolLane = .numerics,
        clock: @escaping @Sendable () -> Int64 = systemMilliseconds
    ) throws {
        self.file = try StoreFile(
            directory: directory,
            name: lane.fileName,
            schemas: [Self.schema],
            master: masterKey,
            rotationSeconds: limits.keyRotationSeconds
        )
        self.limits = limits
        self.lane = lane
        self.clock = clock
        let last = try self.file.writer.inDatabase { try Self.last($0).id }
        self.newest = Mutex(last)
    }

    /// Whether a state directory has the inbox of a lane.
    package static func exists(_ lane: SpoolLane, in directory: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(directory)/\(lane.fileName)")
    }

    /// Stores a burst in one transaction; it is on the disk when this returns.
    ///
    /// - Returns: the batch's number, greater than every earlier one.
    /// - Throws: ``StoreRefusal``; nothing of the burst is stored then, and the next call may succeed.
    @discardableResult
    package func append(_ burst: MessageBurst) throws(StoreRefusal) -> Int64 {
        guard let first = burst.message(at: 0) else { throw .failed("an empty burst cannot be stored") }
        let id: Int64
        do {
            id = try self.file.writer.writeWithoutTransaction { db in
                try self.file.space.admit(
                    bytes: burst.bytes.count,
                    reusable: try self.file.reusableBytes(db),
                    limit: self.limits.inboxBytesMax(of: self.lane),
                    reserve: self.limits.freeDiskReserve
                )
                let epoch = try self.file.keys.currentEpoch(now: self.clock(), db)
                return try self.insert(burst, receivedAt: first.message.receivedAt, epoch: epoch, db)
            }
        } catch {
            throw StoreRefusal(error, space: self.file.space)
        }
        self.newest.withLock { $0 = max($0, id) }
        self.wakeUp()
        return id
    }

    /// The oldest batch after the given one; nil when there is none.
    ///
    /// - Throws: ``SpoolError`` when the row does not open.
    package func nextBatch(after id: Int64) throws -> InboxBatch? {
        try self.file.reader.inDatabase { db in
            let query = try PreparedStatement(
                db,
                "SELECT id, messages, epoch, sealed FROM batch WHERE id > ? ORDER BY id LIMIT 1"
            )
            query.bind(1, id)
            defer { query.reset() }
            return try query.next() ? try self.open(query, db) : nil
        }
    }

    /// The newest batches of one broker that together hold at least the given number of messages, oldest first.
    ///
    /// What a broker redelivers after a crash is among them, as far as its inflight limit reaches. A batch holds messages
    /// of one broker, because each connection stores its own bursts.
    ///
    /// - Parameters:
    ///   - broker: the broker's index in the agent's configuration.
    ///   - messagesMax: where to stop looking back.
    /// - Returns: at most ``batchesSearched`` batches back from the newest.
    /// - Throws: ``SpoolError`` when a row does not open.
    package func recent(ofBroker broker: UInt8, messagesMax: Int) throws -> [InboxBatch] {
        try self.file.reader.inDatabase { db in
            let query = try PreparedStatement(
                db,
                "SELECT id, messages, epoch, sealed FROM batch ORDER BY id DESC LIMIT \(Self.batchesSearched)"
            )
            defer { query.reset() }
            var batches: [InboxBatch] = []
            var messages = 0
            while messages < messagesMax, try query.next() {
                let batch = try self.open(query, db)
                guard batch.burst.message(at: 0)?.message.broker == broker else { continue }
                messages += batch.burst.count
                batches.append(batch)
            }
            return batches.reversed()
        }
    }

    /// How many batches of all brokers a search for one broker's last messages reads at most.
    package static let batchesSearched = 4_096

    /// Number of the newest batch; 0 before the first.
    package var newestBatch: Int64 { self.newest.withLock { $0 } }

    /// Blocks the calling thread until a batch after the given one is stored, ``wakeUp()`` is called, or the
    /// timeout (seconds) is over.
    ///
    /// - Returns: whether there is such a batch.
    package func waitForBatch(after id: Int64, timeout: Double) -> Bool {
        self.arrival.lock()
        defer { self.arrival.unlock() }
        if self.newestBatch > id { return true }
        _ = self.arrival.wait(until: Date(timeIntervalSinceNow: timeout))
        return self.newestBatch > id
    }

    /// Ends every ``waitForBatch(after:timeout:)``, for example to stop.
    package func wakeUp() {
        self.arrival.lock()
        self.arrival.broadcast()
        self.arrival.unlock()
    }

    private func insert(_ burst: MessageBurst, receivedAt: Int64, epoch: Int64, _ db: Database) throws -> Int64 {
        let last = try Self.last(db)
        let id = last.id + 1
        let sealed = try self.file.keys.seal(burst.bytes, row: "batch/\(id)/\(burst.count)", epoch: epoch, db)
        let statement = try PreparedStatement(
            db,
            "INSERT INTO batch (id, first_message, messages, received_ms, epoch, sealed) VALUES (?, ?, ?, ?, ?, ?)"
        )
        statement.bind(1, id)
        statement.bind(2, last.nextMessage)
        statement.bind(3, Int64(burst.count))
        statement.bind(4, receivedAt / 1_000_000)
        statement.bind(5, sealed.epoch)
        // One statement outside a transaction is its own transaction: SQLite commits or rolls back by itself.
        try statement.run(blob: sealed.bytes, at: 6)
        return id
    }

    private func open(_ query: PreparedStatement, _ db: Database) throws -> InboxBatch {
        let id = query.integer(0)
        // The count is authenticated with the row, because it takes part in the accounting.
        let row = "batch/\(id)/\(query.integer(1))"
        let sealed = SealedBytes(epoch: query.integer(2), bytes: query.blob(3))
        let burst = try MessageBurst(bytes: self.file.keys.open(sealed, row: row, db))
        return InboxBatch(id: id, burst: burst)
    }

    private static func last(_ db: Database) throws -> (id: Int64, nextMessage: Int64) {
        let query = try PreparedStatement(
            db,
            "SELECT id, first_message + messages FROM batch ORDER BY id DESC LIMIT 1"
        )
        defer { query.reset() }
        return try query.next() ? (query.integer(0), query.integer(1)) : (0, 1)
    }
}

/// One burst as it was stored.
package struct InboxBatch: Sendable, Equatable {
    package let id: Int64
    package let burst: MessageBurst
}

/// The system's clock in milliseconds since 1970 UTC.
@Sendable package func systemMilliseconds() -> Int64 {
    Int64(Date().timeIntervalSince1970 * 1000)
}

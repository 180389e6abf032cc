internal import Synchronization

/// Where a transaction was included.
package struct TransactionPlace: Hashable, Sendable {
    package let height: UInt64
    /// Its index within the block.
    package let position: UInt32

    package init(height: UInt64, position: UInt32) {
        self.height = height
        self.position = position
    }
}

/// Finds the block of a transaction by its 32-byte id.
///
/// The index may lag behind the blocks: ``catchUp(to:earliest:identifiers:)`` makes it whole after a crash. Ids are
/// random, so that one tree of all of them would cost a disk page each; they are kept in generations of about a
/// million instead, of which only the last one grows. Adding therefore costs the same however many blocks there are,
/// and finding asks one generation after another, the latest first. Any thread may use it.
package final class TransactionIndex: Sendable {
    private let pendingMax: Int
    private let pending: Mutex<Pending>
    /// Taken before the lock of what is pending, never behind it.
    private let stored: Mutex<Stored>

    /// Opens the index, or makes the file.
    ///
    /// - Parameters:
    ///   - path: of the file.
    ///   - generationKeys: ids after which the next generation begins.
    ///   - pendingMax: ids that wait in memory.
    ///   - cacheBytes: of the file's pages in memory.
    /// - Throws: ``LedgerStoreFailure/foreign(_:)``, ``LedgerStoreFailure/corrupt(file:offset:reason:remedy:)`` and the
    ///   failures of the disk.
    package init(
        path: String,
        generationKeys: Int = 1 << 20,
        pendingMax: Int = 8_192,
        cacheBytes: Int = 32 << 20
    ) throws(LedgerStoreFailure) {
        let stored = try Stored(path: path, generationKeys: generationKeys, cacheBytes: cacheBytes)
        self.pendingMax = pendingMax
        self.pending = Mutex(Pending(height: try stored.height()))
        self.stored = Mutex(stored)
    }

    /// The last block whose ids are in the index; nil for a new one.
    package var height: UInt64? { self.pending.withLock { $0.height } }

    /// Ids that wait in memory, apart from those that are being written.
    package var pendingCount: Int { self.pending.withLock { $0.count } }

    /// Adds the ids of a block, in the order of its transactions.
    ///
    /// - Throws: ``LedgerStoreFailure/refused(_:)`` unless it is the next block or the index is new; the failures of
    ///   the disk when it comes to writing, which lose nothing.
    package func add(height: UInt64, identifiers: [[UInt8]]) throws(LedgerStoreFailure) {
        let isFull = try self.pending.withLock { pending throws(LedgerStoreFailure) in
            try pending.add(height: height, identifiers: identifiers)
            return pending.count >= self.pendingMax
        }
        if isFull { try self.flush() }
    }

    /// Where a transaction is; nil when it is in no block that the index knows.
    package func find(_ identifier: [UInt8]) throws(LedgerStoreFailure) -> TransactionPlace? {
        if let place = self.pending.withLock({ $0.find(identifier) }) { return place }
        return try self.stored.withLock { stored throws(LedgerStoreFailure) in try stored.find(identifier) }
    }

    /// Writes what waits in memory; adding goes on meanwhile.
    ///
    /// - Throws: the failures of the disk, which lose nothing: the call may be repeated.
    package func flush() throws(LedgerStoreFailure) {
        try self.stored.withLock { stored throws(LedgerStoreFailure) in
            let (places, height) = self.pending.withLock { $0.beginWriting() }
            do throws(LedgerStoreFailure) {
                try stored.write(places, height: height)
                self.pending.withLock { $0.finishWriting(isDone: true) }
            } catch {
                self.pending.withLock { $0.finishWriting(isDone: false) }
                throw error
            }
        }
    }

    /// Adds the ids of blocks that the index does not have yet.
    ///
    /// - Parameters:
    ///   - last: the last block of the block store.
    ///   - earliest: its first one.
    ///   - identifiers: reads a block's ids.
    /// - Throws: what `identifiers` throws, and the failures of the disk.
    package func catchUp(
        to last: UInt64,
        earliest: UInt64,
        identifiers: (UInt64) throws(LedgerStoreFailure) -> [[UInt8]]
    ) throws(LedgerStoreFailure) {
        if let known = self.height, known > last || known &+ 1 < earliest {
            try self.removeAll()
        }
        var next = self.height.map { $0 + 1 } ?? earliest
        while next <= last {
            try self.add(height: next, identifiers: try identifiers(next))
            next += 1
        }
        try self.flush()
    }

    /// Forgets everything, for a chain that goes on behind a snapshot; the index then takes any height.
    package func removeAll() throws(LedgerStoreFailure) {
        try self.stored.withLock { stored throws(LedgerStoreFailure) in
            try stored.removeAll()
            self.pending.withLock { $0 = Pending(height: nil) }
        }
    }

    /// Forgets generations whose blocks all lie below a height.
    package func prune(below height: UInt64) throws(LedgerStoreFailure) {
        while try self.stored.withLock({ stored throws(LedgerStoreFailure) in try stored.pruneSome(below: height) }) {}
    }
}

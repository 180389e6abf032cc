internal import Merkle
internal import Records
internal import Synchronization

/// An envelope store on a relational database: all of it but what SQLite and PostgreSQL do differently.
package final class RelationalStore: EnvelopeStore {
    let engine: any StoreEngine
    let limits: StoreLimits
    /// The tree as the last append of this process left it; another process may have grown it since.
    let frontier = Mutex(MerkleFrontier())
    /// Certificates are never deleted, so that one that was seen stays known.
    let knownCertificates = Mutex(Set<Digest>())
    private let writers: BlockingThreads
    private let readers: BlockingThreads

    init(engine: any StoreEngine, limits: StoreLimits) {
        self.engine = engine
        self.limits = limits
        self.writers = BlockingThreads(name: "store-write", count: engine.writersMax, waitingMax: limits.waitingMax)
        self.readers = BlockingThreads(name: "store-read", count: limits.readers, waitingMax: limits.waitingMax)
    }

    deinit {
        self.writers.stop()
        self.readers.stop()
    }

    package func close() async throws {
        self.readers.stop()
        let engine = self.engine
        try await self.writers.run { try engine.close() }
        self.writers.stop()
    }

    /// Runs a read transaction beside the caller's thread.
    func read<T: Sendable>(_ body: @escaping @Sendable (any StoreConnection) throws -> T) async throws -> T {
        try await self.readers.run { [engine] in try engine.read(body) }
    }

    /// Runs a write transaction beside the caller's thread.
    func write<T: Sendable>(_ body: @escaping @Sendable (any StoreConnection) throws -> T) async throws -> T {
        try await self.writers.run { [engine] in try engine.write(body) }
    }

    package func append(_ batch: [NewEnvelope]) async throws -> AppendedBatch {
        for envelope in batch where envelope.bytes.isEmpty || envelope.bytes.count > self.limits.envelopeBytesMax {
            throw StoreError.invalid("an envelope has 1 to \(self.limits.envelopeBytesMax) bytes")
        }
        return try await self.writers.run {
            let (appended, frontier) = try self.engine.write { db in
                var transaction = try AppendTransaction(batch, store: self, db)
                return (try transaction.run(), transaction.frontier)
            }
            self.frontier.withLock { $0 = frontier }
            return appended
        }
    }

    package func statistics() async throws -> StoreStatistics {
        let engine = self.engine
        let storageBytes = try await self.readers.run { try engine.storageBytes() }
        return try await self.read { db in
            let envelopes = try Tally.read(.envelopes, db)
            return StoreStatistics(
                envelopes: envelopes.count,
                envelopeBytes: envelopes.bytes,
                certificates: try Tally.read(.certificates, db).count,
                rekeys: try Tally.read(.rekeys, db).count,
                storageBytes: storageBytes
            )
        }
    }
}

/// Bounds of a store.
package struct StoreLimits: Sendable {
    /// Bytes of one envelope.
    package var envelopeBytesMax = 4 << 20
    /// Threads, and connections, that read.
    package var readers = 4
    /// Calls that may wait for a thread.
    package var waitingMax = 4_096

    package init() {}
}

internal import Synchronization

/// Where something happened in a channel: block, and place among what the block tells.
package struct EventPlace: Hashable, Comparable, Sendable {
    package let height: UInt64
    package let index: UInt32

    package init(height: UInt64, index: UInt32) {
        self.height = height
        self.index = index
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.height, left.index) < (right.height, right.index)
    }
}

/// Something that happened to a subject.
package struct SubjectEvent: Hashable, Sendable {
    package let place: EventPlace
    /// Id of the transaction that caused it, 32 bytes.
    package let transaction: [UInt8]
    package let topic: String

    package init(place: EventPlace, transaction: [UInt8], topic: String) {
        self.place = place
        self.transaction = transaction
        self.topic = topic
    }
}

/// Finds what happened to a subject: something with a name of 32 bytes.
///
/// It holds nothing that the blocks do not tell. It may lag behind them, forgets what was not written when the process
/// dies, and is made whole, or wholly anew, by adding the blocks above ``height``. Subjects are random, so that their
/// rows are kept in generations, as ``TransactionIndex`` keeps its ids: adding costs the same however many blocks there
/// are. Any thread may use it; only one adds.
package final class SubjectIndex: Sendable {
    private let pendingMax: Int
    private let state: Mutex<State>

    /// Opens the index, or makes the file; a damaged one, and one that was made by other rules, is made anew.
    ///
    /// - Parameters:
    ///   - path: of the file.
    ///   - rules: by which events were given subjects; another number forgets everything.
    ///   - generationRows: rows after which the next generation begins.
    ///   - pendingMax: rows that wait in memory until they are written.
    ///   - cacheBytes: of the file's pages in memory.
    /// - Throws: ``LedgerStoreFailure/foreign(_:)`` and the failures of the disk.
    package init(
        path: String,
        rules: UInt32,
        generationRows: Int = 1 << 20,
        pendingMax: Int = 4_096,
        cacheBytes: Int = 16 << 20
    ) throws(LedgerStoreFailure) {
        self.pendingMax = pendingMax
        let stored = try Self.open(path, rules, generationRows, cacheBytes)
        self.state = Mutex(State(stored: stored, height: try stored.height()))
    }

    private static func open(
        _ path: String,
        _ rules: UInt32,
        _ generationRows: Int,
        _ cacheBytes: Int
    ) throws(LedgerStoreFailure) -> Stored {
        do throws(LedgerStoreFailure) {
            return try Stored(path: path, rules: rules, generationRows: generationRows, cacheBytes: cacheBytes)
        } catch {
            guard case .corrupt = error else { throw error }
            try Stored.delete(path)
            return try Stored(path: path, rules: rules, generationRows: generationRows, cacheBytes: cacheBytes)
        }
    }

    /// The last block of which it knows the events; nil for a new one.
    package var height: UInt64? { self.state.withLock { $0.height } }

    /// Rows that wait in memory.
    package var pendingCount: Int { self.state.withLock { $0.pendingCount } }

    /// Adds what happened in a block.
    ///
    /// - Parameters:
    ///   - height: of the block.
    ///   - events: in order, each with its subjects of 32 bytes.
    /// - Throws: ``LedgerStoreFailure/refused(_:)`` unless it is the next block or the index is new; the failures of
    ///   the disk when it comes to writing, which lose nothing: ``flush()`` may be tried again.
    package func add(
        height: UInt64,
        _ events: [(event: SubjectEvent, subjects: [[UInt8]])]
    ) throws(LedgerStoreFailure) {
        try self.state.withLock { state throws(LedgerStoreFailure) in
            try state.add(height: height, events)
            if state.pendingCount >= self.pendingMax { try state.flush() }
        }
    }

    /// What happened to a subject, in order.
    ///
    /// - Parameters:
    ///   - subject: 32 bytes.
    ///   - place: only what comes after it; nil for everything.
    ///   - limit: events at most.
    /// - Returns: ascending.
    /// - Throws: the failures of the disk.
    package func events(
        of subject: [UInt8],
        after place: EventPlace?,
        limit: Int
    ) throws(LedgerStoreFailure) -> [SubjectEvent] {
        try self.state.withLock { state throws(LedgerStoreFailure) in
            try state.events(of: subject, after: place, limit: limit)
        }
    }

    /// Writes what waits in memory.
    ///
    /// - Throws: the failures of the disk, which lose nothing: the call may be repeated.
    package func flush() throws(LedgerStoreFailure) {
        try self.state.withLock { state throws(LedgerStoreFailure) in try state.flush() }
    }

    /// Forgets everything; the index then takes any height.
    package func removeAll() throws(LedgerStoreFailure) {
        try self.state.withLock { state throws(LedgerStoreFailure) in try state.removeAll() }
    }

    /// Forgets generations whose blocks all lie below a height, in steps between which others are served.
    package func prune(below height: UInt64) throws(LedgerStoreFailure) {
        while try self.state.withLock({ state throws(LedgerStoreFailure) in try state.stored.pruneSome(below: height) })
        {}
    }
}

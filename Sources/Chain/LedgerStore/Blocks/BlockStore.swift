internal import Synchronization

/// The certified blocks of one channel, in order, in files of 64 MiB (rules W5, W8-W10).
///
/// A block may be shown to others once ``sync()`` has returned after it was appended.
/// The cost of appending and of reading does not depend on how many blocks there are. Any thread may read while one
/// appends.
///
/// A full disk is reported before a block counts as appended; after any other failed write the store takes no more
/// blocks and the process must end.
package final class BlockStore: Sendable {
    static let magic: StaticString = "WLB1"
    let folder: Folder
    private let state: Mutex<State>

    init(folder: Folder, state: sending State) {
        self.folder = folder
        self.state = Mutex(state)
    }

    /// The lowest height that can be read; nil when there are no blocks.
    package var earliest: UInt64? { self.state.withLock { $0.last == nil ? nil : $0.firsts.first } }

    /// The highest height that was appended; nil when there are no blocks.
    package var last: UInt64? { self.state.withLock { $0.last } }

    /// The highest height that is on the disk; nil when there are no blocks.
    package var durable: UInt64? { self.state.withLock { $0.durable } }

    /// Appends a block, which is durable after the next ``sync()``.
    ///
    /// - Parameters:
    ///   - height: the one behind the last; an empty store takes any.
    ///   - block: canonical bytes.
    ///   - certificate: canonical bytes.
    ///   - receipts: of its transactions.
    /// - Throws: ``LedgerStoreFailure/refused(_:)`` for another height or above 256 MiB;
    ///   ``LedgerStoreFailure/diskFull(_:)``: the block is not appended, the call may be repeated;
    ///   ``LedgerStoreFailure/ioError(_:)``: the process must end.
    package func append(
        height: UInt64,
        block: [UInt8],
        certificate: [UInt8],
        receipts: [UInt8]
    ) throws(LedgerStoreFailure) {
        let stored = StoredBlock(height: height, block: block, certificate: certificate, receipts: receipts)
        try self.state.withLock { state throws(LedgerStoreFailure) in
            try state.guarded { state throws(LedgerStoreFailure) in try state.append(stored) }
        }
    }

    /// Waits until everything that was appended is on the disk.
    ///
    /// Reading and appending go on meanwhile.
    ///
    /// - Returns: ``durable``.
    /// - Throws: ``LedgerStoreFailure/ioError(_:)``: the process must end.
    @discardableResult
    package func sync() throws(LedgerStoreFailure) -> UInt64? {
        let open = try self.state.withLock { state throws(LedgerStoreFailure) in
            try state.checkUsable()
            return state.last == state.durable ? nil : state.active.map { (file: $0.file, last: state.last) }
        }
        guard let open else { return self.durable }
        do {
            try open.file.synchronize()
        } catch {
            self.state.withLock { $0.failure = error }
            throw error
        }
        return self.state.withLock { state in
            state.settle(open.last)
            return state.durable
        }
    }

    /// Reads a block; nil above ``last``.
    ///
    /// - Throws: ``LedgerStoreFailure/pruned(earliest:)``; ``LedgerStoreFailure/corrupt(file:offset:reason:remedy:)``.
    package func read(_ height: UInt64) throws(LedgerStoreFailure) -> StoredBlock? {
        let place = try self.state.withLock { state throws(LedgerStoreFailure) in try state.place(of: height) }
        switch place {
        case nil: return nil
        case .sealed(let segment): return try segment.read(height)
        case .active(let file, let range, let identity):
            let block = try SealedSegment.block(file, range, height: height, identity: identity)
            guard let block else {
                throw .corrupt(
                    file: file.path,
                    offset: range.lowerBound,
                    reason: "block \(height) is not what was written",
                    remedy: Self.remedy(height: height)
                )
            }
            return block
        }
    }

    /// Reads consecutive blocks, as many as there are and the limits allow.
    ///
    /// - Parameters:
    ///   - heights: from where to where.
    ///   - bytesMax: ends the answer behind the block that reaches it, so that it holds at least one.
    /// - Returns: none above ``last``.
    /// - Throws: as ``read(_:)``.
    package func read(
        _ heights: ClosedRange<UInt64>,
        bytesMax: Int = 8 << 20
    ) throws(LedgerStoreFailure) -> [StoredBlock] {
        var (blocks, bytes) = ([StoredBlock](), 0)
        var height = heights.lowerBound
        while bytes < bytesMax, let block = try self.read(height) {
            blocks.append(block)
            bytes += block.bodyBytes
            guard height < heights.upperBound else { break }
            height += 1
        }
        return blocks
    }

    /// Deletes whole segments whose blocks all lie below a height; the last segment stays.
    ///
    /// - Returns: ``earliest``.
    @discardableResult
    package func prune(below height: UInt64) throws(LedgerStoreFailure) -> UInt64? {
        try self.state.withLock { state throws(LedgerStoreFailure) in
            try state.guarded { state throws(LedgerStoreFailure) in try state.prune(below: height) }
        }
        return self.earliest
    }

    /// Deletes all blocks, for a chain that goes on behind a snapshot; the store then takes any height.
    ///
    /// The lowest go first: a crash meanwhile leaves the later ones, without a gap.
    package func removeAll() throws(LedgerStoreFailure) {
        try self.state.withLock { state throws(LedgerStoreFailure) in
            try state.guarded { state throws(LedgerStoreFailure) in try state.removeAll() }
        }
    }

    static func name(of first: UInt64) -> String { first.fileName + ".blocks" }

    static func remedy(_ folder: Folder) -> String {
        "delete \(folder.path); the blocks are then taken from the other validators again"
    }

    static func remedy(height: UInt64) -> String {
        "take block \(height) from another validator again (repair), or delete the folder of blocks so that all are"
    }
}

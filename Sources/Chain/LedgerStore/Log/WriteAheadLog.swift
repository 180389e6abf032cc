/// The votes and views of a validator, on the disk before they are sent (rules W1-W4, W8-W12).
///
/// Entries are collected by ``append(kind:_:)`` and made durable together by ``sync()``; a message may be sent once
/// ``durable`` has reached its entry. The log is one segment file that grows, until ``replace(with:)`` starts the next
/// one with what is still needed. Used from one thread.
///
/// A full disk is reported before anything counts as written, and the same call works later. After any other failure
/// the log refuses everything: the process must end.
package final class WriteAheadLog {
    static let magic: StaticString = "WLW1"
    let folder: Folder
    let markerFolder: Folder
    let markerName: String
    let reserve: Int
    let calls: DiskCalls
    private var segment: Segment
    private var pending: [UInt8] = []
    private var failure: LedgerStoreFailure?
    /// Every entry up to this log sequence number is on the disk.
    package private(set) var durable: UInt64
    /// Log sequence number of the entry that was appended last.
    package private(set) var last: UInt64
    /// Whether votes may have been sent that this log does not hold, so that the validator must stay silent.
    package private(set) var isLost: Bool

    init(
        segment: Segment,
        folder: Folder,
        marker: (folder: Folder, name: String),
        reserve: Int,
        calls: DiskCalls,
        last: UInt64,
        isLost: Bool
    ) {
        self.segment = segment
        self.folder = folder
        (self.markerFolder, self.markerName) = marker
        self.reserve = reserve
        self.calls = calls
        self.durable = last
        self.last = last
        self.isLost = isLost
    }

    /// Length of the log in bytes, what is not yet synchronized included.
    package var bytesInSegment: Int { self.segment.end + self.pending.count }

    /// Adds an entry, which is durable after the next ``sync()``.
    ///
    /// - Returns: its log sequence number.
    /// - Throws: ``LedgerStoreFailure/refused(_:)`` above 256 MiB; ``LedgerStoreFailure/ioError(_:)`` after a failure.
    @discardableResult
    package func append(kind: UInt8, _ bytes: [UInt8]) throws(LedgerStoreFailure) -> UInt64 {
        try self.checkUsable()
        guard bytes.count <= Record.bodyBytesMax else { throw .refused("a log entry of \(bytes.count) bytes") }
        self.last += 1
        Record.append(
            [bytes],
            kind: kind,
            sequence: self.last,
            batchStart: self.durable + 1,
            identity: self.segment.header.identity,
            to: &self.pending
        )
        return self.last
    }

    /// Writes what was appended and waits for the disk, once for all entries.
    ///
    /// - Returns: ``durable``.
    /// - Throws: ``LedgerStoreFailure/diskFull(_:)``: nothing is durable yet, nothing is lost, call again when there is
    ///   room. ``LedgerStoreFailure/ioError(_:)``: the process must end.
    @discardableResult
    package func sync() throws(LedgerStoreFailure) -> UInt64 {
        try self.checkUsable()
        guard !self.pending.isEmpty else { return self.durable }
        try self.guarded { () throws(LedgerStoreFailure) in
            try self.segment.write(self.pending)
            self.pending.removeAll(keepingCapacity: self.pending.count < 1 << 20)
            try self.segment.file.synchronize()
        }
        self.durable = self.last
        return self.durable
    }

    /// Compacts the log: from now on it holds these entries, under new sequence numbers, and no others.
    ///
    /// What was appended before is synchronized first, so that ``durable`` never falls behind a promise. A crash at
    /// any instant leaves either the old log or the new one.
    ///
    /// - Returns: ``durable``, the number of the last of the entries.
    /// - Throws: as ``sync()``; after ``LedgerStoreFailure/diskFull(_:)`` the old log stays.
    @discardableResult
    package func replace(with entries: [(kind: UInt8, bytes: [UInt8])]) throws(LedgerStoreFailure) -> UInt64 {
        try self.sync()
        try self.guarded { () throws(LedgerStoreFailure) in
            let old = Self.name(of: self.segment.header.number)
            self.segment = try self.makeSegment(with: entries)
            self.last += UInt64(entries.count)
            self.durable = self.last
            try self.folder.remove(old)
            try self.folder.synchronize()
        }
        try self.guarded { () throws(LedgerStoreFailure) in
            do throws(LedgerStoreFailure) {
                try self.writeMarker()
            } catch {
                // A marker that lags by one compaction only recognizes older copies of the log later.
                guard case .diskFull = error else { throw error }
            }
        }
        return self.durable
    }

    /// Ends the state that ``isLost`` reports, once the caller knows that old votes can do no harm.
    package func endLoss() throws(LedgerStoreFailure) {
        try self.checkUsable()
        guard self.isLost else { return }
        self.isLost = false
        do {
            try self.guarded { () throws(LedgerStoreFailure) in try self.writeMarker() }
        } catch {
            self.isLost = true
            throw error
        }
    }

    private func makeSegment(with entries: [(kind: UInt8, bytes: [UInt8])]) throws(LedgerStoreFailure) -> Segment {
        let next = self.last + 1
        let header = SegmentHeader(
            magic: Self.magic,
            identity: self.segment.header.identity,
            number: self.segment.header.number + 1,
            first: next,
            settled: next + UInt64(entries.count)
        )
        var records: [UInt8] = []
        for (index, entry) in entries.enumerated() {
            guard entry.bytes.count <= Record.bodyBytesMax else {
                throw .refused("a log entry of \(entry.bytes.count) bytes")
            }
            Record.append(
                [entry.bytes],
                kind: entry.kind,
                sequence: next + UInt64(index),
                batchStart: next,
                identity: header.identity,
                to: &records
            )
        }
        return try Segment.create(
            Self.name(of: header.number),
            in: self.folder,
            header: header,
            records: records,
            reserve: self.reserve,
            calls: self.calls
        )
    }

    private func writeMarker() throws(LedgerStoreFailure) {
        let header = self.segment.header
        let marker = LogMarker(identity: header.identity, number: header.number, isLost: self.isLost)
        try self.markerFolder.replace(self.markerName, with: marker.bytes)
    }

    private func checkUsable() throws(LedgerStoreFailure) {
        guard let failure = self.failure else { return }
        throw .ioError("the log is not used any more after this failure: \(failure)")
    }

    /// Remembers a failure after which the state of the disk is unknown.
    private func guarded(_ body: () throws(LedgerStoreFailure) -> Void) throws(LedgerStoreFailure) {
        do {
            try body()
        } catch {
            if case .diskFull = error { throw error }
            if case .refused = error { throw error }
            self.failure = error
            throw error
        }
    }

    static func name(of number: UInt64) -> String { number.fileName + ".wal" }
}

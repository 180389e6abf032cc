extension BlockStore {
    /// Where a block lies.
    enum Place {
        case sealed(SealedSegment)
        case active(DiskFile, Range<Int>, identity: [UInt8])
    }

    /// What the lock of a store protects.
    struct State {
        let folder: Folder
        let segmentBytes: Int
        let reserve: Int
        let calls: DiskCalls
        /// First heights of all segments, ascending; the last one is the active segment's.
        var firsts: [UInt64] = []
        /// Where the blocks of the active segment lie.
        var ranges: [Range<Int>] = []
        var active: Segment?
        /// Sealed segments that were read lately, the latest last.
        var opened: [SealedSegment] = []
        var last: UInt64?
        var durable: UInt64?
        var failure: LedgerStoreFailure?
        /// Where a block's record is put together: the memory of a block after the other, which a new one would have to
        /// get from the system each time.
        var record: [UInt8] = []
    }
}

extension BlockStore.State {
    /// How many sealed segments stay open for reading.
    private static let openedMax = 16
    /// A longer record's memory is given back.
    private static let recordBytesKept = 4 << 20

    func checkUsable() throws(LedgerStoreFailure) {
        guard let failure = self.failure else { return }
        throw .ioError("the block store takes no more blocks after this failure: \(failure)")
    }

    /// Runs a change, and remembers a failure after which the state of the disk is unknown.
    mutating func guarded(
        _ body: (inout Self) throws(LedgerStoreFailure) -> Void
    ) throws(LedgerStoreFailure) {
        try self.checkUsable()
        do {
            try body(&self)
        } catch {
            switch error {
            case .diskFull, .refused, .pruned: break
            default: self.failure = error
            }
            throw error
        }
    }

    mutating func append(_ block: StoredBlock) throws(LedgerStoreFailure) {
        if let last = self.last, block.height != last &+ 1 {
            throw .refused("block \(block.height) does not follow block \(last)")
        }
        guard block.bodyBytes <= Record.bodyBytesMax else { throw .refused("a block of \(block.bodyBytes) bytes") }
        // A first block that found no room has left a file, and need not be the one that is tried next.
        if self.last == nil, self.active?.header.first != block.height { try self.removeAll() }
        let segment = try self.segment(for: block)
        self.record.removeAll(keepingCapacity: self.record.capacity <= Self.recordBytesKept)
        self.record.reserveCapacity(Record.headerBytes + block.bodyBytes)
        Record.append(
            block.parts,
            kind: 0,
            sequence: block.height,
            batchStart: self.durable.map { $0 + 1 } ?? segment.header.first,
            identity: segment.header.identity,
            to: &self.record
        )
        let start = segment.end
        try segment.write(self.record)
        self.ranges.append(start..<segment.end)
        self.last = block.height
    }

    /// Notes that blocks up to a height are on the disk.
    mutating func settle(_ height: UInt64?) {
        guard let height, let last = self.last else { return }
        self.durable = min(last, max(self.durable ?? 0, height))
    }

    mutating func place(of height: UInt64) throws(LedgerStoreFailure) -> BlockStore.Place? {
        guard let last = self.last, let earliest = self.firsts.first, height <= last else { return nil }
        guard height >= earliest else { throw .pruned(earliest: earliest) }
        if let active = self.active, height >= active.header.first {
            let range = self.ranges[Int(height - active.header.first)]
            return .active(active.file, range, identity: active.header.identity)
        }
        return .sealed(try self.sealed(holding: height))
    }

    mutating func prune(below height: UInt64) throws(LedgerStoreFailure) {
        while self.firsts.count > 1, self.firsts[1] <= height { try self.removeFirst() }
        try self.folder.synchronize()
    }

    mutating func removeAll() throws(LedgerStoreFailure) {
        self.active = nil
        self.ranges = []
        (self.last, self.durable) = (nil, nil)
        while !self.firsts.isEmpty { try self.removeFirst() }
        try self.folder.synchronize()
    }

    private mutating func removeFirst() throws(LedgerStoreFailure) {
        let first = self.firsts[0]
        try self.folder.remove(BlockStore.name(of: first))
        try self.folder.remove(BlockIndexFile.name(of: first))
        self.opened.removeAll { $0.first == first }
        self.firsts.removeFirst()
    }

    /// The active segment, or a new one when the block does not fit any more.
    private mutating func segment(for block: StoredBlock) throws(LedgerStoreFailure) -> Segment {
        if let active = self.active {
            let size = active.end + Record.headerBytes + block.bodyBytes
            guard size > self.segmentBytes, !self.ranges.isEmpty else { return active }
            try self.seal(active)
        }
        let segment = try Segment.create(
            BlockStore.name(of: block.height),
            in: self.folder,
            header: SegmentHeader(
                magic: BlockStore.magic,
                identity: SegmentHeader.makeIdentity(),
                number: block.height,
                first: block.height,
                settled: block.height
            ),
            reserve: self.reserve,
            calls: self.calls
        )
        self.active = segment
        self.ranges = []
        self.firsts.append(block.height)
        return segment
    }

    /// Puts the active segment on the disk before a later one exists, so that only the last one can be torn.
    private mutating func seal(_ active: Segment) throws(LedgerStoreFailure) {
        try active.file.synchronize()
        self.settle(self.last)
        try BlockIndexFile.write(self.ranges, first: active.header.first, in: self.folder)
    }

    private mutating func sealed(holding height: UInt64) throws(LedgerStoreFailure) -> SealedSegment {
        let next = self.firsts.partitionIndex { $0 > height }
        let first = self.firsts[next - 1]
        if let known = self.opened.firstIndex(where: { $0.first == first }) {
            let segment = self.opened.remove(at: known)
            self.opened.append(segment)
            return segment
        }
        let segment = try SealedSegment(self.folder, first: first, count: Int(self.firsts[next] - first))
        if self.opened.count >= Self.openedMax { self.opened.removeFirst() }
        self.opened.append(segment)
        return segment
    }
}

extension [UInt64] {
    /// The first index whose element satisfies a condition that holds from some index on.
    func partitionIndex(where isBehind: (UInt64) -> Bool) -> Int {
        var (low, high) = (0, self.count)
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

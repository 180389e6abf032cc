/// A full segment of blocks, which is only read.
struct SealedSegment: Sendable {
    let first: UInt64
    /// How many blocks it must hold.
    let count: Int
    private let folder: Folder
    private let file: DiskFile
    private let header: SegmentHeader
    private let index: BlockIndexFile

    /// Opens a sealed segment, and makes its index anew when that does not fit.
    init(_ folder: Folder, first: UInt64, count: Int) throws(LedgerStoreFailure) {
        self.first = first
        self.count = count
        self.folder = folder
        self.file = try DiskFile(folder.path(of: BlockStore.name(of: first)), .read)
        self.header = try Self.header(self.file, folder)
        if let index = try BlockIndexFile(folder, first: first), index.count == count {
            self.index = index
        } else {
            self.index = try Self.rebuiltIndex(folder, self.file, first: first, count: count)
        }
    }

    /// Reads the block of a height that the segment holds.
    func read(_ height: UInt64) throws(LedgerStoreFailure) -> StoredBlock {
        if let block = try self.block(height, self.index) { return block }
        // Either the index is wrong, which does no harm, or the block is.
        let index = try Self.rebuiltIndex(self.folder, self.file, first: self.first, count: self.count)
        if let block = try self.block(height, index) { return block }
        throw .corrupt(
            file: self.file.path,
            offset: 0,
            reason: "block \(height) is not what was written",
            remedy: BlockStore.remedy(height: height)
        )
    }

    private func block(_ height: UInt64, _ index: BlockIndexFile) throws(LedgerStoreFailure) -> StoredBlock? {
        guard let range = try index.range(of: Int(height - self.first)) else { return nil }
        return try Self.block(self.file, range, height: height, identity: self.header.identity)
    }

    /// Reads a record that is expected at a place; nil when it is not there.
    static func block(
        _ file: DiskFile,
        _ range: Range<Int>,
        height: UInt64,
        identity: [UInt8]
    ) throws(LedgerStoreFailure) -> StoredBlock? {
        guard range.count <= Record.headerBytes + Record.bodyBytesMax else { return nil }
        let bytes = try file.read(range.count, at: range.lowerBound)
        guard let record = Record(bytes, at: 0, identity: identity, sequences: height...height) else { return nil }
        return StoredBlock(height: height, body: Array(bytes[record.body]))
    }

    /// Reads a whole sealed segment, and refuses damage as well as missing blocks.
    static func scan(
        _ folder: Folder,
        _ file: DiskFile,
        first: UInt64,
        count: Int
    ) throws(LedgerStoreFailure) -> SegmentScan {
        let scan = try SegmentScan(file, magic: BlockStore.magic, remedy: BlockStore.remedy(folder))
        guard scan.header.first == first, scan.records.count == count else {
            let missing = first + UInt64(scan.records.count)
            throw .corrupt(
                file: file.path,
                offset: scan.end,
                reason: "block \(missing) is missing or not what was written",
                remedy: BlockStore.remedy(height: missing)
            )
        }
        return scan
    }

    private static func header(_ file: DiskFile, _ folder: Folder) throws(LedgerStoreFailure) -> SegmentHeader {
        let bytes = try file.read(SegmentHeader.byteCount, at: 0)
        if let header = SegmentHeader(bytes, magic: BlockStore.magic) { return header }
        throw .corrupt(
            file: file.path,
            offset: 0,
            reason: "this is no header of a segment of blocks",
            remedy: BlockStore.remedy(folder)
        )
    }

    private static func rebuiltIndex(
        _ folder: Folder,
        _ file: DiskFile,
        first: UInt64,
        count: Int
    ) throws(LedgerStoreFailure) -> BlockIndexFile {
        let scan = try self.scan(folder, file, first: first, count: count)
        try BlockIndexFile.write(scan.records.map { $0.offset..<$0.end }, first: first, in: folder)
        guard let index = try BlockIndexFile(folder, first: first), index.count == count else {
            throw .ioError("\(folder.path(of: BlockIndexFile.name(of: first))) does not hold what was written")
        }
        return index
    }
}

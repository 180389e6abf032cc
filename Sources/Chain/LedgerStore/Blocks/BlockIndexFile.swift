internal import CanonicalBytes

/// Where the records of a sealed segment lie: "WLX1", u64 first height, then u32 offset and u32 length per block.
///
/// It holds nothing that the segment does not tell; when it is missing or wrong it is made anew.
struct BlockIndexFile {
    private static let magic = Array("WLX1".utf8)
    private static let headerBytes = 12
    private let file: DiskFile
    let count: Int

    /// Opens the index of a segment; nil when there is none that fits.
    init?(_ folder: Folder, first: UInt64) throws(LedgerStoreFailure) {
        guard folder.contains(Self.name(of: first)) else { return nil }
        self.file = try DiskFile(folder.path(of: Self.name(of: first)), .read)
        let size = try self.file.size()
        let header = try self.file.read(Self.headerBytes, at: 0)
        guard header == Self.magic + first.bigEndianBytes, (size - Self.headerBytes).isMultiple(of: 8) else {
            return nil
        }
        self.count = (size - Self.headerBytes) / 8
    }

    /// Where a record lies, by its place in the segment.
    func range(of index: Int) throws(LedgerStoreFailure) -> Range<Int>? {
        let entry = try self.file.read(8, at: Self.headerBytes + index * 8)
        guard entry.count == 8 else { return nil }
        let offset = entry[..<4].reduce(0) { $0 << 8 | Int($1) }
        let length = entry[4...].reduce(0) { $0 << 8 | Int($1) }
        return offset..<offset + length
    }

    static func write(_ ranges: [Range<Int>], first: UInt64, in folder: Folder) throws(LedgerStoreFailure) {
        var writer = CanonicalWriter(capacity: self.headerBytes + ranges.count * 8)
        writer.raw(self.magic)
        writer.u64(first)
        for range in ranges {
            writer.u32(UInt32(clamping: range.lowerBound))
            writer.u32(UInt32(clamping: range.count))
        }
        try folder.replace(self.name(of: first), with: writer.bytes)
    }

    static func name(of first: UInt64) -> String { first.fileName + ".index" }
}

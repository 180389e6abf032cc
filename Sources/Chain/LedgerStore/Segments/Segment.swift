/// A segment file that is appended to.
///
/// Used from one thread.
final class Segment {
    let header: SegmentHeader
    let file: DiskFile
    /// Where the next record belongs.
    private(set) var end: Int
    /// The file's length: behind ``end`` there are zeros.
    private var reserved: Int
    /// By how many bytes the file grows at once.
    private let reserve: Int

    private init(header: SegmentHeader, file: DiskFile, end: Int, reserved: Int, reserve: Int) {
        self.header = header
        self.file = file
        self.end = end
        self.reserved = reserved
        self.reserve = reserve
    }

    /// Makes a segment that is complete, on the disk, when it gets its name.
    static func create(
        _ name: String,
        in folder: Folder,
        header: SegmentHeader,
        records: [UInt8] = [],
        reserve: Int,
        calls: DiskCalls
    ) throws(LedgerStoreFailure) -> Segment {
        let partial = name + Folder.partial
        let content = header.bytes + records
        do {
            let file = try DiskFile(folder.path(of: partial), .create, calls: calls)
            try file.reserve(from: 0, to: content.count + reserve)
            try file.write(content, at: 0)
            try file.synchronize()
        } catch {
            try? folder.remove(partial)
            throw error
        }
        try folder.rename(partial, to: name)
        return Segment(
            header: header,
            file: try DiskFile(folder.path(of: name), .change, calls: calls),
            end: content.count,
            reserved: content.count + reserve,
            reserve: reserve
        )
    }

    /// Opens a segment behind what a scan found, and cuts off what a crash tore.
    ///
    /// What was found may so far be in the page cache only, so it is synchronized.
    static func resume(_ file: DiskFile, _ scan: SegmentScan, reserve: Int) throws(LedgerStoreFailure) -> Segment {
        if scan.rest == .torn { try file.truncate(to: scan.end) }
        try file.synchronize()
        return Segment(
            header: scan.header,
            file: file,
            end: scan.end,
            reserved: try file.size(),
            reserve: reserve
        )
    }

    /// Writes bytes behind the last ones; they are on the disk after ``DiskFile/synchronize()``.
    ///
    /// - Throws: ``LedgerStoreFailure/diskFull(_:)``; then nothing counts as written, and the call may be repeated.
    func write(_ bytes: [UInt8]) throws(LedgerStoreFailure) {
        try self.makeRoom(for: bytes.count)
        try self.file.write(bytes, at: self.end)
        self.end += bytes.count
    }

    private func makeRoom(for count: Int) throws(LedgerStoreFailure) {
        let needed = self.end + count
        guard needed > self.reserved else { return }
        do {
            try self.file.reserve(from: self.reserved, to: needed + self.reserve)
            self.reserved = needed + self.reserve
        } catch {
            // A nearly full disk may have room for this, if not for more.
            guard case .diskFull = error else { throw error }
            try self.file.reserve(from: self.reserved, to: needed)
            self.reserved = needed
        }
    }
}

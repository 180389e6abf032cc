/// All entries of a state as it was at one height, while the state goes on.
///
/// Used from one thread, which need not be the state's. SQLite's own log grows as long as this lives.
package final class StateExport {
    /// The height that the entries belong to.
    package let height: UInt64
    private let file: SQLiteFile
    private let chunkBytes: Int
    private var scan: EntryScan
    private var next: StateEntry?

    init(path: String, chunkBytes: Int) throws(LedgerStoreFailure) {
        self.file = try SQLiteFile(reading: path, cacheKiB: 4 << 10, remedy: StateStore.remedy)
        try self.file.execute("BEGIN")
        // The first read decides which state the transaction sees.
        guard let height = try StateStore.height(of: self.file) else {
            throw .refused("\(path) holds no state that could be exported")
        }
        self.height = height
        self.chunkBytes = chunkBytes
        self.scan = try EntryScan(self.file, KeyRange(prefix: [], after: nil))
        self.next = try self.scan.next()
    }

    /// The next chunk, in the order of the keys; nil at the end.
    package func nextChunk() throws(LedgerStoreFailure) -> [UInt8]? {
        var (entries, bytes) = ([StateEntry](), 4)
        while let entry = self.next, entries.isEmpty || bytes + EntryChunk.byteCount(entry) <= self.chunkBytes {
            entries.append(entry)
            bytes += EntryChunk.byteCount(entry)
            self.next = try self.scan.next()
        }
        return entries.isEmpty ? nil : EntryChunk.bytes(entries)
    }
}

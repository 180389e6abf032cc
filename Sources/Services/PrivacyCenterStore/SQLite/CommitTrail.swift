internal import Records

/// Which pages the write-ahead log holds, noted after every commit in a file beside it.
///
/// It outlives a crash: the next start knows which frames were committed, and which pages have no digest yet.
final class CommitTrail {
    /// What a trail says of the last commit.
    struct State {
        /// Pages that were written since the digests were last brought up to date.
        var pages: Set<UInt32> = []
        /// The log after the last commit, and how many of its frames were committed.
        var log: (salts: WriteAheadLog.Salts, frames: Int)?
    }

    private let file: RawFile
    private var end: Int
    private(set) var state: State
    /// Whether a record of the file was not what was written; the records before it hold.
    let isDamaged: Bool

    private static let sumBytes = 8
    private static let headBytes = 16
    private static let pagesMax: UInt32 = 1 << 24

    init(file: RawFile) throws(StoreError) {
        self.file = file
        (self.state, self.end, self.isDamaged) = try Self.load(file)
    }

    /// Notes a commit; pages that are noted already take no room.
    func note(_ content: WriteAheadLog.Content) throws(StoreError) {
        let pages = content.pages.subtracting(self.state.pages).sorted()
        self.state.pages.formUnion(pages)
        self.state.log = (content.salts, content.frames)
        var record: [UInt8] = []
        record.append(bigEndian: content.salts.first)
        record.append(bigEndian: content.salts.second)
        record.append(bigEndian: UInt32(content.frames))
        record.append(bigEndian: UInt32(pages.count))
        for page in pages { record.append(bigEndian: page) }
        record.append(contentsOf: Self.sum(record, at: self.end))
        try self.file.write(record, at: self.end)
        self.end += record.count
    }

    func synchronize() throws(StoreError) { try self.file.synchronize() }

    /// Forgets everything: the log is empty and all digests are up to date.
    func clear() throws(StoreError) {
        try self.file.truncate(to: 0)
        self.end = 0
        self.state = State()
    }

    private static func load(_ file: RawFile) throws(StoreError) -> (State, end: Int, isDamaged: Bool) {
        let bytes = try file.read(file.size, at: 0)
        var (state, offset) = (State(), 0)
        while bytes.count - offset >= self.headBytes + self.sumBytes {
            let count = bytes.bigEndian32(at: offset + 12)
            let length = self.headBytes + 4 * Int(min(count, self.pagesMax))
            // A record that a crash cut off belongs to a commit that nobody was told of.
            guard bytes.count - offset >= length + self.sumBytes else { break }
            let record = Array(bytes[offset..<offset + length])
            guard bytes[(offset + length)...].starts(with: self.sum(record, at: offset)) else {
                return (state, offset, true)
            }
            state.log = (
                WriteAheadLog.Salts(first: record.bigEndian32(at: 0), second: record.bigEndian32(at: 4)),
                Int(record.bigEndian32(at: 8))
            )
            for index in 0..<Int(count) { state.pages.insert(record.bigEndian32(at: self.headBytes + 4 * index)) }
            offset += length + self.sumBytes
        }
        return (state, offset, offset != bytes.count)
    }

    private static func sum(_ record: [UInt8], at offset: Int) -> [UInt8] {
        var checksum = RowChecksum("commit trail")
        checksum.add(UInt64(offset))
        checksum.add(record)
        return Array(checksum.bytes.prefix(self.sumBytes))
    }
}

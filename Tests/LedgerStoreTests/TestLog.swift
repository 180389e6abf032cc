import CanonicalBytes

@testable import LedgerStore

/// A write-ahead log in a test folder, reopened at will.
struct TestLog {
    let folder = TestFolder()
    static let segment = "wal/0000000000000001.wal"

    func open(
        isStoreUsed: Bool = false,
        reserve: Int = 128,
        calls: DiskCalls = .system
    ) throws(LedgerStoreFailure) -> OpenedLog {
        try WriteAheadLog.open(
            directory: self.folder.path("wal"),
            marker: self.folder.path("wal.marker"),
            isStoreUsed: isStoreUsed,
            reserveBytes: reserve,
            calls: calls
        )
    }

    /// Entries like those of a validator: some short, one empty, one that pretends to be a record.
    static let batches: [[[UInt8]]] = [
        [[1, 2, 3]],
        [[], Array(repeating: 7, count: 40)],
        [Array("WLW1".utf8) + Array(repeating: 0, count: 30)],
        [[9], Array(repeating: 0, count: 25), [8, 8]],
    ]

    /// Writes ``batches``, each synchronized; the file's length behind each one.
    func fill() throws(LedgerStoreFailure) -> [Int] {
        let log = try self.open().log
        var ends: [Int] = []
        for batch in Self.batches {
            for bytes in batch { try log.append(kind: 1, bytes) }
            try log.sync()
            ends.append(log.bytesInSegment)
        }
        return ends
    }
}

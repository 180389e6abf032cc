import Testing

@testable import LedgerStore

@Suite struct SnapshotTests {
    private static func write(_ snapshots: Snapshots, _ height: UInt64, chunks: [[UInt8]]) throws(LedgerStoreFailure) {
        var rest = chunks[...]
        try snapshots.write(height: height, manifest: [UInt8(height)]) { rest.popFirst() }
    }

    @Test("snapshots are listed, described, read and deleted")
    func roundTrip() throws {
        let folder = TestFolder()
        let snapshots = try Snapshots(directory: folder.path("snapshots"))
        try Self.write(snapshots, 200, chunks: [[1, 2], [3]])
        try Self.write(snapshots, 100, chunks: [])
        #expect(try snapshots.list() == [100, 200])
        let summary = Snapshots.Summary(height: 200, manifest: [200], chunkCount: 2, byteCount: 3)
        #expect(try snapshots.summary(200) == summary)
        #expect(try snapshots.readChunk(200, index: 0) == [1, 2])
        #expect(try snapshots.readChunk(200, index: 1) == [3])
        #expect(try snapshots.readChunk(200, index: 2) == nil)
        #expect(try snapshots.readChunk(300, index: 0) == nil)
        #expect(try snapshots.summary(300) == nil)
        try Self.write(snapshots, 200, chunks: [[9]])
        #expect(try snapshots.readChunk(200, index: 0) == [9])
        try snapshots.delete(200)
        try snapshots.delete(200)
        #expect(try snapshots.list() == [100])
        #expect(try folder.names("snapshots").count == 1)
    }

    @Test("a snapshot that a crash left half written is ignored, and the one before stays")
    func halfWritten() throws {
        let folder = TestFolder()
        do {
            let snapshots = try Snapshots(directory: folder.path("snapshots"))
            try Self.write(snapshots, 1, chunks: [[1]])
            try Self.write(snapshots, 2, chunks: [[2]])
        }
        try folder.copy("snapshots/\(UInt64(2).fileName)", to: "snapshots/\(UInt64(3).fileName).partial")
        try folder.copy("snapshots/\(UInt64(2).fileName)", to: "snapshots/\(UInt64(4).fileName).deleted.partial")
        let snapshots = try Snapshots(directory: folder.path("snapshots"))
        #expect(try snapshots.list() == [1, 2])
        #expect(try folder.names("snapshots").count == 2)
        let found = failure {
            try snapshots.write(height: 5, manifest: []) { () throws(LedgerStoreFailure) in throw .refused("no more") }
        }
        #expect(found == .refused("no more"))
        #expect(try folder.names("snapshots").count == 2)
    }

    @Test("a damaged chunk or table is refused, whichever byte it is")
    func damage() throws {
        let folder = TestFolder()
        let snapshots = try Snapshots(directory: folder.path("snapshots"))
        try Self.write(snapshots, 1, chunks: [[1, 2, 3]])
        let place = "snapshots/\(UInt64(1).fileName)"
        for file in try folder.names(place) {
            let whole = try folder.read("\(place)/\(file)")
            for offset in whole.indices {
                var damaged = whole
                damaged[offset] ^= 2
                try folder.write(damaged, "\(place)/\(file)")
                #expect(failure { _ = try snapshots.readChunk(1, index: 0) }?.isCorrupt == true)
            }
            try folder.write(whole, "\(place)/\(file)")
        }
        #expect(try snapshots.readChunk(1, index: 0) == [1, 2, 3])
    }
}

import Testing

@testable import LedgerStore

@Suite struct LostLogTests {
    @Test("a log that is deleted is lost until the caller ends that, over restarts")
    func deleted() throws {
        let test = TestLog()
        _ = try test.fill()
        try test.folder.remove("wal")
        for _ in 0..<2 {
            let opened = try test.open()
            #expect(opened.log.isLost)
            try opened.log.append(kind: 1, [1])
            try opened.log.replace(with: [])
        }
        do {
            let log = try test.open().log
            #expect(log.isLost)
            try log.endLoss()
            #expect(!log.isLost)
        }
        #expect(try !test.open().log.isLost)
    }

    @Test("a log that is gone with its marker is lost when the store has been used")
    func deletedWithMarker() throws {
        let test = TestLog()
        _ = try test.fill()
        try test.folder.remove("wal")
        try test.folder.remove("wal.marker")
        #expect(try test.open(isStoreUsed: true).log.isLost)
        #expect(try test.open().log.isLost)
    }

    @Test("a new store's log is not lost, also when a crash comes before its marker")
    func new() throws {
        let test = TestLog()
        #expect(try !test.open().log.isLost)
        try test.folder.remove("wal.marker")
        #expect(try !test.open().log.isLost)
        #expect(try test.folder.names("").contains("wal.marker"))
    }

    @Test("a crash between the loss and the new log does not make the loss forgotten")
    func crashAfterLoss() throws {
        let test = TestLog()
        _ = try test.fill()
        try test.folder.remove("wal")
        #expect(try test.open().log.isLost)
        try test.folder.remove("wal")
        #expect(try test.open().log.isLost)
    }

    @Test("an older copy of the log counts as a lost one")
    func olderCopy() throws {
        let test = TestLog()
        _ = try test.fill()
        try test.folder.copy("wal", to: "backup")
        try test.open().log.replace(with: [(kind: 1, bytes: [1])])
        try test.folder.copy("backup", to: "wal")
        #expect(try test.open().log.isLost)
        let log = try test.open().log
        #expect(log.isLost)
        try log.endLoss()
        #expect(try !test.open().log.isLost)
    }

    @Test("another store's log is refused")
    func foreign() throws {
        let (test, other) = (TestLog(), TestLog())
        _ = try test.fill()
        _ = try other.fill()
        try test.folder.write(try other.folder.read(TestLog.segment), TestLog.segment)
        #expect(failure { _ = try test.open() }?.isForeign == true)
    }

    @Test("a damaged marker is refused, whichever byte it is")
    func damagedMarker() throws {
        let test = TestLog()
        _ = try test.fill()
        let marker = try test.folder.read("wal.marker")
        for offset in marker.indices {
            var damaged = marker
            damaged[offset] ^= 1
            try test.folder.write(damaged, "wal.marker")
            #expect(failure { _ = try test.open() }?.isCorrupt == true, "offset \(offset)")
        }
    }
}

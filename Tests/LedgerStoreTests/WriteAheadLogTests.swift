import Glibc
import Testing

@testable import LedgerStore

@Suite struct WriteAheadLogTests {
    @Test("the checksum is CRC-32C, whatever the length")
    func checksum() {
        #expect(Checksum.of(Array("123456789".utf8)) == 0xe306_9283)
        #expect(Checksum.of(Array(repeating: 0, count: 32)) == 0x8a91_36aa, "RFC 3720 B.4")
        #expect(Checksum.of([]) == 0)
    }

    @Test("the checksum is the same by instruction and by table, however the bytes are cut")
    func checksumPaths() {
        var random = SeededGenerator(seed: 32)
        for count in [0, 1, 7, 8, 9, 63, 64, 65, 1_000, 4_099] {
            let bytes = random.bytes(count)
            let cut = Int.random(in: 0...count, using: &random)
            var (whole, parts) = (Checksum(), Checksum())
            bytes.withUnsafeBytes { buffer in
                whole.addByTable(buffer)
                parts.add(UnsafeRawBufferPointer(rebasing: buffer[..<cut]))
                parts.add(UnsafeRawBufferPointer(rebasing: buffer[cut...]))
            }
            #expect(whole.value == parts.value)
            #expect(whole.value == Checksum.of(bytes))
        }
    }

    @Test("entries come back in order with their numbers, and numbering goes on")
    func roundTrip() throws {
        let test = TestLog()
        do {
            let opened = try test.open()
            #expect(opened.entries.isEmpty)
            #expect(!opened.log.isLost)
            #expect(try opened.log.append(kind: 4, [1]) == 1)
            #expect(try opened.log.append(kind: 5, []) == 2)
            #expect(opened.log.durable == 0)
            #expect(try opened.log.sync() == 2)
            #expect(try opened.log.append(kind: 5, [9]) == 3)
            #expect(opened.log.durable == 2, "the third one is not on the disk")
        }
        let opened = try test.open()
        #expect(opened.tornTail == nil)
        #expect(opened.entries == [LogEntry(lsn: 1, kind: 4, bytes: [1]), LogEntry(lsn: 2, kind: 5, bytes: [])])
        #expect(try opened.log.append(kind: 1, Array(repeating: 3, count: 100_000)) == 3)
        try opened.log.sync()
        #expect(try test.open().entries.map(\.bytes.count) == [1, 0, 100_000])
    }

    @Test("entries that were synchronized together are found together")
    func batches() throws {
        let test = TestLog()
        #expect(try test.open().batches.isEmpty)
        let ends = try test.fill()
        do {
            let opened = try test.open()
            #expect(opened.batches.map(\.count) == TestLog.batches.map(\.count) && opened.batches.count == ends.count)
            #expect(opened.batches.map { opened.entries[$0].map(\.bytes) } == TestLog.batches)
            try opened.log.append(kind: 1, [5])
            try opened.log.sync()
            try opened.log.sync()
        }
        #expect(try test.open().batches.map(\.count) == TestLog.batches.map(\.count) + [1])
        try test.open().log.replace(with: [(kind: 1, bytes: [8]), (kind: 2, bytes: [9])])
        #expect(try test.open().batches == [0..<2])
    }

    @Test("compaction keeps what it is given, goes on numbering, and leaves one segment")
    func replace() throws {
        let test = TestLog()
        do {
            let log = try test.open().log
            for number in 0..<10 { try log.append(kind: 1, [UInt8(number)]) }
            #expect(try log.replace(with: [(kind: 1, bytes: [8]), (kind: 2, bytes: [9])]) == 12)
            #expect(try log.append(kind: 1, [10]) == 13)
            try log.sync()
        }
        do {
            let opened = try test.open()
            #expect(opened.entries.map(\.lsn) == [11, 12, 13])
            #expect(opened.entries.map(\.bytes) == [[8], [9], [10]])
            #expect(try opened.log.replace(with: []) == 13)
        }
        #expect(try test.folder.names("wal") == ["0000000000000003.wal"])
        let opened = try test.open()
        #expect(opened.entries.isEmpty)
        #expect(try opened.log.append(kind: 1, []) == 14)
        #expect(!opened.log.isLost)
    }

    @Test("a failed synchronization ends the use of the log, and a restart finds what was promised")
    func failedSync() throws {
        let test = TestLog()
        let switches = DiskSwitches()
        do {
            let log = try test.open(calls: switches.calls).log
            try log.append(kind: 1, [1])
            try log.sync()
            try log.append(kind: 1, [2])
            switches.failsSync = true
            #expect(failure { try log.sync() }?.isIOError == true)
            switches.failsSync = false
            #expect(failure { try log.sync() }?.isIOError == true, "the page cache may have dropped the bytes")
            #expect(failure { try log.append(kind: 1, [3]) }?.isIOError == true)
            #expect(failure { try log.replace(with: []) }?.isIOError == true)
            #expect(log.durable == 1)
        }
        #expect(try test.open().entries.first?.bytes == [1])
    }

    @Test("a full disk is reported before anything counts, and the same call works later", arguments: [false, true])
    func diskFull(whileWriting: Bool) throws {
        let test = TestLog()
        let switches = DiskSwitches()
        do {
            let log = try test.open(calls: switches.calls).log
            try log.append(kind: 1, Array(repeating: 1, count: 50))
            try log.sync()
            try log.append(kind: 1, Array(repeating: 2, count: 500))
            if whileWriting { switches.failsWriteWith = ENOSPC } else { switches.isFull = true }
            #expect(failure { try log.sync() }?.isDiskFull == true)
            #expect(failure { try log.replace(with: [(kind: 1, bytes: [7])]) }?.isDiskFull == true)
            #expect(log.durable == 1)
            switches.failsWriteWith = nil
            switches.isFull = false
            try log.append(kind: 1, [3])
            #expect(try log.sync() == 3)
        }
        #expect(try test.open().entries.map(\.bytes.count) == [50, 500, 1])
    }

    @Test("a log whose disk is full cannot be compacted, and stays as it is")
    func diskFullWhileReplacing() throws {
        let test = TestLog()
        let switches = DiskSwitches()
        let log = try test.open(calls: switches.calls).log
        try log.append(kind: 1, [1])
        try log.sync()
        switches.isFull = true
        #expect(failure { try log.replace(with: [(kind: 1, bytes: [7])]) }?.isDiskFull == true)
        #expect(try test.folder.names("wal") == ["0000000000000001.wal"])
        switches.isFull = false
        try log.append(kind: 1, [2])
        try log.sync()
        #expect(try test.open().entries.map(\.bytes) == [[1], [2]])
    }

    @Test("a real file system without room stops the log and lets it go on", .enabled(if: SmallDisk.canMount))
    func smallDisk() throws {
        let disk = try SmallDisk(bytes: 1 << 20)
        let log = try WriteAheadLog.open(
            directory: disk.path("wal"),
            marker: disk.path("wal.marker"),
            reserveBytes: 4_096
        ).log
        try disk.writeBallast(300 << 10)
        var appended = 0
        var found: LedgerStoreFailure?
        while found == nil, appended < 1_000 {
            try log.append(kind: 1, Array(repeating: 5, count: 10_000))
            appended += 1
            found = failure { try log.sync() }
        }
        #expect(found?.isDiskFull == true)
        #expect(log.durable == UInt64(appended - 1))
        disk.removeBallast()
        #expect(try log.sync() == UInt64(appended))
        let again = try WriteAheadLog.open(directory: disk.path("wal"), marker: disk.path("wal.marker"))
        #expect(again.entries.count == appended)
    }
}

import CanonicalBytes
import Testing

@testable import LedgerStore

@Suite struct LogCrashTests {
    private static let all = TestLog.batches.flatMap { $0 }

    @Test("a file that ends anywhere gives the entries before that, and takes new ones")
    func everyTruncation() throws {
        let test = TestLog()
        let end = try #require(try test.fill().last)
        let whole = try test.folder.read(TestLog.segment)
        for length in 0..<end {
            try test.folder.write(Array(whole[..<length]), TestLog.segment)
            guard length >= SegmentHeader.byteCount else {
                #expect(failure { _ = try test.open() }?.isCorrupt == true, "length \(length)")
                continue
            }
            let opened = try test.open()
            let found = opened.entries.map(\.bytes)
            #expect(found == Array(Self.all.prefix(found.count)), "length \(length)")
            #expect(found.count < Self.all.count, "length \(length)")
            try opened.log.append(kind: 3, [42])
            try opened.log.sync()
            let again = try test.open()
            #expect(again.entries.map(\.bytes) == found + [[42]], "length \(length)")
            #expect(again.tornTail == nil, "length \(length)")
        }
    }

    @Test("a flipped bit is refused when something later proves it was written, and never changes an entry")
    func everyFlip() throws {
        let test = TestLog()
        let ends = try test.fill()
        let whole = try test.folder.read(TestLog.segment)
        let lastBatch = ends[ends.count - 2]
        let end = ends[ends.count - 1]
        for offset in whole.indices {
            var damaged = whole
            damaged[offset] ^= 1 << UInt8(offset % 8)
            try test.folder.write(damaged, TestLog.segment)
            if offset < lastBatch {
                let found = failure { _ = try test.open() }
                #expect(found?.isCorrupt == true, "offset \(offset)")
                #expect(found?.description.contains(TestLog.segment) == true, "offset \(offset)")
                #expect(try test.folder.read(TestLog.segment) == damaged, "a refused file stays as it is")
            } else {
                let opened = try test.open()
                let found = opened.entries.map(\.bytes)
                #expect(found == Array(Self.all.prefix(found.count)), "offset \(offset)")
                #expect((found == Self.all) == (offset >= end), "offset \(offset)")
                #expect(opened.tornTail != nil, "offset \(offset)")
            }
        }
    }

    @Test("sectors of zeros in the middle are damage, at the end they are not")
    func zeroedBlocks() throws {
        let test = TestLog()
        let ends = try test.fill()
        let whole = try test.folder.read(TestLog.segment)
        for index in 0..<ends.count - 1 {
            var damaged = whole
            let start = index == 0 ? SegmentHeader.byteCount : ends[index - 1]
            damaged.replaceSubrange(start..<ends[index], with: Array(repeating: 0, count: ends[index] - start))
            try test.folder.write(damaged, TestLog.segment)
            #expect(failure { _ = try test.open() }?.isCorrupt == true)
        }
    }

    @Test("whatever a crash keeps of an unsynchronized batch, the log opens with all that was promised")
    func randomTears() throws {
        for seed in UInt64(0)..<400 {
            var random = SeededGenerator(seed: seed)
            let test = TestLog()
            var (promised, written) = ([[UInt8]](), [[UInt8]]())
            var (before, after) = ([UInt8](), [UInt8]())
            do {
                let log = try test.open(reserve: Int.random(in: 0...2_000, using: &random)).log
                for _ in 0..<Int.random(in: 1...5, using: &random) {
                    promised = written
                    before = try test.folder.read(TestLog.segment)
                    for _ in 0..<Int.random(in: 1...6, using: &random) {
                        written.append(random.bytes(Int.random(in: 0...700, using: &random)))
                        try log.append(kind: 1, written[written.count - 1])
                    }
                    try log.sync()
                    after = try test.folder.read(TestLog.segment)
                }
            }
            try test.folder.write(Self.torn(from: before, to: after, &random), TestLog.segment)
            let found = try test.open().entries.map(\.bytes)
            #expect(found == Array(written.prefix(found.count)), "seed=\(seed)")
            #expect(found.count >= promised.count, "seed=\(seed)")
            #expect(try test.open().tornTail == nil, "seed=\(seed): what was torn is cut off")
        }
    }

    /// A file of which some 64-byte sectors have arrived, and perhaps not the new length.
    private static func torn(
        from before: [UInt8],
        to after: [UInt8],
        _ random: inout SeededGenerator
    ) -> [UInt8] {
        var image = before + Array(repeating: 0, count: max(0, after.count - before.count))
        for start in stride(from: 0, to: after.count, by: 64) where Bool.random(using: &random) {
            let end = min(start + 64, after.count)
            image.replaceSubrange(start..<end, with: after[start..<end])
        }
        return Bool.random(using: &random) ? image : Array(image.prefix(max(before.count, image.count - 100)))
    }

    @Test("a crash at any instant of a compaction leaves the old log or the new one")
    func replaceCrashes() throws {
        let test = TestLog()
        _ = try test.fill()
        try test.folder.copy("wal", to: "old")
        try test.folder.copy("wal.marker", to: "old.marker")
        let log = try test.open().log
        try log.replace(with: [(kind: 1, bytes: [50]), (kind: 1, bytes: [51])])
        let new = "0000000000000002.wal"
        let content = try test.folder.read("wal/\(new)")
        try test.folder.copy("wal.marker", to: "new.marker")
        for length in 0...content.count {
            try test.folder.copy("old", to: "wal")
            try test.folder.copy("old.marker", to: "wal.marker")
            try test.folder.write(Array(content[..<length]), "wal/\(new).partial")
            let opened = try test.open()
            #expect(opened.entries.map(\.bytes) == Self.all, "length \(length)")
            #expect(!opened.log.isLost)
            #expect(try test.folder.names("wal") == ["0000000000000001.wal"])
        }
        for marker in ["old.marker", "new.marker"] {
            for isOldLeft in [true, false] {
                try test.folder.copy("old", to: "wal")
                try test.folder.copy(marker, to: "wal.marker")
                try test.folder.write(content, "wal/\(new)")
                if !isOldLeft { try test.folder.remove("wal/0000000000000001.wal") }
                try test.folder.write([1, 2], "wal.marker.partial")
                let opened = try test.open()
                #expect(opened.entries.map(\.bytes) == [[50], [51]])
                #expect(!opened.log.isLost)
                #expect(try test.folder.names("wal") == [new])
            }
        }
    }

    @Test("a compacted segment has no torn tail within what it began with")
    func compactedDamage() throws {
        let test = TestLog()
        try test.open().log.replace(with: [(kind: 1, bytes: [50]), (kind: 1, bytes: [51])])
        let name = "wal/0000000000000002.wal"
        let whole = try test.folder.read(name)
        for offset in 0..<SegmentHeader.byteCount + 2 * (Record.headerBytes + 1) {
            var damaged = whole
            damaged[offset] ^= 16
            try test.folder.write(damaged, name)
            #expect(failure { _ = try test.open() }?.isCorrupt == true, "offset \(offset)")
        }
    }

    @Test("an entry that quotes whole records of the log does not pass for them")
    func quotedRecords() throws {
        let test = TestLog()
        let other = TestLog()
        _ = try other.fill()
        let quoted = Array(try other.folder.read(TestLog.segment)[SegmentHeader.byteCount...])
        let start: Int
        do {
            let log = try test.open().log
            try log.append(kind: 1, [1])
            try log.sync()
            start = log.bytesInSegment
            try log.append(kind: 1, quoted)
            try log.sync()
        }
        var torn = try test.folder.read(TestLog.segment)
        torn.replaceSubrange(start..<start + Record.headerBytes, with: Array(repeating: 0, count: Record.headerBytes))
        try test.folder.write(torn, TestLog.segment)
        #expect(try test.open().entries.map(\.bytes) == [[1]])
    }
}

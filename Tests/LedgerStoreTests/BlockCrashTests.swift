import Testing

@testable import LedgerStore

@Suite struct BlockCrashTests {
    /// Blocks 1...12, each synchronized, the last of which fill a segment by themselves.
    private static func filled() throws -> (test: TestBlocks, name: String) {
        let test = TestBlocks()
        let store = try test.open()
        for height in UInt64(1)...12 {
            try TestBlocks.append(height...height, to: store)
            try store.sync()
        }
        return (test, "blocks/\(try #require(try test.segments().last))")
    }

    @Test("a last segment that ends anywhere gives the blocks before that, and takes the next one")
    func everyTruncation() throws {
        let (test, name) = try Self.filled()
        let whole = try test.folder.read(name)
        for length in SegmentHeader.byteCount..<whole.count {
            try test.folder.write(Array(whole[..<length]), name)
            let store = try test.open()
            let last = try #require(store.last)
            #expect(try store.read(1...12) == (1...last).map(TestBlocks.block), "length \(length)")
            try TestBlocks.append(last + 1...last + 1, to: store)
            try store.sync()
            #expect(try test.open().last == last + 1)
            if !test.folder.isThere(name) { try test.folder.write(whole, name) }
            for extra in try test.segments() where "blocks/\(extra)" > name {
                try test.folder.remove("blocks/\(extra)")
            }
        }
    }

    @Test("a flipped bit anywhere is refused or cuts off the end, and never changes a block")
    func everyFlip() throws {
        let (test, _) = try Self.filled()
        for segment in try test.segments() {
            let name = "blocks/\(segment)"
            let whole = try test.folder.read(name)
            for offset in stride(from: 0, to: whole.count, by: 3) {
                var damaged = whole
                damaged[offset] ^= 1 << UInt8(offset % 8)
                try test.folder.write(damaged, name)
                try self.check(test, "\(segment) offset \(offset)")
            }
            try test.folder.write(whole, name)
        }
    }

    /// Opens and reads everything: each block is right, missing at the end, or refused with file and remedy.
    private func check(_ test: TestBlocks, _ place: Comment) throws {
        let found = failure {
            let store = try test.open()
            for height in UInt64(1)...12 {
                guard let block = try store.read(height) else { break }
                #expect(block == TestBlocks.block(height), place)
            }
        }
        guard let found else { return }
        #expect(found.isCorrupt, place)
        #expect(found.description.contains(".blocks"), place)
        #expect(found.description.contains("other validator") || found.description.contains("another"), place)
    }

    @Test("a missing segment between others is refused")
    func missingSegment() throws {
        let (test, _) = try Self.filled()
        let names = try test.segments()
        try #require(names.count >= 3)
        try test.folder.remove("blocks/\(names[1])")
        #expect(failure { _ = try test.open() }?.isCorrupt == true)
    }

    @Test("a segment without blocks, and files that a crash left half made, mean nothing")
    func leftovers() throws {
        let (test, _) = try Self.filled()
        let header = SegmentHeader(
            magic: BlockStore.magic,
            identity: SegmentHeader.makeIdentity(),
            number: 13,
            first: 13,
            settled: 13
        )
        try test.folder.write(header.bytes + Array(repeating: 0, count: 99), "blocks/\(BlockStore.name(of: 13))")
        try test.folder.write([1], "blocks/\(BlockStore.name(of: 99)).partial")
        let store = try test.open()
        #expect(store.last == 12)
        try TestBlocks.append(13...20, to: store)
        try store.sync()
        #expect(try test.open().read(1...20) == (1...20).map(TestBlocks.block))
    }

    @Test("a damaged block is repaired in place by the same block, not by one of another length")
    func repair() throws {
        let (test, last) = try Self.filled()
        for segment in try test.segments() {
            let name = "blocks/\(segment)"
            let first = try #require(UInt64(fileName: segment.dropLast(7)))
            let height = name == last ? first : first + 1
            guard height < 12 else { continue }
            let whole = try test.folder.read(name)
            var damaged = whole
            let record = Record.headerBytes + TestBlocks.block(first).bodyBytes
            let start = SegmentHeader.byteCount + (height == first ? 0 : record)
            damaged[start + 30] ^= 1
            damaged[start + 2] ^= 1
            try test.folder.write(damaged, name)
            #expect(failure { try test.open().verify() }?.isCorrupt == true)
            let block = TestBlocks.block(height)
            let longer = StoredBlock(height: height, block: block.block + [1], certificate: [], receipts: [])
            #expect(failure { try BlockStore.repair(directory: test.directory, block: longer) }?.isRefused == true)
            #expect(try test.folder.read(name) == damaged)
            try BlockStore.repair(directory: test.directory, block: block)
            try test.open().verify()
            #expect(failure { try BlockStore.repair(directory: test.directory, block: block) }?.isRefused == true)
        }
        #expect(try test.open().read(1...12) == (1...12).map(TestBlocks.block))
    }
}

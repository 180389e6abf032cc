import Testing

@testable import LedgerStore

/// A block store in a test folder, with segments of a few blocks.
struct TestBlocks {
    let folder = TestFolder()
    var directory: String { self.folder.path("blocks") }

    func open(segmentBytes: Int = 1_000, calls: DiskCalls = .system) throws(LedgerStoreFailure) -> BlockStore {
        try self.opened(segmentBytes: segmentBytes, calls: calls).store
    }

    func opened(
        segmentBytes: Int = 1_000,
        calls: DiskCalls = .system
    ) throws(LedgerStoreFailure) -> BlockStore.Opened {
        try BlockStore.open(directory: self.directory, segmentBytes: segmentBytes, reserveBytes: 256, calls: calls)
    }

    /// A block whose bytes follow from its height.
    static func block(_ height: UInt64) -> StoredBlock {
        var random = SeededGenerator(seed: height)
        return StoredBlock(
            height: height,
            block: random.bytes(Int(height * 37 % 150)),
            certificate: random.bytes(40),
            receipts: random.bytes(Int(height % 3))
        )
    }

    static func append(_ heights: ClosedRange<UInt64>, to store: BlockStore) throws(LedgerStoreFailure) {
        for height in heights { try self.append(self.block(height), to: store) }
    }

    static func append(_ block: StoredBlock, to store: BlockStore) throws(LedgerStoreFailure) {
        try store.append(
            height: block.height,
            block: block.block,
            certificate: block.certificate,
            receipts: block.receipts
        )
    }

    /// Names of the segments.
    func segments() throws -> [String] { try self.folder.names("blocks").filter { $0.hasSuffix(".blocks") } }
}

@Suite struct BlockStoreTests {
    @Test("blocks come back as they were appended, over segments and restarts")
    func roundTrip() throws {
        let test = TestBlocks()
        do {
            let store = try test.open()
            #expect(store.last == nil)
            #expect(try store.read(0) == nil)
            try TestBlocks.append(0...60, to: store)
            #expect(try store.sync() == 60)
        }
        #expect(try test.segments().count > 5)
        let store = try test.open()
        #expect(store.earliest == 0)
        #expect(store.last == 60)
        for height in [UInt64](0...60).shuffled() {
            #expect(try store.read(height) == TestBlocks.block(height))
        }
        #expect(try store.read(61) == nil)
        #expect(try store.read(17...25) == (17...25).map(TestBlocks.block))
        #expect(try store.read(50...90) == (50...60).map(TestBlocks.block))
        #expect(try store.read(17...25, bytesMax: 1).map(\.height) == [17])
        try store.verify()
        try TestBlocks.append(61...62, to: store)
        #expect(try store.read(62) == TestBlocks.block(62))
        #expect(store.durable == 60 || store.durable == 61, "a new segment may have settled the first one")
    }

    @Test("only the next height is taken, and an empty store takes any")
    func heights() throws {
        let test = TestBlocks()
        let store = try test.open()
        try TestBlocks.append(500...501, to: store)
        for height in [UInt64(0), 500, 501, 503] {
            #expect(failure { try TestBlocks.append(TestBlocks.block(height), to: store) }?.isRefused == true)
        }
        try TestBlocks.append(502...502, to: store)
        #expect(store.earliest == 500)
        #expect(failure { _ = try store.read(499) } == .pruned(earliest: 500))
    }

    @Test("pruning deletes whole segments, also for the next start")
    func prune() throws {
        let test = TestBlocks()
        let store = try test.open()
        try TestBlocks.append(1...60, to: store)
        #expect(try store.read(1) != nil)
        let earliest = try #require(try store.prune(below: 40))
        #expect((20...40).contains(earliest))
        #expect(failure { _ = try store.read(earliest - 1) } == .pruned(earliest: earliest))
        #expect(try store.read(earliest) == TestBlocks.block(earliest))
        let again = try test.open()
        #expect(again.earliest == earliest)
        try again.verify()
        let last = try #require(try again.prune(below: .max))
        #expect(last <= 60)
        #expect(again.last == 60)
        #expect(try test.segments().count == 1)
    }

    @Test("after everything is removed the chain goes on anywhere")
    func removeAll() throws {
        let test = TestBlocks()
        let store = try test.open()
        try TestBlocks.append(1...30, to: store)
        try store.removeAll()
        #expect(store.last == nil)
        #expect(try store.sync() == nil)
        #expect(try test.folder.names("blocks").isEmpty)
        try TestBlocks.append(900...930, to: store)
        #expect(try store.sync() == 930)
        #expect(try test.open().read(915) == TestBlocks.block(915))
    }

    @Test("an index that is missing, cut or wrong is made again")
    func index() throws {
        let test = TestBlocks()
        let heights = ClosedRange<UInt64>(uncheckedBounds: (1, 40))
        try TestBlocks.append(heights, to: try test.open())
        let name = try #require(try test.folder.names("blocks").first { $0.hasSuffix(".index") })
        let whole = try test.folder.read("blocks/\(name)")
        for kind in 0..<4 {
            switch kind {
            case 0: try test.folder.remove("blocks/\(name)")
            case 1: try test.folder.write(Array(whole.dropLast(8)), "blocks/\(name)")
            case 2: try test.folder.write(Array(whole.dropLast(3)), "blocks/\(name)")
            default: try test.folder.write(whole.enumerated().map { $0 < 12 ? $1 : $1 ^ 1 }, "blocks/\(name)")
            }
            let store = try test.open()
            for height in heights { #expect(try store.read(height) == TestBlocks.block(height)) }
            #expect(try test.folder.read("blocks/\(name)") == whole)
        }
        try test.folder.write([], "blocks/00000000000000ff.index")
        _ = try test.open()
        #expect(try !test.folder.names("blocks").contains("00000000000000ff.index"))
    }

    @Test("a full disk refuses the block and takes it later; a failed synchronization ends appending")
    func failures() throws {
        let test = TestBlocks()
        let switches = DiskSwitches()
        let store = try test.open(calls: switches.calls)
        switches.isFull = true
        #expect(failure { try TestBlocks.append(7...7, to: store) }?.isDiskFull == true)
        switches.isFull = false
        try TestBlocks.append(5...6, to: store)
        switches.failsWriteWith = 28
        #expect(failure { try TestBlocks.append(7...30, to: store) }?.isDiskFull == true)
        switches.failsWriteWith = nil
        #expect(store.last == 6)
        try TestBlocks.append(7...30, to: store)
        try store.sync()
        try TestBlocks.append(31...31, to: store)
        switches.failsSync = true
        #expect(failure { try store.sync() }?.isIOError == true)
        switches.failsSync = false
        #expect(failure { try store.sync() }?.isIOError == true)
        #expect(failure { try TestBlocks.append(32...32, to: store) }?.isIOError == true)
        #expect(try store.read(20) == TestBlocks.block(20))
        #expect(store.durable == 30)
        #expect(try test.open().read(5...30).count == 26)
    }

    @Test("a full segment is on the disk before its index and the next segment exist")
    func sealing() throws {
        let test = TestBlocks()
        let switches = DiskSwitches()
        let store = try test.open(calls: switches.calls)
        try TestBlocks.append(1...2, to: store)
        switches.failsSync = true
        #expect(failure { try TestBlocks.append(3...60, to: store) }?.isIOError == true)
        #expect(try test.folder.names("blocks").count == 1)
        #expect(store.durable == nil)
    }
}

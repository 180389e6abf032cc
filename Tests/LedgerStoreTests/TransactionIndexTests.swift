import CanonicalBytes
import Testing

@testable import LedgerStore

@Suite struct TransactionIndexTests {
    private static func identifiers(_ height: UInt64) -> [[UInt8]] {
        var random = SeededGenerator(seed: height)
        return (0..<5).map { _ in random.bytes(32) }
    }

    private static func check(_ index: TransactionIndex, _ heights: ClosedRange<UInt64>) throws {
        for height in heights {
            for (position, identifier) in Self.identifiers(height).enumerated() {
                let place = TransactionPlace(height: height, position: UInt32(position))
                #expect(try index.find(identifier) == place)
            }
        }
    }

    @Test("ids are found before and behind a flush, in every generation, and after a restart")
    func find() throws {
        let folder = TestFolder()
        let path = folder.path("transactions.sqlite")
        do {
            let index = try TransactionIndex(path: path, generationKeys: 20, pendingMax: 12)
            for height in UInt64(0)...30 { try index.add(height: height, identifiers: Self.identifiers(height)) }
            try Self.check(index, 0...30)
            #expect(try index.find(Self.identifiers(31)[0]) == nil)
            #expect(failure { try index.add(height: 32, identifiers: []) }?.isRefused == true)
            try index.flush()
        }
        let index = try TransactionIndex(path: path, generationKeys: 20, pendingMax: 12)
        #expect(index.height == 30)
        try Self.check(index, 0...30)
    }

    @Test("an index that lags, is new, or knows too much is made whole from the blocks")
    func catchUp() throws {
        let folder = TestFolder()
        let path = folder.path("transactions.sqlite")
        do {
            let index = try TransactionIndex(path: path, pendingMax: 12)
            for height in UInt64(3)...10 { try index.add(height: height, identifiers: Self.identifiers(height)) }
        }
        let index = try TransactionIndex(path: path, pendingMax: 12)
        let stored = try #require(index.height)
        #expect(stored < 10, "the last ids were lost with the process")
        var asked: [UInt64] = []
        try index.catchUp(to: 20, earliest: 3) { height in
            asked.append(height)
            return Self.identifiers(height)
        }
        #expect(asked == Array(stored + 1...20))
        try Self.check(index, 3...20)
        try index.catchUp(to: 8, earliest: 5) { Self.identifiers($0) }
        #expect(index.height == 8)
        try Self.check(index, 5...8)
        #expect(try index.find(Self.identifiers(20)[0]) == nil)
    }

    @Test("pruning forgets generations that lie below the height")
    func prune() throws {
        let folder = TestFolder()
        let index = try TransactionIndex(path: folder.path("t.sqlite"), generationKeys: 20, pendingMax: 10)
        for height in UInt64(0)...30 { try index.add(height: height, identifiers: Self.identifiers(height)) }
        try index.flush()
        try index.prune(below: 20)
        #expect(try index.find(Self.identifiers(0)[0]) == nil)
        try Self.check(index, 20...30)
    }
}

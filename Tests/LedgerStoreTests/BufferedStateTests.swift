import CanonicalBytes
import Testing

@testable import LedgerStore

@Suite struct BufferedStateTests {
    /// The state as a plain table.
    private struct Model {
        var nodes: [[UInt8]: [UInt8]] = [:]
        var entries: [[UInt8]: [UInt8]] = [:]

        func entries(prefix: [UInt8], after: [UInt8]?, limit: Int) -> [StateEntry] {
            let keys = self.entries.keys.filter { key in
                key.starts(with: prefix) && (after.map { $0.lexicographicallyPrecedes(key) } ?? true)
            }
            let first = keys.sorted { $0.lexicographicallyPrecedes($1) }.prefix(limit)
            return first.map { StateEntry(key: $0, value: self.entries[$0] ?? []) }
        }
    }

    /// Keys that often share prefixes, with the bytes at the ends of their range.
    private static func key(_ random: inout SeededGenerator) -> [UInt8] {
        let bytes: [UInt8] = [0, 1, 254, 255]
        return (0..<Int.random(in: 0...4, using: &random)).map { _ in bytes.randomElement(using: &random) ?? 0 }
    }

    /// Paths on all levels, with long ones.
    private static func path(_ random: inout SeededGenerator) -> [UInt8] {
        let nibbles: [UInt8] = [0, 1, 15]
        let count =
            Bool.random(using: &random)
            ? Int.random(in: 0...5, using: &random) : [14, 15, 16, 63].randomElement(using: &random) ?? 0
        return (0..<count).map { $0 < 2 || $0 > count - 2 ? nibbles.randomElement(using: &random) ?? 0 : 7 }
    }

    private static func change(_ height: UInt64, _ model: inout Model, _ random: inout SeededGenerator) -> StateChange {
        var change = StateChange(height: height)
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            let (path, key) = (self.path(&random), self.key(&random))
            let isDeleted = Int.random(in: 0..<3, using: &random) == 0
            let bytes = isDeleted ? nil : random.bytes(Int.random(in: 0...30, using: &random))
            change.nodes.append((path, bytes))
            change.entries.append((key, bytes))
            model.nodes[path] = bytes
            model.entries[key] = bytes
        }
        return change
    }

    @Test("reads and scans see every change at once, however it is cached and flushed", arguments: 0..<40)
    func equalsModel(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let folder = TestFolder()
        let path = folder.path("state.sqlite")
        var model = Model()
        var store = try Self.open(path, &random)
        for height in UInt64(1)...60 {
            try store.apply(Self.change(height, &model, &random))
            for _ in 0..<6 {
                let (key, prefix) = (Self.key(&random), Self.key(&random))
                let path = Self.path(&random)
                #expect(try store.node(path: path) == model.nodes[path], "seed=\(seed)")
                #expect(try store.value(key: key) == model.entries[key], "seed=\(seed)")
                let after = Bool.random(using: &random) ? Self.key(&random) : nil
                let limit = Int.random(in: 0...20, using: &random)
                let found = try store.entries(prefix: prefix, after: after, limit: limit)
                #expect(found == model.entries(prefix: prefix, after: after, limit: limit), "seed=\(seed)")
            }
            if Int.random(in: 0..<8, using: &random) == 0 {
                try store.flush()
                #expect(store.storedHeight == height)
                #expect(store.dirtyBytes == 0)
                store = try Self.open(path, &random)
            }
        }
        try store.flush()
        let export = try store.makeExport(chunkBytes: 200)
        try store.apply(StateChange(height: 61, entries: [([1, 2, 3], [9])]))
        try store.flush()
        var exported: [StateEntry] = []
        while let chunk = try export.nextChunk() {
            exported += try EntryChunk.entries(chunk, after: exported.last?.key)
        }
        #expect(export.height == 60)
        #expect(exported == model.entries(prefix: [], after: nil, limit: .max), "seed=\(seed)")
    }

    private static func open(
        _ path: String,
        _ random: inout SeededGenerator
    ) throws(LedgerStoreFailure) -> BufferedStateStore {
        BufferedStateStore(
            try StateStore(path: path),
            cacheBytes: Int.random(in: 0...6_000, using: &random),
            dirtyBytesMax: Int.random(in: 0...8_000, using: &random)
        )
    }

    @Test("what was not flushed is lost with the process, whole blocks of it")
    func crash() throws {
        let folder = TestFolder()
        do {
            let store = BufferedStateStore(try StateStore(path: folder.path("state.sqlite")))
            try store.apply(StateChange(height: 1, nodes: [([1], [1])], entries: [([1], [1])]))
            try store.flush()
            try store.apply(StateChange(height: 2, nodes: [([1], [2])], entries: [([1], [2])]))
            #expect(try store.node(path: [1]) == [2])
            #expect(store.storedHeight == 1)
            #expect(failure { try store.apply(StateChange(height: 2)) }?.isRefused == true)
        }
        let store = BufferedStateStore(try StateStore(path: folder.path("state.sqlite")))
        #expect(store.height == 1)
        #expect(try store.node(path: [1]) == [1])
        #expect(try store.value(key: [1]) == [1])
    }

    @Test("a file that cannot grow keeps the changes in memory until it can")
    func full() throws {
        let folder = TestFolder()
        let inner = try StateStore(path: folder.path("state.sqlite"))
        let store = BufferedStateStore(inner)
        try inner.file.execute("PRAGMA max_page_count = 10")
        let value = Array(repeating: UInt8(1), count: 50_000)
        try store.apply(StateChange(height: 1, entries: [([1], value), ([2], value)]))
        #expect(failure { try store.flush() }?.isDiskFull == true)
        #expect(try store.value(key: [2]) == value)
        #expect(store.storedHeight == nil)
        try inner.file.execute("PRAGMA max_page_count = 1000000")
        try store.flush()
        #expect(store.storedHeight == 1)
        #expect(try inner.value(key: [2]) == value)
    }

    @Test("the cache keeps to its bound and forgets what is not asked for")
    func cache() {
        var cache = ClockCache<EntryKey>(bytesMax: 10_000)
        cache.insert(EntryKey([0]), [1])
        for number in 1...1_000 {
            cache.insert(
                EntryKey([UInt8(number >> 8), UInt8(number & 255), 7]),
                Array(repeating: 1, count: number % 50)
            )
            #expect(cache.bytes <= 10_000)
            #expect(cache.value(EntryKey([0])) == .some([1]))
        }
        #expect(cache.value(EntryKey([0, 1, 7])) == nil)
        #expect(cache.bytes > 8_000)
    }

    @Test("the cache remembers a miss from the second time on, and takes up no new key when values change")
    func misses() {
        var cache = ClockCache<EntryKey>(bytesMax: 10_000)
        let key = EntryKey([1])
        cache.insertMiss(key)
        #expect(cache.value(key) == nil)
        cache.insertMiss(key)
        #expect(cache.value(key) == .some(nil))
        let isKnown = cache.update(key, [2, 3])
        #expect(isKnown)
        #expect(cache.value(key) == .some([2, 3]))
        let isTakenUp = cache.update(EntryKey([2]), [4])
        #expect(!isTakenUp)
        #expect(cache.value(EntryKey([2])) == nil)
        let bytes = cache.bytes
        for number in 0..<200 { cache.insertMiss(EntryKey([3, UInt8(number)])) }
        // Some share a mark with another one; hardly any does.
        #expect(cache.bytes < bytes + 20 * 200)
    }

    @Test("what was looked for in vain is found once it is written, before and after a flush")
    func missesBecomeValues() throws {
        let folder = TestFolder()
        let store = BufferedStateStore(try StateStore(path: folder.path("state.sqlite")))
        for round in UInt8(1)...3 {
            let key = [round]
            for _ in 0..<round { #expect(try store.value(key: key) == nil) }
            try store.apply(StateChange(height: UInt64(round), nodes: [], entries: [(key, [round, 9])]))
            #expect(try store.value(key: key) == [round, 9])
            try store.flush()
            #expect(try store.value(key: key) == [round, 9])
        }
    }

    @Test("a chunk of entries is read strictly")
    func chunks() throws {
        let entries = [StateEntry(key: [], value: [1]), StateEntry(key: [1], value: [])]
        let bytes = EntryChunk.bytes(entries)
        #expect(try EntryChunk.entries(bytes) == entries)
        for length in bytes.indices {
            #expect(throws: ProtocolFailure.self) { try EntryChunk.entries(Array(bytes[..<length])) }
        }
        #expect(throws: ProtocolFailure.self) { try EntryChunk.entries(bytes + [0]) }
        #expect(throws: ProtocolFailure.self) { try EntryChunk.entries(EntryChunk.bytes(entries.reversed())) }
        #expect(throws: ProtocolFailure.self) { try EntryChunk.entries(bytes, after: [0]) }
        #expect(throws: ProtocolFailure.self) { try EntryChunk.entries([255, 255, 255, 255]) }
    }
}

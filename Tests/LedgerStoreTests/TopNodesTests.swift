import Testing

@testable import LedgerStore

@Suite struct TopNodesTests {
    private typealias Change = (path: [UInt8], bytes: [UInt8]?)

    /// A path of the top, or of the level below it.
    private static func path(_ random: inout SeededGenerator) -> [UInt8] {
        (0..<Int.random(in: 0...5, using: &random)).map { _ in [0, 1, 8, 15].randomElement(using: &random) ?? 0 }
    }

    /// Another content, which has most of the old one's bytes.
    private static func edited(_ old: [UInt8]?, _ random: inout SeededGenerator) -> [UInt8]? {
        guard let old, Int.random(in: 0..<6, using: &random) > 0 else {
            return Bool.random(using: &random) ? nil : random.bytes(Int.random(in: 0...200, using: &random))
        }
        let start = Int.random(in: 0...old.count, using: &random)
        let end = min(old.count, start + Int.random(in: 0...40, using: &random))
        return old[..<start] + random.bytes(Int.random(in: 0...40, using: &random)) + old[end...]
    }

    private static func changes(_ model: inout [[UInt8]: [UInt8]], _ random: inout SeededGenerator) -> [Change] {
        var paths: Set<[UInt8]> = []
        for _ in 0..<Int.random(in: 1...20, using: &random) { paths.insert(self.path(&random)) }
        return paths.sorted { $0.lexicographicallyPrecedes($1) }
            .map { path in
                model[path] = self.edited(model[path], &random)
                return (path, model[path])
            }
    }

    private static func journalBytes(_ store: StateStore) throws -> Int {
        Int(try store.file.integer("SELECT coalesce(sum(length(bytes)), 0) FROM journal") ?? 0)
    }

    @Test("nodes are what they were, wherever the journal's cycle stood when the process ended", arguments: 0..<30)
    func equalsModel(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let folder = TestFolder()
        let path = folder.path("state.sqlite")
        let cycle = [200, 3_000, 40_000, 1 << 20][Int(seed % 4)]
        var model: [[UInt8]: [UInt8]] = [:]
        var store = try StateStore(path: path, journalBytes: cycle)
        for height in UInt64(1)...120 {
            let changes = Self.changes(&model, &random)
            try store.apply(StateChange(height: height, nodes: changes))
            for change in changes { #expect(try store.node(path: change.path) == change.bytes, "seed=\(seed)") }
            // Two cycles, and the transactions at whose ends they are noticed.
            let journal = try Self.journalBytes(store)
            #expect(journal <= 2 * cycle + 20_000, "seed=\(seed)")
            guard Int.random(in: 0..<10, using: &random) == 0 else { continue }
            store.close()
            store = try StateStore(path: path, journalBytes: cycle)
            for (path, bytes) in model { #expect(try store.node(path: path) == bytes, "seed=\(seed)") }
            #expect(
                store.bytesInMemory
                    == model.filter { $0.key.count <= TopNodes.depthMax }.values.reduce(0) { $0 + $1.count }
            )
        }
    }

    @Test("the journal is shortened while nodes change, and rows take over what it had")
    func cycles() throws {
        let folder = TestFolder()
        let store = try StateStore(path: folder.path("state.sqlite"), journalBytes: 2_000)
        for height in UInt64(1)...200 {
            let bytes = [UInt8](repeating: UInt8(height), count: 100)
            try store.apply(StateChange(height: height, nodes: [([UInt8(height % 16)], bytes)]))
        }
        let records = try store.file.integer("SELECT count(*) FROM journal") ?? 0
        #expect((1..<60).contains(records))
        #expect(try store.file.integer("SELECT count(*) FROM top") == 16)
    }

    @Test("a transaction that found no room leaves the top as it was")
    func full() throws {
        let folder = TestFolder()
        let store = try StateStore(path: folder.path("state.sqlite"))
        try store.apply(StateChange(height: 1, nodes: [([], [1]), ([3], [2])]))
        try store.file.execute("PRAGMA max_page_count = 12")
        let value = Array(repeating: UInt8(1), count: 90_000)
        let change = StateChange(height: 2, nodes: [([], [9]), ([3], nil)], entries: [([1], value)])
        #expect(failure { try store.apply(change) }?.isDiskFull == true)
        #expect(try store.node(path: []) == [1])
        #expect(try store.node(path: [3]) == [2])
        try store.file.execute("PRAGMA max_page_count = 1000000")
        try store.apply(change)
        store.close()
        let again = try StateStore(path: folder.path("state.sqlite"))
        #expect(try again.node(path: []) == [9])
        #expect(try again.node(path: [3]) == nil)
        #expect(again.height == 2)
    }

    @Test(
        "a journal or a row that cannot be is reported as damage, with what to do",
        arguments: [
            "UPDATE journal SET bytes = x'00000001'", "UPDATE journal SET bytes = x'0000000109'",
            "UPDATE journal SET bytes = x'0001111100'",
            "UPDATE journal SET bytes = substr(bytes, 1, length(bytes) - 1)",
            "UPDATE top SET place = 69905", "UPDATE top SET place = -1", "UPDATE top SET number = 0, bytes = NULL",
            "UPDATE meta SET value = 70000 WHERE name = 'cursor'",
        ]
    )
    func damage(sql: String) throws {
        let folder = TestFolder()
        let path = folder.path("state.sqlite")
        do {
            let store = try StateStore(path: path, journalBytes: 100)
            let bytes = [UInt8](repeating: 7, count: 50)
            try store.apply(StateChange(height: 1, nodes: [([], bytes)]))
            try store.apply(StateChange(height: 2, nodes: [([], bytes + [8])]))
            try store.file.execute("DELETE FROM journal WHERE number = 1")
            try store.file.execute(sql)
            store.close()
        }
        let found = failure { _ = try StateStore(path: path) }
        #expect(found?.isCorrupt == true)
        #expect(found?.description.contains("computed or fetched again") == true)
    }

    @Test("rows stand in the order of their paths, a node right before its subtree")
    func order() {
        var random = SeededGenerator(seed: 1)
        var paths: [[UInt8]] = [
            [], [15], [0], [0, 0], [0, 0, 0], Array(repeating: 0, count: 15), Array(repeating: 15, count: 15),
        ]
        for _ in 0..<300 {
            paths.append(
                (0..<Int.random(in: 0...15, using: &random)).map { _ in UInt8.random(in: 0...15, using: &random) }
            )
        }
        let keys = paths.map(NodeKey.init)
        #expect(keys.allSatisfy { $0.isNumber })
        for (path, key) in zip(paths, keys) {
            for (other, otherKey) in zip(paths, keys) {
                #expect(key.isBelow(otherKey) == path.lexicographicallyPrecedes(other))
                #expect((key == otherKey) == (path == other))
                #expect((key.row < otherKey.row) == key.isBelow(otherKey))
                // The row that keeps room belongs to no node but the root, which is no row of this table.
                #expect(path.isEmpty || other.isEmpty || key.roomRow != otherKey.row)
            }
        }
        #expect(!NodeKey(Array(repeating: 1, count: 16)).isNumber)
        #expect(NodeKey(Array(repeating: 1, count: 16)) != NodeKey(Array(repeating: 1, count: 17)))
    }

    @Test("a builder leaves room between nodes and no rows but theirs")
    func builder() throws {
        let folder = TestFolder()
        let path = folder.path("state.sqlite")
        let nodes = (0..<4_000).map { number in
            (
                path: (0..<6).map { UInt8(number >> (4 * (5 - $0)) & 15) },
                bytes: [UInt8](repeating: 3, count: 100 + number % 300)
            )
        }
        let builder = try StateBuilder(path: path)
        try builder.put(nodes: Array(nodes.prefix(2_500)))
        try builder.put(nodes: Array(nodes.dropFirst(2_500)) + [([1, 2], [4])])
        try builder.finish(height: 5)
        let store = try StateStore(path: path)
        #expect(try store.file.integer("SELECT count(*) FROM nodes") == 4_000)
        for node in nodes { #expect(try store.node(path: node.path) == node.bytes) }
        #expect(try store.node(path: [1, 2]) == [4])
        #expect(try store.file.integer("SELECT count(*) FROM journal") == 0)
    }
}

import Testing

@testable import LedgerStore

@Suite struct StateStoreTests {
    @Test("nodes and values come back, also empty ones, and height survives a restart")
    func roundTrip() throws {
        let folder = TestFolder()
        do {
            let store = try StateStore(path: folder.path("state.sqlite"))
            #expect(store.height == nil)
            try store.apply(
                StateChange(height: 0, nodes: [([], [1]), ([0], [])], entries: [([5], []), ([6], [7]), ([], [1])])
            )
            #expect(failure { try store.apply(StateChange(height: 0)) }?.isRefused == true)
            try store.apply(StateChange(height: 4, nodes: [([0], nil)], entries: [([6], [8])]))
        }
        let store = try StateStore(path: folder.path("state.sqlite"))
        #expect(store.height == 4)
        #expect(try store.node(path: []) == [1])
        #expect(try store.node(path: [0]) == nil)
        #expect(try store.value(key: [5]) == [])
        #expect(try store.value(key: [6]) == [8])
        #expect(try store.entries(prefix: [], limit: 9).map(\.key) == [[], [5], [6]])
        #expect(try store.entryCount() == 3)
    }

    @Test("other programs' and other releases' files are refused and stay as they are")
    func foreign() throws {
        let folder = TestFolder()
        let path = folder.path("state.sqlite")
        try folder.write(Array(repeating: 65, count: 8_192), "state.sqlite")
        #expect(failure { _ = try StateStore(path: path) }?.isForeign == true)
        #expect(try folder.read("state.sqlite") == Array(repeating: 65, count: 8_192))
        try folder.remove("state.sqlite")
        _ = try TransactionIndex(path: path)
        #expect(failure { _ = try StateStore(path: path) }?.isForeign == true)
        try folder.remove("state.sqlite")
        do { try SQLiteFile(path, StateStore.options).execute("PRAGMA user_version = 1") }
        #expect(failure { _ = try StateStore(path: path) }?.description.contains("schema 1") == true)
    }

    @Test("a damaged file is refused with a remedy")
    func damaged() throws {
        let folder = TestFolder()
        do {
            let store = try StateStore(path: folder.path("state.sqlite"))
            let entries = (0..<2_000).map { (key: [UInt8($0 / 256), UInt8($0 % 256)], value: [UInt8(1), 2, 3]) }
            try store.apply(StateChange(height: 1, entries: entries.map { ($0.key, $0.value) }))
        }
        var bytes = try folder.read("state.sqlite")
        for page in 2..<bytes.count / 4096 { bytes[page * 4096] = 77 }
        try folder.write(bytes, "state.sqlite")
        let found = failure {
            let store = try StateStore(path: folder.path("state.sqlite"))
            _ = try store.entries(prefix: [], limit: 5_000)
        }
        #expect(found?.isCorrupt == true)
        #expect(found?.description.contains("computed or fetched again") == true)
    }

    @Test("a builder replaces the state as a whole, and leaves the old one when it is interrupted")
    func builder() throws {
        let folder = TestFolder()
        let path = folder.path("state.sqlite")
        do {
            let store = try StateStore(path: path)
            try store.apply(StateChange(height: 1, nodes: [([1], [1])], entries: [([1], [1])]))
        }
        do {
            let builder = try StateBuilder(path: path)
            try builder.put(entries: [StateEntry(key: [2], value: [2])])
        }
        #expect(try StateStore(path: path).value(key: [1]) == [1])
        do {
            let builder = try StateBuilder(path: path)
            try builder.put(
                entries: (0..<3_000).map { StateEntry(key: [9, UInt8($0 >> 8), UInt8($0 & 255)], value: []) }
            )
            try builder.put(nodes: [([7], [7])])
            try builder.finish(height: 77)
        }
        let store = try StateStore(path: path)
        #expect(store.height == 77)
        #expect(try store.value(key: [1]) == nil)
        #expect(try store.node(path: [7]) == [7])
        #expect(try store.node(path: [1]) == nil)
        #expect(try store.entryCount() == 3_000)
        try store.apply(StateChange(height: 78, entries: [([1], [1])]))
        #expect(try !folder.names("").contains { $0.contains("partial") })
    }

    @Test("a SQLite log without its database does not come to life again")
    func orphanedLog() throws {
        let folder = TestFolder()
        let store = try StateStore(path: folder.path("state.sqlite"))
        try store.apply(StateChange(height: 1, entries: [([1], [1])]))
        try folder.copy("state.sqlite-wal", to: "other.sqlite-wal")
        let other = try StateStore(path: folder.path("other.sqlite"))
        #expect(other.height == nil)
        #expect(try other.value(key: [1]) == nil)
    }
}

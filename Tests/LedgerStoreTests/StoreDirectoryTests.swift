import Glibc
import Testing

@testable import LedgerStore

@Suite struct StoreDirectoryTests {
    @Test("a second user of the directory is refused with the first one's process id, until that ends")
    func lock() throws {
        let folder = TestFolder()
        let path = folder.path("ledger")
        do {
            let first = try StoreDirectory(path)
            let found = failure { _ = try StoreDirectory(path) }
            guard case .locked(let text) = found else {
                Issue.record("not locked: \(String(describing: found))")
                return
            }
            #expect(text.contains("process \(getpid()) uses \(path)"))
            _ = first
        }
        _ = try StoreDirectory(path)
    }

    @Test("another release's directory is refused, and the lock let go")
    func format() throws {
        let folder = TestFolder()
        let path = folder.path("ledger")
        _ = try StoreDirectory(path)
        try folder.write(Array("wardline ledger store 2\n".utf8), "ledger/format")
        #expect(failure { _ = try StoreDirectory(path) }?.isForeign == true)
        try folder.write(Array("wardline ledger store 1\n".utf8), "ledger/format")
        _ = try StoreDirectory(path)
    }

    @Test("a log that is gone while there are blocks is lost, whatever became of its marker")
    func lostLog() throws {
        let folder = TestFolder()
        let directory = try StoreDirectory(folder.path("ledger"))
        #expect(try !directory.openLog(channels: ["access", "index"]).log.isLost)
        let channel = try directory.channel("index")
        try TestBlocks.append(1...3, to: try BlockStore.open(directory: channel.blocks).store)
        try folder.remove("ledger/wal")
        try folder.remove("ledger/wal.marker")
        #expect(try directory.openLog(channels: ["access", "index"]).log.isLost)
    }

    @Test("everything a validator keeps is closed to others")
    func modes() throws {
        let folder = TestFolder()
        let directory = try StoreDirectory(folder.path("ledger"))
        let channel = try directory.channel("access")
        let log = try directory.openLog(channels: ["access"]).log
        let store = try StateStore(path: channel.state)
        try store.apply(StateChange(height: 1))
        try TestBlocks.append(1...1, to: try BlockStore.open(directory: channel.blocks).store)
        for name in ["wal", "wal.marker", "lock", "format", "access", "access/blocks", "access/state.sqlite"]
            + ["access/state.sqlite-wal"]
        {
            var status = stat()
            #expect(stat(folder.path("ledger/\(name)"), &status) == 0, "\(name)")
            #expect(status.st_mode & 0o077 == 0, "\(name)")
        }
        _ = log
    }
}

import Foundation
import GRDB
import Records
import Synchronization
import Testing

@testable import Spool

@Suite struct InboxTests {
    @Test("a batch comes back as it was appended, in order")
    func roundTrip() throws {
        let inbox = try TestStore().inbox()
        let bursts = [burst(["a", "b"]), burst([""]), burst([String(repeating: "x", count: 300_000)])]
        let ids = try bursts.map { try inbox.append($0) }
        #expect(ids == [1, 2, 3])
        var cursor: Int64 = 0
        for expected in bursts {
            let next = try #require(try inbox.nextBatch(after: cursor))
            #expect(next.burst == expected)
            cursor = next.id
        }
        #expect(try inbox.nextBatch(after: cursor) == nil)
        #expect(try inbox.messageCount == 4)
        #expect(try inbox.holding(after: 2) == .init(batches: 1, messages: 1))
    }

    @Test("both files commit with synchronous=FULL into a write-ahead log, and map no memory")
    func durability() throws {
        let store = try TestStore()
        let files = [try store.inbox().file, try store.spool().file]
        for file in files {
            for connection in [file.writer, file.reader] {
                let names = ["synchronous", "journal_mode", "auto_vacuum", "secure_delete", "wal_autocheckpoint"]
                let values = try connection.inDatabase { db in
                    try names.map { try String.fetchOne(db, sql: "PRAGMA \($0)") }
                }
                #expect(values == ["2", "wal", "2", "0", "1000"])
                let mapped = try connection.inDatabase { try Int64.fetchOne($0, sql: "PRAGMA mmap_size") }
                #expect(mapped == nil || mapped == 0)
            }
        }
    }

    @Test("files are readable by their owner only")
    func modes() throws {
        let store = try TestStore()
        let inbox = try store.inbox()
        try inbox.append(burst(["a"]))
        for name in ["inbox.db", "inbox.db-wal", "inbox.db-shm"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(store.directory)/\(name)")
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
        }
    }

    @Test("nothing of a message is readable in the files")
    func sealed() throws {
        let store = try TestStore()
        let inbox = try store.inbox()
        try inbox.append(burst(["\"patient\":\"Mustermann\""], topic: "ward/icu/bed/seven"))
        for name in ["inbox.db", "inbox.db-wal"] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(store.directory)/\(name)"))
            #expect(bytes.range(of: Data("Mustermann".utf8)) == nil)
            #expect(bytes.range(of: Data("icu/bed".utf8)) == nil)
        }
    }

    @Test("files copied while the inbox is open hold everything that was appended")
    func crash() throws {
        let store = try TestStore()
        let inbox = try store.inbox()
        for number in 0..<50 { try inbox.append(burst(["message \(number)"])) }
        let copy = try store.copyOfFiles().inbox()
        #expect(try copy.messageCount == 50)
        #expect(try copy.nextBatch(after: 49)?.burst == burst(["message 49"]))
        #expect(try copy.append(burst(["next"])) == 51)
        _ = inbox
    }

    @Test("recent batches come oldest first and reach far enough")
    func recent() throws {
        let inbox = try TestStore().inbox()
        for number in 0..<10 { try inbox.append(burst(["\(number) a", "\(number) b"])) }
        #expect(try inbox.recent(ofBroker: 0, messagesMax: 5).map(\.id) == [8, 9, 10])
        #expect(try inbox.recent(ofBroker: 0, messagesMax: 100).count == 10)
        #expect(try inbox.recent(ofBroker: 0, messagesMax: 0).isEmpty)
        #expect(try inbox.recent(ofBroker: 1, messagesMax: 100).isEmpty)
    }

    @Test("only batches that are normalized, old and not the newest are deleted, a bounded number per call")
    func deletion() throws {
        let inbox = try TestStore().inbox()
        for number in 0..<10 { try inbox.append(burst(["\(number)"], receivedAt: Int64(number))) }
        #expect(try inbox.deleteBatches(through: 8, olderThan: 3) == 3)
        #expect(try inbox.deleteBatches(through: 8, olderThan: 100, batchesMax: 2) == 2)
        #expect(try inbox.deleteBatches(through: 8, olderThan: 100) == 3)
        #expect(try inbox.deleteBatches(through: 100, olderThan: 100) == 1)
        #expect(try inbox.deleteBatches(through: 100, olderThan: 100) == 0)
        #expect(try inbox.holding() == .init(batches: 1, messages: 1))
        #expect(try inbox.append(burst(["next"])) == 11)
    }

    @Test("a waiting thread wakes when a batch is stored")
    func wakeUp() throws {
        let inbox = try TestStore().inbox()
        let woke = Mutex(false)
        let thread = DispatchQueue(label: "waiter")
        thread.async {
            while !inbox.waitForBatch(after: 0, timeout: 60) {}
            woke.withLock { $0 = true }
        }
        try inbox.append(burst(["a"]))
        thread.sync {}
        #expect(woke.withLock { $0 })
        #expect(inbox.newestBatch == 1)
    }

    @Test("an empty burst is refused")
    func empty() throws {
        let inbox = try TestStore().inbox()
        #expect(throws: StoreRefusal.self) { try inbox.append(MessageBurst()) }
    }

    @Test("the log stays bounded and the file gives deleted pages back")
    func growth() throws {
        let store = try TestStore()
        let inbox = try store.inbox()
        let payload = String(repeating: "x", count: 200_000)
        for _ in 0..<120 { try inbox.append(burst([payload])) }
        #expect(inbox.sizes.inboxLog < 12 << 20)
        let before = inbox.sizes.inbox
        for _ in 0..<60 { try inbox.deleteBatches(through: 119, olderThan: .max) }
        try inbox.file.writer.inDatabase { _ = try Row.fetchAll($0, sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        #expect(inbox.sizes.inbox < before / 2)
    }
}

import Foundation
import Glibc
import Records
import Testing

@testable import Spool

@Suite struct FullStoreTests {
    private static let payload = String(repeating: "x", count: 50_000)

    /// Appends until a refusal; nil when none came.
    private static func fill(_ inbox: Inbox, bursts: Int = 1000) -> (stored: Int64, refusal: StoreRefusal?) {
        var stored: Int64 = 0
        for _ in 0..<bursts {
            do throws(StoreRefusal) {
                try inbox.append(burst([Self.payload]))
                stored += 1
            } catch { return (stored, error) }
        }
        return (stored, nil)
    }

    /// Whether this process may mount, which containers forbid even to root.
    private static func canMount() -> Bool {
        let directory = NSTemporaryDirectory() + "mount-\(UUID().uuidString)"
        guard mkdir(directory, 0o700) == 0 else { return false }
        defer { rmdir(directory) }
        guard mount("tmpfs", directory, "tmpfs", 0, "size=1m") == 0 else { return false }
        return umount2(directory, Int32(MNT_DETACH)) == 0
    }

    @Test("at its size limit the inbox refuses, keeps what it has, and goes on when there is room")
    func sizeLimit() throws {
        let store = try TestStore(limits: SpoolLimits(bytesMax: 8 << 20, freeDiskReserve: 0))
        let inbox = try store.inbox()
        let (stored, refusal) = Self.fill(inbox)
        guard case .full(let bytes, let limit) = refusal else {
            Issue.record("not refused: \(String(describing: refusal))")
            return
        }
        #expect(limit == 7 << 20)
        #expect(bytes + 50_000 + 32 > limit)
        #expect(inbox.sizes.total <= 8 << 20)
        #expect(try inbox.messageCount == stored)
        #expect(try store.spool().commit(batch(source: 1, [[1]])).observationsStored == 1, "an eighth is left")
        #expect(try inbox.deleteBatches(through: stored, olderThan: .max, batchesMax: 10) == 10)
        #expect(try inbox.append(burst([Self.payload])) == stored + 1)
    }

    @Test("the reserve of free disk space is kept")
    func reserve() throws {
        let store = try TestStore(limits: SpoolLimits(freeDiskReserve: 1 << 60))
        #expect(throws: StoreRefusal.diskFull) { try store.inbox().append(burst(["a"])) }
        #expect(throws: StoreRefusal.diskFull) { try store.spool().commit(batch(source: 1, [[1]])) }
    }

    @Test("when SQLite finds no room the inbox refuses whole bursts, and goes on when there is room")
    func noPages() throws {
        let store = try TestStore()
        let inbox = try store.inbox()
        try inbox.append(burst(["a"]))
        try inbox.file.limitGrowth(pages: 20)
        let (stored, refusal) = Self.fill(inbox)
        #expect(refusal == .diskFull)
        #expect(try inbox.messageCount == stored + 1)
        #expect(try store.copyOfFiles().inbox().messageCount == stored + 1)
        try inbox.append(burst(["small"]))
        try inbox.file.liftLimit()
        #expect(try inbox.append(burst([Self.payload])) == stored + 3)
    }

    @Test("a full file system refuses, loses nothing, and goes on when there is room", .enabled(if: Self.canMount()))
    func fullFileSystem() throws {
        let directory = NSTemporaryDirectory() + "full-\(UUID().uuidString)"
        #expect(mkdir(directory, 0o700) == 0)
        defer { rmdir(directory) }
        #expect(mount("tmpfs", directory, "tmpfs", 0, "size=3m") == 0)
        defer { umount2(directory, Int32(MNT_DETACH)) }
        let store = try TestStore(directory: directory + "/state")
        let inbox = try store.inbox()
        let ballast = directory + "/ballast"
        try Data(repeating: 1, count: 1 << 20).write(to: URL(fileURLWithPath: ballast))
        let (stored, refusal) = Self.fill(inbox)
        #expect(refusal == .diskFull)
        #expect(stored > 5)
        #expect(try inbox.messageCount == stored)
        unlink(ballast)
        #expect(try inbox.append(burst([Self.payload])) == stored + 1)
        #expect(try inbox.nextBatch(after: stored)?.burst == burst([Self.payload]))
        #expect(try store.copyOfFiles().inbox().messageCount == stored + 1)
    }
}

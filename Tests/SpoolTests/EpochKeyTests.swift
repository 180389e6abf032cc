import Foundation
import GRDB
import Testing

@testable import Spool

@Suite("Epoch keys and capsules")
struct EpochKeyTests {
    private static let sender = [UInt8](repeating: 7, count: 32)

    private static func envelope(_ number: UInt8, scope: UInt8 = 1, isAnchored: Bool = true) -> SealedEnvelope {
        SealedEnvelope(
            h1: [UInt8](repeating: number, count: 32),
            scope: [UInt8](repeating: scope, count: 32),
            sequence: 1,
            created: 1,
            observations: 0,
            bytes: [number],
            isAnchored: isAnchored
        )
    }

    private static func key(_ number: UInt8, scope: UInt8 = 1, epoch: Int64 = 5) -> StoredEpochKey {
        StoredEpochKey(
            scope: [UInt8](repeating: scope, count: 32),
            sender: "a:gateway:g",
            scopeEpoch: epoch,
            parameters: [UInt8](repeating: 3, count: 32),
            capsuleDigest: [UInt8](repeating: number, count: 32),
            capsule: [number, 1],
            key: [UInt8](repeating: 0xA0 | number, count: 32)
        )
    }

    private static func window(_ envelopes: [SealedEnvelope], _ keys: [StoredEpochKey]) -> SealedWindow {
        var window = SealedWindow()
        window.sender = Self.sender
        window.senderCertificate = [9]
        window.envelopes = envelopes
        window.epochKeys = keys
        return window
    }

    @Test("a key comes with the window that it sealed, survives a restart and gives way to the next of its scope")
    func lifecycle() throws {
        let store = try TestStore()
        let spool = try store.spool()
        let (first, second) = (Self.key(1), Self.key(2))
        #expect(try spool.epochKey(scope: first.scope, sender: first.sender) == nil)
        try spool.commit(Self.window([Self.envelope(1)], [first]))
        #expect(try store.copyOfFiles().spool().epochKey(scope: first.scope, sender: first.sender) == first)
        #expect(try spool.epochKey(scope: first.scope, sender: "a:gateway:h") == nil)
        try spool.commit(Self.window([], [second]))
        #expect(try spool.epochKey(scope: first.scope, sender: first.sender) == second)
        #expect(try spool.capsule(first.capsuleDigest) == first.capsule, "envelopes that wait name it")
        try spool.deleteEpochKeys(beforeEpoch: 5)
        #expect(try spool.epochKey(scope: first.scope, sender: first.sender) == second)
        try spool.deleteEpochKeys(beforeEpoch: 6)
        #expect(try spool.epochKey(scope: first.scope, sender: first.sender) == nil)
    }

    @Test("a window that is refused leaves no key behind")
    func refusedWindow() throws {
        let spool = try TestStore().spool()
        try spool.commit(Self.window([Self.envelope(1)], []))
        // The same number again.
        #expect(throws: StoreRefusal.self) {
            try spool.commit(Self.window([Self.envelope(2)], [Self.key(1)]))
        }
        #expect(try spool.epochKey(scope: Self.key(1).scope, sender: Self.key(1).sender) == nil)
        #expect(try spool.capsule(Self.key(1).capsuleDigest) == nil)
    }

    @Test("no file holds a key in clear, and a key outlives the row keys that sealed it")
    func sealing() throws {
        let store = try TestStore()
        let spool = try store.spool()
        let key = Self.key(1)
        try spool.commit(Self.window([], [key]))
        for name in ["spool.db", "spool.db-wal"] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(store.directory)/\(name)"))
            #expect(bytes.range(of: Data(key.key)) == nil)
        }
        store.advance(milliseconds: 3 * 86_400_000)
        #expect(try spool.destroyEpochs(before: store.now) == 1)
        #expect(try spool.epochKey(scope: key.scope, sender: key.sender) == key)
    }

    @Test("a key under another scope or capsule's name is damage")
    func binding() throws {
        let spool = try TestStore().spool()
        try spool.commit(Self.window([], [Self.key(1), Self.key(2, scope: 2)]))
        try spool.file.writer.writeWithoutTransaction {
            try $0.execute(
                sql: "UPDATE sealing_key SET sealed = (SELECT sealed FROM sealing_key WHERE scope = ?) WHERE scope = ?",
                arguments: [Data(Self.key(2).scope.map { _ in 2 }), Data(Self.key(1).scope)]
            )
        }
        #expect(throws: (any Error).self) {
            try spool.epochKey(scope: Self.key(1).scope, sender: Self.key(1).sender)
        }
    }

    @Test("capsules are pruned once their key is gone and no envelope of their scope waits")
    func pruning() throws {
        let store = try TestStore()
        let spool = try store.spool()
        let key = Self.key(1)
        try spool.commit(Self.window([Self.envelope(1)], [key]))
        store.advance(milliseconds: 1_000)
        func prune() throws { _ = try spool.prune(SpoolRetention(receipts: 1)) }
        try prune()
        #expect(try spool.capsule(key.capsuleDigest) != nil)
        try spool.deleteEpochKeys(beforeEpoch: 6)
        try prune()
        #expect(try spool.capsule(key.capsuleDigest) != nil, "its envelope waits")
        try spool.store([StoredReceipt(h1: Self.envelope(1).h1, center: "a", bytes: [1])], copies: 1)
        try prune()
        #expect(try spool.capsule(key.capsuleDigest) == nil)
    }

    @Test("copies of keys stay off the chain, also after they were refused and tried again")
    func anchoring() throws {
        let spool = try TestStore().spool()
        try spool.setAnchoring(true)
        try spool.commit(
            Self.window([Self.envelope(1), Self.envelope(2, scope: 2, isAnchored: false)], [])
        )
        for entry in try spool.outbox(.oldestFirst, max: 9) { try spool.refuse(entry.id, center: "a", reason: "no") }
        #expect(try spool.retryRefused() == 2)
        for number in [1, 2] as [UInt8] {
            try spool.store(
                [StoredReceipt(h1: Self.envelope(number).h1, center: "a", bytes: [number])],
                copies: 1
            )
        }
        #expect(try spool.outbox(.oldestFirst, max: 9).isEmpty)
        #expect(try spool.anchorableEntries(max: 9).map(\.h1) == [Self.envelope(1).h1])
    }

    @Test("a file of version 3 is brought to this one: what it holds is anchored as before")
    func migration() throws {
        let store = try TestStore()
        let file = try StoreFile(
            directory: store.directory,
            name: FileNames.spool,
            schemas: [Spool.schema, Spool.uplinkSchema, Spool.anchorSchema],
            master: store.masterKey,
            rotationSeconds: store.limits.keyRotationSeconds
        )
        try file.writer.writeWithoutTransaction {
            try $0.execute(
                sql: """
                    INSERT INTO outbox (h1, scope, sender, sequence, created, observations, envelope)
                    VALUES (x'01', x'02', x'03', 1, 1, 1, x'04')
                    """
            )
        }
        try file.writer.close()
        try file.reader.close()
        let spool = try store.spool()
        try spool.setAnchoring(true)
        try spool.store([StoredReceipt(h1: [1], center: "a", bytes: [1])], copies: 1)
        #expect(try spool.anchorableEntries(max: 9).map(\.h1) == [[1]])
    }

    @Test("the scope for epoch keys of a stream is another one than the scope of its readings")
    func purposes() throws {
        let spool = try TestStore().spool()
        let stream = PatientStream(subject: String(repeating: "a", count: 32), kind: .vitals)
        let scopes = ScopePurpose.allCases.map { purpose in
            StoredScope(
                stream: stream,
                purpose: purpose,
                epoch: 3,
                descriptor: Array(purpose.rawValue.utf8),
                ownerCertificate: [1]
            )
        }
        try spool.store(scopes)
        for scope in scopes { #expect(try spool.scope(of: stream, for: scope.purpose, epoch: 3) == scope) }
        #expect(stream.label(for: .epochKeys) == stream.label + ".epoch-keys")
    }
}

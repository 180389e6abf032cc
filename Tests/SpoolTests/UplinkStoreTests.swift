import Foundation
import GRDB
import Records
import Testing

@testable import Spool

@Suite("What is sealed and delivered") struct UplinkStoreTests {
    private static let alice = PatientStream(subject: String(repeating: "a", count: 32), kind: .vitals)
    private static let bob = PatientStream(subject: String(repeating: "b", count: 32), kind: .waves)
    private static let sender = [UInt8](repeating: 7, count: 32)

    @Test("raw messages are stored beside the observations that were kept, with their streams")
    func material() throws {
        let spool = try TestStore().spool()
        #expect(try spool.registerSealer() == 0)
        _ = try spool.commit(Self.batch(source: 1, [[1, 2], [3]]))
        // 2 and 3 are known already, so that the second message of this batch leaves nothing.
        _ = try spool.commit(Self.batch(source: 2, [[2, 4], [3], [5]]))
        let chunks = try spool.sealableChunks(after: 0, bytesMax: 1 << 20)
        #expect(chunks.map(\.firstSequence) == [1, 4])
        #expect(chunks.map(\.lastSequence) == [3, 5])
        let second = try #require(chunks.last)
        let topics = second.material.messages.map { Array(second.material.bytes[$0.topic]) }
        #expect(topics == [Array("topic/0".utf8), Array("topic/2".utf8)])
        #expect(second.material.messages.map { Array(second.material.bytes[$0.payload]) } == [[2, 4], [5]])
        #expect(second.material.items.map { second.material.streams[$0.stream] } == [Self.alice, Self.bob])
        #expect(second.material.profiles == [RawMaterial.Profile(id: "p", version: "1")])
        #expect(try spool.sealableChunks(after: 3, bytesMax: 1).map(\.firstSequence) == [4])
    }

    @Test("without a sealer no raw message is stored; with one, a batch that lacks them is refused")
    func registration() throws {
        let spool = try TestStore().spool()
        _ = try spool.commit(Self.batch(source: 1, [[1]]))
        #expect(try spool.keepsMaterial() == false)
        #expect(try spool.registerSealer() == 1, "what was there before has no raw messages")
        #expect(throws: StoreRefusal.self) { try spool.commit(batchWithoutMaterial(source: 2, [[2]])) }
        #expect(try spool.cursor == 1)
        _ = try spool.commit(Self.batch(source: 2, [[2]]))
        #expect(try spool.sealableChunks(after: 1, bytesMax: 1).count == 1)
        try spool.removeSink(Spool.sealer)
        #expect(try spool.keepsMaterial() == false)
        #expect(try Self.count("material", spool) == 0)
    }

    @Test("envelopes, held bundles, cursor and numbers are one transaction")
    func sealing() throws {
        let store = try TestStore()
        let spool = try store.spool()
        try spool.registerSealer()
        _ = try spool.commit(Self.batch(source: 1, [[1, 2], [3]]))
        var window = Self.window(through: 3, [Self.envelope(1, scope: 1), Self.envelope(2, scope: 1)])
        window.held = [HeldBundle(stream: Self.bob, observations: 1, time: 5, data: [1, 2, 3])]
        // The second number does not follow: nothing of the window may stay.
        var wrong = window
        wrong.envelopes[1] = Self.envelope(4, scope: 1)
        #expect(throws: StoreRefusal.self) { try spool.commit(wrong) }
        #expect(try Self.counts(spool) == [0, 0, 1])
        #expect(try spool.sinkPosition(Spool.sealer)?.sequence == 0)

        try spool.commit(window)
        let after = try store.copyOfFiles()
        let reopened = try after.spool()
        #expect(try Self.counts(reopened) == [2, 1, 0])
        #expect(try reopened.sinkPosition(Spool.sealer)?.sequence == 3)
        #expect(try reopened.nextSequence(sender: Self.sender, scope: Self.scope(1)) == 3)
        #expect(try reopened.nextSequence(sender: Self.sender, scope: Self.scope(2)) == 1)
        #expect(try reopened.nextSequence(sender: Self.scope(9), scope: Self.scope(1)) == 1)
        #expect(try reopened.certificate(Self.sender) == [9])
        // The same window again, as after a crash that the sealer did not notice.
        #expect(throws: StoreRefusal.self) { try reopened.commit(window) }
        #expect(try Self.counts(reopened) == [2, 1, 0])
    }

    @Test("held bundles come back by stream and leave with the envelopes made of them, once")
    func holding() throws {
        let store = try TestStore()
        let spool = try store.spool()
        try spool.registerSealer()
        var window = SealedWindow()
        window.held = [
            HeldBundle(stream: Self.bob, observations: 2, time: 5, data: [1]),
            HeldBundle(stream: Self.alice, observations: 1, time: 6, data: [2]),
            HeldBundle(stream: Self.bob, observations: 3, time: 7, data: [3]),
        ]
        try spool.commit(window)
        #expect(try spool.heldStreams(max: 9) == [Self.bob, Self.alice])
        let bundles = try spool.heldBundles(of: Self.bob, max: 9)
        #expect(bundles.map(\.bundle) == [window.held[0], window.held[2]])
        #expect(try spool.heldBundles(of: Self.bob, max: 1).count == 1)
        var release = Self.window(through: nil, [Self.envelope(1, scope: 2)])
        release.released = [bundles[0].id]
        try spool.commit(release)
        #expect(throws: StoreRefusal.self) { try spool.commit(release) }
        #expect(try spool.heldBundles(of: Self.bob, max: 9).map(\.bundle.time) == [7])
        #expect(try spool.outbox(.oldestFirst, max: 9).count == 1)
        let statistics = try spool.statistics(inbox: store.inbox()).uplink
        #expect(statistics.heldBundles == 2)
        #expect(statistics.heldObservations == 4)
    }

    @Test("an envelope leaves when enough centers gave receipts, and receipts outlive it")
    func receipts() throws {
        let store = try TestStore()
        let spool = try Self.outbox(store, envelopes: 3)
        let entries = try spool.outbox(.newestFirst, max: 9)
        #expect(entries.map(\.id) == [3, 2, 1])
        #expect(try spool.outbox(.oldestFirst, max: 2).map(\.id) == [1, 2])
        let receipt = StoredReceipt(h1: entries[0].h1, center: "a", bytes: [1])
        try spool.store([receipt, receipt], copies: 2)
        #expect(try spool.outbox(.newestFirst, max: 1).first?.receivedBy == ["a"])
        try spool.store([StoredReceipt(h1: entries[0].h1, center: "b", bytes: [2])], copies: 2)
        #expect(try spool.outbox(.newestFirst, max: 9).map(\.id) == [2, 1])
        #expect(try spool.envelope(3) == nil)
        #expect(try spool.receipts(of: entries[0].h1).map(\.center) == ["a", "b"])
        let statistics = try spool.statistics(inbox: store.inbox()).uplink
        #expect(statistics.outboxEnvelopes == 2)
        #expect(statistics.outboxBytes == 8)
        #expect(statistics.deliveredEnvelopes == 1)
        #expect(statistics.receipts == 2)
        // A receipt for an envelope that left already changes nothing but the receipts.
        try spool.store([StoredReceipt(h1: entries[0].h1, center: "c", bytes: [3])], copies: 2)
        #expect(try spool.statistics(inbox: store.inbox()).uplink.deliveredEnvelopes == 1)
    }

    @Test("receipts are pruned after their time, those of waiting envelopes never")
    func pruning() throws {
        let store = try TestStore()
        let spool = try Self.outbox(store, envelopes: 2)
        let entries = try spool.outbox(.oldestFirst, max: 9)
        try spool.store([StoredReceipt(h1: entries[0].h1, center: "a", bytes: [1])], copies: 1)
        try spool.store([StoredReceipt(h1: entries[1].h1, center: "a", bytes: [2])], copies: 2)
        store.advance(milliseconds: 1_001)
        #expect(try spool.prune(SpoolRetention(receipts: 1_001)).receipts == 0)
        #expect(try spool.prune(SpoolRetention(receipts: 1_000)).receipts == 1)
        #expect(try spool.receipts(of: entries[1].h1).count == 1)
        #expect(try spool.outbox(.oldestFirst, max: 9).map(\.receivedBy) == [["a"]])
        try spool.releaseDelivered(copies: 1)
        #expect(try spool.outbox(.oldestFirst, max: 9).isEmpty)
    }

    @Test("a refused envelope is kept aside and can be tried again")
    func refusal() throws {
        let store = try TestStore()
        let spool = try Self.outbox(store, envelopes: 2)
        try spool.refuse(1, center: "a", reason: "HTTP 422 SIGNATURE")
        try spool.refuse(1, center: "a", reason: "again")
        #expect(try spool.outbox(.oldestFirst, max: 9).map(\.id) == [2])
        var statistics = try spool.statistics(inbox: store.inbox()).uplink
        #expect(statistics.refusedEnvelopes == 1)
        #expect(statistics.outboxEnvelopes == 1)
        let refused = try #require(try spool.refusedEnvelopes().first)
        #expect(refused.center == "a" && refused.reason == "HTTP 422 SIGNATURE", "the first reason stays")
        #expect(refused.sender == Self.sender && refused.refused == store.now)
        #expect(try spool.retryRefused() == 1)
        #expect(try spool.refusedEnvelopes().isEmpty)
        statistics = try spool.statistics(inbox: store.inbox()).uplink
        #expect(statistics.refusedEnvelopes == 0)
        #expect(statistics.outboxEnvelopes == 2)
        #expect(statistics.outboxBytes == 8)
        #expect(try spool.envelope(1) == [1, 1, 1, 1])
    }

    @Test("observations stay until the sealer has them, and its keys outlive their epoch with them")
    func retention() throws {
        let store = try TestStore(limits: SpoolLimits(freeDiskReserve: 0, keyRotationSeconds: 60))
        let spool = try store.spool()
        try spool.registerSink("file")
        try spool.registerSealer()
        _ = try spool.commit(Self.batch(source: 1, [[1]]))
        try spool.store([Self.storedScope])
        try spool.advanceSink("file", to: 1, fileOffset: 0)
        store.advance(milliseconds: 600_000)
        let retention = SpoolRetention(observations: 1)
        #expect(try spool.prune(retention).chunks == 0)
        #expect(try spool.destroyEpochs(before: store.now) == 0, "raw material still needs the key")
        try spool.commit(Self.window(through: 1, [Self.envelope(1, scope: 1)]))
        #expect(try spool.prune(retention).chunks == 1)
        #expect(try spool.destroyEpochs(before: store.now) == 1)
        #expect(try spool.scope(of: Self.alice, epoch: 3) == Self.storedScope, "sealed anew with a living key")
    }

    private static let storedScope = StoredScope(stream: alice, epoch: 3, descriptor: [1, 2], ownerCertificate: [3])

    @Test("scopes are found by stream and epoch until their epoch is over")
    func scopes() throws {
        let store = try TestStore()
        let spool = try store.spool()
        try spool.store([Self.storedScope])
        #expect(try store.copyOfFiles().spool().scope(of: Self.alice, epoch: 3) == Self.storedScope)
        #expect(try spool.scope(of: Self.alice, epoch: 4) == nil)
        #expect(try spool.scope(of: Self.bob, epoch: 3) == nil)
        try spool.deleteScopes(beforeEpoch: 3)
        #expect(try spool.scope(of: Self.alice, epoch: 3) != nil)
        try spool.deleteScopes(beforeEpoch: 4)
        #expect(try spool.scope(of: Self.alice, epoch: 3) == nil)
    }

    @Test("statements and evidence against centers are kept, the same evidence once")
    func centers() throws {
        let store = try TestStore()
        let spool = try Self.outbox(store, envelopes: 1)
        #expect(try spool.statement(ofCenter: "a") == nil)
        try spool.storeStatement([1], ofCenter: "a")
        try spool.storeStatement([2], ofCenter: "a")
        #expect(try spool.statement(ofCenter: "a") == [2])
        for _ in 0..<2 { try spool.storeFault([5], kind: "conflicting-roots", ofCenter: "a") }
        #expect(try spool.faults().map(\.evidence) == [[5]])
        #expect(try spool.sampleReceipt(ofCenter: "a") == nil)
        let h1 = try #require(try spool.outbox(.oldestFirst, max: 1).first?.h1)
        try spool.store([StoredReceipt(h1: h1, center: "a", bytes: [6])], copies: 1)
        for _ in 0..<8 { #expect(try spool.sampleReceipt(ofCenter: "a") == [6]) }
        #expect(try spool.sampleReceipt(ofCenter: "b") == nil)
    }

    @Test("a file of the first version is brought to this one, with everything in it")
    func migration() throws {
        let store = try TestStore()
        _ = try StoreFile(
            directory: store.directory,
            name: FileNames.spool,
            schemas: [Spool.schema],
            master: store.masterKey,
            rotationSeconds: store.limits.keyRotationSeconds
        ).writer.inDatabase { try $0.execute(sql: "UPDATE ledger SET received = 5, last_sequence = 0") }
        let wrongKey = try MasterKey(bytes: Array(repeating: 1, count: 32))
        #expect(throws: SpoolError.wrongMasterKey(file: "\(store.directory)/spool.db")) {
            try Spool(directory: store.directory, masterKey: wrongKey)
        }
        let before = try StoreFile(
            directory: store.directory,
            name: FileNames.spool,
            schemas: [Spool.schema],
            master: store.masterKey,
            rotationSeconds: 60
        )
        #expect(try before.writer.inDatabase { try $0.tableExists("outbox") } == false, "the wrong key changed nothing")
        let spool = try store.spool()
        #expect(try spool.statistics(inbox: store.inbox()).messages.received == 5)
        try spool.registerSealer()
        _ = try spool.commit(Self.batch(source: 1, [[1]]))
        #expect(try spool.sealableChunks(after: 0, bytesMax: 1).count == 1)
        #expect(throws: SpoolError.newerSchema(file: "\(store.directory)/spool.db", found: 11, supported: 1)) {
            try StoreFile(
                directory: store.directory,
                name: FileNames.spool,
                schemas: [Spool.schema],
                master: store.masterKey,
                rotationSeconds: 60
            )
        }
    }

    @Test("no stream, raw message or held bundle is readable in the files")
    func secrecy() throws {
        let store = try TestStore()
        let spool = try store.spool()
        try spool.registerSealer()
        _ = try spool.commit(Self.batch(source: 1, [[1, 2], [3]]))
        var window = SealedWindow()
        window.held = [HeldBundle(stream: Self.bob, observations: 1, time: 5, data: Array("SECRET-BUNDLE".utf8))]
        try spool.commit(window)
        try spool.store([Self.storedScope])
        for name in ["spool.db", "spool.db-wal"] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(store.directory)/\(name)"))
            for secret in [Self.alice.subject, Self.bob.subject, "topic/0", "SECRET-BUNDLE"] {
                #expect(bytes.range(of: Data(secret.utf8)) == nil)
            }
        }
    }

    // MARK: Material of tests

    /// A batch with raw messages: message i has topic `topic/i`, its readings as payload, and even readings are Alice's.
    private static func batch(source: Int64, _ messages: [[Int]]) -> NormalizedBatch {
        var batch = batchWithoutMaterial(source: source, messages)
        var material = RawMaterial()
        for (index, readings) in messages.enumerated() where !readings.isEmpty {
            material.add(
                messageOn: Array("topic/\(index)".utf8)[...],
                payload: readings.map { UInt8($0) }[...],
                receivedNs: Int64(index),
                retained: index == 1,
                profile: RawMaterial.Profile(id: "p", version: "1")
            )
            for reading in readings { material.add(itemOf: reading.isMultiple(of: 2) ? Self.alice : Self.bob) }
        }
        batch.material = material
        return batch
    }

    private static func scope(_ number: UInt8) -> [UInt8] { [UInt8](repeating: number, count: 32) }

    private static func envelope(_ sequence: UInt64, scope: UInt8) -> SealedEnvelope {
        SealedEnvelope(
            h1: [UInt8](repeating: UInt8(sequence) &+ 16 &* scope, count: 32),
            scope: Self.scope(scope),
            sequence: sequence,
            created: 1_700_000_000 + sequence,
            observations: 2,
            bytes: [UInt8](repeating: UInt8(sequence), count: 4)
        )
    }

    private static func window(through: Int64?, _ envelopes: [SealedEnvelope]) -> SealedWindow {
        var window = SealedWindow()
        window.through = through
        window.envelopes = envelopes
        window.sender = Self.sender
        window.senderCertificate = [9]
        return window
    }

    private static func outbox(_ store: TestStore, envelopes: UInt64) throws -> Spool {
        let spool = try store.spool()
        try spool.registerSealer()
        try spool.commit(Self.window(through: nil, (1...envelopes).map { Self.envelope($0, scope: 1) }))
        return spool
    }

    private static func count(_ table: String, _ spool: Spool) throws -> Int {
        try spool.file.reader.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") ?? -1 }
    }

    private static func counts(_ spool: Spool) throws -> [Int] {
        try ["outbox", "held", "material"].map { try Self.count($0, spool) }
    }
}

/// The batch of the other suites, under a name that the suite's own does not hide.
private func batchWithoutMaterial(source: Int64?, _ messages: [[Int]]) -> NormalizedBatch {
    batch(source: source, messages)
}

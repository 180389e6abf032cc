import Foundation
import GRDB
import Testing

@testable import Spool

@Suite("What is anchored") struct AnchorStoreTests {
    private static let sender = [UInt8](repeating: 7, count: 32)
    private static let signer = [UInt8](repeating: 8, count: 32)

    private static func scope(_ number: UInt8) -> [UInt8] { [UInt8](repeating: number, count: 32) }

    private static func h1(_ number: UInt8) -> [UInt8] { [UInt8](repeating: 0xa0 &+ number, count: 32) }

    private static func envelope(_ number: UInt8, scope: UInt8 = 1, lines: [Int64] = []) -> SealedEnvelope {
        SealedEnvelope(
            h1: Self.h1(number),
            scope: Self.scope(scope),
            sequence: UInt64(number),
            created: 1_700_000_000 + UInt64(number),
            observations: 2,
            bytes: [UInt8](repeating: number, count: 4),
            lines: lines,
            tags: [[number], [number, 1]]
        )
    }

    /// Envelopes sealed and delivered: those of even numbers to scope 2.
    private static func deliver(_ numbers: ClosedRange<UInt8>, _ spool: Spool) throws {
        for scope: UInt8 in [1, 2] {
            var window = SealedWindow()
            window.sender = Self.scope(scope)
            window.senderCertificate = [9]
            window.envelopes = numbers.filter { ($0 % 2 == 0) == (scope == 2) }.enumerated().map { place, number in
                SealedEnvelope(
                    h1: Self.h1(number),
                    scope: Self.scope(scope),
                    sequence: UInt64(place + 1),
                    created: 1_700_000_000 + UInt64(number),
                    observations: 2,
                    bytes: [UInt8](repeating: number, count: 4),
                    tags: [[number], [number, 1]]
                )
            }
            try spool.commit(window)
        }
        for number in numbers {
            try spool.store([StoredReceipt(h1: Self.h1(number), center: "a", bytes: [number])], copies: 1)
        }
    }

    private static func cut(_ number: UInt64, _ envelopes: [UInt8]) -> CutWindow {
        CutWindow(
            number: number,
            root: [UInt8](repeating: 5, count: 32),
            createdMin: 1,
            createdMax: 2,
            h1s: envelopes.map(Self.h1)
        )
    }

    private static func attempt(_ number: UInt8) -> AnchorAttempt {
        AnchorAttempt(id: [UInt8](repeating: number, count: 32), bytes: [number])
    }

    @Test("without a chain a delivered envelope leaves at once, with one it stays until its anchor is proven")
    func waiting() throws {
        let store = try TestStore()
        let spool = try store.spool()
        #expect(try !spool.isAnchoring)
        try Self.deliver(1...1, spool)
        #expect(try spool.anchorableEntries(max: 9).isEmpty)
        #expect(try spool.envelopeBytes(Self.h1(1)) == nil)

        try spool.setAnchoring(true)
        try spool.setAnchoring(true)
        var window = SealedWindow()
        window.sender = Self.sender
        window.senderCertificate = [9]
        window.envelopes = [Self.envelope(1, scope: 3)].map {
            SealedEnvelope(
                h1: Self.h1(2),
                scope: $0.scope,
                sequence: 1,
                created: $0.created,
                observations: 2,
                bytes: [2, 2, 2, 2],
                tags: $0.tags
            )
        }
        try spool.commit(window)
        #expect(try spool.anchorableEntries(max: 9).isEmpty, "not delivered yet")
        try spool.store([StoredReceipt(h1: Self.h1(2), center: "a", bytes: [1])], copies: 1)
        let entry = try #require(try spool.anchorableEntries(max: 9).first)
        #expect(entry.h1 == Self.h1(2) && entry.scope == Self.scope(3) && entry.delivered == store.now)
        #expect(entry.tags == [[1], [1, 1]])
        #expect(try spool.outbox(.oldestFirst, max: 9).isEmpty, "it is delivered no second time")
        #expect(try spool.envelopeBytes(Self.h1(2)) == [2, 2, 2, 2])

        try spool.commit(Self.cut(10, [2]))
        try spool.store(Self.attempt(1), ofWindow: 10, signer: Self.signer, nonce: 1)
        try spool.storeAnchor([1, 2, 3], ofWindow: 10, height: 4, isLate: true)
        try spool.storeAnchor([9], ofWindow: 10, height: 5, isLate: true)
        #expect(try spool.envelopeBytes(Self.h1(2)) == nil)
        let anchored = try #require(try spool.anchorWindow(of: Self.h1(2)))
        #expect(anchored.state == .anchored && anchored.height == 4 && anchored.isLate)
        #expect(try spool.anchorProof(ofWindow: 10) == [1, 2, 3], "the first proof stays")
        let statistics = try spool.statistics(inbox: store.inbox()).anchors
        #expect(statistics.anchoredWindows == 1 && statistics.anchoredEnvelopes == 1 && statistics.lateWindows == 1)
        #expect(statistics.waitingEnvelopes == 0 && statistics.isOn && statistics.lastAnchored == store.now)
    }

    @Test("an envelope is in one window, and a window's number and nonce are new ones")
    func windows() throws {
        let store = try TestStore()
        let spool = try store.spool()
        try spool.setAnchoring(true)
        try Self.deliver(1...4, spool)
        #expect(try spool.anchorableEntries(max: 3).map(\.h1) == [1, 2, 3].map(Self.h1))
        try spool.commit(Self.cut(10, [2, 1]))
        let wrong: [CutWindow] = [Self.cut(10, [3]), Self.cut(9, [3]), Self.cut(11, [3, 1]), Self.cut(11, [])]
        for window in wrong { #expect(throws: StoreRefusal.self) { try spool.commit(window) } }
        #expect(try spool.lastWindow() == 10)
        #expect(try spool.anchorableEntries(max: 9).map(\.h1) == [3, 4].map(Self.h1))
        #expect(try spool.anchorEntries(ofWindow: 10).map(\.h1) == [2, 1].map(Self.h1), "in the order of the leaves")

        try spool.store(Self.attempt(1), ofWindow: 10, signer: Self.signer, nonce: 5)
        #expect(throws: StoreRefusal.self) {
            try spool.store(Self.attempt(2), ofWindow: 10, signer: Self.signer, nonce: 5)
        }
        #expect(throws: StoreRefusal.self) {
            try spool.store(Self.attempt(2), ofWindow: 99, signer: Self.signer, nonce: 6)
        }
        try spool.store(Self.attempt(2), ofWindow: 10, signer: Self.sender, nonce: 1)
        let reopened = try store.copyOfFiles().spool()
        #expect(try reopened.anchorAttempts(ofWindow: 10) == [Self.attempt(1), Self.attempt(2)])
        #expect(try reopened.lastNonce(ofSigner: Self.signer) == 5)
        for number in 3...12 {
            try spool.store(Self.attempt(UInt8(number)), ofWindow: 10, signer: Self.signer, nonce: UInt64(number + 10))
        }
        #expect(try spool.anchorAttempts(ofWindow: 10).map(\.bytes) == (5...12).map { [$0] }, "the newest eight")
    }

    @Test("a scope that the chain refuses waits alone, until it is tried again")
    func refusal() throws {
        let store = try TestStore()
        let spool = try store.spool()
        try spool.setAnchoring(true)
        try Self.deliver(1...6, spool)
        try spool.commit(Self.cut(10, [1, 2]))
        try spool.store(Self.attempt(1), ofWindow: 10, signer: Self.signer, nonce: 5)
        try spool.replace(window: 10, by: [Self.cut(11, [1]), Self.cut(12, [2])])
        #expect(try spool.anchorAttempts(ofWindow: 10).isEmpty)
        #expect(try spool.anchorWindows(.waiting, max: 9).map(\.number) == [11, 12])
        #expect(throws: StoreRefusal.self) { try spool.replace(window: 12, by: [Self.cut(13, [3, 9])]) }
        #expect(try spool.anchorEntries(ofWindow: 12).count == 1, "a replacement that fails changes nothing")
        try spool.refuseAnchor(ofWindow: 12, reason: "writer-not-listed")
        #expect(try spool.anchorableEntries(max: 9).map(\.h1) == [3, 5].map(Self.h1))
        #expect(try spool.anchorWindow(of: Self.h1(2))?.reason == "writer-not-listed")
        #expect(try spool.statistics(inbox: store.inbox()).anchors.refusedWindows == 1)
        #expect(try spool.retryRefusedAnchors() == 1)
        #expect(try spool.anchorableEntries(max: 9).map(\.h1) == [3, 4, 5, 6].map(Self.h1))
    }

    @Test("receipts wait for the anchor when there is a chain, and then everything goes with them")
    func pruning() throws {
        let store = try TestStore()
        let spool = try store.spool()
        try spool.setAnchoring(true)
        try Self.deliver(1...2, spool)
        try spool.commit(Self.cut(10, [1]))
        try spool.storeAnchor([1], ofWindow: 10, height: 1, isLate: false)
        _ = try spool.indexKey(scope: Self.scope(1), sender: "g", orKeep: [UInt8](repeating: 1, count: 32))
        _ = try spool.indexKey(scope: Self.scope(2), sender: "g", orKeep: [UInt8](repeating: 2, count: 32))
        store.advance(milliseconds: 2_000)
        let retention = SpoolRetention(receipts: 1_000)
        while try !spool.prune(retention).isEmpty {}
        #expect(try spool.receipts(of: Self.h1(1)).isEmpty)
        #expect(try spool.anchorWindow(of: Self.h1(1)) == nil && spool.envelopeNote(Self.h1(1)) == nil)
        #expect(try spool.indexKey(scope: Self.scope(1), sender: "g") == nil)
        #expect(try spool.receipts(of: Self.h1(2)).count == 1, "not anchored")
        #expect(try spool.envelopeNote(Self.h1(2)) != nil)
        #expect(try spool.indexKey(scope: Self.scope(2), sender: "g") != nil)
        try spool.setAnchoring(false)
        while try !spool.prune(retention).isEmpty {}
        #expect(try spool.receipts(of: Self.h1(2)).isEmpty)
        #expect(try spool.envelopeBytes(Self.h1(2)) == nil)
    }

    @Test("index keys are sealed rows, kept once, and outlive the epoch of the key that sealed them")
    func indexKeys() throws {
        let store = try TestStore(limits: SpoolLimits(freeDiskReserve: 0, keyRotationSeconds: 60))
        let spool = try store.spool()
        let secret = Array("SECRET-KEY-OF-THIRTY-TWO-BYTES..".utf8)
        let other = [UInt8](repeating: 1, count: 32)
        #expect(try spool.indexKey(scope: Self.scope(1), sender: "g") == nil)
        #expect(try spool.indexKey(scope: Self.scope(1), sender: "g", orKeep: secret).secret == secret)
        #expect(try spool.indexKey(scope: Self.scope(1), sender: "g", orKeep: other).secret == secret)
        var window = SealedWindow()
        window.sender = Self.sender
        window.senderCertificate = [9]
        window.envelopes = [Self.envelope(1)]
        window.indexKeys = [StoredIndexKey(scope: Self.scope(1), sender: "g", secret: other)]
        #expect(throws: StoreRefusal.self) { try spool.commit(window) }
        #expect(try spool.outbox(.oldestFirst, max: 9).isEmpty, "no envelope goes out with another key")
        window.indexKeys = [StoredIndexKey(scope: Self.scope(1), sender: "g", secret: secret)]
        try spool.commit(window)
        #expect(try spool.indexKey(scope: Self.scope(1), sender: "g")?.isHanded == true)
        store.advance(milliseconds: 600_000)
        #expect(try spool.destroyEpochs(before: store.now) == 1)
        #expect(try spool.indexKey(scope: Self.scope(1), sender: "g")?.secret == secret)
        for name in ["spool.db", "spool.db-wal"] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(store.directory)/\(name)"))
            #expect(bytes.range(of: Data(secret)) == nil)
        }
    }

    @Test("an Observation's envelope is known as long as the Observation is")
    func lines() throws {
        let store = try TestStore()
        let spool = try store.spool()
        try spool.registerSink("file")
        _ = try spool.commit(batch(source: 1, [[1, 2, 3, 4, 5]]))
        var window = SealedWindow()
        window.sender = Self.sender
        window.senderCertificate = [9]
        window.envelopes = [Self.envelope(1, lines: [1, 4]), Self.envelope(2, lines: [5, 2])]
        try spool.commit(window)
        let found = try (1...6).map { try spool.envelope(ofObservation: $0) }
        #expect(found == [Self.h1(1), Self.h1(2), nil, Self.h1(1), Self.h1(2), nil])
        try spool.advanceSink("file", to: 5, fileOffset: 0)
        store.advance(milliseconds: 10)
        #expect(try spool.prune(SpoolRetention(observations: 1)).chunks == 1)
        #expect(try spool.envelope(ofObservation: 1) == nil)
        #expect(try spool.envelopeNote(Self.h1(1))?.sequence == 1)
    }

    @Test("a file of version 2 is brought to this one: what waits in its outbox is anchored, what is held is sealed")
    func migration() throws {
        let store = try TestStore()
        let stream = PatientStream(subject: String(repeating: "a", count: 32), kind: .vitals)
        do {
            let spool = try store.spool()
            var window = SealedWindow()
            window.sender = Self.sender
            window.senderCertificate = [9]
            window.envelopes = [Self.envelope(1)]
            window.held = [HeldBundle(stream: stream, observations: 1, time: 5, data: [1, 2])]
            try spool.commit(window)
            try spool.file.writer.writeWithoutTransaction { db in
                // As version 2 wrote it: nothing of later versions, and a held row without its last two fields.
                let epoch = try spool.file.keys.currentEpoch(now: store.now, db)
                var fields = FieldWriter()
                fields.write(stream.label)
                fields.write(5)
                fields.write([UInt8]([1, 2]))
                let tag = Data(spool.tag(of: stream))
                let row = "held/\(tag.base64EncodedString())/1"
                let sealed = try spool.file.keys.seal(fields.bytes, row: row, epoch: epoch, db)
                try db.execute(sql: "UPDATE held SET sealed = ?", arguments: [Data(sealed.bytes)])
                for table in [
                    "envelope", "index_key", "anchor_entry", "anchor_window", "anchor_attempt", "anchor_nonce",
                    "handover", "sealing_key", "capsule",
                ] { try db.execute(sql: "DROP TABLE \(table)") }
                for column in [
                    "last_window", "anchored_windows", "anchored_envelopes", "late_windows", "last_anchored_ms",
                ] { try db.execute(sql: "ALTER TABLE ledger DROP COLUMN \(column)") }
                for table in ["outbox", "refused"] {
                    try db.execute(sql: "ALTER TABLE \(table) DROP COLUMN anchored")
                }
                try db.execute(sql: "UPDATE meta SET value = 2 WHERE name = 'schema_version'")
                try db.execute(sql: "DELETE FROM grdb_migrations WHERE identifier IN ('3', '4')")
            }
        }
        let spool = try store.spool()
        #expect(try spool.heldBundles(of: stream, max: 9).map(\.bundle).first?.data == [1, 2])
        #expect(try spool.heldBundles(of: stream, max: 9).first?.bundle.lines == [])
        try spool.setAnchoring(true)
        try spool.store([StoredReceipt(h1: Self.h1(1), center: "a", bytes: [1])], copies: 1)
        let entry = try #require(try spool.anchorableEntries(max: 9).first)
        #expect(entry.h1 == Self.h1(1) && entry.tags.isEmpty)
        #expect(try spool.envelopeNote(Self.h1(1)) == nil)
    }

    @Test(
        "lists of numbers and tags come back",
        arguments: [[], [1], [1, 2, 3], [5, 127, 128, 16_383, 16_384, .max]]
    )
    func lists(numbers: [Int64]) {
        #expect(NumberList.decode(NumberList.encode(numbers)) == numbers)
        let tags = numbers.map { [UInt8](repeating: UInt8(truncatingIfNeeded: $0), count: Int($0 % 256)) }
        #expect(TagList.decode(TagList.encode(tags)) == tags)
    }
}

import Foundation
import GRDB
import Testing

@testable import Spool

@Suite("Share requests in the spool")
struct ShareRequestTests {
    private static func request(_ number: UInt8, bytes: Int = 100) -> ShareRequest {
        ShareRequest(
            id: [UInt8](repeating: number, count: 32),
            channel: 1,
            method: "access.request",
            validUntil: TestStore.start + 60_000,
            source: .http,
            bytes: Array("transaction \(number) ".utf8) + [UInt8](repeating: number, count: bytes)
        )
    }

    private static func committed(_ number: UInt8, code: UInt16 = 0) -> ShareOutcome {
        .committed(
            height: 7,
            code: code,
            name: code == 0 ? "" : "request-exists",
            proof: Array("proof \(number) of a transaction".utf8)
        )
    }

    @Test("a request survives a power cut once it is accepted, and comes in once")
    func acceptance() throws {
        let store = try TestStore()
        let spool = try store.spool()
        let request = Self.request(1)
        #expect(try spool.accept(request))
        let copy = try store.copyOfFiles().spool()
        #expect(try copy.shareTransaction(request.id) == request.bytes)
        let found = try #require(try copy.shareRequest(request.id))
        #expect(found.state == .queued && found.accepted == store.now && found.handedIn == nil && found.settled == nil)
        #expect(found.method == "access.request" && found.channel == 1 && found.source == .http)
        #expect(found.validUntil == request.validUntil)
        #expect(try !spool.accept(request))
        try spool.noteHandedIn(request.id)
        #expect(try !spool.accept(request))
        #expect(try spool.shareRequest(request.id)?.state == .submitted)
        #expect(try spool.shareRequest([1]) == nil)
    }

    @Test("an outcome is kept once; a proof stands above what was believed before")
    func outcomes() throws {
        let store = try TestStore()
        let spool = try store.spool()
        for number in 1...4 as ClosedRange<UInt8> { try spool.accept(Self.request(number)) }
        let ids = (1...4).map { [UInt8](repeating: $0, count: 32) }
        try spool.noteHandedIn(ids[0])
        store.advance(milliseconds: 5)
        try spool.settle(ids[0], Self.committed(1, code: 301))
        try spool.settle(ids[1], .rejected("HTTP 422 not-signed"))
        try spool.settle(ids[2], .expired("too late"))
        let found = try spool.shareRequests(max: 9)
        #expect(found.map(\.state) == [.committed, .rejected, .expired, .queued])
        #expect(found.map(\.code) == [301, nil, nil, nil] && found[0].height == 7)
        #expect(found.map(\.reason) == ["request-exists", "HTTP 422 not-signed", "too late", ""])
        #expect(found[0].settled == store.now && found[0].handedIn == store.now - 5)
        #expect(try spool.openShareRequests(after: 0, max: 9).map(\.id) == [ids[3]])
        #expect(try ids.map { try spool.shareTransaction($0) == nil } == [true, true, true, false])
        // Late words change nothing, a late proof does.
        try spool.settle(ids[0], .expired("no"))
        try spool.settle(ids[1], .expired("no"))
        try spool.settle(ids[2], Self.committed(3))
        try spool.settle(ids[0], Self.committed(9))
        #expect(try spool.shareRequests(max: 9).map(\.state) == [.committed, .rejected, .committed, .queued])
        #expect(try spool.shareProof(ids[0]) == Array("proof 1 of a transaction".utf8))
        #expect(try spool.shareProof(ids[2]) == Array("proof 3 of a transaction".utf8))
        #expect(try spool.shareProof(ids[1]) == nil)
        var expected = ShareStatistics()
        expected.queued = 1
        expected.committed = 2
        expected.rejected = 1
        expected.openBytes = Int64(Self.request(4).bytes.count)
        expected.oldestOpen = TestStore.start
        #expect(try spool.statistics(inbox: store.inbox()).shareRequests == expected)
    }

    @Test("lists go on where they ended, and open ones are read in their order")
    func lists() throws {
        let spool = try TestStore().spool()
        for number in 1...5 as ClosedRange<UInt8> { try spool.accept(Self.request(number)) }
        try spool.settle([UInt8](repeating: 2, count: 32), .expired("x"))
        let first = try spool.shareRequests(max: 2)
        let rest = try spool.shareRequests(after: try #require(first.last).sequence, max: 9)
        #expect((first + rest).map(\.id[0]) == [1, 2, 3, 4, 5])
        #expect(try spool.openShareRequests(after: first[0].sequence, max: 2).map(\.id[0]) == [3, 4])
        #expect(try spool.shareRequests(.expired, max: 9).map(\.id[0]) == [2])
    }

    @Test("the bounds of number and bytes refuse the next; room is there again when an outcome is known")
    func bounds() throws {
        let limits = SpoolLimits(freeDiskReserve: 0, shareRequestsMax: 2, shareRequestBytesMax: 1_000)
        let spool = try TestStore(limits: limits).spool()
        try spool.accept(Self.request(1))
        #expect { try spool.accept(Self.request(2, bytes: 900)) } throws: {
            if case StoreRefusal.shareRequestsFull(requests: 1, bytes: _) = $0 { true } else { false }
        }
        try spool.accept(Self.request(2))
        #expect(throws: StoreRefusal.self) { try spool.accept(Self.request(3)) }
        #expect(try !spool.accept(Self.request(1)), "one that is there is no new one")
        try spool.settle(Self.request(1).id, Self.committed(1))
        try spool.accept(Self.request(3))
        #expect(try spool.shareRequests(max: 9).map(\.id[0]) == [1, 2, 3])
    }

    @Test("in a batch of messages they share the commit with the cursor, and what the bound refuses is a dead letter")
    func batches() throws {
        let store = try TestStore(limits: SpoolLimits(freeDiskReserve: 0, shareRequestsMax: 2))
        let spool = try store.spool()
        func item(_ number: UInt8, message: Int) -> NormalizedBatch.SharedItem {
            NormalizedBatch.SharedItem(
                request: Self.request(number),
                letter: letter("share \(number)", message: message, reason: "share-outbox-full", profile: nil)
            )
        }
        var first = batch(source: 1, [[1], [], [], []])
        first.shareRequests = [item(1, message: 1), item(2, message: 2), item(3, message: 3)]
        let counts = try spool.commit(first).messages
        #expect(counts.normalized == 1 && counts.shareRequests == 2 && counts.deadLettered == 1)
        #expect(try spool.deadLetters().map(\.letter.reasonCode) == ["share-outbox-full"])
        // The same batch after a crash is refused as a whole.
        #expect(throws: StoreRefusal.self) { try spool.commit(first) }
        var second = batch(source: 2, [[]])
        second.shareRequests = [item(2, message: 0)]
        #expect(try spool.commit(second).messages.duplicate == 1)
        #expect(try spool.shareRequests(max: 9).map(\.id[0]) == [1, 2])
        let totals = try spool.statistics(inbox: store.inbox()).messages
        #expect(totals.received == 5 && totals.received == totals.accounted && totals.shareRequests == 2)
        var outside = batch(source: 3, [[]])
        outside.shareRequests = [item(4, message: 1)]
        #expect(throws: StoreRefusal.self) { try spool.commit(outside) }
    }

    @Test("no file holds a transaction or a proof in clear; both outlive the row keys that sealed them")
    func sealing() throws {
        let store = try TestStore()
        let spool = try store.spool()
        for number in [1, 2] as [UInt8] { try spool.accept(Self.request(number)) }
        try spool.settle(Self.request(2).id, Self.committed(2))
        for name in ["spool.db", "spool.db-wal"] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(store.directory)/\(name)"))
            #expect(bytes.range(of: Data("transaction 1".utf8)) == nil)
            #expect(bytes.range(of: Data("proof 2".utf8)) == nil)
        }
        store.advance(milliseconds: 3 * 86_400_000)
        #expect(try spool.destroyEpochs(before: store.now) == 1)
        #expect(try spool.shareTransaction(Self.request(1).id) == Self.request(1).bytes)
        #expect(try spool.shareProof(Self.request(2).id) == Array("proof 2 of a transaction".utf8))
    }

    @Test("a row under another request's name is damage")
    func binding() throws {
        let spool = try TestStore().spool()
        for number in [1, 2] as [UInt8] { try spool.accept(Self.request(number)) }
        try spool.file.writer.writeWithoutTransaction {
            try $0.execute(
                sql: "UPDATE share_request SET sealed = (SELECT sealed FROM share_request WHERE id = ?) WHERE id = ?",
                arguments: [Data(Self.request(2).id), Data(Self.request(1).id)]
            )
        }
        #expect(throws: SpoolError.self) { try spool.shareTransaction(Self.request(1).id) }
    }

    @Test("what is settled is pruned after its retention; what is open stays")
    func pruning() throws {
        let store = try TestStore()
        let spool = try store.spool()
        for number in [1, 2] as [UInt8] { try spool.accept(Self.request(number)) }
        try spool.settle(Self.request(1).id, Self.committed(1))
        let retention = SpoolRetention(shareRequests: 1_000)
        store.advance(milliseconds: 1_000)
        #expect(try spool.prune(retention).shareRequests == 0)
        store.advance(milliseconds: 1)
        #expect(try spool.prune(retention).shareRequests == 1)
        #expect(try spool.shareRequests(max: 9).map(\.id[0]) == [2])
        store.advance(milliseconds: 90 * 86_400_000)
        #expect(try spool.prune(retention).shareRequests == 0)
        // Its number is not used again, so that nobody who counts from it misses the next.
        try spool.accept(Self.request(3))
        #expect(try spool.shareRequests(max: 9).map(\.sequence) == [2, 3])
    }

    @Test("a file of version 4 is brought to this one, with its counts and everything in it")
    func migration() throws {
        let store = try TestStore()
        let file = try StoreFile(
            directory: store.directory,
            name: FileNames.spool,
            schemas: [Spool.schema, Spool.uplinkSchema, Spool.anchorSchema, Spool.dualControlSchema],
            master: store.masterKey,
            rotationSeconds: store.limits.keyRotationSeconds
        )
        try file.writer.writeWithoutTransaction {
            try $0.execute(
                sql: """
                    UPDATE ledger SET received = 5, normalized = 3, ignored = 2, cursor = 4;
                    INSERT INTO outbox (h1, scope, sender, sequence, created, observations, envelope)
                    VALUES (x'01', x'02', x'03', 1, 1, 1, x'04');
                    """
            )
        }
        try file.writer.close()
        try file.reader.close()
        let spool = try store.spool()
        #expect(try spool.cursor == 4 && spool.outbox(.oldestFirst, max: 9).count == 1)
        let counts = try spool.statistics(inbox: store.inbox())
        #expect(counts.messages.received == 5 && counts.messages.accounted == 5)
        #expect(counts.messages.shareRequests == 0 && counts.shareRequests == ShareStatistics())
        #expect(try spool.accept(Self.request(1)))
        #expect(try store.copyOfFiles().spool().shareRequest(Self.request(1).id)?.state == .queued)
    }
}

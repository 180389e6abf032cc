import Merkle
import Records
import Testing

@testable import PrivacyCenterStore

@Suite struct QueryTests {
    @Test("a certificate is kept under its digest, and never replaced", arguments: Backend.allCases)
    func certificates(backend: Backend) async throws {
        let test = try backend.makeStore()
        let digest = Sample.sender(7)
        #expect(try await test.store.certificate(digest) == nil)
        #expect(try await test.store.putCertificate([1, 2, 3], digest: digest) == .stored)
        #expect(try await test.store.putCertificate([1, 2, 3], digest: digest) == .alreadyStored)
        #expect(try await test.store.putCertificate([1, 2, 4], digest: digest) == .conflict)
        #expect(try await test.reopened().store.certificate(digest) == [1, 2, 3])
        await #expect(throws: StoreError.self) { try await test.store.putCertificate([], digest: digest) }
    }

    @Test("certificates are listed page by page in the order of their digests", arguments: Backend.allCases)
    func certificateListing(backend: Backend) async throws {
        let test = try backend.makeStore()
        let digests = (0..<7 as Range<UInt8>).map { Digest.sha256(of: [$0]) }
        for digest in digests { _ = try await test.store.putCertificate([1, digest.bytes[0]], digest: digest) }
        var listed: [StoredCertificate] = []
        while true {
            let page = try await test.store.certificates(after: listed.last?.digest, limit: 3)
            listed += page
            guard page.count == 3 else { break }
        }
        let sorted = digests.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        #expect(listed.map(\.digest) == sorted)
        #expect(listed.allSatisfy { $0.bytes == [1, $0.digest.bytes[0]] })
        await #expect(throws: StoreError.self) { try await test.store.certificates(after: nil, limit: 0) }
    }

    @Test("a scope's envelopes are listed page by page in the order of the tree", arguments: Backend.allCases)
    func listing(backend: Backend) async throws {
        let test = try backend.makeStore()
        try await test.enrol()
        let batch = (0..<30 as Range<UInt64>).map { Sample.envelope($0, scope: UInt8($0 % 3)) }
        _ = try await test.store.append(batch)
        var (listed, last) = ([EnvelopeListing](), UInt64?.none)
        repeat {
            let page = try await test.store.envelopes(ofScope: Sample.scope(1), after: last, limit: 4)
            #expect(page.count <= 4)
            listed += page
            last = page.last?.leafIndex
        } while last != nil
        #expect(listed.map(\.leafIndex) == (0..<30).filter { $0 % 3 == 1 })
        for item in listed {
            let envelope = batch[Int(item.leafIndex)]
            #expect(item.h1 == envelope.h1 && item.sender == envelope.sender && item.sequence == envelope.sequence)
            #expect(item.byteCount == envelope.bytes.count && item.created == envelope.created)
            #expect(item.receivedMilliseconds == envelope.receivedMilliseconds)
        }
        #expect(try await test.store.envelopes(ofScope: Sample.scope(9), after: nil, limit: 10).isEmpty)
        await #expect(throws: StoreError.self) {
            try await test.store.envelopes(ofScope: Sample.scope(1), after: nil, limit: 0)
        }
        await #expect(throws: StoreError.self) {
            try await test.store.envelopes(ofScope: Sample.scope(1), after: .max, limit: 1)
        }
    }

    @Test("inclusion is proved for every tree that holds the leaf, and for no other", arguments: Backend.allCases)
    func inclusion(backend: Backend) async throws {
        let test = try backend.makeStore()
        try await test.enrol()
        let batch = Sample.envelopes(0..<21)
        let head = try await test.store.append(batch).head
        for (index, envelope) in batch.enumerated() {
            try await self.checkInclusion(of: envelope, at: UInt64(index), head: head, test.store)
        }
        #expect(try await test.store.inclusion(of: Sample.scope(0), treeSize: nil) == nil)
        #expect(try await test.store.inclusion(ofLeaf: 21, treeSize: nil) == nil)
    }

    private func checkInclusion(
        of envelope: NewEnvelope,
        at index: UInt64,
        head: TreeHead,
        _ store: RelationalStore
    ) async throws {
        let found = try await store.inclusion(of: envelope.h1, treeSize: nil)
        let whole = try #require(found)
        #expect(whole.head == head)
        #expect(whole.receivedMilliseconds == envelope.receivedMilliseconds)
        #expect(whole.proof.verifies(leafHash: envelope.leafHash, root: head.root))
        for size in 0..<23 as Range<UInt64> {
            let byIndex = try await store.inclusion(ofLeaf: index, treeSize: size)
            let byH1 = try await store.inclusion(of: envelope.h1, treeSize: size)
            #expect(byH1 == byIndex)
            #expect((byIndex != nil) == (index < size && size <= 21))
            guard let byIndex else { continue }
            #expect(byIndex.h1 == envelope.h1 && byIndex.head.size == size)
            #expect(byIndex.proof.verifies(leafHash: envelope.leafHash, root: byIndex.head.root))
        }
    }

    @Test("a rekey is put once, listed by scope, receiver and owner, and stays revoked", arguments: Backend.allCases)
    func rekeys(backend: Backend) async throws {
        let test = try backend.makeStore()
        let rekeys = (1...9).map { Sample.rekey($0, scope: $0 % 2, receiver: $0 % 3) }
        for rekey in rekeys { #expect(try await test.store.putRekey(rekey) == .stored) }
        #expect(try await test.store.putRekey(rekeys[0]) == .alreadyStored)
        var other = Sample.rekey(1, scope: 1, receiver: 2)
        #expect(try await test.store.putRekey(other) == .conflict)
        #expect(try await test.store.rekey(rekeys[4].grantDigest) == rekeys[4])
        #expect(try await test.store.rekey(Sample.grant(99)) == nil)

        let sorted = rekeys.sorted { $0.grantDigest.bytes.lexicographicallyPrecedes($1.grantDigest.bytes) }
        #expect(try await test.store.rekeys(.all, after: nil, limit: 100) == sorted)
        let page = try await test.store.rekeys(.all, after: sorted[3].grantDigest, limit: 3)
        #expect(page == Array(sorted[4..<7]))
        let odd = try await test.store.rekeys(.scope(Sample.scope(1)), after: nil, limit: 100)
        #expect(odd == sorted.filter { $0.scope == Sample.scope(1) })
        let received = try await test.store.rekeys(.receiver(Sample.sender(2)), after: odd[0].grantDigest, limit: 100)
        #expect(
            received.map(\.index)
                == sorted.filter { $0.receiver == Sample.sender(2) }.filter {
                    odd[0].grantDigest.bytes.lexicographicallyPrecedes($0.grantDigest.bytes)
                }.map(\.index)
        )
        #expect(try await test.store.rekeys(.owner(Sample.sender(200)), after: nil, limit: 100).count == 9)

        #expect(try await test.store.revokeRekey(rekeys[2].grantDigest))
        #expect(try await test.store.revokeRekey(rekeys[2].grantDigest))
        #expect(try await test.store.revokeRekey(Sample.grant(99)) == false)
        #expect(try await test.store.putRekey(rekeys[2]) == .alreadyStored)
        other = rekeys[2]
        other.isRevoked = true
        #expect(try await test.store.rekey(rekeys[2].grantDigest) == other)
        #expect(try await test.scrub().findings == [])
    }

    @Test("a nonce is used once within a grant until it is pruned", arguments: Backend.allCases)
    func nonces(backend: Backend) async throws {
        let store = try backend.makeStore().store
        let nonce: [UInt8] = Array(repeating: 7, count: 32)
        #expect(try await store.useNonce(nonce, grant: Sample.grant(1), at: 1_000))
        #expect(try await store.useNonce(nonce, grant: Sample.grant(1), at: 1_001) == false)
        #expect(try await store.useNonce(nonce, grant: Sample.grant(2), at: 1_002))
        #expect(try await store.useNonce([1], grant: Sample.grant(1), at: 2_000))
        #expect(try await store.pruneNonces(before: 1_002) == 1)
        #expect(try await store.useNonce(nonce, grant: Sample.grant(1), at: 3_000))
        #expect(try await store.useNonce(nonce, grant: Sample.grant(2), at: 3_000) == false)
        await #expect(throws: StoreError.self) { try await store.useNonce([], grant: Sample.grant(1), at: 0) }
    }

    @Test("of many concurrent uses of one nonce a single one succeeds", arguments: Backend.allCases)
    func concurrentNonces(backend: Backend) async throws {
        let store = try backend.makeStore().store
        let successes = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 { group.addTask { try await store.useNonce([9], grant: Sample.grant(1), at: 5) } }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(successes == 1)
    }

    @Test("the figures for metrics are those of what was stored", arguments: Backend.allCases)
    func statistics(backend: Backend) async throws {
        let test = try backend.makeStore()
        try await test.enrol()
        _ = try await test.store.append(Sample.envelopes(0..<10))
        _ = try await test.store.putRekey(Sample.rekey(1))
        let statistics = try await test.store.statistics()
        #expect(statistics.envelopes == 10 && statistics.certificates == 2 && statistics.rekeys == 1)
        #expect(statistics.envelopeBytes == 3_000)
        #expect(statistics.storageBytes > 3_000)
    }

    @Test("a closed store refuses every call")
    func closing() async throws {
        let store = try Backend.sqlite.makeStore().store
        try await store.close()
        await #expect(throws: StoreError.closed) { try await store.treeHead() }
        await #expect(throws: StoreError.closed) { try await store.append([Sample.envelope(1)]) }
    }
}

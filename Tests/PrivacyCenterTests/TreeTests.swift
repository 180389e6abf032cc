import CanonicalBytes
import Foundation
import GRDB
import Merkle
import PrivacyCenter
import PrivacyCenterStore
import Receipts
import Records
import Signcryption
import Synchronization
import Testing

@Suite struct TreeTests {
    @Test("Over 1,000 envelopes, heads stay consistent and every receipt stays included")
    func growth() async throws {
        try await TestSite.with(adjust: {
            $0.requestsPerSecond = 1e6; $0.requestsBurst = 1e6
        }) { site in
            _ = try await site.putCertificate(site.gateway)
            var heads = [try await site.head()]
            var receipts: [Receipt] = []
            for batch in 0..<10 {
                let stored = try await withThrowingTaskGroup(of: Receipt.self) { group in
                    for index in 0..<100 {
                        let envelope = try site.envelope(UInt64(batch * 100 + index))
                        group.addTask { try site.receipt(await site.put(envelope)) }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                receipts += stored
                heads.append(try await site.head())
            }
            #expect(heads.map(\.tree.size) == (0...10).map { UInt64($0 * 100) })
            #expect(Set(receipts.map(\.claim.leafIndex)).count == 1_000)
            for (first, second) in zip(heads, heads.dropFirst()) + [(heads[1], heads[10]), (heads[0], heads[10])] {
                try await Self.expectConsistent(.head(first), .head(second), site)
            }
            for receipt in receipts.sorted(by: { $0.tree.size < $1.tree.size }).prefix(40) {
                try await Self.expectConsistent(.receipt(receipt), .head(heads[10]), site)
            }
            for receipt in receipts.prefix(40) {
                let inclusion = try await Self.inclusion("h1=\(receipt.h1.bytes.hex)", site)
                #expect(inclusion.leafIndex == receipt.claim.leafIndex)
                #expect(inclusion.verifies(leafHash: receipt.claim.leafHash, root: heads[10].tree.root))
            }
        }
    }

    @Test("A deleted row is proven: by a signed denial, and by an old receipt with a new head")
    func cheatingOperator() async throws {
        try await TestSite.with { site in
            _ = try await site.putCertificate(site.gateway)
            let envelopes = try (1...4).map { try site.envelope($0) }
            var receipts: [Receipt] = []
            for envelope in envelopes { receipts.append(try site.receipt(await site.put(envelope))) }
            try await site.stop()
            // The operator makes the store anew without the second envelope, so that it looks sound.
            try FileManager.default.moveItem(atPath: site.storeDirectory, toPath: site.storeDirectory + ".old")
            try await site.start()
            site.clockOffset.withLock { $0 = 700_000 }
            _ = try await site.putCertificate(site.gateway)
            for index in [0, 2, 3] { #expect(try await site.put(envelopes[index]).status == 201) }

            let h1 = receipts[1].h1.bytes.hex
            let answer = try await site.client(site.owner).get("/v1/envelopes/\(h1)")
            let text = try #require(answer.object["denial"] as? String)
            let bytes = Array(try #require(Data(base64Encoded: text)))
            let denial = try ParsedDenial(bytes: bytes).verified(by: site.centerKey)
            try Self.expectProof(PrivacyCenterFault(receipts[1], denial), site)

            let head = TreeStatement.head(try await site.head())
            try Self.expectProof(PrivacyCenterFault(.receipt(receipts[2]), head), site)
            let inclusion = try await site.client(site.gateway).get("/v1/tree/inclusion?leaf=1").object
            let other = try #require(Digest(hex: Array((inclusion["h1"] as? String ?? "").utf8)))
            let received = try #require(inclusion["received_ms"] as? UInt64)
            let leaf = NewEnvelope.leafHash(h1: other, receivedMilliseconds: received)
            let proof = try await Self.inclusion("leaf=1", site)
            try Self.expectProof(PrivacyCenterFault(receipts[1], leafHash: leaf, proof: proof, in: head), site)
        }
    }

    @Test("A row that is deleted in the running store by SQL is denied under the center's own signature")
    func deletedRow() async throws {
        try await TestSite.with { site in
            _ = try await site.putCertificate(site.gateway)
            var receipts: [Receipt] = []
            for sequence in 1...3 { receipts.append(try site.receipt(await site.put(site.envelope(UInt64(sequence))))) }
            let h1 = receipts[1].h1
            let database = try DatabaseQueue(path: "\(site.storeDirectory)/store.db")
            try await database.write { db in
                try db.execute(
                    sql: "DELETE FROM envelope WHERE h1 = ?",
                    arguments: [Data(h1.bytes)]
                )
            }
            try database.close()
            site.clockOffset.withLock { $0 = 700_000 }
            let answer = try await site.client(site.owner).get("/v1/envelopes/\(receipts[1].h1.bytes.hex)")
            #expect(answer.status == 404)
            let text = try #require(answer.object["denial"] as? String)
            let bytes = Array(try #require(Data(base64Encoded: text)))
            let denial = try ParsedDenial(bytes: bytes).verified(by: site.centerKey)
            try Self.expectProof(PrivacyCenterFault(receipts[1], denial), site)
        }
    }

    private static func expectConsistent(
        _ first: TreeStatement,
        _ second: TreeStatement,
        _ site: TestSite
    ) async throws {
        let path = "/v1/tree/consistency?first=\(first.tree.size)&second=\(second.tree.size)"
        let object = try await site.client(site.gateway).get(path).object
        let hashes = try #require(object["path"] as? [String]).compactMap { Digest(hex: Array($0.utf8)) }
        let proof = ConsistencyProof(firstSize: first.tree.size, secondSize: second.tree.size, path: hashes)
        #expect(TreeComparison(first, second, proof: proof) == .consistent)
    }

    private static func inclusion(_ query: String, _ site: TestSite) async throws -> InclusionProof {
        let object = try await site.client(site.gateway).get("/v1/tree/inclusion?\(query)").object
        return InclusionProof(
            leafIndex: try #require(object["leaf_index"] as? UInt64),
            treeSize: try #require(object["tree_size"] as? UInt64),
            path: try #require(object["path"] as? [String]).compactMap { Digest(hex: Array($0.utf8)) }
        )
    }

    /// Requires that anyone can check the evidence from its bytes and the center's certificate.
    private static func expectProof(_ fault: PrivacyCenterFault?, _ site: TestSite) throws {
        let fault = try #require(fault)
        #expect(try ParsedFault(bytes: fault.bytes).verified(by: [site.centerKey]) == fault)
    }
}

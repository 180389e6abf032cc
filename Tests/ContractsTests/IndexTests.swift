import CanonicalBytes
import Certificates
import Ledger
import Testing

@testable import Contracts

@Suite("Index") struct IndexTests {
    let consortium: Consortium

    init() throws { self.consortium = try Consortium() }

    private var index: TestChannel { self.consortium.index }
    private static let epoch: UInt64 = 3_000

    private func anchor(
        _ window: UInt64,
        by name: String = "north:gateway:g1",
        scopes: [UInt8] = [1, 2],
        created: ClosedRange<UInt64>? = nil,
        chain: [UInt8] = Consortium.chain
    ) throws -> Anchor {
        let now = self.index.now / 1_000
        let created = created ?? now - 20...now - 10
        return Anchor(
            chain: chain,
            gateway: try #require(PartyName(name)),
            certificate: try self.consortium.party(name).certificate.digest,
            window: window,
            root: id(0xaa),
            count: 16,
            createdMin: created.lowerBound,
            createdMax: created.upperBound,
            pages: scopes.map { Anchor.Page(scope: id($0), page: [UInt8](repeating: $0, count: 100)) }
        )
    }

    private func writers(
        _ scope: UInt8,
        _ writers: [ScopeWriter],
        epoch: UInt64 = Self.epoch
    ) -> SetScopeWriters {
        SetScopeWriters(scope: id(scope), epoch: epoch, isSingleControl: false, writers: writers)
    }

    private func gateway(_ name: String) throws -> ScopeWriter { .party(try #require(PartyName(name))) }

    @Test("an anchor is kept without its pages, and its window is taken")
    func anchoring() throws {
        let anchor = try self.anchor(7)
        #expect(try self.consortium.call(anchor, by: "north:gateway:g1") == 0)
        let record = try #require(try self.index.record(AnchorRecord.self, at: IndexKey.anchor(anchor.gateway, 7)))
        #expect(record.root == id(0xaa) && record.count == 16 && record.height == 1 && record.marks == .unlisted)
        #expect(record.pages.map(\.digest) == anchor.pages.map(\.digest))
        let topics = try #require(self.index.blocks.last).receipts[0].events.map(\.topic)
        #expect(topics == ["index.anchored", "anchor.unlisted"])
        #expect(try self.consortium.call(anchor, by: "north:gateway:g1") == RejectionCode.anchoredAlready.number)
        let other = try self.anchor(7, scopes: [3])
        #expect(try self.consortium.call(other, by: "north:gateway:g1") == RejectionCode.windowReused.number)
        #expect(try self.consortium.call(self.anchor(7, by: "north:gateway:g2"), by: "north:gateway:g2") == 0)
    }

    @Test("an anchor speaks for its signer alone, on its chain, and not of the future; a late one is marked")
    func refusedAnchors() throws {
        let now = self.index.now / 1_000
        let cases: [(Anchor, String, RejectionCode?)] = [
            (try self.anchor(1), "north:gateway:g2", .anotherGateway),
            (try self.anchor(1), "north:steward:s1", .notAllowed),
            (try self.anchor(1, chain: [1]), "north:gateway:g1", .anotherGateway),
            (try self.anchor(1, created: now...now + 400), "north:gateway:g1", .createdInFuture),
            (try self.anchor(1, created: now...now + 200), "north:gateway:g1", nil),
            (try self.anchor(2, created: now - 9_000...now - 3_700), "north:gateway:g1", nil),
        ]
        for (anchor, caller, expected) in cases {
            #expect(try self.consortium.call(anchor, by: caller) == expected?.number ?? 0)
        }
        let topics = try #require(self.index.blocks.last).receipts[0].events.map(\.topic)
        #expect(topics.contains("anchor.late"))
        let key = IndexKey.anchor(try #require(PartyName("north:gateway:g1")), 2)
        #expect(try self.index.record(AnchorRecord.self, at: key)?.marks == [.late, .unlisted])
    }

    @Test("where writers are listed, only they anchor, and only in the scope's epoch")
    func listedWriters() throws {
        let digest = try self.consortium.party("south:gateway:g9").certificate.digest
        let list = [try self.gateway("north:gateway:g1"), .certificate(digest)]
        #expect(try self.consortium.call(self.writers(1, list), by: "north:custodian:c1") == 0)
        #expect(try self.consortium.call(self.writers(2, [], epoch: 2_999), by: "north:custodian:c1") == 0)
        let week: UInt64 = 604_800
        let border = Self.epoch * week
        let cases: [(Anchor, String, RejectionCode?)] = [
            (try self.anchor(1, scopes: [1]), "north:gateway:g1", nil),
            (try self.anchor(1, by: "north:gateway:g2", scopes: [1]), "north:gateway:g2", .writerNotListed),
            (try self.anchor(1, by: "south:gateway:g9", scopes: [1]), "south:gateway:g9", nil),
            (try self.anchor(2, scopes: [1, 2]), "north:gateway:g1", .scopeEpoch),
            (try self.anchor(2, scopes: [1], created: border - 5...border - 1), "north:gateway:g1", .scopeEpoch),
            (try self.anchor(2, scopes: [1], created: border - 5...border), "north:gateway:g1", nil),
            (try self.anchor(3, scopes: [2], created: border - 5...border), "north:gateway:g1", .writerNotListed),
        ]
        for (anchor, caller, expected) in cases {
            #expect(try self.consortium.call(anchor, by: caller) == expected?.number ?? 0)
        }
        let key = IndexKey.anchor(try #require(PartyName("north:gateway:g1")), 1)
        #expect(try self.index.record(AnchorRecord.self, at: key)?.marks == [])
    }

    @Test("a scope belongs to who wrote to it or listed its writers first")
    func ownership() throws {
        #expect(try self.consortium.call(self.anchor(1, scopes: [5]), by: "north:gateway:g1") == 0)
        let cases: [(SetScopeWriters, String, RejectionCode?)] = [
            (self.writers(5, []), "south:custodian:c1", .notTheOwner),
            (self.writers(5, []), "north:gateway:g1", .notAllowed),
            (self.writers(5, []), "north:institution:i1", nil),
            (self.writers(5, [], epoch: 3_001), "north:institution:i1", .epochFixed),
            (self.writers(5, [try self.gateway("north:gateway:g2")]), "north:custodian:c1", nil),
        ]
        for (arguments, caller, expected) in cases {
            #expect(try self.consortium.call(arguments, by: caller) == expected?.number ?? 0)
        }
        #expect(try self.consortium.call(self.anchor(2, scopes: [6]), by: "north:gateway:g1") == 0)
        let squatter = try self.anchor(1, by: "south:gateway:g9", scopes: [6])
        #expect(try self.consortium.call(squatter, by: "south:gateway:g9") == RejectionCode.writerNotListed.number)
    }

    @Test("where governors demand lists, scopes without one are refused")
    func closedScopes() throws {
        let strict = try Consortium(parameters: [("anchor.open_scopes", 0)])
        let name = "north:gateway:g1"
        let anchor = Anchor(
            chain: Consortium.chain,
            gateway: try #require(PartyName(name)),
            certificate: try strict.party(name).certificate.digest,
            window: 1,
            root: id(1),
            count: 1,
            createdMin: 1,
            createdMax: 1,
            pages: [Anchor.Page(scope: id(1), page: [])]
        )
        #expect(try strict.call(anchor, by: name) == RejectionCode.scopeUnlisted.number)
    }

    @Test("index keys are wrapped by their sender or the scope's owner, and wrapped anew under another digest only")
    func wraps() throws {
        let list = self.writers(1, [try self.gateway("north:gateway:g1")])
        try self.consortium.call(list, by: "north:custodian:c1")
        func wrap(_ scope: UInt8, _ digest: UInt8, _ sender: String = "north:gateway:g1") throws -> WrapIndexKey {
            WrapIndexKey(scope: id(scope), sender: try #require(PartyName(sender)), digest: id(digest))
        }
        let cases: [(WrapIndexKey, String, RejectionCode?)] = [
            (try wrap(2, 1), "north:gateway:g1", .scopeUnknown), (try wrap(1, 1), "north:gateway:g1", nil),
            (try wrap(1, 1), "north:custodian:c1", .wrapKnown), (try wrap(1, 2), "north:custodian:c1", nil),
            (try wrap(1, 3), "south:custodian:c1", .notTheOwner), (try wrap(1, 3), "north:gateway:g2", .notAllowed),
            (try wrap(1, 3, "north:gateway:g2"), "north:gateway:g2", .writerNotListed),
            (try wrap(1, 3), "north:researcher:r1", .notAllowed),
        ]
        for (arguments, caller, expected) in cases {
            #expect(try self.consortium.call(arguments, by: caller) == expected?.number ?? 0)
        }
        let key = IndexKey.wrap(id(1), try #require(PartyName("north:gateway:g1")))
        let record = try self.index.record(IndexKeyWrap.self, at: key)
        #expect(record?.digest == id(2) && record?.version == 2)
    }

    @Test("a data set lists scopes of its publisher's organization, once, until it is withdrawn")
    func datasets() throws {
        for scope in [1, 2] as [UInt8] { try self.consortium.call(self.writers(scope, []), by: "north:custodian:c1") }
        try self.consortium.call(self.writers(3, []), by: "south:custodian:c1")
        func dataset(_ byte: UInt8, _ scopes: [UInt8]) -> PublishDataset {
            PublishDataset(
                dataset: id(byte),
                scopes: scopes.map { id($0) },
                from: 1,
                to: 2,
                policy: id(9),
                tags: [[UInt8](repeating: 1, count: 16)],
                isSingleControl: true
            )
        }
        let cases: [(PublishDataset, String, RejectionCode?)] = [
            (dataset(1, [1, 2]), "north:steward:s1", nil), (dataset(1, [1]), "north:steward:s1", .datasetExists),
            (dataset(2, [1, 3]), "north:steward:s1", .notTheOwner),
            (dataset(2, [1, 4]), "north:steward:s1", .scopeUnknown),
            (dataset(2, [1]), "north:researcher:r1", .notAllowed),
        ]
        for (arguments, caller, expected) in cases {
            #expect(try self.consortium.call(arguments, by: caller) == expected?.number ?? 0)
        }
        let withdrawals: [(UInt8, String, RejectionCode?)] = [
            (2, "north:steward:s1", .noSuchDataset), (1, "south:steward:s1", .notTheOwner),
            (1, "north:custodian:c1", nil),
            (1, "north:steward:s1", .datasetWithdrawnAlready),
        ]
        for (byte, caller, expected) in withdrawals {
            let arguments = WithdrawDataset(dataset: id(byte))
            #expect(try self.consortium.call(arguments, by: caller) == expected?.number ?? 0)
        }
        let record = try self.index.record(Dataset.self, at: IndexKey.dataset(id(1)))
        #expect(record?.withdrawn == self.index.header.height - 1 && record?.arguments.isSingleControl == true)
    }

    @Test("the largest anchor stays within a transaction's work")
    func largest() throws {
        let name = "north:gateway:g1"
        let writers = try (0..<64).map { try self.gateway("north:gateway:gateway-of-ward-number-\($0)") }
        let own = try self.gateway(name)
        for scope in 0..<255 as Range<UInt8> {
            try self.consortium.call(self.writers(scope, writers.dropLast() + [own]), by: "north:custodian:c1")
        }
        let code = try self.consortium.call(self.anchor(1, scopes: Array(0..<255)), by: name)
        #expect(code == 0)
        #expect(try #require(self.index.blocks.last).receipts[0].cost < 500_000)
    }
}

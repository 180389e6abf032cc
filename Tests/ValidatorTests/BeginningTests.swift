import CanonicalBytes
import Consensus
import Foundation
import Ledger
import Testing

@testable import LedgerStore
@testable import Validator

@Suite("What a new validator begins with", .serialized, .timeLimit(.minutes(10)))
struct BeginningTests {
    /// Validators that keep all blocks, and begin with a snapshot where there is one.
    private static func site(snapshotInterval: UInt64) throws -> TestConsortium {
        try TestConsortium { configuration in
            configuration.limits.snapshotInterval = snapshotInterval
            configuration.limits.snapshotChunkBytes = 300
            configuration.limits.snapshotPatience = 300
            configuration.limits.beginsWithSnapshot = true
        }
    }

    /// Three validators with blocks on the channel of anchors; returns the height.
    private func begin(_ site: TestConsortium) async throws -> Height {
        for number in UInt16(1)...3 { try site.start(number) }
        let client = try site.client()
        var height: Height = 0
        for round in UInt8(0)..<25 {
            height = try await site.commit(try client.transaction([1, round]), at: [1, 2, 3]).height
        }
        return height
    }

    private func wait(_ site: TestConsortium, until height: Height) async throws {
        while try site[4].height(of: .index) < height {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    private func check(_ site: TestConsortium, _ channel: Channel, number: UInt16 = 4) throws -> LedgerCheck.Report {
        let check = try LedgerCheck(
            "\(site.folder(number))/ledger",
            genesis: site.genesis,
            logic: site.logic,
            scheme: site.kind.scheme
        )
        return try check.check(channel)
    }

    @Test("It begins with a snapshot although the others have all blocks, votes, and its directory proves itself")
    func snapshot() async throws {
        try await Self.site(snapshotInterval: 10).run { site in
            let height = try await self.begin(site)
            // A snapshot is written beside everything else.
            let shelf = try Snapshots(directory: "\(site.folder(2))/ledger/index/snapshots")
            while try shelf.list().isEmpty { await Task.yield() }
            try site.start(4)
            try await self.wait(site, until: height)
            #expect(throws: QueryFailure.self) { try site[4].block(at: 1, channel: .index) }
            await site.stop(2)
            let place = try await site.commit(try site.client().transaction([8]), at: [4])
            #expect(throws: ValidatorFailure.self) { try self.check(site, .index) }
            await site.stop(4)
            let report = try self.check(site, .index)
            let base = try #require(report.snapshot)
            #expect(base.isMultiple(of: 10) && report.earliest == base + 1 && report.last >= place.height)
            #expect(report.entries > 20 && report.stateHeight == report.last && report.committees == 1)
            // The same state as one that has all blocks.
            await site.stop(1)
            let whole = try self.check(site, .index, number: 1)
            #expect(whole.snapshot == nil && whole.earliest == 1 && whole.transactions >= 26)
            if whole.last == report.last { #expect(whole.stateRoot == report.stateRoot && whole.tip == report.tip) }
        }
    }

    @Test("Where nobody has a snapshot it takes all blocks")
    func blocks() async throws {
        try await Self.site(snapshotInterval: 0).run { site in
            let height = try await self.begin(site)
            try site.start(4)
            try await self.wait(site, until: height)
            #expect(try site[4].block(at: 1, channel: .index) != nil)
            await site.stop(4)
            let report = try self.check(site, .index)
            #expect(report.snapshot == nil && report.earliest == 1 && report.last >= height)
        }
    }

    @Test("An entry that no certificate stands for is found, and so is another genesis")
    func damage() async throws {
        try await Self.site(snapshotInterval: 0).run { site in
            _ = try await self.begin(site)
            await site.stopAll()
            _ = try self.check(site, .index, number: 1)
            let store = try StateStore(path: "\(site.folder(1))/ledger/index/state.sqlite")
            try StateStore.write(entries: [(TestLogic.key([1, 3]), [9])], store.file)
            store.close()
            #expect {
                try self.check(site, .index, number: 1)
            } throws: {
                "\($0)".contains("is not the certified one")
            }
            let other = try TestConsortium(.ed25519)
            #expect(throws: ValidatorFailure.self) {
                try LedgerCheck(
                    "\(site.folder(2))/ledger",
                    genesis: other.genesis,
                    logic: other.logic,
                    scheme: other.kind.scheme
                ).check(.index)
            }
        }
    }

    @Test("An empty directory has nothing wrong, and holds the genesis' state")
    func empty() async throws {
        try await Self.site(snapshotInterval: 0).run { site in
            try site.start(1)
            await site.stop(1)
            let report = try self.check(site, .access, number: 1)
            #expect(report.earliest == nil && report.last == 0 && report.stateHeight == 0 && report.entries > 0)
        }
    }

    @Test("The wish is given up when everybody says twice that there is none, or after many questions")
    func wish() {
        var wish = SnapshotWish()
        wish.refuse()
        #expect(!wish.isGivenUp)
        wish.refuse()
        #expect(wish.isGivenUp)
        var patient = SnapshotWish()
        for _ in 0..<SnapshotWish.questionsMax { patient.ask() }
        #expect(!patient.isGivenUp)
        patient.ask()
        #expect(patient.isGivenUp)
    }
}

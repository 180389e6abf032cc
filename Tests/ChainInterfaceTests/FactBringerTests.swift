import CanonicalBytes
import Certificates
import Consensus
import Contracts
import Credentials
import Ledger
import Logging
import Synchronization
import TestIdentities
import Testing

import enum Ledger.Channel

@testable import ChainInterface

/// Counts the waits of a bringer, and ends it after some.
final class Pauses: Sendable {
    struct Enough: Error {}

    private let state: Mutex<(count: Int, max: Int)>
    init(max: Int) { self.state = Mutex((0, max)) }
    var count: Int { self.state.withLock { $0.count } }

    func pause() throws {
        try self.state.withLock { state in
            guard state.count < state.max else { throw Enough() }
            state.count += 1
        }
    }
}

extension TestSite {
    func bringer(_ pauses: Pauses = Pauses(max: 0)) -> FactBringer {
        var pace = FactBringer.Pace()
        pace.pause = { _ in try pauses.pause() }
        return FactBringer(
            self.backend,
            identity: self.validator,
            scheme: Ed25519Scheme(),
            directory: self.directory,
            pace: pace,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// Lets the governor propose a change and carry it out.
    func enact(_ change: ProposedChange) async throws {
        let proposal = try self.transaction(Propose(expires: TestBackend.now + 1_000_000, change: change))
        try #require(try await self.submit(proposal).status == 200)
        let vote = try self.transaction(Approve(proposal: proposal.id))
        let proof = try TransactionProof(bytes: try await self.submit(vote).body)
        try #require(proof.receipt.code == 0)
    }

    /// Changes the committee some times; the same members stay.
    func handovers(_ count: Int) async throws -> [Handover] {
        for epoch in 1...count {
            let next = try #require(
                Committee(
                    epoch: UInt64(epoch),
                    members: self.genesis.committee.members,
                    blocksPerLeader: UInt64(epoch)
                )
            )
            try await self.enact(.committee(next, names: self.genesis.validators.map(\.name)))
        }
        return try await self.backend.handovers(after: 0, on: .access)
    }

    func value(_ key: [UInt8], _ channel: Channel) async throws -> [UInt8]? {
        try await self.backend.valueProof(of: key, on: channel).value
    }

    /// Digests of two certificates, on a list that the access channel took.
    fileprivate func revokeTwo() async throws -> [[UInt8]] {
        let digests = [[UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32)]
        let now = TestBackend.now / 1_000
        let list = try RevocationList.sign(
            digests,
            number: 1,
            thisUpdate: now,
            nextUpdate: now + 86_400,
            by: self.authority.authority
        )
        try #require(try await self.submit(try self.transaction(Register())).status == 200)
        let proof = try TransactionProof(bytes: try await self.submit(try self.transaction(Revoke(list: list))).body)
        try #require(proof.receipt.code == 0)
        return digests
    }
}

@Suite struct FactBringerTests {
    @Test("A parameter that was changed on access is brought to index, once")
    func parameter() async throws {
        try await TestSite.with { site in
            try await site.enact(.parameter(name: "block.transactions_max", value: 77))
            var bringer = site.bringer()
            try await bringer.catchUp()
            let key = StateKey.parameter("block.transactions_max")
            #expect(try await site.value(key, .index) == UInt64(77).bigEndianBytes)
            #expect(site.backend.height(of: .index) == 1)
            try await bringer.catchUp()
            var another = site.bringer()
            try await another.catchUp()
            #expect(site.backend.height(of: .index) == 1)
        }
    }

    @Test("Nothing is told before there is anything, nor of what is the same")
    func nothing() async throws {
        try await TestSite.with { site in
            var bringer = site.bringer()
            try await bringer.catchUp()
            _ = try await site.submit(try site.proposal())
            try await bringer.catchUp()
            #expect(site.backend.height(of: .index) == 0)
            #expect(bringer.height == site.backend.height(of: .access))
        }
    }

    @Test("What changes after the first look is brought as well")
    func later() async throws {
        try await TestSite.with { site in
            _ = try await site.submit(try site.proposal())
            var bringer = site.bringer()
            try await bringer.catchUp()
            try await site.enact(.activation(contract: "sharing", method: "grant", height: 900))
            try await bringer.catchUp()
            let key = SystemKey.activation(Array("sharing.grant".utf8))
            #expect(try await site.value(key, .index) == UInt64(900).bigEndianBytes)
        }
    }

    @Test("Committees are followed one after the other, before what later ones certified")
    func committees() async throws {
        try await TestSite.with { site in
            _ = try await site.handovers(2)
            try await site.enact(.parameter(name: "block.transactions_max", value: 77))
            var bringer = site.bringer()
            try await bringer.catchUp()
            let followed = try await site.backend.handovers(after: 0, on: .index)
            #expect(followed.map(\.next.epoch) == [1, 2])
            #expect(
                try await site.value(StateKey.parameter("block.transactions_max"), .index) == UInt64(77).bigEndianBytes
            )
        }
    }

    @Test("Revocations are brought with the list's proof, also after a change of the committee")
    func revocations() async throws {
        try await TestSite.with { site in
            _ = try await site.handovers(1)
            let digests = try await site.revokeTwo()
            var bringer = site.bringer()
            try await bringer.catchUp()
            for digest in digests {
                #expect(try await site.value(StateKey.revocation(of: digest, by: "Test CA"), .index) != nil)
            }
            let height = site.backend.height(of: .index)
            var another = site.bringer()
            try await another.catchUp()
            #expect(site.backend.height(of: .index) == height)
        }
    }

    @Test(
        "Validators speak in turn: as many steps later as they come behind the leader",
        arguments: [
            (UInt16(1), 0), (4, 1), (3, 2), (2, 3),
        ]
    )
    func turns(leader: UInt16, steps: Int) async throws {
        try await TestSite.with { site in
            try await site.enact(.parameter(name: "block.transactions_max", value: 77))
            site.backend.lead(leader)
            let pauses = Pauses(max: 10)
            var bringer = site.bringer(pauses)
            try await bringer.catchUp()
            #expect(pauses.count == steps)
            #expect(site.backend.height(of: .index) == 1)
        }
    }

    @Test("What another validator told meanwhile is not told again")
    func meanwhile() async throws {
        try await TestSite.with { site in
            try await site.enact(.parameter(name: "block.transactions_max", value: 77))
            site.backend.lead(2)
            var patient = site.bringer(Pauses(max: 1))
            await #expect(throws: Pauses.Enough.self) { try await patient.catchUp() }
            #expect(site.backend.height(of: .index) == 0)
            site.backend.lead(1)
            var first = site.bringer()
            try await first.catchUp()
            site.backend.lead(2)
            try await patient.catchUp()
            #expect(site.backend.height(of: .index) == 1)
        }
    }

    @Test("A validator that is not ready leaves everything as it was, and goes on later")
    func notReady() async throws {
        try await TestSite.with { site in
            let digests = try await site.revokeTwo()
            site.backend.stop("starting")
            var bringer = site.bringer()
            await #expect(throws: ChainRefusal.notReady("starting")) { try await bringer.catchUp() }
            site.backend.stop(nil)
            try await bringer.catchUp()
            #expect(try await site.value(StateKey.revocation(of: digests[0], by: "Test CA"), .index) != nil)
        }
    }

    @Test("A note is of one chain; a damaged one counts as none")
    func note() async throws {
        try await TestSite.with { site in
            let note = FactNote(directory: site.directory, genesis: site.genesis.digest)
            #expect(note.read() == 0)
            note.write(4_711)
            #expect(note.read() == 4_711)
            #expect(FactNote(directory: site.directory, genesis: [1]).read() == 0)
            try PrivateFile.write(Array("rubbish".utf8), to: "\(site.directory)/\(FactNote.fileName)")
            #expect(note.read() == 0)
        }
    }

    @Test("Blocks that are pruned here are passed over")
    func pruned() async throws {
        try await TestSite.with { site in
            for _ in 1...3 { _ = try await site.submit(try site.proposal()) }
            site.backend.prune(below: 3)
            var bringer = site.bringer()
            try await bringer.catchUp()
            #expect(bringer.height == 3)
        }
    }
}

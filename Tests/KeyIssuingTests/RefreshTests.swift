import CanonicalBytes
import Certificates
import Credentials
import Foundation
import IdentityEncryption
import P256Group
import SecretSharing
import Signcryption
import TestIdentities
import Testing
import Uplink

@testable import KeyIssuing

@Suite struct RefreshTests {
    /// Both statements of a refresh with the words of the parties that are ready for it.
    private struct Rounds {
        let give: [UInt8]
        let take: [UInt8]
        var ready: [[UInt8]] = []

        init(_ site: TestSite, from giver: Int = 0, to taker: UInt8 = 1, round: UInt64 = 1) async throws {
            let found = try await site.client(giver).give(round: round, to: taker)
            self.give = found.give
            self.take = found.take
        }

        init(_ other: Rounds, ready: [[UInt8]]) {
            self.give = other.give
            self.take = other.take
            self.ready = ready
        }

        /// With the word of one more party.
        func prepared(_ site: TestSite, _ place: Int) async throws -> Rounds {
            var copy = self
            let client = try site.client(place)
            copy.ready.append(try await client.prepare(give: self.give, take: self.take, ready: self.ready))
            return copy
        }

        func finish(_ site: TestSite, _ place: Int) async throws {
            try await site.client(place).finish(give: self.give, take: self.take, ready: self.ready)
        }
    }

    @Test("A refresh keeps the public key, changes every share and erases the old ones; keys before and after open")
    func refresh() async throws {
        try await TestSite.with { site in
            let before = try await site.setUp()
            let old = try await site.requester(before).key(site.wish)
            let shares = try (0..<3).map { try Self.share(site, $0, 0).secretBytes() }
            let after = try await site.refresher().run()
            #expect(after.parameters == before.parameters && after.round == 2)
            for place in 0..<3 {
                #expect(try Self.share(site, place, 2).secretBytes() != shares[place])
                let files = try FileManager.default.contentsOfDirectory(atPath: site.setDirectory(place))
                #expect(files.filter { $0.hasPrefix("share.") } == ["share.2"])
                #expect(!files.contains { $0.hasPrefix("refresh.") })
            }
            let issuer = site.authority.authority.issuer
            #expect(try after.verify(issuer: issuer).parties != before.verify(issuer: issuer).parties)
            let new = try await site.requester(after).key(site.wish)
            for key in [old, new] { try site.expectOpens(key, before) }
            try await site.restart()
            try site.expectOpens(try await site.requester(after).key(site.wish), before)
        }
    }

    @Test("A requester with parameters of an earlier round is told to fetch them anew")
    func oldRound() async throws {
        try await TestSite.with { site in
            let before = try await site.setUp()
            _ = try await site.refresher().run()
            await #expect(throws: DrivingFailure.self) { try await site.requester(before).key(site.wish) }
        }
    }

    @Test("A crash after each message leaves a refresh that is finished later, and a key meanwhile", arguments: 0...8)
    func crashes(_ messages: Int) async throws {
        try await TestSite.with { site in
            let before = try await site.setUp()
            if messages > 0 {
                var rounds = try await Rounds(site)
                for place in 0..<min(3, messages - 1) { rounds = try await rounds.prepared(site, place) }
                for place in 0..<min(3, max(0, messages - 4)) { try await rounds.finish(site, place) }
            }
            try await site.restart()
            // Before anybody finished, the old round still serves; after everybody did, the new one.
            let isOld = messages <= 4
            if isOld { try site.expectOpens(try await site.requester(before).key(site.wish), before) }
            let recovered = try await site.refresher().recover()
            // Nothing binds the parties before the first of them is ready.
            #expect(recovered.round == (messages >= 2 ? 1 : 0))
            #expect(recovered.parameters == before.parameters)
            try site.expectOpens(try await site.requester(recovered).key(site.wish), before)
            let after = try await site.refresher().run()
            #expect(after.round == recovered.round + 2 && after.parameters == before.parameters)
            try site.expectOpens(try await site.requester(after).key(site.wish), before)
        }
    }

    @Test("Between the first party's finishing and the last one's, a request gets all of its steps from one round")
    func bothRounds() async throws {
        try await TestSite.with { site in
            let before = try await site.setUp()
            var rounds = try await Rounds(site)
            for place in 0..<3 { rounds = try await rounds.prepared(site, place) }
            try site.expectOpens(try await site.requester(before).key(site.wish), before)
            try await rounds.finish(site, 0)
            let after = try ParametersFile(bytes: try await site.client(0).parameters())
            #expect(after.round == 1)
            try site.expectOpens(try await site.requester(after).key(site.wish), before)
            let status = try await site.client(1).status()
            #expect(status.round == 0 && status.refreshing)
        }
    }

    @Test("The first party decides between two refreshes; no party puts one in force that another is not ready for")
    func exclusion() async throws {
        try await TestSite.with { site in
            _ = try await site.setUp()
            let first = try await Rounds(site, to: 1)
            let second = try await Rounds(site, to: 2)
            let third = try await Rounds(site, from: 1, to: 2)
            #expect(try await Rounds(site, to: 1).take == first.take)
            #expect(await refusal { _ = try await first.prepared(site, 1) }?.code == "malformed-body")
            let one = try await first.prepared(site, 0)
            for other in [second, third] {
                #expect(await refusal { _ = try await other.prepared(site, 0) }?.code == "refresh-under-way")
            }
            let two = try await one.prepared(site, 1)
            #expect(await refusal { try await two.finish(site, 0) }?.code == "malformed-body")
            let all = try await two.prepared(site, 2)
            let doubled = Rounds(all, ready: [all.ready[0], all.ready[1], all.ready[1]])
            #expect(await refusal { try await doubled.finish(site, 0) }?.code == "CONTEXT")
            for place in 0..<3 { try await all.finish(site, place) }
            let stale = await refusal { _ = try await third.prepared(site, 0) }
            #expect(stale?.code == "another-round")
            #expect(try await site.refresher().run().round == 3)
            #expect(await refusal { _ = try await Rounds(site, to: 1, round: 1) }?.code == "another-round")
        }
    }

    @Test("A factor is taken from its giver alone, and a share that was changed on the way is noticed")
    func factors() async throws {
        try await TestSite.with { site in
            _ = try await site.setUp()
            let rounds = try await Rounds(site, to: 1)
            let other = try site.client(1, as: site.parties[2])
            let refused = await refusal { _ = try await other.take(give: rounds.give, factor: [1, 2, 3]) }
            #expect(refused?.code == "not-the-giver")
            let byDriver = await refusal { _ = try await site.client(1).take(give: rounds.give, factor: [1]) }
            #expect(byDriver?.code == "role-not-allowed")
            // The giver's own statement, with a factor that it did not publish.
            let plan = try site.plan
            let pair = RefreshPair(giver: 0, taker: 1, round: 1)
            let share = try Self.share(site, 0, 0)
            let (refresh, _) = try ShareRefresh.give(share, factor: .random(), pair: pair, context: plan.context)
            let give = try PartyStatement(
                .give,
                of: 0,
                SignedRefresh.payload(of: refresh, pair),
                context: plan.context,
                certificate: site.parties[0].certificate,
                key: site.parties[0].key
            )
            let kgc = try site.client(1, as: site.parties[0])
            #expect(await refusal { _ = try await kgc.take(give: give.bytes, factor: rounds.take) }?.code != nil)
            #expect(try await site.refresher().run().round == 2)
        }
    }

    @Test("A driver cannot have one refresh after the other made with the same party")
    func pause() async throws {
        try await TestSite.with(adjust: { $0.refreshSecondsMin = 3_600 }) { site in
            _ = try await site.setUp()
            let driver = try site.refresher()
            let file = try await driver.run()
            #expect(file.round == 2)
            let refused = await refusal { _ = try await Rounds(site, to: 1, round: 3) }
            #expect(refused?.code == "refresh-too-soon")
            #expect(try await driver.run() == file)
        }
    }

    private static func share(_ site: TestSite, _ place: Int, _ round: UInt64) throws -> SecretFr {
        let sealed = try PrivateFile.read("\(site.setDirectory(place))/share.\(round)")
        return try SealingKey(path: "\(site.directory)/sealing.\(place)")
            .open(sealed, .share, site.plan, place: UInt8(place), round: round)
    }
}

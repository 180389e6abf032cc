import Certificates
import ChainReading
import Credentials
import Foundation
import Ledger
import Logging
import PrivacyCenterStore
import Records
import Signcryption
import Synchronization
import TestIdentities
import Testing

import enum Ledger.Channel

@testable import PrivacyCenter

@Suite struct KeptWarrantTests {
    /// A chain that counts what is asked for, with a clock that stands.
    private final class CountedFacts: ChainFacts {
        private struct State {
            var count = 0
            var now: UInt64
        }

        private let chain: FakeChain
        private let state: Mutex<State>

        init(_ chain: FakeChain, now: UInt64) {
            self.chain = chain
            self.state = Mutex(State(now: now))
        }

        func fact(of key: [UInt8], on channel: Channel) async throws -> ChainFact {
            self.state.withLock { $0.count += 1 }
            return try await self.chain.fact(of: key, on: channel)
        }

        var count: Int { self.state.withLock { $0.count } }

        var now: UInt64 {
            get { self.state.withLock { $0.now } }
            set { self.state.withLock { $0.now = newValue } }
        }
    }

    private struct Scene {
        let chain: FakeChain
        let facts: CountedFacts
        let desk: ChainDesk
        let rekey: Rekey
        let receiver: CertifiedKey

        /// Facts that a warrant asked for; throws its refusal.
        func reads() async throws -> Int {
            let before = self.facts.count
            _ = try await self.desk.warrant(for: self.rekey, to: self.receiver)
            return self.facts.count - before
        }

        func refusal() async -> CenterRefusal.Reason? {
            do {
                _ = try await self.reads()
                return nil
            } catch {
                guard let refusal = error as? CenterRefusal, case .refused(let reason, _) = refusal else { return nil }
                return reason
            }
        }
    }

    private static func with(_ body: (Scene, TestSite, ChainShare) async throws -> Void) async throws {
        try await TestSite.with(hasChain: true) { site in
            let chain = try #require(site.chain)
            let share = try ChainShare(site)
            share.put(into: chain, of: site)
            let facts = CountedFacts(chain, now: site.nowSeconds * 1_000)
            let access = ChainDesk.Access(
                facts: facts,
                writer: chain,
                issuers: [
                    TrustedIssuer(kind: .authority, issuer: site.authority.authority.issuer),
                    TrustedIssuer(kind: .pseudonymAuthority, issuer: site.pseudonyms.issuer),
                ],
                headSecondsMax: 10,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            let rekey = Rekey(
                grantDigest: try #require(Digest(bytes: share.digest)),
                scope: try #require(Digest(bytes: site.scope.descriptor.digest)),
                receiver: try #require(Digest(bytes: share.receiver.certificate.digest)),
                owner: try #require(Digest(bytes: site.owner.certificate.digest)),
                grant: share.issued.grant,
                descriptor: site.scope.descriptor.bytes,
                index: 1,
                sealedShare: [],
                notBefore: site.nowSeconds - 10,
                notAfter: site.nowSeconds + 1_000
            )
            let scene = Scene(
                chain: chain,
                facts: facts,
                desk: ChainDesk(access, entriesMax: 8) { facts.now },
                rekey: rekey,
                receiver: try CertifiedKey(share.receiver.certificate, from: share.receiver.issuer)
            )
            try await body(scene, site, share)
        }
    }

    @Test("While no block follows, a warrant asks for the head alone; after a block or a second, for everything")
    func kept() async throws {
        try await Self.with { scene, _, _ in
            let all = try await scene.reads()
            #expect(all == 6)
            #expect(try await scene.reads() == 1)
            scene.chain.height += 1
            #expect(try await scene.reads() == 1 + all)
            #expect(try await scene.reads() == 1)
            scene.facts.now += 999
            #expect(try await scene.reads() == 1)
            scene.facts.now += 1
            #expect(try await scene.reads() == all)
        }
    }

    @Test("A revocation in the next block ends it, and so does the end of the permission")
    func ended() async throws {
        try await Self.with { scene, site, share in
            #expect(await scene.refusal() == nil)
            var revoked = share
            revoked.permissionRevoked = 1
            revoked.put(into: scene.chain, of: site)
            scene.chain.height += 1
            #expect(await scene.refusal() == .permissionRevoked)
            // A refusal keeps nothing.
            #expect(await scene.refusal() == .permissionRevoked)
        }
        try await Self.with { scene, site, share in
            var short = share
            short.permissionUntil = scene.facts.now + 10
            short.put(into: scene.chain, of: site)
            #expect(await scene.refusal() == nil)
            scene.facts.now += 11
            #expect(await scene.refusal() == .permissionExpired)
        }
    }

    @Test("A chain that cannot be read now lets nothing rest on what was read before")
    func unavailable() async throws {
        try await Self.with { scene, _, _ in
            #expect(await scene.refusal() == nil)
            scene.chain.isDown = true
            #expect(await scene.refusal() == .chainUnavailable)
        }
    }
}

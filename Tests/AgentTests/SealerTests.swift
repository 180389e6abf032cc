import Bundles
import CanonicalBytes
import Certificates
import Credentials
import Custodian
import Foundation
import P256Group
import Signcryption
import Testing

@testable import Agent
@testable import Spool

@Suite("Sealing for the institution", .timeLimit(.minutes(10)))
struct SealerTests {
    private static let limits = EnvelopeLimits(ageMillisecondsMax: 10_000, readingsMax: 5, bytesMax: 1 << 20)

    private static func work(_ site: UplinkSite, _ spool: Spool, _ book: ScopeBook) throws -> SealerWork {
        try SealerWork(
            spool: spool,
            scopes: book,
            identity: site.gateway,
            parameters: .none,
            policyDigest: [UInt8](repeating: 3, count: 32),
            limits: self.limits
        )
    }

    private static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }

    /// Steps until nothing more is to be done at once.
    private static func drain(_ work: inout SealerWork, now: Int64) throws {
        while try work.step(now: now).hasMore {}
    }

    @Test("what the owner opens is what was normalized, with the raw messages, in envelopes of one stream each")
    func roundTrip() throws {
        let site = try UplinkSite()
        let store = try AgentStore(configuration: try site.configuration())
        try store.spool.registerSealer()
        let now = Self.now
        try site.ingest(devices: ["A", "B"], values: 0..<12, receivedMs: now, store)
        let book = ScopeBook(spool: store.spool)
        var work = try Self.work(site, store.spool, book)

        let early = try work.step(now: now + 500)
        #expect(early == SealerWork.Step(wantsScopes: true), "scopes are asked for before the window is due")
        #expect(book.wanted.count == 2)
        try site.answer(book, now: now / 1_000)
        #expect(try store.spool.outbox(.oldestFirst, max: 9).isEmpty)
        try Self.drain(&work, now: now + 10_000)

        let opened = try site.opened(store.spool)
        #expect(opened.map(\.bundle.observations.count).sorted() == [2, 2, 5, 5, 5, 5])
        #expect(opened.flatMap(\.bundle.lines).sorted() == (try store.spool.allLines().sorted()))
        for (header, bundle) in opened {
            #expect(Set(bundle.messages.map(\.topic)).count == 1, "one device, one stream")
            #expect(bundle.profiles == [Bundles.Bundle.Profile(id: "thermometer", version: "1.0.0")])
            #expect(bundle.messages.allSatisfy { String(decoding: $0.payload, as: UTF8.self).hasPrefix("3") })
            #expect(header.sender == "ward:gateway:g1")
            #expect(header.mode == .scopeKey)
            #expect(header.policyDigest == [UInt8](repeating: 3, count: 32))
            #expect(header.created == UInt64((now + 10_000) / 1_000))
        }
        var numbers: [[UInt8]: [UInt64]] = [:]
        for (header, _) in opened { numbers[header.scopeDigest, default: []].append(header.sequence) }
        #expect(Array(numbers.values) == [[1, 2, 3], [1, 2, 3]])
        let statistics = try store.statistics().uplink
        #expect(statistics.unsealedObservations == 0)
        #expect(statistics.sealedObservations == 24)
    }

    @Test("a stream without a scope is set aside, holds up no other, and is sealed when its scope is known")
    func held() throws {
        let site = try UplinkSite()
        let store = try AgentStore(configuration: try site.configuration())
        try store.spool.registerSealer()
        let now = Self.now
        try site.ingest(devices: ["A", "B"], values: 0..<7, receivedMs: now - 20_000, store)
        let book = ScopeBook(spool: store.spool)
        var work = try Self.work(site, store.spool, book)
        let streams = try #require(try store.spool.sealableChunks(after: 0, bytesMax: 1).first).material.streams
        // Asks for the scopes; the window is due at once, so that everything is set aside.
        try Self.drain(&work, now: now)
        #expect(try store.statistics().uplink.heldObservations == 14)
        try site.answer(book, now: now / 1_000, except: [streams[0]])
        try Self.drain(&work, now: now)
        #expect(try store.statistics().uplink.heldObservations == 7)
        try site.ingest(devices: ["A", "B"], values: 7..<9, receivedMs: now - 20_000, store)
        try Self.drain(&work, now: now)
        #expect(try site.opened(store.spool).flatMap(\.bundle.lines).count == 9)
        #expect(try store.statistics().uplink.heldObservations == 9)
        // After a restart the held streams are asked for again.
        let later = ScopeBook(spool: store.spool)
        var again = try Self.work(site, store.spool, later)
        try Self.drain(&again, now: now)
        #expect(later.wanted.map(\.stream) == [streams[0]])
        try site.answer(later, now: now / 1_000)
        try Self.drain(&again, now: now)
        #expect(try store.statistics().uplink.heldBundles == 0)
        #expect(try site.opened(store.spool).flatMap(\.bundle.lines).sorted() == (try store.spool.allLines().sorted()))
    }

    @Test("a crash after any step leaves every reading sealed exactly once, under numbers that never repeat")
    func crashes() throws {
        let site = try UplinkSite()
        let store = try AgentStore(configuration: try site.configuration())
        try store.spool.registerSealer()
        let now = Self.now
        let master = try MasterKey(file: "\(site.site.folder)/spool.key")
        for round in 0..<3 {
            try site.ingest(
                devices: ["A", "B"],
                values: round * 7..<(round + 1) * 7,
                receivedMs: now - 100_000 + Int64(round) * 20_000,
                store
            )
        }
        let all = try store.spool.allLines().sorted()
        let book = ScopeBook(spool: store.spool)
        var work = try Self.work(site, store.spool, book)
        var crashes = 0
        while try work.step(now: now).hasMore {
            crashes += 1
            let copy = "\(site.site.folder)/crash-\(crashes)"
            try FileManager.default.copyItem(atPath: "\(site.site.folder)/state", toPath: copy)
            for name in ["spool.db-shm", "inbox.db-shm"] {
                try? FileManager.default.removeItem(atPath: "\(copy)/\(name)")
            }
            let spool = try Spool(directory: copy, masterKey: master)
            let afterwards = ScopeBook(spool: spool)
            var resumed = try Self.work(site, spool, afterwards)
            try Self.drain(&resumed, now: now)
            try site.answer(afterwards, now: now / 1_000)
            try Self.drain(&resumed, now: now)
            let opened = try site.opened(spool)
            #expect(opened.flatMap(\.bundle.lines).sorted() == all, "crash \(crashes)")
            let numbers = opened.map { [$0.header.scopeDigest, $0.header.sequence.bigEndianBytes] }
            #expect(Set(numbers).count == numbers.count, "crash \(crashes)")
            // Half-way the scopes become known, so that crashes hit held and sealed windows alike.
            if crashes == 2 { try site.answer(book, now: now / 1_000) }
        }
        #expect(crashes >= 3)
    }

    @Test("a scope of another organization, label or epoch is not believed")
    func scopes() throws {
        let site = try UplinkSite()
        let stream = PatientStream(subject: String(repeating: "0", count: 32), kind: .vitals)
        let scope = try site.custodian.scope(label: stream.label, epoch: 7)
        func stored(_ stream: PatientStream, _ epoch: Int64, _ certificate: [UInt8]) -> StoredScope {
            StoredScope(stream: stream, epoch: epoch, descriptor: scope.descriptor, ownerCertificate: certificate)
        }
        let now = Self.now / 1_000
        let good = stored(stream, 7, scope.ownerCertificate)
        #expect(try ScopeBook.verify(good, identity: site.gateway, now: now).descriptor.digest == scope.digest)
        let waves = PatientStream(subject: stream.subject, kind: .waves)
        let others = [
            stored(waves, 7, scope.ownerCertificate), stored(stream, 8, scope.ownerCertificate),
            stored(stream, 7, site.gateway.certificate.bytes), stored(stream, 7, []),
        ]
        for other in others {
            #expect(throws: ProtocolFailure.self) { try ScopeBook.verify(other, identity: site.gateway, now: now) }
        }
        // The center is of the organization `cloud`: the ward's custodian is a stranger to it.
        #expect(throws: ProtocolFailure.self) { try ScopeBook.verify(good, identity: site.centerIdentity, now: now) }
        #expect(throws: ProtocolFailure.self) {
            try ScopeBook.verify(good, identity: site.gateway, now: now + 100 * 365 * 86_400)
        }
    }

    @Test("epochs last a week, and the next one is near in the last eighth of it")
    func epochs() {
        #expect(ScopeBook.epoch(at: 604_799) == 0)
        #expect(ScopeBook.epoch(at: 604_800) == 1)
        #expect(!ScopeBook.isNextEpochNear(at: 604_800 + 529_199))
        #expect(ScopeBook.isNextEpochNear(at: 604_800 + 529_200))
    }

    @Test("outside of the certificate's validity nothing is sealed, and an operator is told what to do")
    func expired() throws {
        let site = try UplinkSite()
        let store = try AgentStore(configuration: try site.configuration())
        var work = try Self.work(site, store.spool, ScopeBook(spool: store.spool))
        #expect(throws: SealerWork.Invalid.self) { try work.step(now: Self.now + 100 * 365 * 86_400_000) }
        #expect(throws: SealerWork.Invalid.self) { try work.step(now: 0) }
    }
}

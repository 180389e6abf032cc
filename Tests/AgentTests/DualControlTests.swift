import Authority
import Bundles
import CanonicalBytes
import Certificates
import Credentials
import Custodian
import Foundation
import IdentityEncryption
import P256Group
import Signcryption
import Testing

@testable import Agent
@testable import Spool

@Suite("Sealing under dual control", .timeLimit(.minutes(10)))
struct DualControlTests {
    private static let limits = EnvelopeLimits(ageMillisecondsMax: 10_000, readingsMax: 5, bytesMax: 1 << 20)
    private static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }
    private static var epoch: UInt64 { UInt64(ScopeBook.epoch(at: self.now / 1_000)) }

    private let site: UplinkSite
    private let store: AgentStore
    private let parties: IssuingParties
    private var spool: Spool { self.store.spool }

    init() throws {
        self.site = try UplinkSite()
        self.store = try AgentStore(configuration: try self.site.configuration())
        self.parties = try IssuingParties(self.site)
        try self.store.spool.registerSealer()
    }

    private func work(_ files: [String], _ book: ScopeBook) throws -> SealerWork {
        try SealerWork(
            spool: self.spool,
            scopes: book,
            identity: self.site.gateway,
            parameters: ParameterBook(files: files, issuer: self.site.gateway.issuer),
            policyDigest: [UInt8](repeating: 3, count: 32),
            limits: Self.limits
        )
    }

    /// Seals what is there, with the scopes that it takes.
    private func seal(_ files: [String], now: Int64) throws {
        let book = ScopeBook(spool: self.spool)
        var work = try self.work(files, book)
        while try work.step(now: now).hasMore {}
        try self.site.answer(book, now: now / 1_000)
        while try work.step(now: now).hasMore {}
    }

    /// The outbox in its order, verified.
    private func envelopes() throws -> [VerifiedEnvelope] {
        let sender = try CertifiedKey(self.site.gateway.certificate, from: self.site.authority.issuer)
        return try self.spool.outbox(.oldestFirst, max: 99).map { entry in
            try ParsedEnvelope(bytes: try self.spool.envelope(entry.id) ?? []).verify(sender: sender)
        }
    }

    private func open(_ envelope: VerifiedEnvelope, epochKey: [UInt8]? = nil) throws -> [EnvelopeRecord] {
        let digest = envelope.header.scopeDigest
        let scope = try #require(self.site.custodian.registry.scopes().first { $0.digest == digest })
        let key = try self.site.custodian.scopeKey(label: scope.label, epoch: scope.epoch)
        return try envelope.open(with: key.keyPair, descriptorDigest: digest, epochKey: epochKey)
    }

    @Test("each scope has one epoch key; with it, and not without it, the owner opens the scope's envelopes")
    func oneKeyForEachScope() throws {
        let (path, secret) = try self.parties.publish(from: Self.epoch)
        let now = Self.now
        try self.site.ingest(devices: ["A", "B"], values: 0..<12, receivedMs: now - 20_000, self.store)
        try self.seal([path], now: now)
        let all = try self.envelopes()
        let (data, copies) = (
            all.filter { $0.header.mode == .scopeAndEpochKey }, all.filter { $0.header.mode == .scopeKey }
        )
        #expect(data.count == 6 && copies.count == 2)
        let scopes = try self.site.custodian.registry.scopes()
        for scope in scopes where !ScopeKey.isEpochKeyScope(scope.label) {
            let ours = data.filter { $0.header.scopeDigest == scope.digest }
            let capsules = Set(ours.map(\.header.capsuleDigest))
            #expect(ours.count == 3 && capsules.count == 1)
            let digest = try #require(capsules.first)
            let capsule = EpochCapsule(bytes: try #require(try self.spool.capsule(digest)))
            #expect(capsule.digest == digest)
            let identity = try CapsuleIdentity(capsule.identity())
            #expect(identity.label == scope.label && identity.sender == "ward:gateway:g1")
            #expect(identity.isOfData(in: try ScopeDescriptor(bytes: scope.descriptor)))
            let issued = try secret.open(capsule)
            let copy = try #require(
                copies.first { try self.open($0).first?.id == digest.hex }
            )
            let keyScope = try #require(scopes.first { $0.digest == copy.header.scopeDigest })
            #expect(keyScope.label == scope.label + ScopeKey.epochKeySuffix && keyScope.epoch == scope.epoch)
            let record = try #require(try self.open(copy).first)
            #expect(record.type == "wardline.epoch-key" && record.data == issued)
            for envelope in ours {
                let records = try self.open(envelope, epochKey: issued)
                #expect(try Bundles.Bundle(data: records[0].data).observations.isEmpty == false)
                #expect(throws: ProtocolFailure.self) { try self.open(envelope) }
                var wrong = issued
                wrong[0] ^= 1
                #expect(throws: ProtocolFailure.self) { try self.open(envelope, epochKey: wrong) }
            }
        }
        #expect(try self.store.statistics().uplink.sealedObservations == 24)
    }

    @Test("a restart goes on with the same keys; new parameters make new ones, and what was sealed stays open")
    func restartAndNewParameters() throws {
        let (old, oldSecret) = try self.parties.publish(from: Self.epoch)
        let now = Self.now
        try self.site.ingest(devices: ["A"], values: 0..<5, receivedMs: now - 20_000, self.store)
        try self.seal([old], now: now)
        try self.site.ingest(devices: ["A"], values: 5..<10, receivedMs: now - 20_000, self.store)
        try self.seal([old], now: now)
        let before = try self.envelopes().filter { $0.header.mode == .scopeAndEpochKey }
        #expect(before.count == 2 && Set(before.map(\.header.capsuleDigest)).count == 1)
        #expect(try self.envelopes().count == 3, "the key was handed over once")

        let (new, newSecret) = try self.parties.publish(from: Self.epoch)
        try self.site.ingest(devices: ["A"], values: 10..<15, receivedMs: now - 20_000, self.store)
        try self.seal([new], now: now)
        let after = try self.envelopes()
        #expect(after.count == 5)
        let newest = try #require(after.last { $0.header.mode == .scopeAndEpochKey })
        #expect(newest.header.capsuleDigest != before[0].header.capsuleDigest)
        let secrets = [(before[0], oldSecret), (before[1], oldSecret), (newest, newSecret)]
        for (envelope, secret) in secrets {
            let capsule = EpochCapsule(bytes: try #require(try self.spool.capsule(envelope.header.capsuleDigest)))
            #expect(try !self.open(envelope, epochKey: secret.open(capsule)).isEmpty)
        }
        let stored = try #require(
            try self.spool.epochKey(scope: newest.header.scopeDigest, sender: "ward:gateway:g1")
        )
        #expect(stored.parameters == newSecret.parameters.digest)
        #expect(!"\(stored) \(String(reflecting: stored))".contains(stored.key.hex))
    }

    @Test("what was sealed before dual control, or after it was taken back, opens as it did")
    func mixed() throws {
        let (path, secret) = try self.parties.publish(from: Self.epoch)
        let now = Self.now
        for (round, files) in [[], [path], []].enumerated() {
            let values = round * 5..<(round + 1) * 5
            try self.site.ingest(devices: ["A"], values: values, receivedMs: now - 20_000, self.store)
            try self.seal(files, now: now)
        }
        let envelopes = try self.envelopes().filter { envelope in
            let scopes = try self.site.custodian.registry.scopes()
            return scopes.contains { $0.digest == envelope.header.scopeDigest && !ScopeKey.isEpochKeyScope($0.label) }
        }
        #expect(envelopes.map(\.header.mode) == [.scopeKey, .scopeAndEpochKey, .scopeKey])
        #expect(envelopes.map(\.header.sequence) == [1, 2, 3])
        let capsule = EpochCapsule(bytes: try #require(try self.spool.capsule(envelopes[1].header.capsuleDigest)))
        for (envelope, key) in zip(envelopes, [nil, try secret.open(capsule), nil]) {
            let records = try self.open(envelope, epochKey: key)
            #expect(try Bundles.Bundle(data: records[0].data).observations.count == 5)
        }
    }

    @Test("without the owner's scope for epoch keys nothing is sealed; it is held and asked for")
    func keyScopeMissing() throws {
        let (path, _) = try self.parties.publish(from: Self.epoch)
        let now = Self.now
        try self.site.ingest(devices: ["A"], values: 0..<3, receivedMs: now - 20_000, self.store)
        let book = ScopeBook(spool: self.spool)
        var work = try self.work([path], book)
        while try work.step(now: now).hasMore {}
        #expect(Set(book.wanted.map(\.purpose)) == [.records, .epochKeys])
        let records = try #require(book.wanted.first { $0.purpose == .records })
        let scope = try self.site.custodian.scope(label: records.label, epoch: UInt64(records.epoch))
        try book.learn(
            [
                StoredScope(
                    stream: records.stream,
                    epoch: records.epoch,
                    descriptor: scope.descriptor,
                    ownerCertificate: scope.ownerCertificate
                )
            ],
            identity: self.site.gateway,
            now: now / 1_000
        )
        while try work.step(now: now).hasMore {}
        #expect(try self.envelopes().isEmpty)
        #expect(try self.store.statistics().uplink.heldObservations == 3)
        #expect(book.wanted.map(\.purpose) == [.epochKeys])
        try self.site.answer(book, now: now / 1_000)
        while try work.step(now: now).hasMore {}
        #expect(try self.envelopes().map(\.header.mode) == [.scopeAndEpochKey, .scopeKey])
    }

    @Test("parameters of a later epoch seal nothing now, in whichever mode, and an operator is told")
    func notYet() throws {
        let (path, _) = try self.parties.publish(from: Self.epoch + 1)
        let now = Self.now
        try self.site.ingest(devices: ["A"], values: 0..<3, receivedMs: now - 20_000, self.store)
        let book = ScopeBook(spool: self.spool)
        var work = try self.work([path], book)
        while try work.step(now: now).hasMore {}
        try self.site.answer(book, now: now / 1_000)
        let invalid = try #require(throws: SealerWork.Invalid.self) {
            while try work.step(now: now).hasMore {}
        }
        #expect(invalid.description.contains("no identity parameters are for epoch \(Self.epoch)"))
        #expect(try self.envelopes().isEmpty)
        let (current, _) = try self.parties.publish(from: Self.epoch)
        try self.seal([path, current], now: now)
        #expect(try self.envelopes().count == 2)
    }

    @Test("a file that was changed, is missing, is another authority's or repeats an epoch stops the start")
    func files() throws {
        let (path, _) = try self.parties.publish(from: 5)
        let issuer = self.site.gateway.issuer
        #expect(try ParameterBook(files: [path], issuer: issuer).parameters(at: 4) == nil)
        #expect(try ParameterBook(files: [path], issuer: issuer).parameters(at: 5) != nil)
        #expect(throws: ParameterBook.Refusal.self) { try ParameterBook(files: [path + "x"], issuer: issuer) }
        let (same, _) = try self.parties.publish(from: 5)
        #expect(throws: ParameterBook.Refusal.self) { try ParameterBook(files: [path, same], issuer: issuer) }
        var bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
        bytes[bytes.count - 40] ^= 1
        let changed = path + ".changed"
        try Data(bytes).write(to: URL(fileURLWithPath: changed))
        #expect(throws: ParameterBook.Refusal.self) { try ParameterBook(files: [changed], issuer: issuer) }
        let elsewhere = try UplinkSite()
        #expect(throws: ParameterBook.Refusal.self) {
            try ParameterBook(files: [path], issuer: elsewhere.gateway.issuer)
        }
        let later = try self.parties.publish(from: 9)
        let both = try ParameterBook(files: [later.path, path], issuer: issuer)
        #expect(both.parameters(at: 8) != both.parameters(at: 9))
        #expect(both.parameters(at: 9) == later.authority.parameters)
    }

    @Test("a crash between any two steps never uses a key that is not handed over and kept")
    func crashes() throws {
        let (path, secret) = try self.parties.publish(from: Self.epoch)
        let now = Self.now
        try self.site.ingest(devices: ["A", "B"], values: 0..<12, receivedMs: now - 20_000, self.store)
        let book = ScopeBook(spool: self.spool)
        var work = try self.work([path], book)
        var crashes = 0
        while try work.step(now: now).hasMore {
            crashes += 1
            if crashes == 1 { try self.site.answer(book, now: now / 1_000) }
            // A crash forgets what was in memory; the spool alone goes on.
            work = try self.work([path], book)
            for envelope in try self.envelopes() where envelope.header.mode == .scopeAndEpochKey {
                let capsule = EpochCapsule(bytes: try #require(try self.spool.capsule(envelope.header.capsuleDigest)))
                #expect(try !self.open(envelope, epochKey: secret.open(capsule)).isEmpty)
            }
        }
        #expect(crashes >= 2)
        let envelopes = try self.envelopes()
        #expect(Set(envelopes.filter { $0.header.mode == .scopeAndEpochKey }.map(\.header.capsuleDigest)).count == 2)
        #expect(envelopes.filter { $0.header.mode == .scopeKey }.count == 2)
    }

    @Test("when an epoch is over, its keys are forgotten here; capsules stay while envelopes wait")
    func epochEnds() throws {
        let (path, _) = try self.parties.publish(from: Self.epoch)
        let now = Self.now
        try self.site.ingest(devices: ["A"], values: 0..<3, receivedMs: now - 20_000, self.store)
        try self.seal([path], now: now)
        let header = try #require(try self.envelopes().first).header
        #expect(try self.spool.epochKey(scope: header.scopeDigest, sender: "ward:gateway:g1") != nil)
        var work = try self.work([path], ScopeBook(spool: self.spool))
        _ = try work.step(now: now + ScopeBook.epochSeconds * 1_000)
        #expect(try self.spool.epochKey(scope: header.scopeDigest, sender: "ward:gateway:g1") == nil)
        #expect(try self.spool.capsule(header.capsuleDigest) != nil)
    }
}

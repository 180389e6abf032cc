import Authority
import CanonicalBytes
import Certificates
import Consensus
import Credentials
import Foundation
import Ledger
import Merkle
import Receipts
import Records
import Signcryption
import Testing

@testable import Agent
@testable import Spool

@Suite("The way of a reading", .timeLimit(.minutes(10)))
struct TraceTests {
    /// A gateway that has sealed, delivered and anchored what two devices sent.
    private static func anchored(
        anchors: Bool = true,
        isDual: Bool = false,
        sealed: (Spool) throws -> Void = { _ in }
    ) async throws -> AnchorSite {
        var anchoring = try AnchorSite()
        let (site, spool) = (anchoring.site, anchoring.spool)
        try spool.registerSealer()
        try site.ingest(devices: ["A", "B"], values: 0..<6, receivedMs: anchoring.wall - 20_000, anchoring.store)
        let book = ScopeBook(spool: spool)
        let files = isDual ? [try IssuingParties(site).publish(from: 0).path] : []
        var work = try SealerWork(
            spool: spool,
            scopes: book,
            identity: site.gateway,
            parameters: ParameterBook(files: files, issuer: site.gateway.issuer),
            policyDigest: [UInt8](repeating: 3, count: 32),
            limits: EnvelopeLimits(ageMillisecondsMax: 1_000, readingsMax: 5, bytesMax: 1 << 20)
        )
        while try work.step(now: anchoring.wall).hasMore {}
        try site.answer(book, now: anchoring.wall / 1_000)
        while try work.step(now: anchoring.wall).hasMore {}
        try sealed(spool)
        try Self.deliver(site, spool)
        guard anchors else { return anchoring }
        var desk = anchoring.desk()
        try await anchoring.settle(&desk, rounds: 2)
        return anchoring
    }

    /// Receipts as a privacy center signs them: each envelope is the first of a tree of its own.
    private static func deliver(_ site: UplinkSite, _ spool: Spool) throws {
        let center = site.centerIdentity
        let signer = try CenterSigner(certificate: center.certificate, key: center.key)
        try spool.storeCertificate(center.certificate.bytes, digest: center.certificate.digest)
        let receipts = try spool.outbox(.oldestFirst, max: 99).map { entry in
            let h1 = try #require(Digest(bytes: entry.h1))
            let leaf = MerkleHash.leaf(entry.h1 + UInt64(5).bigEndianBytes)
            let claim = EnvelopeClaim(
                h1: h1,
                receivedMilliseconds: 5,
                leafIndex: 0,
                tree: TreeClaim(size: 1, root: leaf)
            )
            let receipt = try Receipt.sign(claim, auditPath: [], by: signer)
            return StoredReceipt(h1: entry.h1, center: UplinkSite.centerName, bytes: receipt.bytes)
        }
        try spool.store(receipts, copies: 1)
    }

    private static func trace(_ anchoring: AnchorSite) -> Trace {
        Trace(
            store: anchoring.store,
            identity: anchoring.site.gateway,
            copies: 1,
            genesis: anchoring.ledger.genesis
        )
    }

    @Test("every Observation is traced from its raw bytes to the block, and every step holds")
    func complete() async throws {
        let anchoring = try await Self.anchored()
        let trace = Self.trace(anchoring)
        let observations = try anchoring.spool.allObservations()
        #expect(observations.count == 12)
        var envelopes: Set<String> = []
        for observation in observations {
            let report = try trace.run(observation.id)
            #expect(report.isComplete)
            #expect(
                report.steps.map(\.name) == [
                    "raw-message", "profile", "observation", "envelope", "receipts", "window", "index-page", "block",
                ]
            )
            let states = report.steps.map(\.state)
            #expect(states == [.verified, .noted, .verified, .noted, .verified, .verified, .verified, .verified])
            #expect(report.steps[1].facts["profile"] == "thermometer@1.0.0")
            envelopes.insert(try #require(report.steps[3].facts["h1"]))
        }
        #expect(envelopes.count == 4)
        let encoded = try JSONDecoder().decode(
            TraceReport.self,
            from: JSONEncoder().encode(trace.run(envelopes.first ?? ""))
        )
        #expect(encoded.isComplete && encoded.steps.count == 5)
    }

    @Test("under dual control readings are anchored as ever, and the owner's copies of keys stay off the chain")
    func dualControl() async throws {
        var copies: [[UInt8]] = []
        let anchoring = try await Self.anchored(isDual: true) { spool in
            for entry in try spool.outbox(.oldestFirst, max: 99) {
                let envelope = try ParsedEnvelope(bytes: try spool.envelope(entry.id) ?? [])
                if envelope.header.mode == .scopeKey { copies.append(entry.h1) }
            }
        }
        let trace = Self.trace(anchoring)
        let observations = try anchoring.spool.allObservations()
        #expect(observations.count == 12)
        for observation in observations { #expect(try trace.run(observation.id).isComplete) }
        #expect(copies.count == 2)
        for h1 in copies {
            let report = try trace.run(h1.hex)
            #expect(report.isComplete)
            #expect(report.steps.map(\.name) == ["envelope", "receipts", "window"])
            #expect(report.steps.last?.state == .off)
        }
        let waiting = try await Self.anchored(anchors: false, isDual: true)
        let first = try #require(try waiting.spool.allObservations().first).id
        let facts = try Self.trace(waiting).run(first).steps.first { $0.name == "envelope" }?.facts ?? [:]
        #expect(facts["control"] == "dual" && facts["capsule"]?.utf8.count == 64)
    }

    @Test("an envelope is traced by its H1 after Observation and envelope were forgotten")
    func forgotten() async throws {
        let anchoring = try await Self.anchored()
        let trace = Self.trace(anchoring)
        let id = try #require(try anchoring.spool.allObservations().first).id
        let h1 = try #require(try trace.run(id).steps.first { $0.name == "envelope" }?.facts["h1"])
        _ = try anchoring.spool.prune(SpoolRetention(observations: -1_000))
        #expect(try anchoring.spool.allLines().isEmpty)
        let gone = try trace.run(id)
        #expect(!gone.isComplete && gone.steps.map(\.state) == [.missing, .missing])
        let report = try trace.run(h1)
        #expect(report.isComplete)
        #expect(report.steps.map(\.name) == ["envelope", "receipts", "window", "index-page", "block"])
    }

    @Test("what is missing is said: an envelope before its anchor, one that nobody knows, another form")
    func missing() async throws {
        let anchoring = try await Self.anchored(anchors: false)
        let trace = Self.trace(anchoring)
        let id = try #require(try anchoring.spool.allObservations().first).id
        let report = try trace.run(id)
        #expect(!report.isComplete)
        #expect(report.steps.first { $0.name == "envelope" }?.state == .verified, "its bytes wait for the anchor")
        #expect(report.steps.last?.name == "window" && report.steps.last?.state == .missing)
        let unknown = try trace.run(String(repeating: "0", count: 64))
        #expect(unknown.steps.map(\.state) == [.missing, .missing, .missing])
        #expect(throws: Trace.UnknownSubject.self) { try trace.run("0123") }
        #expect(throws: Trace.UnknownSubject.self) { try trace.run(String(repeating: "x", count: 64)) }
    }

    @Test("no changed byte of a proof passes, nor another genesis, leaf or receipt")
    func tampering() async throws {
        let anchoring = try await Self.anchored()
        let spool = anchoring.spool
        let window = try #require(try spool.anchorWindows(.anchored, max: 1).first)
        let entries = try spool.anchorEntries(ofWindow: window.number)
        let proof = try #require(try spool.anchorProof(ofWindow: window.number))
        func steps(_ proof: [UInt8], _ entries: [AnchorEntry], _ genesis: Genesis) -> [TraceReport.Step] {
            TracedAnchor(window: window, entries: entries, proof: proof).steps(
                h1: entries[0].h1,
                spool: spool
            ) { () throws(ProtocolFailure) in
                try CommitteeBook.view(genesis: genesis, scheme: Ed25519Scheme(), handovers: [])
            }
        }
        let genesis = anchoring.ledger.genesis
        func holds(_ steps: [TraceReport.Step]) -> Bool { steps.allSatisfy { $0.state == .verified } }
        #expect(holds(steps(proof, entries, genesis)))
        for place in proof.indices {
            var changed = proof
            changed[place] ^= 1 << UInt8(place % 8)
            #expect(!holds(steps(changed, entries, genesis)), "byte \(place) of \(proof.count)")
        }
        let other = try AnchorLedger(authority: anchoring.site.authority.issuer, clock: UInt64(anchoring.wall) + 5)
        #expect(holds(steps(proof, entries, other.genesis)), "the same committee of the same chain")
        var moved = entries
        moved.swapAt(0, 1)
        #expect(!holds(steps(proof, moved, genesis)))
        #expect(!holds(steps(proof, entries.dropLast(), genesis)))

        let h1 = entries[0].h1
        let stored = try #require(try spool.receipts(of: h1).first)
        var bytes = stored.bytes
        bytes[bytes.count - 20] ^= 1
        try spool.store([StoredReceipt(h1: h1, center: "cloud:privacy-center:two", bytes: bytes)], copies: 1)
        let report = try Self.trace(anchoring).run(h1.hex)
        #expect(report.steps.first { $0.name == "receipts" }?.state == .failed)
    }

    @Test("the first envelope of a scope carries the key of its index pages to the owner, and pages list codes by it")
    func indexKeys() async throws {
        let anchoring = try await Self.anchored(anchors: false)
        let spool = anchoring.spool
        let entries = try spool.anchorableEntries(max: 99)
        #expect(entries.count == 4)
        let sender = anchoring.site.gateway.name.description
        for scope in Set(entries.map(\.scope)) {
            let key = try #require(try spool.indexKey(scope: scope, sender: sender))
            #expect(key.isHanded)
            let tag = IndexKeyring.tags(of: ["8310-5"], key: key)
            for entry in entries where entry.scope == scope { #expect(entry.tags == tag) }
        }
        let counts = try entries.map { entry in
            let note = try #require(try spool.envelopeNote(entry.h1))
            let header = try ParsedEnvelopeHeader.records(try #require(try spool.envelopeBytes(entry.h1)))
            return note.sequence == 1 ? header == 2 : header == 1
        }
        #expect(counts.allSatisfy { $0 })
    }
}

/// What an envelope's header says of its content.
private enum ParsedEnvelopeHeader {
    static func records(_ bytes: [UInt8]) throws -> UInt32 { try ParsedEnvelope(bytes: bytes).header.recordCount }
}

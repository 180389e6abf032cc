import Authority
import CanonicalBytes
import Certificates
import Consensus
import Contracts
import Credentials
import Foundation
import IndexPages
import Ledger
import Merkle
import Testing
import Uplink

@testable import Agent
@testable import Spool

@Suite("Anchoring what was delivered", .timeLimit(.minutes(10)))
struct AnchorDeskTests {
    @Test("windows get onto the chain with pages that open under the scopes' keys, and their envelopes are let go")
    func anchors() async throws {
        var anchoring = try AnchorSite()
        try anchoring.deliver(0..<20, scopes: 3)
        var desk = anchoring.desk()
        #expect(try desk.begin(now: anchoring.now, wall: anchoring.wall).count == 2, "two full ones at once")
        desk = anchoring.desk()
        try await anchoring.settle(&desk, rounds: 4)
        #expect(try Set(anchoring.anchoredH1s()) == Set((0..<20).map(AnchorSite.h1)))
        let statistics = try anchoring.store.statistics().anchors
        #expect(statistics.anchoredWindows == 3 && statistics.anchoredEnvelopes == 20)
        #expect(statistics.waitingEnvelopes == 0 && statistics.lateWindows == 0)
        #expect(desk.state == AnchorState())
        let gateway = anchoring.site.gateway.name
        for anchor in try anchoring.ledger.anchors() {
            let h1s = try anchoring.spool.anchorEntries(ofWindow: anchor.window).map(\.h1)
            #expect(anchor.root == BlockTrees.root(h1s) && Int(anchor.count) == h1s.count)
            #expect(anchor.gateway == gateway)
            var listed: [[UInt8]] = []
            for page in anchor.pages {
                let key = try #require(
                    try anchoring.spool.indexKey(scope: page.scope, sender: gateway.description)
                )
                let place = try IndexPlace(
                    scope: page.scope,
                    window: anchor.window,
                    sender: Array(gateway.description.utf8)
                )
                let opened = try IndexPages.IndexKey(key.secret).open(page.page, at: place)
                #expect(opened.entries.allSatisfy { $0.tags.count == 1 })
                listed += opened.entries.map(\.h1)
            }
            #expect(Set(listed) == Set(h1s))
        }
    }

    @Test("a crash at any point, before or after the chain has it, anchors every envelope exactly once")
    func crashes() async throws {
        var anchoring = try AnchorSite()
        try anchoring.deliver(0..<12)
        anchoring.advance(milliseconds: 10_001)
        var desk = anchoring.desk()
        var leftovers: [AnchorSite] = []
        func crash(_ name: String, _ ledger: AnchorLedger) throws {
            leftovers.append(try anchoring.afterCrash(name, ledger: ledger.fork()))
        }
        for round in 0..<3 {
            try crash("\(round)-before", anchoring.ledger)
            let jobs = try desk.begin(now: anchoring.now, wall: anchoring.wall)
            try crash("\(round)-signed", anchoring.ledger)
            let dialogue = try anchoring.dialogue()
            var findings: [(job: AnchorJob, finding: AnchorFinding)] = []
            for job in jobs { findings.append((job, await dialogue.carryOut(job))) }
            // The spool does not know yet that the chain has it.
            try crash("\(round)-unheard", anchoring.ledger)
            try desk.take(&findings, now: anchoring.now)
            try crash("\(round)-stored", anchoring.ledger)
            anchoring.advance(milliseconds: 10_001)
        }
        #expect(leftovers.count == 12)
        for (number, leftover) in leftovers.enumerated() {
            var after = leftover
            var later = after.desk()
            try await after.settle(&later, rounds: 6)
            #expect(try Set(after.anchoredH1s()) == Set((0..<12).map(AnchorSite.h1)), "crash \(number)")
            let onChain = try after.ledger.anchors()
            #expect(onChain.reduce(0) { $0 + Int($1.count) } == 12, "crash \(number): none twice")
            #expect(Set(onChain.map(\.window)).count == onChain.count)
            #expect(try after.spool.anchorWindows(.anchored, max: 99).count == onChain.count)
        }
    }

    @Test("while the chain is away everything waits in few windows; days later the anchors are marked as late")
    func outage() async throws {
        var anchoring = try AnchorSite()
        anchoring.ledger.set(.away)
        var desk = anchoring.desk()
        for day in 0..<3 {
            for part in 0..<10 {
                try anchoring.deliver(day * 20 + part * 2..<day * 20 + part * 2 + 2)
                anchoring.advance(milliseconds: 3_600_000)
                try await anchoring.round(&desk)
            }
            anchoring.advance(milliseconds: 50_000_000)
        }
        #expect(desk.state.problem == "nobody answers")
        var statistics = try anchoring.store.statistics().anchors
        #expect(statistics.anchoredWindows == 0 && statistics.waitingEnvelopes == 60)
        #expect(statistics.waitingWindows <= 10, "they fill up instead of multiplying")
        let signed = try anchoring.spool.anchorWindows(.waiting, max: 99).filter {
            try !anchoring.spool.anchorAttempts(ofWindow: $0.number).isEmpty
        }
        #expect(signed.count <= AnchorDesk.inFlightMax)
        for window in signed {
            #expect(try anchoring.spool.anchorAttempts(ofWindow: window.number).count == 1, "nothing is signed anew")
        }
        anchoring.ledger.set(.answering)
        try await anchoring.settle(&desk)
        statistics = try anchoring.store.statistics().anchors
        #expect(statistics.anchoredEnvelopes == 60 && statistics.waitingEnvelopes == 0)
        #expect(statistics.lateWindows > 0)
        #expect(desk.state.problem == nil)
        #expect(try anchoring.ledger.anchors().reduce(0) { $0 + Int($1.count) } == 60)
    }

    @Test("an answer that is lost is asked for; the transaction that was handed in is the same")
    func lostAnswer() async throws {
        var anchoring = try AnchorSite()
        try anchoring.deliver(0..<3)
        anchoring.ledger.set(.forgetful)
        anchoring.advance(milliseconds: 10_001)
        var desk = anchoring.desk()
        try await anchoring.round(&desk)
        let window = try #require(try anchoring.spool.anchorWindows(.waiting, max: 9).first)
        let attempt = try anchoring.spool.anchorAttempts(ofWindow: window.number)
        #expect(attempt.count == 1)
        anchoring.ledger.set(.answering)
        try await anchoring.settle(&desk, rounds: 8)
        #expect(try anchoring.anchoredH1s().count == 3)
        let proof = try TransactionProof(bytes: try #require(try anchoring.spool.anchorProof(ofWindow: window.number)))
        #expect(proof.transaction.id == attempt[0].id)
    }

    @Test("a slow chain is waited for; a transaction whose time is over is signed anew, and either may win")
    func slow() async throws {
        for isLateBlock in [false, true] {
            var anchoring = try AnchorSite()
            try anchoring.deliver(0..<3)
            anchoring.ledger.set(.slow)
            anchoring.advance(milliseconds: 10_001)
            var desk = anchoring.desk()
            try await anchoring.round(&desk)
            let number = try #require(try anchoring.spool.anchorWindows(.waiting, max: 9).first?.number)
            try await anchoring.settle(&desk, rounds: 3)
            #expect(try anchoring.spool.anchorAttempts(ofWindow: number).count == 1, "it may still take effect")
            if isLateBlock {
                // The block was made in time, and nobody heard of it before the gateway gave the transaction up.
                anchoring.ledger.commitPool()
                anchoring.ledger.set(.away)
            }
            anchoring.advance(milliseconds: 400_000)
            try await anchoring.round(&desk)
            anchoring.ledger.set(.answering)
            try await anchoring.settle(&desk, rounds: 10)
            #expect(try anchoring.anchoredH1s().count == 3)
            #expect(try anchoring.ledger.anchors().count == 1)
            let proof = try TransactionProof(bytes: try #require(try anchoring.spool.anchorProof(ofWindow: number)))
            let isFirst = proof.transaction.body.validUntil < UInt64(anchoring.wall) - 400_000 + 300_000
            #expect(isFirst == isLateBlock)
        }
    }

    @Test("when both an old and a new transaction of a window get into blocks, the proof of the first is found")
    func both() async throws {
        var anchoring = try AnchorSite()
        try anchoring.deliver(0..<3)
        anchoring.advance(milliseconds: 10_001)
        var desk = anchoring.desk()
        let jobs = try desk.begin(now: anchoring.now, wall: anchoring.wall)
        let first = try Transaction(bytes: try #require(jobs.first?.attempts.first).bytes)
        let window = try #require(try anchoring.spool.anchorWindows(.waiting, max: 1).first)
        let signer = AnchorSigner(spool: anchoring.spool, chain: Array(anchoring.ledger.genesis.chain.utf8))
        let second = try signer.sign(
            window,
            by: anchoring.site.gateway,
            now: anchoring.wall,
            lifetime: 300_000,
            after: 0
        )
        #expect(try Transaction(bytes: second.bytes).body.arguments == first.body.arguments, "the same content")
        try anchoring.ledger.commit(first)
        try #expect(anchoring.ledger.commit(Transaction(bytes: second.bytes)).receipt.code == 502)
        var later = anchoring.desk()
        try await anchoring.round(&later)
        let proof = try TransactionProof(bytes: try #require(try anchoring.spool.anchorProof(ofWindow: window.number)))
        #expect(proof.transaction.id == first.id)
    }

    @Test("a scope that the gateway may not write to is refused alone, and anchored once it is listed")
    func refusal() async throws {
        var anchoring = try AnchorSite()
        let owner = anchoring.site.custodianIdentity
        func list(_ writers: [ScopeWriter], nonce: UInt64) throws {
            let arguments = SetScopeWriters(
                scope: AnchorSite.scope(2),
                epoch: UInt64(anchoring.wall / 1_000) / 604_800,
                isSingleControl: false,
                writers: writers
            )
            let body = arguments.body(
                chain: Array(anchoring.ledger.genesis.chain.utf8),
                channel: .index,
                signer: owner.certificate.digest,
                nonce: nonce,
                validUntil: UInt64(anchoring.wall) + 60_000
            )
            let transaction = try Transaction(signing: body, certificate: owner.certificate, key: owner.key)
            #expect(try anchoring.ledger.commit(transaction).receipt.code == 0)
        }
        let other = try #require(PartyName("ward:gateway:other"))
        try list([.party(other)], nonce: 1)
        try anchoring.deliver(0..<6, scopes: 3)
        var desk = anchoring.desk()
        try await anchoring.settle(&desk, rounds: 8)
        #expect(try anchoring.anchoredH1s().count == 4, "the other scopes")
        try anchoring.deliver(6..<12, scopes: 3)
        try await anchoring.settle(&desk, rounds: 8)
        #expect(try anchoring.anchoredH1s().count == 8)
        let statistics = try anchoring.store.statistics().anchors
        #expect(statistics.refusedWindows == 1 && statistics.waitingEnvelopes == 4)
        let submissions = anchoring.ledger.submissions
        try await anchoring.settle(&desk, rounds: 5)
        #expect(anchoring.ledger.submissions == submissions, "nothing is tried in vain")
        #expect(try anchoring.spool.anchorWindows(.refused, max: 9).first?.reason == "writer-not-listed")

        try list([.party(anchoring.site.gateway.name), .party(other)], nonce: 2)
        try desk.retryRefused()
        try await anchoring.settle(&desk, rounds: 8)
        #expect(try anchoring.anchoredH1s().count == 12)
        #expect(try anchoring.store.statistics().anchors.refusedWindows == 0)
    }

    @Test("after a rotation the next transactions are signed with the new certificate; a revoked one waits for it")
    func rotation() async throws {
        var anchoring = try AnchorSite()
        try anchoring.deliver(0..<3)
        let watch = IdentityWatch(anchoring.site.gateway)
        var desk = anchoring.desk(watch)
        try await anchoring.settle(&desk, rounds: 2)
        let renewed = try anchoring.rotate()
        try anchoring.deliver(3..<6)
        try await anchoring.settle(&desk, rounds: 2)
        let certificates = try anchoring.ledger.anchors().map(\.certificate)
        #expect(Set(certificates) == [anchoring.site.gateway.certificate.digest, renewed.certificate.digest])
        #expect(try anchoring.anchoredH1s().count == 6)
    }

    @Test("a spool that came out of a backup anchors what it still has, under numbers and nonces of its own")
    func backup() async throws {
        var anchoring = try AnchorSite()
        try anchoring.deliver(0..<5)
        anchoring.advance(milliseconds: 10_001)
        // The backup is older than the window, the keys and the nonce; its clock is the same, which is the worst case.
        var restored = try anchoring.afterCrash("backup", ledger: anchoring.ledger)
        var desk = anchoring.desk()
        try await anchoring.round(&desk)
        #expect(try anchoring.anchoredH1s().count == 5)
        var again = restored.desk()
        try await restored.round(&again)
        try await restored.settle(&again, rounds: 8)
        if try restored.anchoredH1s().isEmpty {
            #expect(try restored.spool.anchorWindows(.refused, max: 9).first?.reason == "window-reused")
            try again.retryRefused()
            try await restored.settle(&again, rounds: 8)
        }
        #expect(try restored.anchoredH1s().count == 5)
    }

    /// As many transactions of the gateway's key as the chain remembers.
    private func fill(_ anchoring: AnchorSite, from nonce: UInt64) throws {
        let gateway = anchoring.site.gateway
        for number in 0..<UInt64(NonceWindow.size) {
            let body = TransactionBody(
                chain: Array(anchoring.ledger.genesis.chain.utf8),
                channel: .index,
                signer: gateway.certificate.digest,
                nonce: nonce + number,
                validUntil: UInt64(anchoring.wall) + 60_000,
                contract: "index",
                method: "nothing",
                arguments: []
            )
            try anchoring.ledger.commit(Transaction(signing: body, certificate: gateway.certificate, key: gateway.key))
        }
    }

    @Test("a key whose nonces are all used is named, and its successor begins anew")
    func noncesUsedUp() async throws {
        var anchoring = try AnchorSite()
        try self.fill(anchoring, from: UInt64(Int64.max) - 8)
        try anchoring.deliver(0..<3)
        anchoring.advance(milliseconds: 10_001)
        let watch = IdentityWatch(anchoring.site.gateway)
        var desk = anchoring.desk(watch)
        try await anchoring.round(&desk)
        #expect(throws: StoreRefusal.self) { try desk.begin(now: anchoring.now, wall: anchoring.wall) }
        _ = try anchoring.rotate()
        try await anchoring.settle(&desk, rounds: 2)
        #expect(try anchoring.anchoredH1s().count == 3)
    }

    @Test("a key whose nonces on the chain are far ahead of the clock goes on above them")
    func noncesAhead() async throws {
        var anchoring = try AnchorSite()
        try self.fill(anchoring, from: UInt64(anchoring.wall) * 1_000)
        try anchoring.deliver(0..<3)
        anchoring.advance(milliseconds: 10_001)
        var desk = anchoring.desk()
        try await anchoring.round(&desk)
        #expect(desk.state.problem == nil, "the first one is signed anew without a word")
        try await anchoring.round(&desk)
        #expect(try anchoring.anchoredH1s().count == 3)
        #expect(anchoring.ledger.submissions == 2)
    }

    @Test("a clock that is far behind the chain's signs ever more seldom, and says why")
    func clockBehind() async throws {
        var anchoring = try AnchorSite()
        try anchoring.deliver(0..<3)
        anchoring.advance(milliseconds: 10_001)
        var desk = anchoring.desk()
        for _ in 0..<600 {
            anchoring.advance(milliseconds: 100)
            anchoring.ledger.set(clock: UInt64(anchoring.wall) + 3_600_000)
            try await anchoring.round(&desk)
        }
        #expect((3..<60).contains(anchoring.ledger.submissions), "\(anchoring.ledger.submissions) in a minute")
        #expect(desk.state.problem?.contains("expired") ?? false)
        #expect(try anchoring.spool.anchorWindows(.waiting, max: 9).count == 1)
    }

    @Test("a change of the committee is followed and kept, and its proofs verify with the genesis alone")
    func committees() async throws {
        var anchoring = try AnchorSite()
        let gateway = anchoring.site.gateway
        let body = TransactionBody(
            chain: Array(anchoring.ledger.genesis.chain.utf8),
            channel: .index,
            signer: gateway.certificate.digest,
            nonce: 1,
            validUntil: UInt64(anchoring.wall) + 60_000,
            contract: "election",
            method: "hold",
            arguments: []
        )
        try anchoring.ledger.commit(Transaction(signing: body, certificate: gateway.certificate, key: gateway.key))
        try anchoring.deliver(0..<3)
        var desk = anchoring.desk()
        try await anchoring.settle(&desk, rounds: 2)
        #expect(try anchoring.anchoredH1s().count == 3)
        let handovers = try anchoring.spool.handovers()
        #expect(handovers.count == 1)
        let window = try #require(try anchoring.spool.anchorWindow(of: AnchorSite.h1(1)))
        let proof = try TransactionProof(bytes: try #require(try anchoring.spool.anchorProof(ofWindow: window.number)))
        #expect(proof.header.epoch == 1)
        let genesis = anchoring.ledger.genesis
        try proof.verify(
            by: try CommitteeBook.view(genesis: genesis, scheme: Ed25519Scheme(), handovers: handovers)
        )
        let alone = try CommitteeBook.view(genesis: genesis, scheme: Ed25519Scheme(), handovers: [])
        #expect(throws: ProtocolFailure.self) { try proof.verify(by: alone) }
    }

    @Test("the loop anchors by itself and stops when it is told to", .timeLimit(.minutes(10)))
    func loop() async throws {
        var anchoring = try AnchorSite()
        anchoring.limits = AnchorLimits(ageMillisecondsMax: 1, envelopesMax: 8)
        anchoring.ledger.set(clock: 0)
        try anchoring.deliver(0..<20)
        let loop = AnchorLoop(
            spool: anchoring.spool,
            identity: IdentityWatch(anchoring.site.gateway),
            chain: Array(anchoring.ledger.genesis.chain.utf8),
            limits: anchoring.limits,
            dialogue: try anchoring.dialogue(),
            logger: TestSite.logger
        )
        let spool = anchoring.spool
        try await withThread(loop.run, stop: loop.requestStop) {
            let isDone = try await eventually { try spool.anchorWindows(.anchored, max: 99).count >= 3 }
            #expect(isDone)
        }
        #expect(loop.state.heartbeat > 0 && loop.state.problem == nil)
        #expect(try anchoring.anchoredH1s().count == 20)
    }
}
